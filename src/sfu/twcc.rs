//! When each packet of a peer arrived: its own bandwidth estimator asks for that every few frames.

use std::time::Duration;

use crate::base::limits::ARRIVALS_MAX;
use crate::base::seq::extend;
use crate::base::time::Time;

/// How often a publisher hears of its packets.
pub(super) const FEEDBACK_EVERY: Duration = Duration::from_millis(60);

/// Arrival times by transport-wide sequence number, and what was reported of them.
pub struct Arrivals {
    times: Box<[Option<Time>]>,
    /// The first index not reported yet, and one more than the highest arrived.
    waiting: Option<(u64, u64)>,
    reports: u8,
}

impl Default for Arrivals {
    fn default() -> Self {
        Self::new()
    }
}

impl Arrivals {
    /// Nothing has arrived yet.
    pub fn new() -> Self {
        Self { times: vec![None; ARRIVALS_MAX].into_boxed_slice(), waiting: None, reports: 0 }
    }

    /// Notes that the packet with transport-wide number `seq` arrived at `now`.
    pub fn note(&mut self, seq: u16, now: Time) {
        let Some((first, next)) = self.waiting else {
            self.waiting = Some((u64::from(seq), u64::from(seq) + 1));
            self.put(u64::from(seq), now);
            return;
        };
        let index = extend(next.saturating_sub(1), seq);
        if index < first && first - index > 100 || index >= next + ARRIVALS_MAX as u64 {
            self.waiting = Some((index, index + 1));
        } else {
            (next..index).for_each(|lost| self.times[place(lost)] = None);
            let end = next.max(index + 1);
            self.waiting = Some((first.min(index).max(end.saturating_sub(ARRIVALS_MAX as u64)), end));
        }
        self.put(index, now);
    }

    /// The next feedback: its count, its first number, and the arrivals from there on.
    pub fn report(&self) -> Option<(u8, u16, impl Iterator<Item = Option<Time>> + Clone + '_)> {
        let (first, next) = self.waiting.filter(|(first, next)| first < next)?;
        #[expect(clippy::cast_possible_truncation, reason = "a sequence number is the low 16 bits")]
        Some((self.reports, first as u16, (first..next).map(|index| self.times[place(index)])))
    }

    /// Notes that the first `packets` of the last report left.
    pub fn reported(&mut self, packets: usize) {
        if let Some((first, _)) = &mut self.waiting {
            *first += packets as u64;
            self.reports = self.reports.wrapping_add(1);
        }
    }

    fn put(&mut self, index: u64, now: Time) {
        self.times[place(index)] = Some(now);
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a remainder of the ring's length")]
const fn place(index: u64) -> usize {
    (index % ARRIVALS_MAX as u64) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Time {
        Time::from_micros(1_000_000 + ms * 1_000)
    }

    #[test]
    fn a_report_names_the_lost_and_goes_on_where_the_last_ended() {
        let mut arrivals = Arrivals::new();
        for (ms, seq) in [(0, 65_534), (1, 65_535), (3, 1)] {
            arrivals.note(seq, at(ms));
        }
        let (count, base, times) = arrivals.report().unwrap();
        assert_eq!((count, base), (0, 65_534));
        assert_eq!(times.collect::<Vec<_>>(), [Some(at(0)), Some(at(1)), None, Some(at(3))]);
        arrivals.reported(4);
        assert!(arrivals.report().is_none());
        arrivals.note(2, at(5));
        let (count, base, times) = arrivals.report().unwrap();
        assert_eq!((count, base, times.count()), (1, 2, 1));
    }
}
