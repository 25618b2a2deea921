//! Offers answered: how a publisher or a watcher gets its media session, keeps it and ends it.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::admit::Pass;
use super::message::ToPage;
use super::negotiate::{
    Candidate, Local, Offer, publish_answer, read_fragment, read_offer, watch_answer, write_fragment,
};
use super::refused::Refused;
use super::roles::{published, publisher_role, watcher_role};
use super::school::School;
use super::secret::random;
use super::session::{Kind, Session, WatchSlot, session_id};
use super::state::State;
use crate::base::limits::WATCHES_PER_ROOM_MAX;
use crate::base::time::Time;
use crate::io::clock;
use crate::lesson::command::{Command, Stream};
use crate::lesson::{Action, Actor, LessonId, Origin, Phase, Refusal, Source, permit};
use crate::sfu::command::{Command as MediaCommand, Extensions, IceCredentials, Role, SessionId};

/// An answered offer.
#[derive(Clone, Debug)]
pub struct Answered {
    /// The session's path, secret at its end.
    pub location: String,
    /// Names this version of the session's ICE credentials.
    pub etag: String,
    /// The SDP answer.
    pub sdp: String,
}

/// What became of a change to a session's ICE.
#[derive(Clone, Debug)]
pub enum Patched {
    /// Candidates: an ICE-lite server needs none.
    Noted,
    /// It speaks of credentials that the session no longer has.
    Stale,
    /// New credentials: the fragment to answer with, and the new `ETag`.
    Restarted {
        /// The answer.
        fragment: String,
        /// The session's new `ETag`.
        etag: String,
    },
}

/// What is being set up.
struct Request<'a> {
    lesson: &'a LessonId,
    actor: Actor,
    origin: Origin,
    offer: Offer,
    from: IpAddr,
    now: Time,
}

impl School {
    /// Answers a WHIP offer: the lesson's teacher sends, or a room that is on stage or asks to be. `take_over` replaces a session that is still there.
    pub fn publish(
        &self,
        pass: &Pass,
        lesson: &LessonId,
        offer: &str,
        take_over: bool,
        from: IpAddr,
    ) -> Result<Answered, Refused> {
        let offer = read_offer(offer)?;
        let request =
            Request { lesson, actor: pass.actor.clone(), origin: pass.origin.clone(), offer, from, now: clock::now() };
        let mut state = self.state();
        let thread = state.admit(&request, Action::Publish, self.sessions_max())?;
        state.class(lesson)?.sitting.may_send(&request.actor, take_over)?;
        let id = session_id(state.count(), thread);
        let credentials = fresh_credentials(id);
        let local = self.local(&state, &request, id, &credentials);
        let (sdp, plan) = publish_answer(&request.offer, &local)?;
        let tracks = plan.tracks.iter().map(published).collect();
        let mid = plan.tracks.first().map(|track| track.mid.clone()).unwrap_or_default();
        let (extensions, role) = publisher_role(&plan);
        let answered =
            state.set_up(&request, id, credentials, (extensions, role), (Kind::Publish(tracks), mid), sdp)?;
        state.apply(request.now, lesson, &request.actor, Command::Publish { stream: Stream(id.0), take_over })?;
        Ok(answered)
    }

    /// Answers a WHEP offer: somebody watches.
    pub fn watch(&self, pass: &Pass, lesson: &LessonId, offer: &str, from: IpAddr) -> Result<Answered, Refused> {
        let offer = read_offer(offer)?;
        let request =
            Request { lesson, actor: pass.actor.clone(), origin: pass.origin.clone(), offer, from, now: clock::now() };
        let mut state = self.state();
        let home = state.admit(&request, Action::Watch, self.sessions_max())?;
        let thread = state.thread_for_room(home);
        let id = session_id(state.count(), thread);
        let credentials = fresh_credentials(id);
        let local = self.local(&state, &request, id, &credentials);
        let (sdp, plan) = watch_answer(&request.offer, &local, &mut fresh_ssrcs())?;
        let slots = plan.slots.iter().map(|slot| WatchSlot::new(slot.name)).collect();
        let mid = plan.slots.first().map(|slot| slot.mid.clone()).unwrap_or_default();
        let (extensions, role) = watcher_role(&plan);
        let answered = state.set_up(&request, id, credentials, (extensions, role), (Kind::Watch(slots), mid), sdp)?;
        state.end_surplus(&request);
        state.record_viewing(id, None);
        state.refill_session(id);
        Ok(answered)
    }

    /// Takes candidates, or restarts ICE if the fragment carries new credentials. `speaks_of` tells whether the asker
    /// means the session's present `ETag`.
    pub fn patch(
        &self,
        pass: &Pass,
        lesson: &LessonId,
        locator: &str,
        fragment: &str,
        (from, speaks_of): (IpAddr, impl Fn(&str) -> bool),
    ) -> Result<Patched, Refused> {
        let fragment = read_fragment(fragment)?;
        let mut state = self.state();
        let id = state.own_session(pass, lesson, locator)?;
        let session = state.sessions.get(&id).ok_or(Refusal::SessionUnknown)?;
        if !speaks_of(&session.ufrag) {
            return Ok(Patched::Stale);
        }
        let Some(ufrag) = fragment.ufrag.filter(|ufrag| *ufrag != session.their_ufrag) else {
            return Ok(Patched::Noted);
        };
        let credentials = fresh_credentials(id);
        state.tell_media(id, MediaCommand::Restart { session: id, credentials: credentials.clone() })?;
        let session = state.sessions.get_mut(&id).ok_or(Refusal::SessionUnknown)?;
        session.their_ufrag = ufrag;
        session.ufrag.clone_from(&credentials.ufrag);
        let mid = session.mid.clone();
        let local = Local {
            ufrag: credentials.ufrag.clone(),
            pwd: credentials.password,
            fingerprint: self.fingerprint(),
            candidates: self.candidates(state.port_of(id), from),
            session_id: id.0,
        };
        Ok(Patched::Restarted { fragment: write_fragment(&local, &mid), etag: credentials.ufrag })
    }

    /// Ends a session because its owner says so. What a publisher showed is off then.
    pub fn hang_up(&self, pass: &Pass, lesson: &LessonId, locator: &str) -> Result<(), Refused> {
        let now = clock::now();
        let mut state = self.state();
        let id = state.own_session(pass, lesson, locator)?;
        if state.class(lesson)?.publisher() == Some(id) {
            for source in Source::ALL {
                state.apply(now, lesson, &Actor::server(), Command::Say { source, on: false })?;
            }
        }
        state.end_session(now, id);
        Ok(())
    }

    fn local(&self, state: &State, request: &Request<'_>, id: SessionId, credentials: &IceCredentials) -> Local {
        Local {
            ufrag: credentials.ufrag.clone(),
            pwd: credentials.password.clone(),
            fingerprint: self.fingerprint(),
            candidates: self.candidates(state.port_of(id), request.from),
            session_id: id.0,
        }
    }

    /// Where we listen, best first, for somebody who asked `from` there.
    fn candidates(&self, port: u16, from: IpAddr) -> Vec<Candidate> {
        let here = from.to_canonical().is_loopback();
        let mut addresses: Vec<IpAddr> =
            self.addresses().iter().copied().filter(|address| here || !address.is_loopback()).collect();
        if addresses.is_empty() {
            addresses = self.addresses().to_vec();
        }
        // Somebody on this machine reaches it best without leaving it.
        addresses.sort_by_key(|address| address.is_loopback() != here);
        let places = |tcp| addresses.iter().map(move |address| Candidate { address: (*address, port).into(), tcp });
        places(false).chain(places(true)).collect()
    }
}

impl State {
    /// Whether the request may be done at all; the media thread to do it on.
    fn admit(&mut self, request: &Request<'_>, action: Action, sessions_max: usize) -> Result<usize, Refusal> {
        // Asked again: it may have been taken back before we had the lock.
        if !self.register.stands(&request.origin, request.now) {
            return Err(Refusal::TokenInvalid);
        }
        let full = self.sessions.len() >= sessions_max;
        let class = self.class(request.lesson)?;
        permit(&request.actor, action, class.sitting.entry())?;
        if class.sitting.phase() == Phase::Ended {
            return Err(Refusal::LessonEnded);
        }
        if full { Err(Refusal::Busy) } else { Ok(class.thread) }
    }

    fn set_up(
        &mut self,
        request: &Request<'_>,
        id: SessionId,
        credentials: IceCredentials,
        (extensions, role): (Extensions, Role),
        (kind, mid): (Kind, String),
        sdp: String,
    ) -> Result<Answered, Refused> {
        let locator = fresh_locator();
        let session = Session {
            id,
            locator: locator.clone(),
            ufrag: credentials.ufrag.clone(),
            their_ufrag: request.offer.ufrag.clone(),
            mid,
            lesson: request.lesson.clone(),
            actor: request.actor.clone(),
            who: self.name_of(&request.actor, &request.origin),
            origin: request.origin.clone(),
            made: request.now,
            // Looked up before the media thread is told: what it is told after a restart it does not forget.
            restarts: self.restarts_of(id),
            page: None,
            figures: None,
            kind,
        };
        let answered = Answered { location: session.location(), etag: credentials.ufrag.clone(), sdp };
        self.tell_media(id, MediaCommand::Add { session: id, credentials, extensions, role })?;
        self.handshakes.begin(id.0, request.offer.fingerprint);
        self.locators.insert(locator, id);
        self.sessions.insert(id, session);
        Ok(answered)
    }

    /// A room that reconnects has an old session for a while; more than a few are a mistake, or meant to fill us up.
    fn end_surplus(&mut self, request: &Request<'_>) {
        let own = self.sessions.values().filter(|session| session.is_watcher() && session.actor == request.actor);
        // A session that an open page has is the classroom itself: it goes last.
        let mut own: Vec<_> = own.map(|session| (session.page.is_some(), session.made, session.id)).collect();
        own.sort_unstable();
        let surplus = own.len().saturating_sub(WATCHES_PER_ROOM_MAX);
        own.into_iter().take(surplus).for_each(|(_, _, oldest)| self.end_session(request.now, oldest));
    }

    /// The session behind a locator, if it is the asker's.
    fn own_session(&self, pass: &Pass, lesson: &LessonId, locator: &str) -> Result<SessionId, Refusal> {
        let session = self.locators.get(locator).and_then(|id| self.sessions.get(id));
        let session = session.filter(|session| session.lesson == *lesson).ok_or(Refusal::SessionUnknown)?;
        if session.actor == pass.actor { Ok(session.id) } else { Err(Refusal::NotPermitted) }
    }

    /// Ends a media session, whatever the reason.
    pub(super) fn end_session(&mut self, now: Time, id: SessionId) {
        self.record_viewing(id, Some(now));
        let Some(session) = self.sessions.remove(&id) else { return };
        self.locators.remove(&session.locator);
        self.handshakes.end(id.0);
        if self.tell_media(id, MediaCommand::Remove { session: id }).is_err() {
            tracing::error!(session = id.0, "a media thread is too busy to forget a session");
        }
        let fact = match (&session.kind, session.actor.as_room()) {
            (Kind::Publish(_), _) => Some(Command::Unpublish(Stream(id.0))),
            (Kind::Watch(_), Some(room)) => {
                (!self.watches_otherwise(&session, |_| true)).then(|| Command::Flow { room: room.clone(), line: None })
            }
            (Kind::Watch(_), None) => None,
        };
        if let Some(fact) = fact {
            let _over_already = self.apply(now, &session.lesson, &Actor::server(), fact);
        }
    }

    /// Ends the sessions that a media thread has lost with its worker, and tells their pages to connect again.
    pub(super) fn end_lost_sessions(&mut self, now: Time) {
        let lost = self.sessions.values().filter(|session| session.restarts != self.restarts_of(session.id));
        let lost: Vec<_> = lost.map(|session| (session.id, session.page, session.location())).collect();
        if !lost.is_empty() {
            tracing::warn!(sessions = lost.len(), "a media thread was replaced: its sessions connect again");
        }
        for (id, page, location) in lost {
            self.end_session(now, id);
            if let Some(page) = page {
                self.say(page, ToPage::SessionLost { location });
            }
        }
    }

    fn restarts_of(&self, id: SessionId) -> u64 {
        self.media.get(super::session::thread_of(id)).map_or(0, |media| media.board.restarts())
    }

    fn port_of(&self, id: SessionId) -> u16 {
        self.media.get(super::session::thread_of(id)).map_or(0, |media| media.port)
    }
}

fn fresh_credentials(id: SessionId) -> IceCredentials {
    IceCredentials::new(id.0, random())
}

/// Stream names that nobody can guess, none twice: two streams of one name would share a key's numbers.
fn fresh_ssrcs() -> impl FnMut() -> u32 {
    let mut given = BTreeSet::from([0, crate::sfu::command::SERVER_SSRC]);
    move || {
        loop {
            let ssrc = u32::from_be_bytes(random());
            if given.insert(ssrc) {
                return ssrc;
            }
        }
    }
}

fn fresh_locator() -> String {
    random::<16>().iter().map(|byte| format!("{byte:02x}")).collect()
}
