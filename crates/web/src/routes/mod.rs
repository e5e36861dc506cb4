//! The routes: one file for each noun, one line here that mounts it.

pub mod admin;
pub mod backups;
pub mod body;
pub mod buyers;
pub mod calls;
pub mod care;
pub mod carriers;
pub mod connections;
pub mod events;
pub mod hooks;
pub mod inbox;
pub mod incidents;
pub mod network;
pub mod orders;
pub mod orders_bulk;
pub mod pages;
pub mod plans;
pub mod receipts;
pub mod session;
pub mod shipments;
pub mod statistics;
pub mod stats;
pub mod stock;
pub mod system;
pub mod threats;
pub mod transfers;
pub mod warehouses;
pub mod webhooks;

use crate::mount::Mount;

/// All routes of the service itself. Pages of others are mounted beside them.
#[must_use]
pub fn all() -> Mount {
    Mount::default()
        .with(system::mount())
        .with(session::mount())
        .with(pages::mount())
        .with(crate::console::mount())
        .with(admin::mount())
        .with(orders::mount())
        .with(orders_bulk::mount())
        .with(stock::mount())
        .with(transfers::mount())
        .with(backups::mount())
        .with(shipments::mount())
        .with(network::mount())
        .with(incidents::mount())
        .with(plans::mount())
        .with(care::mount())
        .with(buyers::mount())
        .with(calls::mount())
        .with(events::mount())
        .with(stats::mount())
        .with(statistics::mount())
        .with(crate::analysis::mount())
        .with(crate::drills::mount())
        .with(inbox::mount())
        .with(hooks::mount())
        .with(receipts::mount())
        .with(connections::mount())
        .with(carriers::mount())
        .with(webhooks::mount())
        .with(warehouses::mount())
        .with(threats::mount())
}
