//! What a store keeps of the doors: the register, and who did what.

use crate::base::time::Time;
use crate::lesson::SchoolId;
use crate::lesson::register::{Register, RegisterChange};

use super::Answer;

/// The part of a store that the doors need.
pub trait AdmissionStore: Send + Sync + 'static {
    /// The register as it is, and its revision.
    fn register(&self) -> Answer<'_, (Register, u64)>;

    /// A number that grows by one with each [`AdmissionStore::keep`], whoever did it.
    fn register_revision(&self) -> Answer<'_, u64>;

    /// Keeps changes of the register together with the line that says whose doing they are: all or none. Gives the
    /// revision that this made.
    fn keep<'a>(&'a self, changes: &'a [RegisterChange], line: &'a AuditLine) -> Answer<'a, u64>;

    /// Keeps a line on what changed nothing: who came, who saw, who was refused.
    fn note_audit<'a>(&'a self, line: &'a AuditLine) -> Answer<'a, ()>;

    /// Lines in their order, at most `query.most`.
    fn read_audit<'a>(&'a self, query: &'a AuditQuery) -> Answer<'a, Vec<(u64, AuditLine)>>;
}

/// Who did what at the doors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditLine {
    /// When.
    pub at: Time,
    /// Who: an account, a person, a room or a role.
    pub who: String,
    /// What: one word of a closed set.
    pub what: &'static str,
    /// To what: a lesson, a room, an account; empty if to nothing in particular.
    pub object: String,
    /// The school whose affair it is, if it is one's.
    pub school: Option<SchoolId>,
    /// From which address, where that matters.
    pub address: Option<String>,
}

/// What may stand as the `what` of a line.
pub const AUDITED: [&str; 14] = [
    "join",
    "view",
    "login",
    "login_refused",
    "logout",
    "password_changed",
    "password_set",
    "account_added",
    "account_revoked",
    "grant_given",
    "grant_revoked",
    "device_paired",
    "device_revoked",
    "key_revoked",
];

/// Which lines are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditQuery {
    /// From this moment on.
    pub from: Time,
    /// Before this moment.
    pub until: Time,
    /// Of this one alone.
    pub who: Option<String>,
    /// Affairs of these schools alone; none is of all, and of no school in particular.
    pub schools: Option<Vec<SchoolId>>,
    /// After this line.
    pub after: u64,
    /// So many at most.
    pub most: usize,
}

impl AuditQuery {
    /// Whether a line is wanted.
    pub(super) fn wants(&self, number: u64, line: &AuditLine) -> bool {
        let of_schools = |schools: &Vec<SchoolId>| line.school.as_ref().is_some_and(|school| schools.contains(school));
        number > self.after
            && (self.from..self.until).contains(&line.at)
            && self.who.as_ref().is_none_or(|who| line.who == *who)
            && self.schools.as_ref().is_none_or(of_schools)
    }
}
