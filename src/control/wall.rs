//! The timetable as it hangs on the wall: what everybody may read, and what administrators change it by.

use std::sync::Arc;

use serde::Serialize;

use super::gate::LoggedIn;
use super::school::School;
use super::view::{Named, named};
use crate::base::time::Time;
use crate::io::clock;
use crate::lesson::calendar::{Day, Minute};
use crate::lesson::week::{Amended, Amendment, Weekly};
use crate::lesson::{Action, Alliance, Belongs, DistrictId, Entry, Refusal, RoomId, SchoolId, permit_at};

/// Every school that has a timetable (`docs/protocol.md` §8).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WallView {
    today: String,
    schools: Vec<WallSchool>,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WallSchool {
    id: String,
    name: String,
    district: Option<String>,
}

/// A school's week.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WeekView {
    school: Named,
    from: String,
    lessons: Vec<WeekLesson>,
    changes: Vec<ChangeView>,
}

/// A lesson of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WeekLesson {
    id: String,
    day: String,
    starts: String,
    ends: String,
    title: String,
    subject: String,
    teacher: String,
    lead: String,
    rooms: Vec<WallRoom>,
}

/// A room that listens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WallRoom {
    name: String,
    school: String,
}

/// What is not as every week.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChangeView {
    day: String,
    title: String,
    kind: &'static str,
    reason: String,
}

/// The lessons of a day that somebody may change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DayView {
    day: String,
    lessons: Vec<DayLesson>,
    cancelled: Vec<CancelledView>,
    teachers: Vec<TeacherView>,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DayLesson {
    id: String,
    title: String,
    subject: String,
    teacher: Named,
    school: String,
    starts: String,
    ends: String,
    state: &'static str,
    change: Option<&'static str>,
    reason: Option<String>,
}

/// One that is not taught.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CancelledView {
    id: String,
    title: String,
    reason: String,
}

/// Somebody who may be asked to teach.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TeacherView {
    id: String,
    name: String,
    school: String,
}

impl School {
    /// Every school that leads or listens.
    pub fn wall(&self) -> WallView {
        let alliance = self.whole_plan();
        let district = |id: &DistrictId| alliance.district(id).map(|district| district.name.clone());
        let school = |school: &crate::lesson::school::School| WallSchool {
            id: school.id.to_string(),
            name: school.name.clone(),
            district: school.district.as_ref().and_then(district),
        };
        WallView { today: Day::of(clock::now()).to_string(), schools: alliance.schools().map(school).collect() }
    }

    /// The week of a school that `day` is in; without one, this week.
    ///
    /// # Errors
    /// [`Refusal::NotThere`] if there is no such school.
    pub fn week(&self, school: &SchoolId, day: Option<Day>) -> Result<WeekView, Refusal> {
        let alliance = self.whole_plan();
        let found = alliance.school(school).ok_or(Refusal::NotThere)?;
        let monday = monday(day.unwrap_or_else(|| Day::of(clock::now())));
        let (from, until) = (midnight(monday), midnight(monday.plus(7)));
        let ours = alliance.timetable().between(from, until).iter().filter(|entry| concerns(&alliance, entry, school));
        Ok(WeekView {
            school: named(school.as_str(), &found.name),
            from: monday.to_string(),
            lessons: ours.map(|entry| week_lesson(&alliance, entry)).collect(),
            changes: changes(&alliance, school, monday),
        })
    }

    /// The lessons of a day that somebody may change; without one, of today.
    pub fn day(&self, who: &LoggedIn, day: Option<Day>) -> DayView {
        let alliance = self.whole_plan();
        let day = day.unwrap_or_else(|| Day::of(clock::now()));
        let may = |action, thing: &Belongs| who.powers.iter().any(|actor| permit_at(actor, action, thing).is_ok());
        let entries = alliance.timetable().between(midnight(day), midnight(day.plus(1))).iter();
        let theirs = entries.filter(|entry| may(Action::ManageTimetable, &alliance.belongs_lesson(entry)));
        let lessons = theirs.map(|entry| self.day_lesson(&alliance, entry)).collect();
        let of_day = alliance.week().amendments.iter().filter(|it| it.day == day && it.what == Amended::Cancelled);
        let cancelled = of_day.filter_map(|it| Some((it, alliance.weekly(it.weekly.as_str())?)));
        let cancelled =
            cancelled.filter(|(_, weekly)| may(Action::ManageTimetable, &alliance.belongs_school(&weekly.lead)));
        let teachers =
            alliance.people().filter(|person| may(Action::ManageTimetable, &alliance.belongs_school(&person.school)));
        DayView {
            day: day.to_string(),
            lessons,
            cancelled: cancelled.map(|(it, weekly)| cancelled_view(it, weekly)).collect(),
            teachers: teachers
                .map(|person| TeacherView {
                    id: person.id.to_string(),
                    name: person.name.clone(),
                    school: alliance.name_of_school(&person.school).to_owned(),
                })
                .collect(),
        }
    }

    fn day_lesson(&self, alliance: &Alliance, entry: &Entry) -> DayLesson {
        let amendment = alliance.amendment_of(entry);
        DayLesson {
            id: entry.lesson.to_string(),
            title: entry.title.clone(),
            subject: entry.subject.clone(),
            teacher: named(entry.teacher.as_str(), alliance.name_of_person(&entry.teacher)),
            school: alliance.name_of_school(&entry.lead).to_owned(),
            starts: clock_time(entry.starts),
            ends: clock_time(entry.ends),
            state: self.state().phase(&entry.lesson).as_str(),
            change: amendment.map(|it| it.what.as_str()),
            reason: amendment.map(|it| it.reason.clone()),
        }
    }

    fn whole_plan(&self) -> Arc<Alliance> {
        self.known_plan().0
    }
}

fn week_lesson(alliance: &Alliance, entry: &Entry) -> WeekLesson {
    let room = |room: &RoomId| WallRoom {
        name: alliance.room(room).map_or_else(String::new, |room| room.name.clone()),
        school: alliance.school_name_of(room).to_owned(),
    };
    WeekLesson {
        id: entry.lesson.to_string(),
        day: Day::of(entry.starts).to_string(),
        starts: clock_time(entry.starts),
        ends: clock_time(entry.ends),
        title: entry.title.clone(),
        subject: entry.subject.clone(),
        teacher: alliance.name_of_person(&entry.teacher).to_owned(),
        lead: alliance.name_of_school(&entry.lead).to_owned(),
        rooms: entry.rooms.iter().map(room).collect(),
    }
}

/// What is not as every week in the week of `monday`, both where a lesson goes from and where it goes to.
fn changes(alliance: &Alliance, school: &SchoolId, monday: Day) -> Vec<ChangeView> {
    let within = |day: Day| day >= monday && day < monday.plus(7);
    let shown = |it: &&Amendment| within(it.day) || matches!(it.what, Amended::Moved { to, .. } if within(to));
    let ours = alliance.week().amendments.iter().filter(shown).filter_map(|it| {
        let weekly = alliance.weekly(it.weekly.as_str())?;
        let listens = || weekly.rooms.iter().any(|room| is_of(alliance, room, school));
        (weekly.lead == *school || listens()).then(|| ChangeView {
            day: it.day.to_string(),
            title: weekly.title.clone(),
            kind: it.what.as_str(),
            reason: it.reason.clone(),
        })
    });
    ours.collect()
}

fn cancelled_view(amendment: &Amendment, weekly: &Weekly) -> CancelledView {
    CancelledView {
        id: format!("{}-{}", weekly.id, amendment.day.digits()),
        title: weekly.title.clone(),
        reason: amendment.reason.clone(),
    }
}

fn concerns(alliance: &Alliance, entry: &Entry, school: &SchoolId) -> bool {
    entry.lead == *school || entry.rooms.iter().any(|room| is_of(alliance, room, school))
}

fn is_of(alliance: &Alliance, room: &RoomId, school: &SchoolId) -> bool {
    alliance.room(room).is_some_and(|room| room.school == *school)
}

fn monday(day: Day) -> Day {
    (1..day.weekday()).fold(day, |day, _| day.before())
}

fn midnight(day: Day) -> Time {
    day.at(Minute::MIDNIGHT)
}

fn clock_time(at: Time) -> String {
    Minute::of(at).to_string()
}
