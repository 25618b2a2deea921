//! The accounts of a demonstration: everybody knows their passwords, so they are there only as long as it is one.

use super::AppFault;
use crate::base::time::Time;
use crate::control::gate::NewGrant;
use crate::control::password;
use crate::io::clock;
use crate::lesson::permit::{Role, Scope};
use crate::lesson::register::{Account, Register, RegisterChange};
use crate::lesson::{AccountId, PersonId};
use crate::store::{AuditLine, Store};

/// User, password, what they may be in words.
pub(super) const KNOWN: [(&str, &str, &str); 2] =
    [("admin", "tongke-demo", "管理员 administrator"), ("wang-min", "tongke-demo", "主讲教师 teacher")];

/// Makes them for a demonstration; for anything else, takes back what a demonstration has left.
pub(super) async fn put_or_take(store: &dyn Store, demo: bool) -> Result<(), AppFault> {
    let (register, _) = store.register().await?;
    let changes = if demo { put(&register) } else { take(&register) };
    if changes.is_empty() {
        return Ok(());
    }
    let what = if demo { "account_added" } else { "account_revoked" };
    if !demo {
        tracing::warn!("the accounts of a demonstration are taken back");
    }
    let who = "demo".to_owned();
    let line = AuditLine { at: clock::now(), who, what, object: "demo".into(), school: None, address: None };
    store.keep(&changes, &line).await?;
    Ok(())
}

fn put(register: &Register) -> Vec<RegisterChange> {
    KNOWN.iter().flat_map(|(user, password, _)| put_one(register, user, password)).collect()
}

fn put_one(register: &Register, user: &str, password: &str) -> Vec<RegisterChange> {
    let id = AccountId::new(user).expect("written here");
    // Whoever has set a password of their own keeps it.
    if register.account(&id).is_some_and(|account| !account.demo || !account.revoked) {
        return Vec::new();
    }
    let person = PersonId::new(user).ok().filter(|_| user != "admin");
    let account = Account {
        id: id.clone(),
        person,
        password: password::hash(password),
        must_change: false,
        demo: true,
        revoked: false,
    };
    let mut changes = vec![RegisterChange::Account(account)];
    if register.grants_of(&id).next().is_none() {
        changes.extend(powers(user).into_iter().map(|(role, scope)| {
            let grant = NewGrant { role, scope, until: Time::NEVER }.to(id.clone());
            RegisterChange::Give(grant.expect("these roles are bound to these scopes"))
        }));
    }
    changes
}

fn powers(user: &str) -> Vec<(Role, Scope)> {
    match user {
        "admin" => vec![(Role::DistrictAdmin, Scope::All), (Role::Ops, Scope::All)],
        _ => vec![(Role::Teacher, Scope::School("shiyan".parse().expect("written here")))],
    }
}

fn take(register: &Register) -> Vec<RegisterChange> {
    let left = register.accounts().filter(|account| account.demo && !account.revoked);
    left.map(|account| RegisterChange::Account(Account { revoked: true, ..account.clone() })).collect()
}
