//! How much one account or one source may ask, and how large a request may be (draft-ietf-httpapi-ratelimit-headers).

use std::num::NonZeroU32;

use governor::clock::{Clock as _, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};

use crate::base::id::Id;

type Keyed<K> = RateLimiter<K, HashMapStateStore<K>, DefaultClock, StateInformationMiddleware>;

/// The bounds of a request.
pub struct Limits {
    /// Bytes of a body.
    pub body: usize,
    per_minute: u32,
    accounts: Keyed<Id>,
    sources: Keyed<String>,
    logins: Keyed<String>,
}

/// Where a caller stands within the limits after this request.
#[derive(Clone, Debug)]
pub struct Standing {
    pub quota: u32,
    pub left: u32,
    /// Seconds to wait, where the request is one too many.
    pub over: Option<u64>,
}

impl Limits {
    /// `per_minute` requests an account or source, `logins_per_minute` attempts a source.
    pub fn new(body: usize, per_minute: u32, logins_per_minute: u32) -> Self {
        let quota = |count: u32| Quota::per_minute(NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN));
        Self {
            body,
            per_minute,
            accounts: RateLimiter::hashmap(quota(per_minute)).with_middleware(),
            sources: RateLimiter::hashmap(quota(per_minute)).with_middleware(),
            logins: RateLimiter::hashmap(quota(logins_per_minute)).with_middleware(),
        }
    }

    pub fn of_account(&self, account: Id) -> Standing {
        self.standing(&self.accounts, &account)
    }

    pub fn of_source(&self, source: &str) -> Standing {
        self.standing(&self.sources, &source.to_owned())
    }

    /// Whether `source` may try one more password; seconds to wait otherwise.
    pub fn login(&self, source: &str) -> Result<(), u64> {
        self.standing(&self.logins, &source.to_owned()).over.map_or(Ok(()), Err)
    }

    /// Forgets those who have been quiet, so that the tables do not grow.
    pub fn tidy(&self) {
        self.accounts.retain_recent();
        self.sources.retain_recent();
        self.logins.retain_recent();
    }

    fn standing<K: Clone + std::hash::Hash + Eq>(&self, of: &Keyed<K>, key: &K) -> Standing {
        match of.check_key(key) {
            Ok(state) => Standing { quota: self.per_minute, left: state.remaining_burst_capacity(), over: None },
            Err(wait) => {
                let seconds = wait.wait_time_from(DefaultClock::default().now()).as_secs() + 1;
                Standing { quota: self.per_minute, left: 0, over: Some(seconds) }
            }
        }
    }
}

impl Standing {
    /// One caller of IPv6 has a /64 at least.
    pub fn source(address: &str) -> String {
        match address.parse::<std::net::IpAddr>() {
            Ok(std::net::IpAddr::V6(v6)) if v6.to_ipv4_mapped().is_none() => {
                let [a, b, c, d, ..] = v6.segments();
                format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
            }
            _ => address.to_owned(),
        }
    }
}
