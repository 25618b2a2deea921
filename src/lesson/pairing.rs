//! Pairs: which schools a lead school has taken on, for which term, and which of their rooms sit together.

use crate::base::time::Time;

use super::id::{PairingId, RoomId, SchoolId};
use super::school::Bond;

/// One edge between a lead school and a school that listens. Many to many: a school may have several leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pairing {
    /// Its id.
    pub id: PairingId,
    /// The lead school.
    pub lead: SchoolId,
    /// The school that listens.
    pub member: SchoolId,
    /// What binds them.
    pub kind: Bond,
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

/// 教室对: a room of a lead school and a room that listens, of two schools that are paired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomPair {
    /// By which pairing.
    pub pairing: PairingId,
    /// The lead room.
    pub lead_room: RoomId,
    /// The listening room.
    pub room: RoomId,
}
