//! The RTP header, read as offsets and written in place (RFC 3550 §5.1).

use super::big_endian::{u16_at, u32_at};

/// Bytes of a header without contributing sources and without an extension.
pub const FIXED_BYTES: usize = 12;

/// Where a packet's header extension lies, and how to read it (RFC 3550 §5.3.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extension {
    /// What kind of extension it is; see `rtp_ext`.
    pub profile: u16,
    /// Offset of the first byte after the four bytes of profile and length.
    pub start: u16,
    /// Bytes from `start`; a multiple of four.
    pub length: u16,
}

/// A header as numbers and offsets; it borrows nothing, so it can outlive the packet's place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// 7 bits: which codec, by what was negotiated.
    pub payload_type: u8,
    /// The last packet of a picture; the first of a talk spurt.
    pub marker: bool,
    /// Counts packets; wraps.
    pub sequence: u16,
    /// Counts in the codec's clock; wraps.
    pub timestamp: u32,
    /// The stream's name.
    pub ssrc: u32,
    /// Bytes of the whole header, contributing sources and extension included: where the payload starts.
    pub length: u16,
    /// Whether the payload ends in padding.
    pub padded: bool,
    /// The header extension, if there is one.
    pub extension: Option<Extension>,
}

impl Header {
    /// Reads the header of a packet, encrypted or not, so it does not look past the header.
    ///
    /// `None` if this is not version 2 or the header is longer than the packet.
    pub fn read(packet: &[u8]) -> Option<Self> {
        let &[flags, kind, ..] = packet.first_chunk::<FIXED_BYTES>()?;
        if flags >> 6 != 2 {
            return None;
        }
        let sources_end = FIXED_BYTES + 4 * usize::from(flags & 0x0f);
        let extension = if flags & 0x10 == 0 { None } else { Some(Extension::read(packet, sources_end)?) };
        let length = match extension {
            None => u16::try_from(sources_end).ok()?,
            Some(extension) => extension.start.checked_add(extension.length)?,
        };
        if usize::from(length) > packet.len() {
            return None;
        }
        Some(Self {
            payload_type: kind & 0x7f,
            marker: kind & 0x80 != 0,
            sequence: u16_at(packet, 2)?,
            timestamp: u32_at(packet, 4)?,
            ssrc: u32_at(packet, 8)?,
            length,
            padded: flags & 0x20 != 0,
            extension,
        })
    }
}

impl Extension {
    fn read(packet: &[u8], at: usize) -> Option<Self> {
        Some(Self {
            profile: u16_at(packet, at)?,
            start: u16::try_from(at + 4).ok()?,
            length: u16_at(packet, at + 2)?.checked_mul(4)?,
        })
    }
}

/// The payload of a decrypted packet without its padding; empty for a packet of padding alone.
///
/// `None` if the padding says it is longer than the payload, or zero bytes long.
pub fn payload<'a>(packet: &'a [u8], header: &Header) -> Option<&'a [u8]> {
    let rest = packet.get(usize::from(header.length)..)?;
    if !header.padded {
        return Some(rest);
    }
    let padding = usize::from(*rest.last()?);
    if padding == 0 {
        return None;
    }
    rest.get(..rest.len().checked_sub(padding)?)
}

/// Writes the first twelve bytes that `header` stands for, with no contributing sources.
///
/// The extension flag is set if `header` has an extension: the caller writes it next (`rtp_ext::Writer`).
pub fn write_fixed(out: &mut [u8; FIXED_BYTES], header: &Header) {
    let [flags, kind, ..] = out;
    *flags = 0x80 | u8::from(header.padded) << 5 | u8::from(header.extension.is_some()) << 4;
    *kind = u8::from(header.marker) << 7 | header.payload_type & 0x7f;
    set_sequence(out, header.sequence);
    set_timestamp(out, header.timestamp);
    set_ssrc(out, header.ssrc);
}

/// Changes the payload type and leaves the marker as it was.
pub fn set_payload_type(out: &mut [u8; FIXED_BYTES], payload_type: u8) {
    let [_, kind, ..] = out;
    *kind = *kind & 0x80 | payload_type & 0x7f;
}

/// Changes the marker and leaves the payload type as it was.
pub fn set_marker(out: &mut [u8; FIXED_BYTES], marker: bool) {
    let [_, kind, ..] = out;
    *kind = u8::from(marker) << 7 | *kind & 0x7f;
}

/// Changes the sequence number.
pub fn set_sequence(out: &mut [u8; FIXED_BYTES], sequence: u16) {
    out[2..4].copy_from_slice(&sequence.to_be_bytes());
}

/// Changes the timestamp.
pub fn set_timestamp(out: &mut [u8; FIXED_BYTES], timestamp: u32) {
    out[4..8].copy_from_slice(&timestamp.to_be_bytes());
}

/// Changes the stream's name.
pub fn set_ssrc(out: &mut [u8; FIXED_BYTES], ssrc: u32) {
    out[8..12].copy_from_slice(&ssrc.to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two contributing sources and one word of extension, then `payload`.
    fn packet(payload: &[u8]) -> Vec<u8> {
        let mut packet = vec![0x92, 0xe0, 0x12, 0x34, 0, 0, 0, 5, 0, 0, 0, 6, 0, 0, 0, 7, 0, 0, 0, 8];
        packet.extend([0xbe, 0xde, 0, 1, 0x10, 0xff, 0, 0]);
        packet.extend_from_slice(payload);
        packet
    }

    #[test]
    fn a_header_ends_where_its_extension_ends() {
        let packet = packet(b"voice");
        let header = Header::read(&packet).unwrap();
        let expected = Header {
            payload_type: 96,
            marker: true,
            sequence: 0x1234,
            timestamp: 5,
            ssrc: 6,
            length: 28,
            padded: false,
            extension: Some(Extension { profile: 0xbede, start: 24, length: 4 }),
        };
        assert_eq!(header, expected);
        assert_eq!(payload(&packet, &header), Some(b"voice".as_slice()));
    }

    #[test]
    fn up_to_fifteen_contributing_sources_are_stepped_over() {
        for sources in 0..=15 {
            let mut packet = [0; 72];
            packet[0] = 0x80 | sources;
            assert_eq!(Header::read(&packet).map(|header| header.length), Some(12 + 4 * u16::from(sources)));
        }
    }

    #[test]
    fn a_packet_shorter_than_its_header_is_no_packet() {
        let whole = packet(&[]);
        assert!(Header::read(&whole).is_some());
        for length in 0..whole.len() {
            assert_eq!(Header::read(&whole[..length]), None, "{length} bytes");
        }
        let mut old = whole;
        old[0] = 0x52;
        assert_eq!(Header::read(&old), None, "version 1");
    }

    #[test]
    fn padding_is_taken_off_the_payload_and_never_off_the_header() {
        let padded = |tail: &[u8]| {
            let mut packet = packet(tail);
            packet[0] |= 0x20;
            packet
        };
        let cut = |packet: &[u8]| payload(packet, &Header::read(packet).unwrap()).map(<[u8]>::to_vec);
        assert_eq!(cut(&padded(b"voice\0\0\x03")), Some(b"voice".to_vec()));
        assert_eq!(cut(&padded(b"\0\x02")), Some(Vec::new()), "padding alone");
        assert_eq!(cut(&padded(b"\0\x03")), None, "longer than the payload");
        assert_eq!(cut(&padded(b"voice\0")), None, "zero bytes long");
        assert_eq!(cut(&padded(b"")), None, "no payload at all");
    }

    #[test]
    fn what_is_written_reads_back() {
        let header = Header {
            payload_type: 111,
            marker: true,
            sequence: 0xfffe,
            timestamp: 0xdead_beef,
            ssrc: 0x0102_0304,
            length: 12,
            padded: true,
            extension: None,
        };
        let mut out = [0xff; FIXED_BYTES];
        write_fixed(&mut out, &header);
        assert_eq!(Header::read(&out), Some(header));
    }

    #[test]
    fn a_field_changes_alone() {
        let mut out = [0; FIXED_BYTES];
        let mut header = Header { payload_type: 96, length: 12, ..Header::default() };
        write_fixed(&mut out, &header);
        set_marker(&mut out, true);
        header.marker = true;
        assert_eq!(Header::read(&out), Some(header));
        set_payload_type(&mut out, 0xff);
        header.payload_type = 127;
        assert_eq!(Header::read(&out), Some(header));
        set_sequence(&mut out, 9);
        set_timestamp(&mut out, 10);
        set_ssrc(&mut out, 11);
        assert_eq!(Header::read(&out), Some(Header { sequence: 9, timestamp: 10, ssrc: 11, ..header }));
    }
}
