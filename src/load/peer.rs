//! One end of a transport: checks, handshake, keys. It has no socket: what is to be sent is handed back.

use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::Instant;

use super::sdp::{Answer, UFRAG};
use crate::control::handshake::{Client, Fingerprint, HandshakeFault, Identity};
use crate::sfu::srtp::{Opener, Sealer};
use crate::wire::rtcp;
use crate::wire::stun::{Class, Message, write_binding_request};

/// A host candidate's priority for a peer-reflexive one (RFC 8445 §5.1.2.1).
const PRIORITY: u32 = (110 << 24) + (65_535 << 8) + 255;
/// A check that was not answered is repeated after this, as libwebrtc does it (`WEAK_PING_INTERVAL`)…
const CHECK_AGAIN_US: u64 = 48_000;
/// …and once all is well as often as libwebrtc does it (`STABLE_CONNECTION_PING_INTERVAL`).
const CONSENT_EVERY_US: u64 = 2_500_000;
/// Consent ends after this (RFC 7675 §5.1).
const CONSENT_US: u64 = 30_000_000;
/// A transport that is not up within this never will be.
const UP_WITHIN_US: u64 = 15_000_000;
/// Room behind a packet for its seal and the SRTCP index.
pub(super) const SEAL_BYTES: usize = 20;

/// One end of a transport, the other being the server.
pub(super) struct Peer {
    /// Ours.
    pub(super) address: Ipv4Addr,
    pub(super) server: SocketAddrV4,
    username: Vec<u8>,
    password: Vec<u8>,
    fingerprint: Fingerprint,
    checks: u64,
    began_us: u64,
    check_us: u64,
    answered_us: u64,
    stage: Stage,
}

enum Stage {
    /// Until a check is answered.
    Checking,
    Shaking(Box<Client>),
    Up(Box<Media>),
    Failed,
}

/// What media is sealed and opened with.
pub(super) struct Media {
    pub(super) sealer: Sealer,
    pub(super) opener: Opener,
    client: Client,
}

/// What became of a step.
pub(super) enum Step {
    Nothing,
    /// The handshake is done.
    Up,
    /// It never will be, or is no more.
    Failed(String),
}

/// Datagrams to be sent.
pub(super) type Sends = Vec<Vec<u8>>;

impl Peer {
    pub(super) fn new(address: Ipv4Addr, answer: &Answer, now_us: u64) -> Self {
        Self {
            address,
            server: answer.server,
            username: format!("{}:{UFRAG}", answer.ufrag).into_bytes(),
            password: answer.pwd.clone().into_bytes(),
            fingerprint: answer.fingerprint,
            checks: 0,
            began_us: now_us,
            check_us: now_us,
            answered_us: now_us,
            stage: Stage::Checking,
        }
    }

    /// What media is sealed and opened with, once it is up.
    pub(super) fn media(&mut self) -> Option<&mut Media> {
        if let Stage::Up(media) = &mut self.stage { Some(media) } else { None }
    }

    pub(super) const fn is_up(&self) -> bool {
        matches!(self.stage, Stage::Up(_))
    }

    /// Does what is due.
    pub(super) fn tick(&mut self, now_us: u64, now: Instant, sends: &mut Sends) -> Step {
        if matches!(self.stage, Stage::Failed) {
            return Step::Nothing;
        }
        if now_us >= self.check_us {
            sends.extend(self.check());
            let up = self.is_up();
            self.check_us = now_us + if up { CONSENT_EVERY_US } else { CHECK_AGAIN_US };
        }
        let late = !self.is_up() && now_us >= self.began_us + UP_WITHIN_US;
        match &mut self.stage {
            Stage::Checking if late => self.fail("no connectivity check was answered"),
            Stage::Shaking(client) if late => {
                let why = client.fault().map(HandshakeFault::to_string).unwrap_or_default();
                self.fail(format!("the handshake did not end {why}").trim_end())
            }
            Stage::Shaking(client) if client.due().is_some_and(|due| due <= now) => {
                sends.extend(client.timeout(now));
                Step::Nothing
            }
            Stage::Up(_) if now_us >= self.answered_us + CONSENT_US => self.fail("the server does not answer any more"),
            _ => Step::Nothing,
        }
    }

    /// Takes an answer to a check.
    pub(super) fn stun(
        &mut self,
        now_us: u64,
        now: Instant,
        identity: &Identity,
        datagram: &[u8],
        sends: &mut Sends,
    ) -> Step {
        let Some(message) = Message::read(datagram).filter(|message| message.class == Class::Success) else {
            return Step::Nothing;
        };
        if !message.verify(&self.password) {
            return Step::Nothing;
        }
        self.answered_us = now_us;
        if !matches!(self.stage, Stage::Checking) {
            return Step::Nothing;
        }
        match Client::new(identity, self.fingerprint, now) {
            Ok(mut client) => {
                sends.extend(client.sends(now));
                self.stage = Stage::Shaking(Box::new(client));
                Step::Nothing
            }
            Err(fault) => self.fail(&fault.to_string()),
        }
    }

    /// Takes a datagram of the handshake.
    pub(super) fn dtls(&mut self, now: Instant, datagram: &[u8], sends: &mut Sends) -> Step {
        let client = match &mut self.stage {
            Stage::Shaking(client) => client,
            // The server has lost our last flight.
            Stage::Up(media) => &mut media.client,
            Stage::Checking | Stage::Failed => return Step::Nothing,
        };
        client.packet(now, datagram);
        sends.extend(client.sends(now));
        match std::mem::replace(&mut self.stage, Stage::Failed) {
            Stage::Shaking(client) if client.keys().is_some() => {
                self.rise(*client);
                Step::Up
            }
            stage => {
                self.stage = stage;
                Step::Nothing
            }
        }
    }

    fn rise(&mut self, client: Client) {
        if let Some(keys) = client.keys() {
            let (sealer, opener) = (Sealer::client(keys), Opener::client(keys));
            self.stage = Stage::Up(Box::new(Media { sealer, opener, client }));
        }
    }

    fn fail(&mut self, why: &str) -> Step {
        self.stage = Stage::Failed;
        Step::Failed(why.to_owned())
    }

    fn check(&mut self) -> Option<Vec<u8>> {
        self.checks += 1;
        let mut transaction = [0x10; 12];
        transaction[..8].copy_from_slice(&self.checks.to_be_bytes());
        transaction[8..].copy_from_slice(&self.address.octets());
        let mut out = vec![0; 256];
        let length =
            write_binding_request(&mut out, &transaction, &self.username, &self.password, true, PRIORITY, self.checks);
        out.truncate(length?);
        Some(out)
    }

    /// Seals what `write` writes as one compound of reports.
    pub(super) fn reports(&mut self, write: impl FnOnce(&mut rtcp::Writer<'_>)) -> Option<Vec<u8>> {
        let media = self.media()?;
        let mut out = vec![0; 1_200 + SEAL_BYTES];
        let mut writer = rtcp::Writer::new(&mut out[..1_200]);
        write(&mut writer);
        let plain = writer.finish();
        let length = media.sealer.seal_rtcp(&mut out, plain)?;
        out.truncate(length);
        Some(out)
    }
}
