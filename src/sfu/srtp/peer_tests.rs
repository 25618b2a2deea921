//! Byte for byte against another implementation.

use rtc::srtp::context::Context;
use rtc::srtp::protection_profile::ProtectionProfile;

use super::*;

const PAIRS: [(Profile, ProtectionProfile); 3] = [
    (Profile::Aes128Gcm, ProtectionProfile::AeadAes128Gcm),
    (Profile::Aes256Gcm, ProtectionProfile::AeadAes256Gcm),
    (Profile::Aes128CmSha1_80, ProtectionProfile::Aes128CmHmacSha1_80),
];

/// Ours and theirs, both holding the client's keys.
fn both(profile: Profile, theirs: ProtectionProfile) -> (Keys, Context) {
    let exported: Vec<u8> = (0..).map(|n: u8| n.wrapping_mul(37) ^ 0x5a).take(profile.exported_len()).collect();
    let (key_len, salt_len) = (theirs.key_len(), theirs.salt_len());
    let key = &exported[..key_len];
    let salt = &exported[2 * key_len..2 * key_len + salt_len];
    let provider = rtc::crypto::default_provider().expect("built in");
    let context = Context::new(key, salt, theirs, None, None, provider.crypto()).expect("good keys");
    (Keys::from_exported(profile, &exported).expect("the right length"), context)
}

/// A packet whose number of CSRCs, extension and length follow from `n`.
fn rtp(n: u32, seq: u16) -> (Vec<u8>, usize) {
    let (csrcs, extended) = (n % 4, n.is_multiple_of(3));
    let mut packet = vec![0x80 | u8::from(extended) << 4 | csrcs.to_be_bytes()[3], 96];
    packet.extend(seq.to_be_bytes());
    packet.extend(n.to_be_bytes());
    packet.extend(0xdead_beef_u32.to_be_bytes());
    packet.extend((0..csrcs).flat_map(u32::to_be_bytes));
    if extended {
        packet.extend([0xbe, 0xde, 0, 2, 0x10, 1, 0x22, 1, 2, 3, 0, 0]);
    }
    let header_len = packet.len();
    packet.extend((0..n * 7 % 300).map(|byte| byte.to_be_bytes()[3]));
    (packet, header_len)
}

#[test]
fn sealed_media_is_the_same_over_three_wraps() {
    for (profile, theirs) in PAIRS {
        let (keys, mut context) = both(profile, theirs);
        let (sealer, opener) = (Sealer::client(&keys), Opener::server(&keys));
        let mut index = 65_000_u64;
        for n in 0..400 {
            #[expect(clippy::cast_possible_truncation, reason = "the low 16 bits are the sequence number")]
            let (plain, header_len) = rtp(n, index as u16);
            let mut ours = plain.clone();
            ours.resize(plain.len() + profile.rtp_overhead(), 0);
            assert_eq!(sealer.seal_rtp(&mut ours, header_len, plain.len(), index), Some(ours.len()));
            assert_eq!(ours, context.encrypt_rtp(&plain).expect("a packet")[..], "{profile:?} packet {n}");
            let len = opener.open_rtp(&mut ours, header_len, index).expect("sealed with this key");
            assert_eq!(ours[..len], plain);
            index += if n % 100 < 90 { 1 } else { 6_000 };
        }
        assert!(index >> 16 >= 3, "wrapped three times");
    }
}

#[test]
fn they_open_our_media() {
    for (profile, theirs) in PAIRS {
        let (keys, mut context) = both(profile, theirs);
        let (plain, header_len) = rtp(99, 500);
        let mut wire = plain.clone();
        wire.resize(plain.len() + profile.rtp_overhead(), 0);
        Sealer::client(&keys).seal_rtp(&mut wire, header_len, plain.len(), 500).expect("there is room");
        assert_eq!(context.decrypt_rtp(&wire).expect("good")[..], plain);
    }
}

#[test]
fn sealed_reports_are_the_same() {
    for (profile, theirs) in PAIRS {
        let (keys, mut context) = both(profile, theirs);
        let (mut sealer, mut opener) = (Sealer::client(&keys), Opener::server(&keys));
        for n in 0..50_u8 {
            let mut plain = vec![0x81, 201, 0, 7, 0, 0, 0, 9];
            plain.extend(std::iter::repeat_n(n, 24));
            let mut ours = plain.clone();
            ours.resize(plain.len() + profile.rtp_overhead() + 4, 0);
            assert_eq!(sealer.seal_rtcp(&mut ours, plain.len()), Some(ours.len()));
            assert_eq!(ours, context.encrypt_rtcp(&plain).expect("a report")[..], "{profile:?} report {n}");
            let len = opener.open_rtcp(&mut ours).expect("sealed with this key");
            assert_eq!(ours[..len], plain);
        }
    }
}
