//! What a worker has still to send.

use std::collections::VecDeque;

use super::command::SessionId;
use super::counters::Counters;
use super::discard::Discard;
use super::down::{DownKey, Shown};
use super::peer::PeerKey;
use super::road::Road;
use crate::base::limits::JOBS_MAX;

/// One thing to send.
#[derive(Debug)]
pub(super) enum Job {
    /// A kept packet to everyone who receives its layer.
    Forward { shown: Shown, index: u64 },
    /// A kept packet to a slot that has just begun with an older one.
    CatchUp { down: DownKey, shown: Shown, index: u64 },
    /// A packet that a watcher asked for again, by the sequence number it had there.
    Resend { down: DownKey, sequence: u16 },
    /// An answer to a connectivity check.
    CheckAnswer { peer: PeerKey, road: Road, transaction: [u8; 12], older: bool },
    /// Handshake bytes.
    Handshake { peer: PeerKey, datagram: Box<[u8]> },
    /// What a publisher is asked for: keyframes and missing packets.
    Ask { peer: PeerKey },
    /// When a publisher's packets arrived.
    Arrivals { peer: PeerKey },
    /// Receiver or sender reports.
    Reports { peer: PeerKey },
    /// Good-bye to a peer that is being removed, and then its end.
    Farewell { session: SessionId },
}

/// What is still to be sent, in this order.
pub(super) struct Jobs {
    queue: VecDeque<Job>,
}

impl Jobs {
    pub(super) fn new() -> Self {
        Self { queue: VecDeque::with_capacity(JOBS_MAX) }
    }

    /// Remembers something to send, if there is room.
    pub(super) fn push(&mut self, job: Job, counters: &mut Counters) {
        if self.queue.len() < JOBS_MAX {
            self.queue.push_back(job);
        } else {
            counters.discard(Discard::JobsFull);
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.queue.len() == JOBS_MAX
    }

    /// Puts back one that was taken but not finished.
    pub(super) fn put_back(&mut self, job: Job) {
        self.queue.push_front(job);
    }

    pub(super) fn pop(&mut self) -> Option<Job> {
        self.queue.pop_front()
    }

    pub(super) fn len(&self) -> usize {
        self.queue.len()
    }
}
