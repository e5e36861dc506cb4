//! What another system says has left: a warehouse by X12, a shop by its own fulfilments. It moves a shipment only when
//! its units are exactly those of that shipment; anything else is for a person.

use std::collections::BTreeMap;

use holdfast_app::scan::{self, Scan};
use holdfast_app::service::Asked;
use holdfast_domain::command::Command;
use holdfast_domain::event::DoubtEvidence;
use holdfast_domain::id::{OrderId, ShipmentId, SiteId, SkuId};
use holdfast_domain::order::{Shipment, ShipmentStage};
use holdfast_domain::state::State as DomainState;
use holdfast_domain::table::fingerprint;
use holdfast_domain::time::Day;

use super::PackageInOut;
use super::acts::{label_of_another, packages};
use crate::app::App;
use crate::problem::Problem;
use crate::routes::orders::moment;

/// Days by which the day something left may be away from the site's today.
const DAYS_MAX: i32 = 60;

/// What is said to have left.
#[derive(Clone, Debug, Default)]
pub struct Reported {
    /// This house's number for it, where it is told.
    pub shipment: Option<ShipmentId>,
    /// The order it belongs to, where that is told.
    pub order: Option<OrderId>,
    /// The site it left from, where that is known.
    pub site: Option<SiteId>,
    /// All codes that stand for an item, and its units.
    pub lines: Vec<(Vec<String>, u32)>,
    /// The carrier's numbers for its parcels.
    pub tracking: Vec<String>,
    /// The site's day on which it left.
    pub day: Option<Day>,
}

fn for_a_person(detail: String) -> Problem {
    Problem::new("not-that-shipment", detail, "compare it with the site, and report the shipment by hand")
}

/// Moves the shipment that left; gives it, and whether that changed anything. `key` names the report: the same one
/// again changes nothing.
///
/// # Errors
/// A problem: nothing of this house fits it, or a rule refuses it.
pub async fn left(app: &App, actor: &str, told: &Reported, key: &str) -> Result<(ShipmentId, bool), Problem> {
    let view = app.view();
    let state = view.state();
    let (id, gone) = find(state, told)?;
    if gone {
        return Ok((id, false));
    }
    let shipment = state.shipment(id).map_err(Problem::from)?;
    let today = state.network.site(shipment.site).map_or(Day(0), |site| moment(app).local(&site.zone).0);
    let day = told.day.unwrap_or(today);
    if day.0.abs_diff(today.0) > DAYS_MAX.unsigned_abs() {
        return Err(for_a_person(format!("{id} is said to have left on {day}, and today is {today}")));
    }
    let command = if matches!(shipment.stage, ShipmentStage::InDoubt { .. }) {
        let evidence = if told.tracking.is_empty() { DoubtEvidence::Site } else { DoubtEvidence::Scan };
        Command::ResolveDoubt { shipment: id, shipped: true, evidence, day }
    } else {
        let labels = told.tracking.iter();
        let labels: Vec<PackageInOut> =
            labels.map(|tracking| PackageInOut { tracking: tracking.clone(), weight_g: 0 }).collect();
        let packages = if labels.is_empty() { Box::default() } else { packages(&labels)? };
        let (fork, wanted) = (view.clone(), packages.clone());
        let twice = app.block(move |_| label_of_another(fork.state(), id, &wanted)).await?;
        if let Some((tracking, other)) = twice {
            return Err(for_a_person(format!("tracking number {tracking} is on {other} already")));
        }
        Command::ShipShipment { shipment: id, packages, day }
    };
    let key = fingerprint("reported", 0, &format!("{key} {id}"));
    app.ask(Asked::new(command, actor).with_key(Some(key))).await?;
    Ok((id, true))
}

/// The shipments of an order, by the order's own allocations.
fn of_order(state: &DomainState, order: OrderId) -> Vec<ShipmentId> {
    let Ok(order) = state.order(order) else { return Vec::new() };
    let allocations = order.lines.iter().flat_map(|line| &line.allocations);
    let mut ids: Vec<ShipmentId> = allocations.filter_map(|allocation| allocation.shipment).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// The shipment that is meant, and whether it is known to have left.
fn find(state: &DomainState, told: &Reported) -> Result<(ShipmentId, bool), Problem> {
    let all = match (told.shipment, told.order) {
        (Some(id), _) if state.shipments.get(id).is_some() => vec![id],
        (_, Some(order)) => of_order(state, order),
        _ => Vec::new(),
    };
    let known = all.into_iter().filter_map(|id| Some((id, state.shipments.get(id)?)));
    let here: Vec<(ShipmentId, &Shipment)> =
        known.filter(|(_, shipment)| told.site.is_none_or(|site| site == shipment.site)).collect();
    if here.is_empty() {
        return Err(for_a_person(
            "no shipment of this site has that number, and none belongs to that order".to_owned(),
        ));
    }
    let labelled = |shipment: &Shipment| {
        shipment.packages.iter().any(|package| told.tracking.iter().any(|label| **label == *package.tracking))
    };
    if let Some((id, _)) = here.iter().find(|(_, shipment)| labelled(shipment)) {
        return Ok((*id, true));
    }
    let mut differ = String::new();
    let mut same: Vec<(ShipmentId, &Shipment)> = Vec::new();
    for (id, shipment) in here {
        match compare(state, shipment, &told.lines) {
            Ok(()) => same.push((id, shipment)),
            Err(why) => differ = format!("{id}: {why}"),
        }
    }
    let over = |stage: ShipmentStage| stage.with_carrier() || stage == ShipmentStage::Delivered;
    let (gone, open): (Vec<_>, Vec<_>) = same.into_iter().partition(|(_, shipment)| over(shipment.stage));
    match (&open[..], &gone[..]) {
        ([], []) => Err(for_a_person(differ)),
        ([], [(first, _), ..]) => Ok((*first, true)),
        // Shipments of one site with the same units are one as good as the other.
        ([(first, one), rest @ ..], _) if rest.iter().all(|(_, other)| other.site == one.site) => {
            Ok((*first, false))
        }
        _ => {
            Err(for_a_person("several sites send the same units of this order: say which it was".to_owned()))
        }
    }
}

/// Whether these units are exactly those of a shipment; if not, what differs.
fn compare(state: &DomainState, shipment: &Shipment, lines: &[(Vec<String>, u32)]) -> Result<(), String> {
    let order = state.order(shipment.order).map_err(|why| why.to_string())?;
    let mut wanted: BTreeMap<SkuId, i64> = BTreeMap::new();
    for (line, quantity) in &shipment.items {
        if let Some(line) = order.lines.get(usize::from(*line)) {
            *wanted.entry(line.sku).or_default() += i64::from(quantity.0);
        }
    }
    for (codes, units) in lines {
        let sku = wanted.keys().copied().find(|sku| codes.iter().any(|code| is_sku(state, *sku, code)));
        let name = codes.first().map_or("an item without a code", String::as_str);
        let sku = sku.ok_or_else(|| format!("{name} does not belong into it"))?;
        *wanted.entry(sku).or_default() -= i64::from(*units);
    }
    let code = |sku: SkuId| state.network.skus.get(sku).map_or_else(String::new, |sku| sku.code.to_string());
    match wanted.into_iter().find(|(_, left)| *left != 0) {
        None => Ok(()),
        Some((sku, left)) if left > 0 => Err(format!("{left} of {} are missing", code(sku))),
        Some((sku, left)) => Err(format!("{} of {} are too many", -left, code(sku))),
    }
}

/// Whether a code stands for a SKU: it is the merchant's own, or the same trade item's number.
fn is_sku(state: &DomainState, sku: SkuId, code: &str) -> bool {
    let Some(known) = state.network.skus.get(sku) else { return false };
    if *known.code == *code {
        return true;
    }
    matches!(scan::read(code, |_| false), Ok(Scan::Item(item)) if scan::is_item(&known.code, &item))
}
