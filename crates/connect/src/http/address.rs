//! Addresses: parsed strictly, and told apart by whether they lie inside the house.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Characters of an address.
pub const URL_MAX: usize = 2_048;

/// The parts of an absolute address that decide where a request goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Whether by TLS.
    pub tls: bool,
    /// The host in lower case, without the brackets of an IPv6 address.
    pub host: String,
    /// The port.
    pub port: u16,
}

/// Why a text is no address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It is neither http nor https.
    #[error("the address {0:?} does not begin with https:// or http://")]
    Scheme(String),
    /// It is too long, or has blanks or letters that do not belong there.
    #[error("the address has characters it may not have, or more than {URL_MAX}")]
    Letters,
    /// It has a name and a password in it.
    #[error("the address holds a name or a password: give them by a header")]
    Person,
    /// It names no host, or one that cannot be.
    #[error("the address names no host")]
    Host,
    /// Its port is none.
    #[error("the address has a port that is none")]
    Port,
}

impl Address {
    /// Reads an absolute http or https address.
    ///
    /// # Errors
    /// [`AddressError`].
    pub fn parse(url: &str) -> Result<Self, AddressError> {
        if url.len() > URL_MAX || !url.bytes().all(|b| b.is_ascii_graphic() && b != b'\\' && b != b'"') {
            return Err(AddressError::Letters);
        }
        let scheme = |name: &str| {
            url.get(..name.len()).filter(|start| start.eq_ignore_ascii_case(name)).map(|_| &url[name.len()..])
        };
        let (tls, rest) = match (scheme("https://"), scheme("http://")) {
            (Some(rest), _) => (true, rest),
            (_, Some(rest)) => (false, rest),
            _ => return Err(AddressError::Scheme(url.chars().take(16).collect())),
        };
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if authority.contains('@') {
            return Err(AddressError::Person);
        }
        let (host, port) = match authority.strip_prefix('[') {
            Some(six) => {
                let (host, port) = six.split_once(']').ok_or(AddressError::Host)?;
                host.parse::<Ipv6Addr>().map_err(|_| AddressError::Host)?;
                (host, port)
            }
            None => authority.find(':').map_or((authority, ""), |at| authority.split_at(at)),
        };
        let port = match port.strip_prefix(':') {
            Some(port) => port.parse().ok().filter(|port| *port > 0).ok_or(AddressError::Port)?,
            None if port.is_empty() => {
                if tls {
                    443
                } else {
                    80
                }
            }
            None => return Err(AddressError::Port),
        };
        let letters = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b':');
        if host.is_empty() || !host.bytes().all(letters) || host.starts_with('.') {
            return Err(AddressError::Host);
        }
        // 0x7f.1, 2130706433 and 127.1 are ways of some resolvers to say 127.0.0.1: an address of digits is four of them.
        let last = host.trim_end_matches('.').rsplit('.').next().unwrap_or_default();
        let numeric = last.starts_with(|c: char| c.is_ascii_digit());
        if numeric && !host.contains(':') && host.parse::<Ipv4Addr>().is_err() {
            return Err(AddressError::Host);
        }
        Ok(Self { tls, host: host.to_ascii_lowercase(), port })
    }

    /// The address of a host that is written in digits.
    #[must_use]
    pub fn ip(&self) -> Option<IpAddr> {
        self.host.parse().ok()
    }

    /// Whether it is this machine itself.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        let name = self.host.trim_end_matches('.');
        name == "localhost"
            || name.ends_with(".localhost")
            || self.ip().is_some_and(|ip| ip.to_canonical().is_loopback())
    }

    /// Whether it is known, without asking a name server, to lie inside the house.
    #[must_use]
    pub fn is_internal(&self) -> bool {
        let name = self.host.trim_end_matches('.');
        let inside = [".local", ".internal", ".lan", ".home.arpa"].iter().any(|end| name.ends_with(end));
        self.is_loopback() || inside || self.ip().is_some_and(is_internal) || !name.contains(['.', ':'])
    }
}

/// Whether an address is of this machine, of the house's own network, or of no single machine at all: everything that
/// IANA's registries of special-purpose addresses do not call globally reachable, as far as a connection can be made.
#[must_use]
pub fn is_internal(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(four) => internal_v4(four),
        IpAddr::V6(six) => internal_v6(six),
    }
}

fn internal_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    a == 0
        || ip.is_loopback()
        || ip.is_private()
        || ip.is_link_local()
        || ip.is_multicast()
        || ip.is_documentation()
        // Shared by carriers, protocol assignments, benchmarks, reserved with broadcast.
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && (b == 18 || b == 19))
        || a >= 240
}

fn internal_v6(ip: Ipv6Addr) -> bool {
    let [a, b, ..] = ip.segments();
    // An IPv4 address may hide in the translation prefixes 64:ff9b::/96, 64:ff9b:1::/48 and 2002::/16.
    ip.is_loopback()
        || ip.is_unspecified()
        || ip.is_multicast()
        || (a & 0xfe00) == 0xfc00
        || (a & 0xffc0) == 0xfe80
        || (a & 0xffc0) == 0xfec0
        || (a == 0x64 && b == 0xff9b)
        || a == 0x2002
        || (a == 0x2001 && (b < 0x200 || b == 0xdb8))
        || a == 0x100
        || ip.segments()[..6] == [0; 6]
}

#[cfg(test)]
mod tests {
    use super::{Address, is_internal};

    #[test]
    fn addresses_are_read_strictly() {
        let read = |url: &str| Address::parse(url).map(|a| (a.tls, a.host, a.port));
        assert_eq!(read("https://Shop.Example/a?b#c"), Ok((true, "shop.example".to_owned(), 443)));
        assert_eq!(read("HTTP://[::1]:8080"), Ok((false, "::1".to_owned(), 8080)));
        for wrong in [
            "shop.example",
            "https://",
            "https:///a",
            "https://user:pass@shop.example/",
            "https://shop.example:0/",
            "https://shop.example:x/",
            "https://shop.example:99999/",
            "https://a b/",
            "https://[::1",
            "https://[x]/",
            "https://shop.example\\@inside/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://127.1/",
            "ftp://a/",
            "https://127.0.0.1\r\nHost: x/",
            "https://가.example/",
        ] {
            assert!(Address::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_house_is_told_apart_from_the_world() {
        for inside in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "255.255.255.255",
            "224.0.0.1",
            "198.18.0.1",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "::7f00:1",
            "2001:db8::1",
            "ff02::1",
        ] {
            assert!(is_internal(inside.parse().unwrap()), "{inside}");
        }
        for outside in ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "100.63.0.1", "172.32.0.1"] {
            assert!(!is_internal(outside.parse().unwrap()), "{outside}");
        }
        for name in ["localhost", "a.localhost", "db", "db.internal", "nas.local", "localhost."] {
            assert!(Address::parse(&format!("https://{name}/")).unwrap().is_internal(), "{name}");
        }
        assert!(!Address::parse("https://shop.example/").unwrap().is_internal());
    }
}
