//! DTLS records: which of them may reach the library at all (RFC 6347 §4.1).

use crate::base::limits::HANDSHAKE_MESSAGE_BYTES_MAX;

pub(super) const HANDSHAKE: u8 = 22;
const CHANGE_CIPHER_SPEC: u8 = 20;
const HEADER: usize = 13;
const FRAGMENT_HEADER: usize = 12;
/// Handshake messages in one record: clients put one in each.
const FRAGMENTS_MAX: usize = 4;
/// A Finished, which is the only handshake message of epoch 1, is 24 bytes and its seal at most 80.
const FINISHED_MAX: usize = 128;

/// One record of a datagram.
pub(super) struct Record<'a> {
    pub(super) kind: u8,
    pub(super) epoch: u16,
    pub(super) body: &'a [u8],
    /// With its header.
    pub(super) whole: &'a [u8],
}

/// The records of a datagram, up to the first that is cut.
pub(super) fn records(mut datagram: &[u8]) -> impl Iterator<Item = Record<'_>> {
    std::iter::from_fn(move || {
        let (header, rest) = datagram.split_first_chunk::<HEADER>()?;
        let [kind, major, _, epoch_high, epoch_low, .., len_high, len_low] = *header;
        if major != 0xfe {
            return None;
        }
        let len = usize::from(u16::from_be_bytes([len_high, len_low]));
        let (body, rest) = rest.split_at_checked(len)?;
        let whole = datagram.get(..HEADER + len)?;
        datagram = rest;
        Some(Record { kind, epoch: u16::from_be_bytes([epoch_high, epoch_low]), body, whole })
    })
}

/// What of a datagram is worth the library's while, and how many records that is.
///
/// In epoch 0 nothing is authenticated, so anybody could end a handshake with an alert or with rubbish; only
/// what moves a handshake on is let through. Epoch 1 proves itself when it is decrypted. The library puts
/// messages together by recursion, one call a fragment, so a record may not hold many.
pub(super) fn worthwhile(datagram: &[u8]) -> (Vec<u8>, usize) {
    let (mut kept, mut count) = (Vec::with_capacity(datagram.len()), 0);
    for record in records(datagram) {
        let good = match (record.epoch, record.kind) {
            (0, HANDSHAKE) => fragments_are_sound(record.body),
            (0, CHANGE_CIPHER_SPEC) => record.body == [1],
            (1, HANDSHAKE) => !record.body.is_empty() && record.body.len() <= FINISHED_MAX,
            (1, _) => !record.body.is_empty(),
            _ => false,
        };
        if good {
            kept.extend_from_slice(record.whole);
            count += 1;
        }
    }
    (kept, count)
}

/// A few fragments that fill the record and stay within the messages they are of.
fn fragments_are_sound(mut body: &[u8]) -> bool {
    for _ in 0..FRAGMENTS_MAX {
        let Some((fragment, rest)) = Fragment::split(body) else { return false };
        if fragment.total > HANDSHAKE_MESSAGE_BYTES_MAX || fragment.offset + fragment.part.len() > fragment.total {
            return false;
        }
        if rest.is_empty() {
            return true;
        }
        body = rest;
    }
    false
}

/// A piece of a handshake message (RFC 6347 §4.2.2).
pub(super) struct Fragment<'a> {
    pub(super) kind: u8,
    /// Which message of the handshake.
    pub(super) message: u16,
    /// The whole message's length.
    pub(super) total: usize,
    pub(super) offset: usize,
    pub(super) part: &'a [u8],
}

impl<'a> Fragment<'a> {
    /// The first fragment of a record's body, and what follows it.
    pub(super) fn split(body: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (header, rest) = body.split_first_chunk::<FRAGMENT_HEADER>()?;
        let [kind, t2, t1, t0, n1, n0, o2, o1, o0, l2, l1, l0] = *header;
        let number = |high, middle, low| usize::try_from(u32::from_be_bytes([0, high, middle, low])).ok();
        let (part, rest) = rest.split_at_checked(number(l2, l1, l0)?)?;
        let message = u16::from_be_bytes([n1, n0]);
        Some((Self { kind, message, total: number(t2, t1, t0)?, offset: number(o2, o1, o0)?, part }, rest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(kind: u8, epoch: u8, body: &[u8]) -> Vec<u8> {
        let len = u8::try_from(body.len()).expect("short");
        [&[kind, 0xfe, 0xfd, 0, epoch, 0, 0, 0, 0, 0, 0, 0, len], body].concat()
    }

    /// A whole message of two bytes.
    const MESSAGE: [u8; 14] = [1, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 2, 7, 7];

    #[test]
    fn nobody_can_end_a_handshake_without_its_keys() {
        let hello = record(HANDSHAKE, 0, &MESSAGE);
        let fatal_alert = record(21, 0, &[2, 40]);
        let data = record(23, 0, b"data");
        let sealed = record(21, 1, &[9; 30]);
        let datagram = [hello.clone(), fatal_alert, data, record(20, 0, &[2]), sealed.clone()].concat();
        assert_eq!(worthwhile(&datagram), ([hello, sealed].concat(), 2));
    }

    #[test]
    fn a_cut_record_ends_the_datagram() {
        let (first, second) = (record(HANDSHAKE, 0, &MESSAGE), record(HANDSHAKE, 0, &MESSAGE));
        let datagram = [first.clone(), second].concat();
        for cut in first.len()..datagram.len() {
            assert_eq!(worthwhile(&datagram[..cut]), (first.clone(), 1));
        }
    }

    #[test]
    fn a_record_of_many_or_lying_fragments_is_dropped() {
        let dropped = (Vec::new(), 0);
        assert_eq!(worthwhile(&record(HANDSHAKE, 0, &MESSAGE.repeat(FRAGMENTS_MAX))).1, 1);
        assert_eq!(worthwhile(&record(HANDSHAKE, 0, &MESSAGE.repeat(FRAGMENTS_MAX + 1))), dropped);
        assert_eq!(worthwhile(&record(HANDSHAKE, 0, &[])), dropped);
        assert_eq!(worthwhile(&record(HANDSHAKE, 1, &[9; FINISHED_MAX + 1])), dropped);
        for (place, lie) in [(1, 0xff), (3, 1), (8, 1), (11, 9)] {
            let mut lying = MESSAGE;
            lying[place] = lie;
            assert_eq!(worthwhile(&record(HANDSHAKE, 0, &lying)), dropped, "{place}");
        }
    }
}
