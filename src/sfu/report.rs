//! Reception and delivery: what is counted of a stream, and the RTCP made of it.

use std::time::Duration;

use crate::base::time::Time;
use crate::wire::rtcp::{Block, SenderInfo};

/// Nothing of a track for so long, and whoever shows it is told.
pub(super) const QUIET_AFTER: Duration = Duration::from_secs(3);

/// How often reports leave (RFC 3550 §6.2 allows a fixed minimum in small groups).
pub(super) const REPORT_EVERY: Duration = Duration::from_secs(1);

/// One of three packets lost by chance is no sign of a line that is full: a share counts if it is of so many.
const LOSS_OF_AT_LEAST: u32 = 20;

/// What a receiver lost since its last report.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Lost {
    /// The share, 0–1.
    pub(super) share: f32,
    /// Of how many packets.
    pub(super) of: u32,
}

impl Lost {
    /// What is lost at the least if chance alone made it more: one and a half standard deviations of a binomial below.
    /// Of 20 packets with one in twenty lost, four are gone in one report of sixty.
    pub(super) fn surely(self) -> f32 {
        #[expect(clippy::cast_precision_loss, reason = "reports are of thousands at most")]
        let deviation = (self.share * (1.0 - self.share) / self.of.max(1) as f32).sqrt();
        (self.share - 1.5 * deviation).max(0.0)
    }
}

/// What is counted of an arriving stream (RFC 3550 §6.4.1, A.3, A.8).
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Reception {
    first: Option<u64>,
    received: u64,
    expected_before: u64,
    received_before: u64,
    /// Transit of the last packet and the smoothed jitter, the latter times 16, both in clock ticks.
    transit: Option<u32>,
    jitter_16: u32,
    /// The middle of the last sender report's NTP time, and when it came.
    last_sr: Option<(u32, Time)>,
}

impl Reception {
    /// Notes a packet that arrived with this index and timestamp.
    pub(super) fn arrived(&mut self, index: u64, timestamp: u32, clock_rate: u32, now: Time) {
        self.first.get_or_insert(index);
        self.received += 1;
        #[expect(clippy::cast_possible_truncation, reason = "RTP timestamps wrap")]
        let ticks = (u128::from(now.micros()) * u128::from(clock_rate) / 1_000_000) as u32;
        let transit = ticks.wrapping_sub(timestamp);
        if let Some(before) = self.transit.replace(transit) {
            let step = transit.wrapping_sub(before).cast_signed().unsigned_abs();
            // A step of minutes is a new source or a mute, not jitter.
            if step < clock_rate * 60 {
                self.jitter_16 = self.jitter_16 - (self.jitter_16 + 8) / 16 + step;
            }
        }
    }

    /// Notes a sender report.
    #[expect(clippy::cast_possible_truncation, reason = "the middle 32 bits are what is echoed")]
    pub(super) const fn sender_report(&mut self, ntp: u64, now: Time) {
        self.last_sr = Some(((ntp >> 16) as u32, now));
    }

    /// The block on stream `ssrc` whose highest index is `highest`, and the share lost since the last one.
    #[expect(clippy::cast_possible_truncation, reason = "fields of the block wrap or are bounded")]
    pub(super) fn block(&mut self, ssrc: u32, highest: u64, now: Time) -> (Block, f32) {
        let expected = self.first.map_or(0, |first| (highest + 1).saturating_sub(first));
        let interval = expected.saturating_sub(self.expected_before);
        let lost = interval.saturating_sub(self.received.saturating_sub(self.received_before));
        (self.expected_before, self.received_before) = (expected, self.received);
        let fraction = (lost * 256).checked_div(interval).unwrap_or(0).min(255) as u8;
        let (last_sr, delay) = self.last_sr.map_or((0, 0), |(middle, at)| (middle, short_ntp(now.since(at))));
        let block = Block {
            ssrc,
            fraction_lost: fraction,
            cumulative_lost: i32::try_from(expected.saturating_sub(self.received)).unwrap_or(0x7f_ffff).min(0x7f_ffff),
            highest: highest as u32,
            jitter: self.jitter_16 / 16,
            last_sr,
            delay,
        };
        (block, f32::from(fraction) / 256.0)
    }
}

/// What is counted of a leaving stream, and what its receiver says of it. What every packet changes stands first.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub(super) struct Delivery {
    packets: u32,
    octets: u32,
    /// Whether anything left since the last sender report.
    fresh: bool,
    pub(super) loss: f32,
    pub(super) round_trip: Option<Duration>,
    /// The highest sequence number of the last report, with its wraps.
    reported_highest: Option<u32>,
}

impl Delivery {
    /// Packets with `octets` of payload together left.
    pub(super) fn left(&mut self, packets: u32, octets: usize) {
        self.packets = self.packets.wrapping_add(packets);
        #[expect(clippy::cast_possible_truncation, reason = "the counter wraps (RFC 3550 §6.4.1)")]
        let octets = octets as u32;
        self.octets = self.octets.wrapping_add(octets);
        self.fresh = true;
    }

    /// The receiver reports on this stream; gives the share it lost, if that is of enough packets to mean anything.
    pub(super) fn reported(&mut self, block: &Block, now: Time) -> Option<Lost> {
        let before = self.reported_highest.replace(block.highest);
        let expected = before.map_or(0, |before| block.highest.wrapping_sub(before));
        self.loss = f32::from(block.fraction_lost) / 256.0;
        if block.last_sr != 0 {
            #[expect(clippy::cast_possible_truncation, reason = "the middle 32 bits are what is echoed")]
            let middle = (now.ntp() >> 16) as u32;
            let trip = middle.wrapping_sub(block.last_sr).wrapping_sub(block.delay);
            // A receiver whose clock is a little fast makes the trip negative: then it is very short.
            let trip = if trip.cast_signed() < 0 { 0 } else { trip };
            self.round_trip = Some(Duration::from_micros((u64::from(trip) * 1_000_000) >> 16));
        }
        let lost = Lost { share: self.loss, of: expected };
        (LOSS_OF_AT_LEAST..0x8000_0000).contains(&expected).then_some(lost)
    }

    /// The sender report at `now` of a stream whose clock shows `timestamp`; `None` if nothing left since the last one.
    pub(super) const fn info(&mut self, ssrc: u32, timestamp: u32, now: Time) -> Option<SenderInfo> {
        if !self.fresh {
            return None;
        }
        self.fresh = false;
        Some(SenderInfo { ssrc, ntp: now.ntp(), rtp: timestamp, packets: self.packets, octets: self.octets })
    }
}

/// What a publisher that knows only REMB is told: a little more than it sends while little is lost.
#[derive(Clone, Copy, Debug)]
pub(super) struct UplinkEstimate {
    bps: u64,
}

impl Default for UplinkEstimate {
    fn default() -> Self {
        Self { bps: 500_000 }
    }
}

impl UplinkEstimate {
    /// The estimate a second later, from what arrived and what share was lost: GCC's loss-based rule
    /// (draft-ietf-rmcat-gcc-02 §6), bounded by what has been seen.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an estimate"
    )]
    pub(super) fn next_bps(&mut self, received: u64, loss: f32) -> u64 {
        let next = match loss {
            loss if loss > 0.10 => received as f32 * (1.0 - loss / 2.0),
            loss if loss > 0.02 => self.bps as f32,
            _ => self.bps as f32 * 1.08,
        };
        self.bps = (next as u64).min(received * 2 + 500_000).clamp(100_000, 10_000_000);
        self.bps
    }
}

/// A wait in 65536ths of a second (RFC 3550 §6.4.1).
fn short_ntp(wait: Duration) -> u32 {
    u32::try_from((wait.as_micros() << 16) / 1_000_000).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Time {
        Time::from_micros(1_700_000_000_000_000 + ms * 1_000)
    }

    #[test]
    fn a_block_says_what_was_lost_since_the_last_one() {
        let mut reception = Reception::default();
        for index in (100..200).filter(|index| index % 4 != 0) {
            reception.arrived(index, 0, 90_000, at(index));
        }
        let (block, loss) = reception.block(7, 199, at(200));
        // The first packet that came was 101: 99 were expected and 75 came.
        assert_eq!((block.highest, block.cumulative_lost, block.fraction_lost), (199, 24, 62));
        assert!((loss - 0.24).abs() < 0.01);
        assert_eq!(reception.block(7, 199, at(300)).0.fraction_lost, 0);
    }

    #[test]
    fn evenly_spaced_packets_have_no_jitter() {
        let mut reception = Reception::default();
        for n in 0..100_u32 {
            reception.arrived(u64::from(n), n * 960, 48_000, at(u64::from(n) * 20));
        }
        assert_eq!(reception.block(7, 99, at(2_000)).0.jitter, 0);
    }

    #[test]
    fn the_round_trip_is_what_is_left_when_the_receivers_wait_is_taken_off() {
        let mut delivery = Delivery::default();
        let last_sr = (at(0).ntp() >> 16) as u32;
        let delay = short_ntp(Duration::from_millis(300));
        delivery.reported(&Block { fraction_lost: 64, last_sr, delay, ..Block::default() }, at(380));
        assert!(delivery.round_trip.unwrap().abs_diff(Duration::from_millis(80)) < Duration::from_millis(1));
        assert!((delivery.loss - 0.25).abs() < f32::EPSILON);
    }

    #[test]
    fn a_share_of_a_few_packets_means_nothing() {
        let mut delivery = Delivery::default();
        let mut hear = |highest| delivery.reported(&Block { fraction_lost: 128, highest, ..Block::default() }, at(0));
        assert_eq!(hear(65_530), None, "nobody knows since when");
        assert_eq!(hear(65_540), None);
        assert_eq!(hear(65_560).map(|lost| lost.share), Some(0.5));
        assert_eq!(hear(65_500), None, "an old report");
    }

    #[test]
    fn a_few_packets_lost_by_chance_say_little_and_many_say_much() {
        let surely = |share, of| Lost { share, of }.surely();
        assert!(surely(0.2, 20) < 0.07, "four of twenty");
        assert!(surely(0.2, 400) > 0.16, "eighty of four hundred");
        assert!(surely(0.5, 20) > 0.3, "half of few is much all the same");
        assert!(surely(0.0, 0).abs() < f32::EPSILON && surely(1.0, 20) > 0.99);
    }
}
