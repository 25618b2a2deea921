//! Against the worked examples of RFC 3711 and RFC 7714, and against damage.

use super::*;

const PROFILES: [Profile; 3] = [Profile::Aes128Gcm, Profile::Aes256Gcm, Profile::Aes128CmSha1_80];
const INDEX: u64 = 5 << 16 | 0x0102;

fn keys(profile: Profile) -> Keys {
    let exported: Vec<u8> = (1..).take(profile.exported_len()).collect();
    Keys::from_exported(profile, &exported).expect("as long as the profile wants")
}

/// Two CSRCs, an extension of one word, and forty bytes of payload.
fn rtp() -> (Vec<u8>, usize) {
    let mut packet = vec![0x92, 96, 0x01, 0x02, 0, 0, 0, 9, 0xde, 0xad, 0xbe, 0xef];
    packet.extend([0, 0, 0, 1, 0, 0, 0, 2, 0xbe, 0xde, 0, 1, 0x10, 0x33, 0, 0]);
    let header_len = packet.len();
    packet.extend(0..40);
    (packet, header_len)
}

fn sealed_rtp(sealer: &Sealer) -> (Vec<u8>, usize) {
    let (mut packet, header_len) = rtp();
    let plain_len = packet.len();
    packet.resize(plain_len + sealer.rtp_overhead(), 0);
    assert_eq!(sealer.seal_rtp(&mut packet, header_len, plain_len, INDEX), Some(packet.len()));
    (packet, header_len)
}

fn sealed_rtcp(sealer: &mut Sealer, plain: &[u8]) -> Vec<u8> {
    let mut slot = plain.to_vec();
    slot.resize(plain.len() + 64, 0);
    let len = sealer.seal_rtcp(&mut slot, plain.len()).expect("there is room");
    slot.truncate(len);
    slot
}

const RECEIVER_REPORT: [u8; 16] = [0x80, 201, 0, 1, 0, 0, 0, 9, 0x81, 206, 0, 1, 1, 2, 3, 4];

/// RFC 7714 §16.1.1 gives session keys and no master keys, so the cipher is asked without deriving any.
#[test]
fn gcm_gives_the_bytes_of_rfc_7714() {
    let header = 0x8040_F17B_8041_F8D3_5501_A0B2_u128.to_be_bytes();
    let mut body = *b"Gallia est omnis divisa in partes tres";
    let mut tag = [0; 16];
    let gcm = gcm::Gcm::with_session_keys((0..16).collect::<Vec<u8>>().as_slice(), *b"Quid pro quo");
    gcm.seal_rtp(&header[4..], &mut body, &mut tag, 0xF17B).expect("a whole header");
    let expected =
        "f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833899d7f27beb16a9152cf765ee4390cce";
    assert_eq!(hex(&[body.as_slice(), &tag].concat()), expected);
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn what_one_side_seals_the_other_opens() {
    for profile in PROFILES {
        let keys = keys(profile);
        let (mut wire, header_len) = sealed_rtp(&Sealer::server(&keys));
        assert_ne!(wire[header_len..header_len + 40], rtp().0[header_len..]);
        assert_eq!(Opener::server(&keys).open_rtp(&mut wire.clone(), header_len, INDEX), Err(Forged), "not its own");
        let len = Opener::client(&keys).open_rtp(&mut wire, header_len, INDEX).expect("the peer's");
        assert_eq!(wire[..len], rtp().0);

        let mut wire = sealed_rtcp(&mut Sealer::client(&keys), &RECEIVER_REPORT);
        let len = Opener::server(&keys).open_rtcp(&mut wire).expect("the peer's");
        assert_eq!(wire[..len], RECEIVER_REPORT);
    }
}

#[test]
fn one_flipped_bit_anywhere_is_refused() {
    for profile in PROFILES {
        let keys = keys(profile);
        let (wire, header_len) = sealed_rtp(&Sealer::server(&keys));
        let opener = Opener::client(&keys);
        // A flipped length bit of the header would change `header_len`; the caller would then pass another.
        for bit in 0..wire.len() * 8 {
            let mut forged = wire.clone();
            forged[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(opener.open_rtp(&mut forged, header_len, INDEX), Err(Forged), "{profile:?} bit {bit}");
        }
        for index in [INDEX ^ 1 << 16, INDEX + (1 << 40)] {
            assert_eq!(
                opener.open_rtp(&mut wire.clone(), header_len, index),
                Err(Forged),
                "another roll-over counter: {index:x}"
            );
        }
    }
}

#[test]
fn one_flipped_bit_anywhere_in_rtcp_is_refused_and_leaves_no_mark() {
    for profile in PROFILES {
        let keys = keys(profile);
        let wire = sealed_rtcp(&mut Sealer::server(&keys), &RECEIVER_REPORT);
        let mut opener = Opener::client(&keys);
        for bit in 0..wire.len() * 8 {
            let mut forged = wire.clone();
            forged[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(opener.open_rtcp(&mut forged), Err(RtcpFault::Forged), "{profile:?} bit {bit}");
        }
        assert!(opener.open_rtcp(&mut wire.clone()).is_ok());
        assert_eq!(opener.open_rtcp(&mut wire.clone()), Err(RtcpFault::Replayed));
    }
}

#[test]
fn two_senders_of_one_peer_are_both_heard() {
    let keys = keys(Profile::Aes128Gcm);
    let mut opener = Opener::server(&keys);
    for ssrc in [1, 2] {
        // A client counts the packets of each of its SSRCs from one.
        let mut report = RECEIVER_REPORT;
        report[7] = ssrc;
        let mut wire = sealed_rtcp(&mut Sealer::client(&keys), &report);
        assert_eq!(opener.open_rtcp(&mut wire), Ok(RECEIVER_REPORT.len()));
    }
}

#[test]
fn cut_packets_and_slots_are_refused() {
    for profile in PROFILES {
        let keys = keys(profile);
        let mut sealer = Sealer::server(&keys);
        let (wire, header_len) = sealed_rtp(&sealer);
        for len in 0..wire.len() {
            assert_eq!(Opener::client(&keys).open_rtp(&mut wire.clone()[..len], header_len, INDEX), Err(Forged));
        }
        let report = sealed_rtcp(&mut sealer, &RECEIVER_REPORT);
        for len in 0..report.len() {
            assert!(Opener::client(&keys).open_rtcp(&mut report.clone()[..len]).is_err());
        }
        let (mut plain, header_len) = rtp();
        let plain_len = plain.len();
        assert_eq!(sealer.seal_rtp(&mut plain, header_len, plain_len, 0), None, "no room for the tag");
        assert_eq!(sealer.seal_rtp(&mut [0; 64], 11, 40, 0), None, "no whole header");
        assert_eq!(sealer.seal_rtp(&mut [0; 64], 41, 40, 0), None, "header beyond the packet");
        assert_eq!(sealer.seal_rtcp(&mut [0; 64], 7), None, "no whole header");
        assert_eq!(sealer.seal_rtcp(&mut [0; 18], 8), None, "no room for the tag");
    }
}

#[test]
fn a_key_that_ran_out_of_rtcp_indices_seals_no_more() {
    let mut sealer = Sealer::server(&keys(Profile::Aes128Gcm));
    sealer.rtcp_index = RTCP_ENCRYPTED - 2;
    assert!(sealer.seal_rtcp(&mut [0; 64], 8).is_some());
    assert_eq!(sealer.seal_rtcp(&mut [0; 64], 8), None);
}

#[test]
fn unencrypted_rtcp_is_refused() {
    for profile in PROFILES {
        let mut packet = RECEIVER_REPORT.to_vec();
        packet.extend([0; 40]);
        assert_eq!(Opener::server(&keys(profile)).open_rtcp(&mut packet), Err(RtcpFault::Forged));
    }
}

#[test]
fn garbage_is_refused_and_harms_nothing() {
    let mut state = 7_u64;
    let mut random = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 33
    };
    for round in 0..20_000 {
        let profile = PROFILES[round % PROFILES.len()];
        let keys = keys(profile);
        let len = usize::try_from(random() % 90).expect("small");
        #[expect(clippy::cast_possible_truncation, reason = "random bytes")]
        let mut garbage: Vec<u8> = (0..len).map(|_| random() as u8).collect();
        let header_len = usize::try_from(random() % 100).expect("small");
        let mut opener = Opener::server(&keys);
        assert_eq!(opener.open_rtp(&mut garbage.clone(), header_len, random() << 17), Err(Forged));
        assert!(opener.open_rtcp(&mut garbage).is_err());
    }
}
