//! Datagrams at a worker: as they come, and sealed with a peer's keys, so that they reach what lies behind the cipher.

use crate::base::time::Time;
use crate::sfu::command::{Command, Extensions, IceCredentials, PayloadType, Role, SessionId, Slot, Source};
use crate::sfu::command::{Track, UplinkFeedback};
use crate::sfu::outbox::Outbox;
use crate::sfu::road::Road;
use crate::sfu::srtp::{Keys, Opener, Profile, Sealer};
use crate::sfu::worker::{Holdings, Worker};
use crate::wire::classify::{Kind, classify};
use crate::wire::codec::Codec;
use crate::wire::rtp::{FIXED_BYTES, Header, write_fixed};
use crate::wire::stun;

const PUBLISHER: SessionId = SessionId(1);
const WATCHER: SessionId = SessionId(2);
/// The publisher's second stream, which the fuzzed bytes never speak for.
const VOICE_SSRC: u32 = 0x766f_6963;

/// A worker with a publisher and a watcher takes the bytes by known and unknown roads, raw and sealed; then it still
/// passes on a good packet, and forgets everyone who leaves.
pub fn datagram(bytes: &[u8]) {
    let mut stage = Stage::new();
    for road in [stage.road(PUBLISHER), stage.road(WATCHER), stranger()] {
        stage.hand(road, bytes.to_vec());
    }
    for (session, mut sealer) in [(PUBLISHER, sealer(PUBLISHER)), (WATCHER, sealer(WATCHER))] {
        let mut reports = room_for(bytes);
        if let Some(length) = sealer.seal_rtcp(&mut reports, bytes.len()) {
            reports.truncate(length);
            stage.hand(stage.road(session), reports);
        }
    }
    if let Some(header) = Header::read(bytes) {
        let mut packet = room_for(bytes);
        let (length, index) = (usize::from(header.length), u64::from(header.sequence));
        if let Some(sealed) = sealer(PUBLISHER).seal_rtp(&mut packet, length, bytes.len(), index) {
            packet.truncate(sealed);
            stage.hand(stage.road(PUBLISHER), packet);
        }
    }
    stage.passes_on_a_voice();
    stage.everyone_leaves();
}

fn room_for(bytes: &[u8]) -> Vec<u8> {
    let mut room = bytes.to_vec();
    room.resize(bytes.len() + 64, 0);
    room
}

struct Stage {
    worker: Worker,
    outbox: Outbox,
    now: Time,
}

impl Stage {
    fn new() -> Self {
        let mut stage = Self { worker: Worker::new(7), outbox: Outbox::new(8), now: Time::from_micros(1 << 50) };
        let publisher = Role::Publisher { tracks: tracks(), feedback: UplinkFeedback::TransportCc };
        for (session, role) in [(PUBLISHER, publisher), (WATCHER, Role::Watcher { slots: slots() })] {
            let extensions = Extensions {
                mid: Some(1),
                rid: Some(2),
                transport_cc: Some(3),
                repaired_rid: Some(4),
                abs_send_time: Some(5),
            };
            stage.command(Command::Add { session, credentials: credentials(session), extensions, role });
            let check = check(session);
            stage.hand(stage.road(session), check);
            stage.command(Command::Keys { session, keys: Box::new(keys(session)) });
        }
        for slot in 0..2 {
            let source = Some(Source { session: PUBLISHER, track: slot, lane: None });
            stage.command(Command::Fill { session: WATCHER, slot, source });
        }
        stage
    }

    fn road(&self, session: SessionId) -> Road {
        Road::udp(([192, 0, 2, 1], u16::try_from(session.0).unwrap_or(0)).into())
    }

    fn command(&mut self, command: Command) {
        self.worker.handle_command(self.now, command);
        self.drain();
    }

    fn hand(&mut self, road: Road, mut datagram: Vec<u8>) {
        self.worker.handle_datagram(self.now, road, &mut datagram);
        self.drain();
        self.now = self.now + std::time::Duration::from_millis(100);
        self.worker.handle_timeout(self.now);
        self.drain();
    }

    /// Sends everything; gives what was sent.
    fn drain(&mut self) -> Vec<(Road, Vec<u8>)> {
        let mut sent = Vec::new();
        while self.worker.poll_transmit(self.now, &mut self.outbox) || !self.outbox.is_empty() {
            sent.extend(self.outbox.datagrams().map(|(road, bytes)| (road, bytes.to_vec())));
            self.outbox.clear();
        }
        while self.worker.poll_event().is_some() {}
        sent
    }

    fn passes_on_a_voice(&mut self) {
        // Wherever the peers were last believed to be, a check shows where they are.
        for session in [PUBLISHER, WATCHER] {
            let check = check(session);
            self.hand(self.road(session), check);
        }
        let arrived = (0..3).any(|sequence| self.voice_arrives(sequence));
        assert!(arrived, "a good packet still gets through");
    }

    fn voice_arrives(&mut self, sequence: u16) -> bool {
        let header = Header { payload_type: 111, sequence, ssrc: VOICE_SSRC, ..Header::default() };
        let mut packet = vec![0; 100];
        write_fixed(packet.first_chunk_mut().expect("100 bytes"), &header);
        packet[FIXED_BYTES..FIXED_BYTES + 5].copy_from_slice(b"voice");
        let length = sealer(PUBLISHER).seal_rtp(&mut packet, FIXED_BYTES, FIXED_BYTES + 5, u64::from(sequence));
        packet.truncate(length.expect("there is room"));
        self.worker.handle_datagram(self.now, self.road(PUBLISHER), &mut packet);
        let sent = self.drain();
        self.now = self.now + std::time::Duration::from_millis(100);
        self.worker.handle_timeout(self.now);
        self.drain();
        sent.into_iter().any(|(road, bytes)| road == self.road(WATCHER) && is_voice(bytes))
    }

    fn everyone_leaves(&mut self) {
        for session in [PUBLISHER, WATCHER] {
            self.command(Command::Remove { session });
        }
        self.now = self.now + std::time::Duration::from_secs(2);
        self.worker.handle_timeout(self.now);
        assert_eq!(self.worker.holdings(), Holdings::default(), "nothing is held when nobody is there");
    }
}

fn is_voice(mut bytes: Vec<u8>) -> bool {
    let Some(header) = Header::read(&bytes).filter(|_| classify(&bytes) == Some(Kind::Rtp)) else { return false };
    let opener = Opener::client(&keys(WATCHER));
    let opened = opener.open_rtp(&mut bytes, usize::from(header.length), u64::from(header.sequence));
    header.ssrc == 21 && opened.is_ok_and(|length| bytes[..length].ends_with(b"voice"))
}

fn stranger() -> Road {
    Road::udp(([198, 51, 100, 7], 7).into())
}

fn keys(session: SessionId) -> Keys {
    let byte = u8::try_from(session.0).unwrap_or(0);
    Keys::from_exported(Profile::Aes128Gcm, &[byte; 56]).expect("56 bytes")
}

fn sealer(session: SessionId) -> Sealer {
    Sealer::client(&keys(session))
}

fn credentials(session: SessionId) -> IceCredentials {
    IceCredentials::new(session.0, [7; 28])
}

fn check(session: SessionId) -> Vec<u8> {
    let credentials = credentials(session);
    let (name, password) = (format!("{}:far", credentials.ufrag), credentials.password);
    let mut out = vec![0; 200];
    let length =
        stun::write_binding_request(&mut out, b"transaction!", name.as_bytes(), password.as_bytes(), true, 1, 2);
    out.truncate(length.expect("200 bytes are enough"));
    out
}

/// The small numbers that the corpus uses, too.
fn tracks() -> Vec<Track> {
    let video = [(Codec::Vp8, 96), (Codec::H264, 98), (Codec::Vp9, 100), (Codec::Av1, 102)];
    let picture = video.map(|(codec, media)| PayloadType { codec, media, repair: Some(media + 1) });
    let sound = PayloadType { codec: Codec::Opus, media: 111, repair: None };
    vec![
        Track {
            video: true,
            mid: b"0".to_vec(),
            payload_types: picture.to_vec(),
            rids: vec![b"q".to_vec(), b"h".to_vec()],
            streams: vec![(7, Some(8))],
            nack: true,
        },
        Track {
            video: false,
            mid: b"1".to_vec(),
            payload_types: vec![sound],
            rids: Vec::new(),
            streams: vec![(VOICE_SSRC, None)],
            nack: false,
        },
    ]
}

fn slots() -> Vec<Slot> {
    let tracks = tracks().into_iter().zip(0..);
    tracks
        .map(|(track, number)| Slot {
            video: track.video,
            ssrc: 20 + number,
            repair_ssrc: track.video.then_some(9),
            payload_types: track.payload_types,
            rank: 0,
        })
        .collect()
}
