//! Secrets that nobody can guess, and how a secret is known again without being kept.

use aws_lc_rs::digest::{SHA256, digest};

/// Bytes of a secret: as long as what it is known again by.
const SECRET_BYTES: usize = 32;

/// Hexadecimal digits of a trace: 128 bits, so that no two secrets are ever taken for each other.
const TRACE_DIGITS: usize = 32;

/// A new secret, in hexadecimal digits.
pub(super) fn fresh() -> String {
    hex(&random::<SECRET_BYTES>())
}

/// What a secret is known again by. It cannot be turned back: whoever reads the database has no secret.
pub fn trace(secret: &str) -> String {
    let mut digits = hex(digest(&SHA256, secret.as_bytes()).as_ref());
    digits.truncate(TRACE_DIGITS);
    digits
}

/// Bytes that nobody can guess.
///
/// # Panics
/// If the system has no randomness: nothing can be secret then.
pub(super) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes).expect("the system has randomness");
    bytes
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
