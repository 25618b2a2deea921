//! Which packets of a stream are missing, when to ask for them, and when to give up.

use std::time::Duration;

use crate::base::limits::GAPS_MAX;
use crate::base::time::Time;

/// Packets overtake each other by a few milliseconds even on healthy lines.
const REORDER_WAIT: Duration = Duration::from_millis(10);
/// A publisher's round trip is not known to a receiver; most are shorter.
const ASK_AGAIN: Duration = Duration::from_millis(80);
/// Later than this no decoder waits any more.
const GIVE_UP: Duration = Duration::from_secs(1);

#[derive(Clone, Copy)]
struct Gap {
    index: u64,
    noticed: Time,
    ask: Time,
    wait: Duration,
}

/// The missing packets of one stream, oldest first.
pub(super) struct Gaps {
    missing: Vec<Gap>,
    highest: Option<u64>,
}

impl Gaps {
    pub(super) fn new() -> Self {
        Self { missing: Vec::with_capacity(GAPS_MAX), highest: None }
    }

    /// Notes that `index` arrived. Gives how many packets can no longer be repaired because too many are missing
    /// at once.
    pub(super) fn arrived(&mut self, index: u64, now: Time) -> usize {
        let Some(highest) = self.highest.replace(self.highest.map_or(index, |highest| highest.max(index))) else {
            return 0;
        };
        if index <= highest {
            self.missing.retain(|gap| gap.index != index);
            return 0;
        }
        let lost = usize::try_from(index - highest - 1).unwrap_or(usize::MAX);
        let room = GAPS_MAX - self.missing.len();
        if lost > room {
            let before = self.missing.len();
            self.missing.clear();
            return lost.saturating_add(before);
        }
        let gap = |index| Gap { index, noticed: now, ask: now + REORDER_WAIT, wait: ASK_AGAIN };
        self.missing.extend((highest + 1..index).map(gap));
        0
    }

    /// Drops those that are too late to be of use; gives how many.
    pub(super) fn give_up(&mut self, now: Time) -> usize {
        let before = self.missing.len();
        self.missing.retain(|gap| now.since(gap.noticed) < GIVE_UP);
        before - self.missing.len()
    }

    /// The sequence numbers to ask for now, oldest first; each will be due again after a growing wait.
    pub(super) fn due(&mut self, now: Time) -> impl Iterator<Item = u16> + '_ {
        self.missing.iter_mut().filter(move |gap| gap.ask <= now).map(move |gap| {
            gap.ask = now + gap.wait;
            gap.wait = gap.wait * 3 / 2;
            #[expect(clippy::cast_possible_truncation, reason = "a sequence number is the low 16 bits")]
            let seq = gap.index as u16;
            seq
        })
    }

    /// Whether anything is due to be asked for.
    pub(super) fn is_due(&self, now: Time) -> bool {
        self.missing.iter().any(|gap| gap.ask <= now)
    }

    /// How many are missing.
    #[cfg(test)]
    fn len(&self) -> usize {
        self.missing.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Time {
        Time::from_micros(1_000_000 + ms * 1_000)
    }

    #[test]
    fn a_gap_is_asked_for_after_the_reordering_wait_and_again_ever_more_slowly() {
        let mut gaps = Gaps::new();
        gaps.arrived(10, at(0));
        gaps.arrived(13, at(0));
        assert_eq!(gaps.due(at(5)).count(), 0);
        assert_eq!(gaps.due(at(10)).collect::<Vec<_>>(), [11, 12]);
        assert!(!gaps.is_due(at(80)));
        gaps.arrived(12, at(60));
        assert_eq!(gaps.due(at(90)).collect::<Vec<_>>(), [11]);
        assert_eq!(gaps.due(at(200)).count(), 0);
        assert_eq!(gaps.give_up(at(1_000)), 1);
        assert_eq!(gaps.len(), 0);
    }

    #[test]
    fn more_loss_than_can_be_remembered_is_given_up_at_once() {
        let mut gaps = Gaps::new();
        gaps.arrived(0, at(0));
        let lost = GAPS_MAX as u64 + 1;
        assert_eq!(gaps.arrived(lost + 1, at(0)), GAPS_MAX + 1);
        assert_eq!(gaps.len(), 0);
    }
}
