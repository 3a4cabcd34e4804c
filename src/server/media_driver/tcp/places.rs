//! How many connections there may be: each is a descriptor and some memory, and anybody can open one.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};

use super::numbers::Closed;

/// Of one address. An office whose firewall blocks UDP has people behind one, each with a few connections.
const OF_ADDRESS: usize = 64;
/// Of one media thread. Those who cannot come by UDP are few, and a process has a thousand descriptors where nobody asked for more.
const IN_ALL: usize = 400;

/// The places that are taken.
#[derive(Debug, Default)]
pub(super) struct Places {
    each: HashMap<IpAddr, usize>,
    taken: usize,
}

impl Places {
    /// Takes a place for a connection from this address, or says why there is none.
    pub(super) fn take(&mut self, address: IpAddr) -> Result<(), Closed> {
        if self.taken >= IN_ALL {
            return Err(Closed::TooMany);
        }
        let own = self.each.entry(customer(address)).or_default();
        if *own >= OF_ADDRESS {
            return Err(Closed::TooManyOfAddress);
        }
        *own += 1;
        self.taken += 1;
        Ok(())
    }

    /// Gives back one that was taken.
    pub(super) fn free(&mut self, address: IpAddr) {
        let address = customer(address);
        let Some(own) = self.each.get_mut(&address) else { return };
        *own -= 1;
        self.taken -= 1;
        if *own == 0 {
            self.each.remove(&address);
        }
    }
}

/// An IPv4 address, or the /64 that an IPv6 customer has to themselves.
fn customer(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(ip) => {
            let [a, b, c, d, ..] = ip.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn v4(last: usize) -> IpAddr {
        IpAddr::from([10, 0, (last / 256) as u8, (last % 256) as u8])
    }

    #[test]
    fn an_address_has_its_share_and_others_theirs() {
        let mut places = Places::default();
        for _ in 0..OF_ADDRESS {
            places.take(v4(1)).unwrap();
        }
        assert_eq!(places.take(v4(1)), Err(Closed::TooManyOfAddress));
        places.take(v4(2)).unwrap();
        places.free(v4(1));
        places.take(v4(1)).unwrap();
    }

    #[test]
    fn a_customer_with_many_ipv6_addresses_has_one_share() {
        let mut places = Places::default();
        for last in 0..OF_ADDRESS {
            places.take(Ipv6Addr::new(0x2001, 0xdb8, 0, 1, 0, 0, 0, last as u16).into()).unwrap();
        }
        assert_eq!(places.take("2001:db8:0:1:ffff::1".parse().unwrap()), Err(Closed::TooManyOfAddress));
        places.take("2001:db8:0:2::1".parse().unwrap()).unwrap();
    }

    #[test]
    fn all_together_have_no_more_than_there_are() {
        let mut places = Places::default();
        for address in 0..IN_ALL {
            places.take(v4(address)).unwrap();
        }
        assert_eq!(places.take(v4(IN_ALL)), Err(Closed::TooMany));
        for address in 0..IN_ALL {
            places.free(v4(address));
        }
        assert!(places.each.is_empty() && places.taken == 0, "nothing is kept of those that left");
    }
}
