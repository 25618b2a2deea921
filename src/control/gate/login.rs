//! Logging in and out, and the own password.

use std::net::IpAddr;

use super::view::MeView;
use super::{Gate, line};
use crate::base::limits::LOGINS_PER_ACCOUNT_MAX;
use crate::base::time::Time;
use crate::control::password;
use crate::control::refused::Refused;
use crate::control::secret::{fresh, trace};
use crate::io::clock;
use crate::lesson::register::{Account, Login, RegisterChange};
use crate::lesson::{AccountId, Actor, LoginId, Refusal};
use crate::store::AuditLine;

/// Somebody who has logged in, and what they may be now.
#[derive(Clone, Debug)]
pub struct LoggedIn {
    /// Their login.
    pub login: LoginId,
    /// Until when it is good.
    pub until: Time,
    /// Their account.
    pub account: Account,
    /// What they may be; nothing as long as their password has to be changed.
    pub powers: Vec<Actor>,
}

impl Gate {
    /// Somebody shows name and password: the secret that their browser shows from now on, and who they are.
    ///
    /// # Errors
    /// [`Refusal::LoginWrong`], whatever was wrong; [`Refusal::TooMany`] with a wait; [`Refusal::Busy`].
    pub async fn login(&self, name: &str, given: String, from: IpAddr) -> Result<(String, LoggedIn), Refused> {
        let name = AccountId::new(name).map_err(|_| Refusal::LoginWrong)?;
        self.tries().login(clock::now(), &name, from)?;
        let account = self.school.account(&name).filter(|account| !account.revoked);
        let kept = account.as_ref().map(|account| account.password.clone());
        let is_somebody = account.is_some();
        let right = self.passwords.is_right(given, kept).await?;
        let Some(account) = account.filter(|_| right) else {
            self.tries().login_failed(clock::now(), &name, from);
            let refused = AuditLine { address: Some(from.to_string()), ..line(&name, "login_refused", "") };
            // What is no account's name may be a password in the wrong field.
            let who = if is_somebody { refused.who.clone() } else { "unknown".to_owned() };
            self.note(AuditLine { who, ..refused }).await?;
            return Err(Refusal::LoginWrong.into());
        };
        self.tries().login_succeeded(&name, from);
        self.begin(&account, from).await
    }

    async fn begin(&self, account: &Account, from: IpAddr) -> Result<(String, LoggedIn), Refused> {
        let secret = fresh();
        let until = clock::now() + self.login_life;
        let login = Login { id: login_id(&secret), account: account.id.clone(), until };
        let mut changes = self.school.logins_to_end(&account.id, LOGINS_PER_ACCOUNT_MAX - 1);
        changes.push(RegisterChange::Login(login));
        self.keep(changes, AuditLine { address: Some(from.to_string()), ..line(&account.id, "login", "") }).await?;
        let who = self.logged_in(&secret)?;
        Ok((secret, who))
    }

    /// Whose a browser's secret is.
    ///
    /// # Errors
    /// [`Refusal::TokenInvalid`] if it is nobody's, or not any more.
    pub fn logged_in(&self, secret: &str) -> Result<LoggedIn, Refusal> {
        self.school.logged_in(&login_id(secret)).ok_or(Refusal::TokenInvalid)
    }

    /// Somebody leaves.
    pub async fn logout(&self, who: &LoggedIn) -> Result<(), Refused> {
        self.keep(vec![RegisterChange::Logout(who.login.clone())], line(&who.account.id, "logout", "")).await
    }

    /// Somebody sets their own new password. Every other login of theirs is over.
    ///
    /// # Errors
    /// [`Refusal::LoginWrong`] if the old one is another; [`Refusal::PasswordWeak`]; [`Refusal::TooMany`].
    pub async fn change_password(&self, who: &LoggedIn, old: String, new: String, from: IpAddr) -> Result<(), Refused> {
        let id = &who.account.id;
        self.tries().login(clock::now(), id, from)?;
        if !self.passwords.is_right(old.clone(), Some(who.account.password.clone())).await? {
            self.tries().login_failed(clock::now(), id, from);
            return Err(Refusal::LoginWrong.into());
        }
        password::check(&new, id)?;
        if old == new {
            return Err(Refusal::PasswordWeak.into());
        }
        let password = self.passwords.hash(new).await?;
        // As it is now: it may have been revoked meanwhile.
        let account = self.school.account(id).filter(|account| !account.revoked).ok_or(Refusal::TokenInvalid)?;
        let mut changes = self.school.logins_to_end(id, 0);
        changes.retain(|change| *change != RegisterChange::Logout(who.login.clone()));
        changes.push(RegisterChange::Account(Account { password, must_change: false, demo: false, ..account }));
        self.keep(changes, line(id, "password_changed", "")).await
    }

    /// Who somebody is and may be.
    pub fn me(&self, who: &LoggedIn) -> MeView {
        self.school.read(|alliance, register| MeView::of(who, alliance, register))
    }

    /// Whether an address may ask anything at all now.
    pub fn admit_request(&self, from: IpAddr) -> Result<(), Refused> {
        self.tries().request(clock::now(), from)
    }
}

fn login_id(secret: &str) -> LoginId {
    LoginId::new(&trace(secret)).expect("hexadecimal digits are an id")
}
