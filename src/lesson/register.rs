//! Who may come in besides by a link: accounts with what they may do, logins, rooms' devices; and what was taken back.

use std::collections::BTreeMap;

use crate::base::time::Time;

use super::id::{AccountId, DeviceId, GrantId, KeyId, LoginId, PersonId, RoomId};
use super::permit::{Actor, Role, Scope};

/// A person's account.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// What its owner types at the login.
    pub id: AccountId,
    /// Whose it is, if the plan knows the person: their lessons are theirs to teach.
    pub person: Option<PersonId>,
    /// The password as a PHC string: its hash, with salt and parameters.
    pub password: String,
    /// Whether somebody else set the password, so that the owner has to set a new one first.
    pub must_change: bool,
    /// Whether a demonstration made it, with a password that everybody knows.
    pub demo: bool,
    /// Whether it was taken back, for good.
    pub revoked: bool,
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Account").field("id", &self.id).field("person", &self.person).finish_non_exhaustive()
    }
}

/// Something that an account may be, where, and until when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Its id.
    pub id: GrantId,
    /// Whose it is.
    pub account: AccountId,
    /// What they may be.
    pub role: Role,
    /// What that is bound to.
    pub scope: Scope,
    /// From this moment on no more.
    pub until: Time,
}

/// One login: a browser that has shown the password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// Its id.
    pub id: LoginId,
    /// Who logged in.
    pub account: AccountId,
    /// From this moment on no more.
    pub until: Time,
}

/// The device of a room: a browser whose code an administrator has typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// Its id.
    pub id: DeviceId,
    /// The room that it is.
    pub room: RoomId,
    /// Since when.
    pub since: Time,
    /// The account that paired it.
    pub paired_by: AccountId,
}

/// What a token was given for. If that is taken back, so is the token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A key in a link.
    Key(KeyId),
    /// A login, for this one of the account's grants.
    Login(LoginId, GrantId),
    /// A room's device.
    Device(DeviceId),
}

/// One change of the register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RegisterChange {
    /// An account is new or another; one that is revoked loses its logins.
    Account(Account),
    /// An account may be something.
    Give(Grant),
    /// It may not any more.
    Take(GrantId),
    /// Somebody logged in.
    Login(Login),
    /// A login is over.
    Logout(LoginId),
    /// A room has another device: what it had is over.
    Pair(Device),
    /// A room has none any more.
    Unpair(RoomId),
    /// A key opens nothing any more; it would have expired at that time by itself.
    RevokeKey(KeyId, Time),
}

/// The register: small enough to be in memory as a whole (a county has 1,000 people and 404 rooms).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Register {
    accounts: BTreeMap<AccountId, Account>,
    /// By whose they are: what somebody may be is asked all the time.
    grants: BTreeMap<AccountId, BTreeMap<GrantId, Grant>>,
    logins: BTreeMap<LoginId, Login>,
    devices: BTreeMap<DeviceId, Device>,
    revoked_keys: BTreeMap<KeyId, Time>,
}

impl Register {
    /// Makes a change.
    pub fn apply(&mut self, change: RegisterChange) {
        match change {
            RegisterChange::Account(account) => {
                if account.revoked {
                    self.logins.retain(|_, login| login.account != account.id);
                }
                self.accounts.insert(account.id.clone(), account);
            }
            RegisterChange::Give(grant) => {
                let theirs = self.grants.entry(grant.account.clone()).or_default();
                theirs.insert(grant.id.clone(), grant);
            }
            RegisterChange::Take(grant) => self.grants.retain(|_, theirs| {
                theirs.remove(&grant);
                !theirs.is_empty()
            }),
            RegisterChange::Login(login) => drop(self.logins.insert(login.id.clone(), login)),
            RegisterChange::Logout(login) => drop(self.logins.remove(&login)),
            RegisterChange::Pair(device) => {
                self.devices.retain(|_, other| other.room != device.room);
                self.devices.insert(device.id.clone(), device);
            }
            RegisterChange::Unpair(room) => self.devices.retain(|_, device| device.room != room),
            RegisterChange::RevokeKey(key, until) => drop(self.revoked_keys.insert(key, until)),
        }
    }

    /// An account.
    pub fn account(&self, id: &AccountId) -> Option<&Account> {
        self.accounts.get(id)
    }

    /// Every account.
    pub fn accounts(&self) -> impl Iterator<Item = &Account> {
        self.accounts.values()
    }

    /// A grant.
    pub fn grant(&self, id: &GrantId) -> Option<&Grant> {
        self.grants.values().find_map(|theirs| theirs.get(id))
    }

    /// What an account has been given, also what is over.
    pub fn grants_of<'a>(&'a self, account: &'a AccountId) -> impl Iterator<Item = &'a Grant> {
        self.grants.get(account).into_iter().flat_map(BTreeMap::values)
    }

    /// The logins of an account.
    pub fn logins_of<'a>(&'a self, account: &'a AccountId) -> impl Iterator<Item = &'a Login> {
        self.logins.values().filter(move |login| login.account == *account)
    }

    /// The account behind a login at `now`.
    pub fn logged_in(&self, login: &LoginId, now: Time) -> Option<(&Account, Time)> {
        let login = self.logins.get(login).filter(|login| now < login.until)?;
        let account = self.accounts.get(&login.account).filter(|account| !account.revoked)?;
        Some((account, login.until))
    }

    /// What an account may be at `now`; nothing as long as its password has to be changed.
    pub fn powers<'a>(&'a self, account: &'a Account, now: Time) -> impl Iterator<Item = (&'a Grant, Actor)> {
        let grants = self.grants_of(&account.id).filter(move |grant| now < grant.until && !account.must_change);
        grants.map(|grant| {
            (grant, Actor { role: grant.role, scope: grant.scope.clone(), person: account.person.clone() })
        })
    }

    /// A device.
    pub fn device(&self, id: &DeviceId) -> Option<&Device> {
        self.devices.get(id)
    }

    /// The device of a room.
    pub fn device_of(&self, room: &RoomId) -> Option<&Device> {
        self.devices.values().find(|device| device.room == *room)
    }

    /// Every device.
    pub fn devices(&self) -> impl Iterator<Item = &Device> {
        self.devices.values()
    }

    /// Whether what a token was given for is still so at `now`.
    pub fn stands(&self, origin: &Origin, now: Time) -> bool {
        match origin {
            Origin::Key(key) => !self.revoked_keys.contains_key(key),
            Origin::Device(device) => self.devices.contains_key(device),
            Origin::Login(login, grant) => self.logged_in(login, now).is_some_and(|(account, _)| {
                let held = self.grants.get(&account.id).and_then(|theirs| theirs.get(grant));
                let held = held.filter(|held| now < held.until);
                held.is_some() && !account.must_change
            }),
        }
    }

    /// The account that a token was given to, if it was given for a login.
    pub fn account_behind(&self, origin: &Origin) -> Option<&AccountId> {
        match origin {
            Origin::Login(login, _) => self.logins.get(login).map(|login| &login.account),
            Origin::Key(_) | Origin::Device(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const NOW: Time = Time::from_micros(1_763_683_200_000_000);
    const LATER: Time = Time::from_micros(1_763_686_800_000_000);

    fn id<T: std::str::FromStr<Err = super::super::id::BadId>>(text: &str) -> T {
        text.parse().unwrap()
    }

    fn account() -> Account {
        let password = "$argon2id$".into();
        Account {
            id: id("wang"),
            person: Some(id("wang-min")),
            password,
            must_change: false,
            demo: false,
            revoked: false,
        }
    }

    fn device(name: &str, room: &str) -> Device {
        Device { id: id(name), room: id(room), since: NOW, paired_by: id("wang") }
    }

    fn register() -> Register {
        let mut register = Register::default();
        let scope = Scope::School(id("shiyan"));
        for change in [
            RegisterChange::Account(account()),
            RegisterChange::Give(Grant { id: id("g1"), account: id("wang"), role: Role::Teacher, scope, until: LATER }),
            RegisterChange::Login(Login { id: id("l1"), account: id("wang"), until: LATER + Duration::from_secs(60) }),
            RegisterChange::Pair(device("d1", "qingshui-1")),
        ] {
            register.apply(change);
        }
        register
    }

    fn login() -> Origin {
        Origin::Login(id("l1"), id("g1"))
    }

    #[test]
    fn a_token_stands_as_long_as_what_it_was_given_for() {
        let register = register();
        let all = [login(), Origin::Device(id("d1")), Origin::Key(id("k1"))];
        assert!(all.iter().all(|origin| register.stands(origin, NOW)));
        assert!(!register.stands(&login(), LATER), "what one may be is over, though the login is not");
        let taken = |change: RegisterChange| {
            let mut register = register.clone();
            register.apply(change);
            all.iter().map(|origin| register.stands(origin, NOW)).collect::<Vec<_>>()
        };
        assert_eq!(taken(RegisterChange::Take(id("g1"))), [false, true, true]);
        assert_eq!(taken(RegisterChange::Logout(id("l1"))), [false, true, true]);
        assert_eq!(taken(RegisterChange::Account(Account { revoked: true, ..account() })), [false, true, true]);
        assert_eq!(taken(RegisterChange::Account(Account { must_change: true, ..account() })), [false, true, true]);
        assert_eq!(taken(RegisterChange::Unpair(id("qingshui-1"))), [true, false, true]);
        assert_eq!(taken(RegisterChange::Pair(device("d2", "qingshui-1"))), [true, false, true]);
        assert_eq!(taken(RegisterChange::Pair(device("d2", "shiqiao-1"))), [true, true, true]);
        assert_eq!(taken(RegisterChange::RevokeKey(id("k1"), LATER)), [true, true, false]);
    }

    #[test]
    fn a_revoked_account_cannot_come_back_by_an_old_login() {
        let mut register = register();
        register.apply(RegisterChange::Account(Account { revoked: true, ..account() }));
        register.apply(RegisterChange::Account(account()));
        assert_eq!(register.logged_in(&id("l1"), NOW), None);
    }

    #[test]
    fn a_password_is_in_no_debug_output() {
        assert!(!format!("{:?}", register()).contains("argon2"));
    }
}
