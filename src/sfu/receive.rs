//! What comes from a peer: checks, handshakes and media, each refused as early as can be.

use std::time::Duration;

use super::clock::StreamClock;
use super::command::{Extensions, SessionId};
use super::counters::{Count, Counters};
use super::discard::Discard;
use super::down::{Down, Shown};
use super::event::Event;
use super::ice::{Credentials, our_ufrag};
use super::job::Job;
use super::peer::{Peer, PeerKey, Publisher, Side, StreamOf};
use super::recent::{Kept, Pictures};
use super::road::Road;
use super::up::{Stream, Up};
use super::worker::Worker;
use crate::base::limits::LAYERS_MAX;
use crate::base::seq::Seen;
use crate::base::slab::Slab;
use crate::base::time::Time;
use crate::wire::codec::{self, Codec, h264};
use crate::wire::rtp::{self, Header};
use crate::wire::{rtp_ext, stun};

/// An address belongs to a peer for so long after it was heard there; an idle one sends checks more often.
const ROAD_HELD: Duration = Duration::from_secs(5);

/// A media packet, opened, and where it belongs.
pub(super) struct Arrived<'a> {
    pub(super) stream: StreamOf,
    pub(super) codec: Codec,
    pub(super) header: Header,
    pub(super) index: u64,
    pub(super) payload: &'a [u8],
    /// The first of a stream that took the place of another.
    pub(super) anew: bool,
    /// Nothing newer of its stream has come.
    pub(super) newest: bool,
}

impl Worker {
    /// A connectivity check: whoever can sign one is the peer, wherever it comes from.
    pub(super) fn receive_check(&mut self, now: Time, road: Road, datagram: &[u8]) -> Result<(), Discard> {
        let check = stun::Message::read(datagram).ok_or(Discard::StunUnreadable)?;
        if check.class != stun::Class::Request || check.method != stun::BINDING {
            return Err(Discard::StunUnreadable);
        }
        let ufrag = our_ufrag(&check).ok_or(Discard::StunUnknownUser)?;
        let session = Credentials::session(ufrag).map(SessionId).ok_or(Discard::StunUnknownUser)?;
        let key = *self.sessions.get(&session).ok_or(Discard::StunUnknownUser)?;
        let peer = self.peers.at_mut(key).ok_or(Discard::StunUnknownUser)?;
        let older = if peer.credentials.sign(ufrag, &check) {
            false
        } else if peer.older.as_ref().is_some_and(|older| older.sign(ufrag, &check)) {
            true
        } else {
            return Err(Discard::StunForged);
        };
        let nominated = check.use_candidate || peer.road.is_none();
        if self.is_taken(now, road, key) {
            return Err(Discard::RoadTaken);
        }
        let Some(peer) = self.peers.at_mut(key) else { return Err(Discard::StunUnknownUser) };
        peer.heard = now;
        self.learn_road(key, road, nominated);
        self.job(Job::CheckAnswer { peer: key, road, transaction: check.transaction, older });
        Ok(())
    }

    /// Whether another peer is there and alive: a check says who signed it, but not that its sender's address is true.
    fn is_taken(&self, now: Time, road: Road, by: PeerKey) -> bool {
        let holder = self.roads.find(&road).filter(|holder| *holder != by).and_then(|holder| self.peers.at(holder));
        holder.is_some_and(|holder| holder.road == Some(road) && now.since(holder.heard) < ROAD_HELD)
    }

    /// Handshake bytes of a peer that has proved itself by a check.
    pub(super) fn receive_handshake(&mut self, road: Road, datagram: &[u8]) -> Result<(), Discard> {
        let key = self.roads.find(&road).ok_or(Discard::UnknownAddress)?;
        let peer = self.peers.at_mut(key).ok_or(Discard::UnknownAddress)?;
        peer.handshakes_left = peer.handshakes_left.checked_sub(1).ok_or(Discard::HandshakeFlood)?;
        let session = peer.session;
        self.event(Event::Handshake { session, datagram: datagram.into() });
        Ok(())
    }

    /// Media: refused when unknown, repeated or stale before anything is decrypted.
    pub(super) fn receive_rtp(&mut self, now: Time, road: Road, datagram: &mut [u8]) -> Result<(), Discard> {
        let header = Header::read(datagram).ok_or(Discard::RtpUnreadable)?;
        let by_road = self.roads.find(&road);
        let key = by_road.or_else(|| self.voices.find(&header.ssrc)).ok_or(Discard::UnknownAddress)?;
        let peer = self.peers.at_mut(key).ok_or(Discard::UnknownAddress)?;
        let arrived = open(peer, &mut self.ups, header, datagram, now)?;
        if let Some(before) = peer.publisher().and_then(|publisher| publisher.replaced.take()) {
            self.voices.forget(&before, key);
        }
        // A known road is taken again if what comes by it is not just late.
        if by_road.is_none() || arrived.as_ref().is_some_and(|arrived| arrived.newest) {
            self.learn_road(key, road, true);
        }
        if self.voices.find(&header.ssrc).is_none() {
            self.voices.put(header.ssrc, key);
        }
        let Some(arrived) = arrived else { return Ok(()) };
        self.keep(now, &arrived)
    }

    /// Believes that a peer is at `road`, and sends there from now on if `move_there`.
    pub(super) fn learn_road(&mut self, key: PeerKey, road: Road, move_there: bool) {
        let Some(peer) = self.peers.at_mut(key) else { return };
        if peer.road == Some(road) && peer.roads[0] == Some(road) && self.roads.find(&road) == Some(key) {
            return;
        }
        let session = peer.session;
        if let Some(dropped) = peer.learn_road(road) {
            self.roads.forget(&dropped, key);
        }
        let moved = move_there && peer.road != Some(road);
        let before = if moved { peer.road.replace(road) } else { None };
        if self.roads.find(&road) != Some(key) {
            self.roads.put(road, key);
        }
        if moved {
            self.counters.add(Count::Moves, usize::from(before.is_some()));
            self.event(Event::Moved { session, road });
        }
    }

    /// Keeps a packet for everyone, and remembers to forward it.
    pub(super) fn keep(&mut self, now: Time, arrived: &Arrived<'_>) -> Result<(), Discard> {
        let StreamOf { up: up_key, layer, .. } = arrived.stream;
        let up = self.ups.at_mut(up_key).ok_or(Discard::UnknownStream)?;
        let stream = up.layers.get_mut(usize::from(layer)).ok_or(Discard::UnknownStream)?;
        let (kept, hopeless) = note(stream, arrived, now, &mut self.counters);
        if kept.keyframe && up.video {
            up.ask.came(layer);
            // Parameter sets and the picture's first slice both begin it; they share its timestamp.
            let another = stream.keyframe_at.replace(kept.timestamp) != Some(kept.timestamp);
            self.counters.add(Count::Keyframes, usize::from(another));
        }
        if hopeless > 0 && up.video {
            up.ask.want(layer);
        }
        if arrived.anew {
            restart_slots(&mut self.downs, up, Shown { up: up_key, layer });
        }
        let began = !std::mem::replace(&mut up.live, true);
        let (peer, track) = (up.peer, up.track);
        if began && let Some(session) = self.at_home(peer) {
            self.event(Event::Live { session, track });
        }
        // The others of a frame that a repair belongs to have gone on already.
        self.cross_soon(Shown { up: up_key, layer });
        self.fan_out(now, Shown { up: up_key, layer }, kept.marker || !arrived.newest);
        Ok(())
    }
}

/// Opens a packet in place. `None` is a retransmission that carries nothing: a probe of the publisher's estimator.
fn open<'a>(
    peer: &mut Peer,
    ups: &mut Slab<Up>,
    mut header: Header,
    datagram: &'a mut [u8],
    now: Time,
) -> Result<Option<Arrived<'a>>, Discard> {
    let Side::Publisher(publisher) = &mut peer.side else { return Err(Discard::UnknownStream) };
    let opener = peer.opener.as_ref().ok_or(Discard::NoKeysYet)?;
    let known = publisher.stream(header.ssrc);
    let stream = match known {
        Some(stream) => stream,
        None => identify(publisher, ups, &peer.extensions, &header, datagram).ok_or(Discard::UnknownStream)?,
    };
    let up = ups.at_mut(stream.up).ok_or(Discard::UnknownStream)?;
    let (payload_type, repair) = up.payload_type(header.payload_type).ok_or(Discard::UnknownPayloadType)?;
    let layer = up.layers.get_mut(usize::from(stream.layer)).filter(|_| repair == stream.repair);
    let layer = layer.ok_or(Discard::UnknownPayloadType)?;
    let seen = if repair { layer.repair_seen } else { layer.seen };
    let seen = if known.is_some() { seen } else { Seen::default() };
    let index = seen.index(header.sequence);
    if !seen.is_new(index) {
        return Err(Discard::Replayed);
    }
    let length = opener.open_rtp(datagram, usize::from(header.length), index).map_err(|_| Discard::RtpForged)?;
    let opened = datagram.get(..length).ok_or(Discard::RtpUnreadable)?;
    let payload = rtp::payload(opened, &header).ok_or(Discard::RtpUnreadable)?;

    peer.heard = now;
    peer.received.note(now, length);
    let anew = known.is_none() && bind(publisher, layer, stream, header.ssrc);
    if repair { &mut layer.repair_seen } else { &mut layer.seen }.note(index);
    note_arrival(publisher, &peer.extensions, &header, opened, now);
    let codec = payload_type.codec;
    if !repair {
        let newest = layer.seen.highest() == Some(index);
        return Ok(Some(Arrived { stream, codec, header, index, payload, anew, newest }));
    }
    // RFC 4588 §4: the sequence number it had, then its payload.
    let Some((original, payload)) = payload.split_first_chunk::<2>() else {
        return if payload.is_empty() { Ok(None) } else { Err(Discard::RtxUnreadable) };
    };
    header.sequence = u16::from_be_bytes(*original);
    let index = layer.seen.index(header.sequence);
    if !layer.lacks(index) {
        return Err(Discard::RepairNotNeeded);
    }
    layer.seen.note(index);
    Ok(Some(Arrived { stream, codec, header, index, payload, anew, newest: false }))
}

/// Which stream a packet with an unknown SSRC is: by its layer's name, its section's name, or its payload type.
fn identify(
    publisher: &Publisher,
    ups: &Slab<Up>,
    extensions: &Extensions,
    header: &Header,
    packet: &[u8],
) -> Option<StreamOf> {
    if publisher.streams.len() == publisher.streams.capacity() {
        return None;
    }
    let named = |id: Option<u8>| rtp_ext::find(packet, header, id?);
    let (mid, rid, repaired) = (named(extensions.mid), named(extensions.rid), named(extensions.repaired_rid));
    let mut fitting = publisher
        .ups
        .iter()
        .filter_map(|key| Some((*key, ups.at(*key)?)))
        .filter(|(_, up)| up.payload_type(header.payload_type).is_some() && mid.is_none_or(|mid| *mid == *up.mid));
    let (up, track) = fitting.next()?;
    if mid.is_none() && fitting.next().is_some() {
        return None;
    }
    let (_, repair) = track.payload_type(header.payload_type)?;
    let layer = match repaired.or(rid) {
        _ if track.rids.is_empty() => 0,
        Some(name) => track.rids.iter().take(LAYERS_MAX).position(|rid| *rid == *name)?,
        None => return None,
    };
    Some(StreamOf { up, layer: u8::try_from(layer).ok()?, repair })
}

/// Remembers that an SSRC is this stream; whether the layer had another media SSRC before and so begins anew.
fn bind(publisher: &mut Publisher, layer: &mut Stream, stream: StreamOf, ssrc: u32) -> bool {
    let place = if stream.repair { &mut layer.repair_ssrc } else { &mut layer.ssrc };
    let before = place.replace(ssrc);
    if let Some(before) = before {
        publisher.streams.retain(|(known, _)| *known != before);
        publisher.replaced = Some(before);
        layer.restart(stream.repair);
    }
    publisher.streams.push((ssrc, stream));
    before.is_some() && !stream.repair
}

fn note_arrival(publisher: &mut Publisher, extensions: &Extensions, header: &Header, packet: &[u8], now: Time) {
    let value = extensions.transport_cc.and_then(|id| rtp_ext::find(packet, header, id));
    if let Some(Ok(sequence)) = value.map(<[u8; 2]>::try_from) {
        publisher.arrivals.note(u16::from_be_bytes(sequence), now);
    }
}

/// Slots that showed a stream's predecessor wait for a keyframe again: the numbers of the two have nothing in common.
fn restart_slots(downs: &mut Slab<Down>, up: &mut Up, shown: Shown) {
    if up.video {
        up.ask.want(shown.layer);
    }
    for key in up.route.downs() {
        let Some(down) = downs.at_mut(key) else { continue };
        down.segments.forget(shown);
        if down.showing == Some(shown) {
            down.showing = None;
        }
    }
}

/// Whether a keyframe that seems to start with this packet has no part before it. In H.264 each of the first packets looks
/// like the start; a slot that begins with the second would lack the parameter sets.
fn begins_here(stream: &Stream, arrived: &Arrived<'_>) -> bool {
    if arrived.codec != Codec::H264 || h264::has_sps(arrived.payload) {
        return true;
    }
    let before = arrived.index.checked_sub(1).and_then(|before| stream.recent.at(before));
    before.is_some_and(|(before, _)| before.timestamp != arrived.header.timestamp)
}

/// Notes a packet in all that is known of its stream, and keeps it.
fn note(stream: &mut Stream, arrived: &Arrived<'_>, now: Time, counters: &mut Counters) -> (Kept, usize) {
    let Arrived { codec, header, index, payload, stream: StreamOf { repair, .. }, .. } = arrived;
    stream.heard = now;
    stream.rate.note(now, payload.len() + usize::from(header.length));
    let clock_rate = codec.clock_rate();
    stream.clock.get_or_insert(StreamClock::new(clock_rate, header.timestamp, now));
    if *repair {
        counters.add(Count::RepairsReceived, 1);
    } else {
        stream.reception.arrived(*index, header.timestamp, clock_rate, now);
    }
    let hopeless = stream.gaps.arrived(*index, now);
    counters.add(Count::Unrepaired, hopeless);
    let keyframe = codec::glance(*codec, payload).keyframe_start && begins_here(stream, arrived);
    let kept = Kept {
        index: *index,
        arrival: stream.recent.arrived(),
        timestamp: header.timestamp,
        marker: header.marker,
        keyframe,
        codec: *codec,
        padding: 0,
        pictures: Pictures::read(*codec, payload),
    };
    stream.recent.keep(kept, payload);
    (kept, hopeless)
}
