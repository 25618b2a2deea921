//! A large alliance for measuring: many lessons at once, each with rooms of its own, all running right now.

use std::time::Duration;

use crate::base::time::Time;

use super::alliance::{Alliance, Parts};
use super::id::{LessonId, PairingId, PersonId, RoomId, SchoolId};
use super::pairing::Pairing;
use super::school::{Bond, Kind, Person, Room, School};
use super::timetable::{Entry, day};

/// As long as a lesson of the small demo.
const LASTS: Duration = Duration::from_secs(95 * 60);
const TERM: Duration = Duration::from_secs(120 * 24 * 3_600);

/// How large a county is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct County {
    /// Lessons that run at once.
    pub lessons: u16,
    /// Rooms that are invited to each of them, and to no other.
    pub rooms: u16,
}

impl Alliance {
    /// A county whose lessons `county-001-<day>`, `county-002-<day>`, … all run for the next hour and a half.
    ///
    /// # Panics
    /// Never: a test builds one.
    pub fn county(county: County, now: Time) -> Self {
        let mut parts = Parts::default();
        for lesson in 1..=county.lessons {
            add_lesson(&mut parts, lesson, county.rooms, now);
        }
        Self::new(parts).expect("a county's parts fit together")
    }
}

fn add_lesson(parts: &mut Parts, lesson: u16, rooms: u16, now: Time) {
    let starts = now - Duration::from_micros(now.micros() % 300_000_000);
    let number = day(now).0.millis() / 86_400_000;
    let (lead, member) = (school_id("lead", lesson), school_id("member", lesson));
    let teacher = PersonId::new(&format!("teacher-{lesson:03}")).expect("small letters and a number");
    let rooms: Vec<RoomId> = (1..=rooms).map(|room| room_id(lesson, room)).collect();
    parts.schools.push(School {
        id: lead.clone(),
        name: format!("主讲学校{lesson}"),
        kind: Kind::Lead,
        district: None,
    });
    parts.schools.push(School {
        id: member.clone(),
        name: format!("教学点{lesson}"),
        kind: Kind::TeachingPoint,
        district: None,
    });
    parts.people.push(Person { id: teacher.clone(), school: lead.clone(), name: format!("老师{lesson}") });
    for (place, room) in (1..).zip(&rooms) {
        let name = format!("教室{place}");
        parts.rooms.push(Room { id: room.clone(), school: member.clone(), name });
    }
    parts.pairings.push(Pairing {
        id: PairingId::new(&format!("pair-{lesson:03}")).expect("small letters and a number"),
        lead: lead.clone(),
        member: member.clone(),
        kind: Bond::Network,
        starts: now - TERM,
        ends: now + TERM,
    });
    parts.entries.push(Entry {
        lesson: LessonId::new(&format!("county-{lesson:03}-{number}")).expect("small letters and numbers"),
        title: format!("第{lesson}课"),
        subject: "数学".into(),
        teacher,
        lead,
        rooms,
        starts,
        ends: starts + LASTS,
    });
}

fn school_id(kind: &str, lesson: u16) -> SchoolId {
    SchoolId::new(&format!("{kind}-{lesson:03}")).expect("small letters and a number")
}

fn room_id(lesson: u16, room: u16) -> RoomId {
    RoomId::new(&format!("room-{lesson:03}-{room:05}")).expect("small letters and numbers")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_county_has_every_lesson_now_with_rooms_of_its_own() {
        let now = Time::from_micros(1_763_654_400_000_000);
        let alliance = Alliance::county(County { lessons: 3, rooms: 40 }, now);
        assert_eq!((alliance.rooms().count(), alliance.timetable().entries().len()), (120, 3));
        for room in alliance.rooms() {
            let entry = alliance.timetable().now_for_room(&room.id, now).expect("a lesson now");
            assert!(entry.lesson.as_str()[7..10] == room.id.as_str()[5..8], "{} in {}", room.id, entry.lesson);
            assert!(now + 80 * Duration::from_secs(60) < entry.ends);
        }
    }
}
