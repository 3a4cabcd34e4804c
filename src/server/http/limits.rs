//! How often what may be done, by one address and by one account.

use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use switchboard_ids::UserId;

use super::phone::Phone;
use super::problem::Error;
use crate::config::LimitArgs;

/// People share addresses: a household, an office, a mobile network.
const ACCOUNTS_PER_ADDRESS: u32 = 4;

/// The most addresses or accounts one limit remembers (about 100 bytes each); beyond it all share one until idle ones are forgotten.
const MAX_KEYS: usize = 100_000;

/// What an account is known by: before login by its number, after it by its id.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Account {
    /// Somebody claims to have this number.
    Phone(Phone),
    /// Somebody logged in.
    User(UserId),
}

/// The limits of each kind of request.
pub struct Limits {
    /// Making accounts.
    pub registrations: Limit,
    /// Attempts to log in.
    pub logins: Limit,
    /// Searches by number.
    pub searches: Limit,
    /// Invitations.
    pub invitations: Limit,
    /// Messages, without voice clips.
    pub messages: Limit,
    /// Voice clips.
    pub clips: Limit,
    /// Credentials for TURN.
    pub turn: Limit,
}

/// The limits of one kind of request; one that is off allows everything.
pub struct Limit {
    address: Option<Buckets<IpAddr>>,
    account: Option<Buckets<Account>>,
}

impl Limits {
    /// Makes the limits that the flags ask for.
    pub fn new(args: LimitArgs) -> Self {
        let count = |count: u32| if args.no_limits { None } else { NonZeroU32::new(count) };
        let both = |count: Option<NonZeroU32>, quota: fn(NonZeroU32) -> Quota| Limit {
            address: count.map(|count| Buckets::new(quota(shared(count)))),
            account: count.map(|count| Buckets::new(quota(count))),
        };
        Self {
            registrations: Limit {
                address: count(args.limit_registrations).map(|count| Buckets::new(Quota::per_hour(count))),
                account: None,
            },
            logins: both(count(args.limit_logins), Quota::per_minute),
            searches: both(count(args.limit_searches), Quota::per_minute),
            invitations: both(count(args.limit_invitations), Quota::per_hour),
            messages: both(count(args.limit_messages), Quota::per_minute),
            clips: both(count(args.limit_clips), Quota::per_hour),
            turn: both(count(args.limit_turn), Quota::per_minute),
        }
    }

    /// Forgets addresses and accounts that did nothing lately. Called from time to time, this bounds memory.
    pub fn forget_idle(&self) {
        for limit in [&self.registrations, &self.logins, &self.searches, &self.invitations, &self.messages, &self.clips, &self.turn] {
            limit.address.iter().for_each(Buckets::forget_idle);
            limit.account.iter().for_each(Buckets::forget_idle);
        }
    }
}

impl Limit {
    /// Counts a request of this address.
    pub fn check_address(&self, address: IpAddr) -> Result<(), Error> {
        self.address.as_ref().map_or(Ok(()), |buckets| buckets.check(address))
    }

    /// Counts a request of this address by, or against, this account. Whoever is known to ask is counted first: what is refused
    /// to them is not counted against others at their address. Whoever only claims a number is counted by address first.
    pub fn check(&self, address: IpAddr, account: Account) -> Result<(), Error> {
        match account {
            Account::User(_) => self.check_account(account).and_then(|()| self.check_address(address)),
            Account::Phone(_) => self.check_address(address).and_then(|()| self.check_account(account)),
        }
    }

    fn check_account(&self, account: Account) -> Result<(), Error> {
        self.account.as_ref().map_or(Ok(()), |buckets| buckets.check(account))
    }
}

fn shared(count: NonZeroU32) -> NonZeroU32 {
    count.saturating_mul(NonZeroU32::new(ACCOUNTS_PER_ADDRESS).unwrap_or(NonZeroU32::MIN))
}

struct Buckets<K: Hash + Eq + Clone> {
    /// The key of everybody who does not fit any more is `None`.
    limiter: DefaultKeyedRateLimiter<Option<K>>,
}

impl<K: Hash + Eq + Clone> Buckets<K> {
    fn new(quota: Quota) -> Self {
        Self { limiter: RateLimiter::keyed(quota) }
    }

    fn check(&self, key: K) -> Result<(), Error> {
        let key = Some(key).filter(|_| self.limiter.len() < MAX_KEYS);
        self.limiter.check_key(&key).map_err(|until| Error::TooManyRequests(until.wait_time_from(DefaultClock::default().now())))
    }

    fn forget_idle(&self) {
        self.limiter.retain_recent();
        self.limiter.shrink_to_fit();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use std::net::Ipv4Addr;

    use super::*;

    const HOME: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
    const OFFICE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2));

    fn limits(count: u32) -> Limits {
        Limits::new(LimitArgs {
            limit_registrations: count,
            limit_logins: count,
            limit_searches: count,
            limit_invitations: count,
            limit_messages: count,
            limit_clips: count,
            limit_turn: count,
            no_limits: false,
        })
    }

    fn user(number: u128) -> Account {
        Account::User(UserId::from_u128(number))
    }

    #[test]
    fn an_account_is_limited_wherever_it_comes_from_and_others_are_not() {
        let limits = limits(2);
        limits.logins.check(HOME, user(1)).unwrap();
        limits.logins.check(OFFICE, user(1)).unwrap();
        let Err(Error::TooManyRequests(wait)) = limits.logins.check(HOME, user(1)) else { panic!("the third attempt passed") };
        assert!(wait.as_secs() <= 30 && !wait.is_zero());
        limits.logins.check(HOME, user(2)).unwrap();
        limits.searches.check(HOME, user(1)).unwrap();
    }

    #[test]
    fn an_address_is_limited_whatever_accounts_it_tries() {
        let limits = limits(2);
        for number in 0..8 {
            limits.logins.check(HOME, user(number)).unwrap();
        }
        assert!(limits.logins.check(HOME, user(9)).is_err());
        limits.logins.check(OFFICE, user(9)).unwrap();
    }

    #[test]
    fn what_is_refused_to_one_is_not_counted_against_others_at_the_same_address() {
        let limits = limits(2);
        for _ in 0..100 {
            let _ = limits.invitations.check(HOME, user(1));
        }
        limits.invitations.check(HOME, user(2)).unwrap();
    }

    #[test]
    fn a_limit_of_zero_is_no_limit() {
        let limits = limits(0);
        for _ in 0..1000 {
            limits.logins.check(HOME, user(1)).unwrap();
            limits.registrations.check_address(HOME).unwrap();
        }
    }

    #[test]
    fn a_crowd_beyond_the_memory_shares_one_limit() {
        let buckets: Buckets<u32> = Buckets::new(Quota::per_hour(NonZeroU32::MIN));
        for key in 0..u32::try_from(MAX_KEYS).unwrap() {
            buckets.check(key).unwrap();
        }
        buckets.check(u32::MAX).unwrap();
        assert!(buckets.check(u32::MAX - 1).is_err());
        assert!(buckets.limiter.len() <= MAX_KEYS + 1);
    }
}
