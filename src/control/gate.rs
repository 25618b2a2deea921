//! The gate: people log in here, rooms get their devices, and what was given is taken back.

mod accounts;
mod audit;
mod codes;
mod login;
mod pairing;
mod plan;
mod tries;
mod view;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use super::password::Passwords;
use super::refused::Refused;
use super::school::School;
use crate::io::clock;
use crate::lesson::register::RegisterChange;
use crate::lesson::{AccountId, Action, Actor, Belongs, Refusal, SchoolId, permit_at};
use crate::store::{AuditLine, Fault, Store};
use codes::Codes;
use tries::Tries;

pub use accounts::{NewAccount, NewGrant};
pub use audit::AuditWish;
pub use login::LoggedIn;
pub use view::{AccountView, AuditView, CodeView, DeviceView, DevicesView, GrantView, MeView};

/// How often the store is asked whether somebody else changed the register: a command line on this machine, or another
/// server. What is taken back there is over within a second.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Where people log in and rooms get their devices.
pub struct Gate {
    school: Arc<School>,
    store: Arc<dyn Store>,
    passwords: Passwords,
    login_life: Duration,
    tries: Mutex<Tries>,
    codes: Mutex<Codes>,
    /// The revision of the register that the school has. Held while it is changed, so that nothing is read in between.
    revision: tokio::sync::Mutex<u64>,
    /// Tells those who wait for a change of the register.
    changed: watch::Sender<u64>,
}

impl Gate {
    /// The gate of a school that was opened with the register of that revision.
    pub fn new(school: Arc<School>, store: Arc<dyn Store>, revision: u64, login_life: Duration) -> Self {
        Self {
            school,
            store,
            passwords: Passwords::default(),
            login_life,
            tries: Mutex::default(),
            codes: Mutex::default(),
            revision: tokio::sync::Mutex::new(revision),
            changed: watch::Sender::new(revision),
        }
    }

    /// Follows the register in the store, for ever.
    pub async fn follow(&self) {
        let mut looks = tokio::time::interval(LOOK_EVERY);
        looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        let mut failing = false;
        loop {
            looks.tick().await;
            let looked = self.look().await;
            // Said once, not four times a second; whoever is in stays in.
            if let Err(fault) = looked.as_ref().err().filter(|_| !failing).map_or(Ok(()), Err) {
                tracing::error!(%fault, "the accounts cannot be read again");
            }
            failing = looked.is_err();
        }
    }

    async fn look(&self) -> Result<(), Fault> {
        let mut known = self.revision.lock().await;
        if self.store.register_revision().await? != *known {
            self.reload(&mut known).await?;
        }
        Ok(())
    }

    async fn reload(&self, known: &mut u64) -> Result<(), Fault> {
        let (register, revision) = self.store.register().await?;
        self.school.replace_register(register);
        *known = revision;
        self.changed.send_replace(revision);
        Ok(())
    }

    /// Makes changes for good, and lets them take effect at once.
    async fn keep(&self, changes: Vec<RegisterChange>, line: AuditLine) -> Result<(), Refused> {
        let mut known = self.revision.lock().await;
        let revision = self.store.keep(&changes, &line).await.map_err(|fault| broken(&fault))?;
        if revision == *known + 1 {
            self.school.change_register(changes);
            *known = revision;
            self.changed.send_replace(revision);
            return Ok(());
        }
        // Somebody else changed something in between.
        self.reload(&mut known).await.map_err(|fault| broken(&fault))
    }

    /// Notes what changed nothing.
    async fn note(&self, line: AuditLine) -> Result<(), Refused> {
        self.store.note_audit(&line).await.map_err(|fault| broken(&fault))
    }

    fn tries(&self) -> MutexGuard<'_, Tries> {
        self.tries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn codes(&self) -> MutexGuard<'_, Codes> {
        self.codes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A fault of the store, said once here; whoever asked is told that it is ours.
fn broken(fault: &Fault) -> Refused {
    tracing::error!(%fault, "at the gate");
    Refusal::Internal.into()
}

/// A line of the audit on what an account does now.
fn line(who: &AccountId, what: &'static str, object: &str) -> AuditLine {
    AuditLine { at: clock::now(), who: who.to_string(), what, object: object.to_owned(), school: None, address: None }
}

/// Whether one of somebody's powers reaches to a thing.
fn may(powers: &[Actor], action: Action, thing: &Belongs) -> Result<(), Refusal> {
    let allowed = powers.iter().any(|actor| permit_at(actor, action, thing).is_ok());
    if allowed { Ok(()) } else { Err(Refusal::NotPermitted) }
}

/// The school that a thing is of.
fn school_of(thing: &Belongs) -> Option<SchoolId> {
    thing.home.as_ref()?.school.clone()
}
