//! One-time links: the first admin's, and those an admin gives to make an account or a new password.

use rusqlite::params;

use crate::audit::append;
use crate::key::none;
use crate::password::{PasswordFault, check};
use crate::right::Role;
use crate::store::{Access, AccessError, digest, secret};

/// Longest name of an account in bytes.
const NAME_MAX: usize = 100;

/// Why a link was not redeemed.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// Unknown, used or too old.
    #[error("the link is unknown, was used, or is too old: ask for another one")]
    Gone,
    /// The password is not taken.
    #[error(transparent)]
    Password(#[from] PasswordFault),
    /// The name is taken or not one.
    #[error("{0}")]
    Name(&'static str),
    /// Too many passwords are being hashed.
    #[error("too many sign-ins at once: try again in a moment")]
    Busy,
    /// The file failed.
    #[error(transparent)]
    Access(#[from] AccessError),
}

impl From<rusqlite::Error> for LinkError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Access(error.into())
    }
}

/// The account a link makes, or gives a new password to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAccount {
    /// What it is.
    pub role: Role,
    /// The only merchant it may see.
    pub merchant: Option<String>,
    /// The account, if it exists.
    pub user: Option<i64>,
}

impl Access {
    /// A fresh link for the first admin, if there is none yet; links given before end.
    ///
    /// # Errors
    /// [`AccessError`].
    pub fn setup_link(&self, now: i64) -> Result<Option<String>, AccessError> {
        let mut db = self.db();
        let transaction = db.transaction()?;
        let admins: i64 =
            transaction.query_row("SELECT count(*) FROM users WHERE role = 'admin'", [], |row| row.get(0))?;
        if admins > 0 {
            return Ok(None);
        }
        transaction.execute("DELETE FROM links WHERE role = 'admin' AND user IS NULL", [])?;
        let token = secret();
        transaction.execute(
            "INSERT INTO links VALUES (?1, 'admin', NULL, NULL, ?2)",
            params![&digest(&token)[..], now + self.options.link_ms],
        )?;
        append(&transaction, now, "setup-link-made", "system", "")?;
        transaction.commit()?;
        Ok(Some(token))
    }

    /// A link that makes an account, or gives `user` a new password.
    ///
    /// # Errors
    /// [`AccessError`]; a merchant's account must name its merchant.
    pub fn invite(&self, account: &NewAccount, by: &str, now: i64) -> Result<String, AccessError> {
        if (account.role == Role::Merchant) != account.merchant.is_some() {
            return Err(AccessError::Account(
                "a merchant's account names its merchant, and no other account does",
            ));
        }
        let token = secret();
        let mut db = self.db();
        let transaction = db.transaction()?;
        transaction.execute("DELETE FROM links WHERE expires < ?1", [now])?;
        transaction.execute(
            "INSERT INTO links VALUES (?1, ?2, ?3, ?4, ?5)",
            params![
                &digest(&token)[..],
                account.role.word(),
                account.merchant,
                account.user,
                now + self.options.link_ms
            ],
        )?;
        let detail = match account.user {
            Some(user) => format!("user:{user}"),
            None => account.role.word().to_owned(),
        };
        append(&transaction, now, "link-made", by, &detail)?;
        transaction.commit()?;
        Ok(token)
    }

    /// What a link is for; `None` for one that is unknown, used or too old.
    ///
    /// # Errors
    /// [`AccessError`].
    pub fn link(&self, token: &str, now: i64) -> Result<Option<NewAccount>, AccessError> {
        let found = self
            .db()
            .query_row(
                "SELECT role, merchant, user FROM links WHERE hash = ?1 AND expires >= ?2",
                params![&digest(token)[..], now],
                |row| Ok((row.get::<_, String>(0)?, row.get(1)?, row.get(2)?)),
            )
            .map(Some)
            .or_else(none)?;
        Ok(found.and_then(|(role, merchant, user)| {
            Some(NewAccount { role: Role::from_word(&role)?, merchant, user })
        }))
    }

    /// Redeems a link: makes the account, or gives it its new password and ends its sessions. The link is used up.
    ///
    /// # Errors
    /// [`LinkError`]; then the link still works, unless it is gone.
    pub fn redeem(&self, token: &str, name: &str, password: &str, now: i64) -> Result<i64, LinkError> {
        let Some(account) = self.link(token, now)? else { return Err(LinkError::Gone) };
        let known = match account.user {
            Some(user) => self.user(user)?.map(|user| user.name),
            None => None,
        };
        let name = known.as_deref().unwrap_or(name).trim();
        if name.is_empty() || name.len() > NAME_MAX || name.chars().any(char::is_control) {
            return Err(LinkError::Name("the name is empty, too long, or holds control characters"));
        }
        check(password, name, &self.breached)?;
        let stored = self.hasher.make(password).map_err(|_| LinkError::Busy)?;
        let mut db = self.db();
        let transaction = db.transaction()?;
        // Used up in the same transaction: two at once cannot both redeem it.
        let used = transaction.execute("DELETE FROM links WHERE hash = ?1", [&digest(token)[..]])?;
        if used == 0 {
            return Err(LinkError::Gone);
        }
        let user = match account.user {
            Some(user) => {
                transaction.execute("UPDATE users SET password = ?2 WHERE id = ?1", params![user, stored])?;
                transaction.execute("DELETE FROM sessions WHERE user = ?1", [user])?;
                append(&transaction, now, "password-reset", &format!("user:{user}"), "")?;
                user
            }
            None => {
                let insert =
                    "INSERT INTO users (name, role, merchant, password, created) VALUES (?1, ?2, ?3, ?4, ?5)";
                let made = transaction
                    .execute(insert, params![name, account.role.word(), account.merchant, stored, now]);
                match made {
                    Ok(_) => {}
                    Err(rusqlite::Error::SqliteFailure(error, _))
                        if error.code == rusqlite::ErrorCode::ConstraintViolation =>
                    {
                        return Err(LinkError::Name("an account has this name already"));
                    }
                    Err(error) => return Err(error.into()),
                }
                let user = transaction.last_insert_rowid();
                append(&transaction, now, "account-made", &format!("user:{user}"), account.role.word())?;
                user
            }
        };
        transaction.commit()?;
        drop(db);
        self.forget_sessions(user);
        Ok(user)
    }
}
