//! The whole: every school, room, person, pair and planned lesson, checked to fit together.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::time::Time;

use super::id::{LessonId, PersonId, RoomId, SchoolId};
use super::pairing::Pairing;
use super::school::{Kind, Person, Room, School};
use super::timetable::{Entry, Timetable};

/// What an alliance is made of, before anyone has looked whether it fits together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// The schools.
    pub schools: Vec<School>,
    /// Their rooms.
    pub rooms: Vec<Room>,
    /// Their people.
    pub people: Vec<Person>,
    /// Who is paired with whom.
    pub pairings: Vec<Pairing>,
    /// The planned lessons.
    pub entries: Vec<Entry>,
}

/// Something that does not fit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    /// Two things of a kind have one id.
    #[error("{0} is there twice")]
    Twice(String),
    /// A thing points to another that is not there.
    #[error("{0} names {1}, which is not there")]
    Missing(String, String),
    /// A thing ends before it starts.
    #[error("{0} ends before it starts")]
    Backwards(String),
    /// A school that listens is asked to teach.
    #[error("{0} is led by {1}, which is not a lead school")]
    NotLead(String, SchoolId),
    /// A lesson invites a room that its school has no pair with at that time.
    #[error("lesson {0} invites room {1}, which is not paired with its school then")]
    NotPaired(LessonId, RoomId),
}

/// The whole, fitting together. Read often, replaced seldom, never changed in place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Alliance {
    schools: BTreeMap<SchoolId, School>,
    rooms: BTreeMap<RoomId, Room>,
    people: BTreeMap<PersonId, Person>,
    pairings: Vec<Pairing>,
    timetable: Timetable,
}

impl Alliance {
    /// Puts the parts together.
    ///
    /// # Errors
    /// Everything that does not fit.
    pub fn new(parts: Parts) -> Result<Self, Vec<Misfit>> {
        let mut misfits = Vec::new();
        let alliance = Self {
            schools: keyed(parts.schools, |school| &school.id, "school", &mut misfits),
            rooms: keyed(parts.rooms, |room| &room.id, "room", &mut misfits),
            people: keyed(parts.people, |person| &person.id, "person", &mut misfits),
            pairings: parts.pairings,
            timetable: Timetable::new(parts.entries),
        };
        alliance.check(&mut misfits);
        if misfits.is_empty() { Ok(alliance) } else { Err(misfits) }
    }

    /// The parts again.
    pub fn to_parts(&self) -> Parts {
        Parts {
            schools: self.schools.values().cloned().collect(),
            rooms: self.rooms.values().cloned().collect(),
            people: self.people.values().cloned().collect(),
            pairings: self.pairings.clone(),
            entries: self.timetable.entries().to_vec(),
        }
    }

    /// A school.
    pub fn school(&self, id: &SchoolId) -> Option<&School> {
        self.schools.get(id)
    }

    /// Every school.
    pub fn schools(&self) -> impl Iterator<Item = &School> {
        self.schools.values()
    }

    /// A room.
    pub fn room(&self, id: &RoomId) -> Option<&Room> {
        self.rooms.get(id)
    }

    /// Every room.
    pub fn rooms(&self) -> impl Iterator<Item = &Room> {
        self.rooms.values()
    }

    /// A person.
    pub fn person(&self, id: &PersonId) -> Option<&Person> {
        self.people.get(id)
    }

    /// Every person.
    pub fn people(&self) -> impl Iterator<Item = &Person> {
        self.people.values()
    }

    /// What is planned.
    pub const fn timetable(&self) -> &Timetable {
        &self.timetable
    }

    /// A planned lesson.
    pub fn entry(&self, lesson: &LessonId) -> Option<&Entry> {
        self.timetable.entry(lesson)
    }

    /// The name of the school that a room is in; empty if there is no such room.
    pub fn school_name_of(&self, room: &RoomId) -> &str {
        self.room(room).map_or("", |room| self.name_of_school(&room.school))
    }

    /// The name of a school; empty if there is no such school.
    pub fn name_of_school(&self, school: &SchoolId) -> &str {
        self.school(school).map_or("", |school| &school.name)
    }

    /// The name of a person; empty if there is no such person.
    pub fn name_of_person(&self, person: &PersonId) -> &str {
        self.person(person).map_or("", |person| &person.name)
    }

    /// The rooms that are paired with a lead school at `now`.
    pub fn paired_rooms(&self, lead: &SchoolId, now: Time) -> impl Iterator<Item = &Room> {
        let pairs = self.pairings.iter().filter(move |pair| pair.lead == *lead && pair.holds(now));
        pairs.filter_map(|pair| self.room(&pair.room))
    }

    /// The lead schools that are paired with a room at `now`.
    pub fn paired_leads(&self, room: &RoomId, now: Time) -> impl Iterator<Item = &School> {
        let pairs = self.pairings.iter().filter(move |pair| pair.room == *room && pair.holds(now));
        pairs.filter_map(|pair| self.school(&pair.lead))
    }

    fn check(&self, misfits: &mut Vec<Misfit>) {
        for room in self.rooms.values() {
            self.check_school(&format!("room {}", room.id), &room.school, misfits);
        }
        for person in self.people.values() {
            self.check_school(&format!("person {}", person.id), &person.school, misfits);
        }
        for pair in &self.pairings {
            self.check_pairing(pair, misfits);
        }
        let mut seen = BTreeSet::new();
        for entry in self.timetable.entries() {
            if !seen.insert(&entry.lesson) {
                misfits.push(Misfit::Twice(format!("lesson {}", entry.lesson)));
            }
            self.check_entry(entry, misfits);
        }
    }

    fn check_pairing(&self, pair: &Pairing, misfits: &mut Vec<Misfit>) {
        let what = format!("the pair {} and {}", pair.lead, pair.room);
        self.check_lead(&what, &pair.lead, misfits);
        self.check_room(&what, &pair.room, misfits);
        if pair.ends <= pair.starts {
            misfits.push(Misfit::Backwards(what));
        }
    }

    fn check_entry(&self, entry: &Entry, misfits: &mut Vec<Misfit>) {
        let what = format!("lesson {}", entry.lesson);
        self.check_lead(&what, &entry.lead, misfits);
        if self.person(&entry.teacher).is_none() {
            misfits.push(Misfit::Missing(what.clone(), format!("person {}", entry.teacher)));
        }
        let paired: BTreeSet<_> = self.paired_rooms(&entry.lead, entry.starts).map(|room| &room.id).collect();
        for room in &entry.rooms {
            self.check_room(&what, room, misfits);
            if !paired.contains(room) {
                misfits.push(Misfit::NotPaired(entry.lesson.clone(), room.clone()));
            }
        }
        if entry.ends <= entry.starts {
            misfits.push(Misfit::Backwards(what));
        }
    }

    fn check_lead(&self, what: &str, school: &SchoolId, misfits: &mut Vec<Misfit>) {
        self.check_school(what, school, misfits);
        if self.school(school).is_some_and(|school| school.kind != Kind::Lead) {
            misfits.push(Misfit::NotLead(what.to_owned(), school.clone()));
        }
    }

    fn check_school(&self, what: &str, school: &SchoolId, misfits: &mut Vec<Misfit>) {
        if self.school(school).is_none() {
            misfits.push(Misfit::Missing(what.to_owned(), format!("school {school}")));
        }
    }

    fn check_room(&self, what: &str, room: &RoomId, misfits: &mut Vec<Misfit>) {
        if self.room(room).is_none() {
            misfits.push(Misfit::Missing(what.to_owned(), format!("room {room}")));
        }
    }
}

/// Puts things under their ids, and notes those that are there twice.
fn keyed<Id: Ord + Clone + std::fmt::Display, T>(
    things: Vec<T>,
    id: impl Fn(&T) -> &Id,
    kind: &str,
    misfits: &mut Vec<Misfit>,
) -> BTreeMap<Id, T> {
    let mut map = BTreeMap::new();
    for thing in things {
        let id = id(&thing).clone();
        if map.insert(id.clone(), thing).is_some() {
            misfits.push(Misfit::Twice(format!("{kind} {id}")));
        }
    }
    map
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time::from_micros(1_763_683_200_000_000);

    #[test]
    fn what_is_taken_apart_fits_together_again() {
        let demo = Alliance::demo(NOW);
        assert_eq!(Alliance::new(demo.to_parts()), Ok(demo));
    }

    #[test]
    fn everything_that_does_not_fit_is_named_at_once() {
        let mut parts = Alliance::demo(NOW).to_parts();
        parts.people.clear();
        parts.pairings.pop();
        parts.schools.retain(|school| school.kind != Kind::TeachingPoint);
        let first = parts.entries.first_mut().unwrap();
        (first.starts, first.ends) = (first.ends, first.starts);
        let misfits = Alliance::new(parts).unwrap_err();
        let count = |wanted: fn(&Misfit) -> bool| misfits.iter().filter(|misfit| wanted(misfit)).count();
        assert_eq!(count(|misfit| matches!(misfit, Misfit::Missing(..))), 1 + 4, "a room's school, four teachers");
        assert_eq!(count(|misfit| matches!(misfit, Misfit::NotPaired(..))), 4);
        assert_eq!(count(|misfit| matches!(misfit, Misfit::Backwards(_))), 1);
    }

    #[test]
    fn a_pair_holds_for_its_term() {
        let demo = Alliance::demo(NOW);
        let lead = SchoolId::new("shiyan").unwrap();
        let room = RoomId::new("shiqiao-1").unwrap();
        assert_eq!(demo.paired_rooms(&lead, NOW).count(), 2);
        assert_eq!(demo.paired_leads(&room, NOW).map(|school| &school.id).collect::<Vec<_>>(), [&lead]);
        let next_year = NOW + std::time::Duration::from_secs(365 * 86_400);
        assert_eq!(demo.paired_rooms(&lead, next_year).count(), 0);
        assert_eq!(demo.school_name_of(&room), "石桥教学点");
    }
}
