//! The address a request came from: the peer's, or what a proxy of ours says of it.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::extract::{ConnectInfo, Request};
use axum::http::HeaderMap;

/// The address a request came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct From(pub(super) IpAddr);

/// Whether a connection is encrypted from end to end, as its door knows.
#[derive(Clone, Copy, Debug)]
pub struct OverTls;

/// Where `request` came from. What a header says counts only if a proxy of ours wrote it.
pub(super) fn of(request: &Request, proxies: &[IpAddr]) -> From {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let peer = peer.map_or(Ipv6Addr::UNSPECIFIED.into(), |info| info.0.ip());
    From(behind(peer, &forwarded(request.headers()), proxies))
}

/// Whether the browser sees `https`.
pub(super) fn is_secure(request: &axum::http::request::Parts, proxies: &[IpAddr]) -> bool {
    let peer = request.extensions.get::<ConnectInfo<SocketAddr>>();
    let by_proxy = peer.is_some_and(|peer| proxies.contains(&peer.0.ip().to_canonical()));
    let says = request.headers.get("x-forwarded-proto").is_some_and(|scheme| scheme == "https");
    request.extensions.get::<OverTls>().is_some() || by_proxy && says
}

/// The addresses that proxies have noted, the nearest last.
fn forwarded(headers: &HeaderMap) -> Vec<IpAddr> {
    let lists = headers.get_all("x-forwarded-for").iter().filter_map(|list| list.to_str().ok());
    lists.flat_map(|list| list.split(',')).map_while(|one| one.trim().parse().ok()).collect()
}

/// From the nearest outwards, the first address that is no proxy of ours.
fn behind(peer: IpAddr, forwarded: &[IpAddr], proxies: &[IpAddr]) -> IpAddr {
    let hops = [peer].into_iter().chain(forwarded.iter().rev().copied());
    let mut last = peer;
    for hop in hops {
        last = hop.to_canonical();
        if !proxies.contains(&last) {
            break;
        }
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn only_a_proxy_of_ours_is_believed() {
        let proxies = [ip("10.0.0.1"), ip("10.0.0.2")];
        let claimed = [ip("198.51.100.9"), ip("192.0.2.7")];
        assert_eq!(behind(ip("203.0.113.5"), &claimed, &proxies), ip("203.0.113.5"), "a stranger claims in vain");
        assert_eq!(
            behind(ip("10.0.0.1"), &claimed, &proxies),
            ip("192.0.2.7"),
            "what the proxy saw, not what it was told"
        );
        assert_eq!(behind(ip("::ffff:10.0.0.1"), &claimed, &proxies), ip("192.0.2.7"));
        assert_eq!(behind(ip("10.0.0.1"), &[ip("192.0.2.7"), ip("10.0.0.2")], &proxies), ip("192.0.2.7"));
        assert_eq!(behind(ip("10.0.0.1"), &[], &proxies), ip("10.0.0.1"));
        assert_eq!(behind(ip("10.0.0.1"), &claimed, &[]), ip("10.0.0.1"), "nobody is believed if none is named");
    }

    #[test]
    fn a_header_that_cannot_be_read_says_nothing_beyond() {
        let mut headers = HeaderMap::new();
        headers.append("x-forwarded-for", "192.0.2.1, 192.0.2.2".parse().unwrap());
        headers.append("x-forwarded-for", "192.0.2.3".parse().unwrap());
        assert_eq!(forwarded(&headers), [ip("192.0.2.1"), ip("192.0.2.2"), ip("192.0.2.3")]);
        headers.insert("x-forwarded-for", "rubbish, 192.0.2.2".parse().unwrap());
        assert_eq!(forwarded(&headers), [] as [IpAddr; 0]);
    }
}
