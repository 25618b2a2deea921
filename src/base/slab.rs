//! A table of values under small keys that are never mistaken for a later value in the same place.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

/// Names one value of a [`Slab`] of `T`: its place, and how many values had that place before.
pub struct Key<T> {
    place: u32,
    turn: u32,
    of: PhantomData<fn() -> T>,
}

impl<T> Key<T> {
    /// As one number, to be carried through places that do not know `T`.
    pub const fn to_bits(self) -> u64 {
        (self.turn as u64) << 32 | self.place as u64
    }

    /// The key that [`Key::to_bits`] gave; any other number is a key of nothing.
    #[expect(clippy::cast_possible_truncation, reason = "two halves")]
    pub const fn from_bits(bits: u64) -> Self {
        Self { place: bits as u32, turn: (bits >> 32) as u32, of: PhantomData }
    }
}

impl<T> Clone for Key<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Key<T> {}
impl<T> PartialEq for Key<T> {
    fn eq(&self, other: &Self) -> bool {
        self.to_bits() == other.to_bits()
    }
}
impl<T> Eq for Key<T> {}
impl<T> Hash for Key<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.to_bits().hash(state);
    }
}
impl<T> fmt::Debug for Key<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.place, self.turn)
    }
}

struct Place<T> {
    turn: u32,
    value: Option<T>,
}

/// Values in places that are used again; the number of places only grows to the most ever held at once.
pub struct Slab<T> {
    places: Vec<Place<T>>,
    free: Vec<u32>,
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self { places: Vec::new(), free: Vec::new() }
    }
}

impl<T> Slab<T> {
    /// Takes a value in.
    ///
    /// # Panics
    /// After 2³² values at once, which no machine holds.
    pub fn insert(&mut self, value: T) -> Key<T> {
        let place = self.free.pop().unwrap_or_else(|| {
            self.places.push(Place { turn: 0, value: None });
            u32::try_from(self.places.len() - 1).expect("fewer values than 2^32")
        });
        let slot = &mut self.places[place as usize];
        slot.value = Some(value);
        Key { place, turn: slot.turn, of: PhantomData }
    }

    /// Gives the value back and forgets it.
    pub fn remove(&mut self, key: Key<T>) -> Option<T> {
        let slot = self.places.get_mut(key.place as usize).filter(|slot| slot.turn == key.turn)?;
        let value = slot.value.take()?;
        slot.turn = slot.turn.wrapping_add(1);
        self.free.push(key.place);
        Some(value)
    }

    /// The value under `key`.
    pub fn at(&self, key: Key<T>) -> Option<&T> {
        self.places.get(key.place as usize).filter(|slot| slot.turn == key.turn)?.value.as_ref()
    }

    /// The value under `key`, to change.
    pub fn at_mut(&mut self, key: Key<T>) -> Option<&mut T> {
        self.places.get_mut(key.place as usize).filter(|slot| slot.turn == key.turn)?.value.as_mut()
    }

    /// Every key and value, in the order of their places.
    pub fn iter(&self) -> impl Iterator<Item = (Key<T>, &T)> {
        self.places.iter().enumerate().filter_map(|(place, slot)| {
            let key = Key { place: u32::try_from(place).ok()?, turn: slot.turn, of: PhantomData };
            Some((key, slot.value.as_ref()?))
        })
    }

    /// Every key and value, to change, in the order of their places.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (Key<T>, &mut T)> {
        self.places.iter_mut().enumerate().filter_map(|(place, slot)| {
            let key = Key { place: u32::try_from(place).ok()?, turn: slot.turn, of: PhantomData };
            Some((key, slot.value.as_mut()?))
        })
    }

    /// The key of the value in the `place`-th place, if there is one: for walking the table a part at a time.
    pub fn key_at(&self, place: usize) -> Option<Key<T>> {
        let slot = self.places.get(place).filter(|slot| slot.value.is_some())?;
        Some(Key { place: u32::try_from(place).ok()?, turn: slot.turn, of: PhantomData })
    }

    /// How many places there are, used or free.
    pub fn places(&self) -> usize {
        self.places.len()
    }

    /// How many values are held.
    pub fn len(&self) -> usize {
        self.places.len() - self.free.len()
    }

    /// Whether no value is held.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_key_does_not_open_a_new_value() {
        let mut slab = Slab::default();
        let first = slab.insert("first");
        assert_eq!(slab.remove(first), Some("first"));
        let second = slab.insert("second");
        assert_eq!(slab.places(), 1, "the place is used again");
        assert_eq!(slab.at(first), None);
        assert_eq!(slab.remove(first), None);
        assert_eq!(slab.at(Key::from_bits(second.to_bits())), Some(&"second"));
    }
}
