//! Who comes in: keys and tokens, signed by this server and bound to one role and scope.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use super::secret::trace;
use crate::base::time::Time;
use crate::lesson::{Actor, KeyId, Origin, Refusal, Role, Scope};

/// The shortest secret in bytes: as long as what HS256 hashes to (RFC 7518 §3.2).
const SECRET_BYTES_MIN: usize = 32;

/// The longest key or token in bytes that is looked at; with the longest ids one of ours is under 500.
const TOKEN_BYTES_MAX: usize = 2_048;

/// What a key or token lets its bearer be, until when, and what it was given for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pass {
    /// What its bearer is.
    pub actor: Actor,
    /// From this moment on it is expired.
    pub until: Time,
    /// What has to stand for it to be good.
    pub origin: Origin,
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
    pub fn key(&self, actor: &Actor, until: Time) -> String {
        self.signed(Use::Key, actor, until, None)
    }

    /// A token for whoever has a pass, and when it expires: never later than the pass does.
    pub fn token(&self, pass: &Pass, now: Time) -> (String, Time) {
        let until = whole_seconds(pass.until.min(now + self.token_life));
        (self.signed(Use::Token, &pass.actor, until, Some(&pass.origin)), until)
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

    fn signed(&self, kind: Use, actor: &Actor, until: Time, origin: Option<&Origin>) -> String {
        let claims = Claims::of(kind, actor, until, origin);
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
        let pass = claims.pass(kind, text).ok_or(Refusal::TokenInvalid)?;
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
    district: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    school: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lesson: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    room: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    person: Option<String>,
    /// What a token was given for; a key is that itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    by: Option<String>,
    /// Seconds since 1970.
    exp: u64,
}

impl Claims {
    fn of(kind: Use, actor: &Actor, until: Time, origin: Option<&Origin>) -> Self {
        let mut claims = Self {
            kind,
            role: actor.role.as_str().to_owned(),
            district: None,
            school: None,
            lesson: None,
            room: None,
            person: actor.person.as_ref().map(ToString::to_string),
            by: origin.map(write_origin),
            exp: until.micros() / 1_000_000,
        };
        match &actor.scope {
            Scope::All => {}
            Scope::District(district) => claims.district = Some(district.to_string()),
            Scope::School(school) => claims.school = Some(school.to_string()),
            Scope::Lesson(lesson) => claims.lesson = Some(lesson.to_string()),
            Scope::Room(room) => claims.room = Some(room.to_string()),
        }
        claims
    }

    /// The pass they make, if they are of this kind and whole. `text` is what they were read from.
    fn pass(&self, kind: Use, text: &str) -> Option<Pass> {
        if self.kind != kind {
            return None;
        }
        let actor = self.actor()?;
        let origin = match (kind, &self.by) {
            (Use::Key, None) => Origin::Key(key_id(text)),
            (Use::Token, Some(by)) => read_origin(by)?,
            (Use::Key, Some(_)) | (Use::Token, None) => return None,
        };
        Some(Pass { actor, until: Time::from_micros(self.exp.saturating_mul(1_000_000)), origin })
    }

    fn actor(&self) -> Option<Actor> {
        let scope = match (&self.district, &self.school, &self.lesson, &self.room) {
            (None, None, None, None) => Scope::All,
            (Some(district), None, None, None) => Scope::District(district.parse().ok()?),
            (None, Some(school), None, None) => Scope::School(school.parse().ok()?),
            (None, None, Some(lesson), None) => Scope::Lesson(lesson.parse().ok()?),
            (None, None, None, Some(room)) => Scope::Room(room.parse().ok()?),
            _ => return None,
        };
        let person = self.person.as_ref().map(|person| person.parse()).transpose().ok()?;
        let actor = Actor { role: Role::parse(&self.role)?, scope, person };
        // A teacher is somebody, a room is nobody, and the server has no need of keys.
        let whole = match actor.role {
            Role::Server => false,
            Role::Teacher => actor.person.is_some(),
            Role::Room => actor.person.is_none(),
            _ => true,
        };
        (whole && actor.role.takes(&actor.scope)).then_some(actor)
    }
}

/// Names a key without giving it away.
pub fn key_id(key: &str) -> KeyId {
    KeyId::new(&trace(key)).expect("hexadecimal digits are an id")
}

fn write_origin(origin: &Origin) -> String {
    match origin {
        Origin::Key(key) => format!("key:{key}"),
        Origin::Device(device) => format!("device:{device}"),
        Origin::Login(login, grant) => format!("login:{login}:{grant}"),
    }
}

fn read_origin(text: &str) -> Option<Origin> {
    let (kind, id) = text.split_once(':')?;
    Some(match kind {
        "key" => Origin::Key(id.parse().ok()?),
        "device" => Origin::Device(id.parse().ok()?),
        "login" => {
            let (login, grant) = id.split_once(':')?;
            Origin::Login(login.parse().ok()?, grant.parse().ok()?)
        }
        _ => return None,
    })
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
