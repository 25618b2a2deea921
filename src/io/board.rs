//! Where a media thread writes its counters once a second, for whoever wants to read them.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use crate::sfu::counters::{Count, Counters};
use crate::sfu::discard::Discard;
use crate::sfu::worker::Worker;

/// The counters of one media thread, as they were at most a second ago. They never fall, though a worker be replaced.
pub struct Board {
    counts: Vec<Total>,
    discards: Vec<Total>,
    peers: AtomicU64,
    restarts: AtomicU64,
}

/// What all workers of a thread counted, and how much of it those before the present one did.
#[derive(Default)]
struct Total {
    all: AtomicU64,
    before: AtomicU64,
}

impl Default for Board {
    fn default() -> Self {
        let zeros = |length| std::iter::repeat_with(Total::default).take(length).collect();
        Self {
            counts: zeros(Count::ALL.len()),
            discards: zeros(Discard::ALL.len()),
            peers: AtomicU64::new(0),
            restarts: AtomicU64::new(0),
        }
    }
}

impl Board {
    /// Every count and its stable name.
    pub fn counts(&self) -> impl Iterator<Item = (Count, u64)> + '_ {
        Count::ALL.iter().zip(&self.counts).map(|(what, count)| (*what, count.all.load(Relaxed)))
    }

    /// Every reason of death and how many died of it.
    pub fn discards(&self) -> impl Iterator<Item = (Discard, u64)> + '_ {
        Discard::ALL.iter().zip(&self.discards).map(|(why, count)| (*why, count.all.load(Relaxed)))
    }

    /// How many peers the thread has.
    pub fn peers(&self) -> u64 {
        self.peers.load(Relaxed)
    }

    /// How often the thread's worker was replaced. Whoever was made known to a worker before that is forgotten.
    pub fn restarts(&self) -> u64 {
        self.restarts.load(Acquire)
    }

    /// Takes over what a worker has counted.
    pub(super) fn write(&self, worker: &Worker) {
        let counters: &Counters = worker.counters();
        let pairs = self.counts.iter().zip(counters.counts()).chain(self.discards.iter().zip(counters.discards()));
        pairs.for_each(|(total, count)| total.all.store(total.before.load(Relaxed) + count, Relaxed));
        self.peers.store(worker.holdings().peers as u64, Relaxed);
    }

    /// Takes over the last of a worker that is replaced: the next one counts on from there.
    pub(super) fn write_last(&self, worker: &Worker) {
        self.write(worker);
        let totals = self.counts.iter().chain(&self.discards);
        totals.for_each(|total| total.before.store(total.all.load(Relaxed), Relaxed));
        self.peers.store(0, Relaxed);
        // After this the thread takes from its mailbox for the next worker only.
        self.restarts.fetch_add(1, Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::Time;
    use crate::sfu::road::Road;

    fn shout_at(worker: &mut Worker, times: usize) {
        let road = Road::udp(([127, 0, 0, 1], 7).into());
        (0..times).for_each(|_| worker.handle_datagram(Time::default(), road, &mut [0xff; 20]));
    }

    #[test]
    fn counts_go_on_when_a_worker_is_replaced() {
        let (board, mut worker) = (Board::default(), Worker::new(1));
        let said = |board: &Board| {
            let received = board.counts().find(|(what, _)| *what == Count::PacketsReceived);
            let died = board.discards().find(|(why, _)| *why == Discard::NotMedia);
            (received.map(|(_, count)| count), died.map(|(_, count)| count), board.restarts())
        };
        shout_at(&mut worker, 3);
        board.write(&worker);
        assert_eq!(said(&board), (Some(3), Some(3), 0));
        shout_at(&mut worker, 2);
        board.write_last(&worker);
        assert_eq!(said(&board), (Some(5), Some(5), 1), "what was counted since the last second is not lost");
        let mut next = Worker::new(2);
        board.write(&next);
        assert_eq!(said(&board), (Some(5), Some(5), 1));
        shout_at(&mut next, 4);
        board.write(&next);
        assert_eq!(said(&board), (Some(9), Some(9), 1));
    }
}
