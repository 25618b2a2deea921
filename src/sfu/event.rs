//! What a worker has to tell.

use std::collections::VecDeque;
use std::time::Duration;

use super::command::SessionId;
use super::counters::Counters;
use super::discard::Discard;
use super::road::Road;
use crate::base::limits::{EVENTS_MAX, LAYERS_MAX, SLOTS_MAX, TRACKS_MAX};

/// What a worker has to tell.
#[derive(Debug)]
pub enum Event {
    /// The peer sent handshake bytes.
    Handshake {
        /// The peer.
        session: SessionId,
        /// One datagram.
        datagram: Box<[u8]>,
    },
    /// The peer is reached by this road from now on.
    Moved {
        /// The peer.
        session: SessionId,
        /// The road.
        road: Road,
    },
    /// A track began to arrive, or arrives again.
    Live {
        /// The publisher.
        session: SessionId,
        /// The number of its track.
        track: usize,
    },
    /// Nothing of a track has arrived for three seconds.
    Quiet {
        /// The publisher.
        session: SessionId,
        /// The number of its track.
        track: usize,
    },
    /// A slot shows this layer from now on; `None` means that it keeps its last picture.
    Showing {
        /// The watcher.
        session: SessionId,
        /// The number of its slot.
        slot: usize,
        /// 0 is the lowest.
        layer: Option<u8>,
    },
    /// The worker has no room for this peer.
    Full {
        /// The peer that was to be added.
        session: SessionId,
    },
    /// How a peer's line is doing, once a second.
    Figures(Figures),
}

/// How a peer's line is doing, over the last second.
#[derive(Clone, Copy, Debug)]
pub struct Figures {
    /// The peer.
    pub session: SessionId,
    /// How it is reached.
    pub road: Option<Road>,
    /// To the peer, bits per second.
    pub sent_bps: u64,
    /// From the peer, bits per second.
    pub received_bps: u64,
    /// Of what was sent to (a watcher) or by (a publisher) it, 0 to 1.
    pub loss: f32,
    /// Known of watchers only.
    pub round_trip: Option<Duration>,
    /// Since anything authentic came from it.
    pub silent: Duration,
    /// A watcher's slots: the layer each shows.
    pub showing: [Option<u8>; SLOTS_MAX],
    /// A watcher's line carries less than its slots wish for and its publisher sends.
    pub held_back: bool,
    /// A publisher's tracks: which arrive.
    pub live: [bool; TRACKS_MAX],
    /// A publisher's tracks: which layers somebody watches.
    pub watched: [[bool; LAYERS_MAX]; TRACKS_MAX],
}

/// What is still to be told, oldest first.
pub(super) struct Events {
    queue: VecDeque<Event>,
}

impl Events {
    pub(super) fn new() -> Self {
        Self { queue: VecDeque::with_capacity(EVENTS_MAX) }
    }

    /// Remembers something to tell, if there is room.
    pub(super) fn push(&mut self, event: Event, counters: &mut Counters) {
        if self.queue.len() < EVENTS_MAX {
            self.queue.push_back(event);
        } else {
            counters.discard(Discard::EventsFull);
        }
    }

    /// The next thing to tell.
    pub(super) fn pop(&mut self) -> Option<Event> {
        self.queue.pop_front()
    }
}
