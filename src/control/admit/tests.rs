//! What opens nothing: all that is not signed here, for this, and still good.

use std::os::unix::fs::PermissionsExt;

use super::*;

const NOW: Time = Time::from_micros(1_763_683_200_000_000);
const MINUTE: Duration = Duration::from_secs(60);
const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";

fn admission() -> Admission {
    Admission::new(SECRET, 10 * MINUTE).unwrap()
}

fn teacher() -> Actor {
    Actor::teacher("math".parse().unwrap(), "wang-min".parse().unwrap())
}

fn actors() -> [Actor; 5] {
    let person = Some("li-hua".parse().unwrap());
    let observer =
        Actor { role: Role::Observer, scope: Scope::Lesson("math".parse().unwrap()), person: person.clone() };
    let inspector = Actor { role: Role::Inspector, scope: Scope::District("east".parse().unwrap()), person };
    [teacher(), Actor::room("qingshui-1".parse().unwrap()), Actor::ops(), observer, inspector]
}

fn pass(until: Time) -> Pass {
    Pass { actor: teacher(), until, origin: Origin::Key(key_id("a key")) }
}

/// Any header and claims, signed with our secret.
fn forged(algorithm: Algorithm, claims: &serde_json::Value) -> String {
    jsonwebtoken::encode(&Header::new(algorithm), claims, &EncodingKey::from_secret(SECRET)).unwrap()
}

#[test]
fn a_key_is_changed_for_a_token_that_grants_the_same() {
    let admission = admission();
    for actor in actors() {
        let text = admission.key(&actor, NOW + 60 * MINUTE);
        let key = admission.check_key(&text, NOW).unwrap();
        assert_eq!((&key.actor, key.until), (&actor, NOW + 60 * MINUTE));
        assert_eq!(key.origin, Origin::Key(key_id(&text)));
        let (token, until) = admission.token(&key, NOW);
        assert_eq!(admission.check_token(&token, NOW), Ok(Pass { actor, until, origin: key.origin }));
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
    let (token, until) = admission.token(&pass(Time::NEVER), NOW);
    assert_eq!(admission.check_token(&token, until), Err(Refusal::TokenExpired));
}

#[test]
fn a_key_is_no_token_and_a_token_no_key() {
    let admission = admission();
    let pass = pass(NOW + MINUTE);
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
    assert!(admission().check_key(&forged(Algorithm::HS256, &claims), NOW).is_ok(), "the claims themselves are good");
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
        serde_json::json!({ "use": "key", "role": "ops", "by": "key:a", "exp": 9_999_999_999_u64 }),
        serde_json::json!({ "use": "key", "role": "teacher", "person": "a", "exp": 9_999_999_999_u64 }),
        serde_json::json!({ "use": "key", "role": "school_admin", "school": "a", "room": "b", "exp": 9_999_999_999_u64 }),
    ] {
        let key = forged(Algorithm::HS256, &claims);
        assert_eq!(admission().check_key(&key, NOW), Err(Refusal::TokenInvalid), "{claims}");
    }
}

#[test]
fn a_token_says_what_it_was_given_for_or_is_none() {
    let admission = admission();
    let origins = [
        Origin::Key(key_id("a key")),
        Origin::Device("d1".parse().unwrap()),
        Origin::Login("l1".parse().unwrap(), "g1".parse().unwrap()),
    ];
    for origin in origins {
        let (token, _) = admission.token(&Pass { origin: origin.clone(), ..pass(Time::NEVER) }, NOW);
        assert_eq!(admission.check_token(&token, NOW).unwrap().origin, origin);
    }
    for by in [None, Some(""), Some("key"), Some("login:l1"), Some("device:a:b"), Some("planet:x")] {
        let claims = serde_json::json!({ "use": "token", "role": "ops", "by": by, "exp": 9_999_999_999_u64 });
        assert_eq!(
            admission.check_token(&forged(Algorithm::HS256, &claims), NOW),
            Err(Refusal::TokenInvalid),
            "{by:?}"
        );
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
    let actor = Actor::teacher(lesson.parse().unwrap(), person.parse().unwrap());
    assert!(admission().key(&actor, Time::NEVER).len() < TOKEN_BYTES_MAX / 4);
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
