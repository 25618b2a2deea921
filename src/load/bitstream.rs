//! What publishers send: ten seconds of a real picture in H.264 and in VP8, two seconds of a real sound in Opus.
//!
//! ffmpeg made the files in `bits/`; any player opens them. The pictures are small: a publisher fills them up to the rate
//! that is asked for ([`super::packetise`]).

use crate::wire::codec::Codec;

const H264: &[u8] = include_bytes!("bits/picture.h264");
const VP8: &[u8] = include_bytes!("bits/picture.ivf");
const OPUS: &[u8] = include_bytes!("bits/voice.ogg");

/// Pictures to be decoded in order; only the first is a key frame.
pub(super) struct Clip {
    pub(super) codec: Codec,
    /// For H.264 the NAL units of each picture, for VP8 its one frame.
    pub(super) pictures: Vec<Vec<&'static [u8]>>,
}

impl Clip {
    /// The picture in this codec; anything but VP8 is H.264.
    pub(super) fn new(codec: Codec) -> Self {
        match codec {
            Codec::Vp8 => Self { codec, pictures: ivf(VP8).map(|frame| vec![frame]).collect() },
            _ => Self { codec: Codec::H264, pictures: access_units(H264) },
        }
    }

    /// The `n`-th picture after a key frame; `None` beyond the end, where a new key frame is due.
    pub(super) fn picture(&self, n: usize) -> Option<&[&'static [u8]]> {
        self.pictures.get(n).map(Vec::as_slice)
    }
}

/// The sound's packets of 20 ms; they may be repeated without end.
pub(super) fn voice() -> Vec<&'static [u8]> {
    // The first two packets of the file describe the rest (RFC 7845 §3).
    ogg(OPUS).split_off(2)
}

/// NAL units by picture; information for players alone (SEI) is left out.
fn access_units(stream: &'static [u8]) -> Vec<Vec<&'static [u8]>> {
    let (mut pictures, mut units) = (Vec::new(), Vec::new());
    for unit in annex_b(stream) {
        match unit.first().map_or(0, |head| head & 0x1f) {
            // A slice is a whole picture here.
            1 | 5 => {
                units.push(unit);
                pictures.push(std::mem::take(&mut units));
            }
            7 | 8 => units.push(unit),
            _ => {}
        }
    }
    pictures
}

/// What stands between start codes (ITU-T H.264 annex B).
fn annex_b(stream: &[u8]) -> Vec<&[u8]> {
    let starts: Vec<usize> = (0..stream.len()).filter(|at| stream[*at..].starts_with(&[0, 0, 1])).collect();
    let ends = starts.iter().skip(1).copied().chain([stream.len()]);
    let units = starts.iter().zip(ends).map(|(start, end)| &stream[start + 3..end]);
    units.map(|unit| &unit[..unit.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1)]).collect()
}

/// The frames of an IVF file: 32 bytes, then each frame behind 12 bytes that begin with its length.
fn ivf(file: &'static [u8]) -> impl Iterator<Item = &'static [u8]> {
    let mut rest = file.get(32..).unwrap_or_default();
    std::iter::from_fn(move || {
        let length = u32::from_le_bytes(*rest.first_chunk()?) as usize;
        let frame = rest.get(12..12 + length)?;
        rest = rest.get(12 + length..)?;
        Some(frame)
    })
}

/// The packets of an Ogg file none of which goes over a page's end (RFC 3533 §6).
fn ogg(file: &'static [u8]) -> Vec<&'static [u8]> {
    let (mut packets, mut rest) = (Vec::new(), file);
    while let Some((lacing, body)) = page(rest) {
        let (mut start, mut end) = (0, 0);
        for length in lacing {
            end += usize::from(*length);
            if *length < 255 {
                packets.push(&body[start..end]);
                start = end;
            }
        }
        rest = &body[end..];
    }
    packets
}

/// The table of lengths of the first page, and everything after it.
fn page(file: &'static [u8]) -> Option<(&'static [u8], &'static [u8])> {
    let count = usize::from(*file.get(26)?);
    file.get(27..)?.split_at_checked(count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::codec::glance;

    #[test]
    fn a_clip_is_ten_seconds_of_which_only_the_first_picture_is_a_keyframe() {
        for codec in [Codec::H264, Codec::Vp8] {
            let clip = Clip::new(codec);
            assert_eq!(clip.pictures.len(), 300, "{codec:?}");
            assert!(clip.picture(300).is_none());
            let is_key = |picture: &[&[u8]]| match codec {
                // The lowest bit of a frame says that it is none (RFC 7741 §4.3).
                Codec::Vp8 => picture[0][0] & 1 == 0,
                _ => picture.iter().any(|unit| glance(Codec::H264, unit).keyframe_start),
            };
            assert!(is_key(&clip.pictures[0]) && clip.pictures[1..].iter().all(|picture| !is_key(picture)));
            let largest = clip.pictures.iter().flatten().map(|unit| unit.len()).max();
            assert!(largest < Some(1_000), "{codec:?}: {largest:?} bytes");
        }
        assert_eq!(Clip::new(Codec::H264).pictures[0].len(), 3, "its parameter sets and one slice");
    }

    #[test]
    fn the_voice_is_packets_of_one_frame_of_20_ms() {
        let voice = voice();
        assert!(voice.len() >= 100);
        // Configurations 1, 5, 9 and so on have 20 ms for speech, 15 and so on for music; the low bits say: one frame.
        assert!(voice.iter().all(|packet| packet.len() > 10 && packet[0] & 3 == 0));
    }
}
