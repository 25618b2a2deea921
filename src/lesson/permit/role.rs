//! What somebody is, and how far that may reach.

use super::scope::Scope;

/// What somebody is to a lesson, a school or the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// 学区管理员: looks after districts.
    DistrictAdmin,
    /// 学校管理员: looks after one school.
    SchoolAdmin,
    /// 主讲教师: teaches.
    Teacher,
    /// 辅助教师: sits in a listening room with the pupils.
    Assistant,
    /// A listening room: a device, not a person.
    Room,
    /// 听课: watches lessons and is seen to watch.
    Observer,
    /// 巡课: looks whether lessons are held.
    Patrol,
    /// 督导: looks into the lessons and the figures of districts.
    Inspector,
    /// Keeps the service running and sees figures only.
    Ops,
    /// The server itself: it tells what the network and the clock did.
    Server,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::DistrictAdmin,
        Self::SchoolAdmin,
        Self::Teacher,
        Self::Assistant,
        Self::Room,
        Self::Observer,
        Self::Patrol,
        Self::Inspector,
        Self::Ops,
        Self::Server,
    ];

    /// Its name in keys, messages and tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DistrictAdmin => "district_admin",
            Self::SchoolAdmin => "school_admin",
            Self::Teacher => "teacher",
            Self::Assistant => "assistant",
            Self::Room => "room",
            Self::Observer => "observer",
            Self::Patrol => "patrol",
            Self::Inspector => "inspector",
            Self::Ops => "ops",
            Self::Server => "server",
        }
    }

    /// The role of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }

    /// Whether the role can be bound to such a scope; bound to another one it may do nothing.
    pub const fn takes(self, scope: &Scope) -> bool {
        match self {
            Self::DistrictAdmin => matches!(scope, Scope::All | Scope::District(_)),
            Self::Inspector => matches!(scope, Scope::All | Scope::District(_) | Scope::Lesson(_)),
            Self::SchoolAdmin => matches!(scope, Scope::School(_)),
            Self::Teacher => matches!(scope, Scope::School(_) | Scope::Lesson(_)),
            Self::Assistant => matches!(scope, Scope::School(_) | Scope::Lesson(_) | Scope::Room(_)),
            Self::Room => matches!(scope, Scope::Room(_)),
            Self::Observer | Self::Patrol => !matches!(scope, Scope::Room(_)),
            Self::Ops | Self::Server => matches!(scope, Scope::All),
        }
    }

    /// Whether a person can be given the role: a room is a device, and the server is nobody.
    pub const fn is_of_people(self) -> bool {
        !matches!(self, Self::Room | Self::Server)
    }
}
