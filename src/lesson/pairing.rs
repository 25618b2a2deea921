//! Pairs: which rooms a lead school has taken on, and for which term.

use crate::base::time::Time;

use super::id::{RoomId, SchoolId};

/// One edge between a lead school and a listening room. Many to many: a room may have several leads, and a lead many rooms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pairing {
    /// The lead school.
    pub lead: SchoolId,
    /// The room that listens.
    pub room: RoomId,
    /// When the term starts.
    pub starts: Time,
    /// When the term ends; the pair holds no more from this moment on.
    pub ends: Time,
}

impl Pairing {
    /// Whether the pair holds at `now`.
    pub fn holds(&self, now: Time) -> bool {
        self.starts <= now && now < self.ends
    }
}
