//! Reads a message without copying, and tells whether its sender knows the password.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::{COOKIE, HEADER_BYTES, INTEGRITY_BYTES, attribute, fingerprint, integrity};
use crate::wire::big_endian::{u16_at, u32_at, u64_at};

/// What a message is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Wants an answer.
    Request,
    /// Wants none.
    Indication,
    /// Yes.
    Success,
    /// No.
    Error,
}

/// A well-formed message; nothing in it is to be believed before [`Message::verify`].
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// What it is for.
    pub class: Class,
    /// 12 bits: see `BINDING`.
    pub method: u16,
    /// Ties an answer to its request.
    pub transaction: [u8; 12],
    /// Whether the pair of addresses is nominated (RFC 8445 §7.1.2).
    pub use_candidate: bool,
    /// What a peer-reflexive candidate would be worth (RFC 8445 §7.1.1).
    pub priority: Option<u32>,
    /// The sender thinks that it controls; its tie-breaker (RFC 8445 §7.1.3).
    pub controlling: Option<u64>,
    /// The sender thinks that it is controlled; its tie-breaker (RFC 8445 §7.1.3).
    pub controlled: Option<u64>,
    /// In a success: where the request came from.
    pub mapped: Option<SocketAddr>,
    /// In an error: 300 to 699.
    pub error: Option<u16>,
    username: Option<&'a [u8]>,
    /// What the integrity covers, and the integrity.
    integrity: Option<(&'a [u8], &'a [u8])>,
}

impl<'a> Message<'a> {
    /// Reads a datagram that is one message.
    ///
    /// `None` if it is not, if an attribute of the right type has the wrong length, or if the fingerprint is wrong.
    /// Attributes after the integrity are not read, except for the fingerprint (RFC 8489 §14.5). Of an attribute
    /// that is repeated the first counts.
    pub fn read(datagram: &'a [u8]) -> Option<Self> {
        let kind = u16_at(datagram, 0).filter(|kind| kind >> 14 == 0)?;
        let length = usize::from(u16_at(datagram, 2)?);
        if u32_at(datagram, 4)? != COOKIE || length % 4 != 0 || datagram.len() != HEADER_BYTES + length {
            return None;
        }
        let mut message = Self::new(kind, *datagram.get(8..)?.first_chunk()?);
        let mut at = HEADER_BYTES;
        while at < datagram.len() {
            let value = datagram.get(at + 4..)?.get(..usize::from(u16_at(datagram, at + 2)?))?;
            let next = at + 4 + value.len().next_multiple_of(4);
            message.attribute(u16_at(datagram, at)?, value, datagram, at, next)?;
            at = next;
        }
        Some(message)
    }

    /// `ours:theirs`, the two user name fragments of ICE (RFC 8445 §7.2.2).
    pub const fn username(&self) -> Option<&'a [u8]> {
        self.username
    }

    /// Whether the sender knows `password`; `false` too for a message without integrity. Takes as long either way.
    pub fn verify(&self, password: &[u8]) -> bool {
        let Some((covered, tag)) = self.integrity else { return false };
        // The header must say that the message ends after the integrity.
        let Ok(length) = u16::try_from(covered.len() - HEADER_BYTES + 4 + INTEGRITY_BYTES) else { return false };
        let expected = integrity(covered, length, password);
        aws_lc_rs::constant_time::verify_slices_are_equal(expected.as_ref(), tag).is_ok()
    }

    fn new(kind: u16, transaction: [u8; 12]) -> Self {
        let class = match (kind & 0x0100 != 0, kind & 0x0010 != 0) {
            (false, false) => Class::Request,
            (false, true) => Class::Indication,
            (true, false) => Class::Success,
            (true, true) => Class::Error,
        };
        let method = kind & 0x000f | (kind & 0x00e0) >> 1 | (kind & 0x3e00) >> 2;
        Self {
            class,
            method,
            transaction,
            use_candidate: false,
            priority: None,
            controlling: None,
            controlled: None,
            mapped: None,
            error: None,
            username: None,
            integrity: None,
        }
    }

    /// Takes in the attribute that lies at `at` and ends before `next`.
    fn attribute(&mut self, kind: u16, value: &'a [u8], datagram: &'a [u8], at: usize, next: usize) -> Option<()> {
        match kind {
            attribute::FINGERPRINT => {
                let valid = value.len() == 4 && u32_at(value, 0)? == fingerprint(datagram.get(..at)?);
                return (valid && next == datagram.len()).then_some(());
            }
            _ if self.integrity.is_some() => {}
            attribute::MESSAGE_INTEGRITY if value.len() == INTEGRITY_BYTES => {
                self.integrity = Some((datagram.get(..at)?, value));
            }
            attribute::MESSAGE_INTEGRITY => return None,
            attribute::USERNAME => _ = self.username.get_or_insert(value),
            attribute::USE_CANDIDATE => self.use_candidate = true,
            attribute::PRIORITY => _ = self.priority.get_or_insert(u32_at(exactly(4, value)?, 0)?),
            attribute::ICE_CONTROLLING => _ = self.controlling.get_or_insert(u64_at(exactly(8, value)?, 0)?),
            attribute::ICE_CONTROLLED => _ = self.controlled.get_or_insert(u64_at(exactly(8, value)?, 0)?),
            attribute::XOR_MAPPED_ADDRESS => _ = self.mapped.get_or_insert(address(value, &self.transaction)?),
            attribute::ERROR_CODE => _ = self.error.get_or_insert(error_code(value)?),
            _ => {}
        }
        Some(())
    }
}

fn exactly(length: usize, value: &[u8]) -> Option<&[u8]> {
    (value.len() == length).then_some(value)
}

/// Reads an address that was mixed with cookie and transaction (RFC 8489 §14.2).
fn address(value: &[u8], transaction: &[u8; 12]) -> Option<SocketAddr> {
    let port = u16_at(value, 2)? ^ (COOKIE >> 16) as u16;
    let ip = match (value.get(1)?, value.len()) {
        (1, 8) => IpAddr::V4(Ipv4Addr::from_bits(u32_at(value, 4)? ^ COOKIE)),
        (2, 20) => IpAddr::V6(Ipv6Addr::from_bits(u128::from_be_bytes(*value.last_chunk()?) ^ mask(transaction))),
        _ => return None,
    };
    Some(SocketAddr::new(ip, port))
}

/// What an IPv6 address is mixed with.
pub(super) fn mask(transaction: &[u8; 12]) -> u128 {
    transaction.iter().fold(u128::from(COOKIE), |mask, byte| mask << 8 | u128::from(*byte))
}

fn error_code(value: &[u8]) -> Option<u16> {
    let [_, _, class, number] = value.first_chunk()?;
    let code = u16::from(class & 7) * 100 + u16::from(*number);
    (300..700).contains(&code).then_some(code)
}
