//! The way to a peer: a UDP address, or one TCP connection.

use std::net::{IpAddr, SocketAddr};

/// Names one accepted TCP connection of this media thread; never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TcpId(pub u32);

/// Where datagrams of a peer come from and go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Road {
    /// Datagrams as such.
    Udp(SocketAddr),
    /// Datagrams framed on a TCP connection (RFC 4571, ICE-TCP); the address is the other end's.
    Tcp(TcpId, SocketAddr),
}

impl Road {
    /// A UDP road; IPv4 addresses written as IPv6 (`::ffff:a.b.c.d`) become IPv4 again.
    pub fn udp(from: SocketAddr) -> Self {
        Self::Udp(canonical(from))
    }

    /// A TCP road; the address is treated as in [`Road::udp`].
    pub fn tcp(id: TcpId, from: SocketAddr) -> Self {
        Self::Tcp(id, canonical(from))
    }

    /// The other end's address.
    pub const fn address(&self) -> SocketAddr {
        match self {
            Self::Udp(address) | Self::Tcp(_, address) => *address,
        }
    }

    /// Whether this is a TCP road.
    pub const fn is_tcp(&self) -> bool {
        matches!(self, Self::Tcp(..))
    }

    /// A well-spread number that is the same for the same road.
    pub(super) fn spread(&self) -> u64 {
        let (ip, port, lane) = match self {
            Self::Udp(address) => (address.ip(), address.port(), 0),
            Self::Tcp(id, address) => (address.ip(), address.port(), u64::from(id.0) + 1),
        };
        let ip = match ip {
            IpAddr::V4(ip) => u128::from(u32::from(ip)),
            IpAddr::V6(ip) => u128::from(ip),
        };
        #[expect(clippy::cast_possible_truncation, reason = "both halves are mixed in")]
        let words = [ip as u64, (ip >> 64) as u64, u64::from(port) | lane << 16];
        words.iter().fold(0x9e37_79b9_7f4a_7c15, |mixed, word| spread(mixed ^ word))
    }
}

/// A bijective mix of 64 bits (the finaliser of `SplitMix64`).
pub(super) const fn spread(word: u64) -> u64 {
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ipv4_peer_has_one_road_whichever_socket_it_came_in_by() {
        let mapped: SocketAddr = "[::ffff:192.0.2.7]:5004".parse().unwrap();
        let plain: SocketAddr = "192.0.2.7:5004".parse().unwrap();
        assert_eq!(Road::udp(mapped), Road::udp(plain));
        assert_ne!(Road::udp(plain), Road::tcp(TcpId(0), plain));
    }
}
