//! What was given is taken back: pages close and media end at once.

use super::gate::LoggedIn;
use super::message::Goodbye;
use super::school::School;
use super::state::{Record, State};
use crate::base::time::Time;
use crate::io::clock;
use crate::lesson::register::{Account, Register, RegisterChange};
use crate::lesson::{AccountId, Actor, Alliance, LessonId, LoginId, Origin};
use crate::store::AuditLine;

impl School {
    /// Takes another register: whatever does not stand any more ends.
    pub fn replace_register(&self, register: Register) {
        let mut state = self.state();
        state.register = register;
        state.recall(clock::now());
    }

    /// Takes changes of the register: whatever does not stand any more ends.
    pub(super) fn change_register(&self, changes: Vec<RegisterChange>) {
        let mut state = self.state();
        changes.into_iter().for_each(|change| state.register.apply(change));
        state.recall(clock::now());
    }

    /// Looks into the plan and the register.
    pub(super) fn read<T>(&self, look: impl FnOnce(&Alliance, &Register) -> T) -> T {
        let state = self.state();
        look(&state.alliance, &state.register)
    }

    /// An account.
    pub(super) fn account(&self, id: &AccountId) -> Option<Account> {
        self.read(|_, register| register.account(id).cloned())
    }

    /// Who is behind a login.
    pub(super) fn logged_in(&self, login: &LoginId) -> Option<LoggedIn> {
        let now = clock::now();
        self.read(|_, register| {
            let (account, until) = register.logged_in(login, now)?;
            let powers = register.powers(account, now).map(|(_, actor)| actor).collect();
            Some(LoggedIn { login: login.clone(), until, account: account.clone(), powers })
        })
    }

    /// The changes that end the oldest logins of an account, so that at most `left` are there, and those that are over.
    pub(super) fn logins_to_end(&self, account: &AccountId, left: usize) -> Vec<RegisterChange> {
        let now = clock::now();
        self.read(|_, register| {
            let mut logins: Vec<_> = register.logins_of(account).collect();
            logins.sort_by_key(|login| login.until);
            let surplus = logins.len().saturating_sub(left);
            let ends = logins.iter().enumerate().filter(|(place, login)| *place < surplus || login.until <= now);
            ends.map(|(_, login)| RegisterChange::Logout(login.id.clone())).collect()
        })
    }
}

impl State {
    /// Ends the pages and the media of those whose key, login or device was taken back.
    pub(super) fn recall(&mut self, now: Time) {
        let Self { pages, sessions, register, .. } = self;
        let gone = pages.values_mut().filter(|page| !register.stands(page.origin(), now));
        gone.for_each(|page| page.end(Goodbye::Unauthorized));
        let gone = sessions.values().filter(|session| !register.stands(&session.origin, now));
        let gone: Vec<_> = gone.map(|session| session.id).collect();
        gone.into_iter().for_each(|session| self.end_session(now, session));
    }

    /// Who somebody is in what is kept: the account that logged in, else the person, the room or the role of the link.
    pub(super) fn name_of(&self, who: &Actor, origin: &Origin) -> String {
        let account = self.register.account_behind(origin);
        account.map_or_else(|| who.name().to_owned(), ToString::to_string)
    }

    /// Notes that somebody came into a lesson or sees it.
    pub(super) fn audit_lesson(
        &mut self,
        at: Time,
        (who, origin): (&Actor, &Origin),
        what: &'static str,
        lesson: &LessonId,
    ) {
        let of_room = who.as_room().and_then(|room| self.alliance.room(room)).map(|room| room.school.clone());
        let school = of_room.or_else(|| self.alliance.entry(lesson).map(|entry| entry.lead.clone()));
        let (who, object) = (self.name_of(who, origin), lesson.to_string());
        self.record(Record::Audit(AuditLine { at, who, what, object, school, address: None }));
    }
}
