//! DTLS handshakes: away from the media threads, and the only user of the DTLS library.
//!
//! We are always the server (`setup:passive`) and always speak DTLS 1.2. A peer proves itself by holding the
//! certificate whose fingerprint its offer named; there is no other authority.

mod association;
#[cfg(any(test, feature = "load"))]
mod client;
mod fingerprint;
mod hello;
mod pool;
mod records;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use rtc::crypto::RTCCryptoProvider;
use rtc::dtls::crypto::Certificate;

use crate::sfu::srtp::Keys;

pub use association::Association;
#[cfg(any(test, feature = "load"))]
pub use client::Client;
pub use fingerprint::{Fingerprint, FingerprintFault};
pub use pool::{HandshakeEvent, Handshakes};

/// One peer's handshake, without a socket or a clock.
pub trait Dtls {
    /// Takes a datagram from the peer; what follows from it is added to `out`.
    ///
    /// # Errors
    /// A fault ends the handshake; what is in `out` should still be sent.
    fn packet(&mut self, now: Instant, datagram: &[u8], out: &mut Vec<Output>) -> Result<(), HandshakeFault>;

    /// Does what is due at `now`.
    ///
    /// # Errors
    /// As [`Dtls::packet`].
    fn timeout(&mut self, now: Instant, out: &mut Vec<Output>) -> Result<(), HandshakeFault>;

    /// When [`Dtls::timeout`] wants to be called next.
    fn poll_timeout(&self) -> Option<Instant>;
}

/// What a handshake wants done.
#[derive(Debug)]
pub enum Output {
    /// A datagram for the peer.
    Send(Vec<u8>),
    /// The handshake is done, the peer is who its offer said, and media is sealed with these. At most once.
    Keys(Keys),
    /// The peer said goodbye.
    Closed,
}

/// Why a handshake ended without keys.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HandshakeFault {
    /// The peer's certificate is not the one its offer named.
    #[error("the certificate does not match the offer's fingerprint")]
    WrongFingerprint,
    /// The peer offers no SRTP profile that we have.
    #[error("no SRTP profile in common")]
    NoProfile,
    /// No keys within [`HANDSHAKE_S_MAX`](crate::base::limits::HANDSHAKE_S_MAX).
    #[error("not finished in time")]
    TooSlow,
    /// More datagrams than any handshake needs.
    #[error("too many datagrams")]
    TooLong,
    /// The library gave up, for this reason.
    #[error("{0}")]
    Refused(String),
    /// The library panicked; only this peer is lost.
    #[error("the DTLS library broke down")]
    Broken,
}

/// The certificate that this process shows to every peer: self-signed, ECDSA P-256, made at start.
#[derive(Clone)]
pub struct Identity {
    provider: Arc<dyn RTCCryptoProvider>,
    certificate: Certificate,
    fingerprint: Fingerprint,
}

impl Identity {
    /// Makes a new one.
    ///
    /// # Errors
    /// If the machine's source of randomness fails.
    pub fn generate() -> Result<Self, HandshakeFault> {
        let refused = |error: &dyn fmt::Display| HandshakeFault::Refused(error.to_string());
        let provider = rtc::crypto::default_provider().map_err(|error| refused(&error))?;
        let names = vec!["tongke".to_owned()];
        let certificate =
            Certificate::generate_self_signed(names, provider.crypto()).map_err(|error| refused(&error))?;
        let fingerprint = Fingerprint::sha256(certificate.certificate.first().map_or(&[], |der| der.as_ref()));
        Ok(Self { provider, certificate, fingerprint })
    }

    /// What answers name, SHA-256.
    pub const fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }
}
