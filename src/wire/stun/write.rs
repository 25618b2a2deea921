//! Writes messages into a slice, with integrity and fingerprint.

use std::net::SocketAddr;

use super::read::{Class, mask};
use super::{BINDING, COOKIE, HEADER_BYTES, INTEGRITY_BYTES, attribute, fingerprint, integrity};
use crate::wire::big_endian::put;

/// Answers a binding request that came `from` there; how many bytes, `None` if `out` is too short (76 are enough).
///
/// An IPv4 address in IPv6's clothes is written as IPv4, for that is what the client knows.
pub fn write_binding_success(
    out: &mut [u8],
    transaction: &[u8; 12],
    from: SocketAddr,
    password: &[u8],
) -> Option<usize> {
    let mut message = Writer::new(out, Class::Success, transaction)?;
    message.address(from, transaction)?;
    message.integrity(password)?;
    message.fingerprint()
}

/// Refuses a binding request with a `code` from 300 to 699; how many bytes, `None` if `out` is too short or the code
/// is none.
///
/// A request that could not be authenticated is refused without password (RFC 8489 §9.1.3).
pub fn write_binding_error(
    out: &mut [u8],
    transaction: &[u8; 12],
    code: u16,
    password: Option<&[u8]>,
) -> Option<usize> {
    let mut message = Writer::new(out, Class::Error, transaction)?;
    message.error(code)?;
    if let Some(password) = password {
        message.integrity(password)?;
    }
    message.fingerprint()
}

/// Writes the check of a controlling agent, as a client sends it; how many bytes, `None` if `out` is too short.
///
/// `username` is `theirs:ours`, `password` theirs, `tie_breaker` any number (RFC 8445 §7.1 and §7.2.2).
pub fn write_binding_request(
    out: &mut [u8],
    transaction: &[u8; 12],
    username: &[u8],
    password: &[u8],
    use_candidate: bool,
    priority: u32,
    tie_breaker: u64,
) -> Option<usize> {
    let mut message = Writer::new(out, Class::Request, transaction)?;
    message.attribute(attribute::USERNAME, username)?;
    message.attribute(attribute::PRIORITY, &priority.to_be_bytes())?;
    message.attribute(attribute::ICE_CONTROLLING, &tie_breaker.to_be_bytes())?;
    if use_candidate {
        message.attribute(attribute::USE_CANDIDATE, &[])?;
    }
    message.integrity(password)?;
    message.fingerprint()
}

struct Writer<'a> {
    out: &'a mut [u8],
    length: usize,
}

impl<'a> Writer<'a> {
    fn new(out: &'a mut [u8], class: Class, transaction: &[u8; 12]) -> Option<Self> {
        let class = match class {
            Class::Request => 0x0000,
            Class::Indication => 0x0010,
            Class::Success => 0x0100,
            Class::Error => 0x0110,
        };
        put(out, 0, &(class | BINDING).to_be_bytes())?;
        put(out, 4, &COOKIE.to_be_bytes())?;
        put(out, 8, transaction)?;
        Some(Self { out, length: HEADER_BYTES })
    }

    /// Adds an attribute; the header's length counts it from then on.
    fn attribute(&mut self, kind: u16, value: &[u8]) -> Option<()> {
        let end = self.length + 4 + value.len();
        let next = end.next_multiple_of(4);
        self.out.get_mut(end..next)?.fill(0);
        put(self.out, self.length, &kind.to_be_bytes())?;
        put(self.out, self.length + 2, &u16::try_from(value.len()).ok()?.to_be_bytes())?;
        put(self.out, self.length + 4, value)?;
        put(self.out, 2, &u16::try_from(next - HEADER_BYTES).ok()?.to_be_bytes())?;
        self.length = next;
        Some(())
    }

    fn address(&mut self, from: SocketAddr, transaction: &[u8; 12]) -> Option<()> {
        let [port_high, port_low] = (from.port() ^ (COOKIE >> 16) as u16).to_be_bytes();
        let mut value = [0, 0, port_high, port_low, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        let (family, length) = match from.ip().to_canonical() {
            std::net::IpAddr::V4(ip) => {
                put(&mut value, 4, &(ip.to_bits() ^ COOKIE).to_be_bytes())?;
                (1, 8)
            }
            std::net::IpAddr::V6(ip) => {
                put(&mut value, 4, &(ip.to_bits() ^ mask(transaction)).to_be_bytes())?;
                (2, 20)
            }
        };
        value[1] = family;
        self.attribute(attribute::XOR_MAPPED_ADDRESS, &value[..length])
    }

    fn error(&mut self, code: u16) -> Option<()> {
        if !(300..700).contains(&code) {
            return None;
        }
        let reason: &[u8] = match code {
            400 => b"Bad Request",
            401 => b"Unauthenticated",
            420 => b"Unknown Attribute",
            487 => b"Role Conflict",
            _ => b"Server Error",
        };
        let mut value = [0; 4 + 17];
        put(&mut value, 2, &[u8::try_from(code / 100).ok()?, u8::try_from(code % 100).ok()?])?;
        put(&mut value, 4, reason)?;
        self.attribute(attribute::ERROR_CODE, value.get(..4 + reason.len())?)
    }

    fn integrity(&mut self, password: &[u8]) -> Option<()> {
        let covered = self.out.get(..self.length)?;
        let length = u16::try_from(self.length - HEADER_BYTES + 4 + INTEGRITY_BYTES).ok()?;
        let tag = integrity(covered, length, password);
        self.attribute(attribute::MESSAGE_INTEGRITY, tag.as_ref())
    }

    /// Adds the fingerprint, which is always the last attribute.
    fn fingerprint(mut self) -> Option<usize> {
        let covered = self.length;
        // Its own length must be in the header that it covers.
        self.attribute(attribute::FINGERPRINT, &[0; 4])?;
        let checksum = fingerprint(self.out.get(..covered)?);
        put(self.out, covered + 4, &checksum.to_be_bytes())?;
        Some(self.length)
    }
}
