//! The two cookies: a person's login and a room's device. No script can read them, and no other site can use them.

use std::time::Duration;

use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, header};

use crate::lesson::Refusal;

/// The cookie of somebody who has logged in.
pub(super) const LOGIN: &str = "tongke_login";

/// The cookie of a room's device.
pub(super) const DEVICE: &str = "tongke_device";

/// The longest that browsers keep a cookie (RFC 6265bis §5.5: 400 days); a device that is in use gets it anew.
pub(super) const DEVICE_LIFE: Duration = Duration::from_secs(400 * 86_400);

/// The value of a cookie.
pub(super) fn read<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|cookies| cookies.to_str().ok());
    let mut pairs = all.flat_map(|cookies| cookies.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(known, value)| *known == name && !value.is_empty()).map(|(_, value)| value)
}

/// A header that sets a cookie. `Lax`: a link from elsewhere opens the page, and only pages of our own can act.
pub(super) fn set(name: &str, value: &str, life: Duration, secure: bool) -> Result<HeaderValue, Refusal> {
    let secure = if secure { "; Secure" } else { "" };
    let seconds = life.as_secs();
    let cookie = format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::from_str(&cookie).map_err(|_| Refusal::Internal)
}

/// Whether a request that changes something comes from a page of our own, as the browser says; what is no browser says
/// nothing, and has no cookies of ours but its own.
///
/// # Errors
/// [`Refusal::NotPermitted`] for a page of another site.
pub(super) fn from_own_page(parts: &Parts) -> Result<(), Refusal> {
    if parts.method == Method::GET || parts.method == Method::HEAD {
        return Ok(());
    }
    let Some(origin) = parts.headers.get(header::ORIGIN) else { return Ok(()) };
    let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let host = host.or_else(|| parts.uri.authority().map(|authority| authority.as_str()));
    let own = origin.to_str().ok().and_then(|origin| origin.split_once("://")).map(|(_, host)| host);
    if own.is_some() && own == host { Ok(()) } else { Err(Refusal::NotPermitted) }
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    #[test]
    fn a_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, "a=1; tongke_login=abc;tongke_device=".parse().unwrap());
        headers.append(header::COOKIE, "xtongke_device=no; tongke_device=d".parse().unwrap());
        assert_eq!((read(&headers, LOGIN), read(&headers, DEVICE)), (Some("abc"), Some("d")));
        assert_eq!(read(&headers, "b"), None);
    }

    #[test]
    fn no_script_reads_it_and_no_other_site_uses_it() {
        let cookie = |secure| set(LOGIN, "abc", Duration::from_secs(60), secure).unwrap();
        assert_eq!(cookie(false), "tongke_login=abc; Path=/; Max-Age=60; HttpOnly; SameSite=Lax");
        assert_eq!(cookie(true), "tongke_login=abc; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure");
        assert!(set(LOGIN, "a\nb", Duration::ZERO, true).is_err());
    }

    #[test]
    fn only_our_own_pages_may_change_something() {
        let asked = |method, origin: Option<&str>| {
            let request =
                Request::builder().method(method).uri("/api/logout").header("host", "lessons.example.org:8443");
            let request = if let Some(origin) = origin { request.header("origin", origin) } else { request };
            from_own_page(&request.body(()).unwrap().into_parts().0).is_ok()
        };
        assert!(asked(Method::POST, Some("https://lessons.example.org:8443")) && asked(Method::POST, None));
        for other in [
            "https://evil.example.org",
            "https://lessons.example.org",
            "null",
            "https://lessons.example.org:8443.evil.org",
        ] {
            assert!(!asked(Method::POST, Some(other)) && !asked(Method::DELETE, Some(other)), "{other}");
            assert!(asked(Method::GET, Some(other)));
        }
    }
}
