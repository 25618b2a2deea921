//! What belongs in a slot of a watcher: whose picture or voice.

use super::id::RoomId;
use super::permit::{Actor, Role};
use super::sitting::Sitting;
use super::slot::{Slot, Source, of_teacher};

/// Somebody's picture or voice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feed {
    /// The room it comes from; none is the teacher.
    pub room: Option<RoomId>,
    /// Which of theirs.
    pub source: Source,
}

impl Sitting {
    /// What belongs in a slot of `viewer` now. Nobody ever gets their own voice back, and no room its own picture: the
    /// teacher's own picture comes back so that the teacher sees what the rooms see.
    pub fn feed(&self, slot: Slot, viewer: &Actor) -> Option<Feed> {
        let (place, source) = match slot {
            Slot::Stage(place) => (place, Source::Camera),
            Slot::StageVoice(place) => (place, Source::Voice),
            Slot::Voice if viewer.role == Role::Teacher => return None,
            Slot::Voice | Slot::Picture | Slot::Camera | Slot::Screen => {
                return of_teacher(slot, self.sources()).map(|source| Feed { room: None, source });
            }
        };
        let room = self.stage().in_place(place).filter(|room| viewer.as_room() != Some(*room))?;
        let heard = source != Source::Voice || self.stage().speaks() == Some(room);
        heard.then(|| Feed { room: Some(room.clone()), source })
    }
}
