//! What was written reads back; what is broken ends the reading and nothing else.

use super::*;

const BLOCK: Block = Block {
    ssrc: 7,
    fraction_lost: 64,
    cumulative_lost: -3,
    highest: 0x0002_ffff,
    jitter: 90,
    last_sr: 0x1234_5678,
    delay: 65_536,
};

fn written(write: impl FnOnce(&mut Writer<'_>)) -> Vec<u8> {
    let mut out = [0xff; 1_200];
    let mut writer = Writer::new(&mut out);
    write(&mut writer);
    let length = writer.finish();
    out[..length].to_vec()
}

fn only(compound: &[u8]) -> Packet<'_> {
    let mut packets = packets(compound);
    let packet = packets.next().expect("a packet").expect("well formed");
    assert!(packets.next().is_none(), "only one packet");
    packet
}

#[test]
fn a_compound_reads_back_packet_by_packet() {
    let info = SenderInfo { ssrc: 1, ntp: 2 << 32, rtp: 3, packets: 4, octets: 5 };
    let compound = written(|writer| {
        writer.sender_report(&info, &[BLOCK]).unwrap();
        writer.cname(1, "tongke").unwrap();
        writer.bye(&[1, 2]).unwrap();
    });
    let read: Vec<_> = packets(&compound).collect();
    let [Ok(Packet::SenderReport { ssrc, ntp, rtp, packets, octets, blocks }), Ok(second), Ok(Packet::Bye(ended))] =
        read.as_slice()
    else {
        panic!("{read:?}")
    };
    assert_eq!(SenderInfo { ssrc: *ssrc, ntp: *ntp, rtp: *rtp, packets: *packets, octets: *octets }, info);
    assert_eq!(blocks.collect::<Vec<_>>(), [BLOCK]);
    assert!(matches!(second, Packet::SourceDescription));
    assert_eq!(ended.collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn a_receiver_report_has_at_most_31_blocks() {
    let compound = written(|writer| {
        assert_eq!(writer.receiver_report(9, &[BLOCK; 32]), Err(Full));
        assert!(writer.is_empty());
        writer.receiver_report(9, &[BLOCK; 31]).unwrap();
    });
    let Packet::ReceiverReport { ssrc: 9, blocks } = only(&compound) else { panic!("{compound:?}") };
    assert_eq!(blocks.count(), 31);
}

#[test]
fn a_loss_count_beyond_24_bits_stays_at_the_end_of_its_range() {
    for (lost, read_back) in [(i32::MAX, 0x7f_ffff), (i32::MIN, -0x80_0000), (-1, -1)] {
        let block = Block { cumulative_lost: lost, ..BLOCK };
        let compound = written(|writer| writer.receiver_report(9, &[block]).unwrap());
        let Packet::ReceiverReport { mut blocks, .. } = only(&compound) else { panic!("{compound:?}") };
        assert_eq!(blocks.next().map(|block| block.cumulative_lost), Some(read_back));
    }
}

#[test]
fn a_nack_names_seventeen_packets_in_four_bytes() {
    let sequences: Vec<u16> = (0..17).map(|step| 65_530_u16.wrapping_add(step)).collect();
    let compound = written(|writer| assert_eq!(writer.nack(1, 2, sequences.iter().copied()), 17));
    assert_eq!(compound.len(), 16);
    let Packet::Nack { sender: 1, media: 2, lost } = only(&compound) else { panic!("{compound:?}") };
    assert_eq!(lost.collect::<Vec<_>>(), sequences);
}

#[test]
fn a_nack_ends_where_the_room_ends_and_says_so() {
    let mut out = [0; 21];
    let mut writer = Writer::new(&mut out);
    assert_eq!(writer.nack(1, 2, [10, 11, 100, 116, 200, 201]), 4);
    let length = writer.finish();
    let Packet::Nack { lost, .. } = only(&out[..length]) else { panic!("{out:?}") };
    assert_eq!(lost.collect::<Vec<_>>(), [10, 11, 100, 116]);
    assert_eq!(written(|writer| assert_eq!(writer.nack(1, 2, []), 0)), [0_u8; 0], "nothing lost, nothing written");
    assert_eq!(Writer::new(&mut [0; 15]).nack(1, 2, [1]), 0);
}

#[test]
fn keyframes_are_asked_for_in_two_ways() {
    let compound = written(|writer| writer.pli(1, 2).unwrap());
    assert!(matches!(only(&compound), Packet::Pli { sender: 1, media: 2 }));
    let compound = written(|writer| writer.fir(1, 2, 77).unwrap());
    let Packet::Fir { sender: 1, entries } = only(&compound) else { panic!("{compound:?}") };
    assert_eq!(entries.collect::<Vec<_>>(), [(2, 77)]);
}

#[test]
fn a_bandwidth_keeps_its_18_highest_bits() {
    for (bps, read_back) in
        [(0, 0), (262_143, 262_143), (262_145, 262_144), (2_500_000, 2_500_000), (u64::MAX, 0x3_ffff << 46)]
    {
        let compound = written(|writer| writer.remb(1, bps, &[5, 6]).unwrap());
        let Packet::Remb { sender: 1, bps, ssrcs } = only(&compound) else { panic!("{compound:?}") };
        assert_eq!(bps, read_back);
        assert_eq!(ssrcs.collect::<Vec<_>>(), [5, 6]);
    }
}

#[test]
fn a_bandwidth_beyond_64_bits_is_the_highest_there_is() {
    let mut compound = written(|writer| writer.remb(1, 1_000, &[]).unwrap());
    compound[17..20].fill(0xff);
    assert!(matches!(only(&compound), Packet::Remb { bps: u64::MAX, .. }));
}

#[test]
fn a_packet_that_does_not_fit_is_not_begun() {
    let compound = written(|writer| {
        writer.pli(1, 2).unwrap();
        writer.bye(&[3]).unwrap();
    });
    let mut out = [0; 19];
    let mut writer = Writer::new(&mut out);
    writer.pli(1, 2).unwrap();
    assert_eq!(writer.bye(&[3]), Err(Full));
    assert_eq!(writer.finish(), 12);
    assert_eq!(out[..12], compound[..12]);
    assert_eq!(Writer::new(&mut [0; 600]).cname(1, &"x".repeat(256)), Err(Full));
}

#[test]
fn a_name_ends_in_at_least_one_zero() {
    for length in 0..9 {
        let compound = written(|writer| writer.cname(1, &"x".repeat(length)).unwrap());
        assert_eq!(compound.len() % 4, 0);
        assert_eq!(compound[10 + length..].iter().filter(|byte| **byte != 0).count(), 0);
        assert!(compound.len() > 10 + length);
    }
}

#[test]
fn reading_ends_at_the_first_malformed_packet() {
    let mut compound = written(|writer| {
        writer.pli(1, 2).unwrap();
        writer.pli(3, 4).unwrap();
        writer.pli(5, 6).unwrap();
    });
    compound[12] = 0x41;
    let mut packets = packets(&compound);
    assert!(matches!(packets.next(), Some(Ok(Packet::Pli { sender: 1, .. }))));
    assert!(matches!(packets.next(), Some(Err(Malformed))));
    assert!(packets.next().is_none());
}

#[test]
fn a_packet_cut_anywhere_is_malformed() {
    let info = SenderInfo::default();
    let compounds = [
        written(|writer| writer.sender_report(&info, &[BLOCK]).unwrap()),
        written(|writer| writer.remb(1, 2, &[3]).unwrap()),
        written(|writer| _ = writer.nack(1, 2, [3])),
    ];
    for compound in compounds {
        for length in 1..compound.len() {
            assert!(matches!(packets(&compound[..length]).next(), Some(Err(Malformed))), "{length} bytes");
        }
    }
}

#[test]
fn a_count_larger_than_the_packet_is_malformed() {
    let mut report = written(|writer| writer.receiver_report(9, &[BLOCK]).unwrap());
    report[0] = 0x82;
    assert!(matches!(packets(&report).next(), Some(Err(Malformed))));
    let mut bye = written(|writer| writer.bye(&[1]).unwrap());
    bye[0] = 0x82;
    assert!(matches!(packets(&bye).next(), Some(Err(Malformed))));
}

#[test]
fn padding_is_not_read_as_content() {
    let mut compound = written(|writer| _ = writer.nack(1, 2, [3, 100]));
    compound[0] |= 0x20;
    compound[16..20].copy_from_slice(&[0, 0, 0, 4]);
    let Packet::Nack { lost, .. } = only(&compound) else { panic!("{compound:?}") };
    assert_eq!(lost.collect::<Vec<_>>(), [3]);
    compound[19] = 0;
    assert!(matches!(packets(&compound).next(), Some(Err(Malformed))), "padding of zero bytes");
    compound[19] = 17;
    assert!(matches!(packets(&compound).next(), Some(Err(Malformed))), "padding longer than the packet");
}

#[test]
fn what_nobody_here_reads_is_stepped_over() {
    let compound = [0x80, 204, 0, 1, 0, 0, 0, 1, 0x80, 207, 0, 1, 0, 0, 0, 1, 0x85, 205, 0, 0];
    let read: Vec<_> = packets(&compound).map(Result::unwrap).collect();
    assert!(matches!(read[..], [Packet::Other(204), Packet::ExtendedReport, Packet::Other(205)]));
}
