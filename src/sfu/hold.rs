//! Whether packets may wait for others of their frame, and which tracks wait.
//!
//! What leaves together for one watcher costs the kernel one message. A publisher spreads a frame over several
//! milliseconds, and nobody can decode a frame before its last packet: so a worker with much to do lets the first packets
//! of a frame wait a little for the last. One with little to do does not.

use std::collections::VecDeque;
use std::time::Duration;

use super::down::Shown;
use crate::base::limits::HELD_MAX;
use crate::base::time::Time;

/// The longest that a packet waits for the end of its frame.
pub(super) const HOLD_MAX: Duration = Duration::from_millis(5);
/// Packets a second above which a worker has much to do: one hundredth of what a core sends.
const BUSY_ABOVE: u64 = 4_000;
/// Packets a second below which it has not any more.
const CALM_BELOW: u64 = 2_500;
/// How often that is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Which tracks wait, and whether any may.
pub(super) struct Hold {
    /// Oldest first; a track that has left since stays until its time comes.
    waiting: VecDeque<(Time, Shown)>,
    busy: bool,
    looked: Time,
    sent: u64,
}

impl Hold {
    pub(super) fn new() -> Self {
        Self { waiting: VecDeque::with_capacity(HELD_MAX), busy: false, looked: Time::default(), sent: 0 }
    }

    /// So many packets were sent.
    pub(super) const fn note(&mut self, packets: usize) {
        self.sent += packets as u64;
    }

    /// Whether packets may wait now.
    pub(super) fn may_wait(&mut self, now: Time) -> bool {
        let passed = now.since(self.looked);
        if passed >= LOOK_EVERY {
            let micros = u64::try_from(passed.as_micros()).unwrap_or(u64::MAX);
            let per_second = self.sent.saturating_mul(1_000_000) / micros;
            self.busy = per_second > if self.busy { CALM_BELOW } else { BUSY_ABOVE };
            (self.looked, self.sent) = (now, 0);
        }
        self.busy
    }

    /// Lets a track wait from now on; `false` if too many do.
    pub(super) fn begin(&mut self, now: Time, shown: Shown) -> bool {
        let room = self.waiting.len() < HELD_MAX;
        if room {
            self.waiting.push_back((now + HOLD_MAX, shown));
        }
        room
    }

    /// The next track whose time has come, and when it began to wait.
    pub(super) fn due(&mut self, now: Time) -> Option<(Time, Shown)> {
        self.waiting.front().filter(|(at, _)| *at <= now)?;
        self.waiting.pop_front().map(|(at, shown)| (at - HOLD_MAX, shown))
    }

    /// When the next track's time comes.
    pub(super) fn next(&self) -> Option<Time> {
        self.waiting.front().map(|(at, _)| *at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_may_wait_only_while_there_is_much_to_do() {
        let (mut hold, start) = (Hold::new(), Time::from_micros(1_000_000));
        let mut busy_after = |packets, n: u32| {
            hold.note(packets);
            hold.may_wait(start + LOOK_EVERY * n)
        };
        assert!(!busy_after(0, 0));
        assert!(!busy_after(600, 1), "3,000 packets a second are little");
        assert!(busy_after(1_000, 2));
        assert!(busy_after(600, 3), "what is busy stays so for a little less");
        assert!(!busy_after(400, 4));
    }
}
