//! The break-glass pack: what a site needs to go on shipping when every screen is dark, and what became of it after.
//!
//! Every parcel that is to leave soon is a numbered row with a check digit. Afterwards the ticks are entered and
//! [`settle`](settle::settle) turns each row into what is true now. Invariant: a row that was ticked as shipped is
//! never left to be shipped again, and the settlement of the same pack twice changes nothing the second time.

mod files;
pub mod settle;

use std::collections::BTreeMap;

use holdfast_domain::id::{Id, LaneId, OrderId, ShipmentId, SiteId, SkuId, SubjectId};
use holdfast_domain::incident::SiteAccess;
use holdfast_domain::order::Order;
use holdfast_domain::quantity::Quantity;
use holdfast_domain::state::State;
use holdfast_domain::table::Digest;
use holdfast_domain::time::{Day, Stamp};
use serde::{Deserialize, Serialize};

use crate::seal::PersonalData;

pub use files::{File, files, ticks_template};

/// Rows on a printed page.
pub const PAGE_ROWS: usize = 12;
/// The most rows a pack may have: a site with more prints several packs of fewer days.
pub const ROWS_MAX: usize = 500_000;

/// A pack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pack {
    /// Eight hexadecimal digits: which pack this is.
    pub id: String,
    /// Version of the journal it was made from.
    pub version: u64,
    /// When it was made.
    pub made: Stamp,
    /// What is due up to so many days after the day it was made.
    pub days: u32,
    /// One part for each site that is open.
    pub sites: Vec<SitePages>,
    /// Whom to call: the merchants.
    pub contacts: Vec<Contact>,
}

/// A site's part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SitePages {
    /// The site.
    pub site: SiteId,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Parcels to ship, in the order of their pages.
    pub rows: Vec<Row>,
    /// What lies there.
    pub stock: Vec<StockRow>,
}

/// A parcel to ship.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Its number in the pack with a check digit, as it is written into the ticks.
    pub code: String,
    /// Its page in the site's part, from 1.
    pub page: u32,
    /// The order.
    pub order: OrderId,
    /// The merchant's number for it.
    pub number: String,
    /// The merchant.
    pub merchant: String,
    /// By this lane.
    pub lane: LaneId,
    /// Its carrier and service.
    pub service: String,
    /// The site has been told of it already, under this number.
    pub shipment: Option<ShipmentId>,
    /// The site's day on which it is to leave.
    pub due: Day,
    /// The date the customer was told.
    pub promise: Day,
    /// To whom; empty where the order names nobody or the person is forgotten.
    pub person: PersonalData,
    /// Where to.
    pub country: String,
    /// Where to.
    pub postal: String,
    /// What goes into it.
    pub items: Vec<Item>,
}

/// Units of one SKU in a parcel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// The merchant's code.
    pub sku: String,
    /// Its name.
    pub name: String,
    /// How many.
    pub quantity: Quantity,
}

/// What lies of a SKU at a site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockRow {
    /// The merchant.
    pub merchant: String,
    /// The SKU's code.
    pub sku: String,
    /// Its name.
    pub name: String,
    /// Units that lie there.
    pub on_hand: u32,
    /// Units of these that orders have.
    pub reserved: u32,
    /// Units of these that were set aside.
    pub quarantined: u32,
}

/// Whom to call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Mail or phone as the book has it.
    pub contact: String,
}

/// Why no pack was made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PackError {
    /// More than anybody prints.
    #[error("make a pack: {0} parcels are due, at most {ROWS_MAX} fit; ask for fewer days")]
    TooMany(usize),
}

/// A parcel before it has a number.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Waiting {
    due: Day,
    lane: LaneId,
    order: OrderId,
    shipment: Option<ShipmentId>,
}

/// The pack of everything that is to leave any open site within `days` days of `at`, from a state whose journal has
/// the chain `chain`. `person` opens a subject's data, where somebody may.
///
/// # Errors
/// [`PackError::TooMany`].
pub fn pack(
    state: &State,
    chain: &Digest,
    at: Stamp,
    days: u32,
    person: &mut dyn FnMut(SubjectId) -> Option<PersonalData>,
) -> Result<Pack, PackError> {
    let id: String = chain[..4].iter().map(|byte| format!("{byte:02x}")).collect();
    let mut waiting = waiting(state, at, days);
    let count = waiting.values().map(BTreeMap::len).sum();
    if count > ROWS_MAX {
        return Err(PackError::TooMany(count));
    }
    let mut number = 0;
    let mut sites = Vec::new();
    for (index, site) in state.network.sites.iter().enumerate() {
        let here = SiteId::from_index(index);
        if !is_worked(state.sites[index].access) {
            continue;
        }
        let mut rows = Vec::new();
        for (parcel, items) in waiting.remove(&here).unwrap_or_default() {
            let Ok(order) = state.order(parcel.order) else { continue };
            number += 1;
            let page = u32::try_from(rows.len() / PAGE_ROWS + 1).unwrap_or(u32::MAX);
            rows.push(row(state, &parcel, order, &items, code_of(&id, number), page, person));
        }
        let (code, name) = (site.code.to_string(), site.name.to_string());
        sites.push(SitePages { site: here, code, name, rows, stock: stock(state, here) });
    }
    let contacts = state.network.merchants.iter().map(|merchant| Contact {
        code: merchant.code.to_string(),
        name: merchant.name.to_string(),
        contact: merchant.contact.to_string(),
    });
    Ok(Pack { id, version: state.version, made: at, days, sites, contacts: contacts.collect() })
}

/// Whether people work at a site: its part is printed.
const fn is_worked(access: SiteAccess) -> bool {
    !matches!(access, SiteAccess::Dormant)
}

/// What is to leave each site: parcels it was told of, and units it has not been told of yet, line by line.
fn waiting(state: &State, at: Stamp, days: u32) -> BTreeMap<SiteId, BTreeMap<Waiting, Vec<(u16, Quantity)>>> {
    let mut out: BTreeMap<SiteId, BTreeMap<Waiting, Vec<(u16, Quantity)>>> = BTreeMap::new();
    let last: Vec<Day> = state
        .network
        .sites
        .iter()
        .map(|site| Day(at.local(&site.zone).0.0.saturating_add_unsigned(days)))
        .collect();
    for (id, order) in state.live_orders() {
        for (line, a) in order.lines.iter().enumerate().flat_map(|(at, line)| {
            line.allocations.iter().map(move |a| (u16::try_from(at).unwrap_or(u16::MAX), a))
        }) {
            let parcel = match a.shipment {
                Some(shipment) => {
                    let here =
                        state.shipments.get(shipment).is_some_and(|known| known.stage.at_site().is_some());
                    here.then_some(Waiting { due: a.ship_day, lane: a.lane, order: id, shipment: a.shipment })
                }
                // What is held is not to be shipped, on paper either.
                None => (order.hold.is_none()
                    && last.get(a.site.index()).is_some_and(|last| a.ship_day <= *last))
                .then_some(Waiting { due: a.ship_day, lane: a.lane, order: id, shipment: None }),
            };
            if let Some(parcel) = parcel {
                out.entry(a.site).or_default().entry(parcel).or_default().push((line, a.quantity));
            }
        }
    }
    for parcels in out.values_mut() {
        join_days(parcels);
    }
    out
}

/// Makes one parcel of what an order has waiting on one lane for several days: it is settled as one.
fn join_days(parcels: &mut BTreeMap<Waiting, Vec<(u16, Quantity)>>) {
    let mut first: BTreeMap<(LaneId, OrderId), Day> = BTreeMap::new();
    for parcel in parcels.keys().filter(|parcel| parcel.shipment.is_none()) {
        first.entry((parcel.lane, parcel.order)).or_insert(parcel.due);
    }
    let joined = std::mem::take(parcels);
    for (mut parcel, items) in joined {
        if parcel.shipment.is_none() {
            parcel.due = first[&(parcel.lane, parcel.order)];
        }
        parcels.entry(parcel).or_default().extend(items);
    }
}

fn row(
    state: &State,
    parcel: &Waiting,
    order: &Order,
    items: &[(u16, Quantity)],
    code: String,
    page: u32,
    person: &mut dyn FnMut(SubjectId) -> Option<PersonalData>,
) -> Row {
    let service = state.network.lanes.get(parcel.lane).map(|lane| lane.service);
    let service = service.and_then(|service| state.network.services.get(service.index()));
    let item = |(line, quantity): &(u16, Quantity)| {
        let sku = order.lines.get(usize::from(*line)).and_then(|line| state.network.skus.get(line.sku));
        Item {
            sku: sku.map(|sku| sku.code.to_string()).unwrap_or_default(),
            name: sku.map(|sku| sku.name.to_string()).unwrap_or_default(),
            quantity: *quantity,
        }
    };
    Row {
        code,
        page,
        order: parcel.order,
        number: order.number.to_string(),
        merchant: state.network.merchants[order.merchant.index()].code.to_string(),
        lane: parcel.lane,
        service: service.map(|service| format!("{} {}", service.carrier, service.name)).unwrap_or_default(),
        shipment: parcel.shipment,
        due: parcel.due,
        promise: order.promise,
        person: order.subject.and_then(person).unwrap_or_default(),
        country: order.country.code().to_owned(),
        postal: order.postal.to_string(),
        items: items.iter().map(item).collect(),
    }
}

fn stock(state: &State, site: SiteId) -> Vec<StockRow> {
    let of = |(id, sku): (SkuId, &holdfast_domain::network::Sku)| {
        let shelf = state.stock.shelf(site, id);
        (shelf.on_hand > 0).then(|| StockRow {
            merchant: state.network.merchants[sku.merchant.index()].code.to_string(),
            sku: sku.code.to_string(),
            name: sku.name.to_string(),
            on_hand: shelf.on_hand,
            reserved: shelf.reserved,
            quarantined: shelf.quarantined,
        })
    };
    state.network.skus.iter().filter_map(of).collect()
}

/// A row's number with its check digit: a digit that is misread, or a row of another pack, does not fit.
fn code_of(pack: &str, number: u32) -> String {
    format!("{number}-{}", check_digit(pack, number))
}

fn check_digit(pack: &str, number: u32) -> u32 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(pack.as_bytes()).update(&number.to_le_bytes());
    let bytes = hasher.finalize();
    // Two digits: one in a hundred slips is not seen by it, and most of those name a row that is ticked twice.
    u32::from(u16::from_le_bytes([bytes.as_bytes()[0], bytes.as_bytes()[1]])) % 90 + 10
}
