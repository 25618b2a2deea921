//! Publishers' clocks translated to the server's, so that camera, screen and voice stay together.

use std::time::Duration;

use crate::base::time::Time;

/// The difference between a publisher's NTP clock and ours, common to all its tracks.
///
/// A sender report arrives at least one network delay after its NTP time, so the smallest difference seen is the
/// best; it may creep up slowly, because clocks drift.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct PeerClock {
    ahead_us: Option<i64>,
}

impl PeerClock {
    /// Learns from a sender report that carried `ntp` and arrived at `now`.
    pub(super) fn learn(&mut self, ntp: u64, now: Time) {
        let sample = now.micros().cast_signed().wrapping_sub(ntp_micros(ntp));
        self.ahead_us = Some(match self.ahead_us {
            // A clock that was set by more than ten seconds is a new clock.
            Some(ahead) if (sample - ahead).abs() < 10_000_000 => sample.min(ahead + (sample - ahead) / 64),
            _ => sample,
        });
    }
}

/// The line between one stream's RTP timestamps and time.
#[derive(Clone, Copy, Debug)]
pub(super) struct StreamClock {
    rate: u32,
    /// The first packet's timestamp and arrival: good enough until a sender report comes.
    first: (u32, Time),
    /// The last sender report's NTP time and timestamp.
    report: Option<(u64, u32)>,
}

impl StreamClock {
    /// A stream of `rate` ticks a second whose first packet had `timestamp` and arrived at `now`.
    pub(super) const fn new(rate: u32, timestamp: u32, now: Time) -> Self {
        Self { rate, first: (timestamp, now), report: None }
    }

    /// Learns from a sender report.
    pub(super) const fn learn(&mut self, ntp: u64, timestamp: u32) {
        self.report = Some((ntp, timestamp));
    }

    /// When the sample with `timestamp` was captured, by the server's clock.
    pub(super) fn captured(&self, timestamp: u32, peer: PeerClock) -> Time {
        let (anchor, at) = self.anchor(peer);
        let ticks = i64::from(timestamp.wrapping_sub(anchor).cast_signed());
        shift(at, ticks * 1_000_000 / i64::from(self.rate))
    }

    /// The timestamp that a sample captured at `time` would have.
    pub(super) fn timestamp(&self, time: Time, peer: PeerClock) -> u32 {
        let (anchor, at) = self.anchor(peer);
        let micros = time.micros().cast_signed().wrapping_sub(at.micros().cast_signed());
        let ticks = i128::from(micros) * i128::from(self.rate) / 1_000_000;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "RTP timestamps wrap")]
        anchor.wrapping_add(ticks as u32)
    }

    fn anchor(&self, peer: PeerClock) -> (u32, Time) {
        match (self.report, peer.ahead_us) {
            (Some((ntp, timestamp)), Some(ahead)) => {
                let micros = ntp_micros(ntp).wrapping_add(ahead);
                (timestamp, Time::from_micros(u64::try_from(micros).unwrap_or(0)))
            }
            _ => self.first,
        }
    }
}

fn shift(time: Time, micros: i64) -> Time {
    let by = Duration::from_micros(micros.unsigned_abs());
    if micros < 0 { time - by } else { time + by }
}

/// Microseconds of an NTP timestamp in any epoch: only differences are used.
fn ntp_micros(ntp: u64) -> i64 {
    let seconds = (ntp >> 32).cast_signed();
    let micros = ((ntp & 0xffff_ffff) * 1_000_000) >> 32;
    seconds * 1_000_000 + micros.cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLOCK_STEP: Duration = Duration::from_millis(40);

    #[test]
    fn tracks_of_one_publisher_meet_whatever_their_offsets_and_delays() {
        let (captured, mut peer) = (Time::from_micros(5_000_000_000), PeerClock::default());
        let publisher_ntp = |time: Time| (time + Duration::from_secs(3_600)).ntp();
        let mut camera = StreamClock::new(90_000, 1_000, captured + CLOCK_STEP);
        let mut voice = StreamClock::new(48_000, 77, captured + CLOCK_STEP * 5);
        peer.learn(publisher_ntp(captured), captured + CLOCK_STEP);
        camera.learn(publisher_ntp(captured), 500_000);
        voice.learn(publisher_ntp(captured), 4_000_000_000);
        let later = captured + Duration::from_secs(2) + CLOCK_STEP;
        assert!(later.since(camera.captured(500_000 + 180_000, peer)) <= Duration::from_micros(2));
        assert!(later.since(voice.captured(4_000_000_000_u32.wrapping_add(96_000), peer)) <= Duration::from_micros(2));
        assert!(camera.timestamp(later, peer).abs_diff(500_000 + 180_000) <= 1);
    }

    #[test]
    fn a_late_report_does_not_move_the_clock_much() {
        let (time, mut peer) = (Time::from_micros(5_000_000_000), PeerClock::default());
        peer.learn(time.ntp(), time + Duration::from_millis(20));
        let before = peer.ahead_us.unwrap();
        peer.learn(time.ntp(), time + Duration::from_millis(340));
        assert!((peer.ahead_us.unwrap() - before).abs() <= 5_000);
    }
}
