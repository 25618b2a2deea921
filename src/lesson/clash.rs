//! Lessons that are in each other's way: a teacher, a room or a class cannot be in two at once.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::id::{LessonId, PersonId, RoomId};
use super::timetable::Entry;
use super::week::WeekPlan;

/// What is needed twice at once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Needed {
    /// Who teaches.
    Teacher(PersonId),
    /// A room that listens.
    Room(RoomId),
    /// The class in the room where it is taught.
    Class(RoomId),
}

/// Two lessons that need the same at once: the first time that two weekly lessons, or two single ones, do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clash {
    /// What both need.
    pub needed: Needed,
    /// The one that starts earlier.
    pub one: LessonId,
    /// The other.
    pub other: LessonId,
}

impl Clash {
    /// The sentence in Chinese. In English it is its display.
    pub fn zh(&self) -> String {
        let Self { needed, one, other } = self;
        match needed {
            Needed::Teacher(id) => format!("教师「{id}」时间冲突:{one} 与 {other}"),
            Needed::Room(id) => format!("教室「{id}」时间冲突:{one} 与 {other}"),
            Needed::Class(id) => format!("班级「{id}」时间冲突:{one} 与 {other}"),
        }
    }
}

impl fmt::Display for Clash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { needed, one, other } = self;
        match needed {
            Needed::Teacher(id) => write!(f, "teacher {id} is in two lessons at once: {one} and {other}"),
            Needed::Room(id) => write!(f, "room {id} is in two lessons at once: {one} and {other}"),
            Needed::Class(id) => write!(f, "class {id} is in two lessons at once: {one} and {other}"),
        }
    }
}

/// Every clash among lessons, in the order of what is needed and then of time.
pub fn clashes(entries: &[Entry], plan: &WeekPlan) -> Vec<Clash> {
    meetings(entries, plan, |one, other| other.starts < one.ends)
}

/// Lessons that are in each other's way as soon as the first goes on after its bell for as long as it may.
pub fn overruns(entries: &[Entry], plan: &WeekPlan) -> Vec<Clash> {
    meetings(entries, plan, |one, other| one.ends <= other.starts && other.starts < one.closes())
}

/// Two lessons after one another that need the same, and of which `meet` is true.
fn meetings(entries: &[Entry], plan: &WeekPlan, meet: impl Fn(&Entry, &Entry) -> bool) -> Vec<Clash> {
    let classes: BTreeMap<_, _> =
        plan.weeklies.iter().filter_map(|weekly| Some((weekly.id.as_str(), weekly.lead_room.as_ref()?))).collect();
    let mut needs: Vec<(NeededBy<'_>, &Entry)> = Vec::new();
    for entry in entries {
        needs.push((NeededBy::Teacher(&entry.teacher), entry));
        let rooms = entry.rooms.iter().chain(classes.get(entry.series()).copied());
        needs.extend(rooms.map(|room| (NeededBy::Room(room), entry)));
    }
    needs.sort_unstable_by(|(a, one), (b, other)| (a, one.starts, &one.lesson).cmp(&(b, other.starts, &other.lesson)));
    let mut told = BTreeSet::new();
    let pairs = needs.windows(2).filter_map(|two| {
        let [(needed, one), (also, other)] = two else { return None };
        let two_lessons = needed == also && one.lesson != other.lesson;
        (two_lessons && meet(one, other)).then_some((*needed, *one, *other))
    });
    let first = pairs.filter(|(needed, one, other)| told.insert((*needed, one.series(), other.series())));
    let clash = |(needed, one, other): (NeededBy<'_>, &Entry, &Entry)| {
        let sits = |room: &RoomId| [one, other].iter().any(|entry| classes.get(entry.series()) == Some(&room));
        let needed = match needed {
            NeededBy::Teacher(person) => Needed::Teacher(person.clone()),
            NeededBy::Room(room) if sits(room) => Needed::Class(room.clone()),
            NeededBy::Room(room) => Needed::Room(room.clone()),
        };
        Clash { needed, one: one.lesson.clone(), other: other.lesson.clone() }
    };
    first.map(clash).collect()
}

/// What a lesson needs, borrowed: there are hundreds of thousands of them in a county's term.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum NeededBy<'a> {
    Teacher(&'a PersonId),
    Room(&'a RoomId),
}
