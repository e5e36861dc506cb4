//! `holdfast explain`: why an order went where it went, and why nowhere else, from the state it was decided in.

use std::path::PathBuf;

use holdfast_app::port::Journal as _;
use holdfast_app::recover::recover;
use holdfast_domain::event::{Event, Terms};
use holdfast_domain::evolve::{Entry, evolve};
use holdfast_domain::id::{Id, MerchantId, OrderId};
use holdfast_domain::state::{NameKind, State};
use holdfast_engine::law::view::{ClockShown, clocks};
use holdfast_engine::route::{Explanation, SiteVerdict, Verdict, explain};
use holdfast_journal::sqlite::SqliteJournal;
use serde::Serialize;

use crate::exit::{Code, Failure};
use crate::output::Output;
use crate::world;

#[derive(clap::Args)]
pub struct Args {
    /// The journal.
    journal: PathBuf,
    /// The merchant's order number, merchant/number where several have it, or ord-17.
    order: String,
}

#[derive(Serialize)]
struct Answer {
    order: String,
    number: String,
    merchant: String,
    subject: Option<String>,
    decided_version: u64,
    decided_at: String,
    by: String,
    terms: Option<Terms>,
    currency: String,
    cost: i64,
    sites: Vec<Site>,
    moves: Vec<Move>,
    /// Which legal clock runs for it as the journal stands, and until when.
    clocks: Vec<ClockShown>,
}

#[derive(Serialize)]
struct Site {
    code: String,
    carrier: Option<String>,
    #[serde(flatten)]
    verdict: SiteVerdict,
}

/// What happened to it later.
#[derive(Serialize)]
struct Move {
    version: u64,
    at: String,
    by: String,
    what: String,
}

/// Where an order's first site was chosen.
struct Sourced {
    version: u64,
    entry: Entry,
}

pub fn run(args: &Args, out: &Output) -> Result<Code, Failure> {
    let mut journal = world::open(&args.journal)?;
    let now = recover(&mut journal, None).map_err(|error| world::broken(&args.journal, &error))?.engine.state;
    let id = find(&now, &args.order)?;
    let (sourced, moves) = history(args, &mut journal, id)?;
    let Some(sourced) = sourced else {
        return Err(Failure::input(
            format!("explain {}: it is not in the journal's entries", args.order),
            "check the order number",
        ));
    };
    let before = recover(&mut journal, Some(sourced.version - 1))
        .map_err(|error| world::broken(&args.journal, &error))?
        .engine;
    let mut state = before.state;
    for event in &sourced.entry.events {
        if matches!(event, Event::OrderSourced { order, .. } if *order == id) {
            break;
        }
        evolve(&mut state, sourced.entry.at, event).map_err(|error| world::broken(&args.journal, &error))?;
    }
    let explanation = explain(&state, &before.prices, id, sourced.entry.at)
        .map_err(|why| Failure::input(why.to_string(), why.action()))?;
    let mut answer = answer(&state, id, &sourced, explanation, moves);
    answer.clocks =
        clocks(&now, id, now.stamp).map_err(|why| Failure::input(why, "add the calendar's missing years"))?;
    out.json(&answer)?;
    print(&answer, out);
    Ok(Code::Ok)
}

fn find(state: &State, text: &str) -> Result<OrderId, Failure> {
    if let Ok(id) = text.parse::<OrderId>()
        && state.orders.get(id).is_some()
    {
        return Ok(id);
    }
    if let Some((merchant, number)) = text.split_once('/')
        && let Some(merchant) = state.named(NameKind::Merchant, MerchantId(0), merchant)
        && let Some(id) = state.named(NameKind::Order, merchant, number)
    {
        return Ok(id);
    }
    let merchants = (0..state.network.merchants.len()).map(MerchantId::from_index);
    let found: Vec<OrderId> =
        merchants.filter_map(|merchant| state.named(NameKind::Order, merchant, text)).collect();
    match found[..] {
        [one] => Ok(one),
        [] => Err(Failure::input(
            format!("find order {text:?}: the journal has no order of that number"),
            "check the number, or write the order as merchant/number or ord-17",
        )),
        _ => {
            let ids: Vec<String> = found.iter().map(ToString::to_string).collect();
            Err(Failure::input(
                format!("find order {text:?}: {} merchants have one of that number", found.len()),
                format!("name one of {}", ids.join(", ")),
            ))
        }
    }
}

/// The entry that first gave the order a site (or, failing that, took it), and what moved it later.
fn history(
    args: &Args,
    journal: &mut SqliteJournal,
    id: OrderId,
) -> Result<(Option<Sourced>, Vec<Move>), Failure> {
    let broken = |error| world::broken(&args.journal, &error);
    let (mut taken, mut sourced, mut moves, mut orders) = (None, None, Vec::new(), 0_usize);
    for group in journal.read(0).map_err(broken)? {
        let group = group.map_err(broken)?;
        for (version, entry) in (group.first..).zip(&group.entries) {
            for event in &entry.events {
                let what = match event {
                    Event::OrderReceived(_) => {
                        orders += 1;
                        if orders == id.index() + 1 {
                            taken = Some(Sourced { version, entry: entry.clone() });
                        }
                        continue;
                    }
                    Event::OrderSourced { order, .. } if *order == id => {
                        if sourced.is_none() {
                            sourced = Some(Sourced { version, entry: entry.clone() });
                            continue;
                        }
                        "more units got a site"
                    }
                    Event::OrderMoved { order, .. } if *order == id => "a plan moved it",
                    Event::UnitsDropped { order, .. } if *order == id => "units lost their site",
                    Event::LineCancelled { order, .. } if *order == id => "units were cancelled",
                    Event::PromiseMoved { order, .. } if *order == id => "it was promised for another day",
                    _ => continue,
                };
                moves.push(Move {
                    version,
                    at: entry.at.to_string(),
                    by: entry.actor.to_string(),
                    what: what.to_owned(),
                });
            }
        }
    }
    Ok((sourced.or(taken), moves))
}

fn answer(
    state: &State,
    id: OrderId,
    sourced: &Sourced,
    explanation: Explanation,
    moves: Vec<Move>,
) -> Answer {
    let order = state.order(id).ok();
    let terms = sourced.entry.events.iter().find_map(|event| match event {
        Event::OrderSourced { order, terms, .. } if *order == id => Some(*terms),
        _ => None,
    });
    let network = &state.network;
    let site = |verdict: SiteVerdict| Site {
        code: network.site(verdict.site).map_or_else(String::new, |site| site.code.to_string()),
        carrier: verdict.lane.and_then(|lane| network.lanes.get(lane)).and_then(|lane| {
            let service = network.services.get(lane.service.index())?;
            Some(format!("{}/{}", service.carrier, service.name))
        }),
        verdict,
    };
    Answer {
        order: id.to_string(),
        number: order.map_or_else(String::new, |order| order.number.to_string()),
        merchant: order
            .and_then(|order| network.merchant(order.merchant))
            .map_or_else(String::new, |merchant| merchant.code.to_string()),
        subject: order.and_then(|order| order.subject).map(|subject| subject.to_string()),
        decided_version: sourced.version,
        decided_at: sourced.entry.at.to_string(),
        by: sourced.entry.actor.to_string(),
        terms,
        currency: network
            .operator
            .as_ref()
            .map_or_else(String::new, |operator| operator.currency.to_string()),
        cost: explanation.cost,
        sites: explanation.sites.into_iter().map(site).collect(),
        moves,
        clocks: Vec::new(),
    }
}

fn print(answer: &Answer, out: &Output) {
    out.line(format!(
        "{} ({} of {}), decided at {} in version {}",
        answer.number, answer.order, answer.merchant, answer.decided_at, answer.decided_version
    ));
    if let Some(terms) = &answer.terms {
        out.line(format!(
            "cost in minor units of {}: parcels {} + lines {} + lateness {} + shadow prices {}",
            answer.currency, terms.parcel, terms.line, terms.late, terms.price
        ));
    } else {
        out.line("no site could take it when it came in");
    }
    for site in &answer.sites {
        let way = match (&site.carrier, site.verdict.ship_day, site.verdict.arrival) {
            (Some(carrier), Some(ships), Some(arrives)) => format!(" by {carrier}, {ships} to {arrives}"),
            _ => String::new(),
        };
        let why = match &site.verdict.verdict {
            Verdict::Chosen { lines } => format!("CHOSEN for lines {}", numbers(lines)),
            Verdict::Dearer { by } => format!("could, and costs {by} more"),
            Verdict::NoStock { lines } => format!("lacks stock of lines {}", numbers(lines)),
            Verdict::NotOpen => "closed, dormant or full".to_owned(),
            Verdict::NoLane => "no open lane to the customer".to_owned(),
        };
        out.line(format!("  {:8} {why}{way}", site.code));
    }
    for clock in &answer.clocks {
        out.line(format!(
            "by law: {} until the end of {} ({}), else {}{}{}",
            clock.duty,
            clock.last_day,
            clock.source,
            clock.then,
            if clock.overdue { "; OVERDUE" } else { "" },
            if clock.timed { "" } else { "; nobody was told, so no timer is set" },
        ));
    }
    for moved in &answer.moves {
        out.line(format!("later, {} (version {}, by {}): {}", moved.at, moved.version, moved.by, moved.what));
    }
}

/// Lines as people count them, from 1.
fn numbers(lines: &[u16]) -> String {
    lines.iter().map(|line| (line + 1).to_string()).collect::<Vec<_>>().join(", ")
}
