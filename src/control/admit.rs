//! Who comes in: keys and tokens, signed by this server and bound to one role and scope.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use crate::base::time::Time;
use crate::lesson::{Actor, LessonId, PersonId, Refusal, Role, RoomId};

/// The shortest secret in bytes: as long as what HS256 hashes to (RFC 7518 §3.2).
const SECRET_BYTES_MIN: usize = 32;

/// The longest key or token in bytes that is looked at; with the longest ids one of ours is under 500.
const TOKEN_BYTES_MAX: usize = 2_048;

/// What a key or token lets its bearer be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Grant {
    /// The teacher of one lesson.
    Teacher {
        /// Which lesson.
        lesson: LessonId,
        /// Who.
        person: PersonId,
    },
    /// A room, in any lesson of its timetable.
    Room {
        /// Which room.
        room: RoomId,
    },
    /// One who reads figures.
    Ops,
}

impl Grant {
    /// The role it gives.
    pub const fn role(&self) -> Role {
        match self {
            Self::Teacher { .. } => Role::Teacher,
            Self::Room { .. } => Role::Room,
            Self::Ops => Role::Ops,
        }
    }

    /// Its bearer, as the domain knows them.
    pub fn actor(&self) -> Actor {
        match self {
            Self::Teacher { lesson, person } => Actor::teacher(lesson.clone(), person.clone()),
            Self::Room { room } => Actor::room(room.clone()),
            Self::Ops => Actor::ops(),
        }
    }
}

/// A grant that was found good, and until when it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pass {
    /// What it lets its bearer be.
    pub grant: Grant,
    /// From this moment on it is expired.
    pub until: Time,
}

/// The secret file could not be read or made.
#[derive(Debug, thiserror::Error)]
#[error("the secret file {path} cannot be used: {source}")]
pub struct BadSecret {
    path: PathBuf,
    source: io::Error,
}

/// Makes keys and tokens, and knows its own again.
pub struct Admission {
    sign: EncodingKey,
    check: DecodingKey,
    rules: Validation,
    token_life: Duration,
}

impl std::fmt::Debug for Admission {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Admission").field("token_life", &self.token_life).finish_non_exhaustive()
    }
}

impl Admission {
    /// With a secret of at least 32 bytes; none with a shorter one.
    pub fn new(secret: &[u8], token_life: Duration) -> Option<Self> {
        if secret.len() < SECRET_BYTES_MIN {
            return None;
        }
        let mut rules = Validation::new(Algorithm::HS256);
        // The library would read the clock: the time is checked in `check`, against the time handed in.
        rules.validate_exp = false;
        rules.required_spec_claims.clear();
        let (sign, check) = (EncodingKey::from_secret(secret), DecodingKey::from_secret(secret));
        Some(Self { sign, check, rules, token_life })
    }

    /// With the secret in the file at `path`; if there is none, one is made that only this user may read.
    ///
    /// # Errors
    /// [`BadSecret`] if the file cannot be read or made, or is too short.
    pub fn load_or_make(path: &Path, token_life: Duration) -> Result<Self, BadSecret> {
        let fault = |source| BadSecret { path: path.to_owned(), source };
        let secret = match fs::read(path) {
            Err(missing) if missing.kind() == io::ErrorKind::NotFound => make_secret(path),
            read => read,
        };
        let secret = secret.map_err(fault)?;
        Self::new(secret.trim_ascii(), token_life).ok_or_else(|| {
            let short = format!("it holds fewer than {SECRET_BYTES_MIN} bytes");
            fault(io::Error::new(io::ErrorKind::InvalidData, short))
        })
    }

    /// A key: the part of a link that says who opens it. Good before `until`, which counts in whole seconds.
    pub fn key(&self, grant: &Grant, until: Time) -> String {
        self.signed(Use::Key, grant, until)
    }

    /// A token for the bearer of a key, and when it expires: never later than the key does.
    pub fn token(&self, key: &Pass, now: Time) -> (String, Time) {
        let until = whole_seconds(key.until.min(now + self.token_life));
        (self.signed(Use::Token, &key.grant, until), until)
    }

    /// What a key is good for at `now`.
    ///
    /// # Errors
    /// [`Refusal::TokenMissing`], [`Refusal::TokenInvalid`] or [`Refusal::TokenExpired`].
    pub fn check_key(&self, key: &str, now: Time) -> Result<Pass, Refusal> {
        self.check(Use::Key, key, now)
    }

    /// What a token is good for at `now`.
    ///
    /// # Errors
    /// [`Refusal::TokenMissing`], [`Refusal::TokenInvalid`] or [`Refusal::TokenExpired`].
    pub fn check_token(&self, token: &str, now: Time) -> Result<Pass, Refusal> {
        self.check(Use::Token, token, now)
    }

    fn signed(&self, kind: Use, grant: &Grant, until: Time) -> String {
        let claims = Claims::of(kind, grant, until);
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.sign)
            .expect("plain text signs with any secret")
    }

    fn check(&self, kind: Use, text: &str, now: Time) -> Result<Pass, Refusal> {
        if text.is_empty() {
            return Err(Refusal::TokenMissing);
        }
        if text.len() > TOKEN_BYTES_MAX {
            return Err(Refusal::TokenInvalid);
        }
        let signed = jsonwebtoken::decode::<Claims>(text, &self.check, &self.rules);
        let claims = signed.map_err(|_| Refusal::TokenInvalid)?.claims;
        let pass = claims.pass(kind).ok_or(Refusal::TokenInvalid)?;
        if now < pass.until { Ok(pass) } else { Err(Refusal::TokenExpired) }
    }
}

/// What a signed text may be used as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Use {
    Key,
    Token,
}

/// What is signed.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims {
    #[serde(rename = "use")]
    kind: Use,
    role: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lesson: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    room: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    person: Option<String>,
    /// Seconds since 1970.
    exp: u64,
}

impl Claims {
    fn of(kind: Use, grant: &Grant, until: Time) -> Self {
        let (lesson, room, person) = match grant {
            Grant::Teacher { lesson, person } => (Some(lesson.to_string()), None, Some(person.to_string())),
            Grant::Room { room } => (None, Some(room.to_string()), None),
            Grant::Ops => (None, None, None),
        };
        Self { kind, role: grant.role().as_str().to_owned(), lesson, room, person, exp: until.micros() / 1_000_000 }
    }

    /// The pass they make, if they are of this kind and whole.
    fn pass(&self, kind: Use) -> Option<Pass> {
        if self.kind != kind {
            return None;
        }
        let grant = match (Role::parse(&self.role)?, &self.lesson, &self.room, &self.person) {
            (Role::Teacher, Some(lesson), None, Some(person)) => {
                Grant::Teacher { lesson: lesson.parse().ok()?, person: person.parse().ok()? }
            }
            (Role::Room, None, Some(room), None) => Grant::Room { room: room.parse().ok()? },
            (Role::Ops, None, None, None) => Grant::Ops,
            _ => return None,
        };
        Some(Pass { grant, until: Time::from_micros(self.exp.saturating_mul(1_000_000)) })
    }
}

const fn whole_seconds(time: Time) -> Time {
    Time::from_micros(time.micros() / 1_000_000 * 1_000_000)
}

/// Makes a secret of 64 hexadecimal digits and leaves it in a file that only this user may read.
fn make_secret(path: &Path) -> io::Result<Vec<u8>> {
    let mut chance = [0; SECRET_BYTES_MIN];
    aws_lc_rs::rand::fill(&mut chance).map_err(|_| io::Error::other("the system gave no random bytes"))?;
    let secret: String = chance.iter().map(|byte| format!("{byte:02x}")).collect();
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    // Whole or not at all: a start that is cut short must not leave half a secret.
    let half = path.with_extension("new");
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&half)?;
    file.write_all(secret.as_bytes())?;
    file.sync_all()?;
    fs::rename(&half, path)?;
    Ok(secret.into_bytes())
}

#[cfg(test)]
mod tests;
