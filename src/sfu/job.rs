//! What a worker has still to send.

use std::collections::VecDeque;

use super::command::SessionId;
use super::counters::Counters;
use super::discard::Discard;
use super::down::{DownKey, Shown};
use super::pass::{Pass, Scope};
use super::peer::PeerKey;
use super::road::Road;
use crate::base::limits::JOBS_MAX;

/// One thing to send.
#[derive(Debug)]
pub(super) enum Job {
    /// What came of a stream to those who receive it.
    Fan { shown: Shown, video: bool, scope: Scope },
    /// Such a job that has begun.
    Pass(Pass),
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

impl Job {
    /// Whether others should not have to wait for it: pictures are much to send, and late ones are only late.
    const fn is_bulk(&self) -> bool {
        matches!(self, Self::Fan { video: true, .. } | Self::Pass(Pass { video: true, .. }))
    }
}

/// What is still to be sent: pictures after all else, and otherwise in this order.
pub(super) struct Jobs {
    urgent: VecDeque<Job>,
    bulk: VecDeque<Job>,
}

impl Jobs {
    pub(super) fn new() -> Self {
        // One more, for what is put back.
        let queue = || VecDeque::with_capacity(JOBS_MAX + 1);
        Self { urgent: queue(), bulk: queue() }
    }

    /// Remembers something to send; `false` if there is no room.
    pub(super) fn push(&mut self, job: Job, counters: &mut Counters) -> bool {
        let queue = self.queue_of(&job);
        let room = queue.len() < JOBS_MAX;
        if room {
            queue.push_back(job);
        } else {
            counters.discard(Discard::JobsFull);
        }
        room
    }

    pub(super) fn is_full(&self) -> bool {
        self.urgent.len() == JOBS_MAX
    }

    /// Puts back one that was taken but not finished.
    pub(super) fn put_back(&mut self, job: Job) {
        self.queue_of(&job).push_front(job);
    }

    pub(super) fn pop(&mut self) -> Option<Job> {
        self.urgent.pop_front().or_else(|| self.bulk.pop_front())
    }

    pub(super) fn len(&self) -> usize {
        self.urgent.len() + self.bulk.len()
    }

    const fn queue_of(&mut self, job: &Job) -> &mut VecDeque<Job> {
        if job.is_bulk() { &mut self.bulk } else { &mut self.urgent }
    }
}
