//! From the bytes that DTLS exports to the keys that packets are sealed with.

use std::fmt;

use aws_lc_rs::cipher::{AES_128, AES_256, EncryptingKey, EncryptionContext, UnboundCipherKey};
use aws_lc_rs::iv::FixedLength;

/// How packets are sealed (RFC 5764 §4.1.2, RFC 7714 §14.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// `SRTP_AEAD_AES_128_GCM`.
    Aes128Gcm,
    /// `SRTP_AEAD_AES_256_GCM`.
    Aes256Gcm,
    /// `SRTP_AES128_CM_HMAC_SHA1_80`.
    Aes128CmSha1_80,
}

impl Profile {
    /// The profile of this number in the IANA registry of DTLS-SRTP protection profiles.
    pub const fn from_iana(id: u16) -> Option<Self> {
        match id {
            0x0001 => Some(Self::Aes128CmSha1_80),
            0x0007 => Some(Self::Aes128Gcm),
            0x0008 => Some(Self::Aes256Gcm),
            _ => None,
        }
    }

    /// How many bytes the DTLS exporter must give: two keys and two salts.
    pub const fn exported_len(self) -> usize {
        2 * (self.key_len() + self.salt_len())
    }

    /// How many bytes sealing adds to an RTP packet; an RTCP packet grows by four more.
    pub const fn rtp_overhead(self) -> usize {
        match self {
            Self::Aes128Gcm | Self::Aes256Gcm => 16,
            Self::Aes128CmSha1_80 => 10,
        }
    }

    const fn key_len(self) -> usize {
        match self {
            Self::Aes128Gcm | Self::Aes128CmSha1_80 => 16,
            Self::Aes256Gcm => 32,
        }
    }

    const fn salt_len(self) -> usize {
        match self {
            Self::Aes128Gcm | Self::Aes256Gcm => 12,
            Self::Aes128CmSha1_80 => 14,
        }
    }
}

/// What both directions of one connection are sealed with.
#[derive(Clone)]
pub struct Keys {
    pub(super) profile: Profile,
    pub(super) client: Master,
    pub(super) server: Master,
}

impl Keys {
    /// Takes apart what the DTLS exporter gave: client key, server key, client salt, server salt
    /// (RFC 5764 §4.2). `None` if it is not [`Profile::exported_len`] long.
    pub fn from_exported(profile: Profile, exported: &[u8]) -> Option<Self> {
        if exported.len() != profile.exported_len() {
            return None;
        }
        let (keys, salts) = exported.split_at_checked(2 * profile.key_len())?;
        let (client_key, server_key) = keys.split_at_checked(profile.key_len())?;
        let (client_salt, server_salt) = salts.split_at_checked(profile.salt_len())?;
        Some(Self {
            profile,
            client: Master::new(client_key, client_salt)?,
            server: Master::new(server_key, server_salt)?,
        })
    }

    /// How packets are sealed with these keys.
    pub const fn profile(&self) -> Profile {
        self.profile
    }
}

impl fmt::Debug for Keys {
    /// Says which profile, never the keys.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").field("profile", &self.profile).finish_non_exhaustive()
    }
}

/// What a derived key is for (RFC 3711 §4.3.1 and §4.3.2).
#[derive(Clone, Copy)]
pub(super) enum Label {
    RtpKey = 0,
    RtpAuth = 1,
    RtpSalt = 2,
    RtcpKey = 3,
    RtcpAuth = 4,
    RtcpSalt = 5,
}

/// The master key and master salt of one direction.
#[derive(Clone)]
pub(super) struct Master {
    key: [u8; 32],
    key_len: usize,
    /// A salt of 96 bits is followed by zeros (RFC 7714 §11).
    salt: [u8; 14],
}

impl Master {
    pub(super) fn new(key: &[u8], salt: &[u8]) -> Option<Self> {
        let mut master = Self { key: [0; 32], key_len: key.len(), salt: [0; 14] };
        master.key.get_mut(..key.len())?.copy_from_slice(key);
        master.salt.get_mut(..salt.len())?.copy_from_slice(salt);
        Some(master)
    }

    /// The key of `N` bytes that is used for `label` (RFC 3711 §4.3.3, key derivation rate 0).
    ///
    /// # Panics
    /// Never: a master key is 16 or 32 bytes long, which AES takes.
    pub(super) fn derive<const N: usize>(&self, label: Label) -> [u8; N] {
        let algorithm = if self.key_len == 16 { &AES_128 } else { &AES_256 };
        let key = UnboundCipherKey::new(algorithm, &self.key[..self.key_len])
            .and_then(EncryptingKey::ctr)
            .expect("a master key is 16 or 32 bytes long");
        let mut iv = [0; 16];
        iv[..14].copy_from_slice(&self.salt);
        iv[7] ^= label as u8;
        let mut derived = [0; N];
        key.less_safe_encrypt(&mut derived, EncryptionContext::Iv128(FixedLength::from(iv)))
            .expect("counter mode takes any length");
        derived
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exported_bytes_of_the_wrong_length_make_no_keys() {
        for profile in [Profile::Aes128Gcm, Profile::Aes256Gcm, Profile::Aes128CmSha1_80] {
            let right = vec![7; profile.exported_len()];
            assert!(Keys::from_exported(profile, &right).is_some());
            assert!(Keys::from_exported(profile, &right[1..]).is_none());
            assert!(Keys::from_exported(profile, &[right.as_slice(), &[7]].concat()).is_none());
        }
    }

    #[test]
    fn keys_never_print_themselves() {
        let keys = Keys::from_exported(Profile::Aes128Gcm, &[0xab; 56]).expect("56 bytes");
        assert_eq!(format!("{keys:?}"), "Keys { profile: Aes128Gcm, .. }");
    }

    /// RFC 3711 appendix B.3.
    #[test]
    fn keys_are_derived_as_in_rfc_3711() {
        let key = 0xE1F9_7A0D_3E01_8BE0_D64F_A32C_06DE_4139_u128.to_be_bytes();
        let salt = &0x0EC6_75AD_498A_FEEB_B696_0B3A_ABE6_u128.to_be_bytes()[2..];
        let master = Master::new(&key, salt).expect("16 and 14 bytes");
        assert_eq!(u128::from_be_bytes(master.derive(Label::RtpKey)), 0xC61E_7A93_744F_39EE_1073_4AFE_3FF7_A087);
        assert_eq!(master.derive::<14>(Label::RtpSalt), 0x30CB_BC08_863D_8C85_D49D_B34A_9AE1_u128.to_be_bytes()[2..]);
        let auth: [u8; 20] = master.derive(Label::RtpAuth);
        assert_eq!(auth[..16], 0xCEBE_321F_6FF7_716B_6FD4_AB49_AF25_6A15_u128.to_be_bytes());
        assert_eq!(auth[16..], 0x6D38_BAA4_u32.to_be_bytes());
    }
}
