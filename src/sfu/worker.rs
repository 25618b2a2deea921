//! One media thread as a value: what it is told, what it has to send, what it has to tell.
//!
//! How to drive it: hand in one thing ([`Worker::handle_datagram`], [`Worker::handle_command`] or
//! [`Worker::handle_timeout`]), then drain it: [`Worker::poll_transmit`] until it gives `false`, sending what the outbox
//! holds each time, [`Worker::poll_parcels`] if there are other workers, and [`Worker::poll_event`] until it gives `None`. It wants to be told of the time again at
//! [`Worker::poll_timeout`]. Several things may be handed in before draining, as long as they fit the limits.

use std::collections::BTreeMap;

use super::bridge::Bridge;
use super::command::SessionId;
use super::counters::{Count, Counters};
use super::demux::Table;
use super::discard::Discard;
use super::down::Down;
use super::event::{Event, Events};
use super::hold::Hold;
use super::job::{Job, Jobs};
use super::outbox::Outbox;
use super::peer::{Peer, PeerKey};
use super::road::{Road, spread};
use super::timers::Timers;
use super::up::Up;
use crate::base::limits::DATAGRAM_BYTES_MAX;
use crate::base::slab::Slab;
use crate::base::time::Time;
use crate::wire::classify::{Kind, classify};

/// All state of one media thread.
pub struct Worker {
    pub(super) peers: Slab<Peer>,
    pub(super) ups: Slab<Up>,
    pub(super) downs: Slab<Down>,
    pub(super) sessions: BTreeMap<SessionId, PeerKey>,
    /// Whose address is it.
    pub(super) roads: Table<Road>,
    /// Whose stream is it, for those that come from a new address.
    pub(super) voices: Table<u32>,
    pub(super) timers: Timers,
    pub(super) counters: Counters,
    pub(super) jobs: Jobs,
    pub(super) hold: Hold,
    pub(super) bridge: Bridge,
    pub(super) events: Events,
    chance: u64,
}

/// What a worker holds: all zero when nobody is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Holdings {
    /// Peers.
    pub peers: usize,
    /// Tracks that arrive.
    pub ups: usize,
    /// Slots that are sent.
    pub downs: usize,
    /// Known addresses and streams.
    pub names: usize,
    /// Things to send.
    pub jobs: usize,
    /// Times to look after a peer.
    pub timers: usize,
}

impl Worker {
    /// A worker with no peers. `seed` makes first sequence numbers and table places; outsiders must not know it.
    pub fn new(seed: u64) -> Self {
        let mut worker = Self {
            peers: Slab::default(),
            ups: Slab::default(),
            downs: Slab::default(),
            sessions: BTreeMap::new(),
            roads: Table::new(0),
            voices: Table::new(0),
            timers: Timers::default(),
            counters: Counters::default(),
            jobs: Jobs::new(),
            hold: Hold::new(),
            bridge: Bridge::new(),
            events: Events::new(),
            chance: seed,
        };
        worker.roads = Table::new(worker.chance());
        worker.voices = Table::new(worker.chance());
        worker
    }

    /// Takes a datagram that came by `road`; its bytes are used as working space.
    pub fn handle_datagram(&mut self, now: Time, road: Road, datagram: &mut [u8]) {
        self.counters.add(Count::PacketsReceived, 1);
        self.counters.add(Count::BytesReceived, datagram.len());
        let taken = match classify(datagram) {
            _ if datagram.len() > DATAGRAM_BYTES_MAX => Err(Discard::TooLong),
            Some(Kind::Rtp) => self.receive_rtp(now, road, datagram),
            Some(Kind::Rtcp) => self.receive_rtcp(now, road, datagram),
            Some(Kind::Stun) => self.receive_check(now, road, datagram),
            Some(Kind::Dtls) => self.receive_handshake(road, datagram),
            None => Err(Discard::NotMedia),
        };
        if let Err(why) = taken {
            self.counters.discard(why);
        }
    }

    /// Sends on what has waited long enough, and looks after every peer whose time has come.
    pub fn handle_timeout(&mut self, now: Time) {
        self.release_held(now);
        while let Some(key) = self.timers.due(now) {
            if let Some(next) = self.look_after(now, key) {
                self.timers.set(key, next);
            }
        }
    }

    /// Writes datagrams into the outbox until it is full or nothing is left to send; `true` means call again.
    pub fn poll_transmit(&mut self, now: Time, outbox: &mut Outbox) -> bool {
        let (packets, bytes) = (outbox.len(), outbox.bytes());
        while !outbox.is_full()
            && let Some(job) = self.jobs.pop()
        {
            let pass = match job {
                Job::Pass(pass) => Some(pass),
                Job::Fan { shown, scope, .. } => self.begin_pass(shown, scope),
                other => {
                    self.send(now, other, outbox);
                    None
                }
            };
            if let Some(rest) = pass.and_then(|pass| self.forward(now, pass, outbox)) {
                self.jobs.put_back(Job::Pass(rest));
            }
        }
        let (packets, bytes) = (outbox.len() - packets, outbox.bytes() - bytes);
        self.hold.note(packets);
        self.counters.add(Count::PacketsSent, packets);
        self.counters.add(Count::BytesSent, bytes);
        self.jobs.len() > 0
    }

    /// The next thing to tell.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop()
    }

    /// When [`Worker::handle_timeout`] wants to be called next.
    pub fn poll_timeout(&self) -> Option<Time> {
        [self.timers.next(), self.hold.next()].into_iter().flatten().min()
    }

    /// What was counted so far.
    pub const fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Counts what the shell saw.
    pub fn count(&mut self, what: Count, more: usize) {
        self.counters.add(what, more);
    }

    /// Counts a death that the shell saw.
    pub fn discard(&mut self, why: Discard) {
        self.counters.discard(why);
    }

    /// Whether a peer has proved itself by this road.
    pub fn knows(&self, road: &Road) -> bool {
        self.roads.find(road).is_some()
    }

    /// What is held now.
    pub fn holdings(&self) -> Holdings {
        Holdings {
            peers: self.peers.len().max(self.sessions.len()),
            ups: self.ups.len(),
            downs: self.downs.len(),
            names: self.roads.len() + self.voices.len(),
            jobs: self.jobs.len(),
            timers: self.timers.len(),
        }
    }

    /// Remembers something to send.
    pub(super) fn job(&mut self, job: Job) {
        self.jobs.push(job, &mut self.counters);
    }

    /// Remembers something to tell.
    pub(super) fn event(&mut self, event: Event) {
        self.events.push(event, &mut self.counters);
    }

    /// The next number that nobody can guess who does not know the seed.
    pub(super) const fn chance(&mut self) -> u64 {
        self.chance = self.chance.wrapping_add(0x9e37_79b9_7f4a_7c15);
        spread(self.chance)
    }
}
