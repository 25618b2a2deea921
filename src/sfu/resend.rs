//! What was sent again and when: repairs are bounded, so that a bad line cannot drown itself or others.

use std::time::Duration;

use crate::base::time::Time;

/// Resends remembered: those of the last round trip.
const REMEMBERED: usize = 128;
/// Half of the shortest round trip at which Chromium repeats a request.
const AGAIN_AFTER: Duration = Duration::from_millis(15);
/// A repair costs as much as this many packets earn: at most a quarter on top of what is sent.
const PRICE: u32 = 4;
/// What may be saved up: 64 repairs, a hole of 200 ms at 2.5 Mbit/s.
const PURSE: u32 = 64 * PRICE;

/// The repairs of one slot.
pub(super) struct Resends {
    /// Seldom needed: not beside what every packet needs.
    last: Box<[(u64, Time); REMEMBERED]>,
    purse: u32,
    /// The next index in the retransmission stream.
    next_index: u64,
}

/// Whether a packet may be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Yes,
    TooSoon,
    OverBudget,
}

impl Resends {
    pub(super) fn new(chance: u64) -> Self {
        Self {
            last: Box::new([(u64::MAX, Time::default()); REMEMBERED]),
            purse: PURSE,
            next_index: chance >> 48 & 0x7fff,
        }
    }

    /// Packets were sent for the first time.
    pub(super) fn earn(&mut self, packets: u32) {
        self.purse = self.purse.saturating_add(packets).min(PURSE);
    }

    /// Whether the packet that left with `index` may be sent again at `now`; if so, notes that it is.
    pub(super) fn ask(&mut self, index: u64, now: Time) -> Verdict {
        #[expect(clippy::cast_possible_truncation, reason = "a remainder of the ring's length")]
        let last = &mut self.last[(index % REMEMBERED as u64) as usize];
        if last.0 == index && now.since(last.1) < AGAIN_AFTER {
            return Verdict::TooSoon;
        }
        if self.purse < PRICE {
            return Verdict::OverBudget;
        }
        self.purse -= PRICE;
        *last = (index, now);
        Verdict::Yes
    }

    /// The next index in the retransmission stream.
    pub(super) fn next_index(&mut self) -> u64 {
        self.next_index += 1;
        self.next_index
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repairs_are_bounded_by_what_is_sent() {
        let (mut resends, now) = (Resends::new(0), Time::from_micros(1_000_000));
        let granted = (0..1_000).filter(|index| resends.ask(*index, now) == Verdict::Yes).count();
        assert_eq!(granted, 64);
        resends.earn(PRICE);
        assert_eq!(resends.ask(5_000, now), Verdict::Yes);
        assert_eq!(resends.ask(5_000, now), Verdict::TooSoon);
        assert_eq!(resends.ask(5_001, now), Verdict::OverBudget);
    }
}
