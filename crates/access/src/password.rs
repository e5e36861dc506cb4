//! Passwords: Argon2id, and a queue in front of it that is bounded, because each hash costs memory and time.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use subtle::ConstantTimeEq as _;

use crate::breach::Breached;

/// Fewest characters of a password.
pub const PASSWORD_MIN: usize = 12;
/// Most bytes of a password.
pub const PASSWORD_MAX: usize = 256;

/// Why a password is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordFault {
    /// Too short.
    #[error("the password has fewer than {PASSWORD_MIN} characters")]
    Short,
    /// Too long.
    #[error("the password has more than {PASSWORD_MAX} bytes")]
    Long,
    /// It is the name, or holds it.
    #[error("the password holds the account's name")]
    Name,
    /// Known from a breach.
    #[error("the password is on the list of breached passwords")]
    Breached,
}

/// Checks a new password.
pub(crate) fn check(password: &str, name: &str, breached: &Breached) -> Result<(), PasswordFault> {
    if password.chars().count() < PASSWORD_MIN {
        return Err(PasswordFault::Short);
    }
    if password.len() > PASSWORD_MAX {
        return Err(PasswordFault::Long);
    }
    if name.chars().count() >= 3 && password.to_lowercase().contains(&name.to_lowercase()) {
        return Err(PasswordFault::Name);
    }
    if breached.has(password) {
        return Err(PasswordFault::Breached);
    }
    Ok(())
}

/// There are too many hashes to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Busy;

pub(crate) struct Hasher {
    params: Params,
    waiting: AtomicUsize,
    most: usize,
    /// One hash at a time: sign-ins must not take the machine from orders.
    turn: Mutex<()>,
    /// What an unknown account's password is compared with, so that it takes as long as a known one's.
    nobody: String,
}

/// Places in the queue that only known devices may take.
const RESERVED: usize = 8;

impl Hasher {
    pub(crate) fn new((memory, passes): (u32, u32), most: usize) -> Self {
        let params = Params::new(memory, passes, 1, Some(32)).expect("the cost is one of the options' own");
        let mut hasher =
            Self { params, waiting: AtomicUsize::new(0), most, turn: Mutex::new(()), nobody: String::new() };
        hasher.nobody = hasher.make("nobody has this password").unwrap_or_default();
        hasher
    }

    /// Hashes a new password: `argon2id$m$t$salt$hash`.
    pub(crate) fn make(&self, password: &str) -> Result<String, Busy> {
        let mut salt = [0; 16];
        getrandom::fill(&mut salt).expect("the system gives entropy; without it no password may be kept");
        let hash = self.queued(RESERVED, || raw(&self.params, password, &salt))?;
        Ok(format!(
            "argon2id${}${}${}${}",
            self.params.m_cost(),
            self.params.t_cost(),
            STANDARD_NO_PAD.encode(salt),
            STANDARD_NO_PAD.encode(hash)
        ))
    }

    /// Whether the password is the one behind `stored`; an account that does not exist takes as long.
    pub(crate) fn is(&self, stored: Option<&str>, password: &str, known_device: bool) -> Result<bool, Busy> {
        let (params, salt, hash) = parse(stored.unwrap_or(&self.nobody)).unwrap_or_else(|| {
            // A row that cannot be read lets nobody in.
            (self.params.clone(), vec![0; 16], vec![0; 32])
        });
        let extra = if known_device { RESERVED } else { 0 };
        let found = self.queued(extra, || raw(&params, password, &salt))?;
        Ok(bool::from(found[..].ct_eq(&hash[..])) && stored.is_some())
    }

    fn queued<T>(&self, extra: usize, work: impl FnOnce() -> T) -> Result<T, Busy> {
        if self.waiting.fetch_add(1, Ordering::AcqRel) >= self.most + extra {
            self.waiting.fetch_sub(1, Ordering::AcqRel);
            return Err(Busy);
        }
        let turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let done = work();
        drop(turn);
        self.waiting.fetch_sub(1, Ordering::AcqRel);
        Ok(done)
    }
}

fn raw(params: &Params, password: &str, salt: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone())
        .hash_password_into(password.as_bytes(), salt, &mut out)
        .expect("salt and output have lengths Argon2 takes");
    out
}

fn parse(stored: &str) -> Option<(Params, Vec<u8>, Vec<u8>)> {
    let mut parts = stored.split('$');
    if parts.next()? != "argon2id" {
        return None;
    }
    let (memory, passes) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let salt = STANDARD_NO_PAD.decode(parts.next()?).ok()?;
    let hash = STANDARD_NO_PAD.decode(parts.next()?).ok()?;
    Some((Params::new(memory, passes, 1, Some(32)).ok()?, salt, hash))
}

#[cfg(test)]
mod tests {
    use super::{Busy, Hasher, PasswordFault, check};
    use crate::breach::Breached;

    #[test]
    fn a_password_opens_its_own_account_and_no_other() {
        let hasher = Hasher::new((64, 1), 4);
        let stored = hasher.make("correct horse battery").unwrap();
        assert!(!stored.contains("horse"));
        assert_eq!(hasher.is(Some(&stored), "correct horse battery", false), Ok(true));
        assert_eq!(hasher.is(Some(&stored), "correct horse batterz", false), Ok(false));
        assert_eq!(hasher.is(None, "nobody has this password", false), Ok(false));
        let full = Hasher::new((64, 1), 0);
        assert_eq!(full.is(None, "x", false), Err(Busy));
        assert_eq!(full.is(None, "x", true), Ok(false), "known devices have places of their own");
    }

    #[test]
    fn weak_passwords_are_refused() {
        let list = Breached::Plain(["password123456".to_owned()].into());
        assert_eq!(check("short", "jo", &list), Err(PasswordFault::Short));
        assert_eq!(check("my name is Marie ok", "marie", &list), Err(PasswordFault::Name));
        assert_eq!(check("Password123456", "jo", &list), Err(PasswordFault::Breached));
        assert_eq!(check(&"x".repeat(257), "jo", &list), Err(PasswordFault::Long));
        assert_eq!(check("열두 글자가 넘는 한국어 암호", "jo", &list), Ok(()));
    }
}
