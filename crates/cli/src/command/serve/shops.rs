//! Outward work of the service: the shops of the configuration asked, the endpoints told, by the one client of the house.

use std::path::Path;
use std::sync::Arc;

use holdfast_connect::http::{Backoff, Http, Pace, Steady};
use holdfast_outbound::{Client, World};
use holdfast_web::App;
use holdfast_web::outward::{self, store::Store};

use crate::exit::{Failure, chain};

/// Starts the lines of all shops that are asked; `folder` holds what is known of them.
pub fn start(app: &App, folder: &Path) -> Result<(), Failure> {
    let asked = app.config.connections.iter().any(|connection| connection.admin.is_some());
    if !asked && app.config.webhooks.is_empty() {
        return Ok(());
    }
    let fault = |error: &dyn std::error::Error| {
        Failure::input(
            format!("open shops.db: {}", chain(error)),
            "check the data folder and its permissions",
        )
    };
    let store = Store::open(Some(&folder.join("shops.db"))).map_err(|error| fault(&error))?;
    let http: Arc<dyn Http> = Arc::new(Steady::new(Client::new(), World, Backoff::ONCE));
    let pace: Arc<dyn Pace> = Arc::new(World);
    outward::start(app, &tokio::runtime::Handle::current(), &store, &http, &pace)
        .map_err(|error| fault(&error))?;
    Ok(())
}
