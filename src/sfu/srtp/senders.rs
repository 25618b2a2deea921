//! Which SRTCP packets were seen, for each SSRC that sends them.

use crate::base::limits::SRTCP_SENDERS_MAX;
use crate::base::seq::Seen;

/// The index of SRTCP counts per sender (RFC 3711 §3.2.3), and one peer sends under several SSRCs:
/// a browser's microphone and camera each report for themselves.
///
/// The longest known sender makes room for a new one, so that a peer which changes its SSRCs is still heard.
#[derive(Default)]
pub(super) struct Senders {
    seen: [(u32, Seen); SRTCP_SENDERS_MAX],
    known: usize,
    oldest: usize,
}

impl Senders {
    /// Whether this index of this sender is neither noted already nor too old to tell.
    pub(super) fn is_new(&self, ssrc: u32, index: u64) -> bool {
        let mut known = self.seen.iter().take(self.known);
        known.find(|(sender, _)| *sender == ssrc).is_none_or(|(_, seen)| seen.is_new(index))
    }

    /// Notes an index; only of a packet that was opened, so that nobody else can fill the table. Says whether it is the
    /// newest of this sender.
    pub(super) fn note(&mut self, ssrc: u32, index: u64) -> bool {
        let mut known = self.seen.iter_mut().take(self.known);
        match known.find(|(sender, _)| *sender == ssrc) {
            Some((_, seen)) => {
                seen.note(index);
                seen.highest() == Some(index)
            }
            None => {
                self.meet(ssrc, index);
                true
            }
        }
    }

    fn meet(&mut self, ssrc: u32, index: u64) {
        let place = if self.known < SRTCP_SENDERS_MAX { self.known } else { self.oldest };
        if self.known < SRTCP_SENDERS_MAX {
            self.known += 1;
        } else {
            self.oldest = (self.oldest + 1) % SRTCP_SENDERS_MAX;
        }
        let mut seen = Seen::default();
        seen.note(index);
        self.seen[place] = (ssrc, seen);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_sender_counts_for_itself() {
        let mut senders = Senders::default();
        for ssrc in [7, 8] {
            assert!(senders.is_new(ssrc, 1));
            senders.note(ssrc, 1);
            assert!(!senders.is_new(ssrc, 1));
            assert!(senders.is_new(ssrc, 2));
        }
    }

    #[test]
    fn a_new_sender_takes_the_place_of_the_longest_known() {
        let mut senders = Senders::default();
        let newest = u32::try_from(SRTCP_SENDERS_MAX).expect("small");
        for ssrc in 0..=newest {
            senders.note(ssrc, 1);
        }
        assert!(senders.is_new(0, 1), "the first was forgotten");
        assert!((1..=newest).all(|ssrc| !senders.is_new(ssrc, 1)));
    }
}
