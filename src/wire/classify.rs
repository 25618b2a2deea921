//! Which protocol a datagram on the one port belongs to (RFC 7983 §7, RFC 5761 §4).

/// The protocols that share a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Connectivity checks (RFC 8489).
    Stun,
    /// Handshakes (RFC 6347).
    Dtls,
    /// Media (RFC 3550), encrypted or not.
    Rtp,
    /// Reports on media (RFC 3550), encrypted or not.
    Rtcp,
}

/// What the first two bytes say; `None` for what nobody here speaks (ZRTP, TURN channels) and for less than two bytes.
pub const fn classify(datagram: &[u8]) -> Option<Kind> {
    match datagram {
        [0..=3, _, ..] => Some(Kind::Stun),
        [20..=63, _, ..] => Some(Kind::Dtls),
        [128..=191, 192..=223, ..] => Some(Kind::Rtcp),
        [128..=191, _, ..] => Some(Kind::Rtp),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_protocol_has_its_own_range_of_first_bytes() {
        let kind = |first: u8| classify(&[first, 0]);
        for first in 0..=u8::MAX {
            let expected = match first {
                0..=3 => Some(Kind::Stun),
                20..=63 => Some(Kind::Dtls),
                128..=191 => Some(Kind::Rtp),
                _ => None,
            };
            assert_eq!(kind(first), expected, "first byte {first}");
        }
    }

    #[test]
    fn the_second_byte_tells_reports_from_media() {
        assert_eq!(classify(&[0x80, 200]), Some(Kind::Rtcp));
        assert_eq!(classify(&[0x80, 192]), Some(Kind::Rtcp));
        assert_eq!(classify(&[0x80, 223]), Some(Kind::Rtcp));
        assert_eq!(classify(&[0x80, 191]), Some(Kind::Rtp));
        assert_eq!(classify(&[0x80, 0x80 | 96]), Some(Kind::Rtp), "the marker does not make it a report");
    }

    #[test]
    fn less_than_two_bytes_is_nothing() {
        assert_eq!(classify(&[]), None);
        assert_eq!(classify(&[0x80]), None);
    }
}
