//! Accounts as an admin sees them.

use rusqlite::params;

use crate::audit::append;
use crate::key::none;
use crate::right::Role;
use crate::store::{Access, AccessError};

/// An account as it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserInfo {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// What it is.
    pub role: Role,
    /// The only merchant it may see.
    pub merchant: Option<String>,
    /// Whether a second factor is set up.
    pub second_factor: bool,
    /// When it was made, in milliseconds of Unix time.
    pub created: i64,
    /// Whether it may not sign in.
    pub disabled: bool,
}

fn read(row: &rusqlite::Row<'_>) -> Result<UserInfo, rusqlite::Error> {
    let role: String = row.get("role")?;
    let known = Role::from_word(&role);
    let disabled: bool = row.get("disabled")?;
    Ok(UserInfo {
        id: row.get("id")?,
        name: row.get("name")?,
        role: known.unwrap_or(Role::Viewer),
        merchant: row.get("merchant")?,
        second_factor: row.get::<_, Option<Vec<u8>>>("totp")?.is_some(),
        created: row.get("created")?,
        // A row that cannot be read lets nobody in.
        disabled: disabled || known.is_none(),
    })
}

impl Access {
    /// All accounts.
    ///
    /// # Errors
    /// [`AccessError`].
    pub fn users(&self) -> Result<Vec<UserInfo>, AccessError> {
        let db = self.db();
        let mut select = db.prepare("SELECT * FROM users ORDER BY id")?;
        let rows = select.query_map([], read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// An account.
    ///
    /// # Errors
    /// [`AccessError`].
    pub fn user(&self, id: i64) -> Result<Option<UserInfo>, AccessError> {
        Ok(self.db().query_row("SELECT * FROM users WHERE id = ?1", [id], read).map(Some).or_else(none)?)
    }

    pub(crate) fn user_named(&self, name: &str) -> Result<Option<(UserInfo, String)>, AccessError> {
        let read = |row: &rusqlite::Row<'_>| Ok((read(row)?, row.get("password")?));
        let found = self.db().query_row("SELECT * FROM users WHERE name = ?1", [name.trim()], read);
        Ok(found.map(Some).or_else(none)?)
    }

    /// Gives an account another role, or shuts it; its sessions end. The last admin stays one.
    ///
    /// # Errors
    /// [`AccessError`].
    pub fn user_change(
        &self,
        id: i64,
        role: Role,
        merchant: Option<&str>,
        disabled: bool,
        by: &str,
        now: i64,
    ) -> Result<bool, AccessError> {
        if (role == Role::Merchant) != merchant.is_some() {
            return Err(AccessError::Account(
                "a merchant's account names its merchant, and no other account does",
            ));
        }
        let mut db = self.db();
        let transaction = db.transaction()?;
        let changed = transaction.execute(
            "UPDATE users SET role = ?2, merchant = ?3, disabled = ?4 WHERE id = ?1",
            params![id, role.word(), merchant, disabled],
        )?;
        let admins: i64 = transaction.query_row(
            "SELECT count(*) FROM users WHERE role = 'admin' AND disabled = 0",
            [],
            |row| row.get(0),
        )?;
        if admins == 0 {
            return Err(AccessError::Account("the last admin stays one: make another one first"));
        }
        transaction.execute("DELETE FROM sessions WHERE user = ?1", [id])?;
        let word = if disabled { "disabled" } else { role.word() };
        append(&transaction, now, "account-changed", by, &format!("user:{id} {word}"))?;
        transaction.commit()?;
        drop(db);
        self.forget_sessions(id);
        Ok(changed == 1)
    }
}
