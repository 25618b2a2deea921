//! What outlives the process.

pub mod admission;
pub mod fault;
pub mod memory;
pub mod sql;

#[cfg(test)]
mod contract;
#[cfg(test)]
mod postgres_tests;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;

use crate::base::time::Time;
use crate::lesson::plan::Edit;
use crate::lesson::sitting::Progress;
use crate::lesson::{Actor, Alliance, Change, LessonId};

pub use admission::{AdmissionStore, AuditLine, AuditQuery};
pub use fault::Fault;

/// What a store gives back, once it has.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, Fault>> + Send + 'a>>;

/// Everything that has to be there again after a restart. What is answered with `Ok` is safe.
pub trait Store: AdmissionStore {
    /// The alliance as it was last put, and how far its lessons have come.
    fn load(&self) -> Answer<'_, Kept>;

    /// Puts an alliance in the place of the one before, and notes whose doing that is: both or neither. What lessons have
    /// been through is kept.
    fn put_alliance<'a>(&'a self, alliance: &'a Alliance, change: &'a PlanChange) -> Answer<'a, ()>;

    /// Keeps edits of the plan as it was at the revision `known`, and notes whose doing that is: both or neither. False if
    /// the plan is another one by now: then nothing is kept, and the edits are to be decided on anew. The revision after
    /// them is `known + 1`.
    fn edit_plan<'a>(&'a self, edits: &'a [Edit], known: u64, change: &'a PlanChange) -> Answer<'a, bool>;

    /// A number that is another one after each change of the plan, whoever did it.
    fn revision(&self) -> Answer<'_, u64>;

    /// Every change of the plan, the oldest first.
    fn plan_log(&self) -> Answer<'_, Vec<PlanChange>>;

    /// Notes what happened in a lesson together with how far it has come: both or neither.
    fn note<'a>(&'a self, note: &'a Note) -> Answer<'a, ()>;

    /// Notes that someone watches a lesson, or until when they did.
    fn put_viewing<'a>(&'a self, viewing: &'a Viewing) -> Answer<'a, ()>;

    /// What happened in a lesson, in order.
    fn ledger<'a>(&'a self, lesson: &'a LessonId) -> Answer<'a, Vec<Line>>;

    /// Who has watched a lesson, by when they came.
    fn viewings<'a>(&'a self, lesson: &'a LessonId) -> Answer<'a, Vec<Viewing>>;
}

/// Where a store keeps its things.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In this process only: gone with it.
    Memory,
    /// In a SQLite file.
    Sqlite(PathBuf),
    /// In a PostgreSQL database at this address.
    Postgres(String),
}

/// Opens the store at `place`; a file that is not there is made.
///
/// # Errors
/// A [`Fault`] if the place cannot be read and written or reached, or its data is from a newer version.
pub async fn open(place: &Place) -> Result<Arc<dyn Store>, Fault> {
    Ok(match place {
        Place::Memory => Arc::new(memory::Memory::default()),
        Place::Sqlite(path) => Arc::new(sql::Sql::sqlite(path).await?),
        Place::Postgres(url) => Arc::new(sql::Sql::postgres(url).await?),
    })
}

/// What [`Store::load`] gives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// The alliance; empty if none was ever put.
    pub alliance: Alliance,
    /// How far each lesson has come; a lesson that is not here has not begun.
    pub progress: BTreeMap<LessonId, Progress>,
    /// The [`Store::revision`] of the alliance.
    pub revision: u64,
}

/// A change of the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanChange {
    /// When.
    pub at: Time,
    /// Whose doing it was.
    pub actor: String,
    /// What it was, one short phrase.
    pub what: String,
}

/// What happened in a lesson at one moment, and how far it has come with that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// When.
    pub at: Time,
    /// In which lesson.
    pub lesson: LessonId,
    /// Whose doing it was.
    pub actor: String,
    /// What is different, one short phrase each.
    pub what: Vec<String>,
    /// How far the lesson has come.
    pub progress: Progress,
}

impl Note {
    /// The note of those changes that a ledger keeps; none if it keeps none of them.
    pub fn of(at: Time, lesson: &LessonId, who: &Actor, changes: &[Change], progress: Progress) -> Option<Self> {
        let what: Vec<_> = changes.iter().filter_map(Change::what).collect();
        let actor = who.name().to_owned();
        (!what.is_empty()).then(|| Self { at, lesson: lesson.clone(), actor, what, progress })
    }
}

/// One line of the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// When.
    pub at: Time,
    /// Whose doing it was.
    pub actor: String,
    /// What is different since then.
    pub what: String,
}

/// Someone watches a lesson. There is one for each lesson, viewer and beginning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Viewing {
    /// Which lesson.
    pub lesson: LessonId,
    /// Who: the id of a room or of a person.
    pub who: String,
    /// Since when.
    pub from: Time,
    /// Until when; none while it goes on.
    pub until: Option<Time>,
}
