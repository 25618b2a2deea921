//! The live class of one lesson as a value: commands go in, changes come out.

use std::collections::BTreeMap;

use crate::base::time::Time;

use super::change::Change;
use super::command::{Command, Page, Stream};
use super::id::RoomId;
use super::permit::{Actor, Role, permit};
use super::refusal::Refusal;
use super::seat::{Hand, Line, Report, Seat};
use super::slot::{Source, Sources};
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
    seats: BTreeMap<RoomId, Seat>,
    teacher: Option<Page>,
    stream: Option<Stream>,
    sources: Sources,
    /// The latest time that was handed in.
    now: Time,
    hands_raised: u64,
}

impl Sitting {
    /// The class of a lesson, as far as it had come.
    pub fn new(entry: Entry, progress: Progress) -> Self {
        let seats = entry.rooms.iter().map(|room| (room.clone(), Seat::new(room.clone()))).collect();
        Self {
            entry,
            progress,
            seats,
            teacher: None,
            stream: None,
            sources: Sources::default(),
            now: Time::default(),
            hands_raised: 0,
        }
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
    /// [`Refusal::NotPermitted`], [`Refusal::LessonEnded`] or [`Refusal::AlreadyPublishing`].
    pub fn apply(&mut self, now: Time, who: &Actor, command: Command) -> Result<Vec<Change>, Refusal> {
        permit(who, command.action(), &self.entry)?;
        if self.phase() == Phase::Ended {
            return if command.is_fact() { Ok(Vec::new()) } else { Err(Refusal::LessonEnded) };
        }
        self.now = self.now.max(now);
        match command {
            Command::Open(page) => Ok(self.open(who, page)),
            Command::Close(page) => Ok(self.close(who, page)),
            Command::Start => Ok(self.start()),
            Command::End => self.end_by_teacher(),
            Command::Hand { up } => self.hand(who, up),
            Command::LowerHand(room) => self.lower_hand(&room),
            Command::Say { source, on } => Ok(self.say(source, on)),
            Command::Report(report) => self.report(who, report),
            Command::Publish { stream, take_over } => self.publish(stream, take_over),
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
        let lowered = self.seats.values_mut().filter_map(lower).collect::<Vec<_>>();
        self.progress.phase = Phase::Ended;
        self.progress.ended = Some(self.now);
        lowered.into_iter().chain([Change::Lesson(Phase::Ended)]).collect()
    }

    fn hand(&mut self, who: &Actor, up: bool) -> Result<Vec<Change>, Refusal> {
        let hand = Hand { since: self.now, turn: self.hands_raised };
        let seat = who.as_room().and_then(|room| self.seats.get_mut(room)).ok_or(Refusal::NotPermitted)?;
        if up && !seat.is_here() {
            return Err(Refusal::NotPermitted);
        }
        if !seat.raise(up.then_some(hand)) {
            return Ok(Vec::new());
        }
        self.hands_raised += u64::from(up);
        Ok(vec![Change::Hand { room: seat.room().clone(), up }])
    }

    fn lower_hand(&mut self, room: &RoomId) -> Result<Vec<Change>, Refusal> {
        let seat = self.seats.get_mut(room).ok_or(Refusal::NotPermitted)?;
        Ok(lower(seat).into_iter().collect())
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

    fn publish(&mut self, stream: Stream, take_over: bool) -> Result<Vec<Change>, Refusal> {
        match self.stream {
            Some(older) if older == stream => return Ok(Vec::new()),
            Some(_) if !take_over => return Err(Refusal::AlreadyPublishing),
            _ => {}
        }
        let older = self.stream.replace(stream);
        Ok(older.map(Change::StreamReplaced).into_iter().chain([Change::Publishing(Some(stream))]).collect())
    }

    fn unpublish(&mut self, stream: Stream) -> Vec<Change> {
        let gone = self.stream.take_if(|open| *open == stream);
        gone.map(|_| Change::Publishing(None)).into_iter().collect()
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
        let over = self.seats.values_mut().filter(|seat| seat.kept_until().is_some_and(|until| until <= now));
        over.map(|seat| {
            seat.give_up();
            Change::Seat { room: seat.room().clone(), state: seat.state() }
        })
        .collect()
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

fn lower(seat: &mut Seat) -> Option<Change> {
    seat.raise(None).then(|| Change::Hand { room: seat.room().clone(), up: false })
}
