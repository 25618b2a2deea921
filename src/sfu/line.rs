//! What a watcher's line seems to carry: the seat of the bandwidth estimator.
//!
//! This first one is simple. It begins low and doubles while all is well, so that a picture is there at once and a thin
//! line is not flooded. When the watcher's own estimate falls below what is sent, or it loses much, the line
//! is taken at its word, and the next try waits, longer each time it fails.

use std::time::Duration;

use super::estimates::Estimates;
use super::peer::Sent;
use super::rate::Rate;
use super::report::Lost;
use crate::base::time::Time;

/// What any line is expected to carry at first.
const START_BPS: u64 = 300_000;
/// Below this only sound goes: less than a lowest layer with sound.
const FLOOR_BPS: u64 = 100_000;
/// More than any room needs (rung A of the ladder is 4.5 Mbit/s).
const CEILING_BPS: u64 = 20_000_000;
/// Loss above this is congestion, not a bad radio (GCC's bound is 10 %).
const LOSS_MAX: f32 = 0.15;
/// Loss above this is no time to try more.
const LOSS_CALM: f32 = 0.05;
/// What a watcher said longer ago no longer counts.
const FRESH: Duration = Duration::from_secs(4);
/// An estimate limps behind a rate that has just risen (GCC allows half as much again as what came in its last half
/// second, and grows by 8 % a second), and one that fell by a mere hiccup to 85 % is back at 90 % in less than a second:
/// one that is low is believed if it also fell and stays low, or stays below half for long.
const PATIENCE: Duration = Duration::from_millis(900);
const LONG: Duration = Duration::from_secs(3);
/// Reports after a step down still speak of the time before it: one comes each second, behind what is queued.
const SETTLE: Duration = Duration::from_millis(2_200);
/// The first wait after a failure; it doubles up to [`WAIT_MAX`].
const WAIT_MIN: Duration = Duration::from_secs(8);
const WAIT_MAX: Duration = Duration::from_secs(64);

/// What a watcher's line seems to carry. What every packet changes stands first and together.
#[repr(C)]
pub(super) struct Line {
    /// Sent to it, with headers.
    sent: Rate,
    /// Of that, what its receivers estimate by: payloads of packets that carry a send time.
    measured: Rate,
    budget_bps: u64,
    /// What the watcher says it could take.
    pub(super) estimates: Estimates,
    /// What the watcher lost, and when it said so.
    loss: Option<(Lost, Time)>,
    /// No growth before this.
    hold: Time,
    /// Nothing is concluded from reports before this.
    settled: Time,
    wait: Duration,
    /// Since when the watcher's estimate is below what is sent.
    strained: Option<Time>,
    /// Whether the line has ever shown its limit.
    thin: bool,
    looked: Option<Time>,
}

impl Default for Line {
    fn default() -> Self {
        Self {
            budget_bps: START_BPS,
            estimates: Estimates::default(),
            loss: None,
            sent: Rate::default(),
            measured: Rate::default(),
            hold: Time::default(),
            settled: Time::default(),
            wait: WAIT_MIN,
            strained: None,
            thin: false,
            looked: None,
        }
    }
}

impl Line {
    /// So much was sent since the last time.
    pub(super) fn note(&mut self, now: Time, sent: Sent) {
        self.sent.note_past(now, sent.bytes);
        self.measured.note_past(now, sent.measured);
    }

    /// What is sent, bits per second.
    pub(super) fn sent_bps(&mut self, now: Time) -> u64 {
        self.sent.bps(now)
    }

    /// The watcher says what share it lost.
    pub(super) const fn lost(&mut self, lost: Lost, now: Time) {
        self.loss = Some((lost, now));
    }

    /// The last share lost, if it is fresh.
    pub(super) fn loss(&self, now: Time) -> f32 {
        fresh(self.loss, now).unwrap_or_default().share
    }

    /// Whether the line has shown its limit: until then every picture's lowest layer is sent.
    pub(super) const fn is_thin(&self) -> bool {
        self.thin
    }

    /// Bits per second that may be sent now; call it a few times a second.
    pub(super) fn budget_bps(&mut self, now: Time) -> u64 {
        let passed = now.since(self.looked.replace(now).unwrap_or(now));
        let sent = self.sent.bps(now);
        if now < self.settled {
            return self.budget_bps;
        }
        if let Some(carried) = self.drowned(now, sent).or_else(|| self.strained(now, sent)) {
            self.step_down(carried, now);
        } else if now >= self.hold && self.loss(now) < LOSS_CALM && self.strained.is_none() {
            self.grow(passed, sent);
        }
        self.budget_bps
    }

    /// What survives, if much is lost.
    fn drowned(&self, now: Time, sent: u64) -> Option<u64> {
        let loss = fresh(self.loss, now).unwrap_or_default().surely();
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "an estimate"
        )]
        let survives = (sent as f32 * (1.0 - loss)) as u64;
        (loss > LOSS_MAX).then_some(survives)
    }

    /// What the watcher estimates, if its line cannot carry what is sent.
    fn strained(&mut self, now: Time, sent: u64) -> Option<u64> {
        let measured = self.measured.bps(now);
        let apart = sent.saturating_sub(measured);
        let estimate = self.estimates.total(now).filter(|bps| bps * 10 < measured * 9);
        self.strained = estimate.and(self.strained.or(Some(now)));
        let low_for = self.strained.map_or(Duration::ZERO, |since| now.since(since));
        let believed =
            |bps: &u64| (self.estimates.fell(now) && low_for >= PATIENCE) || (*bps * 2 < measured && low_for >= LONG);
        estimate.filter(believed).map(|bps| bps + apart)
    }

    fn step_down(&mut self, carried: u64, now: Time) {
        self.budget_bps = (carried * 9 / 10).clamp(FLOOR_BPS, CEILING_BPS);
        self.thin = true;
        self.settled = now + SETTLE;
        self.hold = now + self.wait;
        self.wait = (self.wait * 2).min(WAIT_MAX);
        (self.loss, self.strained) = (None, None);
        self.estimates.settle();
    }

    /// Doubles in a second on a line that never failed, in ten on one that did; but never far beyond what is really
    /// sent, since nothing is known of that.
    fn grow(&mut self, passed: Duration, sent: u64) {
        let doubling = if self.thin { 10_000 } else { 1_000 };
        let more = self.budget_bps * u64::try_from(passed.as_millis()).unwrap_or(0).min(1_000) / doubling;
        let known = (sent * 8).max(START_BPS * 10);
        self.budget_bps = (self.budget_bps + more).min(known.max(self.budget_bps)).min(CEILING_BPS);
    }
}

fn fresh<T: Copy>(said: Option<(T, Time)>, now: Time) -> Option<T> {
    said.filter(|(_, at)| now.since(*at) < FRESH).map(|(what, _)| what)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEP: Duration = Duration::from_millis(250);

    /// Runs a line on which as much as the budget is sent, and gives the budget after `steps` looks.
    fn run(line: &mut Line, start: Time, steps: u32, carries: u64) -> u64 {
        (0..steps).fold(0, |_, step| {
            let now = start + STEP * step;
            let budget = line.budget_bps(now);
            let bytes = usize::try_from(budget / 8 / 4).unwrap();
            line.note(now, Sent { bytes, measured: bytes });
            // As a receiver does: half as much again as what comes, and less when packets begin to queue.
            let said = if budget > carries { carries * 85 / 100 } else { budget * 3 / 2 };
            line.estimates.hear([7].into_iter(), said, now);
            budget
        })
    }

    #[test]
    fn a_good_line_reaches_a_full_picture_in_four_seconds() {
        let (mut line, start) = (Line::default(), Time::from_micros(1_000_000));
        assert_eq!(line.budget_bps(start), START_BPS);
        assert!(run(&mut line, start, 16, u64::MAX) > 2_800_000);
    }

    #[test]
    fn a_thin_line_is_believed_and_not_tried_again_soon() {
        let (mut line, start) = (Line::default(), Time::from_micros(1_000_000));
        let budget = run(&mut line, start, 16, 1_000_000);
        assert!((700_000..=950_000).contains(&budget), "{budget}");
        assert!(line.is_thin());
        let over = (0..240).filter(|step| run(&mut line, start + STEP * (16 + step), 1, 1_000_000) > 1_000_000).count();
        assert!(over <= 240 / 6, "over the line's rate in {over} of 240 quarter seconds");
    }
}
