//! STUN: what is written is believed, and nothing that was changed on the way.

use std::net::{IpAddr, SocketAddr};

use crate::wire::stun::{Class, Message, write_binding_error, write_binding_request, write_binding_success};

/// The password that the seeds of the corpus know.
pub(super) const PASSWORD: &[u8] = b"the password of the seeds";

/// Any bytes as a message, and as the parts of one.
///
/// # Panics
/// If something does not hold that must.
pub fn stun(bytes: &[u8]) {
    if let Some(message) = Message::read(bytes) {
        assert!(message.username().is_none_or(|name| name.len() + 24 <= bytes.len()));
        // An answer to it reads back.
        if message.verify(PASSWORD) {
            assert!(bytes.len() >= 44, "there is no integrity in less");
            answers_read_back(&message);
        }
    }
    request_reads_back(bytes);
}

fn answers_read_back(request: &Message<'_>) {
    let mut out = [0xff; 128];
    let ip = IpAddr::from(request.priority.unwrap_or_default().to_be_bytes());
    let from = SocketAddr::new(ip, request.controlling.unwrap_or_default() as u16);
    let length = write_binding_success(&mut out, &request.transaction, from, PASSWORD).expect("there is room");
    let answer = Message::read(&out[..length]).expect("what was written reads back");
    assert_eq!((answer.class, answer.mapped), (Class::Success, Some(from)));
    assert_eq!(answer.transaction, request.transaction);
    assert!(answer.verify(PASSWORD));
    let length = write_binding_error(&mut out, &request.transaction, 487, Some(PASSWORD)).expect("there is room");
    let answer = Message::read(&out[..length]).expect("what was written reads back");
    assert_eq!((answer.class, answer.error), (Class::Error, Some(487)));
    assert!(answer.verify(PASSWORD));
}

/// The first bytes choose the request's numbers and the bit that is changed; the rest is the user name.
fn request_reads_back(bytes: &[u8]) {
    let Some((numbers, username)) = bytes.split_first_chunk::<16>() else { return };
    let Some((transaction, &[high, low, flags, _])) = numbers.split_first_chunk::<12>() else { return };
    let username = &username[..username.len().min(512)];
    let mut out = [0xff; 700];
    let length = write_binding_request(
        &mut out,
        transaction,
        username,
        PASSWORD,
        flags & 1 != 0,
        u32::from(flags),
        u64::from(low),
    )
    .expect("there is room");
    let message = Message::read(&out[..length]).expect("what was written reads back");
    assert_eq!((message.class, message.transaction), (Class::Request, *transaction));
    assert_eq!((message.username(), message.use_candidate), (Some(username), flags & 1 != 0));
    assert_eq!((message.priority, message.controlling), (Some(u32::from(flags)), Some(u64::from(low))));
    assert!(message.verify(PASSWORD));
    // The last eight bytes are the fingerprint, which the integrity does not cover.
    let changed = usize::from(u16::from_be_bytes([high, low])) % (8 * (length - 8));
    out[changed / 8] ^= 1 << (changed % 8);
    assert!(Message::read(&out[..length]).is_none_or(|message| !message.verify(PASSWORD)));
}
