//! When each packet of a transport arrived: its feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1).
//!
//! A feedback is a reference time, then chunks with a two-bit symbol for each packet, then a delta for each packet that came.

mod read;
mod write;

#[cfg(test)]
mod tests;

pub use read::{Arrivals, Feedback};
pub use write::write;

/// A tick of the deltas.
const TICK_US: u64 = 250;

/// A tick of the reference time.
const REFERENCE_US: u64 = 64_000;

/// From the senders' names to the feedback count: everything before the chunks.
const FIXED_BYTES: usize = 16;

/// The same with the common header in front.
const HEAD_BYTES: usize = 4 + FIXED_BYTES;

/// What a feedback says of one packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Symbol {
    NotReceived,
    /// Its delta has one byte.
    Small,
    /// Its delta has two bytes and a sign.
    Large,
}

impl Symbol {
    const fn from_bits(bits: u16) -> Option<Self> {
        match bits & 3 {
            0 => Some(Self::NotReceived),
            1 => Some(Self::Small),
            2 => Some(Self::Large),
            _ => None,
        }
    }

    const fn bits(self) -> u16 {
        match self {
            Self::NotReceived => 0,
            Self::Small => 1,
            Self::Large => 2,
        }
    }

    const fn delta_bytes(self) -> usize {
        match self {
            Self::NotReceived => 0,
            Self::Small => 1,
            Self::Large => 2,
        }
    }
}
