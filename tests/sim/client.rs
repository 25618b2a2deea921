//! The transport of any simulated peer: checks it signs, keys it shares with the worker, packets it seals and opens.

use std::net::SocketAddr;

use tongke::base::time::Time;
use tongke::sfu::command::{Command, IceCredentials, PayloadType, SessionId};
use tongke::sfu::srtp::{Keys, Opener, Profile, Sealer};
use tongke::wire::codec::Codec;
use tongke::wire::rtcp::Writer;
use tongke::wire::rtp::{FIXED_BYTES, Header, write_fixed};
use tongke::wire::{rtp_ext, stun};

/// Numbers of header extensions, as publishers and the server agree on them.
pub(crate) const MID: u8 = 1;
/// Simulcast layer.
pub(crate) const RID: u8 = 2;
/// Transport-wide number.
pub(crate) const WIDE: u8 = 3;
/// Simulcast layer of a retransmission.
pub(crate) const REPAIRED: u8 = 4;

/// One end of a transport, the other being the worker.
pub(crate) struct Client {
    pub(crate) session: SessionId,
    pub(crate) credentials: IceCredentials,
    /// Those before the last restart: answers signed with them may still be on their way.
    pub(crate) older: Option<IceCredentials>,
    pub(crate) address: SocketAddr,
    keys: Keys,
    sealer: Sealer,
    opener: Opener,
    checks: u64,
}

impl Client {
    /// `seed` makes its keys and passwords.
    pub(crate) fn new(session: u64, seed: u64, address: SocketAddr) -> Self {
        let exported: Vec<u8> = (0..Profile::Aes128Gcm.exported_len() as u64)
            .map(|n| (seed ^ session).wrapping_mul(2 * n + 3) as u8)
            .collect();
        let keys = Keys::from_exported(Profile::Aes128Gcm, &exported).expect("the length it asked for");
        Self {
            session: SessionId(session),
            credentials: credentials(session, seed),
            older: None,
            address,
            sealer: Sealer::client(&keys),
            opener: Opener::client(&keys),
            keys,
            checks: 0,
        }
    }

    /// What the handshake would tell the worker.
    pub(crate) fn keys(&self) -> Command {
        Command::Keys { session: self.session, keys: Box::new(self.keys.clone()) }
    }

    /// A connectivity check.
    pub(crate) fn check(&mut self, nominate: bool) -> Vec<u8> {
        self.checks += 1;
        let mut transaction = [7; 12];
        transaction[..8].copy_from_slice(&self.checks.to_be_bytes());
        let (name, password) = (format!("{}:far", self.credentials.ufrag), self.credentials.password.clone());
        let mut out = vec![0; 200];
        let length =
            stun::write_binding_request(&mut out, &transaction, name.as_bytes(), password.as_bytes(), nominate, 1, 2);
        out.truncate(length.expect("200 bytes are enough"));
        out
    }

    /// Whether this answers a check of ours and is signed by the worker.
    pub(crate) fn answers(&self, datagram: &[u8]) -> Option<SocketAddr> {
        let message = stun::Message::read(datagram)?;
        assert_eq!(message.class, stun::Class::Success);
        let mut passwords = [Some(&self.credentials), self.older.as_ref()].into_iter().flatten();
        assert!(passwords.any(|known| message.verify(known.password.as_bytes())), "signed with a password of ours");
        message.mapped
    }

    /// Seals a packet in place.
    pub(crate) fn seal(&self, packet: &mut Vec<u8>, header: usize, index: u64) {
        let plain = packet.len();
        packet.resize(plain + self.sealer.rtp_overhead(), 0);
        self.sealer.seal_rtp(packet, header, plain, index).expect("there is room for the tag");
    }

    /// Seals what `write` writes as one compound.
    pub(crate) fn reports(&mut self, write: impl FnOnce(&mut Writer<'_>)) -> Vec<u8> {
        let mut out = vec![0; 1_400];
        let mut writer = Writer::new(&mut out[..1_300]);
        write(&mut writer);
        let plain = writer.finish();
        let length = self.sealer.seal_rtcp(&mut out, plain).expect("there is room for the tag");
        out.truncate(length);
        out
    }

    /// Opens a media packet in place; gives the length of header and payload.
    pub(crate) fn open(&self, datagram: &mut [u8], header: &Header, index: u64) -> usize {
        self.opener.open_rtp(datagram, usize::from(header.length), index).expect("sealed for us with this index")
    }

    /// Opens reports in place; `None` if they were here before.
    pub(crate) fn open_reports(&mut self, datagram: &mut [u8]) -> Option<usize> {
        match self.opener.open_rtcp(datagram) {
            Ok(length) => Some(length),
            Err(tongke::sfu::srtp::RtcpFault::Replayed) => None,
            Err(fault) => panic!("reports sealed for us: {fault}"),
        }
    }
}

/// Credentials as control makes them.
pub(crate) fn credentials(session: u64, seed: u64) -> IceCredentials {
    let random = std::array::from_fn(|n| (seed.wrapping_mul(n as u64 * 2 + 1) >> 24) as u8);
    IceCredentials::new(session, random)
}

/// A plain packet and the length of its header.
pub(crate) fn packet(header: &Header, extensions: &[(u8, &[u8])], payload: &[u8]) -> (Vec<u8>, usize) {
    let mut out = vec![0; FIXED_BYTES + 64];
    let extension = (!extensions.is_empty()).then(tongke::wire::rtp::Extension::default);
    write_fixed(out.first_chunk_mut().expect("long enough"), &Header { extension, ..*header });
    let mut block = rtp_ext::Writer::new(&mut out[FIXED_BYTES..]);
    assert!(extensions.iter().all(|(id, value)| block.element(*id, value)), "extensions fit");
    let length = FIXED_BYTES + block.finish();
    out.truncate(length);
    out.extend_from_slice(payload);
    (out, length)
}

/// The payload types of a side: media, and retransmissions if it has them.
pub(crate) fn payload_types(first: u8, repair: bool, video: bool) -> Vec<PayloadType> {
    let codecs: &[Codec] = if video { &[Codec::Vp8, Codec::H264] } else { &[Codec::Opus] };
    let numbers = (first..).step_by(2);
    let named = codecs.iter().zip(numbers);
    named
        .map(|(codec, media)| PayloadType { codec: *codec, media, repair: (repair && video).then_some(media + 1) })
        .collect()
}

/// A moment `micros` into the simulation.
pub(crate) const fn at(micros: u64) -> Time {
    Time::from_micros(1_800_000_000_000_000 + micros)
}
