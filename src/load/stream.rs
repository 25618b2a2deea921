//! What one watcher knows of one stream: which packets came, which are missing, and which of the publisher's they are.

use std::collections::VecDeque;

use super::mark::Mark;
use super::table::{SendTable, Sent};
use crate::base::seq::Seen;

/// Missing packets remembered: more than this is an outage, which repair does not help.
const MISSING_MAX: usize = 256;
/// A missing packet is asked for this often…
const ASKS_MAX: u8 = 4;
/// …and not again before this, which is longer than an answer takes on any line of the same town.
const ASK_AGAIN_US: u64 = 100_000;

/// The packets of one stream.
#[derive(Default)]
pub(super) struct Stream {
    seen: Seen,
    first: Option<u64>,
    received: u64,
    /// How a publisher's packet numbers and timestamps become this stream's.
    shift: Option<Shift>,
    missing: VecDeque<Missing>,
    /// What was drained before: expected and received.
    drained: (u64, u64),
    reported: (u64, u64),
    transit: Option<i64>,
    jitter: f64,
}

/// The server's own numbers less the publisher's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Shift {
    index: u64,
    timestamp: u32,
}

struct Missing {
    index: u64,
    asks: u8,
    asked_us: u64,
}

/// How many packets should have come, and how many came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Came {
    pub(super) expected: u64,
    pub(super) received: u64,
}

impl Stream {
    /// The index of a packet with this sequence number; `None` if it was here before.
    pub(super) fn take(&mut self, sequence: u16) -> Option<u64> {
        let index = self.seen.index(sequence);
        if !self.seen.is_new(index) {
            return None;
        }
        let first = *self.first.get_or_insert(index);
        if index < first {
            // It was sent before the stream was first heard: nobody waits for it.
            return None;
        }
        match self.seen.highest() {
            Some(highest) if index <= highest => self.missing.retain(|missing| missing.index != index),
            Some(highest) => self.miss(highest + 1..index),
            None => {}
        }
        self.seen.note(index);
        self.received += 1;
        Some(index)
    }

    fn miss(&mut self, indices: std::ops::Range<u64>) {
        let begin = indices.start.max(indices.end.saturating_sub(MISSING_MAX as u64));
        for index in begin..indices.end {
            if self.missing.len() == MISSING_MAX {
                self.missing.pop_front();
            }
            self.missing.push_back(Missing { index, asks: 0, asked_us: 0 });
        }
    }

    /// A repair of a packet came; `true` if that packet was still missing.
    pub(super) fn repair(&mut self, sequence: u16) -> bool {
        let before = self.missing.len();
        let index = self.seen.index(sequence);
        self.missing.retain(|missing| missing.index != index);
        self.missing.len() < before
    }

    /// The sequence numbers to ask for now.
    pub(super) fn ask(&mut self, now_us: u64) -> Vec<u16> {
        let mut asked = Vec::new();
        self.missing.retain_mut(|missing| {
            if now_us < missing.asked_us + ASK_AGAIN_US {
                return true;
            }
            (missing.asks, missing.asked_us) = (missing.asks + 1, now_us);
            if missing.asks <= ASKS_MAX {
                asked.push(missing.index as u16);
            }
            missing.asks <= ASKS_MAX
        });
        asked
    }

    /// Whether it is known which packets of the publisher these are.
    pub(super) const fn is_matched(&self) -> bool {
        self.shift.is_some()
    }

    /// A packet was opened and says which of the publisher's it is: `false` if that is not what was believed so far.
    pub(super) fn learn(&mut self, index: u64, timestamp: u32, mark: Mark, table: &SendTable) -> bool {
        let Some(sent) = table.find(mark.index) else { return true };
        let timestamp = timestamp.wrapping_sub(sent.timestamp);
        let found = Shift { index: index.wrapping_sub(mark.index), timestamp };
        let before = self.shift.replace(found);
        before.is_none_or(|before| before == found)
    }

    /// When a packet left its publisher. If its timestamp is not the one that left, the server has switched what it sends:
    /// then nothing is known until the next mark.
    pub(super) fn sent(&mut self, index: u64, timestamp: u32, table: &SendTable) -> Option<Sent> {
        let shift = self.shift?;
        let sent = table.find(index.wrapping_sub(shift.index))?;
        if timestamp.wrapping_sub(sent.timestamp) != shift.timestamp {
            self.shift = None;
            return None;
        }
        Some(sent)
    }

    /// Interarrival jitter (RFC 3550 §A.8).
    pub(super) fn note_arrival(&mut self, at_ns: u64, timestamp: u32, clock_rate: u32) {
        let ticks = (u128::from(at_ns) * u128::from(clock_rate) / 1_000_000_000) as u32;
        let transit = i64::from(ticks.wrapping_sub(timestamp).cast_signed());
        if let Some(before) = self.transit.replace(transit) {
            let step = (transit - before).unsigned_abs().min(u64::from(clock_rate)) as f64;
            self.jitter += (step - self.jitter) / 16.0;
        }
    }

    pub(super) const fn jitter(&self) -> u32 {
        self.jitter as u32
    }

    /// The highest index so far, if any packet came.
    pub(super) const fn highest(&self) -> Option<u64> {
        self.seen.highest()
    }

    fn came(&self) -> Came {
        let span = self.first.zip(self.seen.highest()).map_or(0, |(first, highest)| highest + 1 - first);
        Came { expected: span, received: self.received }
    }

    /// What came since the last time, for the books.
    pub(super) fn drain(&mut self) -> Came {
        let came = self.came();
        let (expected, received) = std::mem::replace(&mut self.drained, (came.expected, came.received));
        Came { expected: came.expected - expected, received: came.received - received }
    }

    /// Packets that the publisher has sent after the last one that came: lost, once nothing more will come.
    pub(super) fn tail(&self, table: &SendTable) -> u64 {
        let left = self.shift.map(|shift| table.next().wrapping_add(shift.index));
        left.zip(self.seen.highest()).map_or(0, |(left, highest)| left.saturating_sub(highest + 1))
    }

    /// What came since the last report: the share that was lost in 256ths, and all that was lost ever.
    pub(super) fn report(&mut self) -> (u8, i32) {
        let came = self.came();
        let (expected, received) = std::mem::replace(&mut self.reported, (came.expected, came.received));
        let (expected, received) = (came.expected - expected, came.received - received);
        let lost = expected.saturating_sub(received);
        let share = (lost * 256).checked_div(expected).unwrap_or(0).min(255);
        let ever = came.expected.saturating_sub(came.received);
        (u8::try_from(share).unwrap_or(255), i32::try_from(ever).unwrap_or(i32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loss_is_what_is_missing_between_the_first_and_the_last() {
        let mut stream = Stream::default();
        for sequence in [65_533, 65_534, 0, 1, 1, 4] {
            stream.take(sequence);
        }
        assert_eq!(
            stream.drain(),
            Came { expected: 8, received: 5 },
            "65535, 2 and 3 are missing, the second 1 is no news"
        );
        assert_eq!(stream.drain(), Came::default(), "each packet once");
        assert!(stream.take(3).is_some(), "late is not lost");
        assert_eq!(stream.drain(), Came { expected: 0, received: 1 });
        assert!(stream.take(65_530).is_none(), "from before it began");
    }

    #[test]
    fn what_is_missing_is_asked_for_a_few_times_until_it_comes() {
        let mut stream = Stream::default();
        for sequence in [10, 14] {
            stream.take(sequence);
        }
        assert_eq!(stream.ask(1_000_000), [11, 12, 13]);
        assert_eq!(stream.ask(1_050_000), [0_u16; 0], "an answer may be on its way");
        assert!(stream.repair(12) && !stream.repair(12));
        stream.take(11);
        for round in 1..4 {
            assert_eq!(stream.ask(1_000_000 + round * 100_000), [13]);
        }
        assert_eq!(stream.ask(1_400_000), [0_u16; 0], "it is given up");
    }

    #[test]
    fn a_packet_is_found_in_the_table_by_the_shift_that_a_mark_teaches() {
        let table = SendTable::default();
        (0..20).for_each(|n| table.note(n, Sent { at_ns: 1_000 * n, timestamp: 90 * n as u32 }));
        let mut stream = Stream::default();
        assert_eq!(stream.sent(505, 77, &table), None);
        let mark = Mark { publisher: 0, track: 0, index: 5 };
        assert!(stream.learn(505, 450 + 7, mark, &table));
        assert!(stream.is_matched());
        assert_eq!(stream.sent(510, 907, &table).map(|sent| sent.at_ns), Some(10_000));
        assert!(stream.learn(510, 907, mark.later(5), &table), "as before");
        assert!(!stream.learn(510, 907, mark.later(6), &table), "another packet than it should be");
        assert!(stream.learn(510, 907, mark.later(6), &table));
        assert_eq!(stream.sent(511, 7, &table), None, "another timestamp: another source");
        assert!(!stream.is_matched());
    }

    #[test]
    fn packets_that_never_came_after_the_last_are_the_tail() {
        let table = SendTable::default();
        (0..20).for_each(|n| table.note(n, Sent { at_ns: 1, timestamp: 0 }));
        let mut stream = Stream::default();
        let index = stream.take(117).unwrap();
        assert_eq!(stream.tail(&table), 0, "nothing is known yet");
        stream.learn(index, 0, Mark { publisher: 0, track: 0, index: 17 }, &table);
        assert_eq!(stream.tail(&table), 2);
    }

    #[test]
    fn a_report_says_what_was_lost_since_the_last() {
        let mut stream = Stream::default();
        (0..100).filter(|n| n % 4 != 1).for_each(|n| _ = stream.take(n));
        assert_eq!(stream.report(), (64, 25));
        (100..200).for_each(|n| _ = stream.take(n));
        assert_eq!(stream.report(), (0, 25));
    }
}
