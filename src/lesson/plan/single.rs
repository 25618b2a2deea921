//! One lesson that is not as its week has it: moved, taught by somebody else, cancelled, or as ever again.

use std::mem::discriminant;

use super::super::alliance::Alliance;
use super::super::calendar::Day;
use super::super::expand::days;
use super::super::id::{LessonId, PersonId};
use super::super::timetable::Entry;
use super::super::week::{Amended, Amendment, Weekly};
use super::{Edit, Key, PlanRefusal, Thing};

impl Alliance {
    pub(super) fn move_lesson(
        &self,
        lesson: &LessonId,
        to: Day,
        period: u8,
        reason: &str,
    ) -> Result<Vec<Edit>, PlanRefusal> {
        self.amend(lesson, Amended::Moved { to, period }, reason)
    }

    pub(super) fn substitute(
        &self,
        lesson: &LessonId,
        teacher: &PersonId,
        reason: &str,
    ) -> Result<Vec<Edit>, PlanRefusal> {
        self.amend(lesson, Amended::Substitute(teacher.clone()), reason)
    }

    pub(super) fn cancel(&self, lesson: &LessonId, reason: &str) -> Result<Vec<Edit>, PlanRefusal> {
        self.amend(lesson, Amended::Cancelled, reason)
    }

    pub(super) fn restore(&self, lesson: &LessonId) -> Result<Vec<Edit>, PlanRefusal> {
        let (weekly, day) = self.place_of(lesson)?;
        let key = Key::Amendment((weekly.id.clone(), day));
        if self.has(&key) { Ok(vec![Edit::Remove(key)]) } else { Err(PlanRefusal::Unknown(key)) }
    }

    /// What is different with a weekly lesson on a day.
    pub(super) fn amendment(&self, weekly: &LessonId, day: Day) -> Option<&Amendment> {
        let amendments = &self.week().amendments;
        let place = amendments.binary_search_by(|it| (&it.weekly, it.day).cmp(&(weekly, day))).ok()?;
        amendments.get(place)
    }

    /// What is different with a lesson of the timetable.
    pub fn amendment_of(&self, entry: &Entry) -> Option<&Amendment> {
        let (weekly, day) = self.place_of(&entry.lesson).ok()?;
        self.amendment(&weekly.id, day)
    }

    /// The days of a weekly lesson, as its week has them.
    pub(super) fn days_of<'a>(&'a self, weekly: &'a Weekly) -> impl Iterator<Item = Day> + 'a {
        let term = self.week().terms.iter().find(|term| term.id == weekly.term);
        term.into_iter().flat_map(|term| days(weekly, term))
    }

    /// In place of what was different before: of another kind it has to be taken back first, since it would be lost.
    fn amend(&self, lesson: &LessonId, what: Amended, reason: &str) -> Result<Vec<Edit>, PlanRefusal> {
        let (weekly, day) = self.place_of(lesson)?;
        let other = self.amendment(&weekly.id, day).filter(|it| discriminant(&it.what) != discriminant(&what));
        if other.is_some() && what != Amended::Cancelled {
            return Err(PlanRefusal::Amended(lesson.clone()));
        }
        let amendment = Amendment { weekly: weekly.id.clone(), day, what, reason: reason.to_owned() };
        Ok(vec![Edit::Put(Thing::Amendment(amendment))])
    }

    /// The weekly lesson that a lesson is one of, and the day on which its week has it.
    fn place_of(&self, lesson: &LessonId) -> Result<(&Weekly, Day), PlanRefusal> {
        let found = lesson.as_str().rsplit_once('-').and_then(|(weekly, digits)| {
            let weekly = self.weekly(weekly)?;
            self.days_of(weekly).find(|day| day.digits() == digits).map(|day| (weekly, day))
        });
        found.ok_or_else(|| PlanRefusal::NotWeekly(lesson.clone()))
    }
}
