//! The weekly timetable as single lessons, each with its moment.

use std::collections::BTreeMap;
use std::time::Duration;

use super::calendar::{Day, Minute};
use super::id::{DistrictId, LessonId, SchoolId, TermId};
use super::timetable::Entry;
use super::week::{Amended, Amendment, Bell, BellShift, Term, WeekPlan, Weekly, Whose};

/// Something of a week plan that cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unplaced {
    /// A weekly lesson is in a term that is not there.
    #[error("weekly lesson {0} is in term {1}, which is not there")]
    NoTerm(LessonId, TermId),
    /// A lesson is in a period that has no bell.
    #[error("weekly lesson {0} is in period {1}, which has no bell")]
    NoBell(LessonId, u8),
    /// A day's id would be too long, or two lessons would have the same.
    #[error("weekly lesson {0} has too long an id")]
    LongId(LessonId),
    /// An amendment is of a lesson that is not on that day.
    #[error("weekly lesson {0} has no lesson on {1} to be changed")]
    NothingThere(LessonId, Day),
}

impl Unplaced {
    /// The sentence in Chinese. In English it is its display.
    pub fn zh(&self) -> String {
        match self {
            Self::NoTerm(weekly, term) => format!("课程 {weekly} 的学期 {term} 不存在"),
            Self::NoBell(weekly, period) => format!("课程 {weekly} 的第 {period} 节没有作息时间"),
            Self::LongId(weekly) => format!("课程 {weekly} 的编号太长"),
            Self::NothingThere(weekly, day) => format!("{day} 没有课程 {weekly},不能调整"),
        }
    }
}

/// Which district each school is in.
pub type Districts = BTreeMap<SchoolId, DistrictId>;

/// Every lesson of the plan, and what of it has no place.
pub fn expand(plan: &WeekPlan, districts: &Districts) -> (Vec<Entry>, Vec<Unplaced>) {
    let mut places = Places::of(plan, districts);
    let mut entries = Vec::new();
    for weekly in &plan.weeklies {
        match plan.terms.iter().find(|term| term.id == weekly.term) {
            Some(term) => places.expand_weekly(weekly, term, &mut entries),
            None => places.unplaced.push(Unplaced::NoTerm(weekly.id.clone(), weekly.term.clone())),
        }
    }
    places.unplaced.extend(
        places
            .amendments
            .into_values()
            .filter(|(_, met)| !met)
            .map(|(amendment, _)| Unplaced::NothingThere(amendment.weekly.clone(), amendment.day)),
    );
    (entries, places.unplaced)
}

/// The days of a weekly lesson.
pub fn days<'a>(weekly: &'a Weekly, term: &'a Term) -> impl Iterator<Item = Day> + 'a {
    let weeks = weekly.span.clone().filter(|week| (1..=term.weeks).contains(week) && weekly.weeks.has(*week));
    let days = weeks.map(|week| term.monday(week).plus(u32::from(weekly.weekday.saturating_sub(1))));
    days.filter(|day| *day >= term.first)
}

/// What is needed to find a lesson's moment, and what was not found.
struct Places<'a> {
    bells: BTreeMap<(&'a Whose, u8), &'a Bell>,
    shifts: BTreeMap<Day, Vec<&'a BellShift>>,
    /// Where the bells of each lead school are looked for, the nearest first.
    looks: BTreeMap<&'a SchoolId, Vec<Whose>>,
    /// With whether their lesson was met.
    amendments: BTreeMap<(&'a LessonId, Day), (&'a Amendment, bool)>,
    unplaced: Vec<Unplaced>,
}

impl<'a> Places<'a> {
    fn of(plan: &'a WeekPlan, districts: &Districts) -> Self {
        let bells = plan.bells.iter().map(|bell| ((&bell.whose, bell.period), bell)).collect();
        let mut shifts: BTreeMap<Day, Vec<&BellShift>> = BTreeMap::new();
        for shift in &plan.shifts {
            shifts.entry(shift.day).or_default().push(shift);
        }
        let looks = plan.weeklies.iter().map(|weekly| (&weekly.lead, looks(&weekly.lead, districts))).collect();
        let key = |amendment: &'a Amendment| (&amendment.weekly, amendment.day);
        let amendments = plan.amendments.iter().map(|amendment| (key(amendment), (amendment, false))).collect();
        Self { bells, shifts, looks, amendments, unplaced: Vec::new() }
    }

    fn expand_weekly(&mut self, weekly: &'a Weekly, term: &Term, entries: &mut Vec<Entry>) {
        for day in days(weekly, term) {
            let amended = self.amendments.get_mut(&(&weekly.id, day)).map(|(amendment, met)| {
                *met = true;
                &amendment.what
            });
            match self.entry(weekly, day, amended) {
                Ok(entry) => entries.extend(entry),
                // The same fault on each of its days is told once.
                Err(why) => return self.unplaced.push(why),
            }
        }
    }

    /// One lesson; none if it is cancelled.
    fn entry(&self, weekly: &Weekly, day: Day, amended: Option<&Amended>) -> Result<Option<Entry>, Unplaced> {
        let (mut at, mut period, mut teacher) = (day, weekly.period, &weekly.teacher);
        match amended {
            Some(Amended::Cancelled) => return Ok(None),
            Some(Amended::Moved { to, period: other }) => (at, period) = (*to, *other),
            Some(Amended::Substitute(person)) => teacher = person,
            None => {}
        }
        let bell = self.bell(&weekly.lead, period).ok_or_else(|| Unplaced::NoBell(weekly.id.clone(), period))?;
        let lesson = LessonId::new(&format!("{}-{}", weekly.id, day.digits()));
        let starts = at.at(self.shifted(bell.starts, at, &weekly.lead));
        Ok(Some(Entry {
            lesson: lesson.map_err(|_| Unplaced::LongId(weekly.id.clone()))?,
            title: weekly.title.clone(),
            subject: weekly.subject.clone(),
            teacher: teacher.clone(),
            lead: weekly.lead.clone(),
            rooms: weekly.rooms.clone(),
            starts,
            ends: starts + Duration::from_secs(60 * u64::from(bell.lasts)),
        }))
    }

    fn bell(&self, school: &SchoolId, period: u8) -> Option<&'a Bell> {
        self.looks.get(school)?.iter().find_map(|whose| self.bells.get(&(whose, period)).copied())
    }

    /// A bell with everything that moves it on a day.
    fn shifted(&self, bell: Minute, day: Day, school: &SchoolId) -> Minute {
        let looks = self.looks.get(school).map_or(&[][..], Vec::as_slice);
        let of_day = self.shifts.get(&day).into_iter().flatten();
        let ours = of_day.filter(|shift| looks.contains(&shift.whose));
        ours.fold(bell, |bell, shift| bell.moved(shift.minutes))
    }
}

fn looks(school: &SchoolId, districts: &Districts) -> Vec<Whose> {
    let district = districts.get(school).cloned().map(Whose::District);
    [Some(Whose::School(school.clone())), district, Some(Whose::All)].into_iter().flatten().collect()
}
