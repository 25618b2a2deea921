//! Where a media thread writes its counters once a second, for whoever wants to read them.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::sfu::counters::{Count, Counters};
use crate::sfu::discard::Discard;
use crate::sfu::worker::Worker;

/// The counters of one media thread, as they were at most a second ago.
pub struct Board {
    counts: Vec<AtomicU64>,
    discards: Vec<AtomicU64>,
    peers: AtomicU64,
}

impl Default for Board {
    fn default() -> Self {
        let zeros = |length| std::iter::repeat_with(AtomicU64::default).take(length).collect();
        Self { counts: zeros(Count::ALL.len()), discards: zeros(Discard::ALL.len()), peers: AtomicU64::new(0) }
    }
}

impl Board {
    /// Every count and its stable name.
    pub fn counts(&self) -> impl Iterator<Item = (Count, u64)> + '_ {
        Count::ALL.iter().zip(&self.counts).map(|(what, count)| (*what, count.load(Relaxed)))
    }

    /// Every reason of death and how many died of it.
    pub fn discards(&self) -> impl Iterator<Item = (Discard, u64)> + '_ {
        Discard::ALL.iter().zip(&self.discards).map(|(why, count)| (*why, count.load(Relaxed)))
    }

    /// How many peers the thread has.
    pub fn peers(&self) -> u64 {
        self.peers.load(Relaxed)
    }

    pub(super) fn write(&self, worker: &Worker) {
        let counters: &Counters = worker.counters();
        let pairs = self.counts.iter().zip(counters.counts()).chain(self.discards.iter().zip(counters.discards()));
        pairs.for_each(|(place, count)| place.store(*count, Relaxed));
        self.peers.store(worker.holdings().peers as u64, Relaxed);
    }
}
