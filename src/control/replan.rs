//! The plan changes while the server runs: by a command here, or by an import or a command on another node.

use std::sync::Arc;
use std::time::Duration;

use super::message::{Goodbye, ToPage};
use super::school::School;
use super::state::State;
use super::view::LessonView;
use crate::base::time::Time;
use crate::io::clock;
use crate::lesson::{Actor, Alliance, LessonId, Phase, RoomId};
use crate::store::{Fault, Store};

/// How often the store is asked whether the plan is another one.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Follows the plan in the store, for ever.
pub async fn follow_plan(school: Arc<School>, store: Arc<dyn Store>) {
    let mut looks = tokio::time::interval(LOOK_EVERY);
    looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    let mut failing = false;
    loop {
        looks.tick().await;
        match school.catch_up(&*store).await {
            Ok(()) => failing = false,
            // Lessons go on as they were planned; said once, not every second.
            Err(fault) if !failing => {
                failing = true;
                tracing::error!(%fault, "the plan cannot be read again");
            }
            Err(_) => {}
        }
    }
}

impl School {
    /// Takes the plan in the store if it is another one.
    pub(super) async fn catch_up(&self, store: &dyn Store) -> Result<(), Fault> {
        if store.revision().await? != self.known_plan().1 {
            let kept = store.load().await?;
            self.replan(kept.alliance, kept.revision);
        }
        Ok(())
    }

    /// Takes another plan, unless a newer one is known: lessons that run go on, with their new hours and rooms.
    pub(super) fn replan(&self, alliance: Alliance, revision: u64) {
        let mut state = self.state();
        if revision > state.revision {
            state.revision = revision;
            state.replan(clock::now(), alliance);
            tracing::info!(revision, "the plan has changed");
        }
    }

    /// The plan with the store's revision of it.
    pub(super) fn known_plan(&self) -> (Arc<Alliance>, u64) {
        let state = self.state();
        (state.alliance.clone(), state.revision)
    }
}

impl State {
    fn replan(&mut self, now: Time, alliance: Alliance) {
        self.alliance = Arc::new(alliance);
        let lessons: Vec<LessonId> = self.classes.keys().cloned().collect();
        for lesson in lessons {
            let planned = self.alliance.entry(&lesson).cloned();
            let Some(class) = self.classes.get_mut(&lesson) else { continue };
            match planned {
                Some(entry) if entry == *class.sitting.entry() => {}
                Some(entry) => {
                    let changes = class.sitting.replan(entry);
                    self.follow(now, &lesson, &Actor::server(), changes);
                }
                // A class that runs is not cut off by a slip in a spreadsheet: it ends as it was planned.
                None if class.sitting.phase() == Phase::Live => {}
                None => self.cancel(&lesson),
            }
        }
    }

    /// A lesson that has not begun is not planned any more.
    fn cancel(&mut self, lesson: &LessonId) {
        self.classes.remove(lesson);
        let pages = self.pages.values_mut().filter(|page| page.lesson == *lesson);
        pages.for_each(|page| page.end(Goodbye::Unknown));
        let sessions: Vec<_> = self.sessions_of(lesson).collect();
        sessions.into_iter().for_each(|session| self.end_session(clock::now(), session));
    }

    /// Tells every page of a lesson its new hours and words.
    pub(super) fn lesson_replanned(&mut self, lesson: &LessonId) {
        let Some(class) = self.classes.get_mut(lesson) else { return };
        class.roster_stale = true;
        let view = LessonView::of(class.sitting.entry(), class.sitting.phase(), &self.alliance);
        self.say_to_all(lesson, &ToPage::Lesson { lesson: view });
    }

    /// A room that is not invited any more leaves.
    pub(super) fn show_out(&mut self, now: Time, lesson: &LessonId, room: &RoomId) {
        let pages = self.pages.values_mut().filter(|page| page.lesson == *lesson && page.is_of_room(room));
        pages.for_each(|page| page.end(Goodbye::Forbidden));
        let sessions = self.sessions.values().filter(|session| session.lesson == *lesson);
        let theirs: Vec<_> =
            sessions.filter(|session| session.actor.as_room() == Some(room)).map(|session| session.id).collect();
        theirs.into_iter().for_each(|session| self.end_session(now, session));
    }
}
