//! Writes a feedback: first the chunks, as far as they and their deltas fit, then the deltas.

use super::{HEAD_BYTES, REFERENCE_US, Symbol, TICK_US};
use crate::base::time::Time;
use crate::wire::big_endian::put;
use crate::wire::rtcp::{Writer, format, kind};

/// Adds a feedback on the packets from `base` on: one item for each sequence number, `None` for one that did not come.
///
/// Returns of how many packets it speaks; the next feedback starts after them. It ends early when the room ends, and
/// before a packet that came more than 8 s after or before the one in front of it, whose delta has no 16 bits.
/// Zero, with nothing written, if no packet came or not even the first fits.
pub fn write(
    writer: &mut Writer<'_>,
    sender: u32,
    media: u32,
    count: u8,
    base: u16,
    arrivals: impl Iterator<Item = Option<Time>> + Clone,
) -> usize {
    let Some(first) = arrivals.clone().flatten().next() else { return 0 };
    let reference = first.micros() / REFERENCE_US;
    let steps = Steps { arrivals, ticks: reference * (REFERENCE_US / TICK_US) };
    let room = writer.room();
    let plan = write_chunks(room, steps.clone());
    if plan.received == 0 {
        return 0;
    }
    let end = write_deltas(room, HEAD_BYTES + plan.chunk_bytes, steps.take(usize::from(plan.packets)));
    let Some(length) = pad(room, end) else { return 0 };
    let head = Head { sender, media, count, base, packets: plan.packets, reference };
    if head.write(room, length, length > end).is_none() {
        return 0;
    }
    writer.claim(length);
    usize::from(plan.packets)
}

/// Turns arrivals into symbols and deltas; ends where a delta would not have 16 bits.
#[derive(Clone)]
struct Steps<A> {
    arrivals: A,
    /// When the last packet came, in ticks.
    ticks: u64,
}

impl<A: Iterator<Item = Option<Time>>> Iterator for Steps<A> {
    type Item = (Symbol, i16);

    fn next(&mut self) -> Option<Self::Item> {
        let Some(arrival) = self.arrivals.next()? else { return Some((Symbol::NotReceived, 0)) };
        let ticks = arrival.micros() / TICK_US;
        let delta = i16::try_from(ticks.cast_signed() - self.ticks.cast_signed()).ok()?;
        self.ticks = ticks;
        let symbol = if u8::try_from(delta).is_ok() { Symbol::Small } else { Symbol::Large };
        Some((symbol, delta))
    }
}

/// How far the room reaches.
#[derive(Default)]
struct Plan {
    packets: u16,
    received: u16,
    chunk_bytes: usize,
}

fn write_chunks(room: &mut [u8], steps: impl Iterator<Item = (Symbol, i16)>) -> Plan {
    let (mut plan, mut pending, mut delta_bytes) = (Plan::default(), Pending::default(), 0);
    for (symbol, _) in steps.take(usize::from(u16::MAX)) {
        let mut next = pending;
        let full = next.push(symbol);
        let chunk_bytes = plan.chunk_bytes + 2 * usize::from(full.is_some());
        delta_bytes += symbol.delta_bytes();
        // What is pending takes one more chunk.
        if (HEAD_BYTES + chunk_bytes + 2 + delta_bytes).next_multiple_of(4) > room.len() {
            break;
        }
        if let Some(chunk) = full {
            put(room, HEAD_BYTES + plan.chunk_bytes, &chunk.to_be_bytes());
        }
        plan.chunk_bytes = chunk_bytes;
        plan.packets += 1;
        plan.received += u16::from(symbol != Symbol::NotReceived);
        pending = next;
    }
    if plan.received > 0 {
        put(room, HEAD_BYTES + plan.chunk_bytes, &pending.last().to_be_bytes());
        plan.chunk_bytes += 2;
    }
    plan
}

/// Writes the deltas from `at` on; where they end.
fn write_deltas(room: &mut [u8], mut at: usize, steps: impl Iterator<Item = (Symbol, i16)>) -> usize {
    for (symbol, delta) in steps {
        let [high, low] = delta.to_be_bytes();
        let bytes: &[u8] = match symbol {
            Symbol::NotReceived => &[],
            Symbol::Small => &[low],
            Symbol::Large => &[high, low],
        };
        put(room, at, bytes);
        at += bytes.len();
    }
    at
}

/// Fills up to a multiple of four; the last byte says with how many bytes (RFC 3550 §6.4.1).
fn pad(room: &mut [u8], end: usize) -> Option<usize> {
    let length = end.next_multiple_of(4);
    let padding = room.get_mut(end..length)?;
    let count = u8::try_from(padding.len()).ok()?;
    padding.fill(0);
    if let Some(last) = padding.last_mut() {
        *last = count;
    }
    Some(length)
}

struct Head {
    sender: u32,
    media: u32,
    count: u8,
    base: u16,
    packets: u16,
    reference: u64,
}

impl Head {
    fn write(&self, room: &mut [u8], length: usize, padded: bool) -> Option<()> {
        let words = u16::try_from(length / 4 - 1).ok()?;
        let [.., a, b, c] = self.reference.to_be_bytes();
        put(room, 0, &[0x80 | u8::from(padded) << 5 | format::TRANSPORT_CC, kind::TRANSPORT_FEEDBACK])?;
        put(room, 2, &words.to_be_bytes())?;
        put(room, 4, &self.sender.to_be_bytes())?;
        put(room, 8, &self.media.to_be_bytes())?;
        put(room, 12, &self.base.to_be_bytes())?;
        put(room, 14, &self.packets.to_be_bytes())?;
        put(room, 16, &[a, b, c, self.count])
    }
}

/// Packets of a vector with one bit for each.
const ONE_BIT: usize = 14;

/// Packets of a vector with two bits for each.
const TWO_BIT: usize = 7;

/// Packets of the longest run.
const RUN_MAX: u16 = 0x1fff;

/// Symbols that are not in a chunk yet: always few enough for one.
#[derive(Clone, Copy)]
struct Pending {
    symbols: [Symbol; ONE_BIT],
    /// More than there is place in `symbols` only while all are the same.
    length: u16,
    same: bool,
    large: bool,
}

impl Default for Pending {
    fn default() -> Self {
        Self { symbols: [Symbol::NotReceived; ONE_BIT], length: 0, same: true, large: false }
    }
}

impl Pending {
    /// Takes a symbol in; if that would be too much for one chunk, what was pending leaves as a full chunk first.
    fn push(&mut self, symbol: Symbol) -> Option<u16> {
        let full = if self.has_place_for(symbol) { None } else { Some(self.first()) };
        self.same &= self.length == 0 || self.symbols[0] == symbol;
        self.large |= symbol == Symbol::Large;
        if let Some(place) = self.symbols.get_mut(usize::from(self.length)) {
            *place = symbol;
        }
        self.length += 1;
        full
    }

    fn has_place_for(&self, symbol: Symbol) -> bool {
        let length = usize::from(self.length);
        length < TWO_BIT
            || length < ONE_BIT && !self.large && symbol != Symbol::Large
            || self.same && self.symbols[0] == symbol && self.length < RUN_MAX
    }

    /// The fullest chunk from the front; what it does not cover stays pending.
    fn first(&mut self) -> u16 {
        let covered = if self.same || !self.large && usize::from(self.length) == ONE_BIT {
            usize::from(self.length)
        } else {
            TWO_BIT.min(usize::from(self.length))
        };
        let chunk = Self { length: u16::try_from(covered).unwrap_or(RUN_MAX), ..*self }.last();
        let rest = self.symbols.get(covered..usize::from(self.length)).unwrap_or_default();
        let mut left = Self::default();
        for symbol in rest {
            left.push(*symbol);
        }
        *self = left;
        chunk
    }

    /// All that is pending as one chunk; a vector's unused places say that nothing came.
    fn last(&self) -> u16 {
        let length = usize::from(self.length);
        let vector = |width: usize| {
            self.symbols
                .iter()
                .take(length)
                .enumerate()
                .fold(0, |bits, (place, symbol)| bits | symbol.bits() << (14 - width * (place + 1)))
        };
        if self.same {
            self.symbols[0].bits() << 13 | self.length
        } else if length <= TWO_BIT {
            0xc000 | vector(2)
        } else {
            0x8000 | vector(1)
        }
    }
}
