//! A key is shown at the door: who is it, and what is there for it now.

use super::admit::{Grant, Pass};
use super::school::School;
use super::state::State;
use super::view::{EnterView, LessonView, Named, ms};
use crate::base::time::Time;
use crate::io::clock;
use crate::lesson::{Action, Alliance, Entry, LessonId, Phase, Refusal, Role, RoomId, permits};

impl School {
    /// Whether a key opens a page; only the key's role counts.
    pub fn may_open(&self, key: &str, page: Action) -> Result<(), Refusal> {
        let pass = self.admission().check_key(key, clock::now())?;
        if permits(pass.grant.role(), page) { Ok(()) } else { Err(Refusal::NotPermitted) }
    }

    /// The answer to a key.
    pub fn enter(&self, key: &str) -> Result<EnterView, Refusal> {
        let now = clock::now();
        let pass = self.admission().check_key(key, now)?;
        if !permits(pass.grant.role(), Action::Enter) {
            return Err(Refusal::NotPermitted);
        }
        let (token, until) = self.admission().token(&pass, now);
        let state = self.state();
        let view = EnterView {
            token,
            expires_ms: ms(until),
            now_ms: ms(now),
            role: pass.grant.role().as_str(),
            school: None,
            room: None,
            person: None,
            lesson: None,
            today: Vec::new(),
            stage_places: state.stage_places,
        };
        state.describe(now, &pass, view)
    }

    /// Whether a token is good, and whose it is.
    pub fn check_token(&self, token: &str) -> Result<Pass, Refusal> {
        self.admission().check_token(token, clock::now())
    }
}

impl State {
    fn describe(&self, now: Time, pass: &Pass, view: EnterView) -> Result<EnterView, Refusal> {
        match &pass.grant {
            Grant::Teacher { lesson, person } => {
                let entry = self.alliance.entry(lesson).ok_or(Refusal::LessonUnknown)?;
                let today = self.alliance.timetable().today_for_teacher(person, now);
                Ok(EnterView {
                    school: Some(self.alliance.name_of_school(&entry.lead).to_owned()),
                    person: Some(named(person.as_str(), self.alliance.name_of_person(person))),
                    lesson: Some(self.lesson_view(entry)),
                    today: today.map(|entry| self.lesson_view(entry)).collect(),
                    ..view
                })
            }
            Grant::Room { room } => {
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
            Grant::Ops => Ok(view),
        }
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
            let grant = Grant::Teacher { lesson: entry.lesson.clone(), person: entry.teacher.clone() };
            (grant, format!("{} {}", state.alliance.name_of_person(&entry.teacher), entry.title))
        });
        let rooms = state.alliance.rooms().filter(|room| is_listening(&state.alliance, &room.id));
        let rooms = rooms.map(|room| {
            let name = format!("{} {}", state.alliance.school_name_of(&room.id), room.name);
            (Grant::Room { room: room.id.clone() }, name)
        });
        let everybody = teachers.chain(rooms).chain([(Grant::Ops, "运维台".to_owned())]);
        let lesson = |grant: &Grant| match grant {
            Grant::Teacher { lesson, .. } => Some(lesson.clone()),
            Grant::Room { room } => state.lesson_for(room, now).map(|entry| entry.lesson.clone()),
            Grant::Ops => None,
        };
        everybody.map(|(grant, name)| self.link(&grant, lesson(&grant), name, until)).collect()
    }

    fn link(&self, grant: &Grant, lesson: Option<LessonId>, name: String, until: Time) -> Link {
        let page = match grant.role() {
            Role::Teacher => "teach",
            Role::Room => "classroom",
            Role::Ops | Role::Observer | Role::Server => "ops",
        };
        Link { role: grant.role(), lesson, name, path: format!("/{page}?key={}", self.admission().key(grant, until)) }
    }
}

/// Whether a room is invited to any lesson: lead rooms teach and need no link of their own.
fn is_listening(alliance: &Alliance, room: &RoomId) -> bool {
    alliance.timetable().entries().iter().any(|entry| entry.invites(room))
}

fn named(id: &str, name: &str) -> Named {
    Named { id: id.to_owned(), name: name.to_owned() }
}
