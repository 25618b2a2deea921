//! Numbers of a slot that go on without a gap, whatever fills it.
//!
//! A slot's life is a row of segments: in each one, sequence numbers, timestamps and VP8 picture numbers of one layer
//! are shifted by the same amounts. What was sent can so be found and made again, byte for byte.

use super::down::Shown;
use super::recent::{Kept, Pictures};
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

    /// The picture numbers that leave, of those that came.
    const fn pictures(&self, came: Pictures) -> Pictures {
        Pictures { picture: came.picture.wrapping_add(self.picture_shift), tl0: came.tl0.wrapping_add(self.tl0_shift) }
    }

    /// Shifts the numbers that a codec carries inside the payload.
    pub(super) fn payload(&self, kept: &Kept, payload: &mut [u8]) {
        if kept.codec != Codec::Vp8 || (self.picture_shift == 0 && self.tl0_shift == 0) {
            return;
        }
        let Pictures { picture, tl0 } = self.pictures(kept.pictures);
        // A payload without such numbers stays as it is.
        let _rewritten = vp8::rewrite(payload, picture, tl0);
    }
}

/// The last segments of a slot, and where the next one goes on. What every packet needs stands first and together.
#[repr(C)]
pub(super) struct Segments {
    /// One more than the highest index that left.
    next_index: u64,
    last_timestamp: u32,
    /// The slot's own clock: its timestamp at time zero.
    zero: u32,
    next_picture: u16,
    next_tl0: u8,
    begun: bool,
    newest_first: [Option<Segment>; SEGMENTS],
}

impl Segments {
    #[expect(clippy::cast_possible_truncation, reason = "parts of a random number")]
    pub(super) fn new(chance: u64) -> Self {
        Self {
            begun: false,
            newest_first: [None; SEGMENTS],
            // The lower half, so that a watcher that misses the first packet cannot guess the wrong rollover.
            next_index: chance & 0x7fff,
            last_timestamp: 0,
            next_picture: 0,
            next_tl0: 0,
            zero: (chance >> 16) as u32,
        }
    }

    pub(super) const fn current(&self) -> Option<&Segment> {
        self.newest_first[0].as_ref()
    }

    /// Goes on with a packet that was captured at `captured`, without a step in any number.
    pub(super) fn begin(&mut self, shown: Shown, kept: &Kept, captured: Time) -> Segment {
        let timestamp = self.timestamp_for(kept.codec, captured);
        let Pictures { picture, tl0 } = kept.pictures;
        let segment = Segment {
            shown,
            first: kept.index,
            index_shift: self.next_index.wrapping_sub(kept.index),
            timestamp_shift: timestamp.wrapping_sub(kept.timestamp),
            picture_shift: self.next_picture.wrapping_sub(picture),
            tl0_shift: self.next_tl0.wrapping_sub(tl0),
        };
        self.newest_first.rotate_right(1);
        self.newest_first[0] = Some(segment);
        self.begun = true;
        segment
    }

    /// What left of this layer cannot be made again: its numbers mean other packets now.
    pub(super) fn forget(&mut self, shown: Shown) {
        for place in &mut self.newest_first {
            *place = place.filter(|segment| segment.shown != shown);
        }
    }

    /// Notes what left by `segment`, so that the next one goes on from there.
    pub(super) const fn left(&mut self, segment: &Segment, kept: &Kept) {
        let index = segment.index(kept.index);
        if index < self.next_index {
            return;
        }
        self.next_index = index + 1;
        self.last_timestamp = segment.timestamp(kept.timestamp);
        if matches!(kept.codec, Codec::Vp8) {
            let Pictures { picture, tl0 } = segment.pictures(kept.pictures);
            (self.next_picture, self.next_tl0) = (picture.wrapping_add(1), tl0.wrapping_add(1));
        }
    }

    /// The segment by which `sequence` left last, and the index it had when it came.
    pub(super) fn find(&self, sequence: u16) -> Option<(Segment, u64, u64)> {
        let left = crate::base::seq::extend(self.next_index.checked_sub(1)?, sequence);
        let mut end = self.next_index;
        for segment in self.newest_first {
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
        if !self.begun || (1..0x8000_0000).contains(&step) {
            return exact;
        }
        self.last_timestamp.wrapping_add(codec.clock_rate() / 100)
    }
}
