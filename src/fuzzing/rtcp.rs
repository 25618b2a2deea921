//! RTCP: whatever can be read can be written, and is the same then.

use std::time::Duration;

use crate::base::time::Time;
use crate::wire::rtcp::{self as wire, Block, Packet, SenderInfo, Writer, packets};
use crate::wire::twcc;

/// Any bytes as a compound packet.
///
/// # Panics
/// If something does not hold that must.
pub fn rtcp(bytes: &[u8]) {
    let mut count = 0;
    let mut ended = false;
    for packet in packets(bytes) {
        assert!(!ended, "nothing is read after a malformed packet");
        count += 1;
        match packet {
            Ok(packet) => reads_back(packet, bytes.len()),
            Err(wire::Malformed) => ended = true,
        }
    }
    assert!(count <= bytes.len().div_ceil(4), "a packet has at least four bytes");
}

/// What `packet` was read from has `length` bytes.
fn reads_back(packet: Packet<'_>, length: usize) {
    match packet {
        Packet::SenderReport { ssrc, ntp, rtp, packets, octets, blocks } => {
            let blocks: Vec<Block> = blocks.collect();
            let info = SenderInfo { ssrc, ntp, rtp, packets, octets };
            is_same(packet, length, |writer| assert_eq!(writer.sender_report(&info, &blocks), Ok(())));
        }
        Packet::ReceiverReport { ssrc, blocks } => {
            let blocks: Vec<Block> = blocks.collect();
            is_same(packet, length, |writer| assert_eq!(writer.receiver_report(ssrc, &blocks), Ok(())));
        }
        Packet::Bye(ssrcs) => {
            let ssrcs: Vec<u32> = ssrcs.collect();
            is_same(packet, length, |writer| assert_eq!(writer.bye(&ssrcs), Ok(())));
        }
        Packet::Pli { sender, media } => {
            is_same(packet, length, |writer| assert_eq!(writer.pli(sender, media), Ok(())));
        }
        Packet::Remb { sender, bps, ssrcs } => remb_reads_back(sender, bps, &ssrcs.collect::<Vec<_>>()),
        Packet::Nack { sender, media, lost } => nack_reads_back(sender, media, lost, length),
        Packet::Fir { entries, .. } => assert!(entries.count() <= length / 8),
        Packet::TransportCc(feedback) => feedback_reads_back(feedback),
        Packet::SourceDescription | Packet::ExtendedReport | Packet::Other(_) => {}
    }
}

/// Writes into as many bytes as the packet was read from, and compares what that reads as.
fn is_same(packet: Packet<'_>, length: usize, write: impl FnOnce(&mut Writer<'_>)) {
    let mut out = vec![0xff; length];
    let mut writer = Writer::new(&mut out);
    write(&mut writer);
    let length = writer.finish();
    let again = only(&out[..length]);
    assert_eq!(described(again), described(packet));
}

/// All that a packet says, walked to the end.
fn described(packet: Packet<'_>) -> String {
    match packet {
        Packet::SenderReport { ssrc, ntp, rtp, packets, octets, blocks } => {
            format!("{ssrc} {ntp} {rtp} {packets} {octets} {:?}", blocks.collect::<Vec<_>>())
        }
        Packet::ReceiverReport { ssrc, blocks } => format!("{ssrc} {:?}", blocks.collect::<Vec<_>>()),
        Packet::Bye(ssrcs) => format!("{:?}", ssrcs.collect::<Vec<_>>()),
        other => format!("{other:?}"),
    }
}

fn only(compound: &[u8]) -> Packet<'_> {
    let mut packets = packets(compound);
    let packet = packets.next().and_then(Result::ok).expect("what was written reads back");
    assert!(packets.next().is_none(), "only one packet was written");
    packet
}

/// A bandwidth of more than 18 significant bits cannot have been read, except for the one that stands for too many.
fn remb_reads_back(sender: u32, bps: u64, ssrcs: &[u32]) {
    let mut out = vec![0; 20 + 4 * ssrcs.len()];
    let mut writer = Writer::new(&mut out);
    assert_eq!(writer.remb(sender, bps, ssrcs), Ok(()));
    let Packet::Remb { sender: by, bps: again, ssrcs: named } = only(&out) else { panic!("not a bandwidth") };
    assert_eq!(by, sender);
    assert!(named.eq(ssrcs.iter().copied()));
    assert!(again == bps || bps == u64::MAX && again == 0x3_ffff << 46);
}

fn nack_reads_back(sender: u32, media: u32, lost: wire::Lost<'_>, length: usize) {
    let lost: Vec<u16> = lost.collect();
    assert!(lost.len() <= 17 * length / 4);
    let mut out = vec![0; length + 8];
    let mut writer = Writer::new(&mut out);
    assert_eq!(writer.nack(sender, media, lost.iter().copied()), lost.len(), "never longer than what was read");
    let length = writer.finish();
    if lost.is_empty() {
        assert_eq!(length, 0);
        return;
    }
    let Packet::Nack { lost: again, .. } = only(&out[..length]) else { panic!("not a NACK") };
    let sorted = |mut list: Vec<u16>| {
        list.sort_unstable();
        list.dedup();
        list
    };
    assert_eq!(sorted(again.collect()), sorted(lost));
}

/// Writes the arrivals again, in as many feedbacks as it takes, and compares each.
fn feedback_reads_back(feedback: twcc::Feedback<'_>) {
    // A multiple of the reference time's whole range, so far from zero that no delta leads below it.
    let start = Time::from_micros(64_000 << 32);
    let read: Vec<Option<Time>> = feedback
        .arrivals()
        .map(|(_, at)| {
            at.map(|at| {
                if at < 0 {
                    start - Duration::from_micros(at.unsigned_abs())
                } else {
                    start + Duration::from_micros(at.unsigned_abs())
                }
            })
        })
        .collect();
    assert_eq!(read.len(), usize::from(feedback.packets), "every packet is spoken of");
    let mut left = read.as_slice();
    // Deltas of nothing but the largest steps take a feedback each: sixty are enough to see that it goes on.
    for _ in 0..60 {
        let mut out = [0xff; 1_200];
        let mut writer = Writer::new(&mut out);
        let covered = twcc::write(&mut writer, feedback.sender, feedback.media, 0, feedback.base, left.iter().copied());
        let length = writer.finish();
        let (spoken_of, rest) = left.split_at(covered);
        if covered == 0 {
            assert!(left.iter().all(Option::is_none), "what came is spoken of");
            return;
        }
        let Packet::TransportCc(again) = only(&out[..length]) else { panic!("not a feedback") };
        is_spoken_of(&again, spoken_of);
        left = rest;
    }
}

fn is_spoken_of(feedback: &twcc::Feedback<'_>, arrivals: &[Option<Time>]) {
    /// The reference time's 24 bits of 64 ms.
    const RANGE_US: i64 = 64_000 << 24;
    assert_eq!(usize::from(feedback.packets), arrivals.len());
    for ((_, at), expected) in feedback.arrivals().zip(arrivals) {
        let at = at.map(|at| (feedback.reference_us() + at).rem_euclid(RANGE_US));
        assert_eq!(at, expected.map(|time| time.micros().cast_signed().rem_euclid(RANGE_US)));
    }
}
