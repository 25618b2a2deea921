//! Reads a feedback without copying; everything is checked first, so that walking it cannot fail.

use super::{FIXED_BYTES, REFERENCE_US, Symbol, TICK_US};
use crate::wire::big_endian::{u16_at, u24_at, u32_at};

/// A checked feedback.
#[derive(Clone, Copy, Debug)]
pub struct Feedback<'a> {
    /// Who received.
    pub sender: u32,
    /// A stream of the transport; nobody minds which.
    pub media: u32,
    /// The transport-wide sequence number of the first packet it speaks of.
    pub base: u16,
    /// Of how many packets it speaks. A few bytes can stand for 65,535 packets.
    pub packets: u16,
    /// Counts feedbacks; wraps.
    pub count: u8,
    /// In 64 ms, 24 bits with a sign, on a clock of the receiver's choice.
    reference: i32,
    chunks: &'a [u8],
    deltas: &'a [u8],
}

impl<'a> Feedback<'a> {
    /// Reads what follows the common header, without its padding.
    pub(in crate::wire) fn read(body: &'a [u8]) -> Option<Self> {
        let packets = u16_at(body, 10)?;
        let rest = body.get(FIXED_BYTES..)?;
        let (chunks_length, deltas_length) = measure(rest, packets)?;
        let (chunks, rest) = rest.split_at_checked(chunks_length)?;
        Some(Self {
            sender: u32_at(body, 0)?,
            media: u32_at(body, 4)?,
            base: u16_at(body, 8)?,
            packets,
            count: *body.get(15)?,
            reference: (u24_at(body, 12)? << 8).cast_signed() >> 8,
            chunks,
            deltas: rest.get(..deltas_length)?,
        })
    }

    /// The reference time in microseconds, on a clock of the receiver's choice that wraps every 12 days.
    pub fn reference_us(&self) -> i64 {
        i64::from(self.reference) * REFERENCE_US.cast_signed()
    }

    /// Of each packet its sequence number and, if it came, when: in microseconds after the reference time.
    pub fn arrivals(&self) -> Arrivals<'a> {
        Arrivals {
            sequence: self.base,
            left: self.packets,
            chunks: self.chunks,
            chunk: Chunk::EMPTY,
            deltas: self.deltas,
            ticks: 0,
        }
    }
}

/// How many bytes the chunks of `packets` packets have, and how many bytes the deltas that they announce.
fn measure(rest: &[u8], packets: u16) -> Option<(usize, usize)> {
    let (mut left, mut chunks, mut deltas) = (packets, 0, 0);
    while left > 0 {
        let mut chunk = Chunk::read(u16_at(rest, chunks)?)?;
        chunks += 2;
        match &mut chunk {
            Chunk::Run { symbol, length } => {
                let covered = left.min(*length);
                deltas += symbol.delta_bytes() * usize::from(covered);
                left -= covered;
            }
            Chunk::Vector { .. } => {
                while left > 0 && !chunk.is_empty() {
                    deltas += chunk.next()?.delta_bytes();
                    left -= 1;
                }
            }
        }
    }
    Some((chunks, deltas))
}

/// What is left of a chunk.
#[derive(Clone, Copy, Debug)]
enum Chunk {
    /// The same for `length` packets.
    Run { symbol: Symbol, length: u16 },
    /// Its own for each packet: `left` symbols of `width` bits, the next one in the highest bits.
    Vector { symbols: u16, width: u8, left: u8 },
}

impl Chunk {
    const EMPTY: Self = Self::Run { symbol: Symbol::NotReceived, length: 0 };

    fn read(bits: u16) -> Option<Self> {
        Some(match bits >> 14 {
            0 | 1 => Self::Run { symbol: Symbol::from_bits(bits >> 13)?, length: bits & 0x1fff },
            2 => Self::Vector { symbols: bits << 2, width: 1, left: 14 },
            _ => Self::Vector { symbols: bits << 2, width: 2, left: 7 },
        })
    }

    const fn is_empty(&self) -> bool {
        matches!(self, Self::Run { length: 0, .. } | Self::Vector { left: 0, .. })
    }

    /// The next packet's symbol; `None` at the end, and for the symbol that means nothing.
    fn next(&mut self) -> Option<Symbol> {
        match self {
            Self::Run { symbol, length } => {
                *length = length.checked_sub(1)?;
                Some(*symbol)
            }
            Self::Vector { symbols, width, left } => {
                *left = left.checked_sub(1)?;
                let bits = *symbols >> (16 - *width);
                *symbols <<= *width;
                Symbol::from_bits(bits)
            }
        }
    }
}

/// Walks the packets of a feedback.
#[derive(Clone, Copy, Debug)]
pub struct Arrivals<'a> {
    sequence: u16,
    left: u16,
    chunks: &'a [u8],
    chunk: Chunk,
    deltas: &'a [u8],
    ticks: i64,
}

impl Arrivals<'_> {
    fn symbol(&mut self) -> Option<Symbol> {
        while self.chunk.is_empty() {
            let (bits, rest) = self.chunks.split_first_chunk()?;
            self.chunk = Chunk::read(u16::from_be_bytes(*bits))?;
            self.chunks = rest;
        }
        self.chunk.next()
    }

    fn delta(&mut self, symbol: Symbol) -> Option<i16> {
        let (delta, rest) = self.deltas.split_at_checked(symbol.delta_bytes())?;
        self.deltas = rest;
        match *delta {
            [small] => Some(i16::from(small)),
            [high, low] => Some(i16::from_be_bytes([high, low])),
            _ => None,
        }
    }
}

impl Iterator for Arrivals<'_> {
    type Item = (u16, Option<i64>);

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let symbol = self.symbol()?;
        let sequence = self.sequence;
        self.sequence = sequence.wrapping_add(1);
        let arrival = self.delta(symbol).map(|delta| {
            self.ticks += i64::from(delta);
            self.ticks * TICK_US.cast_signed()
        });
        Some((sequence, arrival))
    }
}
