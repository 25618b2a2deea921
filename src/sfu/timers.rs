//! When each peer wants to be looked after next.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::peer::PeerKey;
use crate::base::time::Time;

/// One due time a peer, earliest first.
#[derive(Default)]
pub(super) struct Timers {
    due: BinaryHeap<Reverse<(Time, u64)>>,
}

impl Timers {
    /// Sets a peer's next time. A peer has one: set it when it is made, and again each time it was [due](Self::due).
    pub(super) fn set(&mut self, peer: PeerKey, at: Time) {
        self.due.push(Reverse((at, peer.to_bits())));
    }

    /// The next peer whose time has come.
    pub(super) fn due(&mut self, now: Time) -> Option<PeerKey> {
        self.due.peek().filter(|Reverse((at, _))| *at <= now)?;
        self.due.pop().map(|Reverse((_, peer))| PeerKey::from_bits(peer))
    }

    /// When the next peer is due.
    pub(super) fn next(&self) -> Option<Time> {
        self.due.peek().map(|Reverse((at, _))| *at)
    }

    /// How many peers are waited for.
    pub(super) fn len(&self) -> usize {
        self.due.len()
    }
}
