//! Some packets of a stream on their way to everyone who receives it.
//!
//! A pass serves one slot after the other with all of them, so that what leaves for one watcher leaves together. Each slot
//! remembers up to which arrival it was served: a pass may be interrupted at any point, and the route may change meanwhile.

use std::ops::Range;

use super::counters::Counters;
use super::down::Shown;
use super::hold::Hold;
use super::job::{Job, Jobs};
use super::up::{Stream, Up};
use super::worker::Worker;
use crate::base::slab::Slab;
use crate::base::time::Time;

/// Packets of one pass: as many as the kernel takes in one message.
const PACKETS_MAX: u64 = 64;

/// To whom a pass goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    Everyone,
    /// Those whose packets never wait, while the others' do.
    Prompt,
}

/// A pass that has begun.
#[derive(Debug)]
pub(super) struct Pass {
    pub(super) shown: Shown,
    pub(super) video: bool,
    pub(super) scope: Scope,
    /// Which arrivals.
    pub(super) span: Range<u64>,
    /// The first of them with which a slot can begin.
    pub(super) start: Option<u64>,
    /// How many members of the route, from its first one, are still to be served.
    pub(super) left: usize,
}

impl Pass {
    /// Takes all that came since the last pass of this scope, as far as it fits one.
    pub(super) fn begin(up: &mut Up, shown: Shown, scope: Scope) -> Option<Self> {
        let (left, video) = (up.route.len(), up.video);
        let stream = up.layers.get_mut(usize::from(shown.layer))?;
        let arrived = stream.recent.arrived();
        let oldest = arrived.saturating_sub(stream.recent.capacity());
        let from = stream.fanout.begun[scope as usize].max(oldest);
        let until = arrived.min(from + PACKETS_MAX);
        stream.fanout.begin(scope, until);
        stream.recent.equalise(from, until);
        let can_start = |n: &u64| stream.recent.by_arrival(*n).is_some_and(|(kept, _)| kept.keyframe || !video);
        Some(Self { shown, video, scope, start: (from..until).find(can_start), span: from..until, left })
    }
}

/// How far a stream has come down its route.
#[derive(Debug, Default)]
pub(super) struct Fanout {
    /// Of which arrivals a pass of each scope has begun.
    begun: [u64; 2],
    /// Whether one is still to begin.
    queued: [bool; 2],
    /// Since when arrivals wait for the end of their frame.
    held: Option<Time>,
}

impl Fanout {
    fn begin(&mut self, scope: Scope, until: u64) {
        self.queued[scope as usize] = false;
        self.begun[scope as usize] = until;
        if scope == Scope::Everyone {
            self.held = None;
            let [everyone, prompt] = &mut self.begun;
            *prompt = (*prompt).max(*everyone);
        }
    }

    /// Nobody gets what has come so far.
    fn skip(&mut self, arrived: u64) {
        self.begun = [arrived; 2];
        self.held = None;
    }
}

impl Stream {
    /// A packet was kept that everyone gets at once.
    fn pass_on(&mut self, shown: Shown, video: bool, scope: Scope, jobs: &mut Jobs, counters: &mut Counters) {
        let queued = &mut self.fanout.queued[scope as usize];
        *queued = *queued || jobs.push(Job::Fan { shown, video, scope }, counters);
    }

    /// Whether the packets that came last may wait for more of their frame.
    fn waits(&mut self, shown: Shown, now: Time, hold: &mut Hold) -> bool {
        if !hold.may_wait(now) {
            return false;
        }
        if self.fanout.held.is_none() && hold.begin(now, shown) {
            self.fanout.held = Some(now);
        }
        self.fanout.held.is_some()
    }
}

impl Worker {
    /// A packet was kept: everyone gets it now, or with the others of its frame. `ends` says that nothing is gained by
    /// waiting for more.
    pub(super) fn fan_out(&mut self, now: Time, shown: Shown, ends: bool) {
        let Self { ups, jobs, counters, hold, .. } = self;
        let Some(Up { layers, route, video, .. }) = ups.at_mut(shown.up) else { return };
        let Some(stream) = layers.get_mut(usize::from(shown.layer)) else { return };
        if route.is_empty() {
            stream.fanout.skip(stream.recent.arrived());
        } else if ends || !*video || !stream.waits(shown, now, hold) {
            stream.pass_on(shown, *video, Scope::Everyone, jobs, counters);
        } else if route.has_prompt() {
            stream.pass_on(shown, *video, Scope::Prompt, jobs, counters);
        }
    }

    /// Sends on what has waited long enough.
    pub(super) fn release_held(&mut self, now: Time) {
        while let Some((since, shown)) = self.hold.due(now) {
            let Self { ups, jobs, counters, .. } = self;
            let Some(stream) = stream_of(ups, shown).filter(|stream| stream.fanout.held == Some(since)) else {
                continue;
            };
            stream.pass_on(shown, true, Scope::Everyone, jobs, counters);
        }
    }

    /// Begins a pass; another one is to come if not all fits.
    pub(super) fn begin_pass(&mut self, shown: Shown, scope: Scope) -> Option<Pass> {
        let Self { ups, jobs, counters, .. } = self;
        let up = ups.at_mut(shown.up)?;
        let pass = Pass::begin(up, shown, scope)?;
        let stream = up.layers.get_mut(usize::from(shown.layer))?;
        if pass.span.end < stream.recent.arrived() {
            stream.pass_on(shown, pass.video, scope, jobs, counters);
        }
        Some(pass)
    }
}

fn stream_of(ups: &mut Slab<Up>, shown: Shown) -> Option<&mut Stream> {
    ups.at_mut(shown.up)?.layers.get_mut(usize::from(shown.layer))
}
