//! Who may do what: one table of role × action, and the scope that each is bound to.

mod action;
mod actor;
mod role;
mod scope;

pub use action::Action;
pub use actor::Actor;
pub use role::Role;
pub use scope::{Belongs, Home, Scope};

use super::refusal::Refusal;
use super::timetable::Entry;

/// Whether `role` may ever do `action`. What is not listed is forbidden.
pub const fn permits(role: Role, action: Action) -> bool {
    use Action as A;
    match role {
        Role::DistrictAdmin => {
            matches!(action, A::ManageDistricts | A::ManageSchools | A::ManagePairings) || of_an_admin(action)
        }
        Role::SchoolAdmin => of_an_admin(action),
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
                | A::ReadTimetable
        ),
        Role::Assistant => {
            matches!(action, A::Enter | A::Join | A::Watch | A::WishLayer | A::HearWhisper | A::ReadTimetable)
        }
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
                | A::ReadTimetable
        ),
        Role::Observer => of_a_guest(action) || matches!(action, A::Whisper | A::TakeNotes | A::Evaluate),
        Role::Patrol => of_a_guest(action) || matches!(action, A::Patrol | A::ReadPlan),
        Role::Inspector => {
            of_a_guest(action)
                || matches!(action, A::TakeNotes | A::Evaluate | A::Patrol | A::ReadPlan | A::Export | A::ReadAudit)
        }
        Role::Ops => matches!(action, A::OpenOps | A::Enter | A::ReadFigures | A::ReadTimetable),
        Role::Server => matches!(action, A::SaySource | A::TellFacts),
    }
}

/// What everyone who looks after schools may do, each in their own.
const fn of_an_admin(action: Action) -> bool {
    use Action as A;
    matches!(
        action,
        A::OpenAdmin
            | A::ManageRooms
            | A::ManagePeople
            | A::ManageTimetable
            | A::PairDevice
            | A::Revoke
            | A::ReadPlan
            | A::ReadTimetable
            | A::Export
            | A::ReadAudit
    )
}

/// What everyone who looks into lessons may do: they are in them, silently.
const fn of_a_guest(action: Action) -> bool {
    matches!(action, Action::Enter | Action::Join | Action::Watch | Action::WishLayer | Action::ReadTimetable)
}

/// Whether `who` may do `action` in the lesson of `entry`.
///
/// # Errors
/// [`Refusal::NotPermitted`] if the role may not, or is bound to something else.
pub fn permit(who: &Actor, action: Action, entry: &Entry) -> Result<(), Refusal> {
    decide(permits(who.role, action) && who.role.takes(&who.scope) && who.scope.covers_entry(entry))
}

/// Whether `who` may do `action` to a thing.
///
/// # Errors
/// [`Refusal::NotPermitted`] if the role may not, or is bound to something else.
pub fn permit_at(who: &Actor, action: Action, thing: &Belongs) -> Result<(), Refusal> {
    let covered = who.role.takes(&who.scope) && who.scope.covers(thing, action.is_looking());
    decide(permits(who.role, action) && covered)
}

const fn decide(may: bool) -> Result<(), Refusal> {
    if may { Ok(()) } else { Err(Refusal::NotPermitted) }
}

#[cfg(test)]
mod tests;
