//! When each packet left: written by the one thread that publishes, read by all that watch.

use std::sync::atomic::{AtomicU64, Ordering};

/// Packets remembered of one track: many seconds of any lesson, so that what was kept by the server is still known.
const PLACES: usize = 16_384;

/// The times at which the last packets of one track left.
pub(super) struct SendTable {
    places: Box<[Place]>,
    /// One more than the number of the last packet that left.
    next: AtomicU64,
}

#[derive(Default)]
struct Place {
    /// The packet's number in the upper half, plus one; its RTP timestamp in the lower. Zero while it is written.
    name: AtomicU64,
    sent_ns: AtomicU64,
}

/// One packet that left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sent {
    /// By the wall clock.
    pub(super) at_ns: u64,
    pub(super) timestamp: u32,
}

impl Default for SendTable {
    fn default() -> Self {
        let places = std::iter::repeat_with(Place::default).take(PLACES).collect();
        Self { places, next: AtomicU64::new(0) }
    }
}

impl SendTable {
    /// Notes a packet; only one thread may.
    pub(super) fn note(&self, index: u64, sent: Sent) {
        let place = self.place(index);
        place.name.store(0, Ordering::Release);
        place.sent_ns.store(sent.at_ns, Ordering::Release);
        place.name.store(name(index) | u64::from(sent.timestamp), Ordering::Release);
        self.next.store(index + 1, Ordering::Release);
    }

    /// When a packet left; `None` if it has not, or too long ago.
    pub(super) fn find(&self, index: u64) -> Option<Sent> {
        let place = self.place(index);
        let before = place.name.load(Ordering::Acquire);
        let at_ns = place.sent_ns.load(Ordering::Acquire);
        let whole = before == place.name.load(Ordering::Acquire) && before & !0xffff_ffff == name(index);
        #[expect(clippy::cast_possible_truncation, reason = "the lower half")]
        whole.then_some(Sent { at_ns, timestamp: before as u32 })
    }

    /// One more than the number of the last packet that left.
    pub(super) fn next(&self) -> u64 {
        self.next.load(Ordering::Acquire)
    }

    fn place(&self, index: u64) -> &Place {
        &self.places[index as usize % PLACES]
    }
}

const fn name(index: u64) -> u64 {
    ((index & 0x7fff_ffff) + 1) << 32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packet_is_found_until_another_has_its_place() {
        let table = SendTable::default();
        assert_eq!((table.find(0), table.next()), (None, 0));
        let sent = |n: u64| Sent { at_ns: 7 * n, timestamp: 3_000_000_000 };
        for index in [0, 5, PLACES as u64 + 5] {
            table.note(index, sent(index));
            assert_eq!((table.find(index), table.next()), (Some(sent(index)), index + 1));
        }
        assert_eq!(table.find(5), None);
        assert_eq!(table.find(0), Some(sent(0)));
    }
}
