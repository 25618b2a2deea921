//! What the media threads tell, turned into facts of the lesson.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use super::handshake::HandshakeEvent;
use super::school::School;
use super::session::{Kind, thread_of};
use super::state::State;
use crate::base::time::Time;
use crate::io::board::Board;
use crate::io::clock;
use crate::io::mailbox::Mailbox;
use crate::lesson::command::Command;
use crate::lesson::seat::Line;
use crate::lesson::{Actor, Layer, Source};
use crate::sfu::command::{Command as MediaCommand, SessionId};
use crate::sfu::event::{Event, Figures};
use crate::telemetry::catalog;

/// A watcher from which nothing came for so long does not see the lesson.
const LOST_AFTER: Duration = Duration::from_secs(3);
/// A session from which nothing came for so long is over (RFC 7675 §5.1 gives consent 30 s).
const OVER_AFTER: Duration = Duration::from_secs(30);

/// One media thread as the school sees it.
pub struct MediaLink {
    /// The port of its sockets.
    pub port: u16,
    /// What it is told.
    pub mailbox: Mailbox,
    /// What it counted.
    pub board: Arc<Board>,
}

/// Where the school can be reached by media.
#[derive(Clone, Debug)]
pub struct Reach {
    /// Addresses to announce.
    pub addresses: Vec<IpAddr>,
}

impl School {
    /// Takes in what a media thread tells.
    pub fn hear_media(&self, event: Event) {
        let now = clock::now();
        let mut state = self.state();
        match event {
            Event::Handshake { session, datagram } => {
                if !state.handshakes.packet(session.0, datagram.into_vec()) {
                    let thread = thread_of(session).to_string();
                    self.telemetry().add(catalog::PACKETS_DISCARDED, [&thread, "handshakes_full"], 1);
                }
            }
            Event::Moved { session, road } => tracing::debug!(session = session.0, ?road, "peer is reached"),
            Event::Live { session, track } => state.source_live(now, session, track, true),
            Event::Quiet { session, track } => state.source_live(now, session, track, false),
            Event::Showing { session, slot, layer } => state.slot_shows(session, slot, layer),
            Event::Full { session } => {
                tracing::error!("a media thread has no room for another peer");
                state.end_session(now, session);
            }
            Event::Figures(figures) => state.figures(now, figures),
        }
    }

    /// Takes in what a handshake came to.
    pub fn hear_handshake(&self, event: HandshakeEvent) {
        let now = clock::now();
        let mut state = self.state();
        let told = match event {
            HandshakeEvent::Send { id, datagrams } => datagrams.into_iter().try_for_each(|datagram| {
                let session = SessionId(id);
                state.tell_media(session, MediaCommand::Handshake { session, datagram: datagram.into() })
            }),
            HandshakeEvent::Keys { id, keys } => {
                self.telemetry().add(catalog::HANDSHAKES, ["ok"], 1);
                let session = SessionId(id);
                let told = state.tell_media(session, MediaCommand::Keys { session, keys: Box::new(keys) });
                // Connected without keys would be a picture that never comes: the page tries again.
                told.inspect_err(|_| state.end_session(now, session))
            }
            HandshakeEvent::Closed { id } => {
                state.end_session(now, SessionId(id));
                Ok(())
            }
            HandshakeEvent::Failed { id, fault } => {
                self.telemetry().add(catalog::HANDSHAKES, ["failed"], 1);
                tracing::debug!(session = id, %fault, "handshake");
                state.end_session(now, SessionId(id));
                Ok(())
            }
        };
        if told.is_err() {
            tracing::error!("a media thread is too busy for a handshake");
        }
    }
}

impl State {
    /// A publisher's track began to arrive, or stopped. What the teacher's page said counts for more.
    fn source_live(&mut self, now: Time, session: SessionId, track: usize, on: bool) {
        // What a room on stage sends is shown for as long as it is on stage.
        let Some(session) = self.sessions.get(&session).filter(|session| session.actor.as_room().is_none()) else {
            return;
        };
        let (Some(source), lesson, teacher) = (session.source(track), session.lesson.clone(), session.actor.clone())
        else {
            return;
        };
        let Some(class) = self.classes.get(&lesson) else { return };
        if class.overrules(source, on) {
            return;
        }
        // An encoder has no page to begin the class with: its first picture does.
        let begins = on && source != Source::Screen && class.sitting.teacher().is_none();
        if begins {
            let _begun_already = self.apply(now, &lesson, &teacher, Command::Start);
        }
        let _over_already = self.apply(now, &lesson, &Actor::server(), Command::Say { source, on });
    }

    /// A slot shows another layer, or nothing new any more.
    fn slot_shows(&mut self, id: SessionId, number: usize, layer: Option<u8>) {
        let Some(Kind::Watch(slots)) = self.sessions.get(&id).map(|session| &session.kind) else { return };
        let filled = slots.get(number).and_then(|slot| slot.filled);
        let layer = filled.and_then(|(publisher, track)| self.sessions.get(&publisher)?.layer(track, layer?));
        let Some(Kind::Watch(slots)) = self.sessions.get_mut(&id).map(|session| &mut session.kind) else { return };
        let Some(slot) = slots.get_mut(number) else { return };
        if std::mem::replace(&mut slot.layer, layer) != layer {
            self.say_slots(id);
        }
    }

    fn figures(&mut self, now: Time, figures: Figures) {
        let id = figures.session;
        let Some(session) = self.sessions.get_mut(&id) else {
            // It was ended while its media thread had no ear for that.
            let _told_again_in_a_second = self.tell_media(id, MediaCommand::Remove { session: id });
            return;
        };
        session.figures = Some(figures);
        if figures.silent >= OVER_AFTER {
            self.end_session(now, id);
            return;
        }
        self.catch_up(now, &figures);
        self.room_flows(now, &figures);
    }

    /// What happened and was not told, because too much happened at once.
    fn catch_up(&mut self, now: Time, figures: &Figures) {
        let id = figures.session;
        let Some(session) = self.sessions.get(&id) else { return };
        match &session.kind {
            Kind::Publish(tracks) => {
                let live = (0..tracks.len()).filter(|track| figures.live.get(*track).is_some_and(|live| *live));
                live.collect::<Vec<_>>().into_iter().for_each(|track| self.source_live(now, id, track, true));
            }
            Kind::Watch(slots) => {
                let slots = slots.len().min(figures.showing.len());
                (0..slots).for_each(|slot| self.slot_shows(id, slot, figures.showing[slot]));
            }
        }
    }

    /// A room's media flow, or have stopped.
    fn room_flows(&mut self, now: Time, figures: &Figures) {
        let id = figures.session;
        let Some(session) = self.sessions.get(&id) else { return };
        let Some(room) = session.actor.as_room().filter(|_| session.is_watcher()).cloned() else { return };
        let here = is_here(figures);
        // A room that comes back has two sessions for a while: the one that is heard counts.
        if !here && self.watches_otherwise(session, |other| other.figures.as_ref().is_some_and(is_here)) {
            return;
        }
        let Some(session) = self.sessions.get(&id) else { return };
        let line = here.then(|| line_of(session.camera_layer(), figures));
        let lesson = session.lesson.clone();
        let _over_already = self.apply(now, &lesson, &Actor::server(), Command::Flow { room, line });
    }
}

/// Whether something was heard of a session just now.
fn is_here(figures: &Figures) -> bool {
    figures.silent < LOST_AFTER && figures.road.is_some()
}

fn line_of(layer: Option<Layer>, figures: &Figures) -> Line {
    Line {
        // Whole percents: a roster is sent again only when something changed that a person can see.
        loss: (figures.loss * 100.0).round() / 100.0,
        rtt: Duration::from_millis(figures.round_trip.map_or(0, |trip| super::view::millis(trip) / 10 * 10)),
        layer,
        held_back: figures.held_back,
    }
}
