//! Handshakes with the library's own client, in virtual time, over a line that loses and repeats.

use std::collections::BTreeMap;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use rtc::dtls::extension::extension_use_srtp::SrtpProtectionProfile::{
    self, Srtp_Aead_Aes_128_Gcm, Srtp_Aead_Aes_256_Gcm, Srtp_Aes128_Cm_Hmac_Sha1_32, Srtp_Aes128_Cm_Hmac_Sha1_80,
};

use super::*;
use crate::io::clock;
use crate::sfu::srtp::{Opener, Profile, Sealer};

const DELAY: Duration = Duration::from_millis(20);

struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

fn client(identity: &Identity, profiles: &[SrtpProtectionProfile], mtu: usize, now: Instant) -> Client {
    Client::with(identity, None, profiles, mtu, now).expect("a good configuration")
}

/// A client and our server with a line between them.
struct Line {
    now: Instant,
    loss_percent: u64,
    random: Random,
    client: Client,
    server: Association,
    server_keys: Option<Keys>,
    fault: Option<HandshakeFault>,
    /// On their way: when they arrive and in which order they were sent; for the server?
    flying: BTreeMap<(Instant, u64), (bool, Vec<u8>)>,
    sent: u64,
}

impl Line {
    fn new(seed: u64, profiles: &[SrtpProtectionProfile], mtu: usize) -> Self {
        let (ours, theirs) = (Identity::generate().expect("random"), Identity::generate().expect("random"));
        let now = clock::instant();
        Self {
            now,
            loss_percent: 0,
            random: Random(seed),
            client: client(&theirs, profiles, mtu, now),
            server: Association::new(ours, theirs.fingerprint(), now),
            server_keys: None,
            fault: None,
            flying: BTreeMap::new(),
            sent: 0,
        }
    }

    fn send(&mut self, to_server: bool, datagrams: Vec<Vec<u8>>) {
        for datagram in datagrams {
            self.sent += 1;
            if self.random.below(100) >= self.loss_percent {
                self.flying.insert((self.now + DELAY, self.sent), (to_server, datagram));
            }
        }
    }

    fn heed(&mut self, worked: Result<(), HandshakeFault>, out: Vec<Output>) {
        self.fault = worked.err().or(self.fault.take());
        for output in out {
            match output {
                Output::Send(datagram) => self.send(false, vec![datagram]),
                Output::Keys(keys) => assert!(self.server_keys.replace(keys).is_none(), "keys come once"),
                Output::Closed => {}
            }
        }
    }

    fn reach_server(&mut self, datagram: &[u8]) {
        let mut out = Vec::new();
        let worked = self.server.packet(self.now, datagram, &mut out);
        self.heed(worked, out);
    }

    fn run(&mut self, span: Duration) {
        let end = self.now + span;
        loop {
            let sends = self.client.sends(self.now);
            self.send(true, sends);
            let arrival = self.flying.keys().next().map(|(at, _)| *at);
            let due = [arrival, self.client.due(), self.server.poll_timeout()].into_iter().flatten().min();
            let Some(due) = due.filter(|due| *due <= end && self.fault.is_none()) else { break };
            self.now = due.max(self.now);
            if arrival == Some(due) {
                let (_, (to_server, datagram)) = self.flying.pop_first().expect("it arrives");
                if to_server { self.reach_server(&datagram) } else { self.client.packet(self.now, &datagram) }
            } else {
                let repeats = self.client.timeout(self.now);
                self.send(true, repeats);
                let mut out = Vec::new();
                let worked = self.server.timeout(self.now, &mut out);
                self.heed(worked, out);
            }
        }
        self.now = end;
    }

    fn both_have_keys(&self) -> bool {
        self.client.keys().is_some() && self.server_keys.is_some()
    }
}

#[test]
fn both_sides_get_the_same_keys() {
    let mut line = Line::new(1, &[Srtp_Aead_Aes_128_Gcm], 1200);
    line.run(Duration::from_secs(1));
    let sealer = Sealer::server(line.server_keys.as_ref().expect("the server has keys"));
    let opener = Opener::client(line.client.keys().expect("the client has keys"));
    let mut packet = [0x80; 40];
    let wire_len = sealer.seal_rtp(&mut packet, 12, 24, 7).expect("room for the tag");
    assert_eq!(opener.open_rtp(&mut packet[..wire_len], 12, 7), Ok(24));
}

#[test]
fn sixty_handshakes_of_sixty_survive_ten_percent_loss() {
    let mut lost = Vec::new();
    for seed in 0..60 {
        // Every other client cuts its messages small, as Chromium does with its first.
        let mut line = Line::new(seed, &[Srtp_Aead_Aes_128_Gcm], if seed % 2 == 0 { 1200 } else { 100 });
        line.loss_percent = 10;
        line.run(Duration::from_secs(29));
        if !line.both_have_keys() {
            lost.push((seed, line.fault));
        }
    }
    assert!(lost.is_empty(), "lost: {lost:?}");
}

#[test]
fn gcm_is_taken_from_whoever_has_it_and_aes_cm_from_the_rest() {
    let (gcm, big, cm) = (Srtp_Aead_Aes_128_Gcm, Srtp_Aead_Aes_256_Gcm, Srtp_Aes128_Cm_Hmac_Sha1_80);
    for (offered, taken) in [
        (vec![gcm, cm], Profile::Aes128Gcm),
        (vec![cm, big, gcm], Profile::Aes128Gcm),
        (vec![cm, big], Profile::Aes256Gcm),
        (vec![cm], Profile::Aes128CmSha1_80),
    ] {
        let mut line = Line::new(3, &offered, 100);
        line.run(Duration::from_secs(1));
        assert_eq!(line.server_keys.map(|keys| keys.profile()), Some(taken), "{offered:?}");
        assert_eq!(line.client.keys().map(|keys| keys.profile()), Some(taken), "{offered:?}");
    }
}

#[test]
fn a_client_without_our_profiles_is_told_so() {
    for offered in [&[][..], &[Srtp_Aes128_Cm_Hmac_Sha1_32]] {
        let mut line = Line::new(4, offered, 1200);
        line.run(Duration::from_secs(1));
        assert_eq!(line.fault, Some(HandshakeFault::NoProfile), "{offered:?}");
    }
}

#[test]
fn another_certificate_than_the_offers_fails() {
    let mut line = Line::new(5, &[Srtp_Aead_Aes_128_Gcm], 1200);
    let ours = Identity::generate().expect("random");
    line.server = Association::new(ours, Fingerprint::sha256(b"somebody else's"), line.now);
    line.run(Duration::from_secs(1));
    assert_eq!(line.fault, Some(HandshakeFault::WrongFingerprint));
    assert!(line.server_keys.is_none());
}

#[test]
fn a_silent_client_fails_after_thirty_seconds() {
    let mut line = Line::new(6, &[Srtp_Aead_Aes_128_Gcm], 1200);
    line.loss_percent = 100;
    line.run(Duration::from_millis(29_999));
    assert_eq!(line.fault, None);
    line.run(Duration::from_millis(1));
    assert_eq!(line.fault, Some(HandshakeFault::TooSlow));
}

#[test]
fn garbage_and_cut_datagrams_do_no_harm() {
    for seed in 0..20 {
        let mut line = Line::new(seed, &[Srtp_Aead_Aes_128_Gcm], 300);
        for _ in 0..40 {
            let sends = line.client.sends(line.now);
            for datagram in &sends {
                let cut = usize::try_from(line.random.below(datagram.len() as u64)).expect("small");
                line.reach_server(&datagram[..cut]);
            }
            line.send(true, sends);
            let len = line.random.below(60);
            let mut garbage: Vec<u8> = (0..len).map(|_| line.random.below(256).to_be_bytes()[7]).collect();
            garbage.splice(0..0, [20 + line.random.below(6).to_be_bytes()[7], 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 9, 0]);
            garbage.insert(12, len.to_be_bytes()[7]);
            line.reach_server(&garbage);
            line.run(Duration::from_millis(5));
        }
        line.run(Duration::from_secs(20));
        assert!(line.both_have_keys(), "seed {seed}: {:?}", line.fault);
    }
}

#[test]
fn a_flood_ends_only_its_own_handshake() {
    let mut line = Line::new(7, &[Srtp_Aead_Aes_128_Gcm], 1200);
    let rubbish = [&[22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 12, 11][..], &[0; 11]].concat();
    (0..600).for_each(|_| line.reach_server(&rubbish));
    assert_eq!(line.fault, Some(HandshakeFault::TooLong));
}

#[test]
fn a_lost_last_flight_is_sent_again_when_the_client_asks() {
    let mut line = Line::new(8, &[Srtp_Aead_Aes_128_Gcm], 1200);
    while line.server_keys.is_none() {
        line.run(Duration::from_millis(1));
    }
    line.flying.clear();
    assert!(line.client.keys().is_none());
    line.run(Duration::from_secs(3));
    assert!(line.both_have_keys());
}

#[test]
fn the_pool_carries_many_handshakes_at_once() {
    let (ours, theirs) = (Identity::generate().expect("random"), Identity::generate().expect("random"));
    let (sender, events) = channel();
    let pool = Handshakes::spawn(&ours, 2, move |event| sender.send(event).unwrap_or_default()).expect("threads");
    let mut clients: Vec<Client> = (0..8)
        .map(|_| client(&theirs, &[Srtp_Aes128_Cm_Hmac_Sha1_80, Srtp_Aead_Aes_128_Gcm], 200, clock::instant()))
        .collect();
    (0..8).for_each(|id| pool.begin(id, theirs.fingerprint()));
    let mut keyed = 0;
    while keyed < 8 || clients.iter().any(|client| client.keys().is_none()) {
        for (id, client) in (0..).zip(&mut clients) {
            client.sends(clock::instant()).into_iter().for_each(|datagram| assert!(pool.packet(id, datagram)));
        }
        match events.recv_timeout(Duration::from_secs(10)).expect("something goes on") {
            HandshakeEvent::Send { id, datagrams } => {
                let client = &mut clients[usize::try_from(id).expect("small")];
                datagrams.iter().for_each(|datagram| client.packet(clock::instant(), datagram));
            }
            HandshakeEvent::Keys { .. } => keyed += 1,
            event => panic!("unexpected: {event:?}"),
        }
    }
}

#[test]
fn a_full_queue_drops_and_says_so() {
    let identity = Identity::generate().expect("random");
    let pool = Handshakes::spawn(&identity, 1, |_| {}).expect("a thread");
    assert!(pool.packet(1, Vec::new()));
    pool.fill();
    assert!(!pool.packet(1, Vec::new()));
}
