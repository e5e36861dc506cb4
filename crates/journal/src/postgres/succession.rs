//! Who writes: the lease, the writer's sign of life, and what a follower reads.
//!
//! Invariant: the lease decides who tries; what decides who may is the epoch in the appending statement and the quorum
//! behind it. Two writers that both believe to have the lease cost an append, never a group.

use std::time::Duration;

use holdfast_app::port::{AppendError, Journal, ReadError, Sign, Succession, Tail};

use super::{Options, PostgresError, PostgresJournal, Role, failed, storage};

/// The oldest server, as it numbers itself.
const OLDEST: i32 = 150_000;
/// A sign of life older than this says that the server that shows it may have been left behind: the next reading
/// connects anew.
const STALE: Duration = Duration::from_secs(15);

/// A place among those who may write.
#[derive(Debug)]
pub struct Seat {
    options: Options,
    address: String,
    waiting: Option<PostgresJournal>,
}

impl Seat {
    /// A place for whoever is reached at `address`.
    #[must_use]
    pub fn new(options: Options, address: &str) -> Self {
        Self {
            options: Options { role: Role::Writer, ..options },
            address: address.to_owned(),
            waiting: None,
        }
    }
}

impl Succession for Seat {
    fn claim(&mut self) -> Result<Option<Box<dyn Journal>>, AppendError> {
        let mut journal = match self.waiting.take() {
            Some(journal) => journal,
            None => PostgresJournal::open(self.options.clone()).map_err(failed)?,
        };
        if !journal.try_lease().map_err(failed)? {
            self.waiting = Some(journal);
            return Ok(None);
        }
        journal.announce(&self.address).map_err(failed)?;
        Ok(Some(Box::new(journal)))
    }
}

impl PostgresJournal {
    /// Says how its writer is reached.
    fn announce(&mut self, address: &str) -> Result<(), PostgresError> {
        let upsert = "INSERT INTO holdfast_service.holder VALUES (1, $1, clock_timestamp()) \
             ON CONFLICT (id) DO UPDATE SET address = $1, at = clock_timestamp()";
        self.write(async |client| client.execute(upsert, &[&address]).await).map_err(|(error, _)| error)?;
        Ok(())
    }
}

impl PostgresJournal {
    /// What keeps the server in reach from being a safe place to write to, without writing anything: settings, and
    /// whether it is a standby. Empty where all is well.
    ///
    /// # Errors
    /// [`PostgresError`].
    pub fn unsafe_settings(&mut self) -> Result<Vec<String>, PostgresError> {
        self.connect()?;
        let select = "SELECT current_setting('fsync'), current_setting('full_page_writes'), \
             current_setting('synchronous_standby_names'), pg_is_in_recovery(), \
             current_setting('server_version_num')::integer";
        let row = self.ask(async |client| client.query_one(select, &[]).await)?;
        let mut faults = Vec::new();
        for (at, setting) in ["fsync", "full_page_writes"].into_iter().enumerate() {
            if row.get::<_, String>(at) != "on" {
                faults.push(format!("{setting} is {:?} and has to be \"on\"", row.get::<_, String>(at)));
            }
        }
        if row.get::<_, String>(2).is_empty() && self.options.durability == super::Durability::Quorum {
            faults.push(
                "synchronous_standby_names is empty: set it, as 'ANY 1 (b, c)', or say one_server".to_owned(),
            );
        }
        if row.get(3) {
            faults.push("no host of the connection string is a primary now".to_owned());
        }
        let version: i32 = row.get(4);
        if version < OLDEST {
            faults
                .push(format!("the server's version is {}, 15 is the oldest that will do", version / 10_000));
        }
        Ok(faults)
    }
}

impl Tail for PostgresJournal {
    fn sign(&mut self) -> Result<Option<Sign>, ReadError> {
        self.reader()?;
        let there = "SELECT to_regclass('holdfast_service.holder') IS NOT NULL";
        let there: bool =
            self.ask(async |client| Ok(client.query_one(there, &[]).await?.get(0))).map_err(storage)?;
        if !there {
            return Ok(None);
        }
        let select =
            "SELECT address, extract(epoch FROM clock_timestamp() - at)::float8 FROM holdfast_service.holder";
        let row = self.ask(async |client| client.query_opt(select, &[]).await).map_err(storage)?;
        let sign = row.map(|row| Sign {
            address: row.get(0),
            // The clocks of two servers differ: a sign from the future is one of just now.
            age: Duration::from_secs_f64(row.get::<_, f64>(1).max(0.0)),
        });
        if sign.as_ref().is_some_and(|sign| sign.age > STALE) {
            self.session = None;
        }
        Ok(sign)
    }
}
