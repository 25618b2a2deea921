//! Opus: how long a packet sounds, and whether it is silence (RFC 6716 §3, RFC 7587).

use super::Glance;

/// The longest packet: 120 ms (RFC 6716 §3.2.5).
const SAMPLES_MAX: u16 = 5_760;

/// Sound can start anywhere.
pub(super) const fn glance(payload: &[u8]) -> Glance {
    let sounds = !payload.is_empty();
    Glance { keyframe_start: sounds, frame_start: sounds }
}

/// How long the packet sounds, in samples at 48 kHz, which are the ticks of its timestamp; `None` if it is no Opus.
pub fn samples(payload: &[u8]) -> Option<u16> {
    let toc = *payload.first()?;
    let size = usize::from(toc >> 3 & 3);
    let frame: u16 = match toc >> 3 {
        0..=11 => [480, 960, 1_920, 2_880][size],
        12..=15 => [480, 960][size & 1],
        _ => [120, 240, 480, 960][size],
    };
    let frames = match toc & 3 {
        0 => 1,
        1 | 2 => 2,
        _ => u16::from(payload.get(1)? & 0x3f),
    };
    frame.checked_mul(frames).filter(|samples| (1..=SAMPLES_MAX).contains(samples))
}

/// Whether the packet most likely is the mark of a silence: encoders send no more than two bytes then (RFC 7587 §3.1.3).
pub const fn is_silence(payload: &[u8]) -> bool {
    matches!(payload.len(), 1 | 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packet_sounds_as_long_as_its_first_byte_says() {
        assert_eq!(samples(&[31 << 3, 1, 2, 3]), Some(960), "CELT, 20 ms");
        assert_eq!(samples(&[16 << 3]), Some(120), "CELT, 2.5 ms");
        assert_eq!(samples(&[3 << 3]), Some(2_880), "SILK, 60 ms");
        assert_eq!(samples(&[13 << 3]), Some(960), "hybrid, 20 ms");
        assert_eq!(samples(&[15 << 3 | 1]), Some(1_920), "two hybrid frames of 20 ms");
        assert_eq!(samples(&[31 << 3 | 3, 3]), Some(2_880), "three frames by their own count");
    }

    #[test]
    fn what_would_sound_longer_than_opus_can_is_no_opus() {
        assert_eq!(samples(&[31 << 3 | 3, 6]), Some(SAMPLES_MAX));
        assert_eq!(samples(&[31 << 3 | 3, 7]), None);
        assert_eq!(samples(&[31 << 3 | 3, 0]), None);
        assert_eq!(samples(&[3 << 3 | 3, 63]), None, "more than 16 bits of samples");
        assert_eq!(samples(&[31 << 3 | 3]), None);
        assert_eq!(samples(&[]), None);
    }

    #[test]
    fn silence_is_at_most_two_bytes() {
        assert!(is_silence(&[0x78]) && is_silence(&[0x78, 0]));
        assert!(!is_silence(&[]) && !is_silence(&[0x78, 0, 0]));
    }
}
