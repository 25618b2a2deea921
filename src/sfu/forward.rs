//! A pass to every slot on its route: written and sealed straight into the send arena.

use super::clock::{PeerClock, StreamClock};
use super::command::SessionId;
use super::counters::{Count, Counters};
use super::discard::Discard;
use super::down::{Down, DownKey, Shown};
use super::event::Event;
use super::head::{Head, SendTime};
use super::job::Job;
use super::outbox::Outbox;
use super::pass::{Pass, Scope};
use super::peer::{Peer, Sent, Side};
use super::recent::{Kept, Recent};
use super::road::Road;
use super::srtp::Sealer;
use super::up::Up;
use super::worker::Worker;
use crate::base::slab::Slab;
use crate::base::time::Time;
use crate::wire::rtp_ext;

impl Worker {
    /// Serves slots until all are served, or the outbox is full; then gives what is left to do.
    pub(super) fn forward(&mut self, now: Time, mut pass: Pass, outbox: &mut Outbox) -> Option<Pass> {
        let Self { ups, downs, peers, counters, events, jobs, .. } = self;
        let up = ups.at(pass.shown.up)?;
        let bundle = Bundle::gather(now, up, peers, pass.shown)?;
        pass.left = pass.left.min(up.route.len());
        while let Some(member) = pass.left.checked_sub(1).and_then(|place| up.route.at(place)) {
            let concerned = pass.scope == Scope::Everyone || member.prompt;
            if let Some(down) = downs.at_mut(member.down).filter(|_| concerned) {
                let served = bundle.serve(&pass, down, peers, outbox, counters);
                if let Some((session, index)) = served.switched {
                    let event = Event::Showing { session, slot: down.slot, layer: Some(pass.shown.layer) };
                    events.push(event, counters);
                    counters.add(Count::Switches, 1);
                    // Its timestamps begin anew: until a report says where they are, nothing plays in step.
                    jobs.push(Job::Reports { peer: down.peer }, counters);
                    for index in bundle.came_before(index) {
                        jobs.push(Job::CatchUp { down: member.down, shown: pass.shown, index }, counters);
                    }
                }
                if !served.wholly {
                    return Some(pass);
                }
            }
            pass.left -= 1;
        }
        None
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
        let bundle = Bundle::gather(now, up, &self.peers, shown).ok_or(Discard::Overtaken)?;
        let packet = bundle.recent.at(index).ok_or(Discard::Overtaken)?;
        let Some(down) = self.downs.at_mut(key).filter(|down| down.showing == Some(shown)) else { return Ok(()) };
        let peer = self.peers.at_mut(down.peer).ok_or(Discard::NoRoad)?;
        let mut tally = Tally::default();
        Way::of(peer, bundle.stamp).ok_or(Discard::NoRoad)?.put(down, packet, outbox, &mut tally)?;
        tally.note(down, peer, &mut self.counters);
        Ok(())
    }
}

/// The packets of a pass, and what they have in common.
struct Bundle<'a> {
    now: Time,
    shown: Shown,
    recent: &'a Recent,
    highest: u64,
    clock: Option<StreamClock>,
    publisher: PeerClock,
    /// The moment as the send time extension has it.
    stamp: [u8; 3],
}

/// What became of a slot's share of a pass.
struct Served {
    /// All of it is written or refused; otherwise the outbox is full.
    wholly: bool,
    /// Whose slot began to show the track, and the index of the packet with which it did.
    switched: Option<(SessionId, u64)>,
}

impl Served {
    const NOTHING: Self = Self { wholly: true, switched: None };
}

impl<'a> Bundle<'a> {
    fn gather(now: Time, up: &'a Up, peers: &Slab<Peer>, shown: Shown) -> Option<Self> {
        let stream = up.layers.get(usize::from(shown.layer))?;
        let publisher = match &peers.at(up.peer)?.side {
            Side::Publisher(publisher) => publisher.clock,
            Side::Watcher(_) => return None,
        };
        let highest = stream.seen.highest().unwrap_or(0);
        let stamp = rtp_ext::abs_send_time(now);
        Some(Self { now, shown, recent: &stream.recent, highest, clock: stream.clock, publisher, stamp })
    }

    /// Writes what one slot has not had yet.
    fn serve(
        &self,
        pass: &Pass,
        down: &mut Down,
        peers: &mut Slab<Peer>,
        outbox: &mut Outbox,
        counters: &mut Counters,
    ) -> Served {
        let shows = down.showing == Some(self.shown);
        let start = pass.start.filter(|_| down.target == Some(self.shown));
        let Some(first) = if shows { Some(down.taken) } else { start }.filter(|first| *first < pass.span.end) else {
            return Served::NOTHING;
        };
        if outbox.is_full() {
            return Served { wholly: false, switched: None };
        }
        // Nothing is begun that could not leave: a slot must not wait in the middle of a picture for its keys.
        let Some((peer, way)) = peers.at_mut(down.peer).and_then(|peer| {
            let way = Way::of(peer, self.stamp)?;
            Some((peer.session, way))
        }) else {
            down.taken = pass.span.end;
            counters.discard(Discard::NoRoad);
            return Served::NOTHING;
        };
        let mut switched = None;
        if !shows {
            match self.begin(down, first) {
                Ok(index) => switched = Some((peer, index)),
                Err(why) => {
                    counters.discard(why);
                    return Served::NOTHING;
                }
            }
        }
        down.taken = first;
        let mut tally = Tally::default();
        while down.taken < pass.span.end && !outbox.is_full() {
            let packet = self.recent.by_arrival(down.taken).ok_or(Discard::Overtaken);
            if let Err(why) = packet.and_then(|packet| way.put(down, packet, outbox, &mut tally)) {
                counters.discard(why);
            }
            down.taken += 1;
        }
        if let Some(peer) = peers.at_mut(down.peer) {
            tally.note(down, peer, counters);
        }
        Served { wholly: down.taken == pass.span.end, switched }
    }

    /// Lets a slot show the track from the packet that came as the `first`; gives that one's index.
    fn begin(&self, down: &mut Down, first: u64) -> Result<u64, Discard> {
        let (kept, _) = self.recent.by_arrival(first).ok_or(Discard::Overtaken)?;
        down.payload_type(kept.codec).ok_or(Discard::CodecNotAgreed)?;
        let captured = self.clock.map_or(self.now, |line| line.captured(kept.timestamp, self.publisher));
        down.showing = Some(self.shown);
        down.segments.begin(self.shown, kept, captured);
        Ok(kept.index)
    }

    /// The indices after `index` that came before it: of a keyframe whose first packet had to be asked for again.
    fn came_before(&self, index: u64) -> impl Iterator<Item = u64> {
        let arrival = self.recent.at(index).map_or(0, |(kept, _)| kept.arrival);
        let came_before = move |index: &u64| self.recent.at(*index).is_some_and(|(kept, _)| kept.arrival < arrival);
        (index + 1..=self.highest).filter(came_before)
    }
}

/// How a watcher's packets leave.
struct Way<'a> {
    road: Road,
    sealer: &'a Sealer,
    send_time: Option<SendTime>,
}

impl<'a> Way<'a> {
    fn of(peer: &'a Peer, stamp: [u8; 3]) -> Option<Self> {
        let send_time = peer.extensions.abs_send_time.map(|id| SendTime { id, value: stamp });
        Some(Self { road: peer.road?, sealer: peer.sealer.as_ref()?, send_time })
    }

    /// Writes one packet for a slot that shows its track.
    fn put(
        &self,
        down: &mut Down,
        (kept, payload): (&Kept, &[u8]),
        outbox: &mut Outbox,
        tally: &mut Tally,
    ) -> Result<(), Discard> {
        let names = down.payload_type(kept.codec).ok_or(Discard::CodecNotAgreed)?;
        let segment =
            *down.segments.current().filter(|segment| segment.covers(kept.index)).ok_or(Discard::BeforeSwitch)?;
        // Without a retransmission stream a repair must be the same packet, bit by bit: the same number must
        // never seal two different ones (RFC 7714 §8.4).
        let repeats_apart = down.repair_ssrc.is_some() && names.repair.is_some();
        let head = Head {
            payload_type: names.media,
            marker: kept.marker,
            index: segment.index(kept.index),
            timestamp: segment.timestamp(kept.timestamp),
            ssrc: down.ssrc,
            send_time: self.send_time.filter(|_| repeats_apart),
            original: None,
            padding: if repeats_apart { kept.padding } else { 0 },
        };
        let slot = outbox.slot().ok_or(Discard::SendBufferFull)?;
        let (length, start) = head.write(slot, payload).ok_or(Discard::TooLong)?;
        segment.payload(kept, slot.get_mut(start..length).ok_or(Discard::TooLong)?);
        let bytes = self.sealer.seal_rtp(slot, head.header_length(), length, head.index).ok_or(Discard::TooLong)?;
        outbox.commit(self.road, bytes);
        down.segments.left(&segment, kept);
        tally.packets += 1;
        tally.octets += payload.len();
        tally.sent += Sent { bytes, measured: if head.send_time.is_some() { length - start } else { 0 } };
        Ok(())
    }
}

/// What left for one slot.
#[derive(Default)]
struct Tally {
    packets: u32,
    /// Of their payloads.
    octets: usize,
    sent: Sent,
}

impl Tally {
    fn note(&self, down: &mut Down, peer: &mut Peer, counters: &mut Counters) {
        if self.packets == 0 {
            return;
        }
        down.delivery.left(self.packets, self.octets);
        down.resends.earn(self.packets);
        peer.untold += self.sent;
        counters.add(Count::PacketsForwarded, self.packets as usize);
    }
}
