//! What a peer needs from time to time: reports, repairs, a fair share of its line.

use std::time::Duration;

use super::command::{UplinkFeedback, Wish};
use super::counters::Count;
use super::down::{Down, DownKey, Shown};
use super::event::{Event, Figures};
use super::job::Job;
use super::layer::choose;
use super::peer::{Peer, PeerKey, Side};
use super::report::{QUIET_AFTER, REPORT_EVERY};
use super::share::{Claim, share};
use super::twcc::FEEDBACK_EVERY;
use super::up::UpKey;
use super::worker::Worker;
use crate::base::limits::{HANDSHAKE_DATAGRAMS_PER_SECOND_MAX, LAYERS_MAX, SLOTS_MAX, TRACKS_MAX};
use crate::base::time::Time;

/// A publisher's missing packets wait no longer than this to be asked for.
const PUBLISHER_EVERY: Duration = Duration::from_millis(20);
/// A watcher's share is looked at this often: faster than a drop-tail queue of a thin line fills.
const WATCHER_EVERY: Duration = Duration::from_millis(250);

/// Times to look after peers fall together: a thread with little else to do is woken once for many.
const GRID_MICROS: u64 = 10_000;

fn on_grid(time: Time) -> Time {
    Time::from_micros(time.micros().next_multiple_of(GRID_MICROS))
}

impl Worker {
    /// Looks after one peer; gives when to do so again, `None` if it is gone.
    pub(super) fn look_after(&mut self, now: Time, key: PeerKey) -> Option<Time> {
        let peer = self.peers.at(key)?;
        let every = match peer.side {
            Side::Publisher(_) => {
                let reports = now.since(peer.reported) >= REPORT_EVERY;
                if !self.look_after_mirror(now, key, reports) {
                    return None;
                }
                self.look_after_publisher(now, key);
                PUBLISHER_EVERY
            }
            Side::Watcher(_) => {
                self.share_line(now, key);
                WATCHER_EVERY
            }
        };
        let peer = self.peers.at_mut(key)?;
        if now.since(peer.reported) >= REPORT_EVERY {
            peer.reported = now;
            peer.handshakes_left = HANDSHAKE_DATAGRAMS_PER_SECOND_MAX;
            self.tidy_routes(key);
            self.tell_figures(now, key);
            if self.peers.at_mut(key)?.way().is_some() {
                self.job(Job::Reports { peer: key });
            }
        }
        Some(on_grid(now + every))
    }

    fn look_after_publisher(&mut self, now: Time, key: PeerKey) {
        let Some(publisher) = self.peers.at_mut(key).and_then(Peer::publisher) else { return };
        let report = publisher.feedback == UplinkFeedback::TransportCc
            && now.since(publisher.told) >= FEEDBACK_EVERY
            && publisher.arrivals.report().is_some();
        if report {
            publisher.told = now;
            self.job(Job::Arrivals { peer: key });
        }
        let mut ask = false;
        for track in 0..TRACKS_MAX {
            let Some(up) = self.up_of(key, track) else { break };
            ask |= self.look_after_track(now, up);
        }
        if ask {
            self.ask_soon(key);
        }
    }

    /// Gives up on what is too late, tells what has stopped, and moves slots when layers come or go; whether the
    /// publisher has to be asked for something.
    fn look_after_track(&mut self, now: Time, key: UpKey) -> bool {
        let Some(up) = self.ups.at_mut(key) else { return false };
        for (layer, stream) in (0..).zip(&mut up.layers) {
            let hopeless = stream.gaps.give_up(now);
            if hopeless > 0 && up.video {
                up.ask.want(layer);
            }
            self.counters.add(Count::Unrepaired, hopeless);
        }
        let quiet = up.live && now.since(up.heard()) >= QUIET_AFTER;
        if quiet {
            up.live = false;
            let (peer, track) = (up.peer, up.track);
            if let Some(session) = self.at_home(peer) {
                self.event(Event::Quiet { session, track });
            }
        }
        let Some(up) = self.ups.at_mut(key) else { return false };
        let arriving =
            (0_u8..).zip(up.offered(now)).fold(0, |set, (layer, bps)| set | u8::from(bps.is_some()) << layer);
        // What does not arrive cannot be asked for: the request would be repeated for ever.
        up.ask.forget_all_but(arriving);
        if std::mem::replace(&mut up.arriving, arriving) != arriving {
            self.retarget_route(now, key);
        }
        let Some(up) = self.ups.at_mut(key) else { return false };
        up.ask.is_due(now) || (up.nack && up.layers.iter().any(|stream| stream.gaps.is_due(now)))
    }

    fn retarget_route(&mut self, now: Time, key: UpKey) {
        let slots = self.ups.at(key).map_or(0, |up| up.route.len());
        for place in 0..slots {
            if let Some(down) = self.ups.at(key).and_then(|up| up.route.at(place)).map(|member| member.down) {
                self.retarget(now, down);
            }
        }
    }

    /// Lets a slot aim at the layer it should show now.
    pub(super) fn retarget(&mut self, now: Time, key: DownKey) {
        let Some(down) = self.downs.at_mut(key) else { return };
        let source = down.source.and_then(|up| Some((up, self.ups.at_mut(up)?)));
        let target = source.and_then(|(up, track)| {
            let layer = choose(&track.offered(now), down.wish, down.allowed)?;
            Some(Shown { up, layer })
        });
        let changed = std::mem::replace(&mut down.target, target) != target;
        if target.is_some() {
            if changed && down.showing != target {
                self.want_keyframe(now, key);
            }
        } else if down.showing.is_some() && !down.waits_for_its_source() {
            down.stop();
            let (peer, slot) = (down.peer, down.slot);
            if let Some(session) = self.peers.at(peer).map(|peer| peer.session) {
                self.event(Event::Showing { session, slot, layer: None });
            }
        }
    }

    /// Shares a watcher's line between its slots.
    fn share_line(&mut self, now: Time, key: PeerKey) {
        let Some(peer) = self.peers.at_mut(key) else { return };
        peer.tell_line(now);
        let by_tcp = peer.road.is_some_and(|road| road.is_tcp());
        let Side::Watcher(watcher) = &mut peer.side else { return };
        let (budget, generous) = (watcher.line.budget_bps(now), !watcher.line.is_thin());
        let prompt = by_tcp || !generous;
        let empty = Claim {
            slot: 0,
            video: false,
            rank: 0,
            wish: Wish::Off,
            offered: [None; LAYERS_MAX],
            allowed: Wish::UpTo(0),
        };
        let mut claims = [empty; SLOTS_MAX];
        let mut count = 0;
        for (slot, (claim, down)) in claims.iter_mut().zip(&watcher.downs).enumerate() {
            let Some(down) = self.downs.at(*down) else { continue };
            let offered = down.source.and_then(|up| self.ups.at_mut(up)).map(|up| up.offered(now));
            let offered = offered.unwrap_or([None; LAYERS_MAX]);
            *claim =
                Claim { slot, video: down.video, rank: down.rank, wish: down.wish, offered, allowed: down.allowed };
            count = slot + 1;
        }
        share(&mut claims[..count], budget, generous);
        for claim in &claims[..count] {
            let Some(down) = self.down_at(key, claim.slot) else { continue };
            if let Some(down) = self.downs.at_mut(down) {
                down.allowed = claim.allowed;
            }
            self.set_prompt(down, prompt);
            self.retarget(now, down);
        }
    }

    /// Says whether a slot's packets may wait for others of their frame.
    fn set_prompt(&mut self, key: DownKey, prompt: bool) {
        let Some(down) = self.downs.at_mut(key).filter(|down| down.prompt != prompt) else { return };
        down.prompt = prompt;
        for up in [down.source, down.showing.map(|shown| shown.up)].into_iter().flatten() {
            if let Some(up) = self.ups.at_mut(up) {
                up.route.set_prompt(key, prompt);
            }
        }
    }

    /// Takes slots off a publisher's routes that have switched to something else.
    fn tidy_routes(&mut self, key: PeerKey) {
        for track in 0..TRACKS_MAX {
            let Some(up_key) = self.up_of(key, track) else { break };
            let Some(up) = self.ups.at_mut(up_key) else { continue };
            let stays =
                |down: &Down| down.source == Some(up_key) || down.showing.is_some_and(|shown| shown.up == up_key);
            up.route.retain(|down| self.downs.at(*down).is_some_and(stays));
        }
    }

    fn tell_figures(&mut self, now: Time, key: PeerKey) {
        let Some(peer) = self.peers.at_mut(key) else { return };
        if peer.publisher().is_some_and(|publisher| publisher.mirror.is_some()) {
            return;
        }
        peer.tell_line(now);
        let mut figures = Figures {
            session: peer.session,
            road: peer.road,
            sent_bps: 0,
            received_bps: peer.received.bps(now),
            loss: 0.0,
            round_trip: None,
            silent: now.since(peer.heard),
            showing: [None; SLOTS_MAX],
            held_back: false,
            live: [false; TRACKS_MAX],
            watched: [[false; LAYERS_MAX]; TRACKS_MAX],
        };
        match &mut peer.side {
            Side::Publisher(publisher) => figures.loss = publisher.loss,
            Side::Watcher(watcher) => {
                figures.sent_bps = watcher.line.sent_bps(now);
                figures.loss = watcher.line.loss(now);
                for (showing, down) in figures.showing.iter_mut().zip(&watcher.downs) {
                    let Some(down) = self.downs.at(*down) else { continue };
                    let offered = down.source.and_then(|up| self.ups.at_mut(up)).map(|up| up.offered(now));
                    figures.held_back |= offered.is_some_and(|offered| down.is_held_back(&offered));
                    *showing = down.showing.map(|shown| shown.layer);
                    figures.round_trip = figures.round_trip.max(down.delivery.round_trip);
                }
            }
        }
        for (track, watched) in figures.watched.iter_mut().enumerate() {
            let Some(up) = self.up_of(key, track) else { break };
            *watched = self.watched_layers(up);
            figures.live[track] = self.ups.at(up).is_some_and(|up| up.live);
        }
        self.event(Event::Figures(figures));
    }

    /// Which layers of a track somebody sees, is about to see, or would see if they came.
    pub(super) fn watched_layers(&self, key: UpKey) -> [bool; LAYERS_MAX] {
        let mut watched = [false; LAYERS_MAX];
        let Some(up) = self.ups.at(key) else { return watched };
        let elsewhere = up.watched_elsewhere();
        watched.iter_mut().enumerate().for_each(|(layer, watched)| *watched = elsewhere & (1 << layer) != 0);
        for down in up.route.downs().filter_map(|down| self.downs.at(down)).filter(|down| down.source == Some(key)) {
            let Some(Side::Watcher(watcher)) = self.peers.at(down.peer).map(|peer| &peer.side) else { continue };
            let now = [down.showing, down.target].into_iter().flatten().map(|shown| shown.layer);
            let wanted = down.wanted(up.top_layer(), watcher.line.is_thin());
            for layer in now.chain(wanted) {
                watched[usize::from(layer).min(LAYERS_MAX - 1)] = true;
            }
        }
        watched
    }

    /// A publisher's track.
    pub(super) fn up_of(&self, key: PeerKey, track: usize) -> Option<UpKey> {
        match &self.peers.at(key)?.side {
            Side::Publisher(publisher) => publisher.ups.get(track).copied(),
            Side::Watcher(_) => None,
        }
    }

    /// A watcher's slot.
    pub(super) fn down_at(&self, key: PeerKey, slot: usize) -> Option<DownKey> {
        match &self.peers.at(key)?.side {
            Side::Watcher(watcher) => watcher.downs.get(slot).copied(),
            Side::Publisher(_) => None,
        }
    }
}
