//! The send arena: slots of one datagram each, owned by the shell and filled by the core.

use super::road::Road;
use crate::base::limits::DATAGRAM_BYTES_MAX;

/// One datagram ready to leave.
#[derive(Clone, Copy, Debug)]
struct Ready {
    road: Road,
    length: usize,
}

/// A fixed number of send slots. The core seals straight into them; the shell empties them in one go.
pub struct Outbox {
    bytes: Box<[u8]>,
    ready: Vec<Ready>,
    slots: usize,
}

impl Outbox {
    /// An arena of `slots` datagrams.
    pub fn new(slots: usize) -> Self {
        Self { bytes: vec![0; slots * DATAGRAM_BYTES_MAX].into_boxed_slice(), ready: Vec::with_capacity(slots), slots }
    }

    /// Whether no slot is free.
    pub fn is_full(&self) -> bool {
        self.ready.len() == self.slots
    }

    /// How many datagrams wait to leave.
    pub fn len(&self) -> usize {
        self.ready.len()
    }

    /// Whether nothing waits to leave.
    pub fn is_empty(&self) -> bool {
        self.ready.is_empty()
    }

    /// The next free slot; what is written there leaves only after [`Outbox::commit`].
    pub fn slot(&mut self) -> Option<&mut [u8]> {
        let start = self.ready.len() * DATAGRAM_BYTES_MAX;
        self.bytes.get_mut(start..start + DATAGRAM_BYTES_MAX)
    }

    /// Sends the first `length` bytes of the slot on its way.
    ///
    /// # Panics
    /// If no slot was free: the caller has just written into one.
    pub fn commit(&mut self, road: Road, length: usize) {
        assert!(!self.is_full() && length <= DATAGRAM_BYTES_MAX, "a slot was written before it was committed");
        self.ready.push(Ready { road, length });
    }

    /// The `n`-th datagram and where it goes.
    pub fn datagram(&self, n: usize) -> Option<(Road, &[u8])> {
        let ready = self.ready.get(n)?;
        let start = n * DATAGRAM_BYTES_MAX;
        Some((ready.road, &self.bytes[start..start + ready.length]))
    }

    /// Every datagram and where it goes, in the order they were written.
    pub fn datagrams(&self) -> impl Iterator<Item = (Road, &[u8])> {
        (0..self.len()).filter_map(|n| self.datagram(n))
    }

    /// Forgets all datagrams: they have left.
    pub fn clear(&mut self) {
        self.ready.clear();
    }
}
