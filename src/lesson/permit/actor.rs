//! Somebody who acts: what they are, what they are bound to, and who.

use super::super::id::{LessonId, PersonId, RoomId};
use super::{Role, Scope};

/// Somebody who acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// What they are.
    pub role: Role,
    /// What they are bound to.
    pub scope: Scope,
    /// Who it is, if it is a person.
    pub person: Option<PersonId>,
}

impl Actor {
    /// The teacher of one lesson.
    pub const fn teacher(lesson: LessonId, person: PersonId) -> Self {
        Self { role: Role::Teacher, scope: Scope::Lesson(lesson), person: Some(person) }
    }

    /// A room.
    pub const fn room(room: RoomId) -> Self {
        Self { role: Role::Room, scope: Scope::Room(room), person: None }
    }

    /// An operator.
    pub const fn ops() -> Self {
        Self { role: Role::Ops, scope: Scope::All, person: None }
    }

    /// The server itself.
    pub const fn server() -> Self {
        Self { role: Role::Server, scope: Scope::All, person: None }
    }

    /// The room that acts, if it is one.
    pub fn as_room(&self) -> Option<&RoomId> {
        match &self.scope {
            Scope::Room(room) if self.role == Role::Room => Some(room),
            _ => None,
        }
    }

    /// The id that a ledger keeps: the person, else the room, else the role.
    pub fn name(&self) -> &str {
        match (&self.person, &self.scope) {
            (Some(person), _) => person.as_str(),
            (None, Scope::Room(room)) => room.as_str(),
            (None, _) => self.role.as_str(),
        }
    }
}
