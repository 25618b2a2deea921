//! One direction of a line: loss, reordering, duplicates, delay, jitter, and a bottleneck with a drop-tail queue.

use std::time::Duration;

use tongke::base::time::Time;

use crate::chance::Chance;

/// What one direction of a line does to datagrams.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    /// The least a datagram takes.
    pub(crate) delay: Duration,
    /// Added by chance without changing the order.
    pub(crate) jitter: Duration,
    /// The share that never arrives.
    pub(crate) loss: f64,
    /// The share that arrives twice.
    pub(crate) duplicates: f64,
    /// The share that is overtaken by those sent up to 15 ms after it.
    pub(crate) late: f64,
    /// The bottleneck, if there is one.
    pub(crate) bps: Option<u64>,
    /// What the bottleneck lets wait; more is dropped.
    pub(crate) queue: Duration,
    pub(crate) free: Time,
    pub(crate) last: Time,
}

impl Link {
    /// A line of a healthy school.
    pub(crate) const fn good() -> Self {
        Self {
            delay: Duration::from_millis(10),
            jitter: Duration::ZERO,
            loss: 0.0,
            duplicates: 0.0,
            late: 0.0,
            bps: None,
            queue: Duration::from_millis(400),
            free: Time::from_micros(0),
            last: Time::from_micros(0),
        }
    }

    /// When a datagram of `bytes` that is sent at `now` arrives: not at all, once or twice.
    pub(crate) fn carry(&mut self, now: Time, bytes: usize, chance: &mut Chance) -> [Option<Time>; 2] {
        let Some(through) = self.squeeze(now, bytes).filter(|_| !chance.happens(self.loss)) else { return [None; 2] };
        if chance.happens(self.late) {
            return [Some(through + self.delay + chance.wait(Duration::from_millis(15))), None];
        }
        let arrives = (through + self.delay + chance.wait(self.jitter)).max(self.last);
        self.last = arrives;
        let again = chance.happens(self.duplicates).then(|| arrives + chance.wait(Duration::from_millis(5)));
        [Some(arrives), again]
    }

    /// When the datagram is through the bottleneck; `None` if the queue is full.
    fn squeeze(&mut self, now: Time, bytes: usize) -> Option<Time> {
        let Some(bps) = self.bps else { return Some(now) };
        let begins = self.free.max(now);
        if begins.since(now) > self.queue {
            return None;
        }
        // 28 bytes of IPv4 and UDP.
        self.free = begins + Duration::from_micros((bytes as u64 + 28) * 8_000_000 / bps);
        Some(self.free)
    }
}

/// Both directions.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// To the server.
    pub(crate) up: Link,
    /// From the server.
    pub(crate) down: Link,
}

impl Line {
    pub(crate) const fn good() -> Self {
        Self { up: Link::good(), down: Link::good() }
    }

    /// The same in both directions.
    pub(crate) fn both(link: Link) -> Self {
        Self { down: link.clone(), up: link }
    }

    /// A round trip of 80 ms on which this share is lost each way.
    pub(crate) fn lossy(loss: f64) -> Self {
        Self::both(Link { loss, delay: Duration::from_millis(40), ..Link::good() })
    }

    /// No more than this comes down.
    pub(crate) fn thin(bps: u64) -> Self {
        Self { up: Link::good(), down: Link { bps: Some(bps), delay: Duration::from_millis(20), ..Link::good() } }
    }

    pub(crate) const fn loses(&self) -> bool {
        self.up.loss > 0.0 || self.down.loss > 0.0 || self.down.bps.is_some() || self.up.bps.is_some()
    }
}
