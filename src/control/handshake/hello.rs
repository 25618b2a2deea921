//! The client's first message, read before the library sees it: which SRTP profile can it do?
//!
//! The library takes the first profile of the *client's* list that we have too, and browsers list AES-CM, which
//! costs four times as much to seal, before GCM. So it is offered one profile only, and that is chosen here.

use super::records::{Fragment, HANDSHAKE, records};
use crate::base::limits::HANDSHAKE_MESSAGE_BYTES_MAX;
use crate::sfu::srtp::Profile;

/// Best first.
const LIKED: [Profile; 3] = [Profile::Aes128Gcm, Profile::Aes256Gcm, Profile::Aes128CmSha1_80];

const CLIENT_HELLO: u8 = 1;
/// IANA's number of the extension `use_srtp`.
const USE_SRTP: u16 = 14;

/// A first ClientHello in the making: Chromium's always comes in two datagrams, in any order after loss.
#[derive(Default)]
pub(super) struct Hello {
    body: Vec<u8>,
    have: Vec<bool>,
}

impl Hello {
    /// Takes what there is of a first ClientHello in `datagram`; `false` if there is nothing.
    pub(super) fn take(&mut self, datagram: &[u8]) -> bool {
        let mut any = false;
        for record in records(datagram).filter(|record| record.kind == HANDSHAKE && record.epoch == 0) {
            any |= self.take_fragment(record.body).is_some();
        }
        any
    }

    /// The profile to offer the library: `None` until the message is whole, then what we like best of what the
    /// client has, if it has anything.
    pub(super) fn profile(&self) -> Option<Option<Profile>> {
        let whole = !self.have.is_empty() && self.have.iter().all(|have| *have);
        whole.then(|| {
            let offered = offered_profiles(&self.body).unwrap_or_default();
            LIKED.into_iter().find(|liked| offered.contains(liked))
        })
    }

    fn take_fragment(&mut self, body: &[u8]) -> Option<()> {
        let (fragment, _) = Fragment::split(body)?;
        let Fragment { kind, message, total, offset, part } = fragment;
        if kind != CLIENT_HELLO || message != 0 || total == 0 || total > HANDSHAKE_MESSAGE_BYTES_MAX {
            return None;
        }
        if self.body.len() != total {
            self.body = vec![0; total];
            self.have = vec![false; total];
        }
        let range = offset..offset + part.len();
        self.body.get_mut(range.clone())?.copy_from_slice(part);
        self.have.get_mut(range)?.fill(true);
        Some(())
    }
}

/// The profiles of `use_srtp` that we know, in the client's order (RFC 5246 §7.4.1.2, RFC 5764 §4.1.1).
fn offered_profiles(hello: &[u8]) -> Option<Vec<Profile>> {
    let mut rest = hello.get(2 + 32..)?;
    short_list(&mut rest)?; // session
    short_list(&mut rest)?; // cookie
    long_list(&mut rest)?; // cipher suites
    short_list(&mut rest)?; // compression methods
    let mut extensions = long_list(&mut rest)?;
    while let Some((kind, tail)) = extensions.split_first_chunk() {
        extensions = tail;
        let mut body = long_list(&mut extensions)?;
        if u16::from_be_bytes(*kind) == USE_SRTP {
            let ids = long_list(&mut body)?.as_chunks::<2>().0;
            return Some(ids.iter().filter_map(|id| Profile::from_iana(u16::from_be_bytes(*id))).collect());
        }
    }
    None
}

/// Takes a list that is preceded by its length in one byte.
fn short_list<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (len, tail) = rest.split_first()?;
    let (list, tail) = tail.split_at_checked(usize::from(*len))?;
    *rest = tail;
    Some(list)
}

/// Takes a list that is preceded by its length in two bytes.
fn long_list<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (len, tail) = rest.split_first_chunk()?;
    let (list, tail) = tail.split_at_checked(usize::from(u16::from_be_bytes(*len)))?;
    *rest = tail;
    Some(list)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A ClientHello with one unknown extension and `use_srtp`.
    fn hello(profiles: &[u8]) -> Vec<u8> {
        let mut body = vec![0xfe, 0xfd];
        body.extend([7; 32]);
        body.extend([0, 0, 0, 2, 0xc0, 0x2b, 1, 0]);
        let len = u8::try_from(profiles.len()).expect("short");
        let extensions = [&[0x12, 0x34, 0, 3, 1, 2, 3, 0, 14, 0, len + 3, 0, len], profiles, &[0]].concat();
        body.extend(u16::try_from(extensions.len()).expect("short").to_be_bytes());
        body.extend(extensions);
        body
    }

    /// The part of a message from `from` to `to`, as a datagram.
    fn datagram(body: &[u8], from: usize, to: usize) -> Vec<u8> {
        let number = |n: usize| u32::try_from(n).expect("short").to_be_bytes()[1..].to_vec();
        let fragment =
            [vec![1], number(body.len()), vec![0, 0], number(from), number(to - from), body[from..to].to_vec()]
                .concat();
        let len = u16::try_from(fragment.len()).expect("short").to_be_bytes();
        [&[22, 0xfe, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, len[0], len[1]], fragment.as_slice()].concat()
    }

    #[test]
    fn the_best_profile_is_taken_wherever_the_client_lists_it() {
        for (offered, best) in [
            (&[0, 1, 0, 8, 0, 7][..], Some(Profile::Aes128Gcm)),
            (&[0, 7, 0, 1], Some(Profile::Aes128Gcm)),
            (&[0, 1, 0, 8], Some(Profile::Aes256Gcm)),
            (&[0, 2, 0, 1], Some(Profile::Aes128CmSha1_80)),
            (&[0, 2, 0, 5], None),
            (&[], None),
        ] {
            let body = hello(offered);
            let mut whole = Hello::default();
            assert!(whole.take(&datagram(&body, 0, body.len())));
            assert_eq!(whole.profile(), Some(best), "{offered:?}");
        }
    }

    #[test]
    fn a_message_in_pieces_is_read_in_any_order() {
        let body = hello(&[0, 7]);
        let mut pieces = Hello::default();
        for (from, to) in [(20, body.len()), (10, 30), (20, body.len())] {
            assert!(pieces.take(&datagram(&body, from, to)));
            assert_eq!(pieces.profile(), None);
        }
        pieces.take(&datagram(&body, 0, 10));
        assert_eq!(pieces.profile(), Some(Some(Profile::Aes128Gcm)));
    }

    #[test]
    fn a_cut_or_lying_message_gives_nothing() {
        let body = hello(&[0, 7]);
        for cut in 0..body.len() - 1 {
            assert!(offered_profiles(&body[..cut]).is_none(), "cut at {cut}");
        }
        let mut beyond = datagram(&body, 10, 20);
        beyond[13 + 6] = 0xff;
        assert!(!Hello::default().take(&beyond));
    }
}
