//! Configuration: a TOML file, then the environment; what is not said has a default that is written here.

mod outgoing;
mod partners;
mod secret;
mod words;

use std::collections::BTreeMap;
use std::path::PathBuf;

use holdfast_app::roads::{RoadNet, TruckTerms};
use holdfast_book::mapping::Mapping;
use serde::Deserialize;

use crate::outward::webhooks::{ENDPOINTS_MAX, Endpoint};
use crate::watch::settings::{self as watched, Feed, Heartbeat, OrderWatch};

pub use outgoing::{CallContact, ChannelKind, Links, Mail, MailTls, Mode, Outgoing, Relay, Way};
pub use partners::{Carrier, Connection, ConnectionKind, Warehouse};
pub(crate) use secret::secret_of;
pub use words::{Wording, put as put_words};

/// How the service listens, whom it trusts, what it is connected to.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Address and port.
    pub listen: String,
    /// The address people and shops use, such as `https://holdfast.example.org`; the one it listens on if not given.
    pub public_url: Option<String>,
    /// Whether a proxy in front sets `X-Forwarded-For`; only then is it believed.
    pub behind_proxy: bool,
    /// Certificate and key for TLS.
    pub tls: Option<Tls>,
    /// Limits.
    pub limits: Limits,
    /// Sign-in.
    pub sign_in: SignIn,
    /// Acts over these need a second person.
    pub second_approver: SecondApprover,
    /// The impact analysis the service makes.
    pub before: Before,
    /// Drills beside the service.
    pub drills: Drills,
    /// Orders as they come in.
    pub intake: Intake,
    /// Shops.
    pub connections: Vec<Connection>,
    /// Carriers whose tracking events come in.
    pub carriers: Vec<Carrier>,
    /// Warehouses and 3PLs that speak X12.
    pub warehouses: Vec<Warehouse>,
    /// Column mappings for files of orders, by name: TOML or JSON files.
    pub mappings: BTreeMap<String, PathBuf>,
    /// Those mappings, once they are read.
    #[serde(skip)]
    pub columns: BTreeMap<String, Mapping>,
    /// Where the heads of audit log and journal are written down outside.
    pub anchors: Option<Anchors>,
    /// Endpoints that are told of what happens.
    pub webhooks: Vec<Endpoint>,
    /// Feeds of alerts that are polled.
    pub feeds: Vec<Feed>,
    /// Sites that have to be heard from.
    pub heartbeats: Vec<Heartbeat>,
    /// How the order feed is looked at.
    pub order_feed: OrderWatch,
    /// Whether anything may leave for customers and partners.
    pub mode: Mode,
    /// How mails leave.
    pub mail: Option<Mail>,
    /// Keys that sign the links in notices.
    pub links: Links,
    /// The words of notices.
    pub words: Wording,
    /// Partners and staff who can be called.
    pub contacts: Vec<CallContact>,
    /// Other ways to people: signed webhooks of providers, by name. They are tried in the order of `order`.
    pub channels: BTreeMap<String, Outgoing>,
    /// Roads between sites.
    pub roads: Roads,
    /// What trucks between sites cost; what is not said is assumed.
    pub trucks: TruckTerms,
    /// The database that holds the journal; a file in the data folder if not given.
    pub database: Option<Database>,
    /// The data folder, where copies of the journal are recorded; set by whoever starts the service.
    #[serde(skip)]
    pub data: Option<PathBuf>,
}

/// Where the heads of the audit log and of the journal are written down, so that a rewritten log shows.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Anchors {
    /// A folder this service can only add to: another machine's, or one whose files are append-only.
    pub folder: PathBuf,
    /// Minutes between two anchors, 1 to 1440.
    #[serde(default = "hourly")]
    pub every_minutes: u32,
}

const fn hourly() -> u32 {
    60
}

/// The roads trucks between sites go by.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Roads {
    /// The operator's own graph; without one the bundled freeways of the United States, and the great circle elsewhere.
    pub file: Option<PathBuf>,
    /// The graph, once it is read.
    #[serde(skip)]
    net: Option<RoadNet>,
}

impl Roads {
    /// The graph.
    #[must_use]
    pub fn net(&self) -> RoadNet {
        self.net.clone().unwrap_or_else(RoadNet::bundled)
    }
}

/// How orders that come in are looked at.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Intake {
    /// Minutes within which the same goods for the same person are held as a duplicate; 0 for never.
    pub duplicate_minutes: u32,
}

impl Default for Intake {
    fn default() -> Self {
        Self { duplicate_minutes: 10 }
    }
}

/// A PostgreSQL that holds the journal.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Database {
    /// Key words and values (`host=a,b,c dbname=holdfast user=holdfast`), or a `postgresql://` address.
    pub url: String,
    /// File that holds the password; else the variable HOLDFAST_DATABASE_PASSWORD.
    pub password_file: Option<PathBuf>,
    /// The password, as it was read.
    #[serde(skip)]
    pub password: Option<String>,
    /// Certificates, in PEM, of who vouches for the servers.
    pub certificates: Option<PathBuf>,
    /// Accept a server without synchronous standbys.
    pub one_server: bool,
    /// Seconds a request may take, 1 to 3600; 10 if not given.
    pub seconds: Option<u64>,
}

impl core::fmt::Debug for Database {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        // The address may hold a password.
        write!(f, "Database {{ one_server: {}, seconds: {:?} }}", self.one_server, self.seconds)
    }
}

/// Files of a certificate chain and its key, in PEM.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// The chain.
    pub certificate: PathBuf,
    /// The key.
    pub key: PathBuf,
}

/// What one caller, or all of them, may take.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Connections at once.
    pub connections: usize,
    /// Bytes of a request's head.
    pub head_bytes: usize,
    /// Seconds a request's head may take.
    pub head_seconds: u64,
    /// Bytes of a body, unpacked.
    pub body_bytes: usize,
    /// Bytes of a bulk body, which is read as it comes.
    pub bulk_bytes: usize,
    /// Seconds a request may take, streams apart.
    pub request_seconds: u64,
    /// Requests of one caller a minute.
    pub requests_per_minute: u32,
    /// Streams of events at once.
    pub streams: usize,
    /// Orders of one bulk request that may wait for their answers.
    pub bulk_window: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 1_024,
            head_bytes: 32 << 10,
            head_seconds: 10,
            body_bytes: 8 << 20,
            bulk_bytes: 1 << 30,
            request_seconds: 30,
            requests_per_minute: 6_000,
            streams: 256,
            bulk_window: 2_048,
        }
    }
}

/// How people sign in.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SignIn {
    /// The operator's own copy of a list of breached passwords.
    pub breached_passwords: Option<PathBuf>,
    /// Minutes after which an unused session ends.
    pub idle_minutes: Option<u32>,
    /// Hours after which a session ends in any case.
    pub session_hours: Option<u32>,
}

/// From where on an act needs a second person.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SecondApprover {
    /// Orders an act touches.
    pub orders: u32,
    /// Customers an act writes to.
    pub notices: u32,
    /// Share of the open sites an act closes, in hundredths.
    pub sites_percent: u32,
    /// Minor units of a refund that is recorded; never without.
    pub refund: Option<i64>,
}

impl Default for SecondApprover {
    fn default() -> Self {
        Self { orders: 5_000, notices: 2_000, sites_percent: 50, refund: None }
    }
}

/// The impact analysis the service makes of itself.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Before {
    /// Years to simulate.
    pub years: u32,
    /// Moments of the history at which each loss is played; one a day of two weeks if absent.
    pub starts: Option<u16>,
    /// Hours between two analyses; 0 makes one only when somebody asks for it.
    pub every_hours: u32,
    /// The operator's recovery time objective, hours: within how long after a declaration orders flow again.
    pub rto_hours: Option<u32>,
}

impl Default for Before {
    fn default() -> Self {
        Self { years: 1_000, starts: None, every_hours: 24, rto_hours: None }
    }
}

/// Drills on a copy of the house.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Drills {
    /// Orders a drill plays at most, the newest: 1 to 100,000.
    pub orders: usize,
    /// The objective: of hundred promises, how many are kept in a drill; 1 to 100.
    pub promises_percent: Option<u8>,
}

impl Default for Drills {
    fn default() -> Self {
        Self { orders: 5_000, promises_percent: None }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".to_owned(),
            public_url: None,
            behind_proxy: false,
            tls: None,
            limits: Limits::default(),
            sign_in: SignIn::default(),
            second_approver: SecondApprover::default(),
            before: Before::default(),
            drills: Drills::default(),
            intake: Intake::default(),
            connections: Vec::new(),
            carriers: Vec::new(),
            warehouses: Vec::new(),
            mappings: BTreeMap::new(),
            columns: BTreeMap::new(),
            anchors: None,
            webhooks: Vec::new(),
            feeds: Vec::new(),
            heartbeats: Vec::new(),
            order_feed: OrderWatch::default(),
            mode: Mode::Live,
            mail: None,
            links: Links::default(),
            words: Wording::default(),
            contacts: Vec::new(),
            channels: BTreeMap::new(),
            roads: Roads::default(),
            trucks: TruckTerms::default(),
            database: None,
            data: None,
        }
    }
}

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// It is not TOML, or names something unknown.
    #[error("read the configuration: {0}")]
    Toml(#[from] toml::de::Error),
    /// A value cannot be.
    #[error("read the configuration: {field}: {why}")]
    Value {
        /// Which.
        field: String,
        /// Why.
        why: String,
    },
}

impl Config {
    /// A configuration from TOML and the environment's `HOLDFAST_…` variables.
    ///
    /// # Errors
    /// [`ConfigError`] names the field.
    pub fn read(text: &str, env: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut config: Self = toml::from_str(text)?;
        if let Some(listen) = env("HOLDFAST_LISTEN") {
            config.listen = listen;
        }
        if let Some(url) = env("HOLDFAST_PUBLIC_URL") {
            config.public_url = Some(url);
        }
        let fault =
            |field: &str, why: &str| ConfigError::Value { field: field.to_owned(), why: why.to_owned() };
        if let Some(url) = env("HOLDFAST_DATABASE") {
            config.database.get_or_insert_default().url = url;
        }
        if let Some(database) = &mut config.database {
            if database.url.is_empty() {
                return Err(fault("database.url", "it is missing"));
            }
            if database.seconds.is_some_and(|seconds| !(1..=3_600).contains(&seconds)) {
                return Err(fault("database.seconds", "it is 1 to 3600"));
            }
            database.password = match &database.password_file {
                None => env("HOLDFAST_DATABASE_PASSWORD"),
                Some(path) => Some(
                    std::fs::read_to_string(path)
                        .map_err(|error| {
                            fault("database.password_file", &format!("{}: {error}", path.display()))
                        })?
                        .trim_end()
                        .to_owned(),
                ),
            };
        }
        words::read(&mut config.words)?;
        if !(1..=100_000).contains(&config.drills.orders) {
            return Err(fault("drills.orders", "it is 1 to 100000"));
        }
        if config.drills.promises_percent.is_some_and(|percent| !(1..=100).contains(&percent)) {
            return Err(fault("drills.promises_percent", "it is 1 to 100"));
        }
        for connection in &mut config.connections {
            let name = format!("connections.{}", connection.id);
            connection.resolve(&env).map_err(|why| fault(&name, &why))?;
        }
        outgoing::read(&mut config, &env)?;
        for carrier in &mut config.carriers {
            let name = format!("carriers.{}", carrier.id);
            carrier.resolve(&env).map_err(|why| fault(&name, &why))?;
        }
        if config.webhooks.len() > ENDPOINTS_MAX {
            return Err(fault("webhooks", &format!("there are more than {ENDPOINTS_MAX}")));
        }
        for endpoint in &mut config.webhooks {
            let name = format!("webhooks.{}", endpoint.id);
            endpoint.resolve(&env).map_err(|why| fault(&name, &why))?;
        }
        for warehouse in &config.warehouses {
            let name = format!("warehouses.{}", warehouse.id);
            warehouse.check().map_err(|why| fault(&name, &why))?;
        }
        for (name, path) in &config.mappings {
            let read = std::fs::read_to_string(path).map_err(|error| error.to_string());
            let read = read.and_then(|text| Mapping::parse(&text).map_err(|error| error.to_string()));
            let mapping = read
                .map_err(|why| fault(&format!("mappings.{name}"), &format!("{}: {why}", path.display())))?;
            config.columns.insert(name.clone(), mapping);
        }
        partners::names(&config).map_err(|(name, why)| fault(&name, why))?;
        if config.anchors.as_ref().is_some_and(|anchors| !(1..=1_440).contains(&anchors.every_minutes)) {
            return Err(fault("anchors.every_minutes", "it is 1 to 1440"));
        }
        watched::check(&config.feeds, &config.heartbeats, config.order_feed)
            .map_err(|(field, why)| ConfigError::Value { field, why })?;
        if !(1..=holdfast_continuity::bia::YEARS_MAX).contains(&config.before.years) {
            return Err(fault("before.years", "give 1 to 1,000,000 years"));
        }
        if let Some(path) = &config.roads.file {
            let read = std::fs::read_to_string(path).map_err(|error| error.to_string());
            let net = read.and_then(|text| RoadNet::read(&text).map_err(|error| error.to_string()));
            config.roads.net =
                Some(net.map_err(|why| fault("roads.file", &format!("{}: {why}", path.display())))?);
        }
        if config.before.starts.is_some_and(|starts| !(1..=14).contains(&starts)) {
            return Err(fault("before.starts", "give 1 to 14 moments"));
        }
        if let Some(url) = &config.public_url
            && !(url.starts_with("https://") || url.starts_with("http://"))
        {
            return Err(fault("public_url", "it begins with https:// or http://"));
        }
        Ok(config)
    }
}

#[cfg(test)]
mod tests {
    use super::Config;

    #[test]
    fn a_file_is_read_and_what_is_wrong_is_named() {
        let text = "listen = '0.0.0.0:9'\n[[connections]]\nid = 'shop'\nkind = 'shopify'\nmerchant = 'm'\nsecret_env = 'S'\n";
        let env = |name: &str| (name == "S").then(|| "a secret of a shop".to_owned());
        let config = Config::read(text, env).unwrap();
        assert_eq!((config.listen.as_str(), config.connections[0].watch), ("0.0.0.0:9", true));
        assert!(!format!("{config:?}").contains("a secret"), "secrets are not printed");
        let missing = Config::read(text, |_| None).unwrap_err().to_string();
        assert!(missing.contains("connections.shop") && missing.contains('S'), "{missing}");
        assert!(Config::read("listn = 'x'", |_| None).unwrap_err().to_string().contains("listn"));
        assert_eq!(Config::read("", |_| None).unwrap().limits.body_bytes, 8 << 20);
    }
}
