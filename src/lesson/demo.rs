//! A small alliance for trying things: one lead school, two rural rooms, and a lesson that runs right now.

use std::time::Duration;

use crate::base::time::Time;

use super::alliance::{Alliance, Parts};
use super::id::{LessonId, PairingId, PersonId, RoomId, SchoolId};
use super::pairing::Pairing;
use super::school::{Bond, Kind, Person, Room, School};
use super::timetable::{Entry, day};

const MINUTE: Duration = Duration::from_secs(60);
const TERM: Duration = Duration::from_secs(120 * 24 * 3_600);

/// (id, name, kind)
const SCHOOLS: [(&str, &str, Kind); 3] = [
    ("shiyan", "实验小学", Kind::Lead),
    ("qingshui", "清水镇中心小学", Kind::Member),
    ("shiqiao", "石桥教学点", Kind::TeachingPoint),
];

/// (id, school, name)
const ROOMS: [(&str, &str, &str); 2] = [("qingshui-1", "qingshui", "五年级1班"), ("shiqiao-1", "shiqiao", "五年级")];

impl Alliance {
    /// The demo's alliance on the day of `now`. Its lesson `math-<day>` is running for the next hour and a half; two
    /// lessons came before it and one comes after.
    ///
    /// # Panics
    /// Never: a test builds it for every hour of a day.
    pub fn demo(now: Time) -> Self {
        let parts = Parts {
            schools: SCHOOLS.into_iter().map(school).collect(),
            rooms: ROOMS.into_iter().map(room).collect(),
            people: vec![Person { id: teacher(), school: school_id("shiyan"), name: "王敏".into() }],
            pairings: SCHOOLS[1..].iter().map(|(member, ..)| pairing(member, now)).collect(),
            entries: entries(now),
            ..Parts::default()
        };
        Self::new(parts).expect("the demo's parts fit together")
    }
}

fn entries(now: Time) -> Vec<Entry> {
    let (midnight, _) = day(now);
    let starts = now - Duration::from_micros(now.micros() % 300_000_000);
    let ends = starts + 95 * MINUTE;
    let number = midnight.millis() / 86_400_000;
    let plan = [
        ("chinese", "草船借箭", "语文", starts - 100 * MINUTE, starts - 60 * MINUTE),
        ("english", "My day", "英语", starts - 50 * MINUTE, starts - 10 * MINUTE),
        ("math", "分数的初步认识", "数学", starts, ends),
        ("science", "光的传播", "科学", ends + 10 * MINUTE, ends + 50 * MINUTE),
    ];
    plan.into_iter()
        .map(|(id, title, subject, starts, ends)| Entry {
            lesson: LessonId::new(&format!("{id}-{number}")).expect("small letters and a number"),
            title: title.into(),
            subject: subject.into(),
            teacher: teacher(),
            lead: school_id("shiyan"),
            rooms: ROOMS.into_iter().map(|(id, ..)| room_id(id)).collect(),
            starts,
            ends,
        })
        .collect()
}

fn school((id, name, kind): (&str, &str, Kind)) -> School {
    School { id: school_id(id), name: name.into(), kind, district: None }
}

fn room((id, school, name): (&str, &str, &str)) -> Room {
    Room { id: room_id(id), school: school_id(school), name: name.into() }
}

fn pairing(member: &str, now: Time) -> Pairing {
    let id = PairingId::new(&format!("shiyan-{member}")).expect("written here");
    let (lead, member) = (school_id("shiyan"), school_id(member));
    Pairing { id, lead, member, kind: Bond::UrbanRural, starts: now - TERM, ends: now + TERM }
}

fn teacher() -> PersonId {
    PersonId::new("wang-min").expect("written here")
}

fn school_id(id: &str) -> SchoolId {
    SchoolId::new(id).expect("written here")
}

fn room_id(id: &str) -> RoomId {
    RoomId::new(id).expect("written here")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demo_has_a_lesson_now_at_every_hour_of_the_day() {
        for half_hour in 0..48 {
            let now = Time::from_micros(1_763_654_400_000_000) + half_hour * 30 * MINUTE + MINUTE;
            let demo = Alliance::demo(now);
            for room in demo.rooms() {
                let entry = demo.timetable().now_for_room(&room.id, now).expect("a lesson now");
                assert_eq!(entry.title, "分数的初步认识");
                assert!(entry.starts <= now && now + 60 * MINUTE < entry.ends);
                assert_eq!(demo.timetable().entries().len(), 4);
            }
        }
    }
}
