//! Passwords: hashed with argon2id, never on a thread that serves others, and not many at once.

use std::sync::Arc;

use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use super::secret::random;
use crate::base::limits::{PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN, PASSWORD_WORKERS, PASSWORDS_WAITING_MAX};
use crate::lesson::{AccountId, Refusal};

/// 19 MiB, two passes, one lane: what the OWASP password storage cheat sheet asks for at least. About 20 ms a password on
/// a server's core, and 19 MiB for each of [`PASSWORD_WORKERS`].
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Letters and digits that nobody takes for one another, for passwords that are read out and typed once.
const ONE_TIME_LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789-";
/// 60 bits: enough for a password that is changed at once, and that cannot be tried quickly.
const ONE_TIME_LENGTH: usize = 12;

/// Hashes and compares passwords away from those who wait for other things.
#[derive(Clone, Debug)]
pub struct Passwords {
    working: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    /// Compared with when there is no such account, so that the answer takes as long.
    nobodys: Arc<str>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self {
            working: Arc::new(Semaphore::new(PASSWORD_WORKERS)),
            waiting: Arc::new(Semaphore::new(PASSWORDS_WAITING_MAX)),
            nobodys: hash(&one_time()).into(),
        }
    }
}

impl Passwords {
    /// Whether `password` is the one that `kept` was made from; with none kept, it is not, and that takes as long.
    ///
    /// # Errors
    /// [`Refusal::Busy`] if too many wait already.
    pub async fn is_right(&self, password: String, kept: Option<String>) -> Result<bool, Refusal> {
        let nobodys = self.nobodys.clone();
        let is_somebodys = kept.is_some();
        let compare = move || matches(&password, kept.as_deref().unwrap_or(&nobodys));
        Ok(self.work(compare).await? && is_somebodys)
    }

    /// What to keep of a password.
    ///
    /// # Errors
    /// [`Refusal::Busy`] if too many wait already.
    pub async fn hash(&self, password: String) -> Result<String, Refusal> {
        self.work(move || hash(&password)).await
    }

    async fn work<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Refusal> {
        let _waiting = self.waiting.try_acquire().map_err(|_| Refusal::Busy)?;
        let _working = self.working.acquire().await.map_err(|_| Refusal::Busy)?;
        tokio::task::spawn_blocking(work).await.map_err(|_| Refusal::Internal)
    }
}

/// Whether a password may be an account's: long enough, and not what stands on its door. Which characters it has says
/// little about how long it takes to guess (NIST SP 800-63B §5.1.1.2).
///
/// # Errors
/// [`Refusal::PasswordWeak`].
pub fn check(password: &str, account: &AccountId) -> Result<(), Refusal> {
    let length = password.chars().count();
    let fits = (PASSWORD_CHARS_MIN..=PASSWORD_CHARS_MAX).contains(&length);
    let is_name = password.to_lowercase().contains(account.as_str()) && length < account.as_str().len() + 4;
    if fits && !is_name { Ok(()) } else { Err(Refusal::PasswordWeak) }
}

/// A password for somebody to come in with once.
pub fn one_time() -> String {
    random::<ONE_TIME_LENGTH>().iter().map(|byte| char::from(ONE_TIME_LETTERS[usize::from(byte % 32)])).collect()
}

/// What to keep of a password: a PHC string with salt and parameters. It takes a while.
///
/// # Panics
/// Never: the parameters are constants, and a test hashes with them.
pub fn hash(password: &str) -> String {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).expect("argon2 takes these");
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let hashed = argon2.hash_password_with_salt(password.as_bytes(), &random::<16>());
    hashed.expect("argon2 takes passwords of this length").to_string()
}

/// Whether a kept string was made from this password, with whatever parameters it names.
pub fn matches(password: &str, kept: &str) -> bool {
    let kept = PasswordHash::new(kept);
    kept.is_ok_and(|kept| Argon2::default().verify_password(password.as_bytes(), &kept).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_known_again_and_no_two_look_the_same() {
        let (one, two) = (hash("correct horse"), hash("correct horse"));
        assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{one}");
        assert_ne!(one, two);
        assert!(matches("correct horse", &one) && matches("correct horse", &two));
        assert!(!matches("Correct horse", &one) && !matches("", &one) && !matches("correct horse", "rubbish"));
    }

    #[test]
    fn a_password_is_long_and_not_the_name() {
        let wang: AccountId = "wang-min".parse().unwrap();
        for weak in ["", "short", "wang-min", "Wang-Min12", &"x".repeat(129)] {
            assert_eq!(check(weak, &wang), Err(Refusal::PasswordWeak), "{weak}");
        }
        for good in ["一二三四五六七八九十", "correct horse", "wang-min likes horses", &one_time()] {
            assert_eq!(check(good, &wang), Ok(()), "{good}");
        }
        assert_ne!(one_time(), one_time());
    }

    #[tokio::test]
    async fn nobody_waits_without_end_behind_a_crowd() {
        let passwords = Passwords::default();
        let all = (0..3 * PASSWORDS_WAITING_MAX).map(|_| {
            let passwords = passwords.clone();
            tokio::spawn(async move { passwords.is_right("guess".into(), None).await })
        });
        let mut busy = 0;
        for answer in all.collect::<Vec<_>>() {
            match answer.await.unwrap() {
                Ok(right) => assert!(!right, "nobody's password is no password"),
                Err(refusal) => busy += usize::from(refusal == Refusal::Busy),
            }
        }
        assert!(busy > 0, "some are sent away");
    }
}
