//! Who may do what: one table of role × action, and the scope a person is bound to.

use super::id::{LessonId, PersonId, RoomId};
use super::refusal::Refusal;
use super::timetable::Entry;

/// What somebody is to a lesson.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Teaches one lesson.
    Teacher,
    /// A listening room: a device, not a person.
    Room,
    /// 听课: watches one lesson and is seen to watch.
    Observer,
    /// Keeps the service running and sees figures only.
    Ops,
    /// The server itself: it tells what the network and the clock did.
    Server,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Teacher, Self::Room, Self::Observer, Self::Ops, Self::Server];

    /// Its name in keys, messages and tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Teacher => "teacher",
            Self::Room => "room",
            Self::Observer => "observer",
            Self::Ops => "ops",
            Self::Server => "server",
        }
    }

    /// The role of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }
}

/// Something one may or may not do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// Open the teacher's page.
    OpenTeach,
    /// Open the classroom page.
    OpenClassroom,
    /// Open the operators' page.
    OpenOps,
    /// Change a key for a token.
    Enter,
    /// Take a place in the lesson: its messages come and go.
    Join,
    /// Send media.
    Publish,
    /// Receive media.
    Watch,
    /// Begin the class.
    StartLesson,
    /// End the class.
    EndLesson,
    /// Put one's own hand up or down.
    RaiseHand,
    /// Put another's hand down.
    LowerHand,
    /// Call a room on stage, take it off, close its microphone.
    CallOn,
    /// Open and close one's own microphone on stage.
    Speak,
    /// Say which sources are on.
    SaySource,
    /// Say how large a picture is worth sending.
    WishLayer,
    /// Say what the decoder did.
    Report,
    /// Read the figures of all lessons.
    ReadFigures,
    /// Say what the network and the clock did.
    TellFacts,
}

impl Action {
    /// All of them.
    pub const ALL: [Self; 18] = [
        Self::OpenTeach,
        Self::OpenClassroom,
        Self::OpenOps,
        Self::Enter,
        Self::Join,
        Self::Publish,
        Self::Watch,
        Self::StartLesson,
        Self::EndLesson,
        Self::RaiseHand,
        Self::LowerHand,
        Self::CallOn,
        Self::Speak,
        Self::SaySource,
        Self::WishLayer,
        Self::Report,
        Self::ReadFigures,
        Self::TellFacts,
    ];
}

/// Whether `role` may ever do `action`. What is not listed is forbidden.
pub const fn permits(role: Role, action: Action) -> bool {
    use Action as A;
    match role {
        Role::Teacher => matches!(
            action,
            A::OpenTeach
                | A::Enter
                | A::Join
                | A::Publish
                | A::Watch
                | A::StartLesson
                | A::EndLesson
                | A::LowerHand
                | A::CallOn
                | A::SaySource
                | A::WishLayer
        ),
        Role::Room => matches!(
            action,
            A::OpenClassroom
                | A::Enter
                | A::Join
                | A::Publish
                | A::Watch
                | A::RaiseHand
                | A::Speak
                | A::WishLayer
                | A::Report
        ),
        Role::Observer => matches!(action, A::Enter | A::Watch),
        Role::Ops => matches!(action, A::OpenOps | A::Enter | A::ReadFigures),
        Role::Server => matches!(action, A::SaySource | A::TellFacts),
    }
}

/// Whether `who` may do `action` in the lesson of `entry`.
///
/// # Errors
/// [`Refusal::NotPermitted`] if the role may not, or is bound to another lesson or room.
pub fn permit(who: &Actor, action: Action, entry: &Entry) -> Result<(), Refusal> {
    if permits(who.role, action) && who.scope.covers(entry) { Ok(()) } else { Err(Refusal::NotPermitted) }
}

/// Somebody who acts: what they are, what they are bound to, and who.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// What they are.
    pub role: Role,
    /// What they are bound to.
    pub scope: Scope,
    /// Who it is, if it is a person.
    pub person: Option<PersonId>,
}

/// What somebody is bound to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// One lesson.
    Lesson(LessonId),
    /// One room, in any lesson that invites it.
    Room(RoomId),
    /// Everything.
    All,
}

impl Scope {
    /// Whether the lesson of `entry` is within it.
    pub fn covers(&self, entry: &Entry) -> bool {
        match self {
            Self::Lesson(lesson) => entry.lesson == *lesson,
            Self::Room(room) => entry.invites(room),
            Self::All => true,
        }
    }
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
    pub const fn as_room(&self) -> Option<&RoomId> {
        match &self.scope {
            Scope::Room(room) => Some(room),
            Scope::Lesson(_) | Scope::All => None,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_this_one() {
        let line = |action| Role::ALL.map(|role| if permits(role, action) { 'x' } else { '.' }).iter().collect();
        let table: Vec<(String, String)> =
            Action::ALL.into_iter().map(|action| (format!("{action:?}"), line(action))).collect();
        let table: Vec<_> = table.iter().map(|(action, line)| (action.as_str(), line.as_str())).collect();
        // teacher, room, observer, ops, server
        let meant = [
            ("OpenTeach", "x...."),
            ("OpenClassroom", ".x..."),
            ("OpenOps", "...x."),
            ("Enter", "xxxx."),
            ("Join", "xx..."),
            ("Publish", "xx..."),
            ("Watch", "xxx.."),
            ("StartLesson", "x...."),
            ("EndLesson", "x...."),
            ("RaiseHand", ".x..."),
            ("LowerHand", "x...."),
            ("CallOn", "x...."),
            ("Speak", ".x..."),
            ("SaySource", "x...x"),
            ("WishLayer", "xx..."),
            ("Report", ".x..."),
            ("ReadFigures", "...x."),
            ("TellFacts", "....x"),
        ];
        assert_eq!(table, meant);
    }
}
