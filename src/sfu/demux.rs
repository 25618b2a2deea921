//! Whose datagram is this: by address, and for a peer that just moved, by stream.

use super::peer::PeerKey;
use super::road::{Road, spread};

/// A flat open-addressing table; it grows only when keys are expected, never when one is put or looked up.
pub(super) struct Table<K> {
    places: Box<[Option<(K, PeerKey)>]>,
    used: usize,
    /// How many keys there may be.
    expected: usize,
    salt: u64,
}

/// What the table can look up.
pub(super) trait Spread: Copy + PartialEq {
    fn spread(&self) -> u64;
}

impl Spread for Road {
    fn spread(&self) -> u64 {
        Self::spread(self)
    }
}

impl Spread for u32 {
    fn spread(&self) -> u64 {
        u64::from(*self)
    }
}

impl<K: Spread> Table<K> {
    /// An empty table; `salt` keeps outsiders from choosing keys that collide.
    pub(super) fn new(salt: u64) -> Self {
        Self { places: vec![None; 64].into_boxed_slice(), used: 0, expected: 0, salt }
    }

    /// The peer under `key`.
    pub(super) fn find(&self, key: &K) -> Option<PeerKey> {
        self.places[self.search(key)].map(|(_, peer)| peer)
    }

    /// Makes room for as many more keys.
    pub(super) fn expect(&mut self, more: usize) {
        self.expected += more;
        while self.expected * 2 > self.places.len() {
            self.grow();
        }
    }

    /// As many keys are no longer expected.
    pub(super) const fn expect_no_more(&mut self, fewer: usize) {
        self.expected = self.expected.saturating_sub(fewer);
    }

    /// Puts a peer under `key`, in place of any other.
    pub(super) fn put(&mut self, key: K, peer: PeerKey) {
        // Only where nobody said what to expect.
        if (self.used + 1) * 2 > self.places.len() {
            self.grow();
        }
        let place = self.search(&key);
        self.used += usize::from(self.places[place].is_none());
        self.places[place] = Some((key, peer));
    }

    /// Forgets `key`, if it is `peer`'s.
    pub(super) fn forget(&mut self, key: &K, peer: PeerKey) {
        let mut hole = self.search(key);
        if self.places[hole].is_none_or(|(_, found)| found != peer) {
            return;
        }
        self.places[hole] = None;
        self.used -= 1;
        // Move later members of the cluster back so that none is cut off from its home.
        let mut next = self.after(hole);
        while let Some((moved, _)) = self.places[next] {
            let home = self.home(&moved);
            let distance = |from: usize| next.wrapping_sub(from) & (self.places.len() - 1);
            if distance(home) >= distance(hole) {
                self.places[hole] = self.places[next].take();
                hole = next;
            }
            next = self.after(next);
        }
    }

    /// How many keys are held.
    pub(super) fn len(&self) -> usize {
        self.used
    }

    /// Where `key` is, or where it would go.
    fn search(&self, key: &K) -> usize {
        let mut place = self.home(key);
        while self.places[place].is_some_and(|(found, _)| found != *key) {
            place = self.after(place);
        }
        place
    }

    #[expect(clippy::cast_possible_truncation, reason = "masked to the table's length")]
    fn home(&self, key: &K) -> usize {
        spread(key.spread() ^ self.salt) as usize & (self.places.len() - 1)
    }

    fn after(&self, place: usize) -> usize {
        (place + 1) & (self.places.len() - 1)
    }

    fn grow(&mut self) {
        let larger = vec![None; self.places.len() * 2].into_boxed_slice();
        let old = std::mem::replace(&mut self.places, larger);
        self.used = 0;
        for (key, peer) in old.into_iter().flatten() {
            self.put(key, peer);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn the_table_agrees_with_a_plain_map_through_a_long_random_life() {
        let (mut table, mut map, mut state) = (Table::<u32>::new(7), BTreeMap::new(), 1_u64);
        for _ in 0..50_000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let (key, act) = ((state >> 40) as u32 % 300, state >> 62);
            let peer = PeerKey::from_bits(u64::from(key));
            if act == 0 {
                table.forget(&key, peer);
                map.remove(&key);
            } else {
                table.put(key, peer);
                map.insert(key, peer);
            }
            assert_eq!(table.len(), map.len());
            let probe = (state >> 20) as u32 % 300;
            assert_eq!(table.find(&probe), map.get(&probe).copied());
        }
    }
}
