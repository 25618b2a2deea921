//! One lesson on several workers: what a worker asks of another, and what it gives it.
//!
//! A publisher's home is one worker; rooms may be on any. A worker whose slots are filled with a track of another's
//! subscribes to the publisher there, and gets each opened packet once, however many rooms it has for it. Here it keeps a
//! mirror: a publisher whose packets come by a lane instead of a road. What one says to the other may get lost when a lane
//! is full or a worker is replaced: everything is said again until it is no longer wanted.

pub(super) mod parcel;

use std::collections::VecDeque;
use std::time::Duration;

use super::command::{Extensions, Role, SessionId, Source, Track, UplinkFeedback};
use super::counters::{Count, Counters};
use super::discard::Discard;
use super::down::{DownKey, Shown};
use super::ice::Credentials;
use super::peer::{Peer, PeerKey, Publisher, StreamOf};
use super::receive::Arrived;
use super::up::{Stream, Up, UpKey};
use super::worker::Worker;
use crate::base::limits::{LANE_NOTES_MAX, LAYERS_MAX, PEERS_MAX, TRACKS_MAX};
use crate::base::time::Time;
use crate::wire::rtp::Header;
use parcel::{Media, Of, Parcel, Shapes};

/// A subscription that is not answered is asked for again.
const ASK_AGAIN: Duration = Duration::from_millis(100);
/// A mirror that nobody looks into is kept for a room that is only moving.
const KEPT: Duration = Duration::from_secs(10);

/// Ways to other workers.
pub trait Lanes {
    /// Takes a parcel in two parts, whole or not at all; `false` if there is no room now.
    fn put(&mut self, lane: u8, head: &[u8], body: &[u8]) -> bool;
}

/// A publisher that is another worker's.
pub(super) struct Mirror {
    /// The way there.
    pub(super) lane: u8,
    asked: Time,
    needed: Time,
}

/// Who gets a stream on another worker, and from which arrival on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Crossing {
    lane: u8,
    next: u64,
}

/// What is to be said to other workers.
pub(super) struct Bridge {
    /// Streams of which something has come.
    streams: VecDeque<Shown>,
    notes: VecDeque<(u8, Parcel<'static>)>,
}

impl Bridge {
    pub(super) fn new() -> Self {
        Self { streams: VecDeque::new(), notes: VecDeque::with_capacity(LANE_NOTES_MAX) }
    }

    /// Remembers something to say. Without room it is not said: it is said again by whoever needs it.
    fn note(&mut self, lane: u8, note: Parcel<'static>) {
        if self.notes.len() < LANE_NOTES_MAX {
            self.notes.push_back((lane, note));
        }
    }
}

/// What passes a lane.
impl Worker {
    /// Gives lanes what there is for them; `true` if some of it has no room yet.
    pub fn poll_parcels(&mut self, lanes: &mut impl Lanes) -> bool {
        let mut head = [0; parcel::HEAD_MAX];
        for _ in 0..self.bridge.notes.len() {
            let Some((lane, note)) = self.bridge.notes.pop_front() else { break };
            if !lanes.put(lane, note.write(&mut head), &[]) {
                self.bridge.notes.push_back((lane, note));
            }
        }
        for _ in 0..self.bridge.streams.len() {
            let Some(shown) = self.bridge.streams.pop_front() else { break };
            if !self.cross(shown, lanes) {
                self.bridge.streams.push_back(shown);
            }
        }
        let waits = !self.bridge.notes.is_empty() || !self.bridge.streams.is_empty();
        self.counters.add(Count::LaneWaits, usize::from(waits));
        waits
    }

    /// Gives each lane what it has not had of a stream; `false` if one has no room.
    fn cross(&mut self, shown: Shown, lanes: &mut impl Lanes) -> bool {
        let Self { ups, peers, counters, .. } = self;
        let Some(up) = ups.at_mut(shown.up) else { return true };
        let Some(session) = peers.at(up.peer).map(|peer| peer.session) else { return true };
        let of = Of { session, track: up.track, layer: shown.layer };
        let Some(stream) = up.layers.get_mut(usize::from(shown.layer)) else { return true };
        let mut crossings = std::mem::take(&mut stream.crossings);
        let mut all = true;
        for crossing in &mut crossings {
            // One that is full keeps the others from nothing.
            all &= stream.cross(of, crossing, lanes, counters);
        }
        stream.crossings = crossings;
        stream.crosses = !all;
        all
    }

    /// A packet was kept: whoever gets its stream elsewhere gets it, too.
    pub(super) fn cross_soon(&mut self, shown: Shown) {
        let Some(stream) = self.ups.at_mut(shown.up).and_then(|up| up.layers.get_mut(usize::from(shown.layer))) else {
            return;
        };
        if !stream.crossings.is_empty() && !std::mem::replace(&mut stream.crosses, true) {
            self.bridge.streams.push_back(shown);
        }
    }

    /// Takes a parcel that came by a lane.
    pub fn handle_parcel(&mut self, now: Time, lane: u8, bytes: &[u8]) {
        let taken = match Parcel::read(bytes) {
            None => Err(Discard::ParcelUnreadable),
            Some(Parcel::Subscribe { session }) => self.subscribed(lane, session),
            Some(Parcel::Unsubscribe { session }) => self.unsubscribed(lane, session),
            Some(Parcel::Want { of }) => self.wanted_elsewhere(now, of),
            Some(Parcel::Watched { session, layers }) => self.watched_elsewhere(lane, session, layers),
            Some(Parcel::Tracks { session, shapes }) => self.meet_tracks(now, session, &shapes),
            Some(Parcel::Media(media)) => self.receive_media(now, lane, &media),
            Some(Parcel::Report { of, ntp, timestamp }) => self.mirror_clock(now, of, ntp, timestamp),
            Some(Parcel::Gone { session }) => self.mirror_gone(session),
        };
        if let Err(why) = taken {
            self.counters.discard(why);
        }
    }
}

impl Stream {
    fn cross(&self, of: Of, crossing: &mut Crossing, lanes: &mut impl Lanes, counters: &mut Counters) -> bool {
        let mut head = [0; parcel::HEAD_MAX];
        let oldest = self.recent.arrived().saturating_sub(self.recent.capacity());
        crossing.next = crossing.next.max(oldest);
        while crossing.next < self.recent.arrived() {
            match self.recent.by_arrival(crossing.next) {
                None => counters.discard(Discard::Overtaken),
                Some((kept, payload)) => {
                    let parcel = Parcel::Media(Media::of(of, self.epoch, kept, &[]));
                    if !lanes.put(crossing.lane, parcel.write(&mut head), payload) {
                        return false;
                    }
                    counters.add(Count::PacketsBridged, 1);
                }
            }
            crossing.next += 1;
        }
        true
    }
}

/// At home.
impl Worker {
    fn subscribed(&mut self, lane: u8, session: SessionId) -> Result<(), Discard> {
        let key = self.key_of(session).ok_or(Discard::ParcelStray)?;
        let publisher = self.peers.at_mut(key).and_then(Peer::publisher).filter(|publisher| publisher.mirror.is_none());
        let publisher = publisher.ok_or(Discard::ParcelStray)?;
        let mut shapes = Shapes::default();
        for up_key in &publisher.ups {
            let Some(up) = self.ups.at_mut(*up_key) else { continue };
            shapes.push(up.video, up.layers.len());
            if !publisher.lanes.contains(&lane) {
                up.layers.iter_mut().for_each(|stream| {
                    stream.crossings.push(Crossing { lane, next: stream.recent.arrived() });
                });
            }
        }
        if !publisher.lanes.contains(&lane) {
            publisher.lanes.push(lane);
        }
        self.bridge.note(lane, Parcel::Tracks { session, shapes });
        Ok(())
    }

    fn unsubscribed(&mut self, lane: u8, session: SessionId) -> Result<(), Discard> {
        let key = self.key_of(session).ok_or(Discard::ParcelStray)?;
        let publisher = self.peers.at_mut(key).and_then(Peer::publisher).ok_or(Discard::ParcelStray)?;
        publisher.lanes.retain(|known| *known != lane);
        for up in &publisher.ups {
            let Some(up) = self.ups.at_mut(*up) else { continue };
            up.elsewhere.retain(|(known, _)| *known != lane);
            up.layers.iter_mut().for_each(|stream| stream.crossings.retain(|crossing| crossing.lane != lane));
        }
        Ok(())
    }

    /// Somebody on another worker needs a keyframe.
    fn wanted_elsewhere(&mut self, now: Time, of: Of) -> Result<(), Discard> {
        let up = self.up_named(of).ok_or(Discard::ParcelStray)?;
        let up = self.ups.at_mut(up).ok_or(Discard::ParcelStray)?;
        up.ask.want(of.layer.min(up.top_layer()));
        let peer = up.peer;
        if up.ask.is_due(now) {
            self.ask_soon(peer);
        }
        Ok(())
    }

    fn watched_elsewhere(&mut self, lane: u8, session: SessionId, layers: [u8; TRACKS_MAX]) -> Result<(), Discard> {
        let Some(key) = self.key_of(session) else {
            self.bridge.note(lane, Parcel::Gone { session });
            return Ok(());
        };
        let publisher = self.peers.at_mut(key).and_then(Peer::publisher).ok_or(Discard::ParcelStray)?;
        for (up, layers) in publisher.ups.iter().zip(layers) {
            let Some(up) = self.ups.at_mut(*up) else { continue };
            up.elsewhere.retain(|(known, _)| *known != lane);
            up.elsewhere.push((lane, layers));
        }
        Ok(())
    }

    /// A publisher says which timestamp belongs to which moment: mirrors have to know, too.
    pub(super) fn report_elsewhere(&mut self, key: PeerKey, stream: StreamOf, ntp: u64, timestamp: u32) {
        let Some(peer) = self.peers.at_mut(key) else { return };
        let session = peer.session;
        let Some(publisher) = peer.publisher() else { return };
        let Some(up) = self.ups.at(stream.up) else { return };
        let of = Of { session, track: up.track, layer: stream.layer };
        for lane in &publisher.lanes {
            self.bridge.note(*lane, Parcel::Report { of, ntp, timestamp });
        }
    }

    /// Tells other workers that a publisher is no more.
    pub(super) fn say_gone(&mut self, session: SessionId, publisher: &Publisher) {
        for lane in &publisher.lanes {
            self.bridge.note(*lane, Parcel::Gone { session });
        }
        if let Some(mirror) = &publisher.mirror {
            self.bridge.note(mirror.lane, Parcel::Unsubscribe { session });
        }
    }

    fn up_named(&self, of: Of) -> Option<UpKey> {
        self.up_of(self.key_of(of.session)?, of.track)
    }
}

/// Where the mirror is.
impl Worker {
    /// A slot is to show a track of another worker's publisher: it does once the tracks are known.
    pub(super) fn subscribe(&mut self, now: Time, source: Source) {
        let known = self.sessions.contains_key(&source.session) || self.peers.len() >= PEERS_MAX;
        let Some(lane) = source.lane.filter(|_| !known) else { return };
        // Nobody can sign with these, so nobody can be taken for the mirror.
        let chance = [self.chance(), self.chance(), self.chance(), self.chance()];
        let credentials =
            Credentials::new(source.session.0, std::array::from_fn(|n| chance[n / 8 % 4].to_be_bytes()[n % 8]));
        let role = Role::Publisher { tracks: Vec::new(), feedback: UplinkFeedback::ReportsOnly };
        self.add(now, source.session, credentials, Extensions::default(), role);
        let Some(key) = self.key_of(source.session) else { return };
        if let Some(publisher) = self.peers.at_mut(key).and_then(Peer::publisher) {
            publisher.mirror = Some(Mirror { lane, asked: Time::default(), needed: now });
        }
    }

    /// Asks until the tracks are known, says what is watched once a second, and gives up what nobody needs. `false` if
    /// the mirror is gone.
    pub(super) fn look_after_mirror(&mut self, now: Time, key: PeerKey, reports: bool) -> bool {
        let Self { peers, ups, bridge, .. } = self;
        let Some(peer) = peers.at_mut(key) else { return false };
        peer.heard = now;
        let session = peer.session;
        let Some(publisher) = peer.publisher() else { return false };
        let Some(mirror) = &mut publisher.mirror else { return true };
        let unknown = publisher.ups.is_empty();
        if unknown && now.since(mirror.asked) >= ASK_AGAIN {
            mirror.asked = now;
            bridge.note(mirror.lane, Parcel::Subscribe { session });
        }
        let needed = |up: &UpKey| ups.at(*up).is_some_and(|up| !up.route.is_empty());
        if publisher.ups.iter().any(needed) {
            mirror.needed = now;
        }
        if now.since(mirror.needed) >= KEPT {
            self.remove(session);
            return false;
        }
        let lane = mirror.lane;
        if reports && !unknown {
            let layers =
                std::array::from_fn(|track| self.up_of(key, track).map_or(0, |up| bits(self.watched_layers(up))));
            self.bridge.note(lane, Parcel::Watched { session, layers });
        }
        true
    }

    /// Asks a mirror's home for the keyframes that are due.
    pub(super) fn ask_home(&mut self, now: Time, key: PeerKey) {
        let Self { peers, ups, bridge, .. } = self;
        let Some(peer) = peers.at_mut(key) else { return };
        let session = peer.session;
        let Some(publisher) = peer.publisher() else { return };
        publisher.asking = false;
        let Some(mirror) = &publisher.mirror else { return };
        for up in &publisher.ups {
            let Some(up) = ups.at_mut(*up) else { continue };
            let wanted = up.ask.due(now).unwrap_or(0);
            for layer in (0..=up.top_layer()).filter(|layer| wanted & (1 << layer) != 0) {
                bridge.note(mirror.lane, Parcel::Want { of: Of { session, track: up.track, layer } });
            }
        }
    }

    fn meet_tracks(&mut self, now: Time, session: SessionId, shapes: &Shapes) -> Result<(), Discard> {
        let key = self.mirror_of(session).ok_or(Discard::ParcelStray)?;
        if self.up_of(key, 0).is_some() {
            return Ok(());
        }
        self.add_tracks(key, shapes.iter().map(|(video, layers)| mirrored(video, layers)).collect());
        let waiting: Vec<(DownKey, Source)> = self
            .downs
            .iter()
            .filter_map(|(key, down)| Some((key, down.awaits.filter(|source| source.session == session)?)))
            .collect();
        for (down, source) in waiting {
            let Some((peer, slot)) = self.downs.at(down).map(|down| (down.peer, down.slot)) else { continue };
            if let Some(room) = self.peers.at(peer).map(|peer| peer.session) {
                self.fill(now, room, slot, Some(source));
            }
        }
        Ok(())
    }

    fn receive_media(&mut self, now: Time, lane: u8, media: &Media<'_>) -> Result<(), Discard> {
        let Media { of, epoch, index, timestamp, marker, codec, payload } = *media;
        if self.mirror_of(of.session).is_none() {
            // What was said about it got lost.
            self.bridge.note(lane, Parcel::Unsubscribe { session: of.session });
            return Err(Discard::ParcelStray);
        }
        let up_key = self.up_named(of).ok_or(Discard::ParcelStray)?;
        let up = self.ups.at_mut(up_key).ok_or(Discard::ParcelStray)?;
        let stream = up.layers.get_mut(usize::from(of.layer)).ok_or(Discard::ParcelStray)?;
        let anew = stream.ssrc.replace(0).is_some() && stream.epoch != epoch;
        if anew {
            stream.restart(false);
        }
        stream.epoch = epoch;
        if !stream.seen.is_new(index) {
            return Err(Discard::Replayed);
        }
        stream.seen.note(index);
        let newest = stream.seen.highest() == Some(index);
        #[expect(clippy::cast_possible_truncation, reason = "a sequence number is the low 16 bits")]
        let header = Header { marker, timestamp, sequence: index as u16, ..Header::default() };
        let stream = StreamOf { up: up_key, layer: of.layer, repair: false };
        self.keep(now, &Arrived { stream, codec, header, index, payload, anew, newest })
    }

    fn mirror_clock(&mut self, now: Time, of: Of, ntp: u64, timestamp: u32) -> Result<(), Discard> {
        let key = self.mirror_of(of.session).ok_or(Discard::ParcelStray)?;
        let up = self.up_named(of).ok_or(Discard::ParcelStray)?;
        self.learn_clock(now, key, StreamOf { up, layer: of.layer, repair: false }, ntp, timestamp);
        Ok(())
    }

    fn mirror_gone(&mut self, session: SessionId) -> Result<(), Discard> {
        self.mirror_of(session).ok_or(Discard::ParcelStray)?;
        self.remove(session);
        Ok(())
    }

    fn mirror_of(&mut self, session: SessionId) -> Option<PeerKey> {
        let key = self.key_of(session)?;
        self.peers.at_mut(key)?.publisher()?.mirror.as_ref()?;
        Some(key)
    }

    /// The session of a publisher that is at home here: of mirrors nothing is told.
    pub(super) fn at_home(&mut self, key: PeerKey) -> Option<SessionId> {
        let peer = self.peers.at_mut(key)?;
        let session = peer.session;
        peer.publisher()?.mirror.is_none().then_some(session)
    }
}

impl Up {
    /// Which layers rooms on other workers watch.
    pub(super) fn watched_elsewhere(&self) -> u8 {
        self.elsewhere.iter().fold(0, |all, (_, layers)| all | layers)
    }
}

fn bits(watched: [bool; LAYERS_MAX]) -> u8 {
    (0_u8..).zip(watched).fold(0, |set, (layer, watched)| set | u8::from(watched) << layer)
}

/// A track of which only that much has to be known.
fn mirrored(video: bool, layers: usize) -> Track {
    let rids = if layers > 1 { vec![Vec::new(); layers] } else { Vec::new() };
    Track { video, mid: Vec::new(), payload_types: Vec::new(), rids, streams: Vec::new(), nack: false }
}
