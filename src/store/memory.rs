//! A store that forgets everything when the process ends: for trying things, and for tests.

use std::collections::BTreeMap;
use std::future::ready;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::base::time::Time;
use crate::lesson::plan::Edit;
use crate::lesson::sitting::Progress;
use crate::lesson::{Alliance, LessonId};

use crate::lesson::register::{Register, RegisterChange};

use super::admission::{AdmissionStore, AuditLine, AuditQuery};
use super::{Answer, Fault, Kept, Line, Note, PlanChange, Store, Viewing};

/// The store.
#[derive(Debug, Default)]
pub struct Memory(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    alliance: Alliance,
    plan_log: Vec<PlanChange>,
    progress: BTreeMap<LessonId, Progress>,
    ledger: BTreeMap<LessonId, Vec<Line>>,
    viewings: BTreeMap<(LessonId, Time, String), Option<Time>>,
    register: Register,
    register_revision: u64,
    audit: Vec<AuditLine>,
}

impl Memory {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for Memory {
    fn load(&self) -> Answer<'_, Kept> {
        let state = self.state();
        let revision = state.plan_log.len() as u64;
        done(Kept { alliance: state.alliance.clone(), progress: state.progress.clone(), revision })
    }

    fn put_alliance<'a>(&'a self, alliance: &'a Alliance, change: &'a PlanChange) -> Answer<'a, ()> {
        let mut state = self.state();
        state.alliance = alliance.clone();
        state.plan_log.push(change.clone());
        done(())
    }

    fn edit_plan<'a>(&'a self, edits: &'a [Edit], known: u64, change: &'a PlanChange) -> Answer<'a, bool> {
        let mut state = self.state();
        if state.plan_log.len() as u64 != known {
            return done(false);
        }
        let mut parts = state.alliance.to_parts();
        edits.iter().cloned().for_each(|edit| parts.edit(edit));
        match Alliance::new(parts) {
            Ok(alliance) => state.alliance = alliance,
            Err(misfits) => {
                let why: Vec<_> = misfits.iter().map(ToString::to_string).collect();
                return Box::pin(ready(Err(Fault::new("the plan cannot be changed", why.join("; ")))));
            }
        }
        state.plan_log.push(change.clone());
        done(true)
    }

    fn revision(&self) -> Answer<'_, u64> {
        done(self.state().plan_log.len() as u64)
    }

    fn plan_log(&self) -> Answer<'_, Vec<PlanChange>> {
        done(self.state().plan_log.clone())
    }

    fn note<'a>(&'a self, note: &'a Note) -> Answer<'a, ()> {
        let mut state = self.state();
        state.progress.insert(note.lesson.clone(), note.progress);
        let lines = note.what.iter().map(|what| Line { at: note.at, actor: note.actor.clone(), what: what.clone() });
        state.ledger.entry(note.lesson.clone()).or_default().extend(lines);
        done(())
    }

    fn put_viewing<'a>(&'a self, viewing: &'a Viewing) -> Answer<'a, ()> {
        let key = (viewing.lesson.clone(), viewing.from, viewing.who.clone());
        self.state().viewings.insert(key, viewing.until);
        done(())
    }

    fn ledger<'a>(&'a self, lesson: &'a LessonId) -> Answer<'a, Vec<Line>> {
        done(self.state().ledger.get(lesson).cloned().unwrap_or_default())
    }

    fn viewings<'a>(&'a self, lesson: &'a LessonId) -> Answer<'a, Vec<Viewing>> {
        let state = self.state();
        let of_lesson = state.viewings.iter().filter(|((of, ..), _)| of == lesson);
        done(
            of_lesson
                .map(|((lesson, from, who), &until)| Viewing {
                    lesson: lesson.clone(),
                    who: who.clone(),
                    from: *from,
                    until,
                })
                .collect(),
        )
    }
}

impl AdmissionStore for Memory {
    fn register(&self) -> Answer<'_, (Register, u64)> {
        let state = self.state();
        done((state.register.clone(), state.register_revision))
    }

    fn register_revision(&self) -> Answer<'_, u64> {
        done(self.state().register_revision)
    }

    fn keep<'a>(&'a self, changes: &'a [RegisterChange], line: &'a AuditLine) -> Answer<'a, u64> {
        let mut state = self.state();
        changes.iter().for_each(|change| state.register.apply(change.clone()));
        state.audit.push(line.clone());
        state.register_revision += 1;
        done(state.register_revision)
    }

    fn note_audit<'a>(&'a self, line: &'a AuditLine) -> Answer<'a, ()> {
        self.state().audit.push(line.clone());
        done(())
    }

    fn read_audit<'a>(&'a self, query: &'a AuditQuery) -> Answer<'a, Vec<(u64, AuditLine)>> {
        let state = self.state();
        let numbered = (1..).zip(&state.audit).filter(|(number, line)| query.wants(*number, line));
        done(numbered.take(query.most).map(|(number, line)| (number, line.clone())).collect())
    }
}

fn done<'a, T: Send + 'a>(value: T) -> Answer<'a, T> {
    Box::pin(ready(Ok(value)))
}
