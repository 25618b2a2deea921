//! As much STUN as an ICE-lite agent and its tests need: binding requests and what answers them (RFC 8489, RFC 8445).

mod read;
mod write;

#[cfg(test)]
mod tests;

pub use read::{Class, Message};
pub use write::{write_binding_error, write_binding_request, write_binding_success};

use aws_lc_rs::hmac;

/// The only method that is spoken here (RFC 8489 §18.2).
pub const BINDING: u16 = 1;

const HEADER_BYTES: usize = 20;

/// The third to sixth pair of bytes tell STUN from what came before it (RFC 8489 §5).
const COOKIE: u32 = 0x2112_a442;

const INTEGRITY_BYTES: usize = 20;

/// Attribute types (RFC 8489 §18.3, RFC 8445 §20.1).
mod attribute {
    pub(super) const USERNAME: u16 = 0x0006;
    pub(super) const MESSAGE_INTEGRITY: u16 = 0x0008;
    pub(super) const ERROR_CODE: u16 = 0x0009;
    pub(super) const XOR_MAPPED_ADDRESS: u16 = 0x0020;
    pub(super) const PRIORITY: u16 = 0x0024;
    pub(super) const USE_CANDIDATE: u16 = 0x0025;
    pub(super) const FINGERPRINT: u16 = 0x8028;
    pub(super) const ICE_CONTROLLED: u16 = 0x8029;
    pub(super) const ICE_CONTROLLING: u16 = 0x802a;
}

/// HMAC-SHA1 over `covered`, a message from its start, with `length` in its header (RFC 8489 §14.5).
fn integrity(covered: &[u8], length: u16, password: &[u8]) -> hmac::Tag {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, password));
    context.update(covered.get(..2).unwrap_or_default());
    context.update(&length.to_be_bytes());
    context.update(covered.get(4..).unwrap_or_default());
    context.sign()
}

/// The checksum over `covered`, a message from its start (RFC 8489 §14.7).
fn fingerprint(covered: &[u8]) -> u32 {
    crc32fast::hash(covered) ^ 0x5354_554e
}
