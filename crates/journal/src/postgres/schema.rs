//! The tables, who may change them, and the settings without which an acknowledged group could be lost.

use tokio::runtime::Runtime;

use super::PostgresError;
use super::session::{Durability, Options, Role, Session};

/// Number of the tables' layout.
pub const LAYOUT: i32 = 1;

/// Serialises the making of the tables, and names the writer's lease: "HFPG" and "HFLE".
const MAKING: i64 = 0x4846_5047;
pub(super) const LEASE: i64 = 0x4846_4C45;

/// Keys have a schema of their own: it is dumped apart, and may be granted apart.
const TABLES: &str = "
    CREATE SCHEMA holdfast;
    CREATE SCHEMA holdfast_keys;
    CREATE TABLE holdfast.writer (
        id integer PRIMARY KEY CHECK (id = 1), layout integer NOT NULL, epoch bigint NOT NULL,
        version bigint NOT NULL, chain bytea NOT NULL, settled bigint NOT NULL);
    CREATE TABLE holdfast.groups (
        first bigint PRIMARY KEY, last bigint NOT NULL, chain bytea NOT NULL, size bigint NOT NULL,
        bytes bytea NOT NULL);
    ALTER TABLE holdfast.groups ALTER COLUMN bytes SET STORAGE EXTERNAL;
    CREATE TABLE holdfast.artefacts (digest bytea PRIMARY KEY, hash bytea NOT NULL, bytes bytea NOT NULL);
    ALTER TABLE holdfast.artefacts ALTER COLUMN bytes SET STORAGE EXTERNAL;
    CREATE TABLE holdfast_keys.keys (
        subject bigint NOT NULL, version bigint NOT NULL, key bytea NOT NULL, check_sum bytea NOT NULL,
        PRIMARY KEY (subject, version));";

/// What stands beside the journal: the writer's sign of life, and copies of small files that must outlive a machine.
/// Nothing of the journal rests on them, so they have no layout number: they are made where they are missing.
const BESIDE: &str = "
    CREATE SCHEMA IF NOT EXISTS holdfast_service;
    CREATE TABLE IF NOT EXISTS holdfast_service.holder (
        id integer PRIMARY KEY CHECK (id = 1), address text NOT NULL, at timestamptz NOT NULL);
    CREATE TABLE IF NOT EXISTS holdfast_service.files (
        name text PRIMARY KEY, hash bytea NOT NULL, bytes bytea NOT NULL, at timestamptz NOT NULL);
    ALTER TABLE holdfast_service.files ALTER COLUMN bytes SET STORAGE EXTERNAL;";

/// Makes the tables where there are none, and refuses what cannot be trusted.
pub(super) fn prepare(runtime: &Runtime, session: &Session, options: &Options) -> Result<(), PostgresError> {
    let client = &session.client;
    let there = || -> Result<bool, PostgresError> {
        let asked = client.query_one("SELECT to_regclass('holdfast.writer') IS NOT NULL", &[]);
        Ok(session.run(runtime, options, asked)?.get(0))
    };
    if !there()? {
        if options.role == Role::Reader {
            return Err(PostgresError::NoTables);
        }
        let make = format!(
            "BEGIN; SELECT pg_advisory_xact_lock({MAKING});
             DO $make$ BEGIN IF to_regclass('holdfast.writer') IS NULL THEN {TABLES}
             INSERT INTO holdfast.writer VALUES (1, {LAYOUT}, 0, 0, '\\x{}', 0); END IF; END $make$; COMMIT;",
            "00".repeat(32)
        );
        session.run(runtime, options, client.batch_execute(&make))?;
    }
    let asked = client.query_one("SELECT layout FROM holdfast.writer WHERE id = 1", &[]);
    let layout: i32 = session.run(runtime, options, asked)?.get(0);
    if layout > LAYOUT {
        return Err(PostgresError::TooNew { found: layout });
    }
    if options.role == Role::Writer {
        let asked = client.query_one("SELECT to_regclass('holdfast_service.files') IS NOT NULL", &[]);
        if !session.run(runtime, options, asked)?.get::<_, bool>(0) {
            let make = format!("BEGIN; SELECT pg_advisory_xact_lock({MAKING}); {BESIDE} COMMIT;");
            session.run(runtime, options, client.batch_execute(&make))?;
        }
    }
    if options.role == Role::Writer { safe(runtime, session, options) } else { Ok(()) }
}

/// Reads back what durability needs: a setting that is otherwise is refused.
fn safe(runtime: &Runtime, session: &Session, options: &Options) -> Result<(), PostgresError> {
    for (setting, wanted) in [("fsync", "on"), ("full_page_writes", "on"), ("synchronous_commit", "on")] {
        let select = format!("SELECT current_setting('{setting}')");
        let asked = session.client.query_one(&select, &[]);
        let found: String = session.run(runtime, options, asked)?.get(0);
        if found != wanted {
            return Err(PostgresError::Unsafe { setting, found, wanted });
        }
    }
    let asked = session.client.query_one("SELECT current_setting('synchronous_standby_names')", &[]);
    let standbys: String = session.run(runtime, options, asked)?.get(0);
    if options.durability == Durability::Quorum && standbys.is_empty() {
        return Err(PostgresError::NoQuorum);
    }
    Ok(())
}
