//! What doors show of a lesson: the shapes of `docs/protocol.md`, filled from the domain.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::base::time::Time;
use crate::lesson::seat::Seat;
use crate::lesson::stage::{OnStage, Stage};
use crate::lesson::{Alliance, Entry, Phase, Sources};

/// A lesson as pages see it (§3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LessonView {
    id: String,
    title: String,
    subject: String,
    teacher: String,
    school: String,
    starts_ms: u64,
    ends_ms: u64,
    state: &'static str,
}

impl LessonView {
    pub(super) fn of(entry: &Entry, phase: Phase, alliance: &Alliance) -> Self {
        Self {
            id: entry.lesson.to_string(),
            title: entry.title.clone(),
            subject: entry.subject.clone(),
            teacher: alliance.name_of_person(&entry.teacher).to_owned(),
            school: alliance.name_of_school(&entry.lead).to_owned(),
            starts_ms: entry.starts.millis(),
            ends_ms: entry.ends.millis(),
            state: phase.as_str(),
        }
    }
}

/// Somebody or something with a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Named {
    pub(super) id: String,
    pub(super) name: String,
}

/// The answer to a key (§3).
#[derive(Clone, Debug, Serialize)]
pub struct EnterView {
    /// None for a teacher whose next lesson is not near yet.
    pub(super) token: Option<String>,
    pub(super) expires_ms: u64,
    pub(super) now_ms: u64,
    pub(super) role: &'static str,
    pub(super) school: Option<String>,
    pub(super) room: Option<Named>,
    pub(super) person: Option<Named>,
    pub(super) lesson: Option<LessonView>,
    pub(super) today: Vec<LessonView>,
    /// Rooms on stage at once: so many sections a watcher's offer has for them.
    pub(super) stage_places: usize,
}

/// A room's seat (§6).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SeatView {
    room: String,
    name: String,
    school: String,
    state: &'static str,
    hand_ms: Option<u64>,
    loss: f32,
    rtt_ms: u64,
    layer: Option<&'static str>,
    problem: Option<&'static str>,
}

impl SeatView {
    pub(super) fn of(seat: &Seat, alliance: &Alliance) -> Self {
        let line = seat.line();
        Self {
            room: seat.room().to_string(),
            name: alliance.room(seat.room()).map_or_else(String::new, |room| room.name.clone()),
            school: alliance.school_name_of(seat.room()).to_owned(),
            state: seat.state().as_str(),
            hand_ms: seat.hand().map(|hand| hand.since.millis()),
            loss: line.map_or(0.0, |line| line.loss),
            rtt_ms: line.map_or(0, |line| millis(line.rtt)),
            layer: line.and_then(|line| line.layer).map(|layer| layer.as_str()),
            problem: seat.report().and_then(|report| report.problem).map(|problem| problem.as_str()),
        }
    }
}

/// What the teacher sends (§6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SourcesView {
    camera: bool,
    voice: bool,
    screen: bool,
}

impl From<Sources> for SourcesView {
    fn from(sources: Sources) -> Self {
        Self { camera: sources.camera, voice: sources.voice, screen: sources.screen }
    }
}

/// What fills one slot of a watcher (§6).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SlotView {
    pub(super) slot: &'static str,
    pub(super) source: Option<&'static str>,
    /// The room it comes from; none is the teacher.
    pub(super) room: Option<String>,
    pub(super) layer: Option<&'static str>,
}

/// A room on stage (§6).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StageView {
    place: u8,
    room: String,
    name: String,
    school: String,
    mic: bool,
    floor: bool,
    since_ms: u64,
}

/// Who is on stage, who came first stands first.
pub(super) fn stage_view(stage: &Stage, alliance: &Alliance) -> Vec<StageView> {
    let view = |on: &OnStage| StageView {
        place: on.place.number(),
        room: on.room.to_string(),
        name: alliance.room(&on.room).map_or_else(String::new, |room| room.name.clone()),
        school: alliance.school_name_of(&on.room).to_owned(),
        mic: stage.speaks() == Some(&on.room),
        floor: stage.has_floor() == Some(&on.room),
        since_ms: on.since.millis(),
    };
    stage.rooms().iter().map(view).collect()
}

/// How the teacher's own line is doing (§6).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct UplinkView {
    pub(super) state: &'static str,
    pub(super) bps: u64,
    pub(super) loss: f32,
    pub(super) rtt_ms: u64,
    pub(super) unwatched: Vec<&'static str>,
}

/// What the ops page shows (§3).
#[derive(Clone, Debug, Serialize)]
pub struct OpsView {
    pub(super) now_ms: u64,
    pub(super) version: &'static str,
    pub(super) uptime_s: u64,
    pub(super) totals: Totals,
    pub(super) threads: Vec<ThreadView>,
    pub(super) lessons: Vec<OpsLesson>,
}

/// The whole server in one line.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Totals {
    /// Lessons that are live.
    pub lessons_live: usize,
    /// Rooms that are in a lesson.
    pub rooms_online: usize,
    pub(super) packets_in_per_s: u64,
    pub(super) packets_out_per_s: u64,
    pub(super) bps_in: u64,
    pub(super) bps_out: u64,
    pub(super) discards_per_s: u64,
}

/// One media thread.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct ThreadView {
    pub(super) index: usize,
    pub(super) port: u16,
    pub(super) packets_in_per_s: u64,
    pub(super) packets_out_per_s: u64,
    pub(super) peers: u64,
}

/// One lesson with its rooms.
#[derive(Clone, Debug, Serialize)]
pub struct OpsLesson {
    #[serde(flatten)]
    pub(super) lesson: LessonView,
    pub(super) uplink: Option<OpsUplink>,
    pub(super) rooms: Vec<OpsRoom>,
}

/// The lead teacher's line.
#[derive(Clone, Debug, Serialize)]
pub struct OpsUplink {
    pub(super) state: &'static str,
    pub(super) bps: u64,
    pub(super) loss: f32,
    pub(super) rtt_ms: u64,
    pub(super) road: &'static str,
}

/// One room's line.
#[derive(Clone, Debug, Serialize)]
pub struct OpsRoom {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) school: String,
    pub(super) state: &'static str,
    pub(super) bps: u64,
    pub(super) loss: f32,
    pub(super) rtt_ms: u64,
    pub(super) layer: Option<&'static str>,
    pub(super) road: Option<&'static str>,
    pub(super) freezes: u64,
    pub(super) cause: Option<&'static str>,
}

/// How many media sessions there are, by role and road.
pub type SessionCounts = BTreeMap<(&'static str, &'static str), usize>;

pub(super) fn millis(wait: std::time::Duration) -> u64 {
    u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)
}

/// A moment as pages read it.
pub(super) const fn ms(at: Time) -> u64 {
    at.millis()
}

pub(super) fn named(id: &str, name: &str) -> Named {
    Named { id: id.to_owned(), name: name.to_owned() }
}
