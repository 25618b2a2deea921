//! Token buckets: how often each of many may do something. The table is bounded, and time is handed in.

use std::collections::BTreeMap;
use std::time::Duration;

use super::time::Time;

/// A bucket for each key; one that is not here is full.
#[derive(Clone, Debug)]
pub struct Buckets<K> {
    /// When each will be full again if nothing is taken (GCRA, ITU-T I.371 annex A).
    full_at: BTreeMap<K, Time>,
    burst: u32,
    refill: Duration,
    keys_max: usize,
}

impl<K: Ord + Clone> Buckets<K> {
    /// Buckets of `burst` tokens that get one back every `refill`, for at most `keys_max` keys at once.
    pub const fn new(burst: u32, refill: Duration, keys_max: usize) -> Self {
        Self { full_at: BTreeMap::new(), burst, refill, keys_max }
    }

    /// Takes one token.
    ///
    /// # Errors
    /// How long to wait for the next, if there is none. That costs nothing more.
    pub fn take(&mut self, now: Time, key: &K) -> Result<(), Duration> {
        let full_at = self.full_at.get(key).copied().unwrap_or(now).max(now) + self.refill;
        let over = full_at.since(now).saturating_sub(self.refill * self.burst);
        if over > Duration::ZERO {
            return Err(over);
        }
        if !self.full_at.contains_key(key) {
            self.make_room(now);
        }
        self.full_at.insert(key.clone(), full_at);
        Ok(())
    }

    /// Forgets full buckets; if there are none, the fullest: it has done least.
    fn make_room(&mut self, now: Time) {
        if self.full_at.len() < self.keys_max {
            return;
        }
        self.full_at.retain(|_, full_at| *full_at > now);
        if self.full_at.len() >= self.keys_max
            && let Some(fullest) = self.full_at.iter().min_by_key(|(_, full_at)| **full_at).map(|(key, _)| key.clone())
        {
            self.full_at.remove(&fullest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time::from_micros(1_763_683_200_000_000);
    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_burst_is_given_at_once_and_then_one_by_one() {
        let mut buckets = Buckets::new(3, 10 * SECOND, 8);
        assert!((0..3).all(|_| buckets.take(NOW, &"a").is_ok()));
        assert_eq!(buckets.take(NOW, &"a"), Err(10 * SECOND));
        assert_eq!(buckets.take(NOW + 4 * SECOND, &"a"), Err(6 * SECOND), "asking in vain costs nothing");
        assert_eq!(buckets.take(NOW + 10 * SECOND, &"a"), Ok(()));
        assert_eq!(buckets.take(NOW + 10 * SECOND, &"a"), Err(10 * SECOND));
        assert_eq!(buckets.take(NOW, &"b"), Ok(()), "one does not empty the bucket of another");
        let later = NOW + 1_000 * SECOND;
        assert!((0..3).all(|_| buckets.take(later, &"a").is_ok()), "it is full again, and no fuller");
        assert!(buckets.take(later, &"a").is_err());
    }

    #[test]
    fn a_crowd_does_not_fill_the_memory_nor_free_the_one_who_asked_most() {
        let mut buckets = Buckets::new(2, 10 * SECOND, 16);
        assert!(buckets.take(NOW, &0).is_ok() && buckets.take(NOW, &0).is_ok());
        for stranger in 1..1_000 {
            assert!(buckets.take(NOW + SECOND, &stranger).is_ok());
            assert!(buckets.full_at.len() <= 16);
        }
        assert!(buckets.take(NOW + SECOND, &0).is_err());
    }
}
