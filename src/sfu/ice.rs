//! ICE-lite (RFC 8445 §2.5): the server only answers checks, and believes whoever can sign them.

use crate::wire::stun;

/// What a peer's checks are signed with. After a restart the old ones stay good beside the new ones, so that nothing is lost on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// Our half of the user name: the session's number in hexadecimal, `+`, and random letters.
    pub ufrag: String,
    /// What requests are signed with.
    pub password: String,
}

impl Credentials {
    /// Credentials of session `session`; `random` makes them unguessable (RFC 8445 §5.3 asks for 24 + 128 bits).
    pub fn new(session: u64, random: [u8; 28]) -> Self {
        const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let text =
            |bytes: &[u8]| bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte % 64)])).collect::<String>();
        Self { ufrag: format!("{session:x}+{}", text(&random[..6])), password: text(&random[6..]) }
    }

    /// The session that a user name fragment of ours belongs to.
    pub(super) fn session(ufrag: &str) -> Option<u64> {
        let (session, _) = ufrag.split_once('+')?;
        u64::from_str_radix(session, 16).ok()
    }

    /// Whether `check` is for these credentials and signed with them.
    pub(super) fn sign(&self, ufrag: &str, check: &stun::Message<'_>) -> bool {
        self.ufrag == ufrag && check.verify(self.password.as_bytes())
    }
}

/// Our half of a check's user name (RFC 8445 §7.2.2: `ours:theirs`).
pub(super) fn our_ufrag<'a>(check: &stun::Message<'a>) -> Option<&'a str> {
    let name = std::str::from_utf8(check.username()?).ok()?;
    name.split_once(':').map(|(ours, _)| ours)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_name_leads_back_to_its_session() {
        let credentials = Credentials::new(0xbeef, [200; 28]);
        assert_eq!(Credentials::session(&credentials.ufrag), Some(0xbeef));
        assert!(credentials.ufrag.len() >= 4 && credentials.password.len() >= 22);
        assert_eq!(Credentials::session("no-plus"), None);
        assert_eq!(Credentials::session("+abc"), None);
    }
}
