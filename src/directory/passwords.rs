//! Passwords: Argon2id (RFC 9106), length before composition (OWASP ASVS 5.0), composition where GB/T 22239 asks for it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use argon2::password_hash::rand_core::OsRng;
use argon2::password_hash::{self, Output, ParamsString, PasswordHash, Salt, SaltString};
use argon2::{ARGON2ID_IDENT, Algorithm, Argon2, Block, Params, Version};
use rand::Rng;

use crate::base::problem::{Fault, Maybe, Problem, say};
use crate::config::Profile;

/// At least eight characters, at most 128.
pub const SHORTEST: usize = 8;
pub const LONGEST: usize = 128;

/// Passwords that are tried first everywhere, one a line.
const COMMON: &str = include_str!("common_passwords.txt");

static VERIFICATIONS: AtomicU64 = AtomicU64::new(0);

/// Memory that no hash is made in just now: as much as was ever needed at once. Left to the allocator every thread would keep
/// some of its own.
static SPARE: Mutex<Vec<Vec<Block>>> = Mutex::new(Vec::new());

fn spare() -> std::sync::MutexGuard<'static, Vec<Vec<Block>>> {
    SPARE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// 19 MiB, two passes, one lane: OWASP's first recommendation.
fn params() -> Params {
    Params::new(19 * 1024, 2, 1, None).unwrap_or_default()
}

fn computed(password: &str, salt: Salt<'_>, params: Params) -> password_hash::Result<Output> {
    let mut bytes = [0; Salt::MAX_LENGTH];
    let salt = salt.decode_b64(&mut bytes)?;
    let mut memory = spare().pop().unwrap_or_default();
    memory.resize(params.block_count(), Block::default());
    let length = params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN);
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let made =
        Output::init_with(length, |out| Ok(argon2.hash_password_into_with_memory(password.as_bytes(), salt, out, &mut memory)?));
    spare().push(memory);
    made
}

/// A fresh hash, in PHC form.
pub fn hash(password: &str) -> Maybe<String> {
    let salt = SaltString::generate(&mut OsRng);
    let made = || {
        Ok::<_, password_hash::Error>(PasswordHash {
            algorithm: ARGON2ID_IDENT,
            version: Some(Version::V0x13.into()),
            params: ParamsString::try_from(&params())?,
            salt: Some(salt.as_salt()),
            hash: Some(computed(password, salt.as_salt(), params())?),
        })
    };
    Ok(made().map_err(Problem::internal)?.to_string())
}

/// Whether `password` makes the same hash as the one that stands there. Outputs are compared in constant time.
fn verifies(password: &str, hash: &PasswordHash<'_>) -> bool {
    let (Some(salt), Some(output)) = (hash.salt, hash.hash) else { return false };
    let params = Params::try_from(hash).ok().filter(|_| hash.algorithm == ARGON2ID_IDENT);
    params.is_some_and(|params| computed(password, salt, params).is_ok_and(|made| made == output))
}

/// Whether `password` is the one behind `hash`. Without a hash it costs the same and is never right, so that nobody learns by
/// time whether an account exists.
pub fn is_right(password: &str, hash: Option<&str>) -> bool {
    static NOBODY: OnceLock<String> = OnceLock::new();
    let nobody = NOBODY.get_or_init(|| self::hash(&one_time()).unwrap_or_default());
    let parsed = PasswordHash::new(hash.unwrap_or(nobody));
    VERIFICATIONS.fetch_add(1, Ordering::Relaxed);
    let matches = parsed.is_ok_and(|parsed| verifies(password, &parsed));
    matches && hash.is_some()
}

/// How many verifications this process has done: a test counts one for every way a login can go.
pub fn verifications() -> u64 {
    VERIFICATIONS.load(Ordering::Relaxed)
}

/// A password for one login, to be changed at it: 20 characters without those that look alike.
pub fn one_time() -> String {
    const LETTERS: &[u8] = b"abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    let mut random = rand::rngs::OsRng;
    let word = |random: &mut rand::rngs::OsRng| -> String {
        (0..5).map(|_| char::from(LETTERS[random.gen_range(0..LETTERS.len())])).collect()
    };
    let words: Vec<String> = (0..4).map(|_| word(&mut random)).collect();
    words.join("-")
}

/// Every rule that a new password breaks, at `pointer`.
pub fn check_rules(profile: Profile, account: &str, password: &str, pointer: &str) -> Maybe<()> {
    let mut faults = Vec::new();
    let mut fault = |code: &str, say| faults.push(Fault::new(pointer, code, say));
    let length = password.chars().count();
    if length < SHORTEST {
        fault("too_short", say(format!("至少 {SHORTEST} 个字符"), format!("at least {SHORTEST} characters")));
    }
    if length > LONGEST {
        fault("too_long", say(format!("至多 {LONGEST} 个字符"), format!("at most {LONGEST} characters")));
    }
    let lower = password.to_lowercase();
    let is_account = !account.is_empty() && (lower.contains(&account.to_lowercase()) || account.to_lowercase().contains(&lower));
    if is_account || COMMON.lines().any(|common| common == lower) {
        fault("common_password", say("过于常见，或与账号相近", "too common, or too close to the account's name"));
    }
    let kinds = [char::is_lowercase as fn(char) -> bool, char::is_uppercase, |c| c.is_ascii_digit(), |c| !c.is_alphanumeric()];
    let used = kinds.iter().filter(|kind| password.chars().any(**kind)).count();
    if profile == Profile::Dengbao3 && used < 3 {
        fault("composition", say("须含大写、小写、数字、符号中的三种", "three of upper case, lower case, digits and signs"));
    }
    if faults.is_empty() { Ok(()) } else { Err(Problem::invalid(faults)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_verifies_its_password_only() {
        let hash = hash("correct horse battery").expect("a hash");
        assert!(hash.starts_with("$argon2id$"));
        assert!(is_right("correct horse battery", Some(&hash)));
        assert!(!is_right("correct horse batterz", Some(&hash)));
        assert!(!is_right("correct horse battery", None));
    }

    #[test]
    fn a_hash_of_before_is_known_and_its_memory_is_lent_again() {
        use argon2::PasswordHasher as _;
        let salt = SaltString::generate(&mut OsRng);
        let other = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(64, 3, 2, Some(24)).expect("parameters"));
        let known = other.hash_password(b"correct horse battery", &salt).expect("a hash").to_string();
        for _ in 0..10 {
            let known = known.clone();
            let right = std::thread::spawn(move || is_right("correct horse battery", Some(&known)));
            assert!(right.join().expect("a thread"));
        }
        assert!(!is_right("correct horse batterz", Some(&known)));
        assert!(spare().len() <= 3, "no more than tests run at once: {}", spare().len());
    }

    #[test]
    fn rules_name_what_is_broken() {
        let codes = |profile, password: &str| {
            check_rules(profile, "member-1", password, "/new_password")
                .map_or_else(|p| p.faults.iter().map(|f| f.code.clone()).collect(), |()| Vec::new())
        };
        assert_eq!(codes(Profile::Default, "short"), ["too_short"]);
        assert_eq!(codes(Profile::Default, "password123"), ["common_password"]);
        assert_eq!(codes(Profile::Default, "Member-1-2026"), ["common_password"]);
        assert!(codes(Profile::Default, "斑马线前停一停").is_empty() || codes(Profile::Default, "斑马线前停一停") == ["too_short"]);
        assert_eq!(codes(Profile::Dengbao3, "onlylowercase"), ["composition"]);
        assert!(codes(Profile::Dengbao3, "Lower-and-upper").is_empty());
        assert!(codes(Profile::Default, &one_time()).is_empty());
    }
}
