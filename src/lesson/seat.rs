//! The seat of one room in one lesson: whether it is here, how well it sees, and its hand.

use std::time::Duration;

use crate::base::time::Time;

use super::command::{Page, Stream};
use super::id::RoomId;
use super::slot::Layer;

/// How long the seat of a room that is gone is kept.
pub const SEAT_KEPT: Duration = Duration::from_secs(10 * 60);

/// From this loss on (0–1) a room counts as weak: a picture breaks up visibly from about here.
const WEAK_LOSS: f32 = 0.05;

/// Below this loss (0–1) a weak room is well again; the gap keeps the teacher's list from flickering.
const WELL_LOSS: f32 = 0.02;

/// Whether a room is here, and how well it sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeatState {
    /// Not here.
    Absent,
    /// Its page is open and no media flows yet.
    Joining,
    /// Media flows.
    Watching,
    /// Media flows, with loss or in the smallest layer.
    Weak,
    /// It was here and is gone.
    Lost,
}

impl SeatState {
    /// Its name in messages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Joining => "joining",
            Self::Watching => "watching",
            Self::Weak => "weak",
            Self::Lost => "lost",
        }
    }
}

/// How well media flows to a room.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    /// The share of packets lost over the last report, 0–1.
    pub loss: f32,
    /// There and back.
    pub rtt: Duration,
    /// The layer of the camera it is sent; none while it is sent no camera.
    pub layer: Option<Layer>,
    /// It carries less than the room wants and the teacher sends.
    pub held_back: bool,
}

/// What a room's decoder did since its last report.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Report {
    /// From joining to the first picture, in milliseconds, once it is known.
    pub picture_ms: Option<u32>,
    /// Camera frames a second.
    pub fps: f32,
    /// How often the picture froze.
    pub freezes: u32,
    /// Audio samples that had to be made up.
    pub concealed: u64,
    /// What is wrong, if anything.
    pub problem: Option<Problem>,
}

/// What a room's page knows to be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// Connected, but nothing arrives.
    NoMedia,
    /// The browser plays no sound before a key is pressed.
    Autoplay,
    /// The decoder gave up.
    Decoder,
    /// On stage without a picture.
    NoCamera,
    /// On stage without a voice.
    NoMicrophone,
}

impl Problem {
    /// Its name in messages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoMedia => "no_media",
            Self::Autoplay => "autoplay",
            Self::Decoder => "decoder",
            Self::NoCamera => "no_camera",
            Self::NoMicrophone => "no_microphone",
        }
    }

    /// The problem of that name.
    pub fn parse(name: &str) -> Option<Self> {
        let all = [Self::NoMedia, Self::Autoplay, Self::Decoder, Self::NoCamera, Self::NoMicrophone];
        all.into_iter().find(|problem| problem.as_str() == name)
    }
}

/// A raised hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hand {
    /// When it went up.
    pub since: Time,
    /// Which hand of this lesson it is: the order of two in the same moment.
    pub turn: u64,
}

/// The seat of one room.
#[derive(Clone, Debug, PartialEq)]
pub struct Seat {
    room: RoomId,
    page: Option<Page>,
    line: Option<Line>,
    weak: bool,
    gone: Option<Time>,
    hand: Option<Hand>,
    stream: Option<Stream>,
    report: Option<Report>,
    freezes: u64,
}

impl Seat {
    /// The empty seat of `room`.
    pub(super) const fn new(room: RoomId) -> Self {
        Self {
            room,
            page: None,
            line: None,
            weak: false,
            gone: None,
            hand: None,
            stream: None,
            report: None,
            freezes: 0,
        }
    }

    /// Whose seat it is.
    pub const fn room(&self) -> &RoomId {
        &self.room
    }

    /// Whether the room is here and how well it sees: it follows from the page and the media, so it cannot contradict them.
    pub const fn state(&self) -> SeatState {
        match (self.line, self.page, self.gone) {
            (Some(_), _, _) if self.weak => SeatState::Weak,
            (Some(_), _, _) => SeatState::Watching,
            (None, Some(_), _) => SeatState::Joining,
            (None, None, Some(_)) => SeatState::Lost,
            (None, None, None) => SeatState::Absent,
        }
    }

    /// Whether the room is here: its page is open or media flows to it.
    pub const fn is_here(&self) -> bool {
        self.page.is_some() || self.line.is_some()
    }

    /// Its open page.
    pub const fn page(&self) -> Option<Page> {
        self.page
    }

    /// How well media flows to it; none while none flows.
    pub const fn line(&self) -> Option<Line> {
        self.line
    }

    /// Its hand, while it is up.
    pub const fn hand(&self) -> Option<Hand> {
        self.hand
    }

    /// What it sends.
    pub const fn stream(&self) -> Option<Stream> {
        self.stream
    }

    /// What its decoder last said.
    pub const fn report(&self) -> Option<Report> {
        self.report
    }

    /// How often its picture froze in this lesson.
    pub const fn freezes(&self) -> u64 {
        self.freezes
    }

    /// When the seat will be given up, if the room is gone.
    pub(super) fn kept_until(&self) -> Option<Time> {
        self.gone.map(|gone| gone + SEAT_KEPT)
    }

    /// Lets a page sit down; gives the older one that has to stand up.
    pub(super) fn open(&mut self, page: Page) -> Option<Page> {
        let older = self.page.replace(page).filter(|older| *older != page);
        if older.is_some() {
            // The older page's media goes with it.
            self.line = None;
            self.report = None;
        }
        self.gone = None;
        older
    }

    /// Lets a page go, if it still has the seat.
    pub(super) fn close(&mut self, now: Time, page: Page) {
        if self.page == Some(page) {
            self.page = None;
            self.note_gone(now);
        }
    }

    /// Notes how media flows.
    pub(super) fn flow(&mut self, now: Time, line: Option<Line>) {
        let was_here = self.is_here();
        self.line = line;
        self.weak = line.is_some_and(|line| is_weak(line, self.weak));
        if line.is_some() {
            self.gone = None;
        } else if was_here {
            self.note_gone(now);
        }
    }

    /// Notes what the room sends from now on; gives what it sent.
    pub(super) fn send(&mut self, stream: Option<Stream>) -> Option<Stream> {
        std::mem::replace(&mut self.stream, stream)
    }

    /// Notes what the decoder said.
    pub(super) fn hear(&mut self, report: Report) {
        self.freezes = self.freezes.saturating_add(report.freezes.into());
        self.report = Some(report);
    }

    /// Puts the hand up or down; whether that changed anything. A hand that is up keeps its time.
    pub(super) fn raise(&mut self, hand: Option<Hand>) -> bool {
        let changed = self.hand.is_some() != hand.is_some();
        if changed {
            self.hand = hand;
        }
        changed
    }

    /// Gives the seat up.
    pub(super) fn give_up(&mut self) {
        *self = Self { freezes: self.freezes, stream: self.stream, ..Self::new(self.room.clone()) };
    }

    fn note_gone(&mut self, now: Time) {
        if !self.is_here() {
            self.gone = Some(now);
            self.report = None;
        }
    }
}

/// Whether a line is weak, given whether it was. A loss that is no number counts as total.
fn is_weak(line: Line, was: bool) -> bool {
    let enough = if was { WELL_LOSS } else { WEAK_LOSS };
    let loss = if line.loss.is_nan() { 1.0 } else { line.loss };
    loss >= enough || line.held_back
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(loss: f32, held_back: bool) -> Option<Line> {
        Some(Line { loss, rtt: Duration::from_millis(40), layer: Some(Layer::Half), held_back })
    }

    fn states_of(flows: &[Option<Line>]) -> Vec<SeatState> {
        let mut seat = Seat::new(RoomId::new("r").unwrap());
        flows
            .iter()
            .map(|&line| {
                seat.flow(Time::default(), line);
                seat.state()
            })
            .collect()
    }

    #[test]
    fn a_weak_room_is_well_again_only_when_clearly_so() {
        use SeatState::{Lost, Watching, Weak};
        let flows = [0.0, 0.049, 0.05, 0.03, 0.019, 0.03, f32::NAN].map(|loss| line(loss, false));
        assert_eq!(states_of(&flows), [Watching, Watching, Weak, Weak, Watching, Watching, Weak]);
        assert_eq!(states_of(&[line(0.0, true), None]), [Weak, Lost]);
    }

    #[test]
    fn a_page_that_reconnects_while_media_flows_is_never_lost() {
        let mut seat = Seat::new(RoomId::new("r").unwrap());
        assert_eq!(seat.open(Page(1)), None);
        seat.flow(Time::default(), line(0.0, false));
        seat.close(Time::default(), Page(1));
        assert_eq!(seat.state(), SeatState::Watching);
        assert_eq!(seat.open(Page(2)), None);
        assert_eq!(seat.state(), SeatState::Watching);
    }
}
