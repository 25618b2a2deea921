//! What is written in front of a payload.

use crate::wire::rtp;
use crate::wire::rtp::FIXED_BYTES;

/// A header extension with a send time: profile and length, number, three bytes.
const SEND_TIME_BYTES: usize = 8;

/// The number and value of a send time extension.
#[derive(Clone, Copy)]
pub(super) struct SendTime {
    pub(super) id: u8,
    pub(super) value: [u8; 3],
}

/// What is written in front of a payload, and behind it.
pub(super) struct Head {
    pub(super) payload_type: u8,
    pub(super) marker: bool,
    pub(super) index: u64,
    pub(super) timestamp: u32,
    pub(super) ssrc: u32,
    /// If the watcher estimates by it.
    pub(super) send_time: Option<SendTime>,
    /// In front of a retransmission: the sequence number that the packet had (RFC 4588 §4).
    pub(super) original: Option<u16>,
    /// Bytes of padding behind the payload (RFC 3550 §5.1).
    pub(super) padding: u8,
}

impl Head {
    /// Bytes of the header.
    pub(super) const fn header_length(&self) -> usize {
        FIXED_BYTES + if self.send_time.is_some() { SEND_TIME_BYTES } else { 0 }
    }

    /// Writes header, payload and padding; gives the packet's length and where the payload starts.
    pub(super) fn write(&self, slot: &mut [u8], payload: &[u8]) -> Option<(usize, usize)> {
        let (fixed, rest) = slot.split_first_chunk_mut::<FIXED_BYTES>()?;
        rtp::write_fixed(fixed, &self.fixed());
        let rest = match self.send_time {
            None => rest,
            Some(SendTime { id, value: [a, b, c] }) => {
                fixed[0] |= 0x10;
                let (extension, rest) = rest.split_first_chunk_mut::<SEND_TIME_BYTES>()?;
                *extension = [0xbe, 0xde, 0, 1, id << 4 | 2, a, b, c];
                rest
            }
        };
        let rest = match self.original {
            None => rest,
            Some(original) => {
                let (place, rest) = rest.split_first_chunk_mut::<2>()?;
                *place = original.to_be_bytes();
                rest
            }
        };
        let (body, rest) = rest.split_at_mut_checked(payload.len())?;
        body.copy_from_slice(payload);
        let padding = usize::from(self.padding);
        if padding > 0 {
            fixed[0] |= 0x20;
            let (last, zeros) = rest.get_mut(..padding)?.split_last_mut()?;
            zeros.fill(0);
            *last = self.padding;
        }
        let start = self.header_length() + if self.original.is_some() { 2 } else { 0 };
        Some((start + payload.len() + padding, start))
    }

    #[expect(clippy::cast_possible_truncation, reason = "a sequence number is the low 16 bits")]
    fn fixed(&self) -> rtp::Header {
        rtp::Header {
            payload_type: self.payload_type,
            marker: self.marker,
            sequence: self.index as u16,
            timestamp: self.timestamp,
            ssrc: self.ssrc,
            ..rtp::Header::default()
        }
    }
}
