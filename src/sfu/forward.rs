//! One packet to everyone who receives its track.

use super::clock::{PeerClock, StreamClock};
use super::command::{PayloadType, SessionId};
use super::counters::Count;
use super::discard::Discard;
use super::down::{Down, DownKey, Shown, Take};
use super::event::Event;
use super::job::Job;
use super::outbox::Outbox;
use super::peer::{Peer, Side};
use super::recent::Kept;
use super::rewrite::Segment;
use super::up::Up;
use super::worker::Worker;
use crate::base::slab::Slab;
use crate::base::time::Time;
use crate::wire::rtp::FIXED_BYTES;
use crate::wire::{rtp, rtp_ext};

/// A header extension with a send time: profile and length, number, three bytes.
const SEND_TIME_BYTES: usize = 8;

/// What is written in front of a payload.
pub(super) struct Head {
    pub(super) payload_type: u8,
    pub(super) marker: bool,
    pub(super) index: u64,
    pub(super) timestamp: u32,
    pub(super) ssrc: u32,
    /// The number of the send time extension, if the watcher estimates by it.
    pub(super) send_time: Option<u8>,
    /// In front of a retransmission: the sequence number that the packet had (RFC 4588 §4).
    pub(super) original: Option<u16>,
}

/// A kept packet on its way.
struct Packet<'a> {
    shown: Shown,
    kept: &'a Kept,
    payload: &'a [u8],
    clock: Option<StreamClock>,
    publisher: PeerClock,
}

impl Worker {
    /// Sends one kept packet down its track's route, from the `from`-th slot on. `Err` says how far it came when the
    /// outbox was full.
    pub(super) fn forward(
        &mut self,
        now: Time,
        (shown, index): (Shown, u64),
        from: usize,
        outbox: &mut Outbox,
    ) -> Result<(), usize> {
        let Self { ups, downs, peers, counters, events, jobs, .. } = self;
        let Some(up) = ups.at(shown.up) else { return Ok(()) };
        let Some(packet) = Packet::find(up, peers, shown, index) else {
            counters.discard(Discard::Overtaken);
            return Ok(());
        };
        for (place, key) in up.route.iter().enumerate().skip(from) {
            if outbox.is_full() {
                return Err(place);
            }
            let Some(down) = downs.at_mut(*key) else { continue };
            match packet.deliver(now, down, peers, outbox) {
                Ok(Delivered::NotShown) => {}
                Ok(Delivered::Sent) => counters.add(Count::PacketsForwarded, 1),
                Ok(Delivered::Switched(session)) => {
                    counters.add(Count::PacketsForwarded, 1);
                    counters.add(Count::Switches, 1);
                    let event = Event::Showing { session, slot: down.slot, layer: Some(shown.layer) };
                    events.push(event, counters);
                    // Its timestamps begin anew: until a report says where they are, nothing plays in step.
                    jobs.push(Job::Reports { peer: down.peer }, counters);
                    for index in packet.later(up) {
                        jobs.push(Job::CatchUp { down: *key, shown, index }, counters);
                    }
                }
                Err(why) => counters.discard(why),
            }
        }
        if let Some(stream) = ups.at_mut(shown.up).and_then(|up| up.layers.get_mut(usize::from(shown.layer))) {
            stream.passed = stream.passed.max(index + 1);
        }
        Ok(())
    }

    /// Sends one slot a packet that was here before the keyframe it belongs to.
    pub(super) fn catch_up(
        &mut self,
        now: Time,
        key: DownKey,
        (shown, index): (Shown, u64),
        outbox: &mut Outbox,
    ) -> Result<(), Discard> {
        let up = self.ups.at(shown.up).ok_or(Discard::Overtaken)?;
        let packet = Packet::find(up, &self.peers, shown, index).ok_or(Discard::Overtaken)?;
        let Some(down) = self.downs.at_mut(key).filter(|down| down.showing == Some(shown)) else { return Ok(()) };
        packet.deliver(now, down, &mut self.peers, outbox)?;
        self.counters.add(Count::PacketsForwarded, 1);
        Ok(())
    }
}

/// What became of a packet at one slot.
enum Delivered {
    /// The slot shows something else.
    NotShown,
    Sent,
    /// It is the first of what this watcher's slot shows from now on.
    Switched(SessionId),
}

impl<'a> Packet<'a> {
    fn find(up: &'a Up, peers: &Slab<Peer>, shown: Shown, index: u64) -> Option<Self> {
        let stream = up.layers.get(usize::from(shown.layer))?;
        let (kept, payload) = stream.recent.at(index)?;
        let publisher = match &peers.at(up.peer)?.side {
            Side::Publisher(publisher) => publisher.clock,
            Side::Watcher(_) => return None,
        };
        Some(Self { shown, kept, payload, clock: stream.clock, publisher })
    }

    /// Those after it that came before it: a keyframe whose first packet had to be asked for again.
    fn later(&self, up: &Up) -> impl Iterator<Item = u64> {
        let stream = up.layers.get(usize::from(self.shown.layer));
        let passed = stream.map_or(0, |stream| stream.passed);
        (self.kept.index + 1..passed)
            .filter(move |index| stream.is_some_and(|stream| stream.recent.at(*index).is_some()))
    }

    /// Writes the packet for one slot straight into the send arena.
    fn deliver(
        &self,
        now: Time,
        down: &mut Down,
        peers: &mut Slab<Peer>,
        outbox: &mut Outbox,
    ) -> Result<Delivered, Discard> {
        if !down.concerns(self.shown) {
            return Ok(Delivered::NotShown);
        }
        // Nothing is begun that could not leave: a slot must not wait in the middle of a picture for its keys.
        let names = down.payload_type(self.kept.codec).ok_or(Discard::CodecNotAgreed)?;
        let peer = peers.at_mut(down.peer).ok_or(Discard::NoRoad)?;
        let send_time = peer.extensions.abs_send_time;
        let (road, sealer) = peer.way().ok_or(Discard::NoRoad)?;
        let captured = || self.clock.map_or(now, |line| line.captured(self.kept.timestamp, self.publisher));
        let (segment, began) = match down.segment(self.shown, self.kept, self.payload, captured) {
            Take::NotShown => return Ok(Delivered::NotShown),
            Take::TooOld => return Err(Discard::BeforeSwitch),
            Take::Send(segment) => (segment, false),
            Take::Begin(segment) => (segment, true),
        };
        let head = self.head(down, &segment, names, send_time);
        let slot = outbox.slot().ok_or(Discard::SendBufferFull)?;
        let (length, start) = head.write(now, slot, self.payload).ok_or(Discard::TooLong)?;
        let written = slot.get_mut(start..length).ok_or(Discard::TooLong)?;
        segment.payload(self.kept.codec, written);
        down.left(&head, self.kept.codec, written);
        let sealed = sealer.seal_rtp(slot, head.header_length(), length, head.index).ok_or(Discard::TooLong)?;
        outbox.commit(road, sealed);
        if let Side::Watcher(watcher) = &mut peer.side {
            watcher.line.note(now, sealed, if head.send_time.is_some() { self.payload.len() } else { 0 });
        }
        Ok(if began { Delivered::Switched(peer.session) } else { Delivered::Sent })
    }

    fn head(&self, down: &Down, segment: &Segment, names: PayloadType, send_time: Option<u8>) -> Head {
        Head {
            payload_type: names.media,
            marker: self.kept.marker,
            index: segment.index(self.kept.index),
            timestamp: segment.timestamp(self.kept.timestamp),
            ssrc: down.ssrc,
            // Without a retransmission stream a repair must be the same packet, bit by bit: the same number must
            // never seal two different ones (RFC 7714 §8.4).
            send_time: send_time.filter(|_| down.repair_ssrc.is_some() && names.repair.is_some()),
            original: None,
        }
    }
}

impl Head {
    /// Bytes of the header.
    pub(super) const fn header_length(&self) -> usize {
        FIXED_BYTES + if self.send_time.is_some() { SEND_TIME_BYTES } else { 0 }
    }

    /// Writes header and payload; gives the packet's length and where the payload starts.
    pub(super) fn write(&self, now: Time, slot: &mut [u8], payload: &[u8]) -> Option<(usize, usize)> {
        #[expect(clippy::cast_possible_truncation, reason = "a sequence number is the low 16 bits")]
        let header = rtp::Header {
            payload_type: self.payload_type,
            marker: self.marker,
            sequence: self.index as u16,
            timestamp: self.timestamp,
            ssrc: self.ssrc,
            ..rtp::Header::default()
        };
        let (fixed, rest) = slot.split_first_chunk_mut::<FIXED_BYTES>()?;
        rtp::write_fixed(fixed, &header);
        let rest = match self.send_time {
            None => rest,
            Some(id) => {
                fixed[0] |= 0x10;
                let (extension, rest) = rest.split_first_chunk_mut::<SEND_TIME_BYTES>()?;
                let [a, b, c] = rtp_ext::abs_send_time(now);
                *extension = [0xbe, 0xde, 0, 1, id << 4 | 2, a, b, c];
                rest
            }
        };
        let rest = match self.original {
            None => rest,
            Some(original) => {
                let (place, rest) = rest.split_first_chunk_mut::<2>()?;
                *place = original.to_be_bytes();
                rest
            }
        };
        rest.get_mut(..payload.len())?.copy_from_slice(payload);
        let start = self.header_length() + if self.original.is_some() { 2 } else { 0 };
        Some((start + payload.len(), start))
    }
}
