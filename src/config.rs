//! Configuration: environment variables, or the same keys in a TOML file; a key that is not known is an error.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

use crate::policy::token::KeyKind;

/// One key: its name in the environment, its default, what it means.
pub struct Key {
    pub name: &'static str,
    pub default: Option<&'static str>,
    pub meaning: &'static str,
}

/// Every key there is; `docs/operations.md` is compared with it by a test.
pub const KEYS: &[Key] = &[
    Key {
        name: "DATABASE_URL",
        default: Some("sqlite:lianxi.db"),
        meaning: "sqlite:PATH or postgresql://USER:PASSWORD@HOST/DATABASE",
    },
    Key {
        name: "LIANXI_SECRET",
        default: None,
        meaning: "at least 32 characters; seals personal data and signing keys, so it must outlive backups",
    },
    Key {
        name: "LIANXI_LISTEN",
        default: Some("127.0.0.1:8080"),
        meaning: "address and port to serve on; port 0 takes a free one",
    },
    Key { name: "LIANXI_WORKERS", default: Some("0"), meaning: "worker threads; 0: one a processor" },
    Key { name: "LIANXI_CONNECTIONS", default: Some("8"), meaning: "database connections of one instance, 1 to 200" },
    Key {
        name: "LIANXI_CONNECTION_WAIT_MS",
        default: Some("2000"),
        meaning: "how long a request waits for a connection before 503, 100 to 10000",
    },
    Key { name: "LIANXI_BODY_BYTES", default: Some("262144"), meaning: "largest request body, 1024 to 16777216" },
    Key {
        name: "LIANXI_REQUESTS_PER_MINUTE",
        default: Some("1200"),
        meaning: "requests of one account, or of one source without a token",
    },
    Key { name: "LIANXI_LOGINS_PER_MINUTE", default: Some("60"), meaning: "login attempts of one source" },
    Key {
        name: "LIANXI_CORS_ORIGINS",
        default: Some(""),
        meaning: "origins that browsers may call from, separated by commas; exact, no wildcard",
    },
    Key {
        name: "LIANXI_TRUSTED_PROXIES",
        default: Some(""),
        meaning: "addresses of proxies whose X-Forwarded-For is believed, separated by commas",
    },
    Key { name: "LIANXI_TOKEN_ALGORITHM", default: Some("ES256"), meaning: "ES256 or EdDSA, for keys made from now on" },
    Key { name: "LIANXI_ACCESS_MINUTES", default: Some("15"), meaning: "life of an access token, 1 to 15" },
    Key { name: "LIANXI_REFRESH_HOURS", default: Some("12"), meaning: "idle time after which a session ends, 1 to 720" },
    Key {
        name: "LIANXI_PROFILE",
        default: Some("default"),
        meaning: "default, or dengbao-3: passwords as GB/T 22239 level three asks",
    },
    Key { name: "LIANXI_LOG", default: Some("info"), meaning: "what is logged, in the syntax of tracing's EnvFilter" },
];

/// How passwords must be made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Profile {
    #[default]
    Default,
    /// Three of four kinds of characters (GB/T 22239-2019, level three).
    Dengbao3,
}

/// What an instance runs with.
#[derive(Clone, Debug)]
pub struct Config {
    pub database_url: String,
    pub secret: String,
    pub listen: String,
    pub workers: usize,
    pub connections: u32,
    pub connection_wait: Duration,
    pub body_bytes: usize,
    pub requests_per_minute: u32,
    pub logins_per_minute: u32,
    pub cors_origins: Vec<String>,
    pub trusted_proxies: Vec<IpAddr>,
    pub token_algorithm: KeyKind,
    pub access_minutes: i64,
    pub refresh_hours: i64,
    pub profile: Profile,
    pub log: String,
}

impl Config {
    /// The file's keys, overridden by the environment's. All faults are told at once.
    pub fn load(file: Option<&Path>, environment: impl Iterator<Item = (String, String)>) -> Result<Self, String> {
        let mut given = BTreeMap::new();
        let mut faults = Vec::new();
        if let Some(file) = file {
            let text = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
            let table: toml::Table = text.parse().map_err(|error| format!("{}: {error}", file.display()))?;
            for (name, value) in table {
                let text = match value {
                    toml::Value::String(text) => Some(text),
                    toml::Value::Integer(number) => Some(number.to_string()),
                    _ => None,
                };
                match text {
                    Some(text) => drop(given.insert(name, text)),
                    None => faults.push(format!("{name}: a text or a whole number")),
                }
            }
        }
        for (name, value) in environment.filter(|(name, _)| name.starts_with("LIANXI_") || name == "DATABASE_URL") {
            given.insert(name, value);
        }
        // Read by the tests and by scripts, never by the service.
        given.retain(|name, _| !matches!(name.as_str(), "LIANXI_MESSAGES" | "LIANXI_CONFIG"));
        for name in given.keys().filter(|name| !KEYS.iter().any(|key| key.name == **name)) {
            faults.push(format!("{name}: no such key"));
        }
        let config = Self::read(&given, &mut faults);
        if faults.is_empty() { Ok(config) } else { Err(faults.join("\n")) }
    }

    fn read(given: &BTreeMap<String, String>, faults: &mut Vec<String>) -> Self {
        let mut read = Reader { given, faults };
        let secret = read.text("LIANXI_SECRET");
        if secret.chars().count() < 32 {
            read.faults.push("LIANXI_SECRET: missing, or shorter than 32 characters".to_owned());
        }
        let algorithm = match read.text("LIANXI_TOKEN_ALGORITHM").as_str() {
            "EdDSA" => KeyKind::EdDsa,
            "ES256" => KeyKind::Es256,
            _ => {
                read.faults.push("LIANXI_TOKEN_ALGORITHM: ES256 or EdDSA".to_owned());
                KeyKind::Es256
            }
        };
        let profile = match read.text("LIANXI_PROFILE").as_str() {
            "default" => Profile::Default,
            "dengbao-3" => Profile::Dengbao3,
            _ => {
                read.faults.push("LIANXI_PROFILE: default or dengbao-3".to_owned());
                Profile::Default
            }
        };
        let mut trusted_proxies = Vec::new();
        for address in read.list("LIANXI_TRUSTED_PROXIES") {
            match address.parse::<IpAddr>() {
                Ok(address) => trusted_proxies.push(address.to_canonical()),
                Err(_) => read.faults.push(format!("LIANXI_TRUSTED_PROXIES: {address} is no address")),
            }
        }
        let cors_origins = read.list("LIANXI_CORS_ORIGINS");
        if cors_origins
            .iter()
            .any(|origin| !(origin.starts_with("https://") || origin.starts_with("http://")) || origin.contains('*'))
        {
            read.faults.push("LIANXI_CORS_ORIGINS: exact origins like https://lianxi.example.cn".to_owned());
        }
        let database_url = read.text("DATABASE_URL");
        if let Err(fault) = crate::db::engine::Place::parse(&database_url) {
            read.faults.push(fault);
        }
        Self {
            database_url,
            secret,
            listen: read.text("LIANXI_LISTEN"),
            workers: read.number("LIANXI_WORKERS", 0, 256) as usize,
            connections: read.number("LIANXI_CONNECTIONS", 1, 200) as u32,
            connection_wait: Duration::from_millis(read.number("LIANXI_CONNECTION_WAIT_MS", 100, 10_000)),
            body_bytes: read.number("LIANXI_BODY_BYTES", 1024, 16 * 1024 * 1024) as usize,
            requests_per_minute: read.number("LIANXI_REQUESTS_PER_MINUTE", 1, 100_000_000) as u32,
            logins_per_minute: read.number("LIANXI_LOGINS_PER_MINUTE", 1, 100_000_000) as u32,
            cors_origins,
            trusted_proxies,
            token_algorithm: algorithm,
            access_minutes: read.number("LIANXI_ACCESS_MINUTES", 1, 15) as i64,
            refresh_hours: read.number("LIANXI_REFRESH_HOURS", 1, 720) as i64,
            profile,
            log: read.text("LIANXI_LOG"),
        }
    }
}

struct Reader<'a> {
    given: &'a BTreeMap<String, String>,
    faults: &'a mut Vec<String>,
}

impl Reader<'_> {
    fn text(&self, name: &str) -> String {
        let default = KEYS.iter().find(|key| key.name == name).and_then(|key| key.default).unwrap_or_default();
        self.given.get(name).map_or(default, String::as_str).trim().to_owned()
    }

    fn number(&mut self, name: &str, least: u64, most: u64) -> u64 {
        match self.text(name).parse() {
            Ok(number) if (least..=most).contains(&number) => number,
            _ => {
                self.faults.push(format!("{name}: a whole number from {least} to {most}"));
                least
            }
        }
    }

    fn list(&self, name: &str) -> Vec<String> {
        self.text(name).split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(pairs: &[(&str, &str)]) -> Result<Config, String> {
        Config::load(None, pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
    }

    #[test]
    fn a_secret_is_enough_and_nothing_starts_without_one() {
        let secret = ("LIANXI_SECRET", "0123456789abcdef0123456789abcdef");
        assert!(load(&[secret]).is_ok());
        let fault = load(&[]).expect_err("no secret");
        assert!(fault.contains("LIANXI_SECRET"), "{fault}");
    }

    #[test]
    fn bad_keys_and_values_are_told_all_at_once() {
        let fault = load(&[
            ("LIANXI_SECRET", "short"),
            ("LIANXI_LISTNE", "127.0.0.1:1"),
            ("LIANXI_CONNECTIONS", "many"),
            ("DATABASE_URL", "host=127.0.0.1 port=5432"),
            ("LIANXI_CORS_ORIGINS", "*"),
        ])
        .expect_err("faults");
        for name in ["LIANXI_SECRET", "LIANXI_LISTNE", "LIANXI_CONNECTIONS", "DATABASE_URL", "LIANXI_CORS_ORIGINS"] {
            assert!(fault.contains(name), "{name} is missing in: {fault}");
        }
    }
}
