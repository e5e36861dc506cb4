//! Signing in, and proving it again before a dangerous act.

use rusqlite::params;

use crate::audit::append;
use crate::password::Busy;
use crate::right::Principal;
use crate::store::{Access, AccessError, digest, secret};
use crate::user::UserInfo;

/// What somebody gives to sign in.
#[derive(Clone)]
pub struct Attempt {
    /// Name of the account.
    pub name: String,
    /// Password.
    pub password: String,
    /// Code of the second factor.
    pub code: Option<String>,
    /// Address it comes from.
    pub address: String,
    /// Secret of a device that has signed in before, from its cookie.
    pub device: Option<String>,
}

impl core::fmt::Debug for Attempt {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Attempt(…)")
    }
}

/// A session that has begun.
pub struct SignedIn {
    /// Secret of the session, for its cookie.
    pub session: String,
    /// Secret of the device, for its cookie, if it was not known.
    pub device: Option<String>,
    /// Who.
    pub principal: Principal,
}

/// Why somebody is not let in.
#[derive(Debug, thiserror::Error)]
pub enum Denied {
    /// Too many guesses: come back after so many milliseconds. Nothing was hashed.
    #[error("too many attempts: try again in {} s", .retry_ms / 1000 + 1)]
    Throttled {
        /// After so long.
        retry_ms: i64,
    },
    /// Too many sign-ins at once.
    #[error("too many sign-ins at once: try again in a moment")]
    Busy,
    /// Name, password or code is wrong; which of them is not told.
    #[error("name, password or code is wrong")]
    Wrong,
    /// The password is right; the code of the second factor is missing.
    #[error("the code of the second factor is needed")]
    CodeNeeded,
    /// The file failed.
    #[error(transparent)]
    Access(#[from] AccessError),
}

impl From<Busy> for Denied {
    fn from(_: Busy) -> Self {
        Self::Busy
    }
}

impl From<rusqlite::Error> for Denied {
    fn from(error: rusqlite::Error) -> Self {
        Self::Access(error.into())
    }
}

/// Longest name that is looked up, and longest password that is hashed: what is longer is wrong without a look.
const INPUT_MAX: usize = 1_024;

impl Access {
    /// Signs somebody in. Guesses are counted before anything is hashed.
    ///
    /// # Errors
    /// [`Denied`].
    pub fn sign_in(&self, attempt: &Attempt, now: i64) -> Result<SignedIn, Denied> {
        if attempt.name.len() > INPUT_MAX || attempt.password.len() > INPUT_MAX {
            return Err(Denied::Wrong);
        }
        let found = self.user_named(&attempt.name)?;
        let known_device = match (&found, &attempt.device) {
            (Some((user, _)), Some(device)) => self.is_device(user.id, device)?,
            _ => false,
        };
        let user = self.prove(attempt, found, known_device, now)?;
        let device = (!known_device).then(secret);
        let mut db = self.db();
        let transaction = db.transaction()?;
        if let Some(device) = &device {
            transaction.execute(
                "INSERT INTO devices VALUES (?1, ?2, ?3)",
                params![&digest(device)[..], user.id, now],
            )?;
        }
        append(&transaction, now, "signed-in", &format!("user:{}", user.id), &attempt.address)?;
        transaction.commit()?;
        drop(db);
        let (session, principal) =
            self.session_begin(principal(&user), user.id, now)?.ok_or(Denied::Wrong)?;
        Ok(SignedIn { session, device, principal })
    }

    /// Proves again who holds a session, and gives it a new secret.
    ///
    /// # Errors
    /// [`Denied`].
    pub fn prove_again(&self, token: &str, attempt: &Attempt, now: i64) -> Result<SignedIn, Denied> {
        let Some(holder) = self.session(token, now) else { return Err(Denied::Wrong) };
        let found = self.user_named(&holder.name)?;
        let attempt = Attempt { name: holder.name.clone(), device: None, ..attempt.clone() };
        // Whoever holds a session is on a device that has signed in. Its guesses are counted by the account: a cookie
        // that says another device with each guess is no other device.
        let user = self.prove(&attempt, found, true, now)?;
        self.session_end(token)?;
        let (session, principal) =
            self.session_begin(principal(&user), user.id, now)?.ok_or(Denied::Wrong)?;
        Ok(SignedIn { session, device: None, principal })
    }

    fn prove(
        &self,
        attempt: &Attempt,
        found: Option<(UserInfo, String)>,
        known_device: bool,
        now: i64,
    ) -> Result<UserInfo, Denied> {
        let throttled = if known_device {
            let device = attempt.device.as_deref().unwrap_or(&attempt.name);
            self.throttle.known_device(&format!("{:?}", &digest(device)[..8]), now)
        } else {
            self.throttle.stranger(&attempt.name, &attempt.address, now)
        };
        throttled.map_err(|retry_ms| Denied::Throttled { retry_ms })?;
        let stored = found.as_ref().map(|(_, stored)| stored.as_str());
        let right = self.hasher.is(stored, &attempt.password, known_device)?;
        let who =
            found.as_ref().map_or_else(|| "unknown".to_owned(), |(user, _)| format!("user:{}", user.id));
        let wrong = |why: &str| -> Result<UserInfo, Denied> {
            self.audit(now, "sign-in-refused", &who, &format!("{} {why}", attempt.address))?;
            Err(Denied::Wrong)
        };
        let Some((user, _)) = found else { return wrong("name") };
        if !right || user.disabled {
            return wrong(if right { "disabled" } else { "password" });
        }
        match self.totp_take(user.id, attempt.code.as_deref(), now)? {
            None | Some(true) => Ok(user),
            Some(false) if attempt.code.is_none() => Err(Denied::CodeNeeded),
            Some(false) => wrong("code"),
        }
    }

    fn is_device(&self, user: i64, device: &str) -> Result<bool, AccessError> {
        let count: i64 = self.db().query_row(
            "SELECT count(*) FROM devices WHERE hash = ?1 AND user = ?2",
            params![&digest(device)[..], user],
            |row| row.get(0),
        )?;
        Ok(count > 0)
    }
}

fn principal(user: &UserInfo) -> Principal {
    Principal {
        actor: format!("user:{}", user.id),
        name: user.name.clone(),
        role: user.role,
        rights: user.role.rights(),
        merchant: user.merchant.clone(),
        proved: None,
        csrf: None,
        second_factor: user.second_factor,
    }
}
