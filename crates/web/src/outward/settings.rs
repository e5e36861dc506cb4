//! How a shop is asked and what may be written to it: the `admin` part of a connection's configuration.

use std::collections::BTreeMap;
use std::path::PathBuf;

use holdfast_connect::http::{Address, Reach, Secret};
use serde::Deserialize;

use crate::config::secret_of;

/// Access to a shop's own API.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Admin {
    /// The shop's address, such as `https://acme.myshopify.com`.
    pub url: String,
    /// The token: Shopify's access token; WooCommerce's consumer key and secret as `ck_…:cs_…`.
    #[serde(default)]
    pub token: Option<Secret>,
    /// Variable of the environment that holds the token.
    #[serde(default)]
    pub token_env: Option<String>,
    /// File that holds the token.
    #[serde(default)]
    pub token_file: Option<PathBuf>,
    /// Version of Shopify's API; the one this program was written against if not given.
    #[serde(default)]
    pub version: Option<String>,
    /// Whether the shop may be asked without TLS from another machine. This machine itself always may.
    #[serde(default)]
    pub plain: bool,
    /// When the shop's numbers are written.
    #[serde(default)]
    pub stock: StockRule,
    /// Share kept back while an incident raises the demand, in hundredths.
    #[serde(default = "keep")]
    pub keep_percent: u32,
    /// Hour of the day, UTC, of the nightly comparison.
    #[serde(default = "hour")]
    pub reconcile_utc_hour: u8,
    /// Whose number holds where no movement explains a difference.
    #[serde(default)]
    pub truth: Truth,
    /// Places of the shop by their id, with the code of the site behind each; a place that is not named here is the site
    /// whose code or name it has.
    #[serde(default)]
    pub locations: BTreeMap<String, String>,
}

/// When a shop's numbers are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StockRule {
    /// While an incident, a quarantine or orders without stock take something away, and until that is put back.
    #[default]
    Incident,
    /// Always: this house's number is the shop's number.
    Always,
}

/// Whose count holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Truth {
    /// This house's: its sites count.
    #[default]
    Here,
    /// The shop's.
    Shop,
}

const fn keep() -> u32 {
    10
}

const fn hour() -> u8 {
    3
}

impl Admin {
    /// How far its requests may reach.
    #[must_use]
    pub const fn reach(&self) -> Reach {
        if self.plain { Reach::PLAIN } else { Reach::CONFIGURED }
    }

    /// Takes the token from where it is kept and looks whether all of it can be.
    ///
    /// # Errors
    /// What is wrong.
    pub fn resolve(&mut self, env: &impl Fn(&str) -> Option<String>) -> Result<(), String> {
        let address = Address::parse(&self.url).map_err(|error| error.to_string())?;
        if !address.tls && !self.plain && !address.is_loopback() {
            return Err("admin.url: give an https address, or say plain = true".to_owned());
        }
        let kept = secret_of(self.token_env.as_deref(), self.token_file.as_ref(), env)?;
        self.token = kept.map(|token| Secret::new(token.trim().to_owned())).or(self.token.take());
        if self.token.as_ref().is_none_or(|token| token.reveal().len() < 8) {
            return Err("admin: give a token of 8 characters or more, by token_env or token_file".to_owned());
        }
        if self.keep_percent > 100 {
            return Err("admin.keep_percent: it is a share from 0 to 100".to_owned());
        }
        if self.reconcile_utc_hour > 23 {
            return Err("admin.reconcile_utc_hour: it is an hour from 0 to 23".to_owned());
        }
        Ok(())
    }
}
