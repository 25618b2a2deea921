//! H.264: which NAL units start in a packet (RFC 6184 §5).

use super::Glance;

/// NAL unit types (ITU-T H.264 table 7-1, RFC 6184 table 1).
mod unit {
    pub(super) const SLICE: u8 = 1;
    pub(super) const PARTITION_A: u8 = 2;
    pub(super) const IDR_SLICE: u8 = 5;
    pub(super) const ENHANCEMENT: u8 = 6;
    pub(super) const SPS: u8 = 7;
    pub(super) const PPS: u8 = 8;
    pub(super) const DELIMITER: u8 = 9;
    pub(super) const STAP_A: u8 = 24;
    pub(super) const FU_A: u8 = 28;
}

/// A keyframe starts with a packet that carries a sequence parameter set or the first slice of an IDR picture: a packet
/// of the set alone and the slice after it both say so.
pub(super) fn glance(payload: &[u8]) -> Glance {
    units(payload).map(glance_at_unit).fold(Glance::default(), |all, unit| Glance {
        keyframe_start: all.keyframe_start || unit.keyframe_start,
        frame_start: all.frame_start || unit.frame_start,
    })
}

/// Whether the packet carries a sequence parameter set, without which an IDR picture cannot be decoded at first sight.
pub fn has_sps(payload: &[u8]) -> bool {
    units(payload).any(|(kind, _)| kind == unit::SPS)
}

fn glance_at_unit((kind, body): (u8, &[u8])) -> Glance {
    // A slice header starts with the number of its first macroblock; zero is a single set bit (Exp-Golomb).
    let first_slice = body.first().is_some_and(|byte| byte & 0x80 != 0);
    match kind {
        unit::SPS => Glance { keyframe_start: true, frame_start: true },
        unit::IDR_SLICE => Glance { keyframe_start: first_slice, frame_start: first_slice },
        unit::SLICE | unit::PARTITION_A => Glance { keyframe_start: false, frame_start: first_slice },
        unit::ENHANCEMENT | unit::PPS | unit::DELIMITER => Glance { keyframe_start: false, frame_start: true },
        _ => Glance::default(),
    }
}

/// The units that start in the payload: each its type, and what follows its header.
fn units(payload: &[u8]) -> Units<'_> {
    match *payload {
        [head, ref rest @ ..] if head & 0x1f == unit::STAP_A => Units { single: None, aggregated: rest },
        [head, fragment, ref body @ ..] if head & 0x1f == unit::FU_A => {
            let starts = fragment & 0x80 != 0;
            Units { single: starts.then_some((fragment & 0x1f, body)), aggregated: &[] }
        }
        [head, ref body @ ..] => Units { single: Some((head & 0x1f, body)), aggregated: &[] },
        [] => Units { single: None, aggregated: &[] },
    }
}

struct Units<'a> {
    single: Option<(u8, &'a [u8])>,
    /// Units with two bytes of length in front of each.
    aggregated: &'a [u8],
}

impl<'a> Iterator for Units<'a> {
    type Item = (u8, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(single) = self.single.take() {
            return Some(single);
        }
        let (length, rest) = self.aggregated.split_first_chunk()?;
        let (unit, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        self.aggregated = rest;
        let (head, body) = unit.split_first()?;
        Some((head & 0x1f, body))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPS: [u8; 4] = [0x67, 0x42, 0xe0, 0x1f];
    const IDR: [u8; 2] = [0x65, 0x88];
    const KEYFRAME: Glance = Glance { keyframe_start: true, frame_start: true };
    const PICTURE: Glance = Glance { keyframe_start: false, frame_start: true };

    fn aggregate(units: &[&[u8]]) -> Vec<u8> {
        let mut payload = vec![0x78];
        for unit in units {
            payload.extend(u16::try_from(unit.len()).unwrap().to_be_bytes());
            payload.extend_from_slice(unit);
        }
        payload
    }

    #[test]
    fn a_keyframe_starts_with_its_parameter_set_or_its_first_slice() {
        assert_eq!(glance(&SPS), KEYFRAME);
        assert_eq!(glance(&IDR), KEYFRAME);
        assert_eq!(glance(&[0x65, 0x40]), Glance::default(), "a later slice");
        assert_eq!(glance(&[0x41, 0x9a]), PICTURE);
    }

    #[test]
    fn every_unit_of_an_aggregate_is_looked_at() {
        assert_eq!(glance(&aggregate(&[&[0x09, 0xf0], &[0x06, 0x05], &SPS, &[0x68, 0xce]])), KEYFRAME);
        assert!(has_sps(&aggregate(&[&[0x09, 0xf0], &SPS])));
        assert_eq!(glance(&aggregate(&[&[0x68, 0xce], &IDR])), KEYFRAME);
        assert_eq!(glance(&aggregate(&[&[0x68, 0xce], &[0x41, 0x9a]])), PICTURE);
    }

    #[test]
    fn only_the_first_fragment_starts_a_picture() {
        assert_eq!(glance(&[0x7c, 0x85, 0x88]), KEYFRAME);
        assert_eq!(glance(&[0x7c, 0x05, 0x88]), Glance::default());
        assert_eq!(glance(&[0x5c, 0x81, 0x9a]), PICTURE);
        assert_eq!(glance(&[0x5c, 0x41, 0x9a]), Glance::default());
    }

    #[test]
    fn a_broken_aggregate_is_read_as_far_as_it_goes() {
        let mut payload = aggregate(&[&[0x41, 0x9a], &SPS]);
        payload.pop();
        assert_eq!(glance(&payload), PICTURE);
        assert_eq!(glance(&[]), Glance::default());
    }
}
