//! What opens nothing: all that is not signed here, for this, and still good.

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
