//! All that lives behind the school's one lock.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::mpsc;

use super::class::Class;
use super::figures::Rates;
use super::handshake::Handshakes;
use super::media::MediaLink;
use super::message::ToPage;
use super::page::OpenPage;
use super::session::{Session, thread_of};
use crate::base::time::Time;
use crate::io::mailbox::Busy;
use crate::lesson::command::Page;
use crate::lesson::sitting::Progress;
use crate::lesson::{Alliance, LessonId, Refusal, Register, Sitting};
use crate::sfu::command::{Command, SessionId};
use crate::store::{AuditLine, Note, Viewing};

/// Something to be kept for good.
#[derive(Debug)]
pub(super) enum Record {
    Note(Note),
    Viewing(Viewing),
    Audit(AuditLine),
}

/// All that lives behind the school's one lock.
pub(super) struct State {
    /// Who may come in besides by a link, and what was taken back.
    pub(super) register: Register,
    /// The plan: shared with whoever decides on a change of it.
    pub(super) alliance: Arc<Alliance>,
    /// The store's revision of it.
    pub(super) revision: u64,
    pub(super) progress: BTreeMap<LessonId, Progress>,
    pub(super) classes: BTreeMap<LessonId, Class>,
    pub(super) sessions: BTreeMap<SessionId, Session>,
    pub(super) locators: BTreeMap<String, SessionId>,
    pub(super) pages: BTreeMap<Page, OpenPage>,
    pub(super) media: Vec<MediaLink>,
    pub(super) handshakes: Handshakes,
    /// Gone once the server goes down.
    pub(super) records: Option<mpsc::Sender<Record>>,
    pub(super) lessons_max: usize,
    pub(super) stage_places: usize,
    /// So many sessions more than the calmest thread a lesson's own thread has before further rooms go there.
    pub(super) spread: usize,
    pub(super) rates: Rates,
    /// Pages and sessions so far: their numbers are never used twice.
    pub(super) counted: u64,
}

impl State {
    /// The next number that was never used.
    pub(super) const fn count(&mut self) -> u64 {
        self.counted += 1;
        self.counted
    }

    /// The live class of a lesson; made when first asked for.
    pub(super) fn class(&mut self, lesson: &LessonId) -> Result<&mut Class, Refusal> {
        if !self.classes.contains_key(lesson) {
            let entry = self.alliance.entry(lesson).ok_or(Refusal::LessonUnknown)?;
            if self.classes.len() >= self.lessons_max {
                return Err(Refusal::Busy);
            }
            let progress = self.progress.get(lesson).copied().unwrap_or_default();
            let class = Class::new(Sitting::new(entry.clone(), progress, self.stage_places), self.calmest_thread());
            self.classes.insert(lesson.clone(), class);
        }
        self.classes.get_mut(lesson).ok_or(Refusal::LessonUnknown)
    }

    /// Tells the media thread of a session to do something.
    pub(super) fn tell_media(&self, session: SessionId, command: Command) -> Result<(), Busy> {
        self.media.get(thread_of(session)).ok_or(Busy)?.mailbox.send(command)
    }

    /// Says something to a page; one that does not read is closed.
    pub(super) fn say(&mut self, page: Page, message: ToPage) {
        if let Some(open) = self.pages.get_mut(&page) {
            open.say(message);
        }
    }

    /// Says something to every page of a lesson.
    pub(super) fn say_to_all(&mut self, lesson: &LessonId, message: &ToPage) {
        self.pages.values_mut().filter(|page| page.lesson == *lesson).for_each(|page| page.say(message.clone()));
    }

    /// Hands something to the store's writer.
    pub(super) fn record(&mut self, record: Record) {
        let Some(records) = &self.records else { return };
        if let Err(lost) = records.try_send(record) {
            tracing::error!(%lost, "the store does not keep up: a record is lost");
        }
    }

    /// Whether the room of a watcher has another session in the same lesson of which `holds` is true.
    pub(super) fn watches_otherwise(&self, session: &Session, holds: impl Fn(&Session) -> bool) -> bool {
        let same = |other: &&Session| {
            other.id != session.id
                && other.is_watcher()
                && other.actor == session.actor
                && other.lesson == session.lesson
        };
        self.sessions.values().filter(same).any(holds)
    }

    /// A watcher begins or ends to see a lesson.
    pub(super) fn record_viewing(&mut self, session: SessionId, until: Option<Time>) {
        let Some(session) = self.sessions.get(&session).filter(|session| session.is_watcher()) else { return };
        let (lesson, from) = (session.lesson.clone(), session.made);
        let (actor, origin) = (session.actor.clone(), session.origin.clone());
        let who = session.who.clone();
        self.record(Record::Viewing(Viewing { lesson: lesson.clone(), who, from, until }));
        if until.is_none() {
            self.audit_lesson(from, (&actor, &origin), "view", &lesson);
        }
    }

    /// The thread for one more room of a lesson that lives on `home`.
    pub(super) fn thread_for_room(&self, home: usize) -> usize {
        let calmest = self.calmest_thread();
        let apart = self.sessions_on(home).saturating_sub(self.sessions_on(calmest));
        if apart >= self.spread { calmest } else { home }
    }

    fn calmest_thread(&self) -> usize {
        let classes = |thread| self.classes.values().filter(|class| class.thread == thread).count();
        let load = |thread: &usize| (self.sessions_on(*thread), classes(*thread));
        (0..self.media.len()).min_by_key(load).unwrap_or(0)
    }

    fn sessions_on(&self, thread: usize) -> usize {
        self.sessions.keys().filter(|session| thread_of(**session) == thread).count()
    }
}
