//! The whole: every school, room, person, pair and planned lesson, checked to fit together.

use std::collections::BTreeMap;

use crate::base::time::Time;

use super::expand::expand;
use super::fit::{Fitting, Misfit};
use super::id::{DistrictId, GroupId, LessonId, PairingId, PersonId, RoomId, SchoolId};
use super::pairing::{Pairing, RoomPair};
use super::school::{District, Group, Person, Room, School};
use super::timetable::{Entry, Timetable};
use super::week::{WeekPlan, Weekly};

/// What an alliance is made of, before anyone has looked whether it fits together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// The districts.
    pub districts: Vec<District>,
    /// Schools that help each other.
    pub groups: Vec<Group>,
    /// The schools.
    pub schools: Vec<School>,
    /// Their rooms.
    pub rooms: Vec<Room>,
    /// Their people.
    pub people: Vec<Person>,
    /// Which school is paired with which.
    pub pairings: Vec<Pairing>,
    /// Which rooms sit together.
    pub room_pairs: Vec<RoomPair>,
    /// The weekly timetable.
    pub week: WeekPlan,
    /// Lessons that are planned one by one.
    pub entries: Vec<Entry>,
}

/// The whole, fitting together. Read often, replaced seldom, never changed in place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Alliance {
    districts: BTreeMap<DistrictId, District>,
    groups: BTreeMap<GroupId, Group>,
    schools: BTreeMap<SchoolId, School>,
    rooms: BTreeMap<RoomId, Room>,
    people: BTreeMap<PersonId, Person>,
    pairings: BTreeMap<PairingId, Pairing>,
    /// The pairings of a lead school by the school that listens.
    paired: BTreeMap<SchoolId, BTreeMap<SchoolId, Vec<PairingId>>>,
    room_pairs: Vec<RoomPair>,
    week: WeekPlan,
    /// The place of each weekly lesson.
    weeklies: BTreeMap<LessonId, usize>,
    /// Lessons that are planned one by one.
    single: Vec<Entry>,
    /// Those, and all of the weekly ones.
    timetable: Timetable,
}

impl Alliance {
    /// Puts the parts together.
    ///
    /// # Errors
    /// Everything that does not fit.
    pub fn new(mut parts: Parts) -> Result<Self, Vec<Misfit>> {
        let mut misfits = put_in_order(&mut parts);
        let district = |school: &School| Some((school.id.clone(), school.district.clone()?));
        let districts = parts.schools.iter().filter_map(district).collect();
        let (expanded, unplaced) = expand(&parts.week, &districts);
        let weeklies = parts.week.weeklies.iter().enumerate();
        let mut alliance = Self {
            districts: keyed(parts.districts, |district| &district.id, "district", &mut misfits),
            groups: keyed(parts.groups, |group| &group.id, "group", &mut misfits),
            schools: keyed(parts.schools, |school| &school.id, "school", &mut misfits),
            rooms: keyed(parts.rooms, |room| &room.id, "room", &mut misfits),
            people: keyed(parts.people, |person| &person.id, "person", &mut misfits),
            pairings: keyed(parts.pairings, |pairing| &pairing.id, "pairing", &mut misfits),
            paired: BTreeMap::new(),
            room_pairs: parts.room_pairs,
            weeklies: weeklies.map(|(place, weekly)| (weekly.id.clone(), place)).collect(),
            week: parts.week,
            timetable: Timetable::new(parts.entries.iter().cloned().chain(expanded).collect()),
            single: parts.entries,
        };
        for pairing in alliance.pairings.values() {
            let of_lead = alliance.paired.entry(pairing.lead.clone()).or_default();
            of_lead.entry(pairing.member.clone()).or_default().push(pairing.id.clone());
        }
        misfits.extend(unplaced.into_iter().map(Misfit::from));
        let mut fitting = Fitting { alliance: &alliance, misfits };
        fitting.check_all();
        if fitting.misfits.is_empty() { Ok(alliance) } else { Err(fitting.misfits) }
    }

    /// The parts again.
    pub fn to_parts(&self) -> Parts {
        Parts {
            districts: self.districts.values().cloned().collect(),
            groups: self.groups.values().cloned().collect(),
            schools: self.schools.values().cloned().collect(),
            rooms: self.rooms.values().cloned().collect(),
            people: self.people.values().cloned().collect(),
            pairings: self.pairings.values().cloned().collect(),
            room_pairs: self.room_pairs.clone(),
            week: self.week.clone(),
            entries: self.single.clone(),
        }
    }

    /// A district.
    pub fn district(&self, id: &DistrictId) -> Option<&District> {
        self.districts.get(id)
    }

    /// Every district.
    pub fn districts(&self) -> impl Iterator<Item = &District> {
        self.districts.values()
    }

    /// Every group.
    pub fn groups(&self) -> impl Iterator<Item = &Group> {
        self.groups.values()
    }

    /// A pairing.
    pub fn pairing(&self, id: &PairingId) -> Option<&Pairing> {
        self.pairings.get(id)
    }

    /// Every pairing.
    pub fn pairings(&self) -> impl Iterator<Item = &Pairing> {
        self.pairings.values()
    }

    /// Every room pair.
    pub fn room_pairs(&self) -> &[RoomPair] {
        &self.room_pairs
    }

    /// The weekly timetable.
    pub const fn week(&self) -> &WeekPlan {
        &self.week
    }

    /// A weekly lesson.
    pub fn weekly(&self, id: &str) -> Option<&Weekly> {
        let id = LessonId::new(id).ok()?;
        self.weeklies.get(&id).map(|place| &self.week.weeklies[*place])
    }

    /// Whether a lesson is planned by itself, and no weekly one.
    pub fn is_single(&self, lesson: &LessonId) -> bool {
        self.single.iter().any(|entry| entry.lesson == *lesson)
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

    /// Whether a room may be in a lesson of a lead school at `now`: it is one of its own, or of a school that is paired
    /// with it then.
    pub fn may_listen(&self, lead: &SchoolId, room: &RoomId, now: Time) -> bool {
        let Some(room) = self.room(room) else { return false };
        room.school == *lead || self.holds(lead, &room.school, now)
    }

    /// The lead schools that are paired with a school at `now`.
    pub fn leads_of<'a>(&'a self, member: &'a SchoolId, now: Time) -> impl Iterator<Item = &'a School> {
        self.paired.keys().filter(move |lead| self.holds(lead, member, now)).filter_map(|lead| self.school(lead))
    }

    fn holds(&self, lead: &SchoolId, member: &SchoolId, now: Time) -> bool {
        let pairings = self.paired.get(lead).and_then(|members| members.get(member)).into_iter().flatten();
        pairings.filter_map(|id| self.pairing(id)).any(|pairing| pairing.holds(now))
    }
}

/// What has no id of its own in the order of its key, so that two plans of the same parts are the same; and what is there
/// twice.
fn put_in_order(parts: &mut Parts) -> Vec<Misfit> {
    let mut twice = Vec::new();
    let week = &mut parts.week;
    sort(&mut parts.room_pairs, |pair| (pair.lead_room.clone(), pair.room.clone()), "room pair", &mut twice);
    sort(&mut week.terms, |term| term.id.clone(), "term", &mut twice);
    sort(&mut week.bells, |bell| (bell.whose.clone(), bell.period), "bell", &mut twice);
    sort(&mut week.weeklies, |weekly| weekly.id.clone(), "weekly lesson", &mut twice);
    sort(&mut week.amendments, |it| (it.weekly.clone(), it.day), "change of", &mut twice);
    sort(&mut week.shifts, |shift| (shift.day, shift.whose.clone()), "shift of bells", &mut twice);
    parts.entries.sort_by(|a, b| (a.starts, &a.lesson).cmp(&(b.starts, &b.lesson)));
    twice
}

fn sort<T, K: Ord + std::fmt::Debug>(things: &mut [T], key: impl Fn(&T) -> K, kind: &str, twice: &mut Vec<Misfit>) {
    things.sort_by_cached_key(&key);
    let doubles = things.windows(2).filter(|two| key(&two[0]) == key(&two[1]));
    twice.extend(doubles.map(|two| Misfit::Twice(format!("{kind} {:?}", key(&two[0])))));
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
    use crate::lesson::school::Kind;

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
        let (lead, room) = (SchoolId::new("shiyan").unwrap(), RoomId::new("shiqiao-1").unwrap());
        let next_year = NOW + std::time::Duration::from_secs(365 * 86_400);
        assert!(demo.may_listen(&lead, &room, NOW) && !demo.may_listen(&lead, &room, next_year));
        let member = &demo.room(&room).unwrap().school;
        assert_eq!(demo.leads_of(member, NOW).map(|school| &school.id).collect::<Vec<_>>(), [&lead]);
        assert_eq!(demo.school_name_of(&room), "石桥教学点");
    }
}
