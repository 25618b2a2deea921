//! Reads a compound packet, one packet after the other, without copying.

use super::{Block, REMB, format, kind};
use crate::wire::big_endian::{u16_at, u24_at, u32_at, u64_at};
use crate::wire::twcc;

/// One packet of a compound.
#[derive(Clone, Copy, Debug)]
pub enum Packet<'a> {
    /// How much a sender has sent, and what time it has (RFC 3550 §6.4.1).
    SenderReport {
        /// The stream.
        ssrc: u32,
        /// The sender's clock, see `Time::ntp`.
        ntp: u64,
        /// The same moment in the stream's clock.
        rtp: u32,
        /// Packets sent so far; wraps.
        packets: u32,
        /// Payload bytes sent so far; wraps.
        octets: u32,
        /// What the sender receives itself.
        blocks: Blocks<'a>,
    },
    /// What a receiver receives (RFC 3550 §6.4.2).
    ReceiverReport {
        /// Who reports.
        ssrc: u32,
        /// One for each stream.
        blocks: Blocks<'a>,
    },
    /// Names of sources (RFC 3550 §6.5); nobody here reads them.
    SourceDescription,
    /// These streams have ended (RFC 3550 §6.6).
    Bye(Ssrcs<'a>),
    /// These packets did not arrive (RFC 4585 §6.2.1).
    Nack {
        /// Who asks.
        sender: u32,
        /// Of which stream.
        media: u32,
        /// The sequence numbers.
        lost: Lost<'a>,
    },
    /// When each packet of the transport arrived.
    TransportCc(twcc::Feedback<'a>),
    /// A picture cannot be decoded (RFC 4585 §6.3.1).
    Pli {
        /// Who asks.
        sender: u32,
        /// Of which stream.
        media: u32,
    },
    /// A keyframe is asked for (RFC 5104 §4.3.1).
    Fir {
        /// Who asks.
        sender: u32,
        /// Of which streams, each with the number of the request.
        entries: FirEntries<'a>,
    },
    /// How much a receiver thinks it can take (draft-alvestrand-rmcat-remb-03 §2.2).
    Remb {
        /// Who says so.
        sender: u32,
        /// Bits per second.
        bps: u64,
        /// The streams that share it.
        ssrcs: Ssrcs<'a>,
    },
    /// More statistics (RFC 3611); nobody here reads them.
    ExtendedReport,
    /// A packet of this type, or of an unknown format of this type.
    Other(u8),
}

/// The bytes from here on are no RTCP packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an RTCP packet")]
pub struct Malformed;

/// The packets of a compound; ends after the first malformed one.
pub const fn packets(compound: &[u8]) -> Packets<'_> {
    Packets { rest: compound }
}

/// Walks a compound packet.
#[derive(Clone, Copy, Debug)]
pub struct Packets<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Packets<'a> {
    type Item = Result<Packet<'a>, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let Some((packet, rest)) = split(self.rest).and_then(|(raw, rest)| Some((raw.read()?, rest))) else {
            self.rest = &[];
            return Some(Err(Malformed));
        };
        self.rest = rest;
        Some(Ok(packet))
    }
}

/// A packet cut out of its compound: the common header's fields, and what follows it without padding.
struct Raw<'a> {
    count: u8,
    kind: u8,
    body: &'a [u8],
}

fn split(compound: &[u8]) -> Option<(Raw<'_>, &[u8])> {
    let &[flags, kind, ..] = compound.first_chunk::<4>()?;
    if flags >> 6 != 2 {
        return None;
    }
    let length = 4 + 4 * usize::from(u16_at(compound, 2)?);
    let (packet, rest) = compound.split_at_checked(length)?;
    let mut body = packet.get(4..)?;
    if flags & 0x20 != 0 {
        let padding = usize::from(*body.last()?);
        body = body.get(..body.len().checked_sub(padding)?).filter(|_| padding > 0)?;
    }
    Some((Raw { count: flags & 0x1f, kind, body }, rest))
}

impl<'a> Raw<'a> {
    fn read(&self) -> Option<Packet<'a>> {
        match (self.kind, self.count) {
            (kind::SENDER_REPORT, _) => self.sender_report(),
            (kind::RECEIVER_REPORT, _) => {
                Some(Packet::ReceiverReport { ssrc: u32_at(self.body, 0)?, blocks: self.blocks(4)? })
            }
            (kind::SOURCE_DESCRIPTION, _) => Some(Packet::SourceDescription),
            (kind::BYE, count) => Some(Packet::Bye(Ssrcs::cut(self.body, 0, usize::from(count))?)),
            (kind::TRANSPORT_FEEDBACK, format::NACK) => self.nack(),
            (kind::TRANSPORT_FEEDBACK, format::TRANSPORT_CC) => {
                Some(Packet::TransportCc(twcc::Feedback::read(self.body)?))
            }
            (kind::PAYLOAD_FEEDBACK, format::PLI) => {
                Some(Packet::Pli { sender: u32_at(self.body, 0)?, media: u32_at(self.body, 4)? })
            }
            (kind::PAYLOAD_FEEDBACK, format::FIR) => {
                Some(Packet::Fir { sender: u32_at(self.body, 0)?, entries: FirEntries { rest: self.body.get(8..)? } })
            }
            (kind::PAYLOAD_FEEDBACK, format::APPLICATION) if self.body.get(8..12) == Some(REMB) => self.remb(),
            (kind::EXTENDED_REPORT, _) => Some(Packet::ExtendedReport),
            (other, _) => Some(Packet::Other(other)),
        }
    }

    fn sender_report(&self) -> Option<Packet<'a>> {
        Some(Packet::SenderReport {
            ssrc: u32_at(self.body, 0)?,
            ntp: u64_at(self.body, 4)?,
            rtp: u32_at(self.body, 12)?,
            packets: u32_at(self.body, 16)?,
            octets: u32_at(self.body, 20)?,
            blocks: self.blocks(24)?,
        })
    }

    fn nack(&self) -> Option<Packet<'a>> {
        let lost = Lost { rest: self.body.get(8..)?, first: 0, mask: 0 };
        Some(Packet::Nack { sender: u32_at(self.body, 0)?, media: u32_at(self.body, 4)?, lost })
    }

    /// After "REMB": 8 bits count of streams, 6 bits exponent, 18 bits mantissa.
    fn remb(&self) -> Option<Packet<'a>> {
        let count = usize::from(*self.body.get(12)?);
        let rate = u24_at(self.body, 13)?;
        let mantissa = u64::from(rate & 0x3_ffff);
        let exponent = rate >> 18;
        let bps = mantissa.saturating_mul(1 << exponent);
        Some(Packet::Remb { sender: u32_at(self.body, 0)?, bps, ssrcs: Ssrcs::cut(self.body, 16, count)? })
    }

    fn blocks(&self, at: usize) -> Option<Blocks<'a>> {
        let rest = self.body.get(at..)?.get(..BLOCK_BYTES * usize::from(self.count))?;
        Some(Blocks { rest })
    }
}

const BLOCK_BYTES: usize = 24;

/// Walks report blocks.
#[derive(Clone, Copy, Debug)]
pub struct Blocks<'a> {
    rest: &'a [u8],
}

impl Iterator for Blocks<'_> {
    type Item = Block;

    fn next(&mut self) -> Option<Block> {
        let (block, rest) = self.rest.split_at_checked(BLOCK_BYTES)?;
        self.rest = rest;
        // Sign-extends the lower 24 bits.
        let cumulative_lost = (u24_at(block, 5)? << 8).cast_signed() >> 8;
        Some(Block {
            ssrc: u32_at(block, 0)?,
            fraction_lost: *block.get(4)?,
            cumulative_lost,
            highest: u32_at(block, 8)?,
            jitter: u32_at(block, 12)?,
            last_sr: u32_at(block, 16)?,
            delay: u32_at(block, 20)?,
        })
    }
}

/// Walks names of streams.
#[derive(Clone, Copy, Debug)]
pub struct Ssrcs<'a> {
    rest: &'a [u8],
}

impl<'a> Ssrcs<'a> {
    fn cut(body: &'a [u8], at: usize, count: usize) -> Option<Self> {
        Some(Self { rest: body.get(at..)?.get(..4 * count)? })
    }
}

impl Iterator for Ssrcs<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        let (ssrc, rest) = self.rest.split_first_chunk()?;
        self.rest = rest;
        Some(u32::from_be_bytes(*ssrc))
    }
}

/// Walks the sequence numbers of a NACK, in the order in which it names them: at most 17 for every four bytes.
#[derive(Clone, Copy, Debug)]
pub struct Lost<'a> {
    rest: &'a [u8],
    /// The sequence number that the mask counts from.
    first: u16,
    /// Bit `n` stands for `first + n + 1`.
    mask: u16,
}

impl Iterator for Lost<'_> {
    type Item = u16;

    fn next(&mut self) -> Option<u16> {
        if self.mask == 0 {
            let ([a, b, c, d], rest) = self.rest.split_first_chunk()?;
            self.rest = rest;
            self.first = u16::from_be_bytes([*a, *b]);
            self.mask = u16::from_be_bytes([*c, *d]);
            return Some(self.first);
        }
        let lowest = self.mask.trailing_zeros();
        self.mask &= self.mask - 1;
        Some(self.first.wrapping_add(1 + u16::try_from(lowest).ok()?))
    }
}

/// Walks the requests of a FIR: each the stream, and the number that tells a new request from a repeated one.
#[derive(Clone, Copy, Debug)]
pub struct FirEntries<'a> {
    rest: &'a [u8],
}

impl Iterator for FirEntries<'_> {
    type Item = (u32, u8);

    fn next(&mut self) -> Option<Self::Item> {
        let (entry, rest) = self.rest.split_first_chunk::<8>()?;
        self.rest = rest;
        Some((u32_at(entry, 0)?, entry[4]))
    }
}
