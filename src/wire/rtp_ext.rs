//! The elements of an RTP header extension, with one-byte and with two-byte headers (RFC 8285).

use super::rtp::Header;
use crate::base::time::Time;

/// Which section of the description a stream belongs to (RFC 9143 §15).
pub const MID: &str = "urn:ietf:params:rtp-hdrext:sdes:mid";
/// Which encoding of a simulcast a stream is (RFC 8852 §4.1).
pub const RID: &str = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id";
/// Which encoding a stream of retransmissions repairs (RFC 8852 §4.2).
pub const REPAIRED_RID: &str = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id";
/// A 16-bit number that counts packets of the whole transport.
pub const TRANSPORT_CC: &str = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";
/// When the packet left: 24 bits, see [`abs_send_time`].
pub const ABS_SEND_TIME: &str = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time";
/// How loud the voice in the packet is (RFC 6464), see [`audio_level`].
pub const AUDIO_LEVEL: &str = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";

/// The profile of a block whose elements have one-byte headers (RFC 8285 §4.2).
pub const ONE_BYTE: u16 = 0xbede;
/// The profile of a block whose elements have two-byte headers (RFC 8285 §4.3); its low four bits mean nothing here.
pub const TWO_BYTE: u16 = 0x1000;

/// The value under `id` in the packet that `header` was read from, encrypted or not.
pub fn find<'a>(packet: &'a [u8], header: &Header, id: u8) -> Option<&'a [u8]> {
    elements(packet, header).find(|(found, _)| *found == id).map(|(_, value)| value)
}

/// Every element of the packet that `header` was read from, up to the first that does not fit in the extension.
pub fn elements<'a>(packet: &'a [u8], header: &Header) -> Elements<'a> {
    let block = header.extension.and_then(|extension| {
        let start = usize::from(extension.start);
        let bytes = packet.get(start..start + usize::from(extension.length))?;
        match extension.profile {
            ONE_BYTE => Some((bytes, false)),
            profile if profile & 0xfff0 == TWO_BYTE => Some((bytes, true)),
            _ => None,
        }
    });
    let (rest, two_byte) = block.unwrap_or_default();
    Elements { rest, two_byte }
}

/// Walks the elements of an extension: each its id and its value.
#[derive(Clone, Copy, Debug)]
pub struct Elements<'a> {
    rest: &'a [u8],
    two_byte: bool,
}

impl<'a> Iterator for Elements<'a> {
    type Item = (u8, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let padding = self.rest.iter().take_while(|byte| **byte == 0).count();
        let rest = self.rest.get(padding..)?;
        let (id, length, rest) = match *rest {
            [id, length, ref rest @ ..] if self.two_byte => (id, usize::from(length), rest),
            // Id 15 is reserved and ends the block (RFC 8285 §4.2); id 0 with a length is no element either.
            [head, ref rest @ ..] if !self.two_byte && (0x10..0xf0).contains(&head) => {
                (head >> 4, usize::from(head & 0x0f) + 1, rest)
            }
            _ => (0, usize::MAX, rest),
        };
        let Some((value, rest)) = rest.split_at_checked(length) else {
            self.rest = &[];
            return None;
        };
        self.rest = rest;
        Some((id, value))
    }
}

/// Bytes of profile and length in front of the elements.
const HEAD_BYTES: usize = 4;

/// Writes one extension block: with one-byte headers as long as every element allows it, else with two-byte headers.
#[derive(Debug)]
pub struct Writer<'a> {
    out: &'a mut [u8],
    /// Bytes of the head and of the elements so far.
    length: usize,
    elements: usize,
    two_byte: bool,
}

impl<'a> Writer<'a> {
    /// Will write from the start of `out`, which is where the contributing sources end in the packet.
    pub fn new(out: &'a mut [u8]) -> Self {
        Self { out, length: HEAD_BYTES, elements: 0, two_byte: false }
    }

    /// Adds an element; `false`, with nothing written, if it does not fit, or if `id` is 0, or `value` longer than 255.
    #[must_use]
    pub fn element(&mut self, id: u8, value: &[u8]) -> bool {
        let Ok(value_length) = u8::try_from(value.len()) else { return false };
        let two_byte = self.two_byte || id > 14 || !(1..=16).contains(&value_length);
        let widening = if two_byte && !self.two_byte { self.elements } else { 0 };
        let length = self.length + widening + 1 + usize::from(two_byte) + value.len();
        if id == 0 || length.next_multiple_of(4) > self.out.len() {
            return false;
        }
        if widening > 0 {
            self.widen();
        }
        self.two_byte = two_byte;
        let head = if two_byte { [id, value_length] } else { [id << 4 | (value_length - 1), 0] };
        self.push(&head[..1 + usize::from(two_byte)]);
        self.push(value);
        self.elements += 1;
        true
    }

    /// Writes the head and pads to four bytes; how many bytes the block has, zero without elements.
    pub fn finish(self) -> usize {
        let length = self.length.next_multiple_of(4);
        let Some(block) = self.out.get_mut(..length).filter(|_| self.elements > 0) else { return 0 };
        block[self.length..].fill(0);
        let profile = if self.two_byte { TWO_BYTE } else { ONE_BYTE };
        let words = u16::try_from((length - HEAD_BYTES) / 4).unwrap_or(u16::MAX);
        block[..2].copy_from_slice(&profile.to_be_bytes());
        block[2..HEAD_BYTES].copy_from_slice(&words.to_be_bytes());
        length
    }

    /// Gives every element written so far a two-byte header. The caller knows that there is room.
    fn widen(&mut self) {
        let mut at = HEAD_BYTES;
        while at < self.length {
            let (id, length) = (self.out[at] >> 4, (self.out[at] & 0x0f) + 1);
            self.out.copy_within(at + 1..self.length, at + 2);
            self.out[at] = id;
            self.out[at + 1] = length;
            self.length += 1;
            at += 2 + usize::from(length);
        }
    }

    fn push(&mut self, bytes: &[u8]) {
        self.out[self.length..self.length + bytes.len()].copy_from_slice(bytes);
        self.length += bytes.len();
    }
}

/// A moment as 24 bits of seconds in 6.18 fixed point, which wraps every 64 s.
pub const fn abs_send_time(now: Time) -> [u8; 3] {
    let [.., a, b, c] = (now.ntp() >> 14).to_be_bytes();
    [a, b, c]
}

/// How loud a voice is, from the value of an [`AUDIO_LEVEL`] element (RFC 6464 §3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AudioLevel {
    /// Decibels below the loudest: 0 is loudest, 127 is silence.
    pub quiet_db: u8,
    /// Whether the sender thinks that somebody speaks.
    pub voice: bool,
}

/// Reads the value of an [`AUDIO_LEVEL`] element, with a one-byte or a two-byte header.
pub const fn audio_level(value: &[u8]) -> Option<AudioLevel> {
    match value {
        [level, ..] => Some(AudioLevel { quiet_db: *level & 0x7f, voice: *level & 0x80 != 0 }),
        [] => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::rtp::{FIXED_BYTES, write_fixed};
    use super::*;

    fn packet(block: &[u8]) -> Vec<u8> {
        let mut fixed = [0; FIXED_BYTES];
        write_fixed(
            &mut fixed,
            &Header { extension: Some(super::super::rtp::Extension::default()), ..Header::default() },
        );
        [&fixed, block].concat()
    }

    fn found(block: &[u8]) -> Vec<(u8, Vec<u8>)> {
        let packet = packet(block);
        let header = Header::read(&packet).expect("a whole packet");
        elements(&packet, &header).map(|(id, value)| (id, value.to_vec())).collect()
    }

    fn written(elements: &[(u8, &[u8])]) -> Vec<u8> {
        let mut out = [0xff; 64];
        let mut writer = Writer::new(&mut out);
        for (id, value) in elements {
            assert!(writer.element(*id, value));
        }
        let length = writer.finish();
        out[..length].to_vec()
    }

    #[test]
    fn elements_with_one_byte_headers_are_found_among_padding() {
        let packet = packet(&[0xbe, 0xde, 0, 2, 0x10, 0xaa, 0, 0x31, 0xbb, 0xcc, 0, 0]);
        let header = Header::read(&packet).unwrap();
        assert_eq!(find(&packet, &header, 1), Some([0xaa].as_slice()));
        assert_eq!(find(&packet, &header, 3), Some([0xbb, 0xcc].as_slice()));
        assert_eq!(find(&packet, &header, 2), None);
        assert_eq!(find(&packet, &header, 0), None, "padding is no element");
    }

    #[test]
    fn elements_with_two_byte_headers_are_found_whatever_the_low_bits_of_the_profile() {
        let block = [0x10, 0x05, 0, 2, 200, 0, 0, 7, 2, 0xaa, 0xbb, 0];
        assert_eq!(found(&block), [(200, vec![]), (7, vec![0xaa, 0xbb])]);
    }

    #[test]
    fn reading_stops_at_the_reserved_id_and_at_an_element_that_does_not_fit() {
        assert_eq!(found(&[0xbe, 0xde, 0, 1, 0x10, 0xaa, 0xf0, 0x20]), [(1, vec![0xaa])]);
        assert_eq!(found(&[0xbe, 0xde, 0, 1, 0x10, 0xaa, 0x22, 0xbb]), [(1, vec![0xaa])]);
        assert_eq!(found(&[0x12, 0x34, 0, 1, 0x10, 0xaa, 0, 0]), [], "a profile that nobody here knows");
    }

    #[test]
    fn a_block_has_one_byte_headers_as_long_as_it_can() {
        assert_eq!(written(&[(1, b"0"), (4, &[1, 2])]), [0xbe, 0xde, 0, 2, 0x10, b'0', 0x41, 1, 2, 0, 0, 0]);
        assert_eq!(written(&[]), [0_u8; 0], "no elements, no block");
    }

    #[test]
    fn a_block_is_widened_by_the_first_element_that_needs_it() {
        for (id, value) in [(15, b"x".as_slice()), (3, b""), (3, &[7; 17])] {
            let block = written(&[(1, b"ab"), (2, b"c"), (id, value), (4, b"d")]);
            assert_eq!(block[..2], TWO_BYTE.to_be_bytes());
            let expected = [(1, b"ab".to_vec()), (2, b"c".to_vec()), (id, value.to_vec()), (4, b"d".to_vec())];
            assert_eq!(found(&block), expected);
        }
    }

    #[test]
    fn an_element_that_does_not_fit_leaves_the_block_as_it_was() {
        let mut out = [0; 12];
        let mut writer = Writer::new(&mut out);
        assert!(writer.element(1, &[1; 5]));
        assert!(!writer.element(2, &[2; 2]));
        assert!(!writer.element(20, &[]), "widening would need one byte more");
        assert!(writer.element(2, &[2]));
        assert!(!writer.element(0, &[1]), "no id");
        assert_eq!(writer.finish(), 12);
        assert_eq!(found(&out), [(1, vec![1; 5]), (2, vec![2])]);
    }

    #[test]
    fn the_time_of_sending_counts_in_2_to_the_minus_18_seconds_and_wraps_after_64() {
        let number = |micros: u64| {
            let [a, b, c] = abs_send_time(Time::from_micros(micros));
            u32::from_be_bytes([0, a, b, c])
        };
        assert_eq!(number(0), 0, "1970 is a multiple of 64 s after 1900");
        assert_eq!(number(500_000), 1 << 17);
        assert_eq!(number(63_999_999), (1 << 24) - 1);
        assert_eq!(number(64_000_000), 0);
    }

    #[test]
    fn a_voice_is_as_loud_as_its_seven_bits_say() {
        assert_eq!(audio_level(&[0x80 | 30]), Some(AudioLevel { quiet_db: 30, voice: true }));
        assert_eq!(audio_level(&[127]), Some(AudioLevel { quiet_db: 127, voice: false }));
        assert_eq!(audio_level(&[]), None);
    }
}
