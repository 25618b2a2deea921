//! The pages that are in a lesson: what they say, and what they are told.

use std::time::Duration;

use tokio::sync::mpsc;

use super::admit::Pass;
use super::message::{FromPage, Goodbye, LessonAction, ReportMessage, ToPage, You};
use super::school::School;
use super::session::Kind;
use super::state::State;
use super::view::{LessonView, stage_view};
use crate::base::limits::PAGE_OUTBOX_MAX;
use crate::base::time::Time;
use crate::io::clock;
use crate::lesson::command::{Command, Page};
use crate::lesson::seat::{Problem, Report};
use crate::lesson::{Action, Layer, LessonId, Origin, Refusal, RoomId, Slot, Source, permit};
use crate::sfu;
use crate::sfu::command::{SessionId, Wish};
use crate::telemetry::catalog;

/// Freezes that fit between two reports (5 s apart), and samples (48,000 a second).
const FREEZES_MAX: u32 = 50;
const CONCEALED_MAX: u64 = 5 * 48_000;

/// What a page's connection has to do next.
#[derive(Clone, Debug, PartialEq)]
pub enum Next {
    /// Send this.
    Say(Box<ToPage>),
    /// Close, and say why.
    End(Goodbye),
}

/// A page that is in a lesson.
pub(super) struct OpenPage {
    pub(super) lesson: LessonId,
    pass: Pass,
    next: mpsc::Sender<Next>,
    /// What it sends.
    publishes: Option<SessionId>,
    /// What it watches by.
    pub(super) watches: Option<SessionId>,
    /// There and back on its WebSocket.
    pub(super) round_trip: Option<Duration>,
    /// Whether it has said how long its first picture took.
    pictured: bool,
}

impl OpenPage {
    /// Says something; a page that does not read is closed by its connection, which sees the queue end.
    pub(super) fn say(&mut self, message: ToPage) {
        if self.next.try_send(Next::Say(Box::new(message))).is_err() {
            self.end(Goodbye::TooSlow);
        }
    }

    /// Whether it is a page of this room.
    pub(super) fn is_of_room(&self, room: &RoomId) -> bool {
        self.pass.actor.as_room() == Some(room)
    }

    /// What its token was given for.
    pub(super) const fn origin(&self) -> &Origin {
        &self.pass.origin
    }

    /// Ends its connection.
    pub(super) fn end(&mut self, why: Goodbye) {
        let _gone_already = self.next.try_send(Next::End(why));
        // Whatever was not sent yet is cut off with the queue's end.
        let (closed, _) = mpsc::channel(1);
        self.next = closed;
    }
}

impl School {
    /// A page says hello: its number from now on, and what it is told.
    pub fn open_page(&self, lesson: &LessonId, token: &str) -> Result<(Page, mpsc::Receiver<Next>), Goodbye> {
        let now = clock::now();
        let pass = self.check_token(token).map_err(|_| Goodbye::Unauthorized)?;
        let mut state = self.state();
        // Asked again: it may have been taken back before we had the lock.
        if !state.register.stands(&pass.origin, now) {
            return Err(Goodbye::Unauthorized);
        }
        let page = Page(state.count());
        let (next, receiver) = mpsc::channel(PAGE_OUTBOX_MAX);
        let (actor, origin) = (pass.actor.clone(), pass.origin.clone());
        state.pages.insert(
            page,
            OpenPage {
                lesson: lesson.clone(),
                pass,
                next,
                publishes: None,
                watches: None,
                round_trip: None,
                pictured: false,
            },
        );
        let opened = state.apply(now, lesson, &actor, Command::Open(page));
        if let Err(refusal) = opened.or_else(ended_is_fine) {
            state.pages.remove(&page);
            return Err(if refusal == Refusal::LessonUnknown { Goodbye::Unknown } else { Goodbye::Forbidden });
        }
        state.audit_lesson(now, (&actor, &origin), "join", lesson);
        state.welcome(page);
        Ok((page, receiver))
    }

    /// A page is gone.
    pub fn close_page(&self, page: Page) {
        let now = clock::now();
        let mut state = self.state();
        let Some(open) = state.pages.remove(&page) else { return };
        for session in [open.publishes, open.watches].into_iter().flatten() {
            if let Some(session) = state.sessions.get_mut(&session) {
                session.page = session.page.filter(|known| *known != page);
            }
        }
        let _over_already = state.apply(now, &open.lesson, &open.pass.actor, Command::Close(page));
    }

    /// A page says something.
    pub fn hear_page(&self, page: Page, message: FromPage) {
        let now = clock::now();
        let renewed = match &message {
            FromPage::Renew { token } => Some(self.check_token(token)),
            _ => None,
        };
        let mut state = self.state();
        let report = if let FromPage::Report(report) = &message { Some(report.clone()) } else { None };
        let heard = match renewed {
            Some(pass) => pass.and_then(|pass| state.renew(now, page, pass)),
            None => state.hear(now, page, message),
        };
        if let Some(report) = report.filter(|_| heard.is_ok()) {
            let first = state.pages.get_mut(&page).filter(|_| report.picture_ms.is_some());
            let first = first.is_some_and(|open| !std::mem::replace(&mut open.pictured, true));
            self.count_report(&report, first);
        }
        if let Err(refusal) = heard {
            self.count_refusal(refusal);
            let (code, title, title_zh) = (refusal.code(), refusal.title(), refusal.title_zh());
            state.say(page, ToPage::Refused { code, title, title_zh });
        }
    }

    /// A page is so far away.
    pub fn note_round_trip(&self, page: Page, round_trip: Duration) {
        if let Some(open) = self.state().pages.get_mut(&page) {
            open.round_trip = Some(round_trip);
        }
    }

    /// A page said something that cannot be read.
    pub fn refuse_page(&self, page: Page, refusal: Refusal) {
        self.count_refusal(refusal);
        let (code, title, title_zh) = (refusal.code(), refusal.title(), refusal.title_zh());
        self.state().say(page, ToPage::Refused { code, title, title_zh });
    }
}

impl School {
    /// Counts what a room's decoder saw; `first` if it is the first with a picture.
    fn count_report(&self, report: &ReportMessage, first: bool) {
        let telemetry = self.telemetry();
        // No more than can happen between two reports, whatever a page says.
        telemetry.add(catalog::FREEZES, [], report.freezes.min(FREEZES_MAX).into());
        telemetry.add(catalog::SAMPLES_CONCEALED, [], report.concealed.min(CONCEALED_MAX));
        if let Some(wait) = report.picture_ms.filter(|_| first) {
            telemetry.observe(catalog::JOIN_TO_PICTURE, [], f64::from(wait) / 1_000.0);
        }
    }
}

/// A page may look at a lesson that is over: it shows the end.
fn ended_is_fine(refusal: Refusal) -> Result<(), Refusal> {
    if refusal == Refusal::LessonEnded { Ok(()) } else { Err(refusal) }
}

impl State {
    /// Ends the pages whose token is over.
    pub(super) fn end_expired_pages(&mut self, now: Time) {
        let over = self.pages.values_mut().filter(|page| page.pass.until <= now);
        over.for_each(|page| page.end(Goodbye::Unauthorized));
    }

    /// Ends all pages: the server goes down.
    pub(super) fn end_pages(&mut self) {
        self.pages.values_mut().for_each(|page| page.end(Goodbye::GoingAway));
    }

    fn welcome(&mut self, page: Page) {
        let Some(open) = self.pages.get(&page) else { return };
        let actor = open.pass.actor.clone();
        let Some(class) = self.classes.get(&open.lesson) else { return };
        let welcome = ToPage::Welcome {
            you: You { role: actor.role.as_str(), id: actor.name().to_owned() },
            lesson: LessonView::of(class.sitting.entry(), class.sitting.phase(), &self.alliance),
            sources: class.sitting.sources().into(),
            roster: self.roster(&open.lesson),
            stage: stage_view(class.sitting.stage(), &self.alliance),
            slots: Vec::new(),
        };
        self.say(page, welcome);
    }

    fn renew(&mut self, now: Time, page: Page, pass: Pass) -> Result<(), Refusal> {
        let open = self.pages.get_mut(&page).ok_or(Refusal::TokenInvalid)?;
        if open.pass.actor != pass.actor {
            return Err(Refusal::NotPermitted);
        }
        if !self.register.stands(&pass.origin, now) {
            return Err(Refusal::TokenInvalid);
        }
        open.pass = pass;
        Ok(())
    }

    fn hear(&mut self, now: Time, page: Page, message: FromPage) -> Result<(), Refusal> {
        let open = self.pages.get(&page).ok_or(Refusal::TokenInvalid)?;
        if open.pass.until <= now {
            return Err(Refusal::TokenExpired);
        }
        let (lesson, actor) = (open.lesson.clone(), open.pass.actor.clone());
        let command = match message {
            FromPage::Hello { .. } | FromPage::Renew { .. } => return Ok(()),
            FromPage::Ping { n } => {
                self.say(page, ToPage::Pong { n });
                return Ok(());
            }
            FromPage::Session { location } => return self.join_session(page, &location),
            FromPage::Wish { slot, layer } => return self.wish(page, &slot, &layer),
            FromPage::Source { kind, on } => {
                let source = Source::parse(&kind).ok_or(Refusal::MessageUnreadable)?;
                permit(&actor, Action::SaySource, self.class(&lesson)?.sitting.entry())?;
                self.class(&lesson)?.declare(source, on);
                Command::Say { source, on }
            }
            FromPage::Hand { up } => Command::Hand { up },
            FromPage::Lesson { action: LessonAction::Start } => Command::Start,
            FromPage::Lesson { action: LessonAction::End } => Command::End,
            FromPage::LowerHand { room } => Command::LowerHand(read_room(&room)?),
            FromPage::Call { room } => Command::Call(read_room(&room)?),
            FromPage::Dismiss { room } => Command::Dismiss(read_room(&room)?),
            FromPage::Cut { room } => Command::Cut(read_room(&room)?),
            FromPage::Mic { open } => Command::Mic { open },
            FromPage::Report(report) => Command::Report(read_report(report)?),
        };
        self.apply(now, &lesson, &actor, command)
    }

    /// Joins a page to its media session.
    fn join_session(&mut self, page: Page, location: &str) -> Result<(), Refusal> {
        let locator = location.rsplit('/').next().unwrap_or_default();
        let Some(id) = self.locators.get(locator).copied() else {
            // It ended while the page was not there to be told.
            self.say(page, ToPage::SessionLost { location: location.to_owned() });
            return Ok(());
        };
        let open = self.pages.get_mut(&page).ok_or(Refusal::TokenInvalid)?;
        let session = self.sessions.get_mut(&id).ok_or(Refusal::SessionUnknown)?;
        if session.actor != open.pass.actor || session.lesson != open.lesson {
            return Err(Refusal::SessionUnknown);
        }
        session.page = Some(page);
        let place = if session.is_watcher() { &mut open.watches } else { &mut open.publishes };
        let left = place.replace(id).filter(|left| *left != id);
        if let Some(left) = left.and_then(|left| self.sessions.get_mut(&left)) {
            left.page = None;
        }
        let Some(session) = self.sessions.get(&id) else { return Ok(()) };
        if session.is_watcher() {
            self.say_slots(id);
        }
        Ok(())
    }

    fn wish(&mut self, page: Page, slot: &str, layer: &str) -> Result<(), Refusal> {
        let slot = Slot::parse(slot).ok_or(Refusal::MessageUnreadable)?;
        let wish = match (layer, Layer::parse(layer)) {
            ("off", _) => Wish::Off,
            (_, Some(layer)) => Wish::UpTo(layer as u8),
            (_, None) => return Err(Refusal::MessageUnreadable),
        };
        let open = self.pages.get(&page).ok_or(Refusal::TokenInvalid)?;
        let entry = self.alliance.entry(&open.lesson).ok_or(Refusal::LessonUnknown)?;
        permit(&open.pass.actor, Action::WishLayer, entry)?;
        let id = open.watches.ok_or(Refusal::SessionUnknown)?;
        let session = self.sessions.get(&id).ok_or(Refusal::SessionUnknown)?;
        let Kind::Watch(slots) = &session.kind else { return Err(Refusal::NotPermitted) };
        let number = slots.iter().position(|known| known.slot == slot).ok_or(Refusal::MessageUnreadable)?;
        let command = sfu::command::Command::Wish { session: id, slot: number, wish };
        self.tell_media(id, command).map_err(|_| Refusal::Busy)
    }
}

fn read_room(room: &str) -> Result<RoomId, Refusal> {
    RoomId::new(room).map_err(|_| Refusal::MessageUnreadable)
}

fn read_report(report: ReportMessage) -> Result<Report, Refusal> {
    let ReportMessage { picture_ms, fps, freezes, concealed, problem } = report;
    let problem = match problem {
        None => None,
        Some(name) => Some(Problem::parse(&name).ok_or(Refusal::MessageUnreadable)?),
    };
    Ok(Report { picture_ms, fps, freezes, concealed, problem })
}
