//! Accounts on the command line: how the first administrator comes to be.

use std::io::BufRead;

use super::AppFault;
use super::plan::{actor, with_store};
use crate::base::time::Time;
use crate::config::cli::account::{AccountAct, AccountArgs};
use crate::control::gate::NewGrant;
use crate::control::password;
use crate::io::clock;
use crate::lesson::calendar::{BadDay, Day, Minute};
use crate::lesson::permit::{Role, Scope};
use crate::lesson::register::{Account, Register, RegisterChange};
use crate::lesson::{AccountId, Refusal};
use crate::store::{self, AuditLine, Store};

/// Why nothing was done: in words.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each says it in words")]
pub enum AccountFault {
    #[error(transparent)]
    App(#[from] AppFault),
    #[error(transparent)]
    Store(#[from] store::Fault),
    #[error("{0}: a user name is 1 to 64 characters of a-z, 0-9 and -")]
    Name(String),
    #[error("there is no account {0}")]
    NotThere(String),
    #[error("the plan has no person {0}")]
    Nobody(String),
    #[error("--role {0}: there is no such role for a person")]
    Role(String),
    #[error("--scope {0}: the role cannot be bound to that")]
    Scope(String),
    #[error("--until: {0}")]
    Day(#[from] BadDay),
    #[error("{0}")]
    Weak(&'static str),
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

/// Does what was typed.
///
/// # Errors
/// What is wrong with it, or with the store.
pub fn run(args: &AccountArgs) -> Result<(), AccountFault> {
    with_store(args.config.as_deref(), async |store| {
        let (register, _) = store.register().await?;
        match &args.act {
            AccountAct::List => {
                list(&register);
                Ok(())
            }
            AccountAct::Revoke { user } => {
                let account = known(&register, user)?;
                let change = RegisterChange::Account(Account { revoked: true, ..account });
                keep(store, vec![change], "account_revoked", user).await
            }
            AccountAct::Password { user, password_stdin } => {
                let account = known(&register, user)?;
                let mut changes = end_logins(&register, &account.id);
                let (password, must_change) = new_password(&account.id, *password_stdin)?;
                changes.push(RegisterChange::Account(Account { password, must_change, demo: false, ..account }));
                keep(store, changes, "password_set", user).await
            }
            AccountAct::Add { user, .. } => {
                let changes = add(store, &register, &args.act).await?;
                keep(store, changes, "account_added", user).await
            }
        }
    })
}

async fn add(store: &dyn Store, register: &Register, act: &AccountAct) -> Result<Vec<RegisterChange>, AccountFault> {
    let AccountAct::Add { user, person, role, scope, until, password_stdin } = act else { return Ok(Vec::new()) };
    let id = AccountId::new(user).map_err(|_| AccountFault::Name(user.clone()))?;
    let role = Role::parse(role).filter(|role| role.is_of_people()).ok_or_else(|| AccountFault::Role(role.clone()))?;
    let bad_scope = || AccountFault::Scope(scope.clone());
    let bound = Scope::parse(scope).ok_or_else(bad_scope)?;
    let until = until.as_ref().map(|day| day.parse::<Day>()).transpose()?;
    // The last day counts.
    let until = until.map_or(Time::NEVER, |day| day.plus(1).at(Minute::MIDNIGHT));
    let grant = NewGrant { role, scope: bound, until }.to(id.clone()).map_err(|_| bad_scope())?;
    let mut changes = Vec::new();
    // Whoever gets the name of a revoked account gets nothing else of it.
    if register.account(&id).is_some_and(|account| account.revoked) {
        changes.extend(register.grants_of(&id).map(|grant| RegisterChange::Take(grant.id.clone())));
    }
    if register.account(&id).is_none_or(|account| account.revoked) {
        let person = match person {
            Some(person) => Some(known_person(store, person).await?),
            None => None,
        };
        let (password, must_change) = new_password(&id, *password_stdin)?;
        changes.push(RegisterChange::Account(Account {
            id,
            person,
            password,
            must_change,
            demo: false,
            revoked: false,
        }));
    }
    changes.push(RegisterChange::Give(grant));
    Ok(changes)
}

async fn known_person(store: &dyn Store, id: &str) -> Result<crate::lesson::PersonId, AccountFault> {
    let nobody = || AccountFault::Nobody(id.to_owned());
    let person = id.parse().map_err(|_| nobody())?;
    let kept = store.load().await?;
    if kept.alliance.person(&person).is_some() { Ok(person) } else { Err(nobody()) }
}

fn known(register: &Register, user: &str) -> Result<Account, AccountFault> {
    let id = AccountId::new(user).map_err(|_| AccountFault::Name(user.to_owned()))?;
    let account = register.account(&id).filter(|account| !account.revoked);
    account.cloned().ok_or_else(|| AccountFault::NotThere(user.to_owned()))
}

fn end_logins(register: &Register, id: &AccountId) -> Vec<RegisterChange> {
    register.logins_of(id).map(|login| RegisterChange::Logout(login.id.clone())).collect()
}

/// What to keep of a new password, and whether it has to be changed; one that we made is printed.
fn new_password(id: &AccountId, from_stdin: bool) -> Result<(String, bool), AccountFault> {
    if !from_stdin {
        let once = password::one_time();
        println!("{id}: 一次性密码 one-time password: {once}");
        return Ok((password::hash(&once), true));
    }
    let mut typed = String::new();
    std::io::stdin().lock().read_line(&mut typed)?;
    let typed = typed.trim_end_matches(['\r', '\n']);
    password::check(typed, id).map_err(|_| AccountFault::Weak(Refusal::PasswordWeak.title()))?;
    Ok((password::hash(typed), false))
}

fn list(register: &Register) {
    for account in register.accounts() {
        let state = match (account.revoked, account.must_change) {
            (true, _) => " 已停用 revoked",
            (_, true) => " 待改密码 must change its password",
            _ => "",
        };
        let person = account.person.as_ref().map(|person| format!(" ({person})")).unwrap_or_default();
        println!("{}{person}{state}", account.id);
        for grant in register.grants_of(&account.id) {
            let until = if grant.until == Time::NEVER { String::new() } else { format!(" < {}", Day::of(grant.until)) };
            println!("    {} {}{until}", grant.role.as_str(), grant.scope);
        }
    }
}

async fn keep(
    store: &dyn Store,
    changes: Vec<RegisterChange>,
    what: &'static str,
    user: &str,
) -> Result<(), AccountFault> {
    let line = AuditLine { at: clock::now(), who: actor(), what, object: user.to_owned(), school: None, address: None };
    store.keep(&changes, &line).await?;
    println!("{user}: {what}");
    Ok(())
}
