//! A second opinion: what is written here another implementation reads, and the other way round.

use std::time::Duration;

use bytes::Bytes;
use rtc::rtcp::packet::Packet as Theirs;
use rtc::rtcp::{goodbye, payload_feedbacks, receiver_report, reception_report, sender_report, transport_feedbacks};
use rtc::shared::marshal::{Marshal, Unmarshal};
use rtc::stun;
use rtc::stun::message::{Getter, Setter};

use super::rtcp::{self, Block, Packet, SenderInfo};
use super::stun::{Class, Message, write_binding_error, write_binding_request, write_binding_success};
use super::{rtp, rtp_ext, twcc};
use crate::base::time::Time;

const BLOCK: Block = Block {
    ssrc: 7,
    fraction_lost: 64,
    cumulative_lost: 3_000,
    highest: 0x0002_ffff,
    jitter: 90,
    last_sr: 0x1234_5678,
    delay: 65_536,
};

fn their_block() -> reception_report::ReceptionReport {
    reception_report::ReceptionReport {
        ssrc: 7,
        fraction_lost: 64,
        total_lost: 3_000,
        last_sequence_number: 0x0002_ffff,
        jitter: 90,
        last_sender_report: 0x1234_5678,
        delay: 65_536,
    }
}

/// What they read in what was written here.
fn read_by_them(write: impl FnOnce(&mut rtcp::Writer<'_>)) -> Vec<Box<dyn Theirs>> {
    let mut out = [0; 1_200];
    let mut writer = rtcp::Writer::new(&mut out);
    write(&mut writer);
    let length = writer.finish();
    rtc::rtcp::packet::unmarshal(&mut Bytes::copy_from_slice(&out[..length])).expect("they can read it")
}

fn written_by_them(packet: &impl Marshal) -> Bytes {
    packet.marshal().expect("they can write it").freeze()
}

fn read_here(compound: &[u8]) -> Packet<'_> {
    rtcp::packets(compound).next().expect("a packet").expect("well formed")
}

#[track_caller]
fn as_theirs<T: 'static>(packet: &dyn Theirs) -> &T {
    packet.as_any().downcast_ref().expect("a packet of that type")
}

#[test]
fn they_read_a_sender_report_and_the_rest_of_its_compound() {
    let packets = read_by_them(|writer| {
        let info = SenderInfo { ssrc: 1, ntp: 2 << 32, rtp: 3, packets: 4, octets: 5 };
        writer.sender_report(&info, &[BLOCK, BLOCK]).unwrap();
        writer.cname(1, "tongke").unwrap();
        writer.bye(&[1, 2]).unwrap();
    });
    let report = as_theirs::<sender_report::SenderReport>(&*packets[0]);
    assert_eq!((report.ssrc, report.ntp_time, report.rtp_time), (1, 2 << 32, 3));
    assert_eq!((report.packet_count, report.octet_count), (4, 5));
    assert_eq!(report.reports, [their_block(), their_block()]);
    let named = as_theirs::<rtc::rtcp::source_description::SourceDescription>(&*packets[1]);
    assert_eq!(named.chunks[0].items[0].text, "tongke");
    assert_eq!(as_theirs::<goodbye::Goodbye>(&*packets[2]).sources, [1, 2]);
}

#[test]
fn they_read_every_request() {
    let packets = read_by_them(|writer| {
        writer.receiver_report(9, &[BLOCK]).unwrap();
        assert_eq!(writer.nack(1, 2, [10, 11, 26, 27, 1_000]), 5);
        writer.pli(1, 2).unwrap();
        writer.fir(1, 2, 77).unwrap();
        writer.remb(1, 2_500_000, &[5, 6]).unwrap();
    });
    assert_eq!(as_theirs::<receiver_report::ReceiverReport>(&*packets[0]).reports, [their_block()]);
    let nack = as_theirs::<transport_feedbacks::transport_layer_nack::TransportLayerNack>(&*packets[1]);
    let lost: Vec<_> = nack.nacks.iter().flat_map(|pair| pair.packet_list()).collect();
    assert_eq!(lost, [10, 11, 26, 27, 1_000]);
    let pli = as_theirs::<payload_feedbacks::picture_loss_indication::PictureLossIndication>(&*packets[2]);
    assert_eq!((pli.sender_ssrc, pli.media_ssrc), (1, 2));
    let fir = as_theirs::<payload_feedbacks::full_intra_request::FullIntraRequest>(&*packets[3]);
    assert_eq!((fir.fir[0].ssrc, fir.fir[0].sequence_number), (2, 77));
    let remb = as_theirs::<payload_feedbacks::receiver_estimated_maximum_bitrate::ReceiverEstimatedMaximumBitrate>(
        &*packets[4],
    );
    assert!((remb.bitrate - 2_500_000.0).abs() < 1.0);
    assert_eq!(remb.ssrcs, [5, 6]);
}

#[test]
fn their_reports_are_read_here() {
    let report = written_by_them(&sender_report::SenderReport {
        ssrc: 1,
        ntp_time: 2 << 32,
        rtp_time: 3,
        packet_count: 4,
        octet_count: 5,
        reports: vec![their_block()],
        ..Default::default()
    });
    let Packet::SenderReport { ssrc: 1, ntp, rtp: 3, packets: 4, octets: 5, blocks } = read_here(&report) else {
        panic!("{report:?}")
    };
    assert_eq!(ntp, 2 << 32);
    assert_eq!(blocks.collect::<Vec<_>>(), [BLOCK]);
    let nacks = transport_feedbacks::transport_layer_nack::nack_pairs_from_sequence_numbers(&[65_535, 0, 1, 90]);
    let nack = written_by_them(&transport_feedbacks::transport_layer_nack::TransportLayerNack {
        sender_ssrc: 1,
        media_ssrc: 2,
        nacks,
    });
    let Packet::Nack { sender: 1, media: 2, lost } = read_here(&nack) else { panic!("{nack:?}") };
    assert_eq!(lost.collect::<Vec<_>>(), [65_535, 0, 1, 90]);
    let remb =
        written_by_them(&payload_feedbacks::receiver_estimated_maximum_bitrate::ReceiverEstimatedMaximumBitrate {
            sender_ssrc: 1,
            bitrate: 2_500_000.0,
            ssrcs: vec![5, 6],
        });
    let Packet::Remb { sender: 1, bps: 2_500_000, ssrcs } = read_here(&remb) else { panic!("{remb:?}") };
    assert_eq!(ssrcs.collect::<Vec<_>>(), [5, 6]);
}

#[test]
fn they_find_the_same_arrivals_in_a_feedback() {
    use transport_feedbacks::transport_layer_cc::TransportLayerCc;
    let mut seed = 7;
    for packets in [1, 6, 7, 8, 13, 14, 15, 40, 300] {
        let arrivals: Vec<_> = (0..packets).map(|place| arrival(&mut seed).or((place == 0).then_some(START))).collect();
        let read = read_by_them(|writer| {
            assert_eq!(twcc::write(writer, 1, 2, 3, 65_000, arrivals.iter().copied()), arrivals.len());
        });
        let feedback = as_theirs::<TransportLayerCc>(&*read[0]);
        assert_eq!((feedback.base_sequence_number, feedback.fb_pkt_count), (65_000, 3));
        assert_eq!(usize::from(feedback.packet_status_count), arrivals.len());
        let mut now = i64::from(feedback.reference_time) * 64_000;
        let theirs: Vec<_> = feedback.recv_deltas.iter().map(|delta| (now += delta.delta, now).1).collect();
        let expected: Vec<_> = arrivals.iter().flatten().map(|time| time.micros().cast_signed()).collect();
        assert_eq!(theirs, expected);
        let again = written_by_them(feedback);
        let Packet::TransportCc(ours) = read_here(&again) else { panic!("{again:?}") };
        let ours: Vec<_> = ours.arrivals().map(|(_, at)| at.map(|at| ours.reference_us() + at)).collect();
        let expected: Vec<_> = arrivals.iter().map(|at| at.map(|at| at.micros().cast_signed())).collect();
        assert_eq!(ours, expected);
    }
}

/// A multiple of the reference time's tick.
const START: Time = Time::from_micros(64_000_000);

/// Lost, or at some multiple of 250 µs within 10 ms or within a second.
fn arrival(seed: &mut u64) -> Option<Time> {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    let ticks = if *seed & 64 > 0 { 4_000 } else { 40 };
    (!seed.is_multiple_of(3)).then(|| START + Duration::from_micros((*seed >> 8) % ticks * 250))
}

#[test]
fn they_find_the_same_header_extensions() {
    for wide in [false, true] {
        let mut packet = [0; 100];
        let header = rtp::Header {
            payload_type: 96,
            sequence: 5,
            extension: Some(rtp::Extension::default()),
            ..rtp::Header::default()
        };
        rtp::write_fixed(packet.first_chunk_mut().unwrap(), &header);
        let mut block = rtp_ext::Writer::new(&mut packet[12..]);
        assert!(block.element(4, b"mid") && block.element(9, b"1234567890123456"));
        assert!(!wide || block.element(100, b""));
        let length = 12 + block.finish();
        let theirs = rtc::rtp::header::Header::unmarshal(&mut &packet[..length]).unwrap();
        assert_eq!((theirs.payload_type, theirs.sequence_number), (96, 5));
        assert_eq!(theirs.get_extension(4).as_deref(), Some(b"mid".as_slice()));
        assert_eq!(theirs.get_extension(9).as_deref(), Some(b"1234567890123456".as_slice()));
        assert_eq!(theirs.get_extension(100).is_some(), wide);
        let again = written_by_them(&theirs);
        let header = rtp::Header::read(&again).unwrap();
        assert_eq!(rtp_ext::find(&again, &header, 4), Some(b"mid".as_slice()));
        assert_eq!(rtp_ext::find(&again, &header, 9), Some(b"1234567890123456".as_slice()));
    }
}

const TRANSACTION: [u8; 12] = *b"transaction!";
const PASSWORD: &str = "a password";

fn their_message(bytes: &[u8]) -> stun::message::Message {
    let mut message = stun::message::Message::new();
    message.unmarshal_binary(bytes).expect("they can read it");
    stun::fingerprint::FINGERPRINT.check(&message).expect("the fingerprint is right");
    let crypto = rtc::crypto::default_provider().expect("a provider");
    stun::integrity::MessageIntegrity::check(&mut message, PASSWORD.as_bytes(), crypto.crypto())
        .expect("the integrity is right");
    message
}

#[test]
fn they_believe_our_messages() {
    let mut out = [0; 200];
    let length = write_binding_request(&mut out, &TRANSACTION, b"a:b", PASSWORD.as_bytes(), true, 5, 6).unwrap();
    let message = their_message(&out[..length]);
    assert_eq!(message.typ, stun::message::BINDING_REQUEST);
    assert_eq!(message.get(stun::attributes::ATTR_USERNAME).unwrap(), b"a:b");
    for from in ["192.0.2.7:40000", "[2001:db8::9]:40001"] {
        let from: std::net::SocketAddr = from.parse().unwrap();
        let length = write_binding_success(&mut out, &TRANSACTION, from, PASSWORD.as_bytes()).unwrap();
        let message = their_message(&out[..length]);
        let mut mapped = stun::xoraddr::XorMappedAddress::default();
        mapped.get_from(&message).unwrap();
        assert_eq!((mapped.ip, mapped.port), (from.ip(), from.port()));
    }
    let length = write_binding_error(&mut out, &TRANSACTION, 487, Some(PASSWORD.as_bytes())).unwrap();
    let mut error = stun::error_code::ErrorCodeAttribute::default();
    error.get_from(&their_message(&out[..length])).unwrap();
    assert_eq!(error.code.0, 487);
}

#[test]
fn their_messages_are_believed_here() {
    let crypto = rtc::crypto::default_provider().expect("a provider");
    let from: std::net::SocketAddr = "[2001:db8::9]:40001".parse().unwrap();
    let mut theirs = stun::message::Message::new();
    theirs.typ = stun::message::BINDING_SUCCESS;
    theirs.transaction_id = stun::message::TransactionId(TRANSACTION);
    let integrity =
        stun::integrity::MessageIntegrity::new_short_term_integrity_with_provider(PASSWORD.to_owned(), crypto.crypto());
    let setters: Vec<Box<dyn Setter>> = vec![
        Box::new(stun::xoraddr::XorMappedAddress { ip: from.ip(), port: from.port() }),
        Box::new(stun::textattrs::Username::new(stun::attributes::ATTR_USERNAME, "a:b".to_owned())),
    ];
    theirs.write_header();
    for setter in setters {
        setter.add_to(&mut theirs).unwrap();
    }
    integrity.add_to(&mut theirs).unwrap();
    stun::fingerprint::FINGERPRINT.add_to(&mut theirs).unwrap();
    let message = Message::read(&theirs.raw).expect("well formed");
    assert_eq!((message.class, message.mapped), (Class::Success, Some(from)));
    assert_eq!((message.username(), message.transaction), (Some(b"a:b".as_slice()), TRANSACTION));
    assert!(message.verify(PASSWORD.as_bytes()));
    assert!(!message.verify(b"another"));
}
