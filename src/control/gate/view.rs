//! What the gate shows: the shapes of `docs/protocol.md` §7.

use serde::Serialize;

use super::LoggedIn;
use crate::control::view::{Named, ms, named};
use crate::lesson::register::{Account, Device, Grant, Register};
use crate::lesson::school::Room;
use crate::lesson::{Action, Alliance, permits};
use crate::store::AuditLine;

/// Who has logged in.
#[derive(Clone, Debug, Serialize)]
pub struct MeView {
    account: String,
    person: Option<Named>,
    school: Option<String>,
    /// Whether a new password comes before everything else.
    must_change: bool,
    until_ms: u64,
    grants: Vec<GrantView>,
    /// The pages that open for them.
    pages: Vec<&'static str>,
}

impl MeView {
    pub(super) fn of(who: &LoggedIn, alliance: &Alliance, register: &Register) -> Self {
        let account = &who.account;
        let person = account.person.as_ref().and_then(|person| alliance.person(person));
        let opens = |action| who.powers.iter().any(|actor| permits(actor.role, action));
        let pages = [
            ("teach", Action::OpenTeach),
            ("plan", Action::OpenAdmin),
            ("devices", Action::OpenAdmin),
            ("ops", Action::OpenOps),
        ];
        Self {
            account: account.id.to_string(),
            person: person.map(|person| named(person.id.as_str(), &person.name)),
            school: person.map(|person| alliance.name_of_school(&person.school).to_owned()),
            must_change: account.must_change,
            until_ms: ms(who.until),
            grants: register.grants_of(&account.id).map(GrantView::of).collect(),
            pages: pages.into_iter().filter(|(_, action)| opens(*action)).map(|(page, _)| page).collect(),
        }
    }
}

/// Something that an account may be.
#[derive(Clone, Debug, Serialize)]
pub struct GrantView {
    id: String,
    role: &'static str,
    scope: String,
    until_ms: Option<u64>,
}

impl GrantView {
    fn of(grant: &Grant) -> Self {
        let until_ms = (grant.until != crate::base::time::Time::NEVER).then(|| ms(grant.until));
        Self { id: grant.id.to_string(), role: grant.role.as_str(), scope: grant.scope.to_string(), until_ms }
    }
}

/// An account, for those who look after it.
#[derive(Clone, Debug, Serialize)]
pub struct AccountView {
    account: String,
    person: Option<Named>,
    must_change: bool,
    revoked: bool,
    grants: Vec<GrantView>,
}

impl AccountView {
    pub(super) fn of(account: &Account, alliance: &Alliance, register: &Register) -> Self {
        let person = account.person.as_ref();
        Self {
            account: account.id.to_string(),
            person: person.map(|person| named(person.as_str(), alliance.name_of_person(person))),
            must_change: account.must_change,
            revoked: account.revoked,
            grants: register.grants_of(&account.id).map(GrantView::of).collect(),
        }
    }
}

/// What a screen without a room shows.
#[derive(Clone, Debug, Serialize)]
pub struct CodeView {
    pub(super) code: String,
    pub(super) expires_ms: u64,
    pub(super) now_ms: u64,
}

/// The rooms that somebody may give a device.
#[derive(Clone, Debug, Serialize)]
pub struct DevicesView {
    pub(super) rooms: Vec<DeviceView>,
}

/// A room and its device.
#[derive(Clone, Debug, Serialize)]
pub struct DeviceView {
    room: String,
    name: String,
    school: String,
    /// None as long as it has no device.
    since_ms: Option<u64>,
    paired_by: Option<String>,
}

impl DeviceView {
    pub(super) fn of(room: &Room, device: Option<&Device>, alliance: &Alliance) -> Self {
        Self {
            room: room.id.to_string(),
            name: room.name.clone(),
            school: alliance.name_of_school(&room.school).to_owned(),
            since_ms: device.map(|device| ms(device.since)),
            paired_by: device.map(|device| device.paired_by.to_string()),
        }
    }
}

/// A page of the audit.
#[derive(Clone, Debug, Serialize)]
pub struct AuditView {
    lines: Vec<LineView>,
    /// What to ask for `after`, if there is more.
    next: Option<u64>,
}

#[derive(Clone, Debug, Serialize)]
struct LineView {
    line: u64,
    at_ms: u64,
    who: String,
    what: &'static str,
    object: String,
    school: Option<String>,
    address: Option<String>,
}

impl AuditView {
    pub(super) fn of(lines: Vec<(u64, AuditLine)>, most: usize) -> Self {
        let next = lines.last().filter(|_| lines.len() >= most).map(|(number, _)| *number);
        let view = |(line, AuditLine { at, who, what, object, school, address })| LineView {
            line,
            at_ms: ms(at),
            who,
            what,
            object,
            school: school.map(|school| school.to_string()),
            address,
        };
        Self { lines: lines.into_iter().map(view).collect(), next }
    }
}
