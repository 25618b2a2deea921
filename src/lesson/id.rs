//! Names of things: short, safe in a path, a file name and a log line, and never mistaken for one another.

use std::fmt;
use std::str::FromStr;

/// The longest id in bytes; a path with two of them still fits one line of a log.
pub const ID_BYTES_MAX: usize = 64;

/// A text that is not 1 to [`ID_BYTES_MAX`] characters of `a`–`z`, `0`–`9` and `-`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an id is 1 to 64 characters of a-z, 0-9 and -")]
pub struct BadId;

/// Makes the id types: they differ in nothing but in what they name.
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Box<str>);

        impl $name {
            /// The id that `text` is; [`BadId`] if it is none.
            pub fn new(text: &str) -> Result<Self, BadId> {
                if is_id(text) { Ok(Self(text.into())) } else { Err(BadId) }
            }

            /// As text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = BadId;

            fn from_str(text: &str) -> Result<Self, BadId> {
                Self::new(text)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

ids! {
    /// Names a district.
    DistrictId
    /// Names a group of schools.
    GroupId
    /// Names a pairing of two schools.
    PairingId
    /// Names a term.
    TermId
    /// Names a school.
    SchoolId
    /// Names a room: the endpoint with one screen and one loudspeaker.
    RoomId
    /// Names a person.
    PersonId
    /// Names an account: what its owner types at the login.
    AccountId
    /// Names one thing that an account may do.
    GrantId
    /// Names one login of an account, until it is over.
    LoginId
    /// Names a room's device.
    DeviceId
    /// Names a key that was given out in a link.
    KeyId
    /// Names a lesson, the same while it is planned, live, recorded and clipped.
    LessonId
}

fn is_id(text: &str) -> bool {
    (1..=ID_BYTES_MAX).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_short_and_safe_in_a_path() {
        for good in ["a", "qingshui-1", "9", "-", &"x".repeat(64)] {
            assert_eq!(RoomId::new(good).map(|id| id.to_string()), Ok(good.to_owned()));
        }
        for bad in ["", "A", "a b", "a/b", "..", "a_b", "清水", "a\n", &"x".repeat(65)] {
            assert_eq!(bad.parse::<RoomId>(), Err(BadId), "{bad:?}");
        }
    }
}
