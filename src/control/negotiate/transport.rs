//! What an offer says about its one transport: ICE, DTLS, and that there is only one.

use rtc::sdp::SessionDescription;

use super::offer::{Attributes, unreadable, unusable};
use super::{Kind, Offer, OfferFault, Section};
use crate::control::handshake::{Fingerprint, FingerprintFault};

/// Where the transport's own attributes stand: in the first section that is not given up, else before all sections.
pub(super) struct Common<'a> {
    section: Attributes<'a>,
    session: Attributes<'a>,
}

impl<'a> Common<'a> {
    pub(super) fn new(description: &'a SessionDescription, sections: &[Section]) -> Self {
        let first = sections.iter().position(|section| !section.refused).unwrap_or(0);
        let media = description.media_descriptions.get(first);
        Self {
            section: Attributes(media.map_or(&[], |media| &media.attributes)),
            session: Attributes(&description.attributes),
        }
    }

    fn values(&self, key: &'a str) -> impl Iterator<Item = &'a str> {
        self.section.values(key).chain(self.session.values(key))
    }

    pub(super) fn value(&self, key: &'a str) -> Option<&'a str> {
        self.values(key).next().map(str::trim)
    }
}

/// RFC 8839 §5.4; the alphabet is left to the peer.
pub(super) fn credential(common: &Common<'_>, key: &'static str, len_min: usize) -> Result<String, OfferFault> {
    let value = common.value(key).ok_or_else(|| unusable(format!("it has no a={key}")))?;
    if (len_min..=256).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(value.to_owned())
    } else {
        Err(unreadable(format!("a={key} has not {len_min} to 256 characters")))
    }
}

/// The first fingerprint whose hash is good enough.
pub(super) fn fingerprint(common: &Common<'_>) -> Result<Fingerprint, OfferFault> {
    let mut fault = unusable("it has no a=fingerprint");
    for value in common.values("fingerprint") {
        match value.parse() {
            Ok(fingerprint) => return Ok(fingerprint),
            Err(FingerprintFault::Algorithm) => {
                fault = unusable("a=fingerprint: its hash is none of sha-256, sha-384, sha-512")
            }
            Err(FingerprintFault::Digits) => fault = unreadable("a=fingerprint is cut, or no hexadecimal"),
        }
    }
    Err(fault)
}

pub(super) fn bundle(description: &SessionDescription) -> Vec<String> {
    let mut groups = Attributes(&description.attributes).values("group");
    let mids = groups.find_map(|group| group.strip_prefix("BUNDLE"));
    mids.map(|mids| mids.split_ascii_whitespace().map(str::to_owned).collect()).unwrap_or_default()
}

/// All sections must share one transport, and tell their packets apart.
pub(super) fn one_transport(offer: &Offer) -> Result<(), OfferFault> {
    let media = || offer.sections.iter().enumerate().filter(|(_, section)| !section.refused);
    for (n, section) in media() {
        if section.kind != Kind::Other && !section.rtcp_mux {
            return Err(unusable(format!("section {}: a=rtcp-mux is missing", n + 1)));
        }
        if media().count() > 1 && !offer.bundle.contains(&section.mid) {
            return Err(unusable(format!("section {}: it is not in a=group:BUNDLE, and all must be", n + 1)));
        }
        if offer.sections.iter().filter(|other| other.mid == section.mid).count() > 1 {
            return Err(unreadable(format!("section {}: another section has the same a=mid", n + 1)));
        }
    }
    Ok(())
}
