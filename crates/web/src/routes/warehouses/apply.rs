//! An interchange applied, set by set: what does not fit is told and stops nothing else.

use std::collections::BTreeMap;

use holdfast_access::Right;
use holdfast_app::service::Asked;
use holdfast_connect::x12::{self, Acknowledged, Advice, Count, Interchange, Set};
use holdfast_domain::command::Command;
use holdfast_domain::id::{MerchantId, OrderId, ShipmentId, SkuId};
use holdfast_domain::quantity::Quantity;
use holdfast_domain::state::{NameKind, State as DomainState};
use holdfast_domain::table::fingerprint;

use super::{At, REFUSED_MAX, ReceivedOut, RefusedOut};
use crate::app::{App, Outcome};
use crate::guard::Who;
use crate::problem::Problem;
use crate::routes::shipments::reported::{self, Reported};
use crate::routes::stock::{Shelf, looked_twice, second_look};

/// Lengths a trade item's number is written in.
const GTIN_LENGTHS: [usize; 3] = [12, 13, 14];

/// Applies all sets that can be taken.
///
/// # Errors
/// A problem of the service itself: the interchange is to be sent again.
pub(super) async fn all(app: &App, who: &Who, at: &At, read: &Interchange) -> Result<ReceivedOut, Problem> {
    let mut out = ReceivedOut::default();
    for told in read.acknowledged.iter().filter(|_| read.code.is_none()) {
        let done = acknowledged(app, at, told).await;
        note(&mut out, "TA1", told.control.clone(), done)?;
    }
    for group in &read.groups {
        for set in &group.sets {
            if x12::is_applied(read, group, set) {
                let key = format!("{} {} {} {}", at.warehouse.id, read.control, group.control, set.control);
                apply(app, who, at, set, &key, &mut out).await?;
            } else {
                out.rejected += 1;
            }
        }
    }
    if !out.refused.is_empty() || out.rejected > 0 {
        let (warehouse, refused) = (&at.warehouse.id, out.refused.len() + out.refused_more);
        tracing::warn!(warehouse, refused, rejected = out.rejected, "an interchange was not taken whole");
    }
    Ok(out)
}

async fn apply(
    app: &App,
    who: &Who,
    at: &At,
    set: &Set,
    key: &str,
    out: &mut ReceivedOut,
) -> Result<(), Problem> {
    let named = format!("{} {}", set.id, set.control);
    for advice in x12::advices(set) {
        let what = [&advice.shipment, &advice.order].into_iter().find(|text| !text.is_empty());
        let what = what.map_or_else(|| "a shipment without a number".to_owned(), Clone::clone);
        let done = ship(app, who, at, &advice, key).await;
        note(out, &named, what, done)?;
    }
    let counts = counted(app.view().state(), who, at, set);
    for (what, counted) in counts {
        let done = match counted {
            Ok((sku, found)) => shelf(app, who, at, &Shelf { site: at.site, sku }, found, key).await,
            Err(problem) => Err(problem),
        };
        note(out, &named, what, done)?;
    }
    if let Some(told) = x12::functional(set) {
        let what = format!("{} {}", told.functional, told.control);
        let done = answered(app, at, told).await;
        note(out, &named, what, done)?;
    }
    Ok(())
}

/// Notes what became of a part of a set; a fault of this service ends the whole.
fn note(out: &mut ReceivedOut, set: &str, what: String, done: Result<bool, Problem>) -> Result<(), Problem> {
    match done {
        Ok(true) => out.applied += 1,
        Ok(false) => out.known += 1,
        Err(problem) if problem.status >= 500 => return Err(problem),
        Err(problem) if out.refused.len() < REFUSED_MAX => {
            let set = set.to_owned();
            let why = format!("{}: {}", problem.detail, problem.action);
            out.refused.push(RefusedOut { set, what, why });
        }
        Err(_) => out.refused_more += 1,
    }
    Ok(())
}

async fn ship(app: &App, who: &Who, at: &At, advice: &Advice, key: &str) -> Result<bool, Problem> {
    let told = {
        let view = app.view();
        let orders = merchants(view.state(), at)
            .filter_map(|merchant| view.state().named::<OrderId>(NameKind::Order, merchant, &advice.order));
        let orders: Vec<OrderId> = orders.collect();
        let of_the_merchant = |id: &ShipmentId| {
            at.merchant.is_none_or(|limit| {
                let shipment = view.state().shipments.get(*id);
                let order = shipment.and_then(|shipment| view.state().order(shipment.order).ok());
                order.is_some_and(|order| order.merchant == limit)
            })
        };
        Reported {
            // A warehouse that has one merchant's goods says nothing of another's.
            shipment: advice.shipment.parse().ok().filter(of_the_merchant),
            // A number two merchants have used names no order.
            order: if let [one] = orders[..] { Some(one) } else { None },
            site: Some(at.site),
            lines: advice.lines.iter().map(|line| (line.codes.clone(), line.units)).collect(),
            tracking: advice.tracking.clone(),
            day: advice.day.as_deref().and_then(|day| day.parse().ok()),
        }
    };
    reported::left(app, who.actor(), &told, &format!("x12 {key}")).await.map(|(_, moved)| moved)
}

fn merchants(state: &DomainState, at: &At) -> impl Iterator<Item = MerchantId> {
    let all = u16::try_from(state.network.merchants.len()).unwrap_or(u16::MAX);
    let limit = at.merchant;
    (0..all).map(MerchantId).filter(move |id| limit.is_none_or(|limit| limit == *id))
}

/// The SKU codes stand for, however many digits a trade item's number is written in.
fn sku(state: &DomainState, at: &At, codes: &[String]) -> Result<SkuId, Problem> {
    let named = |code: &str| -> Vec<SkuId> {
        merchants(state, at).filter_map(|merchant| state.named(NameKind::Sku, merchant, code)).collect()
    };
    for code in codes {
        let mut found = named(code);
        if found.is_empty()
            && (8..=14).contains(&code.len())
            && code.bytes().all(|byte| byte.is_ascii_digit())
        {
            let bare = code.trim_start_matches('0');
            found = GTIN_LENGTHS.iter().flat_map(|width| named(&format!("{bare:0>width$}"))).collect();
        }
        match found[..] {
            [one] => return Ok(one),
            [] => {}
            _ => {
                let why = format!("several merchants have a SKU {code:?}");
                let action = "name the merchant in [[warehouses]], or connect it once for each";
                return Err(Problem::new("not-that-sku", why, action));
            }
        }
    }
    Err(Problem::new("not-that-sku", "no SKU has this code", "add the SKU, or correct the warehouse's code"))
}

/// What a set counts: one count for each SKU, whatever lots, bins and codes it is told of in, or why there is none.
fn counted(
    state: &DomainState,
    who: &Who,
    at: &At,
    set: &Set,
) -> Vec<(String, Result<(SkuId, u32), Problem>)> {
    let mut all: Vec<(String, Result<(SkuId, u32), Problem>)> = Vec::new();
    let mut places: BTreeMap<SkuId, usize> = BTreeMap::new();
    for count in x12::counts(set) {
        let counted = on_hand(state, who, at, &count);
        if let Ok((sku, units)) = counted {
            let place = *places.entry(sku).or_insert(all.len());
            if let Some((_, Ok((_, sum)))) = all.get_mut(place) {
                *sum = sum.saturating_add(units);
                continue;
            }
        }
        let what = count.codes.into_iter().next().unwrap_or_else(|| "an item without a code".to_owned());
        all.push((what, counted));
    }
    all
}

fn on_hand(state: &DomainState, who: &Who, at: &At, count: &Count) -> Result<(SkuId, u32), Problem> {
    if !who.has(Right::ChangeStock) {
        return Err(Problem::new(
            "forbidden",
            "this key may not change stock",
            "give it the right stock:change",
        ));
    }
    let Some(found) = count.on_hand else {
        // What can be promised leaves out what the warehouse has set aside: that is no count of the shelf.
        let action = "ask the warehouse to tell what is on hand (QTY 17)";
        return Err(Problem::new("no-count", "it does not tell what is on hand", action));
    };
    Ok((sku(state, at, &count.codes)?, found))
}

/// Counts a shelf, once for each set: the same one again would put back what has left or come since. A count that is
/// held uses no key, so that it can be sent again once somebody has looked; until somebody has, it stays held, whatever
/// else was counted there since and made it plausible.
async fn shelf(app: &App, who: &Who, at: &At, shelf: &Shelf, found: u32, key: &str) -> Result<bool, Problem> {
    let key = fingerprint("x12 count", 0, &format!("{key} {} {}", shelf.site, shelf.sku));
    if app.view().state().keys.get(key).is_some() {
        return Ok(false);
    }
    let warehouse = at.warehouse.id.clone();
    let was_held = app.block(move |app| app.inbox.x12_was_held(&warehouse, key)).await?;
    if was_held.map_err(|error| Problem::internal(&error))? {
        looked_twice(app, who, shelf, Quantity(found)).await?;
    } else if let Err(problem) = second_look(app, who, shelf, Quantity(found)).await {
        if problem.code == "count-held" {
            let warehouse = at.warehouse.id.clone();
            let noted = app.block(move |app| app.inbox.x12_hold(&warehouse, key)).await?;
            noted.map_err(|error| Problem::internal(&error))?;
        }
        return Err(problem);
    }
    let command = Command::CountStock { site: shelf.site, sku: shelf.sku, found: Quantity(found) };
    let done = app.ask(Asked::new(command, who.actor()).with_key(Some(key))).await?;
    Ok(!matches!(done, Outcome::Repeated(_)))
}

/// What a warehouse says of a whole interchange of ours: one it has rejected was read by nobody, so all its 940s are
/// refused.
async fn acknowledged(app: &App, at: &At, told: &Acknowledged) -> Result<bool, Problem> {
    let (warehouse, control) = (at.warehouse.id.clone(), &told.control);
    match told.code.as_str() {
        "R" => {}
        "E" => {
            tracing::warn!(warehouse, control, "a warehouse has found errors in an interchange's envelope");
            return Ok(false);
        }
        _ => {
            tracing::info!(warehouse, control, "a warehouse has an interchange");
            return Ok(false);
        }
    }
    tracing::error!(warehouse, control, "a warehouse has rejected an interchange as a whole");
    let unknown = || {
        let detail =
            format!("the warehouse has rejected interchange {control}, which has no 940 of this house");
        Problem::new("not-that-group", detail, "ask the warehouse what is wrong with it")
    };
    let control: u32 = control.parse().map_err(|_| unknown())?;
    let done = app.block(move |app| app.inbox.x12_answered(&warehouse, control, "R", &[])).await?;
    if done.map_err(|error| Problem::internal(&error))? { Ok(true) } else { Err(unknown()) }
}

async fn answered(app: &App, at: &At, told: x12::Functional) -> Result<bool, Problem> {
    let unknown = || {
        let detail = format!("no group {} {} went out", told.functional, told.control);
        Problem::new("not-that-group", detail, "compare control numbers with the warehouse")
    };
    if told.functional != "OW" {
        return Err(unknown());
    }
    let control: u32 = told.control.parse().map_err(|_| unknown())?;
    let refused: Vec<usize> = told.refused.iter().filter_map(|(set, _)| set.parse().ok()).collect();
    let (name, status) = (at.warehouse.id.clone(), told.status.clone());
    let done = app.block(move |app| app.inbox.x12_answered(&name, control, &status, &refused)).await?;
    if !done.map_err(|error| Problem::internal(&error))? {
        return Err(unknown());
    }
    if !matches!(told.status.as_str(), "A" | "E") {
        let (warehouse, status) = (&at.warehouse.id, &told.status);
        tracing::error!(warehouse, control, status, "a warehouse has refused what it is to send");
    }
    Ok(true)
}
