//! What was written reads back, and only who knows the password is believed.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::*;

const TRANSACTION: [u8; 12] = *b"transaction!";
const PASSWORD: &[u8] = b"a password of twenty-four";

fn request(out: &mut [u8]) -> &mut [u8] {
    let length = write_binding_request(out, &TRANSACTION, b"ours:theirs", PASSWORD, true, 0x6e00_1eff, 77);
    &mut out[..length.expect("room")]
}

fn success(out: &mut [u8], from: SocketAddr) -> &[u8] {
    let length = write_binding_success(out, &TRANSACTION, from, PASSWORD);
    &out[..length.expect("room")]
}

#[test]
fn a_check_reads_back() {
    let mut out = [0xff; 200];
    let message = Message::read(request(&mut out)).unwrap();
    assert_eq!((message.class, message.method, message.transaction), (Class::Request, BINDING, TRANSACTION));
    assert_eq!(message.username(), Some(b"ours:theirs".as_slice()));
    assert_eq!((message.use_candidate, message.priority), (true, Some(0x6e00_1eff)));
    assert_eq!((message.controlling, message.controlled), (Some(77), None));
}

#[test]
fn only_who_knows_the_password_is_believed() {
    let mut out = [0; 200];
    let message = Message::read(request(&mut out)).unwrap();
    assert!(message.verify(PASSWORD));
    assert!(!message.verify(b"a password of twenty-fivE"));
    assert!(!message.verify(b""));
    let length = write_binding_error(&mut out, &TRANSACTION, 401, None).unwrap();
    assert!(!Message::read(&out[..length]).unwrap().verify(b""), "a message without integrity");
}

#[test]
fn a_bit_changed_on_the_way_is_noticed() {
    let mut out = [0; 200];
    let length = request(&mut out).len();
    // The fingerprint's own eight bytes are covered by nothing.
    for place in 0..length - 8 {
        out[place] ^= 0x04;
        let believed = Message::read(&out[..length]).is_some_and(|message| message.verify(PASSWORD));
        assert!(!believed, "byte {place}");
        out[place] ^= 0x04;
    }
    out[length - 1] ^= 1;
    assert!(Message::read(&out[..length]).is_none(), "a wrong fingerprint");
}

#[test]
fn what_follows_the_integrity_is_not_read() {
    let mut out = [0; 200];
    let length = request(&mut out).len() - 8;
    // In the fingerprint's place, an attribute that anybody on the way could have added.
    out[length..length + 12].copy_from_slice(&[0x80, 0x29, 0, 8, 0, 0, 0, 0, 0, 0, 0, 9]);
    out[2..4].copy_from_slice(&u16::try_from(length + 12 - 20).unwrap().to_be_bytes());
    let message = Message::read(&out[..length + 12]).unwrap();
    assert_eq!(message.controlled, None);
    assert!(message.verify(PASSWORD));
}

#[test]
fn a_client_learns_where_it_came_from() {
    let mut out = [0; 200];
    for from in ["192.0.2.7:40000", "[2001:db8::9]:40001"] {
        let from: SocketAddr = from.parse().unwrap();
        let message = Message::read(success(&mut out, from)).unwrap();
        assert_eq!((message.class, message.mapped), (Class::Success, Some(from)));
        assert!(message.verify(PASSWORD));
    }
    let dressed = SocketAddr::new(IpAddr::V6(Ipv4Addr::new(192, 0, 2, 7).to_ipv6_mapped()), 40_000);
    let message = Message::read(success(&mut out, dressed)).unwrap();
    assert_eq!(message.mapped, Some("192.0.2.7:40000".parse().unwrap()), "IPv4 without IPv6's clothes");
}

#[test]
fn a_refusal_says_why() {
    let mut out = [0; 200];
    for code in [300, 400, 401, 420, 487, 500, 699] {
        let length = write_binding_error(&mut out, &TRANSACTION, code, Some(PASSWORD)).unwrap();
        let message = Message::read(&out[..length]).unwrap();
        assert_eq!((message.class, message.error), (Class::Error, Some(code)));
        assert!(message.verify(PASSWORD));
    }
    assert_eq!(write_binding_error(&mut out, &TRANSACTION, 700, None), None);
    assert_eq!(write_binding_error(&mut out, &TRANSACTION, 299, None), None);
}

#[test]
fn a_code_that_is_none_is_refused() {
    let mut bytes = [0; 28];
    bytes[..8].copy_from_slice(&[0x01, 0x11, 0, 8, 0x21, 0x12, 0xa4, 0x42]);
    bytes[20..24].copy_from_slice(&[0, 9, 0, 4]);
    for (class, number, code) in [(4, 1, Some(401)), (2, 99, None), (7, 0, None)] {
        bytes[26..28].copy_from_slice(&[class, number]);
        assert_eq!(Message::read(&bytes).and_then(|message| message.error), code);
    }
}

#[test]
fn a_slice_too_short_is_refused() {
    let mut out = [0; 200];
    let from = SocketAddr::new(IpAddr::V6(Ipv6Addr::LOCALHOST), 1);
    let length = success(&mut out, from).len();
    assert_eq!(length, 76);
    for short in 0..length {
        assert_eq!(write_binding_success(&mut out[..short], &TRANSACTION, from, PASSWORD), None);
    }
    let length = request(&mut out).len();
    for short in 0..length {
        assert_eq!(write_binding_request(&mut out[..short], &TRANSACTION, b"ours:theirs", PASSWORD, true, 1, 2), None);
    }
}

#[test]
fn a_datagram_that_is_not_exactly_one_message_is_refused() {
    let mut out = [0; 200];
    let length = request(&mut out).len();
    for short in 0..length {
        assert!(Message::read(&out[..short]).is_none(), "{short} bytes");
    }
    assert!(Message::read(&out[..length + 4]).is_none(), "bytes after the message");
    out[4] ^= 1;
    assert!(Message::read(&out[..length]).is_none(), "another cookie");
}

#[test]
fn an_attribute_of_the_wrong_length_is_refused() {
    let mut bytes = [0; 28];
    bytes[..8].copy_from_slice(&[0, 1, 0, 8, 0x21, 0x12, 0xa4, 0x42]);
    for kind in [0x24, 0x802a, 0x8029, 0x08, 0x8028, 0x20] {
        bytes[20..24].copy_from_slice(&[(kind >> 8) as u8, kind as u8, 0, 3]);
        assert!(Message::read(&bytes).is_none(), "{kind:x}");
    }
    bytes[20..24].copy_from_slice(&[0, 6, 0, 5]);
    assert!(Message::read(&bytes).is_none(), "longer than the message");
    bytes[20..24].copy_from_slice(&[0, 6, 0, 3]);
    assert_eq!(Message::read(&bytes).unwrap().username(), Some([0, 0, 0].as_slice()), "padded to four");
}
