//! Numbers of a slot that go on without a gap, whatever fills it.
//!
//! A slot's life is a row of segments: in each one, sequence numbers, timestamps and VP8 picture numbers of one layer
//! are shifted by the same amounts. What was sent can so be found and made again, byte for byte.

use super::down::Shown;
use super::recent::Kept;
use crate::base::time::Time;
use crate::wire::codec::{Codec, vp8};

/// Segments remembered for repair: more switches in a second are not made.
const SEGMENTS: usize = 4;

/// The shifts of one stretch of one layer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment {
    pub(super) shown: Shown,
    /// Index of the first packet, as it came.
    first: u64,
    /// Added to an index that came, to get the one that leaves; wraps.
    index_shift: u64,
    timestamp_shift: u32,
    picture_shift: u16,
    tl0_shift: u8,
}

impl Segment {
    /// Whether a packet with this index came after the segment's start.
    pub(super) const fn covers(&self, index: u64) -> bool {
        index >= self.first
    }

    /// The index that leaves, of one that came.
    pub(super) const fn index(&self, came: u64) -> u64 {
        came.wrapping_add(self.index_shift)
    }

    /// The timestamp that leaves, of one that came.
    pub(super) const fn timestamp(&self, came: u32) -> u32 {
        came.wrapping_add(self.timestamp_shift)
    }

    /// Shifts the numbers that a codec carries inside the payload.
    pub(super) fn payload(&self, codec: Codec, payload: &mut [u8]) {
        if codec != Codec::Vp8 || (self.picture_shift == 0 && self.tl0_shift == 0) {
            return;
        }
        let (picture, tl0) = picture_numbers(codec, payload);
        // A payload without such numbers stays as it is.
        let _rewritten =
            vp8::rewrite(payload, picture.wrapping_add(self.picture_shift), tl0.wrapping_add(self.tl0_shift));
    }
}

/// The last segments of a slot, and where the next one goes on.
pub(super) struct Segments {
    ring: [Option<Segment>; SEGMENTS],
    begun: usize,
    /// One more than the highest index that left.
    next_index: u64,
    last_timestamp: u32,
    next_picture: u16,
    next_tl0: u8,
    /// The slot's own clock: its timestamp at time zero.
    zero: u32,
}

impl Segments {
    #[expect(clippy::cast_possible_truncation, reason = "parts of a random number")]
    pub(super) fn new(chance: u64) -> Self {
        Self {
            ring: [None; SEGMENTS],
            begun: 0,
            // The lower half, so that a watcher that misses the first packet cannot guess the wrong rollover.
            next_index: chance & 0x7fff,
            last_timestamp: 0,
            next_picture: 0,
            next_tl0: 0,
            zero: (chance >> 16) as u32,
        }
    }

    pub(super) fn current(&self) -> Option<&Segment> {
        self.ring[self.begun.checked_sub(1)? % SEGMENTS].as_ref()
    }

    /// Goes on with a packet that was captured at `captured`, without a step in any number.
    pub(super) fn begin(&mut self, shown: Shown, kept: &Kept, payload: &[u8], captured: Time) -> Segment {
        let timestamp = self.timestamp_for(kept.codec, captured);
        let (picture, tl0) = picture_numbers(kept.codec, payload);
        let segment = Segment {
            shown,
            first: kept.index,
            index_shift: self.next_index.wrapping_sub(kept.index),
            timestamp_shift: timestamp.wrapping_sub(kept.timestamp),
            picture_shift: self.next_picture.wrapping_sub(picture),
            tl0_shift: self.next_tl0.wrapping_sub(tl0),
        };
        self.ring[self.begun % SEGMENTS] = Some(segment);
        self.begun += 1;
        segment
    }

    /// What left of this layer cannot be made again: its numbers mean other packets now.
    pub(super) fn forget(&mut self, shown: Shown) {
        for place in &mut self.ring {
            *place = place.filter(|segment| segment.shown != shown);
        }
    }

    /// Notes what left, so that the next segment goes on from there.
    pub(super) fn left(&mut self, index: u64, timestamp: u32, codec: Codec, payload: &[u8]) {
        if index < self.next_index {
            return;
        }
        self.next_index = index + 1;
        self.last_timestamp = timestamp;
        if codec == Codec::Vp8 {
            let (picture, tl0) = picture_numbers(codec, payload);
            (self.next_picture, self.next_tl0) = (picture.wrapping_add(1), tl0.wrapping_add(1));
        }
    }

    /// The segment by which `sequence` left last, and the index it had when it came.
    pub(super) fn find(&self, sequence: u16) -> Option<(Segment, u64, u64)> {
        let left = crate::base::seq::extend(self.next_index.checked_sub(1)?, sequence);
        let newest_first = (0..SEGMENTS.min(self.begun)).map(|back| (self.begun - 1 - back) % SEGMENTS);
        let mut end = self.next_index;
        for segment in newest_first.map(|place| self.ring[place]) {
            // Where a segment was forgotten, what is before it is too: where it began is not known any more.
            let begin = segment?.index(segment?.first);
            if (begin..end).contains(&left) {
                return segment.map(|segment| (segment, left, left.wrapping_sub(segment.index_shift)));
            }
            end = begin;
        }
        None
    }

    /// The timestamp of `captured` in the slot's own clock, moved on if it would not be after the last one that left.
    fn timestamp_for(&self, codec: Codec, captured: Time) -> u32 {
        let ticks = u128::from(captured.micros()) * u128::from(codec.clock_rate()) / 1_000_000;
        #[expect(clippy::cast_possible_truncation, reason = "RTP timestamps wrap")]
        let exact = self.zero.wrapping_add(ticks as u32);
        let step = exact.wrapping_sub(self.last_timestamp);
        if self.begun == 0 || (1..0x8000_0000).contains(&step) {
            return exact;
        }
        self.last_timestamp.wrapping_add(codec.clock_rate() / 100)
    }
}

/// The picture number and the base layer's number that a payload carries; zero where it carries none.
fn picture_numbers(codec: Codec, payload: &[u8]) -> (u16, u8) {
    let descriptor = if codec == Codec::Vp8 { vp8::Descriptor::read(payload) } else { None };
    descriptor.map_or((0, 0), |found| {
        (found.picture_id.map_or(0, |picture| picture.value), found.tl0.map_or(0, |(number, _)| number))
    })
}
