//! What a publisher writes into its streams so that a watcher knows which packet it has: who sent it, and its number.
//!
//! Numbers have seven bits a byte and the eighth set, so that no start code can come about in H.264.

/// In front of a mark. In H.264 it is the name of a kind of user data (ITU-T H.264 D.2.7).
const NAME: &[u8; 16] = b"tongke-load-mark";
/// Bytes of numbers behind the name.
const NUMBERS: usize = 8;
/// Bytes of a mark.
pub(super) const MARK_BYTES: usize = NAME.len() + NUMBERS;

/// A packet's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    /// Which lesson's publisher, 14 bits.
    pub(super) publisher: u16,
    /// Which of its tracks, 7 bits.
    pub(super) track: u8,
    /// The packet's number in its track, 35 bits.
    pub(super) index: u64,
}

impl Mark {
    /// The mark of a later packet of the same track.
    pub(super) const fn later(self, packets: usize) -> Self {
        Self { index: self.index + packets as u64, ..self }
    }

    pub(super) fn write(self) -> [u8; MARK_BYTES] {
        let mut out = [0; MARK_BYTES];
        let (name, numbers) = out.split_at_mut(NAME.len());
        name.copy_from_slice(NAME);
        let all = u64::from(self.publisher) << 42 | u64::from(self.track & 0x7f) << 35 | self.index & 0x7_ffff_ffff;
        for (place, byte) in numbers.iter_mut().rev().enumerate() {
            *byte = 0x80 | (all >> (7 * place)).to_le_bytes()[0];
        }
        out
    }

    /// Finds a mark anywhere in a payload.
    pub(super) fn find(payload: &[u8]) -> Option<Self> {
        let at = payload.windows(NAME.len()).position(|window| window == NAME)?;
        let numbers = payload.get(at + NAME.len()..)?.first_chunk::<NUMBERS>()?;
        let all = numbers.iter().fold(0_u64, |all, byte| all << 7 | u64::from(byte & 0x7f));
        let [.., high, low] = (all >> 42).to_be_bytes();
        let [track, ..] = (all >> 35 & 0x7f).to_le_bytes();
        Some(Self { publisher: u16::from_be_bytes([high, low]), track, index: all & 0x7_ffff_ffff })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_found_wherever_it_stands_and_says_what_was_written() {
        for mark in [
            Mark { publisher: 0, track: 0, index: 0 },
            Mark { publisher: 0x3fff, track: 0x7f, index: 0x7_ffff_ffff },
            Mark { publisher: 300, track: 1, index: 123_456_789 },
        ] {
            let payload = [&[1, 2, 3][..], &mark.write(), &[0xff; 9]].concat();
            assert_eq!(Mark::find(&payload), Some(mark));
            assert!(mark.write()[16..].iter().all(|byte| byte & 0x80 != 0), "no start code can come about");
        }
        assert_eq!(Mark::find(&[b't'; 100]), None);
        assert_eq!(Mark::find(&Mark { publisher: 1, track: 1, index: 1 }.write()[..20]), None, "cut");
    }
}
