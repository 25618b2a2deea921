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
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    const NOW: Time = Time::from_micros(1_763_683_200_000_000);
    const MINUTE: Duration = Duration::from_secs(60);
    const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";

    fn admission() -> Admission {
        Admission::new(SECRET, 10 * MINUTE).unwrap()
    }

    fn teacher() -> Grant {
        Grant::Teacher { lesson: LessonId::new("math").unwrap(), person: PersonId::new("wang-min").unwrap() }
    }

    fn grants() -> [Grant; 3] {
        [teacher(), Grant::Room { room: RoomId::new("qingshui-1").unwrap() }, Grant::Ops]
    }

    /// Any header and claims, signed with our secret.
    fn forged(algorithm: Algorithm, claims: &serde_json::Value) -> String {
        jsonwebtoken::encode(&Header::new(algorithm), claims, &EncodingKey::from_secret(SECRET)).unwrap()
    }

    #[test]
    fn a_key_is_changed_for_a_token_that_grants_the_same() {
        let admission = admission();
        for grant in grants() {
            let key = admission.check_key(&admission.key(&grant, NOW + 60 * MINUTE), NOW).unwrap();
            assert_eq!((&key.grant, key.until), (&grant, NOW + 60 * MINUTE));
            let (token, until) = admission.token(&key, NOW);
            assert_eq!(admission.check_token(&token, NOW), Ok(Pass { grant, until }));
            assert_eq!(until, NOW + 10 * MINUTE);
        }
    }

    #[test]
    fn a_token_never_outlives_its_key() {
        let admission = admission();
        let key = admission.check_key(&admission.key(&teacher(), NOW + MINUTE), NOW).unwrap();
        assert_eq!(admission.token(&key, NOW).1, NOW + MINUTE);
    }

    #[test]
    fn both_expire_to_the_second() {
        let admission = admission();
        let key = admission.key(&teacher(), NOW + MINUTE);
        assert!(admission.check_key(&key, NOW + MINUTE - Duration::from_micros(1)).is_ok());
        assert_eq!(admission.check_key(&key, NOW + MINUTE), Err(Refusal::TokenExpired));
        let (token, until) = admission.token(&Pass { grant: teacher(), until: Time::NEVER }, NOW);
        assert_eq!(admission.check_token(&token, until), Err(Refusal::TokenExpired));
    }

    #[test]
    fn a_key_is_no_token_and_a_token_no_key() {
        let admission = admission();
        let pass = Pass { grant: teacher(), until: NOW + MINUTE };
        let (token, _) = admission.token(&pass, NOW);
        assert_eq!(admission.check_key(&token, NOW), Err(Refusal::TokenInvalid));
        assert_eq!(admission.check_token(&admission.key(&teacher(), pass.until), NOW), Err(Refusal::TokenInvalid));
    }

    #[test]
    fn one_changed_byte_anywhere_spoils_it() {
        let admission = admission();
        let key = admission.key(&teacher(), NOW + MINUTE);
        // The last character carries two bits that mean nothing; it is left out.
        for place in 0..key.len() - 1 {
            let mut bytes = key.clone().into_bytes();
            bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
            let tampered = String::from_utf8(bytes).unwrap();
            assert_eq!(admission.check_key(&tampered, NOW), Err(Refusal::TokenInvalid), "byte {place}");
        }
    }

    #[test]
    fn another_secret_another_algorithm_or_none_is_not_ours() {
        let other = Admission::new(b"another secret of thirty-two bytes", 10 * MINUTE).unwrap();
        let key = other.key(&teacher(), NOW + MINUTE);
        assert_eq!(admission().check_key(&key, NOW), Err(Refusal::TokenInvalid));

        let claims = serde_json::json!({ "use": "key", "role": "ops", "exp": 9_999_999_999_u64 });
        assert!(
            admission().check_key(&forged(Algorithm::HS256, &claims), NOW).is_ok(),
            "the claims themselves are good"
        );
        let stronger = forged(Algorithm::HS512, &claims);
        assert_eq!(admission().check_key(&stronger, NOW), Err(Refusal::TokenInvalid));
        // {"alg":"none"} . the same claims . nothing
        let body = forged(Algorithm::HS256, &claims).split('.').nth(1).unwrap().to_owned();
        for unsigned in [format!("eyJhbGciOiJub25lIn0.{body}."), format!("eyJhbGciOiJub25lIn0.{body}")] {
            assert_eq!(admission().check_key(&unsigned, NOW), Err(Refusal::TokenInvalid));
        }
    }

    #[test]
    fn claims_that_do_not_belong_together_grant_nothing() {
        for claims in [
            serde_json::json!({ "use": "key", "role": "server", "exp": 9_999_999_999_u64 }),
            serde_json::json!({ "use": "key", "role": "teacher", "lesson": "math", "exp": 9_999_999_999_u64 }),
            serde_json::json!({ "use": "key", "role": "room", "room": "../etc", "exp": 9_999_999_999_u64 }),
            serde_json::json!({ "use": "key", "role": "ops", "room": "r", "exp": 9_999_999_999_u64 }),
            serde_json::json!({ "use": "key", "role": "ops" }),
        ] {
            let key = forged(Algorithm::HS256, &claims);
            assert_eq!(admission().check_key(&key, NOW), Err(Refusal::TokenInvalid), "{claims}");
        }
    }

    #[test]
    fn nothing_and_garbage_are_refused_in_words() {
        assert_eq!(admission().check_key("", NOW), Err(Refusal::TokenMissing));
        for garbage in [".", "..", "a.b.c", "清水", &"x".repeat(1 << 20), &".".repeat(1 << 20)] {
            assert_eq!(admission().check_token(garbage, NOW), Err(Refusal::TokenInvalid));
        }
    }

    #[test]
    fn the_longest_key_is_well_within_what_is_looked_at() {
        let (lesson, person) = ("x".repeat(64), "y".repeat(64));
        let grant = Grant::Teacher { lesson: lesson.parse().unwrap(), person: person.parse().unwrap() };
        assert!(admission().key(&grant, Time::NEVER).len() < TOKEN_BYTES_MAX / 4);
    }

    #[test]
    fn a_secret_is_made_once_and_is_nobody_elses_to_read() {
        let folder = std::env::temp_dir().join(format!("tongke-admit-{}", std::process::id()));
        let path = folder.join("secret");
        let key = Admission::load_or_make(&path, MINUTE).unwrap().key(&teacher(), NOW + MINUTE);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let again = Admission::load_or_make(&path, MINUTE).unwrap();
        assert!(again.check_key(&key, NOW).is_ok(), "links survive a restart");
        fs::write(&path, "short").unwrap();
        let fault = Admission::load_or_make(&path, MINUTE).unwrap_err().to_string();
        assert!(fault.contains("secret") && fault.contains("fewer than 32 bytes"), "{fault}");
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn the_secret_is_in_no_debug_output() {
        let shown = format!("{:?}", admission());
        assert!(!shown.contains("0123") && !shown.contains("48, 49"), "{shown}");
    }
}
