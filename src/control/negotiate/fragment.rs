//! ICE fragments of SDP: trickled candidates and ICE restarts (RFC 8840, RFC 9725 §4.3).

use super::answer::candidate_lines;
use super::offer::unreadable;
use super::{Local, OfferFault};
use crate::base::limits::BODY_BYTES_MAX;

/// What a fragment says about the peer. Its candidates are of no use: we answer wherever its checks come from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fragment {
    /// The peer's ICE user name fragment; another than before means a restart.
    pub ufrag: Option<String>,
    /// The peer's ICE password.
    pub pwd: Option<String>,
}

/// Reads a fragment.
///
/// # Errors
/// [`OfferFault::Unreadable`] if it is too long, has a line that is no SDP, or names two different ufrags.
pub fn read_fragment(text: &str) -> Result<Fragment, OfferFault> {
    if text.len() > BODY_BYTES_MAX {
        return Err(unreadable(format!("it is longer than {BODY_BYTES_MAX} bytes")));
    }
    let mut fragment = Fragment::default();
    for (n, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let fault = |what: &str| unreadable(format!("line {}: {what}", n + 1));
        if !line.starts_with("a=") && !line.starts_with("m=") {
            return Err(fault("neither a= nor m="));
        }
        let (place, value) = if let Some(value) = line.strip_prefix("a=ice-ufrag:") {
            (&mut fragment.ufrag, value.trim())
        } else if let Some(value) = line.strip_prefix("a=ice-pwd:") {
            (&mut fragment.pwd, value.trim())
        } else {
            continue;
        };
        if !(4..=256).contains(&value.len()) || !value.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(fault("not 4 to 256 characters"));
        }
        if place.as_deref().is_some_and(|known| known != value) {
            return Err(fault("another value than before"));
        }
        *place = Some(value.to_owned());
    }
    Ok(fragment)
}

/// Our side of an ICE restart; `mid` is the first section's that was accepted.
pub fn write_fragment(local: &Local, mid: &str) -> String {
    let mut lines = vec![
        "a=ice-lite".to_owned(),
        format!("a=ice-ufrag:{}", local.ufrag),
        format!("a=ice-pwd:{}", local.pwd),
        "m=audio 9 UDP/TLS/RTP/SAVPF 0".to_owned(), // a stand-in: only the mid counts (RFC 8840 §4.4)
        format!("a=mid:{mid}"),
    ];
    lines.extend(candidate_lines(&local.candidates).map(|candidate| format!("a=candidate:{candidate}")));
    lines.push("a=end-of-candidates".to_owned());
    lines.iter().flat_map(|line| [line.as_str(), "\r\n"]).collect()
}
