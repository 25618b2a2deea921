//! Accounts of others: made, given something, and taken back, by those who look after their school.

use super::view::AccountView;
use super::{Gate, LoggedIn, line, may, school_of};
use crate::base::time::Time;
use crate::control::admit::key_id;
use crate::control::password;
use crate::control::refused::Refused;
use crate::control::secret::{fresh, trace};
use crate::io::clock;
use crate::lesson::register::{Account, Grant, Register, RegisterChange};
use crate::lesson::{AccountId, Action, Alliance, Belongs, GrantId, PersonId, Refusal, Role, Scope};
use crate::store::AuditLine;

/// An account to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAccount {
    /// What its owner is to type.
    pub id: AccountId,
    /// Whose it is.
    pub person: Option<PersonId>,
}

/// Something that an account is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewGrant {
    /// What.
    pub role: Role,
    /// Where.
    pub scope: Scope,
    /// Until when.
    pub until: Time,
}

impl NewGrant {
    /// The grant, with an id of its own, if a person can be that.
    ///
    /// # Errors
    /// [`Refusal::NotPermitted`] for a role that is no person's, or that is not bound to such a scope.
    pub fn to(self, account: AccountId) -> Result<Grant, Refusal> {
        if !self.role.is_of_people() || !self.role.takes(&self.scope) {
            return Err(Refusal::NotPermitted);
        }
        let id = GrantId::new(&trace(&fresh())).expect("hexadecimal digits are an id");
        Ok(Grant { id, account, role: self.role, scope: self.scope, until: self.until })
    }
}

impl Gate {
    /// The accounts that somebody may change.
    pub fn accounts(&self, who: &LoggedIn) -> Vec<AccountView> {
        self.school.read(|alliance, register| {
            let theirs = register.accounts().filter(|account| {
                let things = reaches(account, alliance, register);
                things.iter().all(|thing| may(&who.powers, Action::ManagePeople, thing).is_ok())
            });
            theirs.map(|account| AccountView::of(account, alliance, register)).collect()
        })
    }

    /// Makes an account: the password to come in with once.
    pub async fn add_account(&self, who: &LoggedIn, new: NewAccount) -> Result<String, Refused> {
        let thing = self.school.read(|alliance, register| {
            if register.account(&new.id).is_some() {
                return Err(Refusal::AlreadyThere);
            }
            match &new.person {
                Some(person) if alliance.person(person).is_none() => Err(Refusal::NotThere),
                Some(person) => Ok(alliance.belongs_person(person)),
                None => Ok(Belongs::to_the_whole()),
            }
        })?;
        may(&who.powers, Action::ManagePeople, &thing)?;
        let once = password::one_time();
        let password = self.passwords.hash(once.clone()).await?;
        let NewAccount { id, person } = new;
        let line = AuditLine { school: school_of(&thing), ..line(&who.account.id, "account_added", id.as_str()) };
        let account = Account { id, person, password, must_change: true, demo: false, revoked: false };
        self.keep(vec![RegisterChange::Account(account)], line).await?;
        Ok(once)
    }

    /// Gives an account a new password to come in with once; whoever is in with the old one is out.
    pub async fn reset_password(&self, who: &LoggedIn, id: &AccountId) -> Result<String, Refused> {
        let (account, line) = self.changeable(who, id, "password_set")?;
        let once = password::one_time();
        let password = self.passwords.hash(once.clone()).await?;
        let mut changes = self.school.logins_to_end(id, 0);
        changes.push(RegisterChange::Account(Account { password, must_change: true, demo: false, ..account }));
        self.keep(changes, line).await?;
        Ok(once)
    }

    /// Takes an account back, for good.
    pub async fn revoke_account(&self, who: &LoggedIn, id: &AccountId) -> Result<(), Refused> {
        let (account, line) = self.changeable(who, id, "account_revoked")?;
        self.keep(vec![RegisterChange::Account(Account { revoked: true, ..account })], line).await
    }

    /// Lets an account be something: no more than the giver looks after.
    pub async fn give(&self, who: &LoggedIn, id: &AccountId, new: NewGrant) -> Result<GrantId, Refused> {
        let (_, line) = self.changeable(who, id, "grant_given")?;
        let thing = self.school.read(|alliance, _| alliance.belongs_scope(&new.scope));
        may(&who.powers, Action::ManagePeople, &thing)?;
        let grant = new.to(id.clone())?;
        let given = grant.id.clone();
        let object = format!("{id} {} {}", grant.role.as_str(), grant.scope);
        self.keep(vec![RegisterChange::Give(grant)], AuditLine { object, ..line }).await?;
        Ok(given)
    }

    /// Takes back what an account may be.
    pub async fn take(&self, who: &LoggedIn, id: &GrantId) -> Result<(), Refused> {
        let grant = self.school.read(|_, register| register.grant(id).cloned()).ok_or(Refusal::NotThere)?;
        let (_, line) = self.changeable(who, &grant.account, "grant_revoked")?;
        let object = format!("{} {} {}", grant.account, grant.role.as_str(), grant.scope);
        self.keep(vec![RegisterChange::Take(id.clone())], AuditLine { object, ..line }).await
    }

    /// Takes a key back, given as the key or the whole link.
    pub async fn revoke_key(&self, who: &LoggedIn, link: &str) -> Result<(), Refused> {
        let key = link.trim();
        let key = key.split_once("key=").map_or(key, |(_, key)| key);
        let pass = self.school.key_pass(key)?;
        let thing = self.school.read(|alliance, _| alliance.belongs_scope(&pass.actor.scope));
        may(&who.powers, Action::Revoke, &thing)?;
        let object = format!("{} {}", pass.actor.role.as_str(), pass.actor.scope);
        let line = AuditLine { school: school_of(&thing), ..line(&who.account.id, "key_revoked", &object) };
        self.keep(vec![RegisterChange::RevokeKey(key_id(key), pass.until)], line).await
    }

    /// An account that somebody may change, and the line that says they do.
    fn changeable(&self, who: &LoggedIn, id: &AccountId, what: &'static str) -> Result<(Account, AuditLine), Refusal> {
        let (account, things) = self.school.read(|alliance, register| {
            let account = register.account(id).filter(|account| !account.revoked).ok_or(Refusal::NotThere)?;
            Ok::<_, Refusal>((account.clone(), reaches(account, alliance, register)))
        })?;
        for thing in &things {
            may(&who.powers, Action::ManagePeople, thing)?;
        }
        let school = things.first().and_then(school_of);
        Ok((account, AuditLine { school, ..line(&who.account.id, what, id.as_str()) }))
    }
}

/// Whose an account is, and everything that it may reach: whoever changes it could do as much by it.
fn reaches(account: &Account, alliance: &Alliance, register: &Register) -> Vec<Belongs> {
    let home = account.person.as_ref().map_or_else(Belongs::default, |person| alliance.belongs_person(person));
    let now = clock::now();
    let held = register.grants_of(&account.id).filter(|grant| now < grant.until);
    [home].into_iter().chain(held.map(|grant| alliance.belongs_scope(&grant.scope))).collect()
}
