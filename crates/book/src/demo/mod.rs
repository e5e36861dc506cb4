//! Books made of bundled tables and a seed: networks, goods, stock and orders to try everything on.
//!
//! Nothing in them is a real shop, order or person. Orders are baskets of public sample data drawn again, with
//! other dates and ship-to places drawn by population; sites, stock, prices and people are invented by rules
//! that stand in each module. The same seed and options give the same book, byte for byte, on any machine.

mod build;
mod cases;
mod chance;
mod channel;
mod firm;
mod florence;
pub mod geo;
mod goods;
mod hosted;
mod ian;
mod korea;
mod order;
mod people;
mod reach;
pub mod sample;
mod shipped;
mod site;
mod stock;
pub mod storm_goods;

pub use cases::{fourteen_sites_sixty_merchants, one_warehouse, third_party, two_warehouses};
pub use florence::florence;
pub use hosted::{HostError, put_beside};
pub use ian::ian;
pub use korea::korea;
pub use shipped::{SHIPPED, Shipped, shipped};
pub use site::{WORK_PARCEL, WORK_UNIT};

/// What a demo book may be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// How many orders it holds; at most [`Options::ORDERS_MAX`].
    pub orders: u32,
}

impl Options {
    /// The most orders a demo book holds.
    pub const ORDERS_MAX: u32 = 1_000_000;

    /// A book of `orders` orders, or of the most there may be.
    #[must_use]
    pub fn orders(orders: u32) -> Self {
        Self { orders: orders.min(Self::ORDERS_MAX) }
    }
}

impl Default for Options {
    /// 25,000 orders.
    fn default() -> Self {
        Self { orders: 25_000 }
    }
}
