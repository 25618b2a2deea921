//! Reports on media: compound RTCP packets read and written (RFC 3550 §6, RFC 4585, RFC 5104).

mod read;
mod write;

#[cfg(test)]
mod tests;

pub use read::{Blocks, FirEntries, Lost, Malformed, Packet, Packets, Ssrcs, packets};
pub use write::{Full, SenderInfo, Writer};

/// What a receiver says of one stream (RFC 3550 §6.4.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Block {
    /// The stream.
    pub ssrc: u32,
    /// Lost since the last report, in 256ths of what was expected.
    pub fraction_lost: u8,
    /// Lost in all, 24 bits; duplicates can make it negative.
    pub cumulative_lost: i32,
    /// The highest sequence number, with how often it wrapped in the upper half.
    pub highest: u32,
    /// In units of the codec's clock.
    pub jitter: u32,
    /// The middle 32 bits of the NTP time in the last sender report; zero before the first.
    pub last_sr: u32,
    /// Since that sender report came, in 65536ths of a second.
    pub delay: u32,
}

/// Packet types (RFC 3550 §12.1, RFC 4585 §6.1, RFC 3611 §2).
pub(in crate::wire) mod kind {
    pub(super) const SENDER_REPORT: u8 = 200;
    pub(super) const RECEIVER_REPORT: u8 = 201;
    pub(super) const SOURCE_DESCRIPTION: u8 = 202;
    pub(super) const BYE: u8 = 203;
    pub(in crate::wire) const TRANSPORT_FEEDBACK: u8 = 205;
    pub(super) const PAYLOAD_FEEDBACK: u8 = 206;
    pub(super) const EXTENDED_REPORT: u8 = 207;
}

/// Feedback formats (RFC 4585 §6.2 and §6.3, RFC 5104 §4.3.1).
pub(in crate::wire) mod format {
    pub(super) const NACK: u8 = 1;
    pub(in crate::wire) const TRANSPORT_CC: u8 = 15;
    pub(super) const PLI: u8 = 1;
    pub(super) const FIR: u8 = 4;
    pub(super) const APPLICATION: u8 = 15;
}

/// What an application-layer feedback packet starts with if it is a bandwidth estimate.
const REMB: &[u8; 4] = b"REMB";
