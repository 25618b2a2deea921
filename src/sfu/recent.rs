//! The last packets of one stream, opened: what fan-out, repair and recording read.

use crate::base::limits::DATAGRAM_BYTES_MAX;
use crate::wire::codec::{Codec, vp8};

/// A frame's packets are made equally long if so many bytes do it: encoders cut a frame into parts that differ by a byte
/// or two (libwebrtc's packetizers), and what is not cut from one frame differs by more.
const PADDING_MAX: usize = 16;

/// What is known of a kept packet without looking at its payload again.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kept {
    /// Sequence number with its wraps counted.
    pub(super) index: u64,
    /// How many packets of the stream had come before it.
    pub(super) arrival: u64,
    /// RTP timestamp as the publisher wrote it.
    pub(super) timestamp: u32,
    /// Last packet of a frame, or first of a talk spurt.
    pub(super) marker: bool,
    /// A keyframe starts here.
    pub(super) keyframe: bool,
    /// How the payload is coded.
    pub(super) codec: Codec,
    /// Bytes of padding that make it as long as the others of its frame.
    pub(super) padding: u8,
    /// What VP8 counts its pictures by; zero where it does not.
    pub(super) pictures: Pictures,
}

/// The picture number and the base layer's number that a VP8 payload carries.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pictures {
    pub(super) picture: u16,
    pub(super) tl0: u8,
}

impl Pictures {
    /// Zero where the payload carries none.
    pub(super) fn read(codec: Codec, payload: &[u8]) -> Self {
        let descriptor = if codec == Codec::Vp8 { vp8::Descriptor::read(payload) } else { None };
        descriptor.map_or_else(Self::default, |found| Self {
            picture: found.picture_id.map_or(0, |picture| picture.value),
            tl0: found.tl0.map_or(0, |(number, _)| number),
        })
    }
}

#[derive(Clone, Copy)]
struct Place {
    kept: Kept,
    length: usize,
}

/// A ring of packets, by index and in the order in which they came.
pub(super) struct Recent {
    payloads: Box<[u8]>,
    places: Box<[Option<Place>]>,
    /// The index of the packet that came as the n-th, at n modulo the ring's length.
    order: Box<[u64]>,
    arrived: u64,
}

impl Recent {
    /// Room for `packets` packets, a power of two.
    pub(super) fn new(packets: usize) -> Self {
        debug_assert!(packets.is_power_of_two(), "a remainder is as cheap as a mask");
        Self {
            payloads: vec![0; packets * DATAGRAM_BYTES_MAX].into_boxed_slice(),
            places: vec![None; packets].into_boxed_slice(),
            order: vec![0; packets].into_boxed_slice(),
            arrived: 0,
        }
    }

    /// Keeps a packet in place of one that is a whole ring older; its arrival is [`Recent::arrived`].
    pub(super) fn keep(&mut self, kept: Kept, payload: &[u8]) {
        let place = self.place(kept.index);
        let length = payload.len().min(DATAGRAM_BYTES_MAX);
        self.payloads[place * DATAGRAM_BYTES_MAX..][..length].copy_from_slice(&payload[..length]);
        self.places[place] = Some(Place { kept, length });
        self.order[self.place(self.arrived)] = kept.index;
        self.arrived += 1;
    }

    /// The packet with this index, if it is still here.
    pub(super) fn at(&self, index: u64) -> Option<(&Kept, &[u8])> {
        let place = self.place(index);
        let found = self.places[place].as_ref().filter(|found| found.kept.index == index)?;
        Some((&found.kept, &self.payloads[place * DATAGRAM_BYTES_MAX..][..found.length]))
    }

    /// The packet that came as the `n`-th, if it is still here.
    pub(super) fn by_arrival(&self, n: u64) -> Option<(&Kept, &[u8])> {
        self.at(self.order[self.place(n)]).filter(|(kept, _)| kept.arrival == n)
    }

    /// How many packets have come.
    pub(super) const fn arrived(&self) -> u64 {
        self.arrived
    }

    /// Pads the packets of each frame that came from the `from`-th to before the `until`-th to one length, as far as
    /// little padding does it; the last one of a frame may stay shorter.
    pub(super) fn equalise(&mut self, from: u64, until: u64) {
        let mut first = from;
        while first < until {
            let Some(timestamp) = self.timestamp_of(first) else {
                first += 1;
                continue;
            };
            let end = (first + 1..until).find(|n| self.timestamp_of(*n) != Some(timestamp)).unwrap_or(until);
            self.equalise_frame(first, end);
            first = end;
        }
    }

    fn timestamp_of(&self, arrival: u64) -> Option<u32> {
        self.by_arrival(arrival).map(|(kept, _)| kept.timestamp)
    }

    fn equalise_frame(&mut self, from: u64, until: u64) {
        let longest = (from..until).filter_map(|n| self.by_arrival(n)).map(|(_, payload)| payload.len()).max();
        let longest = longest.unwrap_or(0);
        for n in from..until.saturating_sub(1) {
            let place = self.place(self.order[self.place(n)]);
            if let Some(found) = &mut self.places[place] {
                let lacks = longest - found.length.min(longest);
                found.kept.padding =
                    u8::try_from(lacks).ok().filter(|lacks| usize::from(*lacks) <= PADDING_MAX).unwrap_or(0);
            }
        }
    }

    /// How many packets there is room for.
    pub(super) fn capacity(&self) -> u64 {
        self.places.len() as u64
    }

    /// Forgets all packets, but not how many came.
    pub(super) fn clear(&mut self) {
        self.places.fill(None);
    }

    #[expect(clippy::cast_possible_truncation, reason = "the lowest bits are meant")]
    const fn place(&self, number: u64) -> usize {
        number as usize & (self.places.len() - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(packets: &[(u64, u32, usize)]) -> Recent {
        let mut recent = Recent::new(8);
        for (index, timestamp, length) in packets {
            let kept = Kept {
                index: *index,
                arrival: recent.arrived(),
                timestamp: *timestamp,
                marker: false,
                keyframe: false,
                codec: Codec::H264,
                padding: 0,
                pictures: Pictures::default(),
            };
            recent.keep(kept, &vec![7; *length]);
        }
        recent
    }

    #[test]
    fn packets_are_found_in_the_order_they_came_until_they_are_overwritten() {
        let mut recent = ring(&[(5, 1, 9), (7, 1, 9), (6, 1, 9), (13, 2, 9)]);
        let came: Vec<_> = (0..5).map(|n| recent.by_arrival(n).map(|(kept, _)| kept.index)).collect();
        assert_eq!(came, [None, Some(7), Some(6), Some(13), None], "13 has the place that 5 had");
        recent.clear();
        assert!((0..4).all(|n| recent.by_arrival(n).is_none()));
        assert_eq!(recent.arrived(), 4);
    }

    #[test]
    fn the_packets_of_a_frame_become_equally_long_but_for_its_last_and_the_much_shorter() {
        let mut recent = ring(&[(1, 1, 100), (2, 1, 99), (3, 1, 20), (4, 1, 90), (5, 2, 80), (6, 2, 81)]);
        recent.equalise(0, 6);
        let padding: Vec<_> = (0..6).map(|n| recent.by_arrival(n).unwrap().0.padding).collect();
        assert_eq!(padding, [0, 1, 0, 0, 1, 0]);
    }
}
