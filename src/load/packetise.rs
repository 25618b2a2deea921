//! Pictures and sound cut into RTP payloads, filled up to the size that is asked for with what decoders skip.

use super::mark::{MARK_BYTES, Mark};

/// The largest payload: with headers and seal a packet stays below the 1,200 bytes that browsers keep to.
pub(super) const PAYLOAD_MAX: usize = 1_150;

/// NAL unit types (ITU-T H.264 table 7-1, RFC 6184 table 1).
const SEI: u8 = 6;
const FILLER: u8 = 12;
const STAP_A: u8 = 24;
const FU_A: u8 = 28;
/// The kind of information that carries a mark: user data that its name tells apart (ITU-T H.264 D.1.7).
const USER_DATA: u8 = 5;
const STOP_BIT: u8 = 0x80;

/// One H.264 picture as payloads of `bytes` together, or a little more if the picture needs it (RFC 6184).
///
/// `units` are its NAL units; `mark` is that of the first packet, which carries it.
pub(super) fn h264(units: &[&[u8]], mark: Mark, bytes: usize) -> Vec<Vec<u8>> {
    let (slice, sets) = units.split_last().map_or((&[][..], units), |(slice, sets)| (*slice, sets));
    let marked = [&[SEI, USER_DATA, MARK_BYTES as u8][..], &mark.write(), &[STOP_BIT]].concat();
    let mut together: Vec<&[u8]> = sets.to_vec();
    together.push(&marked);
    let mut payloads = Vec::new();
    if aggregate_bytes(&together) + 2 + slice.len() <= PAYLOAD_MAX {
        together.push(slice);
        payloads.push(aggregate(&together));
    } else {
        payloads.push(aggregate(&together));
        fragment(slice, slice.len().saturating_sub(1).div_ceil(PAYLOAD_MAX - 2), &mut payloads);
    }
    let so_far: usize = payloads.iter().map(Vec::len).sum();
    fill(bytes.saturating_sub(so_far), &mut payloads);
    payloads
}

fn aggregate_bytes(units: &[&[u8]]) -> usize {
    1 + units.iter().map(|unit| 2 + unit.len()).sum::<usize>()
}

fn aggregate(units: &[&[u8]]) -> Vec<u8> {
    let importance = units.iter().filter_map(|unit| unit.first()).map(|head| head & 0x60).max().unwrap_or(0);
    let mut payload = vec![importance | STAP_A];
    for unit in units {
        payload.extend(u16::try_from(unit.len()).unwrap_or(u16::MAX).to_be_bytes());
        payload.extend_from_slice(unit);
    }
    payload
}

/// Cuts a unit into so many fragments of the same size.
fn fragment(unit: &[u8], count: usize, payloads: &mut Vec<Vec<u8>>) {
    let Some((head, body)) = unit.split_first() else { return };
    for n in 0..count {
        let part = &body[body.len() * n / count..body.len() * (n + 1) / count];
        let (first, last) = (u8::from(n == 0) << 7, u8::from(n + 1 == count) << 6);
        payloads.push([&[head & 0xe0 | FU_A, first | last | head & 0x1f][..], part].concat());
    }
}

/// Adds a unit of filler, which is `bytes` long as payloads; less than its shortest form is left out.
fn fill(bytes: usize, payloads: &mut Vec<Vec<u8>>) {
    // Each fragment spends two bytes on its header, of which one stands for the unit's own.
    let count = bytes.div_ceil(PAYLOAD_MAX).max(1);
    let Some(body) = bytes.checked_sub(2 * count + 1) else { return };
    let mut unit = vec![0xff; 1 + body + 1];
    unit[0] = FILLER;
    unit[body + 1] = STOP_BIT;
    fragment(&unit, count, payloads);
}

/// One VP8 picture as payloads of `bytes` together, or a little more if the picture needs it (RFC 7741).
///
/// What is behind a picture's last partition is not decoded; the mark stands at the end, so in the last packet. `mark` is
/// that of the first.
pub(super) fn vp8(picture: &[u8], number: u16, mark: Mark, bytes: usize) -> Vec<Vec<u8>> {
    const HEAD: usize = 4;
    let count = bytes.max(picture.len() + MARK_BYTES + HEAD).div_ceil(PAYLOAD_MAX);
    let length = bytes.saturating_sub(HEAD * count).max(picture.len() + MARK_BYTES);
    let count = length.div_ceil(PAYLOAD_MAX - HEAD).max(1);
    let mut frame = picture.to_vec();
    frame.resize(length - MARK_BYTES, 0);
    frame.extend(mark.later(count - 1).write());
    let [high, low] = (number & 0x7fff).to_be_bytes();
    // Parts are equal, so the last is long enough that no mark is cut in two.
    let part = |n: usize| {
        let start = u8::from(n == 0) << 4;
        let body = &frame[length * n / count..length * (n + 1) / count];
        [&[0x80 | start, 0x80, 0x80 | high, low][..], body].concat()
    };
    (0..count).map(part).collect()
}

/// One Opus packet with the mark in its padding (RFC 6716 §3.2.5). A packet that is not one whole frame stays as it is.
pub(super) fn opus(packet: &[u8], mark: Mark) -> Vec<u8> {
    match packet.split_first() {
        Some((head, frame)) if head & 3 == 0 => {
            const PADDED: u8 = 0x40;
            let numbers = [head | 3, PADDED | 1, MARK_BYTES as u8];
            [&numbers[..], frame, &mark.write()].concat()
        }
        _ => packet.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::bitstream::{Clip, voice};
    use crate::wire::codec::vp8::Descriptor;
    use crate::wire::codec::{Codec, glance};

    const MARK: Mark = Mark { publisher: 3, track: 1, index: 1_000 };

    /// The NAL units that a receiver puts together again (RFC 6184 §5.7, §5.8).
    fn units(payloads: &[Vec<u8>]) -> Vec<Vec<u8>> {
        let mut units: Vec<Vec<u8>> = Vec::new();
        for payload in payloads {
            match payload[0] & 0x1f {
                STAP_A => {
                    let mut rest = &payload[1..];
                    while let Some((length, tail)) = rest.split_first_chunk() {
                        let (unit, tail) = tail.split_at(usize::from(u16::from_be_bytes(*length)));
                        units.push(unit.to_vec());
                        rest = tail;
                    }
                }
                FU_A => {
                    if payload[1] & 0x80 != 0 {
                        units.push(vec![payload[0] & 0xe0 | payload[1] & 0x1f]);
                    }
                    units.last_mut().unwrap().extend(&payload[2..]);
                }
                _ => units.push(payload.clone()),
            }
        }
        units
    }

    #[test]
    fn an_h264_picture_arrives_whole_and_is_exactly_as_large_as_asked() {
        let clip = Clip::new(Codec::H264);
        for (n, bytes) in [(0, 50_000), (0, 1_500), (7, 10_000), (7, 1_151), (8, 1_150), (8, 2_301)] {
            let payloads = h264(&clip.pictures[n], MARK, bytes);
            assert_eq!(payloads.iter().map(Vec::len).sum::<usize>(), bytes, "picture {n}");
            assert!(payloads.iter().all(|payload| payload.len() <= PAYLOAD_MAX));
            let whole: Vec<_> = units(&payloads).into_iter().filter(|unit| ![SEI, FILLER].contains(&unit[0])).collect();
            assert_eq!(whole, clip.pictures[n]);
            assert_eq!(Mark::find(&payloads[0]), Some(MARK));
            assert_eq!(glance(Codec::H264, &payloads[0]).keyframe_start, n == 0);
            assert!(
                payloads[1..].iter().all(|payload| !glance(Codec::H264, payload).frame_start),
                "filler is no start"
            );
        }
    }

    #[test]
    fn a_slice_that_fits_in_no_packet_is_cut() {
        let slice = [&[0x65, 0x88][..], &[7; 3_000]].concat();
        let payloads = h264(&[&[0x67, 1], &slice], MARK, 0);
        assert_eq!(payloads.len(), 4, "the sets, and three fragments");
        assert_eq!(units(&payloads)[2], slice);
    }

    #[test]
    fn filler_that_is_too_short_for_its_own_header_is_left_out() {
        let picture: &[&[u8]] = &[&[0x41, 0x9a, 1, 2, 3]];
        let least = h264(picture, MARK, 0).concat().len();
        for more in [0, 1, 2] {
            assert_eq!(h264(picture, MARK, least + more).concat().len(), least);
        }
        for more in [3, 1_149, 1_150, 1_151, 1_152, 1_153, 2_300, 2_301, 2_305] {
            let payloads = h264(picture, MARK, least + more);
            assert_eq!(payloads.concat().len(), least + more, "{more} more");
            assert!(payloads.iter().all(|payload| payload.len() <= PAYLOAD_MAX));
        }
    }

    #[test]
    fn a_vp8_picture_arrives_whole_with_its_mark_in_the_last_packet() {
        let clip = Clip::new(Codec::Vp8);
        for (n, bytes) in [(0, 50_000), (9, 10_000), (9, 0), (9, 1_150), (9, 1_151), (9, 1_154)] {
            let payloads = vp8(clip.pictures[n][0], 0x1234, MARK, bytes);
            if bytes > 1_000 {
                let sent = payloads.concat().len();
                assert!(sent.abs_diff(bytes) <= 4, "{sent} of {bytes}: the last header may be one too many");
            }
            assert!(payloads.iter().all(|payload| payload.len() <= PAYLOAD_MAX));
            assert_eq!(Mark::find(payloads.last().unwrap()), Some(MARK.later(payloads.len() - 1)));
            let starts: Vec<_> = payloads.iter().map(|payload| glance(Codec::Vp8, payload).frame_start).collect();
            assert!(starts[0] && starts[1..].iter().all(|start| !start));
            assert_eq!(glance(Codec::Vp8, &payloads[0]).keyframe_start, n == 0);
            let found = Descriptor::read(&payloads[0]).unwrap();
            assert_eq!(found.picture_id.map(|id| id.value), Some(0x1234));
            let frame: Vec<u8> = payloads.iter().flat_map(|payload| payload[4..].to_vec()).collect();
            assert!(frame.starts_with(clip.pictures[n][0]));
        }
    }

    #[test]
    fn an_opus_packet_keeps_its_frame_and_carries_its_mark_as_padding() {
        let packet = voice()[3];
        let marked = opus(packet, MARK);
        assert_eq!(marked[0] & 0xfc, packet[0] & 0xfc, "the same configuration");
        assert_eq!((marked[0] & 3, marked[1], usize::from(marked[2])), (3, 0x41, MARK_BYTES));
        assert_eq!(marked[3..marked.len() - MARK_BYTES], packet[1..]);
        assert_eq!(Mark::find(&marked), Some(MARK));
    }
}
