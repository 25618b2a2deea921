//! Whether the parts of an alliance fit together.

use std::collections::BTreeSet;

use super::alliance::Alliance;
use super::expand::Unplaced;
use super::id::{DistrictId, LessonId, RoomId, SchoolId};
use super::pairing::{Pairing, RoomPair};
use super::school::Kind;
use super::timetable::{Entry, LESSON_MAX};
use super::week::{Amended, Amendment, Weekly, Whose};

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
    /// A lesson is longer than half a day.
    #[error("lesson {0} is longer than 12 hours")]
    TooLong(LessonId),
    /// A school that listens is asked to teach.
    #[error("{0} is led by {1}, which is not a lead school")]
    NotLead(String, SchoolId),
    /// A lesson invites a room that its school has no pair with at that time.
    #[error("lesson {0} invites room {1}, whose school is not paired with the lead school then")]
    NotPaired(LessonId, RoomId),
    /// A room pair holds a room of a school that the pairing is not about.
    #[error("the room pair {0} and {1} is not of the two schools of its pairing")]
    NotOfPairing(RoomId, RoomId),
    /// A weekly lesson has no place.
    #[error(transparent)]
    Unplaced(#[from] Unplaced),
}

impl Misfit {
    /// The sentence in Chinese. In English it is its display.
    pub fn zh(&self) -> String {
        match self {
            Self::Twice(what) => format!("{what} 重复"),
            Self::Missing(what, named) => format!("{what} 引用了不存在的 {named}"),
            Self::Backwards(what) => format!("{what} 的结束早于开始"),
            Self::TooLong(lesson) => format!("课程 {lesson} 超过 12 小时"),
            Self::NotLead(what, school) => format!("{what} 的主讲学校 {school} 不是牵头校"),
            Self::NotPaired(lesson, room) => format!("课程 {lesson} 的听讲教室 {room} 所在学校当时没有与主讲学校结对"),
            Self::NotOfPairing(lead_room, room) => format!("教室对 {lead_room} 与 {room} 不属于该结对的两所学校"),
            Self::Unplaced(unplaced) => unplaced.zh(),
        }
    }
}

/// Looks at everything, and notes what does not fit.
pub(super) struct Fitting<'a> {
    pub(super) alliance: &'a Alliance,
    pub(super) misfits: Vec<Misfit>,
}

impl Fitting<'_> {
    pub(super) fn check_all(&mut self) {
        self.check_people();
        self.alliance.pairings().for_each(|pair| self.check_pairing(pair));
        self.alliance.room_pairs().iter().for_each(|pair| self.check_room_pair(pair));
        self.check_bells();
        self.alliance.week().weeklies.iter().for_each(|weekly| self.check_weekly(weekly));
        self.alliance.week().amendments.iter().for_each(|amendment| self.check_amendment(amendment));
        self.check_entries();
    }

    fn check_people(&mut self) {
        for school in self.alliance.schools() {
            if let Some(district) = &school.district {
                self.check_district(&format!("school {}", school.id), district);
            }
        }
        for group in self.alliance.groups() {
            group.schools.iter().for_each(|school| self.check_school(&format!("group {}", group.id), school));
        }
        for room in self.alliance.rooms() {
            self.check_school(&format!("room {}", room.id), &room.school);
        }
        for person in self.alliance.people() {
            self.check_school(&format!("person {}", person.id), &person.school);
        }
    }

    fn check_pairing(&mut self, pair: &Pairing) {
        let what = format!("the pairing {}", pair.id);
        self.check_lead(&what, &pair.lead);
        self.check_school(&what, &pair.member);
        if pair.ends <= pair.starts {
            self.misfits.push(Misfit::Backwards(what));
        }
    }

    fn check_room_pair(&mut self, pair: &RoomPair) {
        let what = format!("the room pair {} and {}", pair.lead_room, pair.room);
        let Some(pairing) = self.alliance.pairing(&pair.pairing) else {
            let missing = Misfit::Missing(what, format!("pairing {}", pair.pairing));
            return self.misfits.push(missing);
        };
        self.check_room(&what, &pair.lead_room);
        self.check_room(&what, &pair.room);
        let of = |room: &RoomId, school: &SchoolId| self.alliance.room(room).is_none_or(|room| room.school == *school);
        if !of(&pair.lead_room, &pairing.lead) || !of(&pair.room, &pairing.member) {
            self.misfits.push(Misfit::NotOfPairing(pair.lead_room.clone(), pair.room.clone()));
        }
    }

    fn check_bells(&mut self) {
        let week = self.alliance.week();
        for bell in &week.bells {
            self.check_whose(&format!("the bell of period {}", bell.period), &bell.whose);
        }
        for shift in &week.shifts {
            self.check_whose(&format!("the bells of {}", shift.day), &shift.whose);
        }
    }

    fn check_whose(&mut self, what: &str, whose: &Whose) {
        match whose {
            Whose::All => {}
            Whose::District(district) => self.check_district(what, district),
            Whose::School(school) => self.check_school(what, school),
        }
    }

    fn check_weekly(&mut self, weekly: &Weekly) {
        let what = format!("weekly lesson {}", weekly.id);
        self.check_lead(&what, &weekly.lead);
        self.check_person(&what, weekly.teacher.as_str(), self.alliance.person(&weekly.teacher).is_some());
        weekly.rooms.iter().chain(&weekly.lead_room).for_each(|room| self.check_room(&what, room));
        if weekly.span.is_empty() || !(1..=7).contains(&weekly.weekday) {
            self.misfits.push(Misfit::Backwards(what));
        }
    }

    fn check_amendment(&mut self, amendment: &Amendment) {
        if let Amended::Substitute(person) = &amendment.what {
            let what = format!("the change of {} on {}", amendment.weekly, amendment.day);
            self.check_person(&what, person.as_str(), self.alliance.person(person).is_some());
        }
    }

    fn check_entries(&mut self) {
        let (mut seen, mut told) = (BTreeSet::new(), BTreeSet::new());
        for entry in self.alliance.timetable().entries() {
            if !seen.insert(&entry.lesson) {
                self.misfits.push(Misfit::Twice(format!("lesson {}", entry.lesson)));
            }
            // What is wrong with a weekly lesson is wrong every week.
            let known = self.misfits.len();
            if !told.contains(entry.series()) {
                self.check_entry(entry);
            }
            if self.misfits.len() > known {
                told.insert(entry.series());
            }
        }
    }

    fn check_entry(&mut self, entry: &Entry) {
        let what = || format!("lesson {}", entry.lesson);
        if self.alliance.weekly(entry.series()).is_none() {
            let what = what();
            self.check_lead(&what, &entry.lead);
            self.check_person(&what, entry.teacher.as_str(), self.alliance.person(&entry.teacher).is_some());
            entry.rooms.iter().for_each(|room| self.check_room(&what, room));
        }
        for room in &entry.rooms {
            if !self.alliance.may_listen(&entry.lead, room, entry.starts) {
                self.misfits.push(Misfit::NotPaired(entry.lesson.clone(), room.clone()));
            }
        }
        if entry.ends <= entry.starts {
            self.misfits.push(Misfit::Backwards(what()));
        } else if entry.ends.since(entry.starts) > LESSON_MAX {
            self.misfits.push(Misfit::TooLong(entry.lesson.clone()));
        }
    }

    fn check_lead(&mut self, what: &str, school: &SchoolId) {
        self.check_school(what, school);
        if self.alliance.school(school).is_some_and(|school| school.kind != Kind::Lead) {
            self.misfits.push(Misfit::NotLead(what.to_owned(), school.clone()));
        }
    }

    fn check_district(&mut self, what: &str, district: &DistrictId) {
        if self.alliance.district(district).is_none() {
            let missing = Misfit::Missing(what.to_owned(), format!("district {district}"));
            self.misfits.push(missing);
        }
    }

    fn check_school(&mut self, what: &str, school: &SchoolId) {
        if self.alliance.school(school).is_none() {
            let missing = Misfit::Missing(what.to_owned(), format!("school {school}"));
            self.misfits.push(missing);
        }
    }

    fn check_room(&mut self, what: &str, room: &RoomId) {
        if self.alliance.room(room).is_none() {
            let missing = Misfit::Missing(what.to_owned(), format!("room {room}"));
            self.misfits.push(missing);
        }
    }

    fn check_person(&mut self, what: &str, person: &str, is_there: bool) {
        if !is_there {
            let missing = Misfit::Missing(what.to_owned(), format!("person {person}"));
            self.misfits.push(missing);
        }
    }
}
