//! What a worker does when it is told to.

use super::command::{Command, Extensions, Role, SessionId, Slot, Source, Track, Wish};
use super::down::{Down, DownKey};
use super::event::Event;
use super::ice::Credentials;
use super::job::Job;
use super::line::Line;
use super::peer::{Peer, PeerKey, Publisher, Sent, Side, StreamOf, Watcher};
use super::rate::Rate;
use super::srtp::{Keys, Opener, Sealer};
use super::up::{Up, UpKey};
use super::worker::Worker;
use crate::base::limits::{
    HANDSHAKE_DATAGRAMS_PER_SECOND_MAX, LAYERS_MAX, PEERS_MAX, ROADS_MAX, SLOTS_MAX, TRACKS_MAX,
};
use crate::base::time::Time;

/// Streams by which a peer may be told: its media, their retransmissions, and its reports.
const fn voices_max(side: &Side) -> usize {
    match side {
        Side::Publisher(_) => TRACKS_MAX * LAYERS_MAX * 2 + 1,
        Side::Watcher(_) => 1,
    }
}

impl Worker {
    /// Does what it is told. A command about a session that is not (or no longer) there does nothing.
    pub fn handle_command(&mut self, now: Time, command: Command) {
        match command {
            Command::Add { session, credentials, extensions, role } => {
                self.add(now, session, credentials, extensions, role);
            }
            Command::Restart { session, credentials } => {
                if let Some(peer) = self.peer_of(session) {
                    peer.older = Some(std::mem::replace(&mut peer.credentials, credentials));
                }
            }
            Command::Handshake { session, datagram } => {
                if let Some(peer) = self.key_of(session) {
                    self.job(Job::Handshake { peer, datagram });
                }
            }
            Command::Keys { session, keys } => self.key(now, session, &keys),
            Command::Fill { session, slot, source } => self.fill(now, session, slot, source),
            Command::Wish { session, slot, wish } => self.wish(now, session, slot, wish),
            // Without room for a good-bye there is none, but nobody stays who was removed.
            Command::Remove { session } if self.jobs.is_full() => self.remove(session),
            Command::Remove { session } => self.job(Job::Farewell { session }),
        }
    }

    pub(super) fn add(
        &mut self,
        now: Time,
        session: SessionId,
        credentials: Credentials,
        extensions: Extensions,
        role: Role,
    ) {
        if self.peers.len() >= PEERS_MAX || self.sessions.contains_key(&session) {
            self.event(Event::Full { session });
            return;
        }
        let side = match &role {
            Role::Publisher { feedback, .. } => Side::Publisher(Box::new(Publisher::new(*feedback))),
            Role::Watcher { .. } => Side::Watcher(Box::new(Watcher { downs: Vec::new(), line: Line::default() })),
        };
        let voices = voices_max(&side);
        let key = self.peers.insert(Peer {
            session,
            credentials,
            older: None,
            extensions: usable(extensions),
            roads: [None; ROADS_MAX],
            road: None,
            opener: None,
            sealer: None,
            rtcp_ssrc: None,
            heard: now,
            handshakes_left: HANDSHAKE_DATAGRAMS_PER_SECOND_MAX,
            received: Rate::default(),
            reported: now,
            answered: now,
            untold: Sent::default(),
            side,
        });
        self.sessions.insert(session, key);
        self.roads.expect(ROADS_MAX);
        self.voices.expect(voices);
        match role {
            Role::Publisher { tracks, .. } => self.add_tracks(key, tracks),
            Role::Watcher { slots } => self.add_slots(key, slots),
        }
        self.timers.set(key, now);
    }

    pub(super) fn add_tracks(&mut self, key: PeerKey, tracks: Vec<Track>) {
        for (number, track) in tracks.into_iter().enumerate().take(TRACKS_MAX) {
            let streams = track.streams.clone();
            let up = self.ups.insert(Up::new(key, number, track));
            let Some(publisher) = self.peers.at_mut(key).and_then(Peer::publisher) else { return };
            publisher.ups.push(up);
            for (layer, (media, repair)) in (0..).zip(streams.into_iter().take(LAYERS_MAX)) {
                let Some(stream) = self.ups.at_mut(up).and_then(|up| up.layers.get_mut(usize::from(layer))) else {
                    break;
                };
                (stream.ssrc, stream.repair_ssrc) = (Some(media), repair);
                publisher.streams.push((media, StreamOf { up, layer, repair: false }));
                publisher.streams.extend(repair.map(|ssrc| (ssrc, StreamOf { up, layer, repair: true })));
            }
        }
    }

    fn add_slots(&mut self, key: PeerKey, slots: Vec<Slot>) {
        for (number, slot) in slots.into_iter().enumerate().take(SLOTS_MAX) {
            let chance = self.chance();
            let down = self.downs.insert(Down::new(key, number, slot, chance));
            if let Some(watcher) = self.peers.at_mut(key).and_then(Peer::watcher) {
                watcher.downs.push(down);
            }
        }
    }

    fn key(&mut self, now: Time, session: SessionId, keys: &Keys) {
        let Some(peer) = self.peer_of(session) else { return };
        (peer.opener, peer.sealer) = (Some(Box::new(Opener::server(keys))), Some(Sealer::server(keys)));
        // What was filled before could not be shown yet.
        for slot in 0..SLOTS_MAX {
            let Some(down) = self.key_of(session).and_then(|peer| self.down_at(peer, slot)) else { return };
            self.want_keyframe(now, down);
        }
    }

    pub(super) fn fill(&mut self, now: Time, session: SessionId, slot: usize, source: Option<Source>) {
        if let Some(source) = source {
            self.subscribe(now, source);
        }
        let up = source.and_then(|source| self.up_of(self.key_of(source.session)?, source.track));
        let Some(key) = self.key_of(session).and_then(|peer| self.down_at(peer, slot)) else { return };
        let Some(down) = self.downs.at_mut(key) else { return };
        down.awaits = source.filter(|source| up.is_none() && source.lane.is_some());
        if down.awaits.is_some() {
            return;
        }
        let before = std::mem::replace(&mut down.source, up);
        if before == up {
            return;
        }
        // What the slot still shows goes on until the new source's keyframe; a slot that is emptied stops at once.
        self.tidy_route(key, before);
        let prompt = self.downs.at(key).is_some_and(|down| down.prompt);
        if let Some(up) = up.and_then(|up| self.ups.at_mut(up)) {
            up.route.join(key, prompt);
        }
        self.retarget(now, key);
    }

    /// Takes a slot off the route of what filled it, unless it is still shown.
    fn tidy_route(&mut self, key: DownKey, before: Option<UpKey>) {
        let shown = self.downs.at(key).and_then(|down| down.showing).map(|shown| shown.up);
        let emptied = self.downs.at(key).is_none_or(|down| down.source.is_none());
        if let Some(up) = before.filter(|before| emptied || shown != Some(*before)).and_then(|up| self.ups.at_mut(up)) {
            up.route.leave(key);
        }
    }

    fn wish(&mut self, now: Time, session: SessionId, slot: usize, wish: Wish) {
        let Some(key) = self.key_of(session).and_then(|peer| self.down_at(peer, slot)) else { return };
        if let Some(down) = self.downs.at_mut(key) {
            down.wish = wish;
        }
        self.retarget(now, key);
    }

    /// Forgets a peer and all it has.
    pub(super) fn remove(&mut self, session: SessionId) {
        let Some(key) = self.sessions.remove(&session) else { return };
        let Some(peer) = self.peers.remove(key) else { return };
        self.roads.expect_no_more(ROADS_MAX);
        self.voices.expect_no_more(voices_max(&peer.side));
        for road in peer.roads.iter().flatten() {
            self.roads.forget(road, key);
        }
        if let Some(ssrc) = peer.rtcp_ssrc {
            self.voices.forget(&ssrc, key);
        }
        match peer.side {
            Side::Publisher(publisher) => {
                self.say_gone(session, &publisher);
                self.remove_tracks(key, &publisher);
            }
            Side::Watcher(watcher) => self.remove_slots(&watcher.downs),
        }
    }

    fn remove_tracks(&mut self, key: PeerKey, publisher: &Publisher) {
        for (ssrc, _) in &publisher.streams {
            self.voices.forget(ssrc, key);
        }
        for up_key in &publisher.ups {
            let Some(up) = self.ups.remove(*up_key) else { continue };
            for down_key in up.route.downs() {
                self.empty(down_key, *up_key);
            }
        }
    }

    /// A slot loses what it showed or was about to show.
    fn empty(&mut self, key: DownKey, up: UpKey) {
        let Some(down) = self.downs.at_mut(key) else { return };
        down.source = down.source.filter(|source| *source != up);
        down.target = down.target.filter(|shown| shown.up != up);
        if down.showing.is_some_and(|shown| shown.up == up) {
            down.showing = None;
            let (peer, slot) = (down.peer, down.slot);
            if let Some(session) = self.peers.at(peer).map(|peer| peer.session) {
                self.event(Event::Showing { session, slot, layer: None });
            }
        }
    }

    fn remove_slots(&mut self, downs: &[DownKey]) {
        for key in downs {
            let Some(down) = self.downs.remove(*key) else { continue };
            let on = [down.source, down.showing.map(|shown| shown.up)];
            for up in on.into_iter().flatten() {
                if let Some(up) = self.ups.at_mut(up) {
                    up.route.leave(*key);
                }
            }
        }
    }

    fn peer_of(&mut self, session: SessionId) -> Option<&mut Peer> {
        self.peers.at_mut(*self.sessions.get(&session)?)
    }
}

/// Extension numbers that fit a one-byte header (RFC 8285 §4.2), which is what is written; others are not used.
fn usable(extensions: Extensions) -> Extensions {
    Extensions { abs_send_time: extensions.abs_send_time.filter(|id| (1..=14).contains(id)), ..extensions }
}
