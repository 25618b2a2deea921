//! Who is on stage, and whose microphone is open.
//!
//! Floor control follows the teacher's call: whoever is called has the floor, and nobody else has it any more. That at
//! most one distant microphone is open is so because there is one floor, not because anybody counts.

use crate::base::time::Time;

use super::id::RoomId;
use super::slot::Place;

/// A room on stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnStage {
    /// Which room.
    pub room: RoomId,
    /// Its place, the same as long as it is on stage.
    pub place: Place,
    /// Since when.
    pub since: Time,
}

/// The stage of one lesson.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// As many places as there are.
    places: &'static [Place],
    /// Who came first stands first.
    rooms: Vec<OnStage>,
    floor: Option<Floor>,
}

/// Who may speak.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Floor {
    room: RoomId,
    /// The room itself has closed its microphone for a while.
    muted: bool,
}

impl Stage {
    /// An empty stage of so many places; there is one at least.
    pub fn new(places: usize) -> Self {
        let places = &Place::ALL[..places.clamp(1, Place::ALL.len())];
        Self { places, rooms: Vec::new(), floor: None }
    }

    /// Who is on stage, who came first stands first.
    pub fn rooms(&self) -> &[OnStage] {
        &self.rooms
    }

    /// A room, if it is on stage.
    pub fn at(&self, room: &RoomId) -> Option<&OnStage> {
        self.rooms.iter().find(|on| on.room == *room)
    }

    /// Who has a place.
    pub fn in_place(&self, place: Place) -> Option<&RoomId> {
        self.rooms.iter().find(|on| on.place == place).map(|on| &on.room)
    }

    /// The room that may open and close its own microphone.
    pub fn has_floor(&self) -> Option<&RoomId> {
        self.floor.as_ref().map(|floor| &floor.room)
    }

    /// The room whose microphone is open.
    pub fn speaks(&self) -> Option<&RoomId> {
        self.floor.as_ref().filter(|floor| !floor.muted).map(|floor| &floor.room)
    }

    /// Gives a room the floor, and a place if it has none. On a full stage it takes the place of one that is not here,
    /// or else of the one that has been there longest.
    pub(super) fn call(&mut self, now: Time, room: &RoomId, is_here: impl Fn(&RoomId) -> bool) {
        if self.at(room).is_none() {
            self.make_room(is_here);
            let free = self.places.iter().find(|place| self.in_place(**place).is_none());
            let place = *free.expect("somebody has just left if the stage was full");
            self.rooms.push(OnStage { room: room.clone(), place, since: now });
        }
        self.floor = Some(Floor { room: room.clone(), muted: false });
    }

    fn make_room(&mut self, is_here: impl Fn(&RoomId) -> bool) {
        if self.rooms.len() == self.places.len() {
            let leaves = self.rooms.iter().position(|on| !is_here(&on.room)).unwrap_or(0);
            self.rooms.remove(leaves);
        }
    }

    /// Takes everybody off.
    pub(super) fn clear(&mut self) {
        self.rooms.clear();
        self.floor = None;
    }

    /// Takes a room off; whether it was on.
    pub(super) fn dismiss(&mut self, room: &RoomId) -> bool {
        let before = self.rooms.len();
        self.rooms.retain(|on| on.room != *room);
        self.cut(room);
        self.rooms.len() != before
    }

    /// Takes the floor from a room; whether it had it.
    pub(super) fn cut(&mut self, room: &RoomId) -> bool {
        self.floor.take_if(|floor| floor.room == *room).is_some()
    }

    /// A room opens or closes its own microphone; `false` if it has not the floor.
    pub(super) fn mute(&mut self, room: &RoomId, muted: bool) -> bool {
        let floor = self.floor.as_mut().filter(|floor| floor.room == *room);
        floor.map(|floor| floor.muted = muted).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(name: &str) -> RoomId {
        RoomId::new(name).unwrap()
    }

    fn rooms(stage: &Stage) -> Vec<(&str, Place)> {
        stage.rooms().iter().map(|on| (on.room.as_str(), on.place)).collect()
    }

    #[test]
    fn whoever_is_called_has_the_floor_and_nobody_else() {
        let mut stage = Stage::new(3);
        let [a, b] = ["a", "b"].map(room);
        stage.call(Time::default(), &a, |_| true);
        assert_eq!(stage.speaks(), Some(&a));
        stage.call(Time::default(), &b, |_| true);
        assert_eq!(stage.speaks(), Some(&b));
        assert_eq!(rooms(&stage), [("a", Place::One), ("b", Place::Two)], "who had the floor stays on stage");
        assert!(!stage.mute(&a, false), "and cannot take it back");
        assert!(stage.mute(&b, true));
        assert_eq!(stage.speaks(), None);
        assert!(stage.mute(&b, false));
        assert!(stage.cut(&b) && !stage.mute(&b, false), "what the teacher closes stays closed");
        stage.call(Time::default(), &a, |_| true);
        assert_eq!(stage.speaks(), Some(&a), "until the room is called again");
    }

    #[test]
    fn a_full_stage_lets_go_who_is_not_here_and_then_who_came_first() {
        let mut stage = Stage::new(2);
        let [a, b, c, d] = ["a", "b", "c", "d"].map(room);
        stage.call(Time::default(), &a, |_| true);
        stage.call(Time::default(), &b, |_| true);
        stage.call(Time::default(), &c, |here| *here != b);
        assert_eq!(rooms(&stage), [("a", Place::One), ("c", Place::Two)]);
        stage.call(Time::default(), &d, |_| true);
        assert_eq!(rooms(&stage), [("c", Place::Two), ("d", Place::One)], "nobody changes places");
        assert!(stage.dismiss(&d) && !stage.dismiss(&b));
        assert_eq!((stage.speaks(), rooms(&stage)), (None, vec![("c", Place::Two)]));
    }
}
