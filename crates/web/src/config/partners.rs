//! Whom the service is connected to: shops, carriers, warehouses. Secrets come by environment or file.

use std::path::PathBuf;

use holdfast_connect::http::Secret;
use holdfast_connect::standard;
use holdfast_connect::x12::Party;
use serde::Deserialize;

use super::Config;
use super::secret::secret_of;

/// A shop whose webhooks come in.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Connection {
    /// Its name in the address: `/hooks/{id}`.
    pub id: String,
    /// What it is.
    pub kind: ConnectionKind,
    /// The merchant whose orders come by it.
    pub merchant: String,
    /// The secret its deliveries are signed with.
    #[serde(default)]
    pub secret: Option<String>,
    /// Variable of the environment that holds the secret.
    #[serde(default)]
    pub secret_env: Option<String>,
    /// File that holds the secret.
    #[serde(default)]
    pub secret_file: Option<PathBuf>,
    /// Read and report, and write nothing outside.
    #[serde(default = "yes")]
    pub watch: bool,
    /// Access to the shop's own API; without it the shop is heard and never asked.
    #[serde(default)]
    pub admin: Option<crate::outward::settings::Admin>,
}

const fn yes() -> bool {
    true
}

impl Connection {
    /// Takes the secrets from where they are kept and looks whether all of it can be.
    ///
    /// # Errors
    /// What is wrong.
    pub(super) fn resolve(&mut self, env: &impl Fn(&str) -> Option<String>) -> Result<(), String> {
        if !is_name(&self.id) {
            return Err(NAME.to_owned());
        }
        let kept = secret_of(self.secret_env.as_deref(), self.secret_file.as_ref(), env)?;
        self.secret = kept.or(self.secret.take());
        if self.kind == ConnectionKind::Amazon {
            if self.admin.is_some() {
                return Err("Amazon is heard and not asked: leave its admin part out".to_owned());
            }
            if self.secret.as_deref().and_then(standard::key).is_none() {
                return Err("its secret is whsec_ and base64 of 24 to 64 bytes".to_owned());
            }
        }
        if let Some(admin) = &mut self.admin {
            admin.resolve(env)?;
        }
        if self.secret.as_ref().is_none_or(|secret| secret.len() < 8) {
            return Err("give a secret of 8 characters or more, by secret_env or secret_file".to_owned());
        }
        Ok(())
    }
}

impl core::fmt::Debug for Connection {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let Self { id, kind, merchant, watch, .. } = self;
        write!(f, "Connection {{ {id}, {kind:?}, {merchant}, watch: {watch} }}")
    }
}

/// A carrier whose tracking events come in.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Carrier {
    /// Its name in the address: `/hooks/carriers/{id}`.
    pub id: String,
    /// The secret its deliveries are signed with: `whsec_…`.
    #[serde(default)]
    pub secret: Option<Secret>,
    /// Variable of the environment that holds the secret.
    #[serde(default)]
    pub secret_env: Option<String>,
    /// File that holds the secret.
    #[serde(default)]
    pub secret_file: Option<PathBuf>,
}

impl Carrier {
    pub(super) fn resolve(&mut self, env: &impl Fn(&str) -> Option<String>) -> Result<(), String> {
        let kept = secret_of(self.secret_env.as_deref(), self.secret_file.as_ref(), env)?;
        self.secret = kept.map(Secret::new).or(self.secret.take());
        let key = self.secret.as_ref().and_then(|secret| standard::key(secret.reveal()));
        key.map(drop).ok_or_else(|| {
            "give a secret of the form whsec_ and base64 of 24 to 64 bytes, by secret_env or secret_file"
                .to_owned()
        })
    }
}

/// The shop's make.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ConnectionKind {
    /// Shopify.
    Shopify,
    /// WooCommerce.
    Woocommerce,
    /// Amazon, by a program that fetches its orders and sends them here.
    Amazon,
}

/// A warehouse or 3PL that speaks X12.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Warehouse {
    /// Its name in the address: `/api/v1/warehouses/{id}/x12`.
    pub id: String,
    /// Code of the site it is.
    pub site: String,
    /// Code of the only merchant whose goods lie there; all of the site's, if not given.
    #[serde(default)]
    pub merchant: Option<String>,
    /// This house in its interchanges: qualifier and id, such as `ZZ:HOLDFAST`.
    pub ours: String,
    /// The warehouse in its interchanges.
    pub theirs: String,
    /// `004010` or `005010`.
    #[serde(default = "newest")]
    pub version: String,
    /// What ends a segment of ours: `~` or `newline`.
    #[serde(default = "tilde")]
    pub terminator: String,
    /// Whether interchanges are tests (ISA15 is T).
    #[serde(default)]
    pub test: bool,
    /// The only caller that may use it, such as `key:7`; everybody with the rights, if not given.
    #[serde(default)]
    pub caller: Option<String>,
}

fn newest() -> String {
    "005010".to_owned()
}

fn tilde() -> String {
    "~".to_owned()
}

impl Warehouse {
    pub(super) fn check(&self) -> Result<(), String> {
        for (field, text) in [("ours", &self.ours), ("theirs", &self.theirs)] {
            if Party::parse(text).is_none() {
                return Err(format!("{field}: write it as ZZ:NAME, 15 characters of a name at most"));
            }
        }
        if !matches!(self.version.as_str(), "004010" | "005010") {
            return Err("version: it is 004010 or 005010".to_owned());
        }
        if !matches!(self.terminator.as_str(), "~" | "newline") {
            return Err("terminator: it is ~ or newline".to_owned());
        }
        Ok(())
    }

    /// This house and the warehouse in its interchanges.
    #[must_use]
    pub fn parties(&self) -> (Party, Party) {
        let party = |text| Party::parse(text).expect("the configuration is refused without it");
        (party(&self.ours), party(&self.theirs))
    }
}

const NAME: &str = "an id may hold letters, digits, - and _ only";

fn is_name(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// Looks whether each name can stand in an address, and stands once.
///
/// # Errors
/// The name, and what is wrong with it.
pub(super) fn names(config: &Config) -> Result<(), (String, &'static str)> {
    let connections = config.connections.iter().map(|one| one.id.as_str()).collect();
    let carriers = config.carriers.iter().map(|one| one.id.as_str()).collect();
    let webhooks = config.webhooks.iter().map(|one| one.id.as_str()).collect();
    let warehouses = config.warehouses.iter().map(|one| one.id.as_str()).collect();
    let lists: [(&str, Vec<&str>); 4] = [
        ("connections", connections),
        ("carriers", carriers),
        ("webhooks", webhooks),
        ("warehouses", warehouses),
    ];
    for (list, mut ids) in lists {
        ids.sort_unstable();
        if let Some(wrong) = ids.iter().find(|id| !is_name(id)) {
            return Err((format!("{list}.{wrong}"), NAME));
        }
        if let Some(twice) = ids.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err((format!("{list}.{}", twice[0]), "it is there twice"));
        }
    }
    Ok(())
}
