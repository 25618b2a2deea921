//! Changes of the plan: what an administrator asks for, and what that comes to, or why it cannot be.

mod authority;
pub mod refusal;
mod single;
pub mod thing;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fmt;

use super::alliance::Alliance;
use super::calendar::{Day, Minute};
use super::clash::{Clash, clashes};
use super::id::{LessonId, PersonId};
use super::timetable::Entry;
use super::week::{BellShift, Weekly};
use crate::base::time::Time;

pub use refusal::PlanRefusal;
pub use thing::{Edit, Key, Thing};

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlanCommand {
    /// Something new.
    Add(Thing),
    /// Something that is there, otherwise than before.
    Alter(Thing),
    /// Something is no more after this day: a pairing holds until then, and a weekly lesson is taught until then. All
    /// else is taken out at once.
    End {
        /// What.
        what: Key,
        /// The last day.
        last: Day,
    },
    /// 调课: one lesson is at another time.
    Move {
        /// Which.
        lesson: LessonId,
        /// On which day.
        to: Day,
        /// In which period.
        period: u8,
        /// Why.
        reason: String,
    },
    /// 代课: somebody else teaches one lesson.
    Substitute {
        /// Which.
        lesson: LessonId,
        /// Who.
        teacher: PersonId,
        /// Why.
        reason: String,
    },
    /// 停课: one lesson is not.
    Cancel {
        /// Which.
        lesson: LessonId,
        /// Why.
        reason: String,
    },
    /// One lesson is as its week has it again.
    Restore {
        /// Which.
        lesson: LessonId,
    },
    /// All bells of one day ring earlier or later; by no minute, as always.
    CorrectBells(BellShift),
}

/// What a command comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// The plan with it.
    pub alliance: Alliance,
    /// What is different: to be kept, in this order.
    pub edits: Vec<Edit>,
}

impl Alliance {
    /// What a command comes to at `now`. The plan itself stays as it is.
    ///
    /// # Errors
    /// Why it cannot be: in all cases in which something would not fit, two lessons would need the same at once, or a
    /// lesson that has begun would have been otherwise.
    pub fn plan(&self, command: &PlanCommand, now: Time) -> Result<Planned, PlanRefusal> {
        let edits = self.edits_of(command)?;
        if edits.iter().any(Edit::lacks_reason) {
            return Err(PlanRefusal::NoReason);
        }
        let mut parts = self.to_parts();
        edits.iter().for_each(|edit| parts.edit(edit.clone()));
        let alliance = Self::new(parts).map_err(PlanRefusal::Misfits)?;
        self.keep_what_has_begun(&alliance, now)?;
        if edits.iter().any(Edit::is_of_lessons) {
            self.refuse_new_clashes(&alliance)?;
        }
        Ok(Planned { alliance, edits })
    }

    /// Every difference to another plan, in an order in which nothing ever points to what is not there.
    pub fn edits_to(&self, other: &Self) -> Vec<Edit> {
        thing::difference(&self.to_parts(), &other.to_parts())
    }

    fn edits_of(&self, command: &PlanCommand) -> Result<Vec<Edit>, PlanRefusal> {
        match command {
            PlanCommand::Add(thing) => match self.has(&thing.key()) {
                true => Err(PlanRefusal::Known(thing.key())),
                false => Ok(vec![Edit::Put(thing.clone())]),
            },
            PlanCommand::Alter(thing) => match self.has(&thing.key()) {
                true => Ok(vec![Edit::Put(thing.clone())]),
                false => Err(PlanRefusal::Unknown(thing.key())),
            },
            PlanCommand::End { what, last } => self.end(what, *last),
            PlanCommand::Move { lesson, to, period, reason } => self.move_lesson(lesson, *to, *period, reason),
            PlanCommand::Substitute { lesson, teacher, reason } => self.substitute(lesson, teacher, reason),
            PlanCommand::Cancel { lesson, reason } => self.cancel(lesson, reason),
            PlanCommand::Restore { lesson } => self.restore(lesson),
            PlanCommand::CorrectBells(shift) => {
                Ok(match (shift.minutes, Key::Shift((shift.day, shift.whose.clone()))) {
                    (0, key) if self.has(&key) => vec![Edit::Remove(key)],
                    (0, _) => Vec::new(),
                    (_, _) => vec![Edit::Put(Thing::Shift(shift.clone()))],
                })
            }
        }
    }

    fn has(&self, key: &Key) -> bool {
        let week = self.week();
        match key {
            Key::District(id) => self.district(id).is_some(),
            Key::School(id) => self.school(id).is_some(),
            Key::Group(id) => self.groups().any(|group| group.id == *id),
            Key::Room(id) => self.room(id).is_some(),
            Key::Person(id) => self.person(id).is_some(),
            Key::Pairing(id) => self.pairing(id).is_some(),
            Key::RoomPair((lead_room, room)) => {
                self.room_pairs().iter().any(|pair| (&pair.lead_room, &pair.room) == (lead_room, room))
            }
            Key::Term(id) => week.terms.iter().any(|term| term.id == *id),
            Key::Bell((whose, period)) => week.bells.iter().any(|bell| (&bell.whose, &bell.period) == (whose, period)),
            Key::Weekly(id) => self.weekly(id.as_str()).is_some(),
            Key::Amendment((weekly, day)) => self.amendment(weekly, *day).is_some(),
            Key::Shift((day, whose)) => week.shifts.iter().any(|shift| (&shift.day, &shift.whose) == (day, whose)),
            Key::Entry(id) => self.is_single(id),
        }
    }

    fn end(&self, what: &Key, last: Day) -> Result<Vec<Edit>, PlanRefusal> {
        let unknown = || PlanRefusal::Unknown(what.clone());
        match what {
            Key::Pairing(id) => {
                let mut pairing = self.pairing(id).ok_or_else(unknown)?.clone();
                pairing.ends = pairing.ends.min(last.plus(1).at(Minute::MIDNIGHT));
                Ok(vec![Edit::Put(Thing::Pairing(pairing))])
            }
            Key::Weekly(id) => self.end_weekly(self.weekly(id.as_str()).ok_or_else(unknown)?, last),
            _ if self.has(what) => Ok(vec![Edit::Remove(what.clone())]),
            _ => Err(unknown()),
        }
    }

    /// What is different on days that are no more goes with them.
    fn end_weekly(&self, weekly: &Weekly, last: Day) -> Result<Vec<Edit>, PlanRefusal> {
        let taught: Vec<Day> = self.days_of(weekly).filter(|day| *day <= last).collect();
        let gone = self.week().amendments.iter().filter(|it| it.weekly == weekly.id && !taught.contains(&it.day));
        let mut edits: Vec<_> = gone.map(|it| Edit::Remove(Key::Amendment((it.weekly.clone(), it.day)))).collect();
        let term = self.week().terms.iter().find(|term| term.id == weekly.term);
        match taught.last().zip(term).and_then(|(day, term)| term.week_of(*day)) {
            Some(week) => {
                let span = *weekly.span.start()..=week.min(*weekly.span.end());
                edits.push(Edit::Put(Thing::Weekly(Weekly { span, ..weekly.clone() })));
            }
            None => edits.push(Edit::Remove(Key::Weekly(weekly.id.clone()))),
        }
        Ok(edits)
    }

    /// A lesson that has begun is history: it stays as it was planned.
    fn keep_what_has_begun(&self, planned: &Self, now: Time) -> Result<(), PlanRefusal> {
        let same = |new: &Entry, old: &Entry| {
            (&new.teacher, &new.lead, &new.rooms) == (&old.teacher, &old.lead, &old.rooms)
                && (new.starts, new.ends) == (old.starts, old.ends)
        };
        for old in self.timetable().between(Time::default(), now) {
            if !planned.entry(&old.lesson).is_some_and(|new| same(new, old)) {
                return Err(PlanRefusal::Begun(old.lesson.clone()));
            }
        }
        Ok(())
    }

    fn refuse_new_clashes(&self, planned: &Self) -> Result<(), PlanRefusal> {
        let days = self.timetable().days_unlike(planned.timetable());
        let mut found = planned.clashes_around(&days);
        if !found.is_empty() {
            let known = self.clashes_around(&days);
            found.retain(|clash| !known.contains(clash));
        }
        if found.is_empty() { Ok(()) } else { Err(PlanRefusal::Clashes(found)) }
    }
}

impl Alliance {
    /// The clashes on these days and those beside them: a lesson may go over midnight.
    fn clashes_around(&self, days: &BTreeSet<Day>) -> Vec<Clash> {
        let beside = days.iter().flat_map(|day| [day.before(), *day, day.plus(1)]).collect::<BTreeSet<_>>();
        let midnight = |day: Day| day.at(Minute::MIDNIGHT);
        let near = beside.into_iter().flat_map(|day| self.timetable().between(midnight(day), midnight(day.plus(1))));
        clashes(&near.cloned().collect::<Vec<_>>(), self.week())
    }
}

impl fmt::Display for PlanCommand {
    /// As a log has it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Add(thing) => write!(f, "add {}", thing.key()),
            Self::Alter(thing) => write!(f, "alter {}", thing.key()),
            Self::End { what, last } => write!(f, "end {what} after {last}"),
            Self::Move { lesson, to, period, reason } => write!(f, "move {lesson} to {to} period {period}: {reason}"),
            Self::Substitute { lesson, teacher, reason } => write!(f, "{teacher} teaches {lesson}: {reason}"),
            Self::Cancel { lesson, reason } => write!(f, "cancel {lesson}: {reason}"),
            Self::Restore { lesson } => write!(f, "restore {lesson}"),
            Self::CorrectBells(BellShift { day, whose, minutes, reason }) => {
                write!(f, "bells of {whose} on {day} by {minutes} min: {reason}")
            }
        }
    }
}
