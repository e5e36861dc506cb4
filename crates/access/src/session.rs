//! Sessions: a secret in a cookie, a digest here. They end when nobody uses them, after a time in any case, and when
//! they are revoked; the secret changes whenever somebody proves who they are.

use std::collections::BTreeMap;
use std::sync::PoisonError;

use rusqlite::{Connection, params};

use crate::audit::append;
use crate::right::{Principal, Role};
use crate::store::{Access, AccessError, digest, secret};

/// How often the last use of a session is written down, in milliseconds.
const SEEN_EVERY: i64 = 60_000;

/// A session in memory.
#[derive(Clone, Debug)]
pub(crate) struct Live {
    pub(crate) user: i64,
    pub(crate) principal: Principal,
    pub(crate) created: i64,
    pub(crate) seen: i64,
}

/// A session as it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionInfo {
    /// What names it in lists: the start of its digest.
    pub id: String,
    /// Whose.
    pub user: i64,
    /// When it began, in milliseconds of Unix time.
    pub created: i64,
    /// When it was last used.
    pub seen: i64,
}

pub(crate) fn load(db: &Connection) -> Result<BTreeMap<[u8; 32], Live>, rusqlite::Error> {
    let mut select = db.prepare(
        "SELECT s.hash, s.user, s.csrf, s.created, s.seen, s.proved, u.name, u.role, u.merchant, u.totp IS NOT NULL \
         FROM sessions s JOIN users u ON u.id = s.user WHERE u.disabled = 0",
    )?;
    let rows = select.query_map([], |row| {
        let (user, role): (i64, String) = (row.get(1)?, row.get(7)?);
        let role = Role::from_word(&role);
        let principal = Principal {
            actor: format!("user:{user}"),
            name: row.get(6)?,
            role: role.unwrap_or(Role::Viewer),
            // A row that cannot be read has no rights.
            rights: role.map(Role::rights).unwrap_or_default(),
            merchant: row.get(8)?,
            proved: Some(row.get(5)?),
            csrf: Some(row.get(2)?),
            second_factor: row.get(9)?,
        };
        Ok((row.get(0)?, Live { user, principal, created: row.get(3)?, seen: row.get(4)? }))
    })?;
    rows.collect()
}

impl Access {
    /// Begins a session and gives its secret; `None` if the account was shut or changed while its password was
    /// being checked.
    pub(crate) fn session_begin(
        &self,
        mut principal: Principal,
        user: i64,
        now: i64,
    ) -> Result<Option<(String, Principal)>, AccessError> {
        let (token, csrf) = (secret(), secret());
        principal.csrf = Some(csrf.clone());
        principal.proved = Some(now);
        let hash = digest(&token);
        // The file stays locked until the session stands in memory too: a change of the account ends both or neither.
        let db = self.db();
        let begun = db.execute(
            "INSERT INTO sessions SELECT ?1, id, ?3, ?4, ?4, ?4 FROM users \
             WHERE id = ?2 AND disabled = 0 AND role = ?5 AND merchant IS ?6",
            params![&hash[..], user, csrf, now, principal.role.word(), principal.merchant],
        )?;
        if begun == 0 {
            return Ok(None);
        }
        let live = Live { user, principal: principal.clone(), created: now, seen: now };
        self.sessions.write().unwrap_or_else(PoisonError::into_inner).insert(hash, live);
        drop(db);
        Ok(Some((token, principal)))
    }

    /// Who holds a session; `None` for one that is unknown or has ended.
    #[must_use]
    pub fn session(&self, token: &str, now: i64) -> Option<Principal> {
        let hash = digest(token);
        let live = self.sessions.read().unwrap_or_else(PoisonError::into_inner).get(&hash).cloned()?;
        let options = &self.options;
        if now - live.seen > options.idle_ms || now - live.created > options.session_ms {
            // A session that cannot be deleted is still too old to be used.
            drop(self.session_end(token));
            return None;
        }
        if now - live.seen > SEEN_EVERY {
            if let Some(live) = self.sessions.write().unwrap_or_else(PoisonError::into_inner).get_mut(&hash) {
                live.seen = now;
            }
            // Lost at worst is a minute of idle time.
            drop(self.db().execute("UPDATE sessions SET seen = ?2 WHERE hash = ?1", params![&hash[..], now]));
        }
        Some(live.principal)
    }

    /// Whether a session or an API key still works. Asking is no use of it: a session nobody uses ends all the same.
    #[must_use]
    pub fn still_works(&self, token: &str, now: i64) -> bool {
        let hash = digest(token);
        let sessions = self.sessions.read().unwrap_or_else(PoisonError::into_inner);
        let session = sessions.get(&hash).is_some_and(|live| {
            now - live.seen <= self.options.idle_ms && now - live.created <= self.options.session_ms
        });
        session || self.keys.read().unwrap_or_else(PoisonError::into_inner).contains_key(&hash)
    }

    /// Ends a session.
    ///
    /// # Errors
    /// [`AccessError`].
    pub fn session_end(&self, token: &str) -> Result<(), AccessError> {
        let hash = digest(token);
        self.sessions.write().unwrap_or_else(PoisonError::into_inner).remove(&hash);
        self.db().execute("DELETE FROM sessions WHERE hash = ?1", [&hash[..]])?;
        Ok(())
    }

    /// Ends every session of an account.
    ///
    /// # Errors
    /// [`AccessError`].
    pub fn sessions_end(&self, user: i64, by: &str, now: i64) -> Result<(), AccessError> {
        self.forget_sessions(user);
        let mut db = self.db();
        let transaction = db.transaction()?;
        transaction.execute("DELETE FROM sessions WHERE user = ?1", [user])?;
        append(&transaction, now, "sessions-ended", by, &format!("user:{user}"))?;
        transaction.commit()?;
        Ok(())
    }

    pub(crate) fn forget_sessions(&self, user: i64) {
        let mut sessions = self.sessions.write().unwrap_or_else(PoisonError::into_inner);
        sessions.retain(|_, live| live.user != user);
    }

    /// Notes in an account's sessions that it has a second factor now.
    pub(crate) fn second_factor_set(&self, user: i64) {
        let mut sessions = self.sessions.write().unwrap_or_else(PoisonError::into_inner);
        for live in sessions.values_mut().filter(|live| live.user == user) {
            live.principal.second_factor = true;
        }
    }

    /// The sessions there are.
    #[must_use]
    pub fn sessions(&self) -> Vec<SessionInfo> {
        let sessions = self.sessions.read().unwrap_or_else(PoisonError::into_inner);
        let info = |(hash, live): (&[u8; 32], &Live)| SessionInfo {
            id: hash[..6].iter().map(|byte| format!("{byte:02x}")).collect(),
            user: live.user,
            created: live.created,
            seen: live.seen,
        };
        sessions.iter().map(info).collect()
    }
}
