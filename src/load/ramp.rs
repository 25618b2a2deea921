//! How many watchers are too many: more step by step until it fails, then halving what lies between.

/// A search for the largest number that is good.
pub(super) struct Ramp {
    step: u32,
    max: u32,
    /// Between good and bad this much may stay unknown.
    fine: u32,
    good: u32,
    bad: Option<u32>,
}

impl Ramp {
    /// From `first` in steps of `step` up to `max`; known to `fine` in the end. None of them may be zero.
    pub(super) fn new(step: u32, max: u32, fine: u32) -> Self {
        Self { step: step.max(1), max, fine: fine.max(1), good: 0, bad: None }
    }

    /// What to try after `tried`, which was good or not; `None` at the end.
    pub(super) fn next(&mut self, tried: u32, was_good: bool) -> Option<u32> {
        if was_good {
            self.good = self.good.max(tried);
        } else {
            self.bad = Some(self.bad.map_or(tried, |bad| bad.min(tried)));
        }
        match self.bad {
            None => (tried < self.max).then(|| tried.saturating_add(self.step).min(self.max)),
            Some(bad) if bad.saturating_sub(self.good) > self.fine => Some(self.good + (bad - self.good) / 2),
            Some(_) => None,
        }
    }

    /// The largest number that was good; zero if none was.
    pub(super) const fn good(&self) -> u32 {
        self.good
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is tried if everything up to `limit` is good.
    fn tries(first: u32, step: u32, max: u32, fine: u32, limit: u32) -> (Vec<u32>, u32) {
        let mut ramp = Ramp::new(step, max, fine);
        let (mut tried, mut next) = (Vec::new(), Some(first));
        while let Some(watchers) = next {
            tried.push(watchers);
            next = ramp.next(watchers, watchers <= limit);
        }
        (tried, ramp.good())
    }

    #[test]
    fn it_climbs_until_it_fails_and_then_halves() {
        assert_eq!(tries(100, 100, 1_000, 10, 330), (vec![100, 200, 300, 400, 350, 325, 337, 331], 325));
    }

    #[test]
    fn it_ends_at_the_top_if_nothing_fails() {
        assert_eq!(tries(100, 100, 250, 10, 9_999), (vec![100, 200, 250], 250));
    }

    #[test]
    fn it_searches_below_the_first_step_if_that_fails_already() {
        assert_eq!(tries(64, 64, 640, 8, 20), (vec![64, 32, 16, 24], 16));
        assert_eq!(tries(8, 8, 80, 1, 0), (vec![8, 4, 2, 1], 0));
    }

    #[test]
    fn it_finds_any_limit_to_the_last_watcher() {
        for limit in 0..200 {
            assert_eq!(tries(16, 16, 150, 1, limit).1, limit.min(150));
        }
    }
}
