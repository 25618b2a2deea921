//! AV1: the aggregation header in front of every payload (AV1 RTP payload format v1.0.0 §4.4).

use super::Glance;

/// The payload goes on with a unit that another packet began.
const CONTINUES: u8 = 0x80;

/// The payload is the first of a coded video sequence.
const NEW_SEQUENCE: u8 = 0x08;

/// A packet that starts with a new unit may start a picture: the header does not tell more.
pub(super) const fn glance(payload: &[u8]) -> Glance {
    match payload {
        [head, _, ..] => {
            let fresh = *head & CONTINUES == 0;
            Glance { keyframe_start: fresh && *head & NEW_SEQUENCE != 0, frame_start: fresh }
        }
        _ => Glance { keyframe_start: false, frame_start: false },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_keyframe_starts_with_a_new_sequence() {
        assert_eq!(glance(&[0x08, 0x0a]), Glance { keyframe_start: true, frame_start: true });
        assert_eq!(glance(&[0x10, 0x32]), Glance { keyframe_start: false, frame_start: true });
        assert_eq!(glance(&[0x90, 0x32]), Glance::default(), "goes on with a unit");
        assert_eq!(glance(&[0x88, 0x32]), Glance::default(), "a sequence cannot start in the middle of a unit");
        assert_eq!(glance(&[0x08]), Glance::default(), "a header with nothing after it");
    }
}
