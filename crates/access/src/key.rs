//! API keys: for programs, with the rights they need and no more. The secret is shown once and kept as a digest.

use std::collections::BTreeMap;
use std::sync::PoisonError;

use rusqlite::{Connection, params};

use crate::audit::append;
use crate::right::{Principal, Rights, Role};
use crate::store::{Access, AccessError, digest, secret};

/// What a key begins with, so that a leaked one is recognised.
pub(crate) const PREFIX: &str = "hfk_";

/// An API key as it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyInfo {
    /// Its number.
    pub id: i64,
    /// What it is for.
    pub name: String,
    /// The role its rights are taken from.
    pub role: Role,
    /// The only merchant it may see.
    pub merchant: Option<String>,
    /// Its rights.
    pub rights: Rights,
    /// When it was made, in milliseconds of Unix time.
    pub created: i64,
    /// When it was revoked.
    pub revoked: Option<i64>,
}

fn principal(info: &KeyInfo) -> Principal {
    Principal {
        actor: format!("key:{}", info.id),
        name: info.name.clone(),
        role: info.role,
        rights: info.rights,
        merchant: info.merchant.clone(),
        proved: None,
        csrf: None,
        second_factor: false,
    }
}

fn read(row: &rusqlite::Row<'_>) -> Result<(KeyInfo, [u8; 32]), rusqlite::Error> {
    let (role, words): (String, String) = (row.get("role")?, row.get("rights")?);
    // A row that cannot be read has no rights.
    let role = Role::from_word(&role);
    let rights = Rights::from_words(words.split(' ').filter(|word| !word.is_empty())).unwrap_or_default();
    let info = KeyInfo {
        id: row.get("id")?,
        name: row.get("name")?,
        role: role.unwrap_or(Role::Viewer),
        merchant: row.get("merchant")?,
        rights: role.map_or(Rights::default(), |role| rights.and(role.rights())),
        created: row.get("created")?,
        revoked: row.get("revoked")?,
    };
    Ok((info, row.get("hash")?))
}

pub(crate) fn load(db: &Connection) -> Result<BTreeMap<[u8; 32], Principal>, rusqlite::Error> {
    let mut select = db.prepare("SELECT * FROM keys WHERE revoked IS NULL")?;
    let rows = select.query_map([], read)?;
    rows.map(|row| row.map(|(info, hash)| (hash, principal(&info)))).collect()
}

impl Access {
    /// Makes a key with those of `rights` its role has, and gives its number and its secret, which is not kept.
    ///
    /// # Errors
    /// [`AccessError`]; a merchant's key must name its merchant.
    pub fn key_make(
        &self,
        name: &str,
        role: Role,
        rights: Rights,
        merchant: Option<&str>,
        by: &str,
        now: i64,
    ) -> Result<(i64, String), AccessError> {
        if (role == Role::Merchant) != merchant.is_some() {
            return Err(AccessError::Account("a merchant's key names its merchant, and no other key does"));
        }
        let token = format!("{PREFIX}{}", secret());
        let hash = digest(&token);
        let rights = rights.and(role.rights());
        let mut db = self.db();
        let transaction = db.transaction()?;
        transaction.execute(
            "INSERT INTO keys (hash, name, role, merchant, rights, created) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![&hash[..], name, role.word(), merchant, rights.words().join(" "), now],
        )?;
        let id = transaction.last_insert_rowid();
        append(&transaction, now, "key-made", by, &format!("key:{id} {}", role.word()))?;
        transaction.commit()?;
        drop(db);
        let info = KeyInfo {
            id,
            name: name.to_owned(),
            role,
            merchant: merchant.map(ToOwned::to_owned),
            rights,
            created: now,
            revoked: None,
        };
        self.keys.write().unwrap_or_else(PoisonError::into_inner).insert(hash, principal(&info));
        Ok((id, token))
    }

    /// Who holds a key; `None` for one that is unknown or revoked.
    #[must_use]
    pub fn key(&self, token: &str) -> Option<Principal> {
        if !token.starts_with(PREFIX) {
            return None;
        }
        // The digest of 256 random bits is looked up, not compared: timing tells nothing of use.
        self.keys.read().unwrap_or_else(PoisonError::into_inner).get(&digest(token)).cloned()
    }

    /// All keys.
    ///
    /// # Errors
    /// [`AccessError`].
    pub fn keys(&self) -> Result<Vec<KeyInfo>, AccessError> {
        let db = self.db();
        let mut select = db.prepare("SELECT * FROM keys ORDER BY id")?;
        let rows = select.query_map([], read)?;
        Ok(rows.map(|row| row.map(|(info, _)| info)).collect::<Result<_, _>>()?)
    }

    /// Ends a key at once; `false` if there is no such key in use.
    ///
    /// # Errors
    /// [`AccessError`].
    pub fn key_revoke(&self, id: i64, by: &str, now: i64) -> Result<bool, AccessError> {
        let mut db = self.db();
        let transaction = db.transaction()?;
        let hash: Option<[u8; 32]> = transaction
            .query_row("SELECT hash FROM keys WHERE id = ?1 AND revoked IS NULL", [id], |row| row.get(0))
            .map(Some)
            .or_else(none)?;
        let Some(hash) = hash else { return Ok(false) };
        transaction.execute("UPDATE keys SET revoked = ?2 WHERE id = ?1", params![id, now])?;
        append(&transaction, now, "key-revoked", by, &format!("key:{id}"))?;
        transaction.commit()?;
        drop(db);
        self.keys.write().unwrap_or_else(PoisonError::into_inner).remove(&hash);
        Ok(true)
    }
}

/// No row is no error.
pub(crate) fn none<T>(error: rusqlite::Error) -> Result<Option<T>, rusqlite::Error> {
    match error {
        rusqlite::Error::QueryReturnedNoRows => Ok(None),
        other => Err(other),
    }
}
