//! Somebody changes the plan of a running server: decided on a copy, kept, then true for everybody.

use std::sync::Arc;

use super::school::School;
use crate::base::time::Time;
use crate::io::clock;
use crate::lesson::clash::Clash;
use crate::lesson::{Actor, Alliance, PlanCommand, PlanRefusal, Planned, Refusal};
use crate::sheets::{self, Sheet, SheetFaults};
use crate::store::{Fault, PlanChange, Store};

/// How often a wish is decided on anew because somebody else was quicker.
const TRIES_MAX: usize = 5;

/// What somebody wants of the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlanWish {
    /// One thing.
    Command(PlanCommand),
    /// What sheets say.
    Sheets {
        /// The file they are from.
        file: String,
        /// The sheets.
        sheets: Vec<Sheet>,
    },
}

/// Who wants it, and what they may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The account.
    pub by: String,
    /// What they may be.
    pub powers: Vec<Actor>,
    /// What they want.
    pub wish: PlanWish,
}

/// What came of a wish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The plan with it, and what is different.
    pub planned: Planned,
    /// How many rows each kind of sheet had.
    pub rows: Vec<(sheets::Kind, usize)>,
    /// Lessons that an overrun of the one before would reach into.
    pub overruns: Vec<Clash>,
}

/// Why a change of the plan was not made.
#[derive(Debug, thiserror::Error)]
pub enum Unplanned {
    /// It is not theirs to make.
    #[error("{}", .0.title())]
    Forbidden(Refusal),
    /// It cannot be.
    #[error(transparent)]
    Refused(#[from] PlanRefusal),
    /// The sheets are wrong.
    #[error(transparent)]
    Sheets(#[from] SheetFaults),
    /// It could not be kept.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// Others changed the plan again and again meanwhile.
    #[error("the plan is being changed by others: try again")]
    Busy,
}

impl School {
    /// Changes the plan, unless it is a `trial`. What is answered with `Ok` is kept, and the pages of the lessons it
    /// concerns have been told; rooms that wait see it when they ask again, within seconds.
    ///
    /// # Errors
    /// [`Unplanned`]; nothing is different then.
    pub async fn plan(&self, store: &dyn Store, asked: Asked, trial: bool) -> Result<Outcome, Unplanned> {
        let asked = Arc::new(asked);
        for _ in 0..TRIES_MAX {
            let now = clock::now();
            let (alliance, revision) = self.known_plan();
            let outcome = decide(alliance, asked.clone(), now).await?;
            if trial || outcome.planned.edits.is_empty() {
                return Ok(outcome);
            }
            let change = PlanChange { at: now, actor: asked.by.clone(), what: asked.wish.to_string() };
            if store.edit_plan(&outcome.planned.edits, revision, &change).await? {
                self.replan(outcome.planned.alliance.clone(), revision + 1);
                return Ok(outcome);
            }
            self.catch_up(store).await?;
        }
        Err(Unplanned::Busy)
    }
}

/// A county's plan takes a while to be looked at: not on a thread that others wait for, and without the school's lock.
async fn decide(alliance: Arc<Alliance>, asked: Arc<Asked>, now: Time) -> Result<Outcome, Unplanned> {
    let decided = tokio::task::spawn_blocking(move || asked.wish.decide(&asked.powers, &alliance, now)).await;
    decided.unwrap_or_else(|panicked| std::panic::resume_unwind(panicked.into_panic()))
}

impl PlanWish {
    fn decide(&self, powers: &[Actor], alliance: &Alliance, now: Time) -> Result<Outcome, Unplanned> {
        let outcome = match self {
            Self::Command(command) => {
                Outcome { planned: alliance.plan(command, now)?, rows: Vec::new(), overruns: Vec::new() }
            }
            Self::Sheets { sheets, .. } => {
                let imported = sheets::import(alliance.to_parts(), sheets)?;
                let edits = alliance.edits_to(&imported.alliance);
                let planned = Planned { alliance: imported.alliance, edits };
                Outcome { planned, rows: imported.rows.into_iter().collect(), overruns: imported.overruns }
            }
        };
        outcome.planned.permit(powers, alliance).map_err(Unplanned::Forbidden)?;
        Ok(outcome)
    }
}

impl std::fmt::Display for PlanWish {
    /// As a log has it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Command(command) => command.fmt(f),
            Self::Sheets { file, .. } => write!(f, "import {file}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::control::admit::Admission;
    use crate::control::handshake::{Handshakes, Identity};
    use crate::control::school::SchoolParts;
    use crate::lesson::permit::{Role, Scope};
    use crate::lesson::plan::Thing;
    use crate::lesson::school::Room;
    use crate::lesson::{LessonId, RoomId};
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

    fn by(name: &str, command: PlanCommand) -> Asked {
        let powers = vec![Actor { role: Role::DistrictAdmin, scope: Scope::All, person: None }];
        Asked { by: name.into(), powers, wish: PlanWish::Command(command) }
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
        here.plan(&store, by("chen", rename("六年级")), false).await.unwrap();
        assert_eq!((name(&here), name(&there)), ("六年级".into(), "五年级1班".into()));
        let log = store.plan_log().await.unwrap();
        assert_eq!((log[1].actor.as_str(), log[1].what.as_str()), ("chen", "alter room qingshui-1"));
        // The other node had not seen it yet: it decides again on what is there now.
        there.plan(&store, by("li", rename("七年级")), false).await.unwrap();
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
        let refused = school.plan(&store, by("chen", cancel), false).await.unwrap_err();
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
            tokio::spawn(async move { school.plan(&*store, by("chen", add), false).await })
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
