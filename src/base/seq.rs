//! Sequence numbers that wrap: telling older from newer, and remembering which were seen.

/// The full index nearest to `highest` whose low 16 bits are `seq` (RFC 3711 §3.3.1).
pub const fn extend(highest: u64, seq: u16) -> u64 {
    #[expect(clippy::cast_possible_truncation, reason = "the low 16 bits are what is compared")]
    let step = seq.wrapping_sub(highest as u16);
    if step < 0x8000 {
        highest + step as u64
    } else {
        let back = (0x1_0000 - step as u32) as u64;
        // Before the first wrap there is nothing older to go back to: it is newer then.
        if back <= highest { highest - back } else { highest + step as u64 }
    }
}

/// Which of the last 128 indices were seen: refuses replays (RFC 3711 §3.3.2).
#[derive(Clone, Copy, Debug, Default)]
pub struct Seen {
    /// One more than the highest index seen; zero before the first.
    next: u64,
    /// Bit `n` stands for index `next - 1 - n`.
    window: u128,
}

impl Seen {
    /// The index that `seq` most likely stands for.
    pub const fn index(&self, seq: u16) -> u64 {
        if self.next == 0 { seq as u64 } else { extend(self.next - 1, seq) }
    }

    /// The highest index noted, if any.
    pub const fn highest(&self) -> Option<u64> {
        self.next.checked_sub(1)
    }

    /// Whether `index` is neither noted already nor too old to tell.
    pub const fn is_new(&self, index: u64) -> bool {
        if index >= self.next {
            return true;
        }
        let age = self.next - 1 - index;
        age < 128 && self.window & (1 << age) == 0
    }

    /// Notes `index` as seen.
    pub const fn note(&mut self, index: u64) {
        if index >= self.next {
            let step = index + 1 - self.next;
            self.window = if step < 128 { self.window << step } else { 0 } | 1;
            self.next = index + 1;
        } else if self.next - 1 - index < 128 {
            self.window |= 1 << (self.next - 1 - index);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_follows_its_sequence_number_over_the_wrap() {
        assert_eq!(extend(0xffff, 0), 0x1_0000);
        assert_eq!(extend(0x1_0000, 0xffff), 0xffff);
        assert_eq!(extend(0x1_0005, 0x10), 0x1_0010);
        assert_eq!(extend(3, 0xfffe), 0xfffe, "nothing is older than the start");
    }

    #[test]
    fn a_replay_is_not_new_and_neither_is_the_distant_past() {
        let mut seen = Seen::default();
        for index in [5, 6, 9, 7] {
            assert!(seen.is_new(index));
            seen.note(index);
            assert!(!seen.is_new(index));
        }
        assert!(seen.is_new(8));
        seen.note(500);
        assert!(!seen.is_new(8));
        assert!(seen.is_new(373) && !seen.is_new(372));
    }
}
