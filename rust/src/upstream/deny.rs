//! Networks no backend may be in, checked after names were resolved and before a connection is made.

use std::net::{IpAddr, Ipv6Addr};

/// A text that is no network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("deny_backends: '{0}' is no network such as 169.254.0.0/16 or fe80::/10")]
pub struct BadNetwork(String);

/// A set of networks.
#[derive(Debug, Clone, Default)]
pub struct DeniedNetworks {
    networks: Vec<(u128, u128)>,
}

/// One number for both families: IPv4 as `::ffff:a.b.c.d`, so that a mapped address is no way around a rule.
fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        // The deprecated IPv4-compatible form reaches the same host on some systems.
        IpAddr::V6(address) => match address.to_ipv4() {
            Some(v4) if address != Ipv6Addr::LOCALHOST && !address.is_unspecified() => v4.to_ipv6_mapped().to_bits(),
            _ => address.to_bits(),
        },
    }
}

impl DeniedNetworks {
    /// Reads `address/prefix` texts; a plain address is a network of one.
    pub fn parse(texts: &[String]) -> Result<Self, BadNetwork> {
        let networks = texts.iter().map(|text| network(text).ok_or_else(|| BadNetwork(text.clone())));
        Ok(Self { networks: networks.collect::<Result<_, _>>()? })
    }

    /// Whether a connection to this address is forbidden.
    pub fn denies(&self, address: IpAddr) -> bool {
        let number = number(address);
        self.networks.iter().any(|&(network, mask)| number & mask == network)
    }
}

fn network(text: &str) -> Option<(u128, u128)> {
    let (address, prefix) = match text.split_once('/') {
        Some((address, prefix)) => (address, Some(prefix.parse::<u8>().ok()?)),
        None => (text, None),
    };
    let address: IpAddr = address.parse().ok()?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    let prefix = prefix.unwrap_or(most);
    if prefix > most {
        return None;
    }
    let host_bits = u32::from(most - prefix);
    let mask = u128::MAX.checked_shl(host_bits).unwrap_or(0);
    Some((number(address) & mask, mask))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_hold_their_addresses_in_every_spelling() {
        let texts = ["169.254.0.0/16", "fe80::/10", "10.1.2.3", "fd00:ec2::254/128"].map(str::to_owned);
        let denied = DeniedNetworks::parse(&texts).unwrap();
        for address in [
            "169.254.169.254",
            "::ffff:169.254.169.254",
            "::a9fe:a9fe",
            "fe80::1",
            "febf::1",
            "10.1.2.3",
            "fd00:ec2::254",
        ] {
            assert!(denied.denies(address.parse().unwrap()), "{address}");
        }
        for address in ["169.253.255.255", "127.0.0.1", "::1", "fec0::1", "10.1.2.4", "fd00:ec2::255"] {
            assert!(!denied.denies(address.parse().unwrap()), "{address}");
        }
        let everything = DeniedNetworks::parse(&["::/0".to_owned()]).unwrap();
        assert!(everything.denies("127.0.0.1".parse().unwrap()));
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for text in ["", "10.0.0.0/33", "fe80::/129", "10.0.0/8", "example.com", "10.0.0.0/-1", "10.0.0.0/8/8"] {
            assert!(DeniedNetworks::parse(&[text.to_owned()]).is_err(), "{text}");
        }
    }
}
