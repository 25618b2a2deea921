//! Counties that nobody lives in, for trying an import and for measuring: the shapes that published practice has.

use crate::lesson::alliance::Parts;
use crate::lesson::calendar::{Day, Minute};
use crate::lesson::id::BadId;
use crate::lesson::pairing::{Pairing, RoomPair};
use crate::lesson::school::{Bond, District, Group, Kind, Person, Room, School};
use crate::lesson::week::{Bell, Term, Weekly, Weeks, Whose};
use crate::lesson::{Alliance, DistrictId, LessonId, RoomId, SchoolId};

/// Which shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// 22 districts with 19 lead and 385 member schools.
    County,
    /// Two lead schools, two weak rural ones and a township school between them.
    TwoTwoOne,
    /// 21 counties in 11 pairs: one lead has two members.
    ElevenPairs,
    /// 55 groups with 416 schools in a city.
    FiftyFiveGroups,
}

impl Shape {
    /// Its name on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::County => "county",
            Self::TwoTwoOne => "2+2+1",
            Self::ElevenPairs => "11-pairs",
            Self::FiftyFiveGroups => "55-groups",
        }
    }

    /// The shape of that name.
    pub fn parse(name: &str) -> Option<Self> {
        let all = [Self::County, Self::TwoTwoOne, Self::ElevenPairs, Self::FiftyFiveGroups];
        all.into_iter().find(|shape| shape.as_str() == name)
    }

    /// The whole of it, with a term of 20 weeks from the first day on and a full week's timetable for each lead school.
    ///
    /// # Panics
    /// Never: a test builds each.
    pub fn build(self, first: Day) -> Alliance {
        let mut fixture = Fixture::new(first);
        match self {
            Self::County => {
                for district in 1..=22 {
                    fixture.district(district);
                }
                // 385 members for 19 leads: 20 or 21 each; three districts have members alone.
                for lead in 1..=19 {
                    fixture.cluster(lead, 20 + usize::from(lead <= 5), Bond::UrbanRural, 30);
                }
            }
            Self::TwoTwoOne => {
                fixture.cluster(1, 2, Bond::UrbanRural, 10);
                fixture.cluster(2, 1, Bond::UrbanRural, 10);
            }
            Self::ElevenPairs => {
                for lead in 1..=10 {
                    fixture.cluster(lead, 1, Bond::UrbanRural, 10);
                }
                fixture.cluster(11, 2, Bond::UrbanRural, 10);
            }
            Self::FiftyFiveGroups => {
                // 416 schools: 55 leads and 361 members.
                for lead in 1..=55 {
                    fixture.cluster(lead, 6 + usize::from(lead <= 31), Bond::Integrated, 10);
                }
            }
        }
        Alliance::new(fixture.parts).expect("a fixture's parts fit together")
    }
}

struct Fixture {
    parts: Parts,
    first: Day,
    members: usize,
}

impl Fixture {
    fn new(first: Day) -> Self {
        let mut parts = Parts::default();
        parts.week.terms.push(Term { id: id("term-1"), name: "上学期".into(), first, weeks: 20 });
        for (period, starts) in (1..).zip([500, 550, 610, 660, 840, 890]) {
            let starts = Minute::new(starts).expect("within a day");
            parts.week.bells.push(Bell { whose: Whose::All, period, starts, lasts: 40 });
        }
        Self { parts, first, members: 0 }
    }

    fn district(&mut self, number: usize) {
        let district = District { id: id(&format!("district-{number:02}")), name: format!("第{number}学区") };
        self.parts.districts.push(district);
    }

    /// A lead school with so many members, one room each, and so many lessons a week.
    fn cluster(&mut self, number: usize, members: usize, bond: Bond, lessons: usize) {
        let lead = self.school(&format!("lead-{number:02}"), format!("中心小学第{number}校区"), Kind::Lead, number);
        let lead_room = self.room(&lead, "五年级1班");
        let mut schools = vec![lead.clone()];
        let mut rooms = Vec::new();
        for _ in 0..members {
            self.members += 1;
            let name = self.members;
            // Members of a county's nineteen leads fill all of its districts.
            let kind = if name.is_multiple_of(3) { Kind::TeachingPoint } else { Kind::Member };
            let member = self.school(&format!("member-{name:03}"), format!("第{name}村小学"), kind, name);
            let room = self.room(&member, "五年级");
            self.pair(&lead, &member, bond, &lead_room, &room);
            schools.push(member);
            rooms.push(room);
        }
        let group =
            Group {
                id: id(&format!("group-{number:02}")), name: format!("第{number}教育集团"), kind: bond, schools
            };
        self.parts.groups.push(group);
        self.lessons(number, &lead, &lead_room, &rooms, lessons);
    }

    fn school(&mut self, name: &str, title: String, kind: Kind, number: usize) -> SchoolId {
        let id: SchoolId = id(name);
        let districts = self.parts.districts.len();
        let district = number.checked_sub(1).and_then(|n| n.checked_rem(districts));
        let district: Option<DistrictId> = district.map(|place| self.parts.districts[place].id.clone());
        self.parts.schools.push(School { id: id.clone(), name: title, kind, district });
        id
    }

    fn room(&mut self, school: &SchoolId, name: &str) -> RoomId {
        let room: RoomId = id(&format!("{school}-1"));
        self.parts.rooms.push(Room { id: room.clone(), school: school.clone(), name: name.into() });
        room
    }

    fn pair(&mut self, lead: &SchoolId, member: &SchoolId, kind: Bond, lead_room: &RoomId, room: &RoomId) {
        let pairing: crate::lesson::PairingId = id(&format!("{lead}-{member}"));
        let (starts, ends) = (self.first.at(Minute::MIDNIGHT), self.first.plus(7 * 52).at(Minute::MIDNIGHT));
        let (id, lead, member) = (pairing.clone(), lead.clone(), member.clone());
        self.parts.pairings.push(Pairing { id, lead, member, kind, starts, ends });
        let (lead_room, room) = (lead_room.clone(), room.clone());
        self.parts.room_pairs.push(RoomPair { pairing, lead_room, room });
    }

    /// A lesson in each of so many periods of a week, six a day, taught by the teacher of its subject.
    fn lessons(&mut self, number: usize, lead: &SchoolId, lead_room: &RoomId, rooms: &[RoomId], lessons: usize) {
        const SUBJECTS: [&str; 6] = ["语文", "数学", "英语", "科学", "音乐", "美术"];
        let teachers = SUBJECTS.map(|subject| {
            let place = SUBJECTS.iter().position(|known| *known == subject).unwrap_or(0);
            let person = Person {
                id: id(&format!("teacher-{number:02}-{place}")),
                school: lead.clone(),
                name: format!("{subject}老师{number}"),
            };
            self.parts.people.push(person.clone());
            person.id
        });
        for lesson in 0..lessons {
            let (day, period) = (lesson % 5, lesson / 5 % 6);
            let subject = (day + period) % SUBJECTS.len();
            let weekly: LessonId = id(&format!("w-{number:02}-{}-{}", day + 1, period + 1));
            self.parts.week.weeklies.push(Weekly {
                id: weekly,
                term: id("term-1"),
                weekday: u8::try_from(day + 1).unwrap_or(1),
                period: u8::try_from(period + 1).unwrap_or(1),
                weeks: Weeks::All,
                span: 1..=20,
                title: SUBJECTS[subject].into(),
                subject: SUBJECTS[subject].into(),
                teacher: teachers[subject].clone(),
                lead: lead.clone(),
                lead_room: Some(lead_room.clone()),
                rooms: rooms.to_vec(),
            });
        }
    }
}

fn id<Id: std::str::FromStr<Err = BadId>>(text: &str) -> Id {
    text.parse().expect("small letters and numbers")
}
