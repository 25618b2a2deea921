//! A certificate's fingerprint as SDP writes it (RFC 8122 §5).

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::digest;

/// The hash of a certificate. Prints and reads as `sha-256 AB:CD:…`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fingerprint {
    /// What every browser sends.
    Sha256([u8; 32]),
    /// Allowed by RFC 8122.
    Sha384([u8; 48]),
    /// Allowed by RFC 8122.
    Sha512([u8; 64]),
}

/// A fingerprint that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FingerprintFault {
    /// Too weak, or unknown.
    #[error("its hash is none of sha-256, sha-384, sha-512")]
    Algorithm,
    /// Not pairs of hexadecimal digits with colons between, or not as many as the hash has.
    #[error("it is not the right number of hexadecimal pairs")]
    Digits,
}

impl Fingerprint {
    /// Of a certificate in DER.
    pub fn sha256(der: &[u8]) -> Self {
        Self::Sha256(hash(&digest::SHA256, der))
    }

    /// Whether `der` is the certificate that has this fingerprint.
    pub fn matches(&self, der: &[u8]) -> bool {
        match self {
            Self::Sha256(bytes) => *bytes == hash(&digest::SHA256, der),
            Self::Sha384(bytes) => *bytes == hash(&digest::SHA384, der),
            Self::Sha512(bytes) => *bytes == hash(&digest::SHA512, der),
        }
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, bytes): (_, &[u8]) = match self {
            Self::Sha256(bytes) => ("sha-256", bytes),
            Self::Sha384(bytes) => ("sha-384", bytes),
            Self::Sha512(bytes) => ("sha-512", bytes),
        };
        f.write_str(name)?;
        for (n, byte) in bytes.iter().enumerate() {
            write!(f, "{}{byte:02X}", if n == 0 { ' ' } else { ':' })?;
        }
        Ok(())
    }
}

impl FromStr for Fingerprint {
    type Err = FingerprintFault;

    fn from_str(text: &str) -> Result<Self, FingerprintFault> {
        let (name, digits) = text.trim().split_once(' ').ok_or(FingerprintFault::Digits)?;
        match name.to_ascii_lowercase().as_str() {
            "sha-256" => pairs(digits).map(Self::Sha256),
            "sha-384" => pairs(digits).map(Self::Sha384),
            "sha-512" => pairs(digits).map(Self::Sha512),
            _ => Err(FingerprintFault::Algorithm),
        }
    }
}

fn pairs<const N: usize>(digits: &str) -> Result<[u8; N], FingerprintFault> {
    let mut bytes = [0; N];
    let mut pairs = digits.trim().split(':');
    for byte in &mut bytes {
        let pair = pairs.next().filter(|pair| pair.len() == 2 && pair.bytes().all(|digit| digit.is_ascii_hexdigit()));
        *byte = pair.and_then(|pair| u8::from_str_radix(pair, 16).ok()).ok_or(FingerprintFault::Digits)?;
    }
    if pairs.next().is_some() { Err(FingerprintFault::Digits) } else { Ok(bytes) }
}

/// `N` is the length of the hash.
fn hash<const N: usize>(algorithm: &'static digest::Algorithm, der: &[u8]) -> [u8; N] {
    let mut bytes = [0; N];
    bytes.copy_from_slice(digest::digest(algorithm, der).as_ref());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_reads_back_as_it_was_printed() {
        let all = [
            Fingerprint::sha256(b"certificate"),
            Fingerprint::Sha384(hash(&digest::SHA384, b"certificate")),
            Fingerprint::Sha512(hash(&digest::SHA512, b"certificate")),
        ];
        for fingerprint in all {
            let text = fingerprint.to_string();
            assert_eq!(text.parse(), Ok(fingerprint));
            assert_eq!(text.to_lowercase().parse(), Ok(fingerprint), "case does not matter");
            assert!(fingerprint.matches(b"certificate") && !fingerprint.matches(b"another"));
        }
    }

    #[test]
    fn a_weak_or_broken_fingerprint_is_refused() {
        let good = Fingerprint::sha256(b"certificate").to_string();
        assert_eq!("sha-1 AB:CD".parse::<Fingerprint>(), Err(FingerprintFault::Algorithm));
        for bad in ["", "sha-256", &good[..good.len() - 3], &format!("{good}:00"), &good.replacen(':', ":+", 1)] {
            assert_eq!(bad.parse::<Fingerprint>(), Err(FingerprintFault::Digits), "{bad}");
        }
    }
}
