//! What a watcher says its line can carry (REMB): one figure of a browser, or one of each receiver that estimates alone.

use std::time::Duration;

use crate::base::limits::ESTIMATES_MAX;
use crate::base::time::Time;

/// What was said longer ago no longer counts.
const FRESH: Duration = Duration::from_secs(4);
/// More than any line of a school; larger figures say no more than this.
const SAID_MAX: u64 = 40_000_000;

#[derive(Clone, Copy)]
struct Said {
    /// One of the streams that share it.
    of: u32,
    bps: u64,
    at: Time,
    /// When it last fell: a receiver lowers its figure when packets begin to queue, and at no other time.
    fell: Option<Time>,
}

/// The figures of one watcher.
#[derive(Default)]
pub(super) struct Estimates {
    said: [Option<Said>; ESTIMATES_MAX],
}

impl Estimates {
    /// A figure for all `streams` together.
    pub(super) fn hear(&mut self, streams: impl Iterator<Item = u32> + Clone, bps: u64, now: Time) {
        let Some(of) = streams.clone().next() else { return };
        let bps = bps.min(SAID_MAX);
        let (mut before, mut fell) = (0, None);
        for place in &mut self.said {
            if let Some(said) = place.filter(|said| streams.clone().any(|stream| stream == said.of)) {
                before += said.bps;
                fell = fell.max(said.fell);
                *place = None;
            }
        }
        if bps < before / 100 * 97 {
            fell = Some(now);
        }
        // With no place free, the one of whom nothing was heard for longest is gone.
        if let Some(place) = self.said.iter_mut().min_by_key(|said| said.map(|said| said.at)) {
            *place = Some(Said { of, bps, at: now, fell });
        }
    }

    /// All fresh figures together.
    pub(super) fn total(&self, now: Time) -> Option<u64> {
        let fresh = self.fresh(now).map(|said| said.bps);
        fresh.reduce(u64::saturating_add)
    }

    /// Whether any of them fell a short time ago.
    pub(super) fn fell(&self, now: Time) -> bool {
        self.fresh(now).any(|said| said.fell.is_some_and(|fell| now.since(fell) < FRESH))
    }

    /// What fell so far has been answered.
    pub(super) fn settle(&mut self) {
        self.said.iter_mut().flatten().for_each(|said| said.fell = None);
    }

    fn fresh(&self, now: Time) -> impl Iterator<Item = Said> + '_ {
        self.said.iter().flatten().copied().filter(move |said| now.since(said.at) < FRESH)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Time {
        Time::from_micros(1_000_000 + ms * 1_000)
    }

    #[test]
    fn receivers_that_estimate_alone_are_added_up_and_a_common_figure_replaces_theirs() {
        let mut estimates = Estimates::default();
        estimates.hear([7].into_iter(), 300_000, at(0));
        estimates.hear([8].into_iter(), 200_000, at(100));
        assert_eq!(estimates.total(at(200)), Some(500_000));
        estimates.hear([7, 8].into_iter(), 600_000, at(300));
        assert_eq!(estimates.total(at(300)), Some(600_000));
        assert_eq!(estimates.total(at(5_000)), None, "old figures do not count");
    }

    #[test]
    fn only_a_figure_that_falls_is_a_sign() {
        let mut estimates = Estimates::default();
        for (ms, bps) in [(0, 300_000), (1_000, 324_000), (2_000, 320_000)] {
            estimates.hear([7].into_iter(), bps, at(ms));
            assert!(!estimates.fell(at(ms)));
        }
        estimates.hear([7].into_iter(), 270_000, at(3_000));
        assert!(estimates.fell(at(3_500)));
        estimates.settle();
        assert!(!estimates.fell(at(3_500)));
    }
}
