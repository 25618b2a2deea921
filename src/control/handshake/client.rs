//! The other side of a handshake: the client, for load and for tests.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use bytes::BytesMut;
use rtc::dtls::config::{ConfigBuilder, ExtendedMasterSecretType};
use rtc::dtls::endpoint::{Endpoint, EndpointEvent};
use rtc::dtls::extension::extension_use_srtp::SrtpProtectionProfile;
use rtc::shared::TransportProtocol;
use rtc::shared::error::Error;

use super::association::{Flight, fault};
use super::{Fingerprint, HandshakeFault, Identity, Output};
use crate::sfu::srtp::{Keys, Profile};

/// The library keeps its associations by address; each of ours has an endpoint and a name of its own.
const SERVER: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 9);
/// Fits the smallest IPv6 path.
const MTU: usize = 1_200;

/// A handshake with a server. The library loses its timer as a client too, so it is helped as the server is.
pub struct Client {
    endpoint: Endpoint,
    flight: Flight,
    keys: Option<Keys>,
    fault: Option<HandshakeFault>,
}

impl Client {
    /// Begins with a server that must show the certificate `expected`, and asks for AES-128-GCM.
    ///
    /// # Errors
    /// If the library refuses what it is given.
    pub fn new(identity: &Identity, expected: Fingerprint, now: Instant) -> Result<Self, HandshakeFault> {
        Self::with(identity, Some(expected), &[SrtpProtectionProfile::Srtp_Aead_Aes_128_Gcm], MTU, now)
    }

    pub(super) fn with(
        identity: &Identity,
        expected: Option<Fingerprint>,
        profiles: &[SrtpProtectionProfile],
        mtu: usize,
        now: Instant,
    ) -> Result<Self, HandshakeFault> {
        let config = ConfigBuilder::default()
            .with_crypto_provider(identity.provider.clone())
            .with_certificates(vec![identity.certificate.clone()])
            .with_srtp_protection_profiles(profiles.to_vec())
            .with_extended_master_secret(ExtendedMasterSecretType::Require)
            .with_insecure_skip_verify(true) // there is no authority: the answer's fingerprint is the check
            .with_verify_peer_certificate(Some(Arc::new(move |certificates: &[Vec<u8>], _: &_| {
                let good = |der: &Vec<u8>| expected.is_none_or(|expected| expected.matches(der));
                let shown = certificates.first().filter(|der| good(der));
                shown.map(|_| ()).ok_or(Error::ErrNoMatchingCertificateFingerprint)
            })))
            .with_mtu(mtu)
            .build(true, None)
            .map_err(fault)?;
        let mut endpoint = Endpoint::new(SERVER, TransportProtocol::UDP, None);
        endpoint.connect(now, SERVER, Arc::new(config), None).map_err(fault)?;
        Ok(Self { endpoint, flight: Flight::default(), keys: None, fault: None })
    }

    /// Takes a datagram of the server.
    pub fn packet(&mut self, now: Instant, datagram: &[u8]) {
        match self.endpoint.read(now, SERVER, None, BytesMut::from(datagram)) {
            Ok(events) if events.iter().any(|event| matches!(event, EndpointEvent::HandshakeComplete)) => {
                self.keys = self.export();
            }
            Ok(_) => {}
            Err(error) => self.fault = Some(fault(error)),
        }
    }

    /// What is to be sent now.
    pub fn sends(&mut self, now: Instant) -> Vec<Vec<u8>> {
        let sends: Vec<_> = std::iter::from_fn(|| self.endpoint.poll_transmit()).map(|t| t.message.to_vec()).collect();
        self.flight.note(now, &sends.iter().cloned().map(Output::Send).collect::<Vec<_>>());
        sends
    }

    /// When [`Client::timeout`] wants to be called next.
    pub fn due(&self) -> Option<Instant> {
        let repeat = if self.keys.is_none() { self.flight.due() } else { None };
        [self.endpoint.poll_timeout(&SERVER), repeat].into_iter().flatten().min()
    }

    /// Does what is due: what is to be sent again.
    pub fn timeout(&mut self, now: Instant) -> Vec<Vec<u8>> {
        // It gives up after seven repeats; that shows as missing keys.
        self.endpoint.handle_timeout(SERVER, now).unwrap_or_default();
        let mut out = Vec::new();
        if self.keys.is_none() {
            self.flight.repeat(now, &mut out);
        }
        out.into_iter()
            .filter_map(|output| if let Output::Send(datagram) = output { Some(datagram) } else { None })
            .collect()
    }

    /// What media is sealed with, once the handshake is done.
    pub const fn keys(&self) -> Option<&Keys> {
        self.keys.as_ref()
    }

    /// What the library last found wrong; the handshake may still succeed.
    pub const fn fault(&self) -> Option<&HandshakeFault> {
        self.fault.as_ref()
    }

    /// RFC 5764 §4.2.
    fn export(&self) -> Option<Keys> {
        let state = self.endpoint.get_connection_state(SERVER)?;
        let profile = Profile::from_iana(state.srtp_protection_profile() as u16)?;
        let exported = state.export_keying_material("EXTRACTOR-dtls_srtp", &[], profile.exported_len()).ok()?;
        Keys::from_exported(profile, exported.as_ref())
    }
}
