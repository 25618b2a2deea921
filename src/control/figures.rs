//! The school in figures: for the ops page, for teachers, and for the metrics.

use std::time::Duration;

use super::message::ToPage;
use super::school::School;
use super::session::{Kind, Session};
use super::state::State;
use super::view::{OpsLesson, OpsRoom, OpsUplink, OpsView, SessionCounts, ThreadView, Totals, UplinkView, millis, ms};
use crate::base::time::Time;
use crate::io::clock;
use crate::lesson::seat::{Seat, SeatState};
use crate::lesson::{Action, Layer, LessonId, Phase, Refusal, Slot, Source, permits};
use crate::sfu::counters::Count;
use crate::sfu::event::Figures;

/// A teacher whose packets stop for so long has lost the line, not the words.
const SILENT_AFTER: Duration = Duration::from_secs(3);
/// Above these shares of loss a teacher's line is weak, or bad.
const WEAK_LOSS: f32 = 0.02;
const BAD_LOSS: f32 = 0.10;

/// Totals of each media thread a moment ago, and the rates since the moment before.
#[derive(Default)]
pub(super) struct Rates {
    before: Vec<[u64; 5]>,
    at: Time,
    per_second: Vec<[u64; 5]>,
}

/// What is made into rates, in the order of [`Rates`]' arrays; the last is all discards.
const RATED: [Count; 4] = [Count::PacketsReceived, Count::PacketsSent, Count::BytesReceived, Count::BytesSent];

impl School {
    /// What the ops page shows.
    pub fn ops(&self, role: crate::lesson::Role) -> Result<OpsView, Refusal> {
        if !permits(role, Action::ReadFigures) {
            return Err(Refusal::NotPermitted);
        }
        let now = clock::now();
        let uptime_s = now.since(self.started()).as_secs();
        let state = self.state();
        Ok(OpsView {
            now_ms: ms(now),
            version: env!("CARGO_PKG_VERSION"),
            uptime_s,
            totals: state.totals(),
            threads: state.threads(),
            lessons: state.classes.keys().filter_map(|lesson| state.ops_lesson(lesson)).collect(),
        })
    }

    /// Lessons that are live, rooms in them, and media sessions by role and road.
    pub fn census(&self) -> (Totals, SessionCounts) {
        let state = self.state();
        let mut counts = SessionCounts::new();
        for session in state.sessions.values() {
            let road = session.figures.and_then(|figures| figures.road);
            let road = road.map_or("none", |road| if road.is_tcp() { "tcp" } else { "udp" });
            *counts.entry((session.actor.role.as_str(), road)).or_default() += 1;
        }
        (state.totals(), counts)
    }
}

impl Session {
    /// The layer that a watcher's picture of the teacher has now.
    pub(super) fn camera_layer(&self) -> Option<Layer> {
        let Kind::Watch(slots) = &self.kind else { return None };
        slots.iter().find(|slot| matches!(slot.slot, Slot::Camera | Slot::Picture)).and_then(|slot| slot.layer)
    }
}

impl State {
    /// Makes rates of the threads' counters; to be called about once a second.
    pub(super) fn measure(&mut self, now: Time) {
        let totals: Vec<[u64; 5]> = self.media.iter().map(|media| rated(&media.board)).collect();
        let passed = millis(now.since(self.rates.at)).max(1);
        self.rates.per_second = totals
            .iter()
            .zip(self.rates.before.iter().chain(std::iter::repeat(&[0; 5])))
            .map(|(now, before)| std::array::from_fn(|n| now[n].saturating_sub(before[n]) * 1_000 / passed))
            .collect();
        (self.rates.before, self.rates.at) = (totals, now);
    }

    /// Tells every teacher how the line is doing.
    pub(super) fn say_uplinks(&mut self) {
        let lessons: Vec<LessonId> = self.classes.keys().cloned().collect();
        for lesson in lessons {
            let Some(class) = self.classes.get(&lesson).filter(|class| class.sitting.phase() != Phase::Ended) else {
                continue;
            };
            let Some(page) = class.sitting.teacher() else { continue };
            let uplink = self.uplink(&lesson).unwrap_or_else(no_uplink);
            self.say(page, ToPage::Uplink(uplink));
        }
    }

    fn uplink(&self, lesson: &LessonId) -> Option<UplinkView> {
        let class = self.classes.get(lesson)?;
        let publisher = self.sessions.get(&class.publisher()?)?;
        // A publisher's media tell no round trip; its page's WebSocket goes the same way.
        let round_trip = class.sitting.teacher().and_then(|page| self.pages.get(&page)?.round_trip);
        let figures = publisher.figures?;
        let camera = publisher.track(Source::Camera)?;
        let layers = (0_u8..).map_while(|number| publisher.layer(camera, number)).enumerate();
        let unwatched = layers.filter(|(number, _)| !figures.watched[camera].get(*number).is_some_and(|seen| *seen));
        Some(UplinkView {
            state: uplink_state(&figures),
            bps: figures.received_bps,
            loss: figures.loss,
            rtt_ms: round_trip.map_or(0, millis),
            unwatched: unwatched.map(|(_, layer)| layer.as_str()).collect(),
        })
    }

    fn totals(&self) -> Totals {
        let sum = |n: usize| self.rates.per_second.iter().map(|rates| rates[n]).sum::<u64>();
        let live = || self.classes.values().filter(|class| class.sitting.phase() == Phase::Live);
        Totals {
            lessons_live: live().count(),
            rooms_online: self.classes.values().map(|class| class.sitting.rooms_here()).sum(),
            packets_in_per_s: sum(0),
            packets_out_per_s: sum(1),
            bps_in: sum(2) * 8,
            bps_out: sum(3) * 8,
            discards_per_s: sum(4),
        }
    }

    fn threads(&self) -> Vec<ThreadView> {
        let rates = self.rates.per_second.iter().chain(std::iter::repeat(&[0; 5]));
        let threads = self.media.iter().zip(rates).enumerate();
        threads
            .map(|(index, (media, rates))| ThreadView {
                index,
                port: media.port,
                packets_in_per_s: rates[0],
                packets_out_per_s: rates[1],
                peers: media.board.peers(),
            })
            .collect()
    }

    fn ops_lesson(&self, lesson: &LessonId) -> Option<OpsLesson> {
        let class = self.classes.get(lesson)?;
        let uplink = self.uplink(lesson);
        let lead_fails = class.sitting.phase() == Phase::Live
            && uplink.as_ref().is_none_or(|uplink| matches!(uplink.state, "bad" | "none"));
        let publisher = class.publisher().and_then(|id| self.sessions.get(&id)).and_then(|session| session.figures);
        Some(OpsLesson {
            lesson: self.lesson_view(class.sitting.entry()),
            uplink: uplink.map(|uplink| OpsUplink {
                state: uplink.state,
                bps: uplink.bps,
                loss: uplink.loss,
                rtt_ms: uplink.rtt_ms,
                road: publisher.and_then(|figures| road_name(&figures)).unwrap_or("udp"),
            }),
            rooms: class.sitting.seats().map(|seat| self.ops_room(lesson, seat, lead_fails)).collect(),
        })
    }

    fn ops_room(&self, lesson: &LessonId, seat: &Seat, lead_fails: bool) -> OpsRoom {
        let mut sessions = self.sessions.values().filter(|session| {
            session.is_watcher() && session.lesson == *lesson && session.actor.as_room() == Some(seat.room())
        });
        let session = sessions.next_back();
        let figures = session.and_then(|session| session.figures);
        let room = self.alliance.room(seat.room());
        OpsRoom {
            id: seat.room().to_string(),
            name: room.map_or_else(String::new, |room| room.name.clone()),
            school: self.alliance.school_name_of(seat.room()).to_owned(),
            state: seat.state().as_str(),
            bps: figures.map_or(0, |figures| figures.sent_bps),
            loss: figures.map_or(0.0, |figures| figures.loss),
            rtt_ms: figures.and_then(|figures| figures.round_trip).map_or(0, millis),
            layer: session.and_then(Session::camera_layer).map(Layer::as_str),
            road: figures.and_then(|figures| road_name(&figures)),
            freezes: seat.freezes(),
            cause: cause(seat, lead_fails),
        }
    }
}

/// Why a room does not see well, if it does not.
fn cause(seat: &Seat, lead_fails: bool) -> Option<&'static str> {
    let device = seat.report().is_some_and(|report| report.problem.is_some());
    match seat.state() {
        SeatState::Watching | SeatState::Weak | SeatState::Joining if lead_fails => Some("lead_uplink"),
        SeatState::Watching | SeatState::Joining if device => Some("room_device"),
        SeatState::Weak | SeatState::Lost => Some("room_downlink"),
        SeatState::Watching | SeatState::Joining | SeatState::Absent => None,
    }
}

fn uplink_state(figures: &Figures) -> &'static str {
    match figures {
        figures if figures.silent >= SILENT_AFTER || figures.road.is_none() => "none",
        figures if figures.loss >= BAD_LOSS => "bad",
        figures if figures.loss >= WEAK_LOSS => "weak",
        _ => "good",
    }
}

const fn no_uplink() -> UplinkView {
    UplinkView { state: "none", bps: 0, loss: 0.0, rtt_ms: 0, unwatched: Vec::new() }
}

fn road_name(figures: &Figures) -> Option<&'static str> {
    figures.road.map(|road| if road.is_tcp() { "tcp" } else { "udp" })
}

fn rated(board: &crate::io::board::Board) -> [u64; 5] {
    let count = |what: Count| board.counts().find(|(known, _)| *known == what).map_or(0, |(_, count)| count);
    let [a, b, c, d] = RATED.map(count);
    [a, b, c, d, board.discards().map(|(_, count)| count).sum()]
}
