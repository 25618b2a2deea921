//! Writes compound packets into a slice; a packet is there whole or not at all.

use super::{Block, REMB, format, kind};

/// There is no room left for the packet, or it has more parts than its header can count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the RTCP packet does not fit")]
pub struct Full;

/// What a sender report says of the stream itself; fields as in `Packet::SenderReport`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SenderInfo {
    /// The stream.
    pub ssrc: u32,
    /// The sender's clock, see `Time::ntp`.
    pub ntp: u64,
    /// The same moment in the stream's clock.
    pub rtp: u32,
    /// Packets sent so far; wraps.
    pub packets: u32,
    /// Payload bytes sent so far; wraps.
    pub octets: u32,
}

/// The largest count that a common header can say.
const COUNT_MAX: usize = 31;

/// Puts packet after packet into a slice.
#[derive(Debug)]
pub struct Writer<'a> {
    out: &'a mut [u8],
    length: usize,
}

impl<'a> Writer<'a> {
    /// Will write from the start of `out`.
    pub const fn new(out: &'a mut [u8]) -> Self {
        Self { out, length: 0 }
    }

    /// How many bytes were written.
    pub const fn finish(self) -> usize {
        self.length
    }

    /// How many bytes were written so far.
    pub const fn len(&self) -> usize {
        self.length
    }

    /// Whether nothing was written so far.
    pub const fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Adds what a sender has sent, and up to 31 blocks on what it receives.
    pub fn sender_report(&mut self, info: &SenderInfo, blocks: &[Block]) -> Result<(), Full> {
        let mut packet = self.packet(count(blocks)?, kind::SENDER_REPORT, 24 + 24 * blocks.len())?;
        packet.u32(info.ssrc);
        packet.bytes(&info.ntp.to_be_bytes());
        packet.u32(info.rtp);
        packet.u32(info.packets);
        packet.u32(info.octets);
        blocks.iter().for_each(|block| packet.block(block));
        Ok(())
    }

    /// Adds up to 31 blocks on what `ssrc` receives.
    pub fn receiver_report(&mut self, ssrc: u32, blocks: &[Block]) -> Result<(), Full> {
        let mut packet = self.packet(count(blocks)?, kind::RECEIVER_REPORT, 4 + 24 * blocks.len())?;
        packet.u32(ssrc);
        blocks.iter().for_each(|block| packet.block(block));
        Ok(())
    }

    /// Adds the name that all streams of one source share, at most 255 bytes (RFC 3550 §6.5.1).
    pub fn cname(&mut self, ssrc: u32, cname: &str) -> Result<(), Full> {
        const CNAME: u8 = 1;
        let length = u8::try_from(cname.len()).map_err(|_| Full)?;
        // At least one zero ends the list of items.
        let body = (4 + 2 + cname.len() + 1).next_multiple_of(4);
        let mut packet = self.packet(1, kind::SOURCE_DESCRIPTION, body)?;
        packet.u32(ssrc);
        packet.bytes(&[CNAME, length]);
        packet.bytes(cname.as_bytes());
        packet.rest.fill(0);
        Ok(())
    }

    /// Asks for the packets in `lost`, best in ascending order; how many of them fitted (RFC 4585 §6.2.1).
    pub fn nack(&mut self, sender: u32, media: u32, lost: impl IntoIterator<Item = u16>) -> usize {
        let start = self.length;
        let mut fitted = 0;
        let mut entry: Option<(u16, u16)> = None;
        for sequence in lost {
            entry = match entry.and_then(|entry| joined(entry, sequence)) {
                Some(joined) => self.replace_last_entry(joined),
                None if fitted == 0 => self.first_entry(sender, media, sequence),
                None => self.next_entry(start, sequence),
            };
            if entry.is_none() {
                break;
            }
            fitted += 1;
        }
        fitted
    }

    /// Says that a picture cannot be decoded.
    pub fn pli(&mut self, sender: u32, media: u32) -> Result<(), Full> {
        let mut packet = self.packet(format::PLI, kind::PAYLOAD_FEEDBACK, 8)?;
        packet.u32(sender);
        packet.u32(media);
        Ok(())
    }

    /// Asks for a keyframe; `sequence` is one more than in the last request, the same in a repetition.
    pub fn fir(&mut self, sender: u32, media: u32, sequence: u8) -> Result<(), Full> {
        let mut packet = self.packet(format::FIR, kind::PAYLOAD_FEEDBACK, 16)?;
        packet.u32(sender);
        packet.u32(0);
        packet.u32(media);
        packet.bytes(&[sequence, 0, 0, 0]);
        Ok(())
    }

    /// Says how many bits per second the streams may use together; rounded down to 18 significant bits.
    pub fn remb(&mut self, sender: u32, bps: u64, ssrcs: &[u32]) -> Result<(), Full> {
        let count = u8::try_from(ssrcs.len()).map_err(|_| Full)?;
        let exponent = (u64::BITS - bps.leading_zeros()).saturating_sub(18);
        let [.., a, b, c] = (u64::from(exponent) << 18 | bps >> exponent).to_be_bytes();
        let mut packet = self.packet(format::APPLICATION, kind::PAYLOAD_FEEDBACK, 16 + 4 * ssrcs.len())?;
        packet.u32(sender);
        packet.u32(0);
        packet.bytes(REMB);
        packet.bytes(&[count, a, b, c]);
        ssrcs.iter().for_each(|ssrc| packet.u32(*ssrc));
        Ok(())
    }

    /// Says that up to 31 streams have ended.
    pub fn bye(&mut self, ssrcs: &[u32]) -> Result<(), Full> {
        let mut packet = self.packet(count(ssrcs)?, kind::BYE, 4 * ssrcs.len())?;
        ssrcs.iter().for_each(|ssrc| packet.u32(*ssrc));
        Ok(())
    }

    /// What is not written yet, for a packet that finds its own length; [`Writer::claim`] follows.
    pub(in crate::wire) fn room(&mut self) -> &mut [u8] {
        self.out.get_mut(self.length..).unwrap_or_default()
    }

    /// Counts `bytes` of the room as written.
    pub(in crate::wire) fn claim(&mut self, bytes: usize) {
        self.length = (self.length + bytes).min(self.out.len());
    }

    /// Adds a common header and a body of `length` bytes, a multiple of four, for the caller to fill.
    fn packet(&mut self, count: u8, kind: u8, length: usize) -> Result<Body<'_>, Full> {
        let words = u16::try_from(length / 4).map_err(|_| Full)?;
        let packet = self.out.get_mut(self.length..).and_then(|room| room.get_mut(..4 + length)).ok_or(Full)?;
        self.length += packet.len();
        let mut body = Body { rest: packet };
        body.bytes(&[0x80 | count, kind]);
        body.bytes(&words.to_be_bytes());
        Ok(body)
    }

    fn first_entry(&mut self, sender: u32, media: u32, sequence: u16) -> Option<(u16, u16)> {
        let mut packet = self.packet(format::NACK, kind::TRANSPORT_FEEDBACK, 12).ok()?;
        packet.u32(sender);
        packet.u32(media);
        packet.u32(u32::from(sequence) << 16);
        Some((sequence, 0))
    }

    /// Makes the NACK that begins at `start` four bytes longer.
    fn next_entry(&mut self, start: usize, sequence: u16) -> Option<(u16, u16)> {
        let words = u16::try_from((self.length - start) / 4).ok()?;
        let entry = self.out.get_mut(self.length..)?.first_chunk_mut::<4>()?;
        *entry = (u32::from(sequence) << 16).to_be_bytes();
        self.length += 4;
        self.out.get_mut(start + 2..)?.first_chunk_mut().map(|length| *length = words.to_be_bytes())?;
        Some((sequence, 0))
    }

    fn replace_last_entry(&mut self, (first, mask): (u16, u16)) -> Option<(u16, u16)> {
        let entry = self.out.get_mut(..self.length)?.last_chunk_mut::<4>()?;
        *entry = (u32::from(first) << 16 | u32::from(mask)).to_be_bytes();
        Some((first, mask))
    }
}

/// The entry with `sequence` in it, if it is the first or one of the sixteen after it.
fn joined((first, mask): (u16, u16), sequence: u16) -> Option<(u16, u16)> {
    match sequence.wrapping_sub(first) {
        0 => Some((first, mask)),
        after @ 1..=16 => Some((first, mask | 1 << (after - 1))),
        _ => None,
    }
}

fn count<T>(parts: &[T]) -> Result<u8, Full> {
    u8::try_from(parts.len()).ok().filter(|_| parts.len() <= COUNT_MAX).ok_or(Full)
}

/// The bytes of one packet that are still to be filled; its length was computed from what is put into it.
struct Body<'a> {
    rest: &'a mut [u8],
}

impl Body<'_> {
    fn bytes(&mut self, bytes: &[u8]) {
        if let Some((head, rest)) = std::mem::take(&mut self.rest).split_at_mut_checked(bytes.len()) {
            head.copy_from_slice(bytes);
            self.rest = rest;
        }
    }

    fn u32(&mut self, value: u32) {
        self.bytes(&value.to_be_bytes());
    }

    fn block(&mut self, block: &Block) {
        let lost = block.cumulative_lost.clamp(-0x80_0000, 0x7f_ffff).cast_unsigned() & 0xff_ffff;
        self.u32(block.ssrc);
        self.u32(u32::from(block.fraction_lost) << 24 | lost);
        self.u32(block.highest);
        self.u32(block.jitter);
        self.u32(block.last_sr);
        self.u32(block.delay);
    }
}
