//! AES-GCM: one pass that encrypts and authenticates (RFC 7714).

use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, Algorithm, LessSafeKey, Nonce, UnboundKey};

use super::keys::{Label, Master};
use super::{Forged, RTCP_CLEAR, RTCP_WORD, word_at};

const TAG: usize = 16;

/// What every packet needs stands first and together.
#[repr(C)]
pub(super) struct Gcm {
    /// The twelve low bytes.
    rtp_salt: u128,
    rtp: LessSafeKey,
    rtcp: LessSafeKey,
    rtcp_salt: u128,
}

impl Gcm {
    pub(super) fn aes_128(master: &Master) -> Self {
        Self::new::<16>(&AES_128_GCM, master)
    }

    pub(super) fn aes_256(master: &Master) -> Self {
        Self::new::<32>(&AES_256_GCM, master)
    }

    fn new<const KEY: usize>(algorithm: &'static Algorithm, master: &Master) -> Self {
        let key = |label| {
            let derived: [u8; KEY] = master.derive(label);
            LessSafeKey::new(UnboundKey::new(algorithm, &derived).expect("as long as the algorithm wants it"))
        };
        Self {
            rtp: key(Label::RtpKey),
            rtcp: key(Label::RtcpKey),
            rtp_salt: number(master.derive(Label::RtpSalt)),
            rtcp_salt: number(master.derive(Label::RtcpSalt)),
        }
    }

    /// With keys that RFC 7714 gives instead of deriving them.
    #[cfg(test)]
    pub(super) fn with_session_keys(key: &[u8], salt: [u8; 12]) -> Self {
        let key = || LessSafeKey::new(UnboundKey::new(&AES_128_GCM, key).expect("16 bytes"));
        Self { rtp: key(), rtcp: key(), rtp_salt: number(salt), rtcp_salt: number(salt) }
    }

    pub(super) fn seal_rtp(&self, header: &[u8], body: &mut [u8], tag: &mut [u8], index: u64) -> Option<()> {
        let nonce = nonce(self.rtp_salt, word_at(header, 8)?, index);
        let made = self.rtp.seal_in_place_separate_tag(nonce, Aad::from(header), body).ok()?;
        tag.copy_from_slice(made.as_ref());
        Some(())
    }

    pub(super) fn open_rtp(&self, header: &[u8], sealed: &mut [u8], index: u64) -> Result<usize, Forged> {
        let nonce = nonce(self.rtp_salt, word_at(header, 8).ok_or(Forged)?, index);
        let body = self.rtp.open_in_place(nonce, Aad::from(header), sealed).map_err(|_| Forged)?;
        Ok(body.len())
    }

    pub(super) fn seal_rtcp(&self, plain: &mut [u8], tail: &mut [u8], word: u32) -> Option<()> {
        let (clear, body) = plain.split_first_chunk_mut::<RTCP_CLEAR>()?;
        let nonce = self.rtcp_nonce(clear, word)?;
        let made = self.rtcp.seal_in_place_separate_tag(nonce, Aad::from(rtcp_aad(clear, word)), body).ok()?;
        let (tag, trailer) = tail.split_first_chunk_mut::<TAG>()?;
        tag.copy_from_slice(made.as_ref());
        trailer.copy_from_slice(&word.to_be_bytes());
        Some(())
    }

    pub(super) fn open_rtcp(&self, packet: &mut [u8], word: u32) -> Result<usize, Forged> {
        let (packet, _) = packet.split_last_chunk_mut::<RTCP_WORD>().ok_or(Forged)?;
        let (clear, sealed) = packet.split_first_chunk_mut::<RTCP_CLEAR>().ok_or(Forged)?;
        let nonce = self.rtcp_nonce(clear, word).ok_or(Forged)?;
        let aad = Aad::from(rtcp_aad(clear, word));
        let body = self.rtcp.open_in_place(nonce, aad, sealed).map_err(|_| Forged)?;
        Ok(RTCP_CLEAR + body.len())
    }

    /// RFC 7714 §9.1: as for RTP, with the SRTCP index where the 48 bit index is.
    fn rtcp_nonce(&self, clear: &[u8; RTCP_CLEAR], word: u32) -> Option<Nonce> {
        Some(nonce(self.rtcp_salt, word_at(clear, 4)?, u64::from(word & !super::RTCP_ENCRYPTED)))
    }
}

/// The E flag and index behind a sealed packet; `None` if it is too short to be one.
pub(super) fn rtcp_word(packet: &[u8]) -> Option<u32> {
    let (packet, word) = packet.split_last_chunk()?;
    (packet.len() >= RTCP_CLEAR + TAG).then_some(u32::from_be_bytes(*word))
}

fn number(salt: [u8; 12]) -> u128 {
    salt.iter().fold(0, |number, byte| number << 8 | u128::from(*byte))
}

/// RFC 7714 §8.1: two zero bytes, the SSRC, the 48 bit index; all mixed with the salt.
fn nonce(salt: u128, ssrc: [u8; 4], index: u64) -> Nonce {
    let ssrc_and_index = u128::from(u32::from_be_bytes(ssrc)) << 48 | u128::from(index & 0xffff_ffff_ffff);
    let [_, _, _, _, salted @ ..] = (ssrc_and_index ^ salt).to_be_bytes();
    Nonce::assume_unique_for_key(salted)
}

/// RFC 7714 §9.2: what stays readable is authenticated, and so is the word behind the packet.
fn rtcp_aad(clear: &[u8; RTCP_CLEAR], word: u32) -> [u8; RTCP_CLEAR + RTCP_WORD] {
    let mut aad = [0; RTCP_CLEAR + RTCP_WORD];
    aad[..RTCP_CLEAR].copy_from_slice(clear);
    aad[RTCP_CLEAR..].copy_from_slice(&word.to_be_bytes());
    aad
}
