//! A key is shown at the door: who is it, and what is there for it now.

use std::time::Duration;

use super::admit::Pass;
use super::school::School;
use super::state::State;
use super::view::{EnterView, LessonView, ms, named};
use crate::base::time::Time;
use crate::io::clock;
use crate::lesson::{
    Action, Actor, Alliance, DeviceId, Entry, LessonId, LoginId, Origin, PersonId, Phase, Refusal, Role, RoomId, Scope,
    permit_at, permits,
};

/// How long before its start a teacher is let into a lesson: time to try camera and microphone.
const TEACH_EARLY: Duration = Duration::from_secs(30 * 60);

/// What somebody who logged in wants to come in as.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// In which role; without one, as a teacher, or as an operator if they are no teacher.
    pub role: Option<Role>,
    /// Into which lesson; a teacher's is found by the timetable.
    pub lesson: Option<LessonId>,
}

impl School {
    /// What a key is good for.
    pub fn key_pass(&self, key: &str) -> Result<Pass, Refusal> {
        let now = clock::now();
        self.still_stands(self.admission().check_key(key, now)?, now)
    }

    /// What a token is good for.
    pub fn check_token(&self, token: &str) -> Result<Pass, Refusal> {
        let now = clock::now();
        self.still_stands(self.admission().check_token(token, now)?, now)
    }

    /// What a room's device is good for.
    pub fn device_pass(&self, device: &DeviceId) -> Result<Pass, Refusal> {
        let state = self.state();
        let room = state.register.device(device).ok_or(Refusal::TokenInvalid)?.room.clone();
        Ok(Pass { actor: Actor::room(room), until: Time::NEVER, origin: Origin::Device(device.clone()) })
    }

    /// What a login is good for, as `wish` says; none if there is nothing to teach now.
    pub fn login_pass(&self, login: &LoginId, wish: &Wish) -> Result<Option<Pass>, Refusal> {
        let now = clock::now();
        self.state().login_pass(now, login, wish)
    }

    /// The answer to somebody who comes in with a pass.
    pub fn enter(&self, pass: &Pass) -> Result<EnterView, Refusal> {
        let now = clock::now();
        if !permits(pass.actor.role, Action::Enter) {
            return Err(Refusal::NotPermitted);
        }
        let (token, until) = self.admission().token(pass, now);
        let state = self.state();
        let view = state.bare_view(now, pass.actor.role);
        state.describe(now, pass, EnterView { token: Some(token), expires_ms: ms(until), ..view })
    }

    /// The answer to a teacher who has no lesson yet: today's.
    pub fn wait(&self, login: &LoginId) -> Result<EnterView, Refusal> {
        let now = clock::now();
        let state = self.state();
        let (account, _) = state.register.logged_in(login, now).ok_or(Refusal::TokenInvalid)?;
        let person = account.person.clone().ok_or(Refusal::NotPermitted)?;
        let school =
            state.alliance.person(&person).map(|person| state.alliance.name_of_school(&person.school).to_owned());
        let view = state.bare_view(now, Role::Teacher);
        Ok(EnterView { school, ..state.with_person(now, &person, view) })
    }

    fn still_stands(&self, pass: Pass, now: Time) -> Result<Pass, Refusal> {
        if self.state().register.stands(&pass.origin, now) { Ok(pass) } else { Err(Refusal::TokenInvalid) }
    }
}

impl State {
    fn login_pass(&self, now: Time, login: &LoginId, wish: &Wish) -> Result<Option<Pass>, Refusal> {
        let (account, until) = self.register.logged_in(login, now).ok_or(Refusal::TokenInvalid)?;
        if account.must_change {
            return Err(Refusal::PasswordExpired);
        }
        let powers: Vec<_> = self.register.powers(account, now).collect();
        let has = |role| powers.iter().any(|(_, actor)| actor.role == role);
        let role = wish.role.unwrap_or(if has(Role::Teacher) { Role::Teacher } else { Role::Ops });
        let entry = match (role, &wish.lesson) {
            (Role::Teacher, _) if !has(role) => return Err(Refusal::NotPermitted),
            (Role::Teacher, _) => {
                let person = account.person.as_ref().ok_or(Refusal::NotPermitted)?;
                let Some(entry) = self.lesson_for_teacher(person, now) else { return Ok(None) };
                Some(entry)
            }
            (_, Some(lesson)) => Some(self.alliance.entry(lesson).ok_or(Refusal::LessonUnknown)?),
            (_, None) => None,
        };
        let thing = entry.map(|entry| self.alliance.belongs_lesson(entry)).unwrap_or_default();
        let may = |actor: &Actor| actor.role == role && permit_at(actor, Action::Enter, &thing).is_ok();
        let (grant, actor) = powers.into_iter().find(|(_, actor)| may(actor)).ok_or(Refusal::NotPermitted)?;
        // Whatever else they may, this pass is for this lesson alone.
        let scope = entry.map_or(actor.scope, |entry| Scope::Lesson(entry.lesson.clone()));
        let origin = Origin::Login(login.clone(), grant.id.clone());
        Ok(Some(Pass { actor: Actor { scope, ..actor }, until: until.min(grant.until), origin }))
    }

    /// The lesson a teacher belongs in now: the one that runs, else the next, if it is near.
    fn lesson_for_teacher(&self, person: &PersonId, now: Time) -> Option<&Entry> {
        let near = self.alliance.timetable().today_for_teacher(person, now).filter(|entry| {
            entry.starts <= now + TEACH_EARLY && now < entry.closes() && self.phase(&entry.lesson) != Phase::Ended
        });
        let (begun, coming): (Vec<_>, Vec<_>) = near.partition(|entry| entry.starts <= now);
        begun.into_iter().next_back().or_else(|| coming.into_iter().next())
    }

    fn bare_view(&self, now: Time, role: Role) -> EnterView {
        EnterView {
            token: None,
            expires_ms: ms(now),
            now_ms: ms(now),
            role: role.as_str(),
            school: None,
            room: None,
            person: None,
            lesson: None,
            today: Vec::new(),
            stage_places: self.stage_places,
        }
    }

    fn describe(&self, now: Time, pass: &Pass, view: EnterView) -> Result<EnterView, Refusal> {
        match (&pass.actor.scope, &pass.actor.person) {
            (Scope::Room(room), _) => self.with_room(now, room, view),
            (Scope::Lesson(lesson), person) => {
                let entry = self.alliance.entry(lesson).ok_or(Refusal::LessonUnknown)?;
                let school = Some(self.alliance.name_of_school(&entry.lead).to_owned());
                let view = match person {
                    Some(person) => self.with_person(now, person, view),
                    None => view,
                };
                Ok(EnterView { school, lesson: Some(self.lesson_view(entry)), ..view })
            }
            (Scope::All | Scope::District(_) | Scope::School(_), _) => Ok(view),
        }
    }

    fn with_person(&self, now: Time, person: &PersonId, view: EnterView) -> EnterView {
        let today = self.alliance.timetable().today_for_teacher(person, now);
        EnterView {
            person: Some(named(person.as_str(), self.alliance.name_of_person(person))),
            today: today.map(|entry| self.lesson_view(entry)).collect(),
            ..view
        }
    }

    fn with_room(&self, now: Time, room: &RoomId, view: EnterView) -> Result<EnterView, Refusal> {
        let found = self.alliance.room(room).ok_or(Refusal::NotPermitted)?;
        let today = self.alliance.timetable().today_for_room(room, now);
        Ok(EnterView {
            school: Some(self.alliance.school_name_of(room).to_owned()),
            room: Some(named(room.as_str(), &found.name)),
            lesson: self.lesson_for(room, now).map(|entry| self.lesson_view(entry)),
            today: today.map(|entry| self.lesson_view(entry)).collect(),
            ..view
        })
    }

    /// The lesson a room belongs in now: the first of its choices that is not over.
    fn lesson_for(&self, room: &RoomId, now: Time) -> Option<&Entry> {
        let choices = self.alliance.timetable().choices_for_room(room, now);
        choices.into_iter().find(|entry| self.phase(&entry.lesson) != Phase::Ended)
    }

    /// How far a lesson is.
    pub(super) fn phase(&self, lesson: &LessonId) -> Phase {
        let live = self.classes.get(lesson).map(|class| class.sitting.phase());
        live.or_else(|| self.progress.get(lesson).map(|progress| progress.phase)).unwrap_or_default()
    }

    pub(super) fn lesson_view(&self, entry: &Entry) -> LessonView {
        LessonView::of(entry, self.phase(&entry.lesson), &self.alliance)
    }
}

/// A link that a person or a room is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Which page it opens.
    pub role: Role,
    /// The lesson it leads to now, if any.
    pub lesson: Option<LessonId>,
    /// Whose it is, in words.
    pub name: String,
    /// The page's path with its key.
    pub path: String,
}

impl School {
    /// A link for everybody who has something to do today: the teachers of lessons that are on or next, every room,
    /// and operations.
    pub fn links(&self, key_life: std::time::Duration) -> Vec<Link> {
        let now = clock::now();
        let until = now + key_life;
        let state = self.state();
        let teachers =
            state.alliance.timetable().today(now).filter(|entry| {
                entry.closes() > now && entry.starts <= now && state.phase(&entry.lesson) != Phase::Ended
            });
        let teachers = teachers.map(|entry| {
            let actor = Actor::teacher(entry.lesson.clone(), entry.teacher.clone());
            (actor, format!("{} {}", state.alliance.name_of_person(&entry.teacher), entry.title))
        });
        let rooms = state.alliance.rooms().filter(|room| is_listening(&state.alliance, &room.id));
        let rooms = rooms.map(|room| {
            let name = format!("{} {}", state.alliance.school_name_of(&room.id), room.name);
            (Actor::room(room.id.clone()), name)
        });
        let everybody = teachers.chain(rooms).chain([(Actor::ops(), "运维台".to_owned())]);
        let lesson = |actor: &Actor| match &actor.scope {
            Scope::Lesson(lesson) => Some(lesson.clone()),
            Scope::Room(room) => state.lesson_for(room, now).map(|entry| entry.lesson.clone()),
            _ => None,
        };
        everybody.map(|(actor, name)| self.link(&actor, lesson(&actor), name, until)).collect()
    }

    fn link(&self, actor: &Actor, lesson: Option<LessonId>, name: String, until: Time) -> Link {
        let page = match actor.role {
            Role::Teacher => "teach",
            Role::Room => "classroom",
            _ => "ops",
        };
        Link { role: actor.role, lesson, name, path: format!("/{page}?key={}", self.admission().key(actor, until)) }
    }
}

/// Whether a room is invited to any lesson: lead rooms teach and need no link of their own.
fn is_listening(alliance: &Alliance, room: &RoomId) -> bool {
    alliance.timetable().entries().iter().any(|entry| entry.invites(room))
}
