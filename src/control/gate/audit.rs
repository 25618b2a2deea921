//! Reading who came, saw and changed what: everybody their own schools' affairs.

use std::collections::BTreeSet;

use super::view::AuditView;
use super::{Gate, LoggedIn, broken};
use crate::base::limits::AUDIT_PAGE_MAX;
use crate::base::time::Time;
use crate::control::refused::Refused;
use crate::lesson::{Action, Actor, Alliance, Refusal, SchoolId, Scope, permits};
use crate::store::AuditQuery;

/// Which lines somebody wants to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditWish {
    /// From this moment on.
    pub from: Time,
    /// Before this moment.
    pub until: Time,
    /// Of this one alone.
    pub who: Option<String>,
    /// After this line.
    pub after: u64,
}

impl Gate {
    /// A page of the audit.
    pub async fn audit(&self, who: &LoggedIn, wish: AuditWish) -> Result<AuditView, Refused> {
        let schools = self.school.read(|alliance, _| readable(&who.powers, alliance))?;
        let AuditWish { from, until, who, after } = wish;
        let query = AuditQuery { from, until, who, schools, after, most: AUDIT_PAGE_MAX };
        let lines = self.store.read_audit(&query).await.map_err(|fault| broken(&fault))?;
        Ok(AuditView::of(lines, AUDIT_PAGE_MAX))
    }
}

/// The schools whose affairs somebody may read; none is all.
fn readable(powers: &[Actor], alliance: &Alliance) -> Result<Option<Vec<SchoolId>>, Refusal> {
    let reads = powers.iter().filter(|actor| permits(actor.role, Action::ReadAudit) && actor.role.takes(&actor.scope));
    let scopes: Vec<_> = reads.map(|actor| &actor.scope).collect();
    if scopes.is_empty() {
        return Err(Refusal::NotPermitted);
    }
    if scopes.contains(&&Scope::All) {
        return Ok(None);
    }
    let covered = |school: &SchoolId| {
        let belongs = alliance.belongs_school(school);
        scopes.iter().any(|scope| scope.covers(&belongs, Action::ReadAudit.is_looking()))
    };
    let schools: BTreeSet<_> = alliance.schools().map(|school| school.id.clone()).filter(covered).collect();
    Ok(Some(schools.into_iter().collect()))
}
