//! Payloads that say what they are: who sent them, when, and what the whole of them must be.

use tongke::base::time::Time;
use tongke::wire::codec::Codec;
use tongke::wire::codec::vp8::Descriptor;

/// Bytes of a tag.
const TAG: usize = 28;

/// What a payload says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tag {
    pub(crate) publisher: u16,
    pub(crate) track: u8,
    pub(crate) layer: u8,
    /// Counts the packets of its stream.
    pub(crate) number: u32,
    /// Counts the frames of its track.
    pub(crate) frame: u32,
    /// Its place in the frame; zero is the first.
    pub(crate) part: u16,
    pub(crate) key: bool,
    pub(crate) captured: Time,
    pub(crate) length: u16,
}

/// Numbers of a VP8 payload's descriptor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Picture {
    pub(crate) id: u16,
    pub(crate) tl0: u8,
}

/// A payload of `tag.length` bytes.
pub(crate) fn write(tag: &Tag, codec: Codec, picture: Picture) -> Vec<u8> {
    let mut out = prefix(tag, codec, picture);
    out.extend(tag.publisher.to_be_bytes());
    out.extend([tag.track, tag.layer]);
    out.extend(tag.number.to_be_bytes());
    out.extend(tag.frame.to_be_bytes());
    out.extend(tag.part.to_be_bytes());
    out.extend([u8::from(tag.key), 0x5a]);
    out.extend(tag.captured.micros().to_be_bytes());
    out.extend(tag.length.to_be_bytes());
    out.extend([0xa5, 0xa5]);
    let from = out.len();
    out.extend((from..usize::from(tag.length)).map(|at| filler(tag.number, at)));
    out
}

/// Reads and checks a payload; `None` if it is padding alone.
pub(crate) fn read(payload: &[u8], codec: Codec) -> Option<(Tag, Option<Picture>)> {
    if payload.is_empty() {
        return None;
    }
    let start = prefix_length(codec);
    let body = payload.get(start..start + TAG).expect("a payload has a tag");
    let number = |at: usize| u32::from_be_bytes(body[at..at + 4].try_into().expect("4 bytes"));
    let short = |at: usize| u16::from_be_bytes(body[at..at + 2].try_into().expect("2 bytes"));
    let tag = Tag {
        publisher: short(0),
        track: body[2],
        layer: body[3],
        number: number(4),
        frame: number(8),
        part: short(12),
        key: body[14] == 1,
        captured: Time::from_micros(u64::from(number(16)) << 32 | u64::from(number(20))),
        length: short(24),
    };
    assert_eq!(usize::from(tag.length), payload.len(), "as long as it was: {tag:?}");
    let picture = (codec == Codec::Vp8).then(|| {
        let found = Descriptor::read(payload).expect("a descriptor");
        Picture { id: found.picture_id.expect("an id").value, tl0: found.tl0.expect("a number").0 }
    });
    assert_eq!(write(&tag, codec, picture.unwrap_or(Picture { id: 0, tl0: 0 })), payload, "byte for byte: {tag:?}");
    Some((tag, picture))
}

fn filler(number: u32, at: usize) -> u8 {
    (number.wrapping_mul(31) as u8).wrapping_add(at as u8)
}

const fn prefix_length(codec: Codec) -> usize {
    match codec {
        Codec::Vp8 => 7,
        Codec::H264 => 3,
        _ => 1,
    }
}

/// What the codec needs so that starts of frames are seen.
fn prefix(tag: &Tag, codec: Codec, picture: Picture) -> Vec<u8> {
    let first = tag.part == 0;
    match codec {
        Codec::Vp8 => {
            let [high, low] = picture.id.to_be_bytes();
            let partition = if first { 0x90 } else { 0x80 };
            vec![partition, 0xe0, high | 0x80, low, picture.tl0, 0, 0x10 | u8::from(!tag.key)]
        }
        // A keyframe: its parameter sets alone, then its slice in fragments.
        Codec::H264 if tag.key => match tag.part {
            0 => vec![0x67, 0x42, 0xe0],
            1 => vec![0x7c, 0x85, 0x88],
            _ => vec![0x7c, 0x05, 0x88],
        },
        Codec::H264 => vec![0x7c, if first { 0x81 } else { 0x01 }, if first { 0x88 } else { 0x08 }],
        _ => vec![0x78],
    }
}
