//! The weekly timetable of a term: what is taught when, week after week, and what is different on single days.

use std::fmt;
use std::ops::RangeInclusive;

use super::calendar::{Day, Minute};
use super::id::{DistrictId, LessonId, PersonId, RoomId, SchoolId, TermId};

/// A term: weeks are counted from its first day's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// Its id.
    pub id: TermId,
    /// What people call it.
    pub name: String,
    /// Its first day.
    pub first: Day,
    /// How many weeks it has.
    pub weeks: u8,
}

impl Term {
    /// The Monday of a week, counted from 1.
    pub fn monday(&self, week: u8) -> Day {
        let into_week = u32::from(self.first.weekday() - 1);
        let monday = self.first.plus(7 * u32::from(week.saturating_sub(1)));
        // The first day may be in the middle of the first week: its Monday is before it.
        let back = |days| (0..days).fold(monday, |day, _| day.before());
        back(into_week)
    }

    /// The week that a day is in, if it is in the term.
    pub fn week_of(&self, day: Day) -> Option<u8> {
        let week = u8::try_from(day.since(self.monday(1))? / 7 + 1).ok()?;
        (week <= self.weeks && day >= self.first).then_some(week)
    }
}

/// At which schools bells ring. A school's own go before its district's, and those before everybody's.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Whose {
    /// At all.
    All,
    /// At those of a district.
    District(DistrictId),
    /// At one.
    School(SchoolId),
}

impl fmt::Display for Whose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all schools"),
            Self::District(district) => write!(f, "district {district}"),
            Self::School(school) => write!(f, "school {school}"),
        }
    }
}

/// When a period's bells ring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bell {
    /// At which schools.
    pub whose: Whose,
    /// 节次, from 1.
    pub period: u8,
    /// When it begins.
    pub starts: Minute,
    /// How many minutes it takes: 40 or 45, mostly.
    pub lasts: u16,
}

/// In which weeks something is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Weeks {
    /// Every week.
    #[default]
    All,
    /// 单周.
    Odd,
    /// 双周.
    Even,
}

impl Weeks {
    /// Its name in files and tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Odd => "odd",
            Self::Even => "even",
        }
    }

    /// The weeks of that name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::All, Self::Odd, Self::Even].into_iter().find(|weeks| weeks.as_str() == name)
    }

    /// Whether a week is among them.
    pub const fn has(self, week: u8) -> bool {
        match self {
            Self::All => true,
            Self::Odd => week % 2 == 1,
            Self::Even => week.is_multiple_of(2),
        }
    }
}

/// A lesson that comes every week.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weekly {
    /// With the day's digits behind it, the id of each of its lessons.
    pub id: LessonId,
    /// In which term.
    pub term: TermId,
    /// 1 is Monday, 7 Sunday.
    pub weekday: u8,
    /// 节次.
    pub period: u8,
    /// In which weeks.
    pub weeks: Weeks,
    /// From which week to which.
    pub span: RangeInclusive<u8>,
    /// What it is about.
    pub title: String,
    /// The subject.
    pub subject: String,
    /// Who teaches it.
    pub teacher: PersonId,
    /// The lead school.
    pub lead: SchoolId,
    /// The room it is taught in, with the class that sits there.
    pub lead_room: Option<RoomId>,
    /// The rooms that listen.
    pub rooms: Vec<RoomId>,
}

/// One lesson that is not as its week has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amendment {
    /// Which weekly lesson.
    pub weekly: LessonId,
    /// On which day it would have been.
    pub day: Day,
    /// What is different.
    pub what: Amended,
    /// Why.
    pub reason: String,
}

/// What is different with one lesson.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Amended {
    /// 调课: it is at another time. Its id stays.
    Moved {
        /// On which day.
        to: Day,
        /// In which period.
        period: u8,
    },
    /// 代课: somebody else teaches it.
    Substitute(PersonId),
    /// 停课: it is not.
    Cancelled,
}

impl Amended {
    /// Its name in messages.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Moved { .. } => "moved",
            Self::Substitute(_) => "substitute",
            Self::Cancelled => "cancelled",
        }
    }
}

/// All bells of one day ring earlier or later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BellShift {
    /// On which day.
    pub day: Day,
    /// At which schools.
    pub whose: Whose,
    /// By how many minutes; below zero is earlier.
    pub minutes: i16,
    /// Why.
    pub reason: String,
}

/// Everything that recurs, and its exceptions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WeekPlan {
    /// The terms.
    pub terms: Vec<Term>,
    /// The bells.
    pub bells: Vec<Bell>,
    /// The weekly lessons.
    pub weeklies: Vec<Weekly>,
    /// What is different on single days.
    pub amendments: Vec<Amendment>,
    /// Days on which the bells are different.
    pub shifts: Vec<BellShift>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_are_counted_from_the_monday_of_the_first_day() {
        // A Tuesday.
        let first = "2026-09-01".parse().unwrap();
        let term = Term { id: TermId::new("2026-1").unwrap(), name: "上学期".into(), first, weeks: 20 };
        assert_eq!(term.monday(1).to_string(), "2026-08-31");
        assert_eq!(term.monday(2).to_string(), "2026-09-07");
        let week = |day: &str| term.week_of(day.parse().unwrap());
        assert_eq!((week("2026-08-31"), week("2026-09-01"), week("2026-09-06")), (None, Some(1), Some(1)));
        assert_eq!((week("2026-09-07"), week("2027-01-17"), week("2027-01-18")), (Some(2), Some(20), None));
    }

    #[test]
    fn odd_and_even_weeks_share_all_weeks_between_them() {
        for week in 1..=40 {
            assert!(Weeks::All.has(week) && Weeks::Odd.has(week) != Weeks::Even.has(week));
        }
        assert!(Weeks::Odd.has(1) && Weeks::Even.has(2));
    }
}
