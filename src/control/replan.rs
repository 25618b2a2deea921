//! The plan changes while the server runs: by a command here, or by an import or a command on another node.

use std::sync::Arc;
use std::time::Duration;

use super::message::{Goodbye, ToPage};
use super::school::School;
use super::state::State;
use super::view::LessonView;
use crate::base::time::Time;
use crate::io::clock;
use crate::lesson::{Actor, Alliance, LessonId, Phase, PlanCommand, PlanRefusal, Planned, RoomId};
use crate::store::{Fault, PlanChange, Store};

/// How often the store is asked whether the plan is another one.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// How often a command is decided on anew because somebody else was quicker.
const TRIES_MAX: usize = 5;

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

/// Why a change of the plan was not made.
#[derive(Debug, thiserror::Error)]
pub enum Unplanned {
    /// It cannot be.
    #[error(transparent)]
    Refused(#[from] PlanRefusal),
    /// It could not be kept.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// Others changed the plan again and again meanwhile.
    #[error("the plan is being changed by others: try again")]
    Busy,
}

impl School {
    /// Changes the plan. What is answered with `Ok` is kept, and the pages of the lessons it concerns have been told; rooms
    /// that wait see it when they ask again, within seconds.
    ///
    /// # Errors
    /// [`Unplanned`]; nothing is different then.
    pub async fn plan(&self, store: &dyn Store, command: PlanCommand, actor: &str) -> Result<(), Unplanned> {
        let command = Arc::new(command);
        for _ in 0..TRIES_MAX {
            let now = clock::now();
            let (alliance, revision) = self.known_plan();
            let planned = decide(alliance, command.clone(), now).await?;
            let change = PlanChange { at: now, actor: actor.to_owned(), what: command.to_string() };
            if store.edit_plan(&planned.edits, revision, &change).await? {
                self.replan(planned.alliance, revision + 1);
                return Ok(());
            }
            self.catch_up(store).await?;
        }
        Err(Unplanned::Busy)
    }

    /// Takes the plan in the store if it is another one.
    async fn catch_up(&self, store: &dyn Store) -> Result<(), Fault> {
        if store.revision().await? != self.known_plan().1 {
            let kept = store.load().await?;
            self.replan(kept.alliance, kept.revision);
        }
        Ok(())
    }

    /// Takes another plan, unless a newer one is known: lessons that run go on, with their new hours and rooms.
    fn replan(&self, alliance: Alliance, revision: u64) {
        let mut state = self.state();
        if revision > state.revision {
            state.revision = revision;
            state.replan(clock::now(), alliance);
            tracing::info!(revision, "the plan has changed");
        }
    }

    fn known_plan(&self) -> (Arc<Alliance>, u64) {
        let state = self.state();
        (state.alliance.clone(), state.revision)
    }
}

/// A county's plan takes a while to be looked at: not on a thread that others wait for, and without the school's lock.
async fn decide(alliance: Arc<Alliance>, command: Arc<PlanCommand>, now: Time) -> Result<Planned, PlanRefusal> {
    let decided = tokio::task::spawn_blocking(move || alliance.plan(&command, now)).await;
    decided.unwrap_or_else(|panicked| std::panic::resume_unwind(panicked.into_panic()))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::admit::Admission;
    use crate::control::handshake::{Handshakes, Identity};
    use crate::control::school::SchoolParts;
    use crate::lesson::plan::Thing;
    use crate::lesson::school::Room;
    use crate::store::memory::Memory;
    use crate::telemetry::Telemetry;

    async fn school(store: &dyn Store) -> Arc<School> {
        let identity = Identity::generate().unwrap();
        let (school, _records) = School::open(SchoolParts {
            kept: store.load().await.unwrap(),
            register: crate::lesson::Register::default(),
            admission: Admission::new(&[7; 32], Duration::from_secs(60)).unwrap(),
            handshakes: Handshakes::spawn(&identity, 1, |_| {}).unwrap(),
            identity,
            media: Vec::new(),
            addresses: Vec::new(),
            sessions_max: 1,
            lessons_max: 1,
            stage_places: 1,
            spread: 1,
            telemetry: Arc::new(Telemetry::new()),
        });
        Arc::new(school)
    }

    fn rename(name: &str) -> PlanCommand {
        let (id, school) = (RoomId::new("qingshui-1").unwrap(), "qingshui".parse().unwrap());
        PlanCommand::Alter(Thing::Room(Room { id, school, name: name.into() }))
    }

    fn name(school: &School) -> String {
        school.state().alliance.room(&RoomId::new("qingshui-1").unwrap()).unwrap().name.clone()
    }

    async fn memory() -> Memory {
        let store = Memory::default();
        let change = PlanChange { at: clock::now(), actor: "story".into(), what: "a demonstration".into() };
        store.put_alliance(&Alliance::demo(clock::now()), &change).await.unwrap();
        store
    }

    #[tokio::test]
    async fn a_command_is_kept_with_who_and_what_and_other_nodes_follow() {
        let store = memory().await;
        let (here, there) = (school(&store).await, school(&store).await);
        here.plan(&store, rename("六年级"), "chen").await.unwrap();
        assert_eq!((name(&here), name(&there)), ("六年级".into(), "五年级1班".into()));
        let log = store.plan_log().await.unwrap();
        assert_eq!((log[1].actor.as_str(), log[1].what.as_str()), ("chen", "alter room qingshui-1"));
        // The other node had not seen it yet: it decides again on what is there now.
        there.plan(&store, rename("七年级"), "li").await.unwrap();
        here.catch_up(&store).await.unwrap();
        assert_eq!((name(&here), name(&there)), ("七年级".into(), "七年级".into()));
        let kept = store.load().await.unwrap().alliance;
        assert_eq!(*here.state().alliance, kept);
    }

    #[tokio::test]
    async fn a_command_that_is_refused_changes_nothing() {
        let store = memory().await;
        let school = school(&store).await;
        let lesson: LessonId = "nowhere-20260901".parse().unwrap();
        let cancel = PlanCommand::Cancel { lesson, reason: "停电".into() };
        let refused = school.plan(&store, cancel, "chen").await.unwrap_err();
        assert!(matches!(refused, Unplanned::Refused(PlanRefusal::NotWeekly(_))), "{refused}");
        assert_eq!(store.plan_log().await.unwrap().len(), 1);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn commands_from_everywhere_at_once_all_come_in() {
        let store: Arc<dyn Store> = Arc::new(memory().await);
        let schools = [school(&*store).await, school(&*store).await];
        let commands = (0..3).map(|number| {
            let (store, school) = (store.clone(), schools[number % 2].clone());
            let (id, at) = (RoomId::new(&format!("more-{number}")).unwrap(), "qingshui".parse().unwrap());
            let add = PlanCommand::Add(Thing::Room(Room { id, school: at, name: "一班".into() }));
            tokio::spawn(async move { school.plan(&*store, add, "chen").await })
        });
        for command in commands.collect::<Vec<_>>() {
            command.await.unwrap().unwrap();
        }
        assert_eq!(store.plan_log().await.unwrap().len(), 4);
        assert_eq!(
            store.load().await.unwrap().alliance.rooms().count(),
            Alliance::demo(clock::now()).rooms().count() + 3
        );
    }
}
