//! Changes of the plan, one after another, as many administrators and no sense would have them.

use std::slice::Iter;
use std::time::Duration;

use crate::base::time::Time;
use crate::lesson::alliance::Parts;
use crate::lesson::calendar::{Day, Minute};
use crate::lesson::clash::clashes;
use crate::lesson::pairing::{Pairing, RoomPair};
use crate::lesson::plan::{Key, Thing};
use crate::lesson::school::{Bond, District, Group, Kind, Person, Room, School};
use crate::lesson::week::{Amended, Amendment, Bell, BellShift, Term, WeekPlan, Weekly, Weeks, Whose};
use crate::lesson::{Alliance, LessonId, PlanCommand, PlanRefusal};

/// Bytes that one command takes.
const BYTES_EACH: usize = 8;

/// Eight bytes say one command.
pub fn plan(bytes: &[u8]) {
    let _counted = plan_commands(bytes);
}

/// How many commands were taken, and how many refused.
pub(crate) fn plan_commands(bytes: &[u8]) -> (u32, u32) {
    let first = day(0);
    let mut alliance = small(first);
    let (mut taken, mut refused) = (0, 0);
    let mut now = first.at(Minute::MIDNIGHT);
    for eight in bytes.chunks_exact(BYTES_EACH) {
        let mut choice = Choice(eight.iter());
        now = now + Duration::from_secs(u64::from(choice.byte() / 16) * 3_600);
        match alliance.plan(&choice.command(), now) {
            Ok(planned) => {
                taken += 1;
                let mut parts = alliance.to_parts();
                planned.edits.iter().cloned().for_each(|edit| parts.edit(edit));
                assert!(Alliance::new(parts).as_ref() == Ok(&planned.alliance), "its edits are the change");
                is_sound(&alliance, &planned.alliance, now);
                alliance = planned.alliance;
            }
            Err(refusal) => {
                refused += 1;
                is_in_words(&refusal);
            }
        }
    }
    (taken, refused)
}

fn is_sound(before: &Alliance, after: &Alliance, now: Time) {
    assert!(Alliance::new(after.to_parts()).as_ref() == Ok(after), "it fits together");
    assert!(clashes(after.timetable().entries(), after.week()).is_empty(), "nobody is needed twice");
    let mut parts = before.to_parts();
    before.edits_to(after).into_iter().for_each(|edit| parts.edit(edit));
    assert!(Alliance::new(parts).as_ref() == Ok(after), "the differences are all there is");
    for old in before.timetable().entries().iter().filter(|entry| entry.starts < now) {
        let kept = after.entry(&old.lesson).expect("what has begun stays");
        assert_eq!((kept.starts, &kept.teacher, &kept.rooms), (old.starts, &old.teacher, &old.rooms));
    }
    for room in after.rooms() {
        let found = after.timetable().now_for_room(&room.id, now);
        assert!(found.is_none_or(|entry| entry.invites(&room.id)), "a room is sent to its own lesson");
        let today: Vec<_> = after.timetable().today_for_room(&room.id, now).collect();
        let looked: Vec<_> = after.timetable().today(now).filter(|entry| entry.invites(&room.id)).collect();
        assert_eq!(today, looked, "nothing is missed");
    }
}

fn is_in_words(refusal: &PlanRefusal) {
    assert!(!refusal.zh().is_empty() && !refusal.to_string().is_empty() && refusal.code().starts_with("plan_"));
    match refusal {
        PlanRefusal::Misfits(misfits) => assert!(!misfits.is_empty(), "a refusal has a reason"),
        PlanRefusal::Clashes(clashes) => assert!(!clashes.is_empty(), "a refusal has a reason"),
        _ => {}
    }
}

/// Two lead schools, two that listen, and a lesson each week.
fn small(first: Day) -> Alliance {
    let mut parts = Parts::default();
    let mut choice = Choice([].iter());
    for number in 0..4 {
        parts.schools.push(choice.school(number));
        parts.rooms.push(Room { school: id("s", number), ..choice.room(number) });
        parts.people.push(choice.person(number));
    }
    parts.pairings.push(choice.pairing(0));
    parts.week = WeekPlan {
        terms: vec![Term { id: id("t", 0), name: "上学期".into(), first, weeks: 6 }],
        bells: (1..=3).map(|period| bell(Whose::All, period)).collect(),
        weeklies: vec![choice.weekly(0)],
        ..WeekPlan::default()
    };
    Alliance::new(parts).expect("these fit together")
}

/// Reads what is asked for; where bytes end there are zeros.
struct Choice<'a>(Iter<'a, u8>);

impl Choice<'_> {
    fn byte(&mut self) -> u8 {
        self.0.next().copied().unwrap_or(0)
    }

    fn below(&mut self, end: u8) -> u8 {
        self.byte() % end
    }

    fn command(&mut self) -> PlanCommand {
        match self.below(9) {
            0 | 1 => PlanCommand::Add(self.thing()),
            2 => PlanCommand::Alter(self.thing()),
            3 => PlanCommand::End { what: self.key(), last: self.day() },
            4 => PlanCommand::Move {
                lesson: self.lesson(),
                to: self.day(),
                period: self.below(4),
                reason: self.reason(),
            },
            5 => {
                let (lesson, teacher) = (self.lesson(), id("p", self.below(5)));
                PlanCommand::Substitute { lesson, teacher, reason: self.reason() }
            }
            6 => PlanCommand::Cancel { lesson: self.lesson(), reason: self.reason() },
            7 => PlanCommand::Restore { lesson: self.lesson() },
            _ => PlanCommand::CorrectBells(self.shift()),
        }
    }

    fn thing(&mut self) -> Thing {
        let (kind, number) = (self.below(13), self.below(6));
        match kind {
            0 => Thing::District(District { id: id("d", number), name: "学区".into() }),
            1 => Thing::School(self.school(number)),
            2 => {
                let schools = vec![id("s", number), id("s", self.below(6))];
                Thing::Group(Group { id: id("g", number), name: "集团".into(), kind: Bond::Integrated, schools })
            }
            3 => Thing::Room(self.room(number)),
            4 => Thing::Person(self.person(number)),
            5 => Thing::Pairing(self.pairing(number)),
            6 => Thing::RoomPair(RoomPair {
                pairing: id("pair", number),
                lead_room: id("r", 0),
                room: id("r", self.below(6)),
            }),
            7 => {
                Thing::Term(Term { id: id("t", number), name: String::new(), first: self.day(), weeks: self.below(8) })
            }
            8 => Thing::Bell(bell(self.whose(), self.below(4))),
            9 | 10 => Thing::Weekly(self.weekly(number)),
            11 => {
                let (weekly, day) = (id("w", number), self.day());
                Thing::Amendment(Amendment { weekly, day, what: Amended::Cancelled, reason: self.reason() })
            }
            _ => Thing::Shift(self.shift()),
        }
    }

    fn key(&mut self) -> Key {
        let number = self.below(6);
        match self.below(12) {
            0 => Key::District(id("d", number)),
            1 => Key::School(id("s", number)),
            2 => Key::Group(id("g", number)),
            3 => Key::Room(id("r", number)),
            4 => Key::Person(id("p", number)),
            5 => Key::Pairing(id("pair", number)),
            6 => Key::RoomPair((id("r", 0), id("r", number))),
            7 => Key::Term(id("t", number)),
            8 => Key::Bell((self.whose(), number)),
            9 => Key::Weekly(id("w", number)),
            10 => Key::Amendment((id("w", number), self.day())),
            _ => Key::Entry(self.lesson()),
        }
    }

    fn school(&mut self, number: u8) -> School {
        let kind = if number < 2 { Kind::Lead } else { Kind::Member };
        let district = [None, Some(id("d", 0))][usize::from(self.below(2))].clone();
        School { id: id("s", number), name: "小学".into(), kind, district }
    }

    fn room(&mut self, number: u8) -> Room {
        Room { id: id("r", number), school: id("s", self.below(5)), name: "一班".into() }
    }

    fn person(&mut self, number: u8) -> Person {
        Person { id: id("p", number), school: id("s", self.below(5)), name: "老师".into() }
    }

    fn pairing(&mut self, number: u8) -> Pairing {
        let (lead, member) = (id("s", self.below(3)), id("s", 2 + self.below(3)));
        let starts = day(0).at(Minute::MIDNIGHT);
        let ends = day(60 - u32::from(self.below(60))).at(Minute::MIDNIGHT);
        Pairing { id: id("pair", number), lead, member, kind: Bond::UrbanRural, starts, ends }
    }

    fn weekly(&mut self, number: u8) -> Weekly {
        let at = self.byte();
        Weekly {
            id: id("w", number),
            term: id("t", 0),
            weekday: at % 8 + 1,
            period: at / 8 % 4 + 1,
            weeks: [Weeks::All, Weeks::Odd, Weeks::Even][usize::from(self.below(3))],
            span: 1 + self.below(3)..=6,
            title: "分数".into(),
            subject: "数学".into(),
            teacher: id("p", self.below(5)),
            lead: id("s", 0),
            lead_room: Some(id("r", 0)),
            rooms: vec![id("r", 2)],
        }
    }

    fn whose(&mut self) -> Whose {
        match self.below(4) {
            0 => Whose::School(id("s", 0)),
            1 => Whose::District(id("d", 0)),
            _ => Whose::All,
        }
    }

    fn shift(&mut self) -> BellShift {
        let minutes = i16::from(self.byte()) - 128;
        BellShift { day: self.day(), whose: self.whose(), minutes, reason: self.reason() }
    }

    fn lesson(&mut self) -> LessonId {
        let (number, on) = (self.below(6), self.day());
        id(&format!("w-{number}-"), on.digits())
    }

    fn day(&mut self) -> Day {
        day(u32::from(self.below(48)))
    }

    fn reason(&mut self) -> String {
        if self.below(8) == 7 { String::new() } else { "外出学习".into() }
    }
}

fn bell(whose: Whose, period: u8) -> Bell {
    let starts = Minute::new(480 + 50 * u16::from(period)).expect("within a day");
    Bell { whose, period, starts, lasts: 40 }
}

/// A Monday, and days after it.
fn day(number: u32) -> Day {
    "2026-09-07".parse::<Day>().expect("it is a day").plus(number)
}

fn id<Id: std::str::FromStr<Err = crate::lesson::id::BadId>>(kind: &str, number: impl std::fmt::Display) -> Id {
    let text = if kind.ends_with('-') { format!("{kind}{number}") } else { format!("{kind}-{number}") };
    text.parse().expect("small letters and a number")
}
