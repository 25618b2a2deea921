//! What was written reads back, in as few bytes as the format allows.

use std::time::Duration;

use super::*;
use crate::base::time::Time;
use crate::wire::rtcp::{Packet, Writer, packets};

/// A multiple of the reference time's tick, whose lower 24 bits read as a negative number.
const START: Time = Time::from_micros(1_705_000_000 * 64_000);

fn after(micros: u64) -> Option<Time> {
    Some(START + Duration::from_micros(micros))
}

/// How many packets were covered, and the bytes.
fn written(room: usize, arrivals: &[Option<Time>]) -> (usize, Vec<u8>) {
    let mut out = vec![0xff; room];
    let mut writer = Writer::new(&mut out);
    let covered = write(&mut writer, 1, 2, 3, 0xfff0, arrivals.iter().copied());
    let length = writer.finish();
    out.truncate(length);
    (covered, out)
}

fn feedback(compound: &[u8]) -> Feedback<'_> {
    match packets(compound).next() {
        Some(Ok(Packet::TransportCc(feedback))) => feedback,
        other => panic!("{other:?}"),
    }
}

/// Every packet's arrival after `START`, in microseconds.
fn read_back(compound: &[u8]) -> Vec<Option<i64>> {
    feedback(compound).arrivals().map(|(_, arrival)| arrival).collect()
}

#[test]
fn a_feedback_says_what_it_is_about() {
    let (covered, compound) = written(1_200, &[after(64_250), None, after(64_000)]);
    let feedback = feedback(&compound);
    assert_eq!((covered, feedback.packets), (3, 3));
    assert_eq!((feedback.sender, feedback.media, feedback.count, feedback.base), (1, 2, 3, 0xfff0));
    let reference = (1_705_000_001_i64 << 40 >> 40) * 64_000;
    assert_eq!(feedback.reference_us(), reference, "24 bits with a sign");
    let arrivals: Vec<_> = feedback.arrivals().collect();
    assert_eq!(arrivals, [(0xfff0, Some(250)), (0xfff1, None), (0xfff2, Some(0))]);
}

#[test]
fn sequence_numbers_wrap() {
    let (_, compound) = written(1_200, &[after(0); 20]);
    let last = feedback(&compound).arrivals().last();
    assert_eq!(last, Some((0x0003, Some(0))));
}

#[test]
fn steady_arrivals_are_one_run() {
    let arrivals: Vec<_> = (0..1_000).map(|step| after(step * 1_000)).collect();
    let (covered, compound) = written(1_200, &arrivals);
    assert_eq!(covered, 1_000);
    assert_eq!(compound.len(), (HEAD_BYTES + 2 + 1_000_usize).next_multiple_of(4));
    let expected: Vec<_> = (0..1_000).map(|step| Some(step * 1_000)).collect();
    assert_eq!(read_back(&compound), expected);
}

#[test]
fn scattered_losses_are_vectors_of_fourteen() {
    let arrivals: Vec<_> = (0..28).map(|step| if step % 3 == 1 { None } else { after(step * 250) }).collect();
    let (covered, compound) = written(1_200, &arrivals);
    assert_eq!(covered, 28);
    let deltas = arrivals.iter().flatten().count();
    assert_eq!(compound.len(), (HEAD_BYTES + 2 * 2 + deltas).next_multiple_of(4));
    assert_eq!(compound[HEAD_BYTES] >> 6, 0b10, "one bit a packet");
}

#[test]
fn large_steps_and_steps_back_have_two_bytes() {
    let arrivals = [after(0), after(63_750), after(127_750), after(100_000), None, after(8_000_000)];
    let (covered, compound) = written(1_200, &arrivals);
    assert_eq!(covered, 6);
    assert_eq!(compound[HEAD_BYTES] >> 6, 0b11, "two bits a packet");
    let expected = [Some(0), Some(63_750), Some(127_750), Some(100_000), None, Some(8_000_000)];
    assert_eq!(read_back(&compound), expected);
}

#[test]
fn a_large_step_anywhere_reads_back() {
    for place in 1..30 {
        let at = |step: u64| (step % 4 != 1).then_some(250 * step + if step < place { 0 } else { 100_000 });
        let arrivals: Vec<_> = (0..30).map(|step| at(step).and_then(after)).collect();
        let (covered, compound) = written(1_200, &arrivals);
        assert_eq!(covered, 30);
        let expected: Vec<_> = (0..30).map(|step| at(step).map(u64::cast_signed)).collect();
        assert_eq!(read_back(&compound), expected, "a step at {place}");
    }
}

#[test]
fn a_run_longer_than_the_feedback_ends_with_it() {
    let (_, mut compound) = written(1_200, &[after(0), after(250)]);
    compound[21] = 200;
    assert_eq!(read_back(&compound), [Some(0), Some(250)]);
}

#[test]
fn a_step_of_more_than_16_bits_is_left_to_the_next_feedback() {
    let far = 32_768 * 250;
    let arrivals = [after(0), None, after(far), after(far + 250)];
    let (covered, compound) = written(1_200, &arrivals);
    assert_eq!(covered, 2);
    assert_eq!(read_back(&compound), [Some(0), None]);
    assert_eq!(written(1_200, &arrivals[covered..]).0, 2);
    let (covered, _) = written(1_200, &[after(0), after(far - 250)]);
    assert_eq!(covered, 2, "the largest step that fits");
}

#[test]
fn the_room_decides_how_many_packets_are_covered() {
    let arrivals: Vec<_> = (0..100).map(|step| if step % 5 == 0 { None } else { after(step * 9_000) }).collect();
    for room in 0..200 {
        let (covered, compound) = written(room, &arrivals);
        assert!(compound.len() <= room);
        assert_eq!(compound.is_empty(), covered == 0);
        if covered > 0 {
            assert_eq!(read_back(&compound).len(), covered);
        }
        assert_eq!(covered > 1, room >= HEAD_BYTES + 4, "{room} bytes: one chunk and one delta");
        assert!(written(room + 4, &arrivals).0 >= covered);
    }
}

#[test]
fn if_nothing_came_nothing_is_said() {
    assert_eq!(written(1_200, &[None; 50]), (0, vec![]));
    assert_eq!(written(1_200, &[]), (0, vec![]));
}

#[test]
fn padding_is_counted_in_its_last_byte() {
    for packets in 1..9 {
        let (_, compound) = written(1_200, &vec![after(0); packets]);
        let padding = compound.len() - (HEAD_BYTES + 2 + packets);
        assert_eq!(compound[0] & 0x20 != 0, padding > 0);
        if padding > 0 {
            assert_eq!(usize::from(compound[compound.len() - 1]), padding);
        }
    }
}

#[test]
fn a_feedback_that_announces_more_than_it_has_is_malformed() {
    let (_, whole) = written(1_200, &[after(0), after(250)]);
    assert_eq!(whole.len(), 24, "no padding");
    let malformed = |change: fn(&mut Vec<u8>)| {
        let mut compound = whole.clone();
        change(&mut compound);
        packets(&compound).next().is_some_and(|packet| packet.is_err())
    };
    assert!(malformed(|bytes| bytes[15] = 3), "the chunks end before the packets");
    assert!(malformed(|bytes| bytes[20] = 0x40), "two-byte deltas, and only two bytes");
    assert!(malformed(|bytes| (bytes[15], bytes[20]) = (1, 0x60)), "a symbol that means nothing");
    assert!(malformed(|bytes| bytes[21] = 0), "a run of nothing, then a chunk made of deltas");
}
