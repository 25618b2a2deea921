//! One peer's DTLS association on the library, with what the library lacks.

use std::mem;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::BytesMut;
use rtc::dtls::config::{ClientAuthType, ConfigBuilder, ExtendedMasterSecretType};
use rtc::dtls::endpoint::{Endpoint, EndpointEvent};
use rtc::dtls::extension::extension_use_srtp::SrtpProtectionProfile;
use rtc::shared::TransportProtocol;
use rtc::shared::error::Error;

use super::hello::Hello;
use super::records::worthwhile;
use super::{Dtls, Fingerprint, HandshakeFault, Identity, Output};
use crate::base::limits::{HANDSHAKE_RECORDS_MAX, HANDSHAKE_REPEATS_MAX, HANDSHAKE_S_MAX, HELLO_DATAGRAMS_MAX};
use crate::sfu::srtp::{Keys, Profile};

/// How long the first repeat waits; each later one waits twice as long.
const FIRST_REPEAT: Duration = Duration::from_millis(100);

/// A handshake with one peer, and the association after it.
pub struct Association {
    identity: Identity,
    expected: Fingerprint,
    deadline: Instant,
    records: usize,
    stage: Stage,
}

enum Stage {
    /// Until the first ClientHello is whole; then its datagrams go to the library.
    Hello {
        hello: Hello,
        datagrams: Vec<Vec<u8>>,
    },
    Shaking {
        endpoint: Endpoint,
        flight: Flight,
    },
    /// Answers repeats of the peer's last flight: our own last flight was lost then.
    Done {
        endpoint: Endpoint,
    },
    Over,
}

impl Association {
    /// Waits for a peer that must show the certificate `expected`.
    pub fn new(identity: Identity, expected: Fingerprint, now: Instant) -> Self {
        let stage = Stage::Hello { hello: Hello::default(), datagrams: Vec::new() };
        Self { identity, expected, deadline: now + Duration::from_secs(HANDSHAKE_S_MAX), records: 0, stage }
    }

    /// Keeps a datagram of the first ClientHello, and begins once that is whole.
    fn hello(&mut self, now: Instant, datagram: Vec<u8>, out: &mut Vec<Output>) -> Result<(), HandshakeFault> {
        let Stage::Hello { hello, datagrams } = &mut self.stage else { return Ok(()) };
        if !hello.take(&datagram) {
            return Ok(());
        }
        if datagrams.len() == HELLO_DATAGRAMS_MAX {
            datagrams.remove(0);
        }
        datagrams.push(datagram);
        let Some(profile) = hello.profile() else { return Ok(()) };
        let profile = profile.ok_or(HandshakeFault::NoProfile)?;
        let kept = mem::take(datagrams);
        let endpoint = endpoint(&self.identity, self.expected, profile)?;
        self.stage = Stage::Shaking { endpoint, flight: Flight::default() };
        kept.into_iter().try_for_each(|datagram| self.shake(now, &datagram, out))
    }

    fn shake(&mut self, now: Instant, datagram: &[u8], out: &mut Vec<Output>) -> Result<(), HandshakeFault> {
        let Stage::Shaking { endpoint, flight } = &mut self.stage else { return Ok(()) };
        let events = endpoint.read(now, PEER, None, BytesMut::from(datagram));
        flight.note(now, drain(endpoint, out)); // an alert leaves even when reading failed
        for event in events.map_err(fault)? {
            match event {
                EndpointEvent::HandshakeComplete => out.push(Output::Keys(export(endpoint)?)),
                EndpointEvent::PeerClosed => out.push(Output::Closed),
                _ => {}
            }
        }
        self.stage = match mem::replace(&mut self.stage, Stage::Over) {
            Stage::Shaking { endpoint, .. } if out.iter().any(|o| matches!(o, Output::Keys(_))) => {
                Stage::Done { endpoint }
            }
            stage => stage,
        };
        Ok(())
    }

    /// A handshake this long is no handshake; after the keys the rest is merely not heard.
    fn overrun(&mut self) -> Result<(), HandshakeFault> {
        if matches!(self.stage, Stage::Done { .. } | Stage::Over) {
            return Ok(());
        }
        self.stage = Stage::Over;
        Err(HandshakeFault::TooLong)
    }

    /// After the keys nothing that arrives is a fault: media goes on whatever happens here.
    fn answer(&mut self, now: Instant, datagram: &[u8], out: &mut Vec<Output>) {
        let Stage::Done { endpoint } = &mut self.stage else { return };
        let events = endpoint.read(now, PEER, None, BytesMut::from(datagram)).unwrap_or_default();
        drain(endpoint, out);
        if events.iter().any(|event| matches!(event, EndpointEvent::PeerClosed)) {
            out.push(Output::Closed);
            self.stage = Stage::Over;
        }
    }
}

impl Dtls for Association {
    fn packet(&mut self, now: Instant, datagram: &[u8], out: &mut Vec<Output>) -> Result<(), HandshakeFault> {
        let (datagram, records) = worthwhile(datagram);
        if records == 0 {
            return Ok(());
        }
        self.records += records;
        if self.records > HANDSHAKE_RECORDS_MAX {
            return self.overrun();
        }
        let done = match self.stage {
            Stage::Hello { .. } => self.hello(now, datagram, out),
            Stage::Shaking { .. } => self.shake(now, &datagram, out),
            Stage::Done { .. } | Stage::Over => {
                self.answer(now, &datagram, out);
                Ok(())
            }
        };
        if done.is_err() {
            self.stage = Stage::Over;
        }
        done
    }

    fn timeout(&mut self, now: Instant, out: &mut Vec<Output>) -> Result<(), HandshakeFault> {
        let unfinished = matches!(self.stage, Stage::Hello { .. } | Stage::Shaking { .. });
        if unfinished && now >= self.deadline {
            self.stage = Stage::Over;
            return Err(HandshakeFault::TooSlow);
        }
        if let Stage::Shaking { flight, .. } = &mut self.stage {
            flight.repeat(now, out);
        }
        Ok(())
    }

    fn poll_timeout(&self) -> Option<Instant> {
        match &self.stage {
            Stage::Hello { .. } => Some(self.deadline),
            Stage::Shaking { flight, .. } => Some(flight.due().map_or(self.deadline, |due| due.min(self.deadline))),
            Stage::Done { .. } | Stage::Over => None,
        }
    }
}

/// What was sent last, to be sent again until the peer answers it.
///
/// The library (rtc-dtls 0.21.1) stops its own timer for good at the first handshake datagram that completes
/// nothing; a client that repeats its ClientHello early does just that, and one lost datagram of ours then ends
/// everything. A verbatim repeat is safe: who has it drops it as a replay, who lost it takes it.
#[derive(Default)]
pub(super) struct Flight {
    datagrams: Vec<Vec<u8>>,
    sent: Option<Instant>,
    repeats: u32,
}

impl Flight {
    pub(super) fn note(&mut self, now: Instant, sent: &[Output]) {
        let datagrams = sent.iter().filter_map(|output| match output {
            Output::Send(datagram) => Some(datagram.clone()),
            _ => None,
        });
        let datagrams: Vec<_> = datagrams.collect();
        if !datagrams.is_empty() {
            *self = Self { datagrams, sent: Some(now), repeats: 0 };
        }
    }

    pub(super) fn due(&self) -> Option<Instant> {
        let wait = FIRST_REPEAT * 2_u32.pow(self.repeats);
        self.sent.filter(|_| self.repeats < HANDSHAKE_REPEATS_MAX).map(|sent| sent + wait)
    }

    pub(super) fn repeat(&mut self, now: Instant, out: &mut Vec<Output>) {
        if self.due().is_some_and(|due| now >= due) {
            out.extend(self.datagrams.iter().cloned().map(Output::Send));
            self.sent = Some(now);
            self.repeats += 1;
        }
    }
}

/// The library keeps its associations by address; ours may move, so each has an endpoint and a name of its own.
const PEER: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 2);
const OURSELVES: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 1);

fn endpoint(identity: &Identity, expected: Fingerprint, profile: Profile) -> Result<Endpoint, HandshakeFault> {
    let profile = match profile {
        Profile::Aes128Gcm => SrtpProtectionProfile::Srtp_Aead_Aes_128_Gcm,
        Profile::Aes256Gcm => SrtpProtectionProfile::Srtp_Aead_Aes_256_Gcm,
        Profile::Aes128CmSha1_80 => SrtpProtectionProfile::Srtp_Aes128_Cm_Hmac_Sha1_80,
    };
    let config = ConfigBuilder::default()
        .with_crypto_provider(identity.provider.clone())
        .with_certificates(vec![identity.certificate.clone()])
        .with_srtp_protection_profiles(vec![profile])
        .with_extended_master_secret(ExtendedMasterSecretType::Require)
        .with_client_auth(ClientAuthType::RequireAnyClientCert)
        .with_insecure_skip_verify(true) // there is no authority: the offer's fingerprint is the check
        .with_verify_peer_certificate(Some(Arc::new(move |certificates: &[Vec<u8>], _: &_| {
            let shown = certificates.first().filter(|der| expected.matches(der));
            shown.map(|_| ()).ok_or(Error::ErrNoMatchingCertificateFingerprint)
        })))
        .build(false, None)
        .map_err(fault)?;
    Ok(Endpoint::new(OURSELVES, TransportProtocol::UDP, Some(Arc::new(config))))
}

/// Moves what the library wants sent to `out`, and gives it.
fn drain<'a>(endpoint: &mut Endpoint, out: &'a mut Vec<Output>) -> &'a [Output] {
    let before = out.len();
    while let Some(transmit) = endpoint.poll_transmit() {
        out.push(Output::Send(transmit.message.to_vec()));
    }
    out.get(before..).unwrap_or_default()
}

/// RFC 5764 §4.2.
fn export(endpoint: &Endpoint) -> Result<Keys, HandshakeFault> {
    let state = endpoint.get_connection_state(PEER).ok_or(HandshakeFault::NoProfile)?;
    let profile = match state.srtp_protection_profile() {
        SrtpProtectionProfile::Srtp_Aead_Aes_128_Gcm => Profile::Aes128Gcm,
        SrtpProtectionProfile::Srtp_Aead_Aes_256_Gcm => Profile::Aes256Gcm,
        SrtpProtectionProfile::Srtp_Aes128_Cm_Hmac_Sha1_80 => Profile::Aes128CmSha1_80,
        _ => return Err(HandshakeFault::NoProfile),
    };
    let exported = state.export_keying_material("EXTRACTOR-dtls_srtp", &[], profile.exported_len()).map_err(fault)?;
    Keys::from_exported(profile, exported.as_ref()).ok_or(HandshakeFault::NoProfile)
}

pub(super) fn fault(error: Error) -> HandshakeFault {
    match error {
        Error::ErrNoMatchingCertificateFingerprint => HandshakeFault::WrongFingerprint,
        other => HandshakeFault::Refused(other.to_string()),
    }
}
