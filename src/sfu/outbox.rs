//! The send arena: bytes owned by the shell and filled by the core, one datagram behind the other.
//!
//! Datagrams written one after the other for the same road are a run, if all but the last are equally long: what the
//! kernel can take as one message (`UDP_SEGMENT`, udp(7)).

use super::road::Road;
use crate::base::limits::{DATAGRAM_BYTES_MAX, RUN_BYTES_MAX, RUN_DATAGRAMS_MAX};

/// Datagrams for one road.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    road: Road,
    start: usize,
    length: usize,
    /// The length of each datagram but the last.
    segment: usize,
    datagrams: usize,
}

impl Stretch {
    /// Whether a datagram of `length` bytes may be its next one.
    fn takes(&self, road: Road, length: usize) -> bool {
        self.road == road
            && self.length == self.segment * self.datagrams
            && length <= self.segment
            && self.length + length <= RUN_BYTES_MAX
            && self.datagrams < RUN_DATAGRAMS_MAX
    }
}

/// Datagrams for one road, one behind the other.
#[derive(Clone, Copy, Debug)]
pub struct Run<'a> {
    /// Where they go.
    pub road: Road,
    /// All of them.
    pub bytes: &'a [u8],
    /// The length of each but the last, which may be shorter.
    pub segment: usize,
}

impl<'a> Run<'a> {
    /// Each of them.
    pub fn datagrams(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        self.bytes.chunks(self.segment.max(1))
    }
}

/// Room for a fixed number of datagrams. The core seals straight into it; the shell empties it in one go.
pub struct Outbox {
    bytes: Box<[u8]>,
    filled: usize,
    stretches: Vec<Stretch>,
    count: usize,
    capacity: usize,
}

impl Outbox {
    /// An arena of `capacity` datagrams.
    pub fn new(capacity: usize) -> Self {
        Self {
            bytes: vec![0; capacity * DATAGRAM_BYTES_MAX].into_boxed_slice(),
            filled: 0,
            stretches: Vec::with_capacity(capacity),
            count: 0,
            capacity,
        }
    }

    /// Whether there is no room for another datagram.
    pub const fn is_full(&self) -> bool {
        self.count == self.capacity
    }

    /// How many datagrams wait to leave.
    pub const fn len(&self) -> usize {
        self.count
    }

    /// Whether nothing waits to leave.
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// How many bytes wait to leave.
    pub const fn bytes(&self) -> usize {
        self.filled
    }

    /// Room for the next datagram, unless the outbox is full; what is written there leaves only after
    /// [`Outbox::commit`].
    pub fn slot(&mut self) -> Option<&mut [u8]> {
        if self.is_full() {
            return None;
        }
        self.bytes.get_mut(self.filled..self.filled + DATAGRAM_BYTES_MAX)
    }

    /// Sends the first `length` bytes of the slot on their way.
    ///
    /// # Panics
    /// If there was no room: the caller has just written into it.
    pub fn commit(&mut self, road: Road, length: usize) {
        assert!(!self.is_full() && length <= DATAGRAM_BYTES_MAX, "a slot was written before it was committed");
        match self.stretches.last_mut().filter(|last| last.takes(road, length)) {
            Some(last) => {
                last.length += length;
                last.datagrams += 1;
            }
            None => {
                self.stretches.push(Stretch { road, start: self.filled, length, segment: length, datagrams: 1 });
            }
        }
        self.filled += length;
        self.count += 1;
    }

    /// What waits, in the order it was written.
    pub fn runs(&self) -> impl Iterator<Item = Run<'_>> {
        self.stretches.iter().map(|stretch| Run {
            road: stretch.road,
            bytes: &self.bytes[stretch.start..stretch.start + stretch.length],
            segment: stretch.segment,
        })
    }

    /// Every datagram and where it goes, in the order they were written.
    pub fn datagrams(&self) -> impl Iterator<Item = (Road, &[u8])> {
        self.runs().flat_map(|run| run.datagrams().map(move |datagram| (run.road, datagram)))
    }

    /// Forgets all datagrams: they have left.
    pub fn clear(&mut self) {
        self.stretches.clear();
        (self.filled, self.count) = (0, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn road(port: u16) -> Road {
        Road::udp(([192, 0, 2, 1], port).into())
    }

    fn put(outbox: &mut Outbox, road: Road, length: usize) {
        outbox.slot().unwrap()[..length].fill(7);
        outbox.commit(road, length);
    }

    fn lengths(outbox: &Outbox) -> Vec<Vec<usize>> {
        outbox.runs().map(|run| run.datagrams().map(<[u8]>::len).collect()).collect()
    }

    #[test]
    fn datagrams_of_one_length_for_one_road_are_a_run_and_a_shorter_one_ends_it() {
        let mut outbox = Outbox::new(9);
        for (port, length) in [(1, 100), (1, 100), (1, 60), (1, 60), (1, 80), (2, 80), (2, 80), (1, 80)] {
            put(&mut outbox, road(port), length);
        }
        assert_eq!(lengths(&outbox), [vec![100, 100, 60], vec![60], vec![80], vec![80, 80], vec![80]]);
        assert_eq!((outbox.len(), outbox.bytes(), outbox.datagrams().count()), (8, 640, 8));
        outbox.clear();
        assert_eq!((outbox.len(), outbox.bytes(), outbox.runs().count()), (0, 0, 0));
    }

    #[test]
    fn a_run_stays_within_what_the_kernel_takes_at_once() {
        let mut outbox = Outbox::new(RUN_DATAGRAMS_MAX * 2);
        while !outbox.is_full() {
            put(&mut outbox, road(1), DATAGRAM_BYTES_MAX);
        }
        assert!(outbox.slot().is_none());
        assert!(outbox.runs().all(|run| run.bytes.len() <= RUN_BYTES_MAX));
        assert_eq!(outbox.datagrams().count(), RUN_DATAGRAMS_MAX * 2);
    }
}
