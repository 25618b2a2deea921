//! One live class: commands in, changes out, and what the media threads must do about them.

use std::time::Duration;

use super::message::{Goodbye, ToPage};
use super::session::{Kind, thread_of};
use super::state::{Record, State};
use super::view::{LessonView, SeatView, stage_view};
use crate::base::time::Time;
use crate::io::mailbox::Busy;
use crate::lesson::command::{Command, Page, Stream};
use crate::lesson::{Actor, Change, Feed, LessonId, Phase, Refusal, Sitting, Source, permit};
use crate::sfu;
use crate::sfu::command::SessionId;
use crate::store::Note;

/// Lists of rooms are sent no faster: four a second.
const ROSTER_WAIT: Duration = Duration::from_millis(250);
/// Figures change all the time, and nobody reads faster than this.
const FIGURES_WAIT: Duration = Duration::from_secs(1);

/// One live class.
pub(super) struct Class {
    pub(super) sitting: Sitting,
    /// The media thread that its teacher is on, and its rooms as long as there is not too much to do there.
    pub(super) thread: usize,
    /// Its list of rooms has changed since it was last sent.
    pub(super) roster_stale: bool,
    /// Only figures have changed, which only the teacher looks at.
    figures_stale: bool,
    roster_sent: Time,
    /// A slot could not be filled because its media thread was too busy.
    pub(super) unfilled: bool,
    /// What the teacher's page said of each source: it knows better than the packets.
    declared: [Option<bool>; Source::ALL.len()],
}

impl Class {
    pub(super) fn new(sitting: Sitting, thread: usize) -> Self {
        Self {
            sitting,
            thread,
            roster_stale: false,
            figures_stale: false,
            roster_sent: Time::default(),
            unfilled: false,
            declared: [None; Source::ALL.len()],
        }
    }

    /// The teacher's page said that a source is on or off.
    pub(super) const fn declare(&mut self, source: Source, on: bool) {
        self.declared[source as usize] = Some(on);
    }

    /// Whether the teacher's page said the opposite of what the packets say.
    pub(super) fn overrules(&self, source: Source, on: bool) -> bool {
        self.declared[source as usize] == Some(!on)
    }

    /// The media session of the teacher.
    pub(super) fn publisher(&self) -> Option<SessionId> {
        self.sitting.stream().map(|stream| SessionId(stream.0))
    }

    /// The media session that a feed comes from.
    fn sender(&self, feed: &Feed) -> Option<SessionId> {
        match &feed.room {
            None => self.publisher(),
            Some(room) => self.sitting.seat(room)?.stream().map(|stream| SessionId(stream.0)),
        }
    }
}

impl State {
    /// Asks or tells a class something, keeps what changed, and lets everybody know.
    pub(super) fn apply(&mut self, now: Time, lesson: &LessonId, who: &Actor, command: Command) -> Result<(), Refusal> {
        // Asked first of the timetable: who may do nothing here does not even open the class.
        permit(who, command.action(), self.alliance.entry(lesson).ok_or(Refusal::LessonUnknown)?)?;
        let sitting = &mut self.class(lesson)?.sitting;
        let changes = sitting.apply(now, who, command)?;
        self.follow(now, lesson, who, changes);
        Ok(())
    }

    /// Keeps what changed in a class, and lets everybody know.
    pub(super) fn follow(&mut self, now: Time, lesson: &LessonId, who: &Actor, changes: Vec<Change>) {
        let Some(sitting) = self.classes.get(lesson).map(|class| &class.sitting) else { return };
        if let Some(note) = Note::of(now, lesson, who, &changes, sitting.progress()) {
            self.record(Record::Note(note));
        }
        let staged = changes.iter().any(Change::is_stage);
        for change in changes {
            self.react(now, lesson, change);
        }
        if staged {
            self.say_stage(lesson);
            self.refill(lesson);
        }
        // A change after a quiet time is seen at once; many together wait for each other.
        self.send_roster_if_due(now, lesson);
    }

    fn react(&mut self, now: Time, lesson: &LessonId, change: Change) {
        match change {
            Change::Lesson(phase) => self.lesson_changed(now, lesson, phase),
            Change::Seat { .. } | Change::Hand { .. } => {
                if let Some(class) = self.classes.get_mut(lesson) {
                    class.roster_stale = true;
                }
            }
            Change::Figures(_) => {
                if let Some(class) = self.classes.get_mut(lesson) {
                    class.figures_stale = true;
                }
            }
            Change::Source { .. } => {
                if let Some(sources) = self.classes.get(lesson).map(|class| class.sitting.sources()) {
                    self.say_to_all(lesson, &ToPage::Sources { sources: sources.into() });
                }
                self.refill(lesson);
            }
            Change::Publishing(publisher) => {
                if let Some(class) = self.classes.get_mut(lesson).filter(|_| publisher.is_none()) {
                    // What a page said of its sources says nothing of the next one's.
                    class.declared = [None; Source::ALL.len()];
                }
                self.refill(lesson);
            }
            Change::Replanned => self.lesson_replanned(lesson),
            Change::Uninvited(room) => self.show_out(now, lesson, &room),
            Change::RoomStream(_) => self.refill(lesson),
            Change::PageReplaced(page) => self.replace_page(now, page),
            Change::StreamOver(Stream(older)) => self.end_session(now, SessionId(older)),
            // Told once for all of them.
            Change::Stage { .. } | Change::Mic { .. } | Change::Teacher { .. } => {}
        }
    }

    /// A newer page took this one's place. A room's media goes with its page; a teacher's goes on until the newer page
    /// takes that over too.
    fn replace_page(&mut self, now: Time, page: Page) {
        let Some(open) = self.pages.get_mut(&page) else { return };
        open.end(Goodbye::Replaced);
        if let Some(session) = open.watches {
            self.end_session(now, session);
        }
    }

    fn lesson_changed(&mut self, now: Time, lesson: &LessonId, phase: Phase) {
        let Some(class) = self.classes.get(lesson) else { return };
        self.progress.insert(lesson.clone(), class.sitting.progress());
        let view = LessonView::of(class.sitting.entry(), phase, &self.alliance);
        tracing::info!(%lesson, state = phase.as_str(), "lesson");
        self.say_to_all(lesson, &ToPage::Lesson { lesson: view });
        if phase == Phase::Ended {
            let sessions: Vec<_> = self.sessions_of(lesson).collect();
            sessions.into_iter().for_each(|session| self.end_session(now, session));
        }
    }

    /// Every media session of a lesson.
    pub(super) fn sessions_of<'a>(&'a self, lesson: &'a LessonId) -> impl Iterator<Item = SessionId> + 'a {
        self.sessions.values().filter(move |session| session.lesson == *lesson).map(|session| session.id)
    }

    /// Puts into every slot of a lesson what belongs there now.
    pub(super) fn refill(&mut self, lesson: &LessonId) {
        let watchers: Vec<_> = self.sessions_of(lesson).filter(|id| self.is_watcher(*id)).collect();
        watchers.into_iter().for_each(|watcher| self.refill_session(watcher));
    }

    /// Puts into every slot of a watcher what belongs there now.
    pub(super) fn refill_session(&mut self, watcher: SessionId) {
        let Some(lesson) = self.sessions.get(&watcher).map(|session| session.lesson.clone()) else { return };
        let Some(class) = self.classes.get(&lesson) else { return };
        let Some(session) = self.sessions.get(&watcher) else { return };
        let Kind::Watch(slots) = &session.kind else { return };
        let track = |feed: &Feed| {
            let sender = self.sessions.get(&class.sender(feed)?)?;
            Some((sender.id, sender.track(feed.source)?))
        };
        let wanted = |slot| class.sitting.feed(slot, &session.actor).map(|feed| (track(&feed), feed));
        let wanted: Vec<_> = slots.iter().map(|slot| wanted(slot.slot)).collect();
        let mut changed = false;
        for (number, wanted) in wanted.into_iter().enumerate() {
            changed |= self.fill_slot(watcher, number, wanted);
        }
        if changed {
            self.say_slots(watcher);
        }
    }

    /// Fills one slot; whether its source is another one now.
    fn fill_slot(
        &mut self,
        watcher: SessionId,
        number: usize,
        wanted: Option<(Option<(SessionId, usize)>, Feed)>,
    ) -> bool {
        let Some(Kind::Watch(slots)) = self.sessions.get_mut(&watcher).map(|session| &mut session.kind) else {
            return false;
        };
        let Some(slot) = slots.get_mut(number) else { return false };
        let (track, feed) = wanted.unzip();
        let track = track.flatten();
        let changed = slot.feed != feed;
        slot.feed = feed;
        let before = std::mem::replace(&mut slot.filled, track);
        if before != track && self.tell_fill(watcher, number, track).is_err() {
            self.note_unfilled(watcher, number, before);
        }
        changed
    }

    fn tell_fill(&self, watcher: SessionId, slot: usize, track: Option<(SessionId, usize)>) -> Result<(), Busy> {
        let lane = |session| (thread_of(session) != thread_of(watcher)).then_some(thread_of(session));
        let source = track.map(|(session, track)| {
            let lane = lane(session).and_then(|thread| u8::try_from(thread).ok());
            sfu::command::Source { session, track, lane }
        });
        self.tell_media(watcher, sfu::command::Command::Fill { session: watcher, slot, source })
    }

    /// A slot still holds what it held; it is tried again with the next tick.
    fn note_unfilled(&mut self, watcher: SessionId, number: usize, before: Option<(SessionId, usize)>) {
        let Some(session) = self.sessions.get_mut(&watcher) else { return };
        if let Some(class) = self.classes.get_mut(&session.lesson) {
            class.unfilled = true;
        }
        if let Kind::Watch(slots) = &mut session.kind
            && let Some(slot) = slots.get_mut(number)
        {
            slot.filled = before;
        }
    }

    /// Tells every page of a lesson who is on stage.
    fn say_stage(&mut self, lesson: &LessonId) {
        let Some(class) = self.classes.get(lesson) else { return };
        let stage = stage_view(class.sitting.stage(), &self.alliance);
        self.say_to_all(lesson, &ToPage::Stage { stage });
    }

    /// Tells a watcher's page what fills its slots.
    pub(super) fn say_slots(&mut self, watcher: SessionId) {
        let Some(session) = self.sessions.get(&watcher) else { return };
        if let (Some(page), slots) = (session.page, session.slots()) {
            self.say(page, ToPage::Slots { slots });
        }
    }

    /// Sends the lists of rooms that have changed.
    pub(super) fn send_rosters(&mut self, now: Time) {
        let is_stale = |class: &Class| class.roster_stale || class.figures_stale;
        let stale = |(lesson, class): (&LessonId, &Class)| is_stale(class).then(|| lesson.clone());
        let lessons: Vec<LessonId> = self.classes.iter().filter_map(stale).collect();
        lessons.iter().for_each(|lesson| self.send_roster_if_due(now, lesson));
    }

    /// Sends the list of rooms to every page of a lesson, if it has changed and was not sent just now. Figures alone
    /// are for the teacher: a county's rooms would fill their own lines with them.
    fn send_roster_if_due(&mut self, now: Time, lesson: &LessonId) {
        let Some(class) = self.classes.get_mut(lesson) else { return };
        let (waited, teacher) = (now.since(class.roster_sent), class.sitting.teacher());
        let to_all = class.roster_stale && waited >= ROSTER_WAIT;
        let to_teacher = class.figures_stale && waited >= FIGURES_WAIT;
        if !to_all && !to_teacher {
            return;
        }
        class.roster_stale &= !to_all;
        (class.figures_stale, class.roster_sent) = (false, now);
        let rooms = self.roster(lesson);
        match teacher.filter(|_| !to_all) {
            Some(page) => self.say(page, ToPage::Roster { rooms }),
            None if to_all => self.say_to_all(lesson, &ToPage::Roster { rooms }),
            None => {}
        }
    }

    /// Tries again what a media thread was too busy for.
    pub(super) fn fill_what_waits(&mut self) {
        let mut waiting = Vec::new();
        for (lesson, class) in &mut self.classes {
            if std::mem::take(&mut class.unfilled) {
                waiting.push(lesson.clone());
            }
        }
        waiting.iter().for_each(|lesson| self.refill(lesson));
    }

    /// The rooms of a lesson and how they are doing.
    pub(super) fn roster(&self, lesson: &LessonId) -> Vec<SeatView> {
        let seats = self.classes.get(lesson).into_iter().flat_map(|class| class.sitting.seats());
        seats.map(|seat| SeatView::of(seat, &self.alliance)).collect()
    }

    /// Lets every class know the time, and forgets those that are over and empty.
    pub(super) fn tick_classes(&mut self, now: Time) {
        let due: Vec<LessonId> = self
            .classes
            .iter()
            .filter(|(_, class)| class.sitting.wakes() <= now)
            .map(|(lesson, _)| lesson.clone())
            .collect();
        for lesson in due {
            if let Err(refusal) = self.apply(now, &lesson, &Actor::server(), Command::Tick) {
                tracing::error!(%lesson, code = refusal.code(), "a class does not take the time");
            }
        }
        let Self { classes, pages, .. } = self;
        classes.retain(|lesson, class| {
            class.sitting.phase() != Phase::Ended || pages.values().any(|page| page.lesson == *lesson)
        });
    }

    fn is_watcher(&self, session: SessionId) -> bool {
        self.sessions.get(&session).is_some_and(super::session::Session::is_watcher)
    }
}
