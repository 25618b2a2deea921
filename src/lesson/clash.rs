//! Lessons that are in each other's way: a teacher, a room or a class cannot be in two at once.

use std::collections::{BTreeMap, BTreeSet};

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

/// Every clash among lessons, in the order of what is needed and then of time.
pub fn clashes(entries: &[Entry], plan: &WeekPlan) -> Vec<Clash> {
    let weeklies: BTreeMap<_, _> = plan.weeklies.iter().map(|weekly| (weekly.id.as_str(), weekly)).collect();
    let mut needs: Vec<(Needed, &Entry)> = Vec::new();
    for entry in entries {
        needs.push((Needed::Teacher(entry.teacher.clone()), entry));
        needs.extend(entry.rooms.iter().map(|room| (Needed::Room(room.clone()), entry)));
        let class = weeklies.get(entry.series()).and_then(|weekly| weekly.lead_room.clone());
        needs.extend(class.map(|room| (Needed::Class(room), entry)));
    }
    needs.sort_by(|(a, one), (b, other)| (a, one.starts, &one.lesson).cmp(&(b, other.starts, &other.lesson)));
    let mut told = BTreeSet::new();
    let pairs = needs.windows(2).filter_map(|two| {
        let [(needed, one), (also, other)] = two else { return None };
        (needed == also && other.starts < one.ends).then_some((needed, *one, *other))
    });
    let first = pairs.filter(|(needed, one, other)| told.insert(((*needed).clone(), one.series(), other.series())));
    first
        .map(|(needed, one, other)| Clash {
            needed: needed.clone(),
            one: one.lesson.clone(),
            other: other.lesson.clone(),
        })
        .collect()
}
