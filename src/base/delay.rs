//! Waits that grow with each failure of the same one. The table is bounded, and time is handed in.

use std::collections::BTreeMap;
use std::time::Duration;

use super::time::Time;

/// So many failures are forgiven: a slip of the finger, the old password, capitals.
const FORGIVEN: u32 = 3;
/// After the first failure that is not forgiven; doubled by each further one.
const FIRST: Duration = Duration::from_secs(2);
/// No wait is longer: a person who is kept out by somebody else has to come in some time.
const LONGEST: Duration = Duration::from_secs(15 * 60);
/// After so long without a failure all is forgotten.
const MEMORY: Duration = Duration::from_secs(60 * 60);

/// Failures by key.
#[derive(Clone, Debug)]
pub struct Delays<K> {
    failures: BTreeMap<K, Failures>,
    keys_max: usize,
}

#[derive(Clone, Copy, Debug)]
struct Failures {
    count: u32,
    last: Time,
}

impl Failures {
    fn open_at(self) -> Time {
        match self.count.checked_sub(FORGIVEN) {
            None | Some(0) => self.last,
            Some(more) => self.last + (FIRST * 2_u32.saturating_pow((more - 1).min(16))).min(LONGEST),
        }
    }
}

impl<K: Ord + Clone> Delays<K> {
    /// Nobody has failed yet; at most `keys_max` are remembered.
    pub const fn new(keys_max: usize) -> Self {
        Self { failures: BTreeMap::new(), keys_max }
    }

    /// Whether a key may try now.
    ///
    /// # Errors
    /// How long it has to wait, if not.
    pub fn may_try(&self, now: Time, key: &K) -> Result<(), Duration> {
        let open_at = self.failures.get(key).map_or(now, |failures| failures.open_at());
        if open_at <= now { Ok(()) } else { Err(open_at.since(now)) }
    }

    /// A try has failed.
    pub fn failed(&mut self, now: Time, key: &K) {
        let before = self.failures.get(key).filter(|failures| now.since(failures.last) < MEMORY);
        let count = before.map_or(0, |failures| failures.count).saturating_add(1);
        if !self.failures.contains_key(key) && self.failures.len() >= self.keys_max {
            self.forget_oldest(now);
        }
        self.failures.insert(key.clone(), Failures { count, last: now });
    }

    /// A try has succeeded: all is forgiven.
    pub fn succeeded(&mut self, key: &K) {
        self.failures.remove(key);
    }

    fn forget_oldest(&mut self, now: Time) {
        self.failures.retain(|_, failures| now.since(failures.last) < MEMORY);
        if self.failures.len() >= self.keys_max
            && let Some(oldest) = self.failures.iter().min_by_key(|(_, one)| one.last).map(|(key, _)| key.clone())
        {
            self.failures.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time::from_micros(1_763_683_200_000_000);

    #[test]
    fn each_failure_doubles_the_wait_until_the_longest() {
        let mut delays = Delays::new(8);
        let mut now = NOW;
        let mut waits = Vec::new();
        for _ in 0..14 {
            delays.failed(now, &"wang");
            let wait = delays.may_try(now, &"wang").err().unwrap_or_default();
            waits.push(wait.as_secs());
            now = now + wait;
            assert_eq!(delays.may_try(now, &"wang"), Ok(()));
        }
        assert_eq!(waits, [0, 0, 0, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
        assert_eq!(delays.may_try(NOW, &"li"), Ok(()));
    }

    #[test]
    fn success_and_time_forgive() {
        let mut delays = Delays::new(8);
        (0..5).for_each(|_| delays.failed(NOW, &"wang"));
        assert!(delays.may_try(NOW, &"wang").is_err());
        delays.failed(NOW + MEMORY, &"wang");
        assert_eq!(delays.may_try(NOW + MEMORY, &"wang"), Ok(()), "an hour later it is the first again");
        (0..5).for_each(|_| delays.failed(NOW, &"li"));
        delays.succeeded(&"li");
        assert_eq!(delays.may_try(NOW, &"li"), Ok(()));
    }

    #[test]
    fn no_crowd_fills_the_memory() {
        let mut delays = Delays::new(8);
        for (stranger, second) in (0..1_000).zip(0..) {
            delays.failed(NOW + Duration::from_secs(second), &stranger);
            assert!(delays.failures.len() <= 8);
        }
    }
}
