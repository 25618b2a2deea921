//! The last packets of one stream, opened: what fan-out, repair and recording read.

use crate::base::limits::DATAGRAM_BYTES_MAX;
use crate::wire::codec::Codec;

/// What is known of a kept packet without looking at its payload again.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kept {
    /// Sequence number with its wraps counted.
    pub(super) index: u64,
    /// RTP timestamp as the publisher wrote it.
    pub(super) timestamp: u32,
    /// Last packet of a frame, or first of a talk spurt.
    pub(super) marker: bool,
    /// A keyframe starts here.
    pub(super) keyframe: bool,
    /// How the payload is coded.
    pub(super) codec: Codec,
}

#[derive(Clone, Copy)]
struct Place {
    kept: Kept,
    length: usize,
}

/// A ring of packets, by index.
pub(super) struct Recent {
    payloads: Box<[u8]>,
    places: Box<[Option<Place>]>,
}

impl Recent {
    /// Room for `packets` packets.
    pub(super) fn new(packets: usize) -> Self {
        Self {
            payloads: vec![0; packets * DATAGRAM_BYTES_MAX].into_boxed_slice(),
            places: vec![None; packets].into_boxed_slice(),
        }
    }

    /// Keeps a packet in place of one that is a whole ring older.
    pub(super) fn keep(&mut self, kept: Kept, payload: &[u8]) {
        let place = self.place(kept.index);
        let length = payload.len().min(DATAGRAM_BYTES_MAX);
        self.payloads[place * DATAGRAM_BYTES_MAX..][..length].copy_from_slice(&payload[..length]);
        self.places[place] = Some(Place { kept, length });
    }

    /// The packet with this index, if it is still here.
    pub(super) fn at(&self, index: u64) -> Option<(&Kept, &[u8])> {
        let place = self.place(index);
        let found = self.places[place].as_ref().filter(|found| found.kept.index == index)?;
        Some((&found.kept, &self.payloads[place * DATAGRAM_BYTES_MAX..][..found.length]))
    }

    /// How many packets there is room for.
    pub(super) fn capacity(&self) -> u64 {
        self.places.len() as u64
    }

    /// Forgets all packets.
    pub(super) fn clear(&mut self) {
        self.places.fill(None);
    }

    #[expect(clippy::cast_possible_truncation, reason = "a remainder of the ring's length")]
    fn place(&self, index: u64) -> usize {
        (index % self.places.len() as u64) as usize
    }
}
