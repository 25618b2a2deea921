//! AES in counter mode with a short HMAC-SHA1: what clients without GCM speak (RFC 3711).

use aws_lc_rs::cipher::{AES_128, EncryptingKey, EncryptionContext, UnboundCipherKey};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use aws_lc_rs::iv::FixedLength;

use super::keys::{Label, Master};
use super::{Forged, RTCP_CLEAR, RTCP_ENCRYPTED, RTCP_WORD, word_at};

/// Eighty of SHA-1's bits.
const TAG: usize = 10;

pub(super) struct Cm {
    rtp: Half,
    rtcp: Half,
}

impl Cm {
    pub(super) fn new(master: &Master) -> Self {
        Self {
            rtp: Half::new(master, Label::RtpKey, Label::RtpAuth, Label::RtpSalt),
            rtcp: Half::new(master, Label::RtcpKey, Label::RtcpAuth, Label::RtcpSalt),
        }
    }

    pub(super) fn seal_rtp(&self, header: &[u8], body: &mut [u8], tag: &mut [u8], index: u64) -> Option<()> {
        self.rtp.crypt(body, word_at(header, 8)?, index)?;
        tag.copy_from_slice(&self.rtp.tag([header, body, &roll_over(index)]));
        Some(())
    }

    pub(super) fn open_rtp(&self, header: &[u8], sealed: &mut [u8], index: u64) -> Result<usize, Forged> {
        let (body, tag) = sealed.split_last_chunk_mut::<TAG>().ok_or(Forged)?;
        self.rtp.check(tag, [header, body, &roll_over(index)])?;
        let ssrc = word_at(header, 8).ok_or(Forged)?;
        self.rtp.crypt(body, ssrc, index).ok_or(Forged)?;
        Ok(body.len())
    }

    pub(super) fn seal_rtcp(&self, plain: &mut [u8], tail: &mut [u8], word: u32) -> Option<()> {
        let (clear, body) = plain.split_first_chunk_mut::<RTCP_CLEAR>()?;
        self.rtcp.crypt(body, word_at(clear, 4)?, rtcp_index(word))?;
        let (trailer, tag) = tail.split_first_chunk_mut::<RTCP_WORD>()?;
        *trailer = word.to_be_bytes();
        tag.copy_from_slice(&self.rtcp.tag([clear, body, trailer]));
        Some(())
    }

    pub(super) fn open_rtcp(&self, packet: &mut [u8], word: u32) -> Result<usize, Forged> {
        let (packet, tag) = packet.split_last_chunk_mut::<TAG>().ok_or(Forged)?;
        self.rtcp.check(tag, [packet, &[], &[]])?;
        let (packet, _) = packet.split_last_chunk_mut::<RTCP_WORD>().ok_or(Forged)?;
        let (clear, body) = packet.split_first_chunk_mut::<RTCP_CLEAR>().ok_or(Forged)?;
        let ssrc = word_at(clear, 4).ok_or(Forged)?;
        self.rtcp.crypt(body, ssrc, rtcp_index(word)).ok_or(Forged)?;
        Ok(RTCP_CLEAR + body.len())
    }
}

/// The E flag and index of a sealed packet, before its tag; `None` if it is too short to be one.
pub(super) fn rtcp_word(packet: &[u8]) -> Option<u32> {
    let (packet, _) = packet.split_last_chunk::<TAG>()?;
    let (packet, word) = packet.split_last_chunk()?;
    (packet.len() >= RTCP_CLEAR).then_some(u32::from_be_bytes(*word))
}

/// The keys of RTP or of RTCP.
struct Half {
    cipher: EncryptingKey,
    salt: [u8; 14],
    auth: hmac::Key,
}

impl Half {
    fn new(master: &Master, key: Label, auth: Label, salt: Label) -> Self {
        let key: [u8; 16] = master.derive(key);
        Self {
            cipher: UnboundCipherKey::new(&AES_128, &key).and_then(EncryptingKey::ctr).expect("16 bytes"),
            salt: master.derive(salt),
            auth: hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &master.derive::<20>(auth)),
        }
    }

    /// Encrypts or decrypts, which is the same (RFC 3711 §4.1.1).
    fn crypt(&self, body: &mut [u8], ssrc: [u8; 4], index: u64) -> Option<()> {
        let ssrc_and_index = u128::from(u32::from_be_bytes(ssrc)) << 64 | u128::from(index & 0xffff_ffff_ffff) << 16;
        let mut iv = ssrc_and_index.to_be_bytes();
        for (byte, salt) in iv.iter_mut().zip(&self.salt) {
            *byte ^= salt;
        }
        self.cipher.less_safe_encrypt(body, EncryptionContext::Iv128(FixedLength::from(iv))).ok()?;
        Some(())
    }

    fn tag(&self, parts: [&[u8]; 3]) -> [u8; TAG] {
        let mut context = hmac::Context::with_key(&self.auth);
        for part in parts {
            context.update(part);
        }
        let mut tag = [0; TAG];
        tag.copy_from_slice(&context.sign().as_ref()[..TAG]);
        tag
    }

    fn check(&self, tag: &[u8; TAG], parts: [&[u8]; 3]) -> Result<(), Forged> {
        verify_slices_are_equal(&self.tag(parts), tag).map_err(|_| Forged)
    }
}

/// What RTP authenticates beyond the packet: the part of its index that is not sent (RFC 3711 §4.2).
#[expect(clippy::cast_possible_truncation, reason = "an index has 48 bits")]
fn roll_over(index: u64) -> [u8; 4] {
    ((index >> 16) as u32).to_be_bytes()
}

fn rtcp_index(word: u32) -> u64 {
    u64::from(word & !RTCP_ENCRYPTED)
}
