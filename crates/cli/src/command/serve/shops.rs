//! Outward work of the service: the shops and feeds of the configuration asked, the endpoints told, by the one client of
//! the house.

use std::path::Path;
use std::sync::Arc;

use holdfast_connect::http::{Backoff, Http, Pace, Steady};
use holdfast_outbound::{Client, World};
use holdfast_web::App;
use holdfast_web::outward::{self, store::Store};
use holdfast_web::watch;

use super::database::{Copies, recall};

use crate::exit::{Failure, chain};

/// The client of the house, and its clock.
pub fn client() -> (Arc<dyn Http>, Arc<dyn Pace>) {
    (Arc::new(Steady::new(Client::new(), World, Backoff::ONCE)), Arc::new(World))
}

/// Starts the lines of all shops that are asked; `folder` holds what is known of them, and `copies` what of it has to be
/// known by whoever takes over.
pub fn start(app: &App, folder: &Path, copies: Option<&Arc<Copies>>) -> Result<(), Failure> {
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
    let path = folder.join("shops.db");
    let store = Store::open(Some(&path)).map_err(|error| fault(&error))?;
    if let Some(copies) = copies {
        recall(&store, &path).map_err(|error| fault(&error))?;
        let copies = Arc::downgrade(copies);
        store.remember_elsewhere(Box::new(move |store| {
            copies.upgrade().ok_or("the service ends")?.remember(store)
        }));
    }
    let (http, pace) = client();
    outward::start(app, &tokio::runtime::Handle::current(), &store, &http, &pace)
        .map_err(|error| fault(&error))?;
    Ok(())
}

/// Starts the feeds of alerts, and the watch of sites and orders.
pub fn watch(app: &App) {
    let (http, pace) = client();
    watch::start(app, &http, &pace);
}
