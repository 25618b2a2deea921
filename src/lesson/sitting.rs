//! The live class of one lesson as a value: commands go in, changes come out.

use std::collections::BTreeMap;

use crate::base::time::Time;

use super::change::Change;
use super::command::{Command, Page, Stream};
use super::floor::lower;
use super::id::RoomId;
use super::permit::{Actor, Role, permit};
use super::refusal::Refusal;
use super::seat::{Hand, Line, Report, Seat};
use super::slot::{Source, Sources};
use super::stage::Stage;
use super::timetable::Entry;

/// How far a lesson has come. It only ever goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Not begun.
    #[default]
    Planned,
    /// Begun.
    Live,
    /// Over.
    Ended,
}

impl Phase {
    /// Its name in messages and tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Live => "live",
            Self::Ended => "ended",
        }
    }

    /// The phase of that name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Planned, Self::Live, Self::Ended].into_iter().find(|phase| phase.as_str() == name)
    }
}

/// What of a lesson outlives the process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// How far it has come.
    pub phase: Phase,
    /// When it began, if it did.
    pub began: Option<Time>,
    /// When it ended, if it did.
    pub ended: Option<Time>,
}

/// The live class of one lesson.
#[derive(Clone, Debug, PartialEq)]
pub struct Sitting {
    entry: Entry,
    progress: Progress,
    pub(super) seats: BTreeMap<RoomId, Seat>,
    pub(super) stage: Stage,
    teacher: Option<Page>,
    stream: Option<Stream>,
    sources: Sources,
    /// The latest time that was handed in.
    pub(super) now: Time,
    pub(super) hands_raised: u64,
}

impl Sitting {
    /// The class of a lesson, as far as it had come, with so many places on stage.
    pub fn new(entry: Entry, progress: Progress, places: usize) -> Self {
        let seats = entry.rooms.iter().map(|room| (room.clone(), Seat::new(room.clone()))).collect();
        Self {
            entry,
            progress,
            seats,
            stage: Stage::new(places),
            teacher: None,
            stream: None,
            sources: Sources::default(),
            now: Time::default(),
            hands_raised: 0,
        }
    }

    /// The plan of the lesson has changed: its hours, its words, its rooms. Rooms that are invited now have a seat; those
    /// that are not any more lose it.
    pub fn replan(&mut self, entry: Entry) -> Vec<Change> {
        let uninvited: Vec<_> = self.seats.keys().filter(|room| !entry.invites(room)).cloned().collect();
        let mut changes = vec![Change::Replanned];
        for room in uninvited {
            changes.extend(self.dismiss(&room));
            if let Some(seat) = self.seats.remove(&room) {
                changes.extend(seat.stream().map(Change::StreamOver));
                changes.push(Change::Uninvited(room));
            }
        }
        for room in &entry.rooms {
            self.seats.entry(room.clone()).or_insert_with(|| Seat::new(room.clone()));
        }
        self.entry = entry;
        changes
    }

    /// The lesson as it is planned.
    pub const fn entry(&self) -> &Entry {
        &self.entry
    }

    /// How far it has come, and when.
    pub const fn progress(&self) -> Progress {
        self.progress
    }

    /// How far it has come.
    pub const fn phase(&self) -> Phase {
        self.progress.phase
    }

    /// One seat for each invited room.
    pub fn seats(&self) -> impl Iterator<Item = &Seat> {
        self.seats.values()
    }

    /// The seat of a room.
    pub fn seat(&self, room: &RoomId) -> Option<&Seat> {
        self.seats.get(room)
    }

    /// The rooms whose hands are up, who waits longest first.
    pub fn hands(&self) -> Vec<(&RoomId, Hand)> {
        let mut hands: Vec<_> = self.seats().filter_map(|seat| Some((seat.room(), seat.hand()?))).collect();
        hands.sort_by_key(|&(_, hand)| hand);
        hands
    }

    /// Who is on stage, and who is heard.
    pub const fn stage(&self) -> &Stage {
        &self.stage
    }

    /// How many rooms are here.
    pub fn rooms_here(&self) -> usize {
        self.seats().filter(|seat| seat.is_here()).count()
    }

    /// What the teacher sends.
    pub const fn sources(&self) -> Sources {
        self.sources
    }

    /// The teacher's open page.
    pub const fn teacher(&self) -> Option<Page> {
        self.teacher
    }

    /// The teacher's stream.
    pub const fn stream(&self) -> Option<Stream> {
        self.stream
    }

    /// When [`Command::Tick`] next has something to do.
    pub fn wakes(&self) -> Time {
        if self.phase() == Phase::Ended {
            return Time::NEVER;
        }
        self.seats().filter_map(Seat::kept_until).fold(self.entry.closes(), Time::min)
    }

    /// Does what `who` asks, and says what is different now; on refusal nothing is.
    ///
    /// # Errors
    /// [`Refusal::NotPermitted`], [`Refusal::LessonEnded`], [`Refusal::AlreadyPublishing`], [`Refusal::RoomNotHere`] or
    /// [`Refusal::MicrophoneClosed`].
    pub fn apply(&mut self, now: Time, who: &Actor, command: Command) -> Result<Vec<Change>, Refusal> {
        permit(who, command.action(), &self.entry)?;
        if self.phase() == Phase::Ended {
            return if command.is_fact() { Ok(Vec::new()) } else { Err(Refusal::LessonEnded) };
        }
        self.now = self.now.max(now);
        let mut changes = self.obey(who, command)?;
        changes.extend(self.end_idle_streams());
        Ok(changes)
    }

    fn obey(&mut self, who: &Actor, command: Command) -> Result<Vec<Change>, Refusal> {
        match command {
            Command::Open(page) => Ok(self.open(who, page)),
            Command::Close(page) => Ok(self.close(who, page)),
            Command::Start => Ok(self.start()),
            Command::End => self.end_by_teacher(),
            Command::Hand { up } => self.hand(who, up),
            Command::LowerHand(room) => self.lower_hand(&room),
            Command::Call(room) => self.call(&room),
            Command::Dismiss(room) => Ok(self.dismiss(&room)),
            Command::Cut(room) => Ok(self.cut(&room)),
            Command::Mic { open } => self.mic(who, open),
            Command::Say { source, on } => Ok(self.say(source, on)),
            Command::Report(report) => self.report(who, report),
            Command::Publish { stream, .. } if who.role == Role::Room => self.publish_from_room(who, stream),
            Command::Publish { stream, take_over } => self.publish(who, stream, take_over),
            Command::Unpublish(stream) => Ok(self.unpublish(stream)),
            Command::Flow { room, line } => self.flow(&room, line),
            Command::Tick => Ok(self.tick()),
        }
    }

    fn open(&mut self, who: &Actor, page: Page) -> Vec<Change> {
        if who.role == Role::Teacher {
            let older = self.teacher.replace(page);
            return match older {
                None => vec![Change::Teacher { here: true }],
                Some(older) if older == page => Vec::new(),
                Some(older) => vec![Change::PageReplaced(older)],
            };
        }
        let mut replaced = None;
        let mut changes = self.change_seat(who.as_room(), |seat, _| replaced = seat.open(page)).unwrap_or_default();
        changes.extend(replaced.map(Change::PageReplaced));
        changes
    }

    fn close(&mut self, who: &Actor, page: Page) -> Vec<Change> {
        if who.role == Role::Teacher {
            let gone = self.teacher.take_if(|open| *open == page);
            return gone.map(|_| Change::Teacher { here: false }).into_iter().collect();
        }
        self.change_seat(who.as_room(), |seat, now| seat.close(now, page)).unwrap_or_default()
    }

    fn start(&mut self) -> Vec<Change> {
        if self.phase() == Phase::Live {
            return Vec::new();
        }
        self.progress = Progress { phase: Phase::Live, began: Some(self.now), ended: None };
        vec![Change::Lesson(Phase::Live)]
    }

    fn end_by_teacher(&mut self) -> Result<Vec<Change>, Refusal> {
        // A slip of the hand before class must not cancel it.
        if self.phase() == Phase::Planned { Err(Refusal::NotPermitted) } else { Ok(self.end()) }
    }

    fn end(&mut self) -> Vec<Change> {
        let mut changes: Vec<_> = self.seats.values_mut().filter_map(lower).collect();
        changes.extend(self.empty_stage());
        self.progress.phase = Phase::Ended;
        self.progress.ended = Some(self.now);
        changes.push(Change::Lesson(Phase::Ended));
        changes
    }

    fn say(&mut self, source: Source, on: bool) -> Vec<Change> {
        if self.sources.turn(source, on) { vec![Change::Source { source, on }] } else { Vec::new() }
    }

    fn report(&mut self, who: &Actor, report: Report) -> Result<Vec<Change>, Refusal> {
        let seat = who.as_room().and_then(|room| self.seats.get_mut(room)).ok_or(Refusal::NotPermitted)?;
        if !seat.is_here() {
            return Ok(Vec::new());
        }
        seat.hear(report);
        Ok(vec![Change::Figures(seat.room().clone())])
    }

    /// Whether `who` may send something new now. A teacher's second page has to say that it takes over.
    ///
    /// # Errors
    /// [`Refusal::AlreadyPublishing`], or [`Refusal::NotPermitted`] for a room that neither is on stage nor asks to be.
    pub fn may_send(&self, who: &Actor, take_over: bool) -> Result<(), Refusal> {
        match who.as_room() {
            Some(room) if self.seat(room).is_some_and(|seat| self.has_cause_to_send(seat)) => Ok(()),
            Some(_) => Err(Refusal::NotPermitted),
            None if self.stream.is_some() && !take_over => Err(Refusal::AlreadyPublishing),
            None => Ok(()),
        }
    }

    fn publish(&mut self, who: &Actor, stream: Stream, take_over: bool) -> Result<Vec<Change>, Refusal> {
        if self.stream == Some(stream) {
            return Ok(Vec::new());
        }
        self.may_send(who, take_over)?;
        let older = self.stream.replace(stream);
        Ok(older.map(Change::StreamOver).into_iter().chain([Change::Publishing(Some(stream))]).collect())
    }

    fn unpublish(&mut self, stream: Stream) -> Vec<Change> {
        match self.stream.take_if(|open| *open == stream) {
            Some(_) => vec![Change::Publishing(None)],
            None => self.unpublish_from_room(stream),
        }
    }

    fn flow(&mut self, room: &RoomId, line: Option<Line>) -> Result<Vec<Change>, Refusal> {
        let mut moved = false;
        let mut changes = self.change_seat(Some(room), |seat, now| {
            moved = seat.line() != line;
            seat.flow(now, line);
        })?;
        if changes.is_empty() && moved {
            changes.push(Change::Figures(room.clone()));
        }
        Ok(changes)
    }

    fn tick(&mut self) -> Vec<Change> {
        if self.now >= self.entry.closes() {
            return self.end();
        }
        let now = self.now;
        let over = self.seats.values().filter(|seat| seat.kept_until().is_some_and(|until| until <= now));
        let over: Vec<_> = over.map(|seat| seat.room().clone()).collect();
        over.iter().flat_map(|room| self.give_up(room)).collect()
    }

    /// A room has been gone for so long that nothing of it is kept.
    fn give_up(&mut self, room: &RoomId) -> Vec<Change> {
        let mut changes = self.dismiss(room);
        if let Some(seat) = self.seats.get_mut(room) {
            seat.give_up();
            changes.push(Change::Seat { room: room.clone(), state: seat.state() });
        }
        changes
    }

    /// Changes a seat, and says what that did to its state; a room that goes takes its hand down.
    fn change_seat(
        &mut self,
        room: Option<&RoomId>,
        change: impl FnOnce(&mut Seat, Time),
    ) -> Result<Vec<Change>, Refusal> {
        let seat = room.and_then(|room| self.seats.get_mut(room)).ok_or(Refusal::NotPermitted)?;
        let before = seat.state();
        change(seat, self.now);
        let mut changes = Vec::new();
        if seat.state() != before {
            changes.push(Change::Seat { room: seat.room().clone(), state: seat.state() });
        }
        if !seat.is_here() {
            changes.extend(lower(seat));
        }
        Ok(changes)
    }
}
