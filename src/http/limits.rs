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
    accounts: Keyed<Id>,
    sources: Keyed<String>,
    logins: Keyed<String>,
}

/// Where a caller stands within the limits after this request.
#[derive(Clone, Debug)]
pub struct Standing {
    /// Which limit it is, as the headers name it.
    pub policy: &'static str,
    pub quota: u32,
    pub left: u32,
    /// Seconds until the quota is whole again, or until one more is allowed where none is left.
    pub reset: u64,
    /// The request is one too many.
    pub is_over: bool,
}

impl Limits {
    /// `per_minute` requests an account or source, `logins_per_minute` attempts a source.
    pub fn new(body: usize, per_minute: u32, logins_per_minute: u32) -> Self {
        let quota = |count: u32| Quota::per_minute(NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN));
        Self {
            body,
            accounts: RateLimiter::hashmap(quota(per_minute)).with_middleware(),
            sources: RateLimiter::hashmap(quota(per_minute)).with_middleware(),
            logins: RateLimiter::hashmap(quota(logins_per_minute)).with_middleware(),
        }
    }

    pub fn of_account(&self, account: Id) -> Standing {
        Self::standing("default", &self.accounts, &account)
    }

    pub fn of_source(&self, source: &str) -> Standing {
        Self::standing("default", &self.sources, &source.to_owned())
    }

    /// Of a source that tries one more password.
    pub fn of_login(&self, source: &str) -> Standing {
        Self::standing("login", &self.logins, &source.to_owned())
    }

    /// Forgets those who have been quiet, so that the tables do not grow.
    pub fn tidy(&self) {
        self.accounts.retain_recent();
        self.sources.retain_recent();
        self.logins.retain_recent();
    }

    fn standing<K: Clone + std::hash::Hash + Eq>(policy: &'static str, of: &Keyed<K>, key: &K) -> Standing {
        match of.check_key(key) {
            Ok(state) => {
                let (quota, left) = (state.quota().burst_size().get(), state.remaining_burst_capacity());
                let reset = (u64::from(quota - left) * 60).div_ceil(u64::from(quota));
                Standing { policy, quota, left, reset, is_over: false }
            }
            Err(wait) => {
                let reset = wait.wait_time_from(DefaultClock::default().now()).as_secs() + 1;
                Standing { policy, quota: wait.quota().burst_size().get(), left: 0, reset, is_over: true }
            }
        }
    }
}

impl Standing {
    /// One caller of IPv6 has a /64 at least.
    pub fn source(address: &str) -> String {
        match address.parse::<std::net::IpAddr>() {
            Ok(std::net::IpAddr::V6(v6)) => {
                let [a, b, c, d, ..] = v6.segments();
                format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
            }
            _ => address.to_owned(),
        }
    }
}
