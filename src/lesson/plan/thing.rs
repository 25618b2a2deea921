//! The things a plan is made of, each under its key, and edits of them.

use std::collections::BTreeMap;
use std::fmt;

use super::super::alliance::Parts;
use super::super::calendar::Day;
use super::super::id::{DistrictId, GroupId, LessonId, PairingId, PersonId, RoomId, SchoolId, TermId};
use super::super::pairing::{Pairing, RoomPair};
use super::super::school::{District, Group, Person, Room, School};
use super::super::timetable::Entry;
use super::super::week::{Amendment, Bell, BellShift, Term, Weekly, Whose};

/// Makes [`Thing`], [`Key`] and what is the same for every kind: its type, the type of its key, where it stands in
/// [`Parts`], and how its key is found. What others point to comes before them.
macro_rules! things {
    ($($(#[$doc:meta])* $kind:ident($thing:ty, $key:ty) in $($list:ident).+, |$it:ident| $of:expr;)*) => {
        /// One thing of a plan.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Thing {
            $($(#[$doc])* $kind($thing),)*
        }

        /// What a thing is found by. Others point only to what comes earlier in this order.
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Key {
            $($(#[$doc])* $kind($key),)*
        }

        impl Thing {
            /// Its key.
            pub fn key(&self) -> Key {
                match self {
                    $(Self::$kind($it) => Key::$kind($of),)*
                }
            }
        }

        impl Parts {
            /// Every thing.
            pub fn things(self) -> Vec<Thing> {
                let mut things = Vec::new();
                $(things.extend(self.$($list).+.into_iter().map(Thing::$kind));)*
                things
            }

            /// Does one edit.
            pub fn edit(&mut self, edit: Edit) {
                match edit {
                    $(Edit::Put(Thing::$kind(thing)) => {
                        let of = |$it: &$thing| $of;
                        put(&mut self.$($list).+, thing, of);
                    })*
                    $(Edit::Remove(Key::$kind(key)) => self.$($list).+.retain(|$it| $of != key),)*
                }
            }
        }
    };
}

things! {
    /// A district.
    District(District, DistrictId) in districts, |it| it.id.clone();
    /// A school.
    School(School, SchoolId) in schools, |it| it.id.clone();
    /// A group of schools.
    Group(Group, GroupId) in groups, |it| it.id.clone();
    /// A room.
    Room(Room, RoomId) in rooms, |it| it.id.clone();
    /// A person.
    Person(Person, PersonId) in people, |it| it.id.clone();
    /// A pairing of schools.
    Pairing(Pairing, PairingId) in pairings, |it| it.id.clone();
    /// A pair of rooms: the lead room and the one that listens.
    RoomPair(RoomPair, (RoomId, RoomId)) in room_pairs, |it| (it.lead_room.clone(), it.room.clone());
    /// A term.
    Term(Term, TermId) in week.terms, |it| it.id.clone();
    /// A bell: whose, and of which period.
    Bell(Bell, (Whose, u8)) in week.bells, |it| (it.whose.clone(), it.period);
    /// A weekly lesson.
    Weekly(Weekly, LessonId) in week.weeklies, |it| it.id.clone();
    /// What is different with a weekly lesson on a day.
    Amendment(Amendment, (LessonId, Day)) in week.amendments, |it| (it.weekly.clone(), it.day);
    /// How bells of a day are different, and whose.
    Shift(BellShift, (Day, Whose)) in week.shifts, |it| (it.day, it.whose.clone());
    /// A lesson that is planned by itself.
    Entry(Entry, LessonId) in entries, |it| it.lesson.clone();
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// This is there now, in place of what had its key.
    Put(Thing),
    /// This is not there any more.
    Remove(Key),
}

impl Edit {
    /// Whether it has to say why and does not.
    pub fn lacks_reason(&self) -> bool {
        match self {
            Self::Put(Thing::Amendment(amendment)) => amendment.reason.trim().is_empty(),
            Self::Put(Thing::Shift(shift)) => shift.reason.trim().is_empty(),
            _ => false,
        }
    }

    /// Whether it can change who is needed when.
    pub fn is_of_lessons(&self) -> bool {
        matches!(
            self.key(),
            Key::School(_)
                | Key::Term(_)
                | Key::Bell(_)
                | Key::Weekly(_)
                | Key::Amendment(_)
                | Key::Shift(_)
                | Key::Entry(_)
        )
    }

    /// What it is about.
    pub fn key(&self) -> Key {
        match self {
            Self::Put(thing) => thing.key(),
            Self::Remove(key) => key.clone(),
        }
    }
}

/// Every difference between two plans: first what is put, what is pointed to before what points; then what is gone, the
/// other way round.
pub(super) fn difference(before: &Parts, after: &Parts) -> Vec<Edit> {
    let keyed = |parts: &Parts| -> BTreeMap<Key, Thing> {
        parts.clone().things().into_iter().map(|thing| (thing.key(), thing)).collect()
    };
    let (before, after) = (keyed(before), keyed(after));
    let gone: Vec<_> = before.keys().rev().filter(|key| !after.contains_key(*key)).cloned().map(Edit::Remove).collect();
    let put = after.into_iter().filter(|(key, thing)| before.get(key) != Some(thing));
    put.map(|(_, thing)| Edit::Put(thing)).chain(gone).collect()
}

fn put<T, K: PartialEq>(list: &mut Vec<T>, thing: T, key: impl Fn(&T) -> K) {
    let wanted = key(&thing);
    match list.iter_mut().find(|known| key(known) == wanted) {
        Some(known) => *known = thing,
        None => list.push(thing),
    }
}

impl fmt::Display for Key {
    /// As a log has it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::District(id) => write!(f, "district {id}"),
            Self::School(id) => write!(f, "school {id}"),
            Self::Group(id) => write!(f, "group {id}"),
            Self::Room(id) => write!(f, "room {id}"),
            Self::Person(id) => write!(f, "person {id}"),
            Self::Pairing(id) => write!(f, "pairing {id}"),
            Self::RoomPair((lead_room, room)) => write!(f, "room pair {lead_room} and {room}"),
            Self::Term(id) => write!(f, "term {id}"),
            Self::Bell((whose, period)) => write!(f, "bell {period} of {whose}"),
            Self::Weekly(id) => write!(f, "weekly lesson {id}"),
            Self::Amendment((weekly, day)) => write!(f, "change of {weekly} on {day}"),
            Self::Shift((day, whose)) => write!(f, "bells of {whose} on {day}"),
            Self::Entry(id) => write!(f, "lesson {id}"),
        }
    }
}
