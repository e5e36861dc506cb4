//! The second factor: one-time passwords by time (RFC 6238), each used once.

use rusqlite::params;
use totp_rs::{Builder, Totp};

use crate::audit::append;
use crate::key::none;
use crate::store::{Access, AccessError};

/// Bytes of a secret: what RFC 4226 recommends.
const SECRET: usize = 20;

pub(crate) fn of(secret: &[u8]) -> Option<Totp> {
    Builder::new().with_secret(secret.to_vec()).build().ok()
}

/// The step a code belongs to; `None` if it is wrong at `now`.
pub(crate) fn step(secret: &[u8], code: &str, now: i64) -> Option<i64> {
    let seconds = u64::try_from(now / 1000).ok()?;
    of(secret)?.check(code.trim(), seconds).and_then(|step| i64::try_from(step).ok())
}

impl Access {
    /// A fresh secret for an authenticator, as an `otpauth` address. It counts once [`Access::totp_confirm`] has
    /// seen a code of it.
    #[must_use]
    pub fn totp_offer(&self, name: &str) -> (Vec<u8>, String) {
        let mut secret = vec![0; SECRET];
        getrandom::fill(&mut secret).expect("the system gives entropy; without it no secret may be made");
        let address = self.totp_address(name, &secret);
        (secret, address)
    }

    /// The address by which an authenticator takes a secret in.
    #[must_use]
    pub fn totp_address(&self, name: &str, secret: &[u8]) -> String {
        let label: String = name
            .bytes()
            .map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") })
            .collect();
        format!("otpauth://totp/Holdfast:{label}?secret={}&issuer=Holdfast", base32(secret))
    }

    /// Sets up the second factor once a code of it is right; `false` if it is not.
    ///
    /// # Errors
    /// [`AccessError`].
    pub fn totp_confirm(&self, user: i64, secret: &[u8], code: &str, now: i64) -> Result<bool, AccessError> {
        let Some(used) = step(secret, code, now) else { return Ok(false) };
        let mut db = self.db();
        let transaction = db.transaction()?;
        transaction.execute(
            "UPDATE users SET totp = ?2, totp_used = ?3 WHERE id = ?1",
            params![user, secret, used],
        )?;
        append(&transaction, now, "second-factor-set", &format!("user:{user}"), "")?;
        transaction.commit()?;
        drop(db);
        self.second_factor_set(user);
        Ok(true)
    }

    /// Whether the code is right and was not used before; an account without a second factor needs none.
    pub(crate) fn totp_take(
        &self,
        user: i64,
        code: Option<&str>,
        now: i64,
    ) -> Result<Option<bool>, AccessError> {
        let db = self.db();
        let found: Option<(Option<Vec<u8>>, i64)> = db
            .query_row("SELECT totp, totp_used FROM users WHERE id = ?1", [user], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .map(Some)
            .or_else(none)?;
        let Some((Some(secret), last)) = found else { return Ok(None) };
        let Some(step) = code.and_then(|code| step(&secret, code, now)).filter(|step| *step > last) else {
            return Ok(Some(false));
        };
        let taken = db.execute(
            "UPDATE users SET totp_used = ?2 WHERE id = ?1 AND totp_used < ?2",
            params![user, step],
        )?;
        Ok(Some(taken == 1))
    }
}

/// RFC 4648, without padding, as authenticators read it.
fn base32(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let (mut out, mut bits, mut count) = (String::new(), 0_u32, 0);
    for byte in bytes {
        (bits, count) = (bits << 8 | u32::from(*byte), count + 8);
        while count >= 5 {
            count -= 5;
            out.push(char::from(LETTERS[(bits >> count & 31) as usize]));
        }
    }
    if count > 0 {
        out.push(char::from(LETTERS[(bits << (5 - count) & 31) as usize]));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{base32, step};

    #[test]
    fn codes_are_those_of_the_standard() {
        // RFC 6238, appendix B, at 59 s, its last six digits.
        assert_eq!(step(b"12345678901234567890", "287082", 59_000), Some(1));
        assert_eq!(step(b"12345678901234567890", "287083", 59_000), None);
        assert_eq!(base32(b"foobar"), "MZXW6YTBOI");
    }
}
