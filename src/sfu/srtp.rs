//! SRTP and SRTCP, sealed and opened in place: AES-GCM (RFC 7714) and AES-CM with HMAC-SHA1 (RFC 3711).
//!
//! Whoever calls knows the packet's index (roll-over counter and sequence number) and has refused replays
//! before any of this is paid for; only SRTCP, which carries its own index, is checked here.

mod cm;
mod gcm;
mod keys;
mod senders;

#[cfg(all(test, feature = "server"))]
mod peer_tests;
#[cfg(test)]
mod vector_tests;

pub use keys::{Keys, Profile};

use cm::Cm;
use gcm::Gcm;
use keys::Master;
use senders::Senders;

/// The fixed part of an RTP header (RFC 3550 §5.1).
const RTP_HEADER_MIN: usize = 12;
/// The part of an RTCP packet that SRTCP leaves readable: its header and the sender's SSRC (RFC 3711 §3.4).
const RTCP_CLEAR: usize = 8;
/// The word behind an SRTCP packet: the E flag and the index.
const RTCP_WORD: usize = 4;
/// Set in [`RTCP_WORD`] when the packet is encrypted.
const RTCP_ENCRYPTED: u32 = 1 << 31;

/// The packet was not made by the peer, or was damaged on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not sealed with this key")]
pub struct Forged;

/// Why an SRTCP packet was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RtcpFault {
    /// Shorter than any SRTCP packet can be.
    #[error("too short for SRTCP")]
    Short,
    /// Its index was seen before, or is too old to tell.
    #[error("seen before")]
    Replayed,
    /// Not made by the peer, damaged, or not encrypted at all.
    #[error("not sealed with this key")]
    Forged,
}

/// One match on this is all that a packet pays for there being more than one profile.
enum Suite {
    Gcm(Box<Gcm>),
    Cm(Box<Cm>),
}

impl Suite {
    fn new(profile: Profile, master: &Master) -> Self {
        match profile {
            Profile::Aes128Gcm => Self::Gcm(Box::new(Gcm::aes_128(master))),
            Profile::Aes256Gcm => Self::Gcm(Box::new(Gcm::aes_256(master))),
            Profile::Aes128CmSha1_80 => Self::Cm(Box::new(Cm::new(master))),
        }
    }
}

/// Opens what one peer sealed.
pub struct Opener {
    suite: Suite,
    rtcp_seen: Senders,
    rtcp_newest: bool,
}

impl Opener {
    /// For the DTLS server's side: opens what the client sealed.
    pub fn server(keys: &Keys) -> Self {
        Self { suite: Suite::new(keys.profile, &keys.client), rtcp_seen: Senders::default(), rtcp_newest: false }
    }

    /// For the DTLS client's side: opens what the server sealed.
    pub fn client(keys: &Keys) -> Self {
        Self { suite: Suite::new(keys.profile, &keys.server), rtcp_seen: Senders::default(), rtcp_newest: false }
    }

    /// Opens an RTP packet in place and gives the length of header and payload together.
    ///
    /// `header_len` counts the fixed header, the CSRCs and the extension; `index` is
    /// `roll-over counter << 16 | sequence number`. What is left in `packet` after a refusal is of no use.
    pub fn open_rtp(&self, packet: &mut [u8], header_len: usize, index: u64) -> Result<usize, Forged> {
        if header_len < RTP_HEADER_MIN {
            return Err(Forged);
        }
        let (header, sealed) = packet.split_at_mut_checked(header_len).ok_or(Forged)?;
        let body_len = match &self.suite {
            Suite::Gcm(gcm) => gcm.open_rtp(header, sealed, index),
            Suite::Cm(cm) => cm.open_rtp(header, sealed, index),
        };
        body_len.map(|body_len| header_len + body_len)
    }

    /// Opens a compound RTCP packet in place and gives its length.
    pub fn open_rtcp(&mut self, packet: &mut [u8]) -> Result<usize, RtcpFault> {
        let word = match &self.suite {
            Suite::Gcm(_) => gcm::rtcp_word(packet),
            Suite::Cm(_) => cm::rtcp_word(packet),
        };
        let word = word.ok_or(RtcpFault::Short)?;
        if word & RTCP_ENCRYPTED == 0 {
            return Err(RtcpFault::Forged);
        }
        let ssrc = u32::from_be_bytes(word_at(packet, 4).ok_or(RtcpFault::Short)?);
        let index = u64::from(word & !RTCP_ENCRYPTED);
        if !self.rtcp_seen.is_new(ssrc, index) {
            return Err(RtcpFault::Replayed);
        }
        let opened = match &self.suite {
            Suite::Gcm(gcm) => gcm.open_rtcp(packet, word),
            Suite::Cm(cm) => cm.open_rtcp(packet, word),
        };
        let len = opened.map_err(|Forged| RtcpFault::Forged)?;
        self.rtcp_newest = self.rtcp_seen.note(ssrc, index);
        Ok(len)
    }

    /// Whether the last RTCP packet that was opened is the newest of its sender.
    pub const fn is_newest_rtcp(&self) -> bool {
        self.rtcp_newest
    }
}

/// Seals what is sent to one peer.
pub struct Sealer {
    suite: Suite,
    overhead: usize,
    rtcp_index: u32,
}

impl Sealer {
    /// For the DTLS server's side.
    pub fn server(keys: &Keys) -> Self {
        Self::new(keys.profile, &keys.server)
    }

    /// For the DTLS client's side.
    pub fn client(keys: &Keys) -> Self {
        Self::new(keys.profile, &keys.client)
    }

    fn new(profile: Profile, master: &Master) -> Self {
        Self { suite: Suite::new(profile, master), overhead: profile.rtp_overhead(), rtcp_index: 0 }
    }

    /// How many bytes sealing adds to an RTP packet.
    pub const fn rtp_overhead(&self) -> usize {
        self.overhead
    }

    /// Seals the RTP packet `slot[..plain_len]` in place and gives its length on the wire.
    ///
    /// `None` if `slot` has no room for the tag or the lengths make no packet. An `index` must never be used
    /// twice for one SSRC with different bytes.
    pub fn seal_rtp(&self, slot: &mut [u8], header_len: usize, plain_len: usize, index: u64) -> Option<usize> {
        if header_len < RTP_HEADER_MIN {
            return None;
        }
        let wire_len = plain_len + self.overhead;
        let (plain, tag) = slot.get_mut(..wire_len)?.split_at_mut(plain_len);
        let (header, body) = plain.split_at_mut_checked(header_len)?;
        match &self.suite {
            Suite::Gcm(gcm) => gcm.seal_rtp(header, body, tag, index),
            Suite::Cm(cm) => cm.seal_rtp(header, body, tag, index),
        }?;
        Some(wire_len)
    }

    /// Seals the compound RTCP packet `slot[..plain_len]` in place and gives its length on the wire.
    ///
    /// `None` if `slot` has no room, if it is no RTCP packet, or once this key's 2³¹ indices are used up
    /// (RFC 3711 §9.2), which takes three years at twenty packets a second.
    pub fn seal_rtcp(&mut self, slot: &mut [u8], plain_len: usize) -> Option<usize> {
        let index = self.rtcp_index.checked_add(1).filter(|index| index & RTCP_ENCRYPTED == 0)?;
        let wire_len = plain_len + self.overhead + RTCP_WORD;
        let (plain, tail) = slot.get_mut(..wire_len)?.split_at_mut(plain_len);
        let word = RTCP_ENCRYPTED | index;
        match &self.suite {
            Suite::Gcm(gcm) => gcm.seal_rtcp(plain, tail, word),
            Suite::Cm(cm) => cm.seal_rtcp(plain, tail, word),
        }?;
        self.rtcp_index = index;
        Some(wire_len)
    }
}

/// The four bytes at `at`; `None` beyond the end.
fn word_at(bytes: &[u8], at: usize) -> Option<[u8; 4]> {
    bytes.get(at..)?.first_chunk().copied()
}
