//! The plan in the incident room: what it costs against its proven bound, what it moves and why, approval whole or in
//! part, execution, undo.

use std::collections::BTreeMap;
use std::sync::Arc;

use holdfast_domain::id::{IncidentId, OrderId, PlanId, SiteId};
use holdfast_domain::incident::Phase;
use holdfast_domain::plan_record::Move;
use holdfast_engine::incident::Planned;
use holdfast_plan::replan::{BackorderedBecause, MovedBecause, Reason};
use maud::{Markup, html};

use super::Cx;
use super::opened::{opened, underway};
use super::site::site_link;
use crate::act::hex;
use crate::page::Page;
use crate::parts::table::{Kind, Table};
use crate::parts::{Stat, Tone, bar, chip, explained, form, go, link_named, nothing, stats};
use crate::reading::{carriage, site_code};
use crate::viewer::Right;
use crate::words::say;

/// Orders of a plan on a page.
const PAGE: usize = 40;

pub(super) fn markup(cx: &Cx<'_>, id: IncidentId, from: usize) -> Markup {
    let w = cx.words;
    let proposal = cx.view.proposals.get(&id);
    let may =
        cx.may(Right::Command) && cx.view.state().incidents.get(id).is_some_and(|i| i.phase != Phase::Closed);
    let text = id.to_string();
    html! {
        @match proposal {
            Some(found) => {
                @if let Some(planned) = &found.planned { (proposed(cx, id, planned, from, may)) }
                @else if let Some(code) = &found.failed { p { (chip(Tone::Bad, &w.say("plan-failed"))) " " span class="code" { (code) } } }
                @else { p class="working" role="status" { (w.say("plan-working")) } }
            }
            None => @if may { p { (w.say("plan-lead")) } },
        }
        @if may && proposal.is_none_or(|found| found.planned.is_some() || found.failed.is_some()) {
            (form::button(cx, "/act/plan", &[("incident", &text)], &w.say(if proposal.is_some() { "plan-again" } else { "plan-make" }), if proposal.is_some() { "" } else { "primary" }))
        }
        (adopted(cx, id, may))
        (underway(cx))
    }
}

/// What a plan's moves come to, by the site they go to.
#[derive(Default)]
struct Towards {
    orders: u64,
    units: u64,
    work: u64,
}

fn towards(cx: &Cx<'_>, planned: &Planned) -> BTreeMap<SiteId, Towards> {
    let mut sites: BTreeMap<SiteId, Towards> = BTreeMap::new();
    let brought = planned.arrivals.iter().flat_map(|arrival| &arrival.moves);
    for change in planned.moves.iter().chain(brought) {
        let mut seen: Vec<SiteId> = Vec::new();
        for (_, allocation) in &change.to {
            let site = sites.entry(allocation.site).or_default();
            let parcels = u32::from(!seen.contains(&allocation.site));
            let work = cx.view.state().network.site(allocation.site);
            site.units += u64::from(allocation.quantity.0);
            site.work += work.map_or(0, |known| u64::from(known.work(parcels, allocation.quantity.0)));
            site.orders += u64::from(parcels);
            if parcels > 0 {
                seen.push(allocation.site);
            }
        }
    }
    sites
}

/// What carrying and handling the moved orders cost before, and costs now.
fn added(cx: &Cx<'_>, planned: &Planned) -> (i64, i64) {
    let state = cx.view.state();
    let mut sums = (0_i64, 0_i64);
    for change in &planned.moves {
        let Ok(order) = state.order(change.order) else { continue };
        sums.0 = sums.0.saturating_add(carriage(&state.network, order, &change.from));
        sums.1 = sums.1.saturating_add(carriage(&state.network, order, &change.to));
    }
    sums
}

fn summary(cx: &Cx<'_>, planned: &Planned) -> Markup {
    let (w, currency, s) = (cx.words, cx.view.currency(), &planned.summary);
    let (before, after) = added(cx, planned);
    let parts = [
        ("cost-shipping", s.shipping),
        ("cost-handling", s.handling),
        ("cost-late", s.late),
        ("cost-moving", s.moving),
        ("cost-backorder", s.backorder),
        ("cost-activation", s.activation),
        ("cost-transfer", s.transfer),
    ];
    let (part, cost) = (w.say("part-of-cost"), w.say("cost"));
    let mut table = Table::new(&w.say("plan-cost"), &[(&part, Kind::Head), (&cost, Kind::Number)]);
    for (key, minor) in parts.into_iter().filter(|(_, minor)| *minor != 0) {
        table.row(vec![html! { (w.say(key)) }, html! { (w.minor(minor, currency)) }]);
    }
    html! {
        (stats(&[
            Stat::new(w.say("plan-moves"), w.number(s.moved)).hint(say!(w, "plan-of", n = s.orders)),
            Stat::new(w.say("plan-cost"), w.minor(s.cost, currency)).hint(say!(w, "plan-bound", bound = w.minor(s.bound, currency), gap = w.percent(s.gap(), 2))),
            Stat::new(w.say("plan-added"), w.minor(after.saturating_sub(before), currency)).hint(w.say("plan-added-means")),
            Stat::new(w.say("plan-backordered"), w.number(s.backordered_lines)).tone_if(s.backordered_lines > 0, Tone::Warn),
            Stat::new(w.say("plan-waiting"), w.number(s.waiting_lines)).hint(w.say("plan-waiting-means")),
        ]))
        details { summary { (w.say("plan-cost-parts")) } (table.markup()) }
        (explained(&w.say("where-from"), &say!(w, "plan-explained", version = planned.parent, at = w.moment(planned.made, &cx.view.zone()), digest = hex(&planned.digest()).get(..12).unwrap_or_default())))
    }
}

fn proposed(cx: &Cx<'_>, id: IncidentId, planned: &Arc<Planned>, from: usize, may: bool) -> Markup {
    let w = cx.words;
    let sites = towards(cx, planned);
    let stale = cx.view.state().version.saturating_sub(planned.parent);
    html! {
        p { (chip(Tone::Info, &w.say("plan-proposed"))) " " @if stale > 0 { span class="hint" { (say!(w, "plan-age", n = stale)) } } }
        (summary(cx, planned))
        (opened(cx, planned))
        div class="split" {
            div { h3 { (w.say("plan-by-site")) } (by_site(cx, &sites)) }
            div { h3 { (w.say("plan-by-reason")) } (by_reason(cx, planned)) }
        }
        h3 { (w.say("plan-by-order")) }
        @if may { (approval(cx, id, planned, &sites, from)) } @else { (by_order(cx, planned, from, false)) }
        (pages(cx, id, planned, from))
    }
}

fn by_site(cx: &Cx<'_>, sites: &BTreeMap<SiteId, Towards>) -> Markup {
    let w = cx.words;
    let (site, orders, units, load) =
        (w.say("to-site"), w.say("orders"), w.say("units"), w.say("added-load"));
    let mut table = Table::new(
        &w.say("plan-by-site"),
        &[(&site, Kind::Head), (&orders, Kind::Number), (&units, Kind::Number), (&load, Kind::Text)],
    );
    for (site, towards) in sites {
        let (promised, whole) = super::sites::week(cx, *site);
        let left = whole.saturating_sub(promised);
        let tone = if towards.work > left { Tone::Warn } else { Tone::Good };
        table.row(vec![
            site_link(cx, *site),
            html! { (w.number(towards.orders)) },
            html! { (w.number(towards.units)) },
            html! { div class="load" { (bar(towards.work, left, tone)) span { (say!(w, "work-of-left", work = towards.work, left = left)) } } },
        ]);
    }
    if table.is_empty() { nothing(&w.say("plan-none")) } else { table.markup() }
}

/// The key of a reason.
pub(super) const fn reason_key(reason: Reason) -> &'static str {
    match reason {
        Reason::Kept => "kept",
        Reason::Moved(because) => match because {
            MovedBecause::NotPlanned => "not-planned",
            MovedBecause::SiteDown => "site-down",
            MovedBecause::SiteNotOpen => "site-not-open",
            MovedBecause::NoStockThere => "no-stock-there",
            MovedBecause::NoLaneThere => "no-lane-there",
            MovedBecause::StockToOthers => "stock-to-others",
            MovedBecause::CapacityToOthers => "capacity-to-others",
            MovedBecause::Cheaper => "cheaper",
        },
        Reason::Backordered(because) => match because {
            BackorderedBecause::NoStock => "no-stock",
            BackorderedBecause::NoLane => "no-lane",
            BackorderedBecause::StockToOthers => "back-stock-to-others",
            BackorderedBecause::NoCapacity => "no-capacity",
            BackorderedBecause::PriceTooHigh => "price-too-high",
        },
        Reason::Held(_) => "held",
    }
}

fn by_reason(cx: &Cx<'_>, planned: &Planned) -> Markup {
    let w = cx.words;
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for reason in &planned.reasons {
        *counts.entry(reason_key(reason.reason)).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(key, n)| (core::cmp::Reverse(*n), *key));
    let (why, lines) = (w.say("why"), w.say("lines"));
    let mut table = Table::new(&w.say("plan-by-reason"), &[(&why, Kind::Head), (&lines, Kind::Number)]);
    for (key, n) in counts {
        table.row(vec![html! { (w.say(&format!("reason-{key}"))) }, html! { (w.number(n)) }]);
    }
    if table.is_empty() { nothing(&w.say("plan-none")) } else { table.markup() }
}

fn approval(
    cx: &Cx<'_>,
    id: IncidentId,
    planned: &Planned,
    sites: &BTreeMap<SiteId, Towards>,
    from: usize,
) -> Markup {
    let w = cx.words;
    form::post(
        cx,
        "/act/approve",
        "stack",
        &html! {
            (form::hidden("incident", &id.to_string()))
            (form::hidden("plan", &hex(&planned.digest())))
            (by_order(cx, planned, from, true))
            (form::group(&w.say("approve-what"), &html! {
                (form::choice("part", "all", true, &html! { (say!(w, "approve-all", n = planned.moves.len())) }))
                (form::choice("part", "sites", false, &html! { (w.say("approve-part")) }))
                div class="ticks nested" { @for (site, towards) in sites {
                    (form::tick("to", &site.to_string(), false, &html! { (site_code(cx.view.state(), *site)) " " span class="hint" { (say!(w, "orders-n", n = towards.orders)) } }))
                } }
            }))
            div class="row" { (form::submit(&w.say("approve"), "danger")) p class="hint" { (w.say("approve-means")) } }
        },
    )
}

/// From where to where, in a line for each line of an order.
fn ways(cx: &Cx<'_>, allocations: &[(u16, holdfast_domain::order::Allocation)]) -> String {
    let state = cx.view.state();
    let mut all: Vec<String> = allocations.iter().map(|(_, a)| site_code(state, a.site)).collect();
    all.sort();
    all.dedup();
    if all.is_empty() { cx.words.say("nowhere-yet") } else { all.join(", ") }
}

fn by_order(cx: &Cx<'_>, planned: &Planned, from: usize, may: bool) -> Markup {
    let (w, state, currency) = (cx.words, cx.view.state(), cx.view.currency());
    let why: BTreeMap<OrderId, Vec<&'static str>> =
        planned.reasons.iter().fold(BTreeMap::new(), |mut all: BTreeMap<_, Vec<_>>, reason| {
            all.entry(reason.order).or_default().push(reason_key(reason.reason));
            all
        });
    let (order, before, after, reason, cost, leave) = (
        w.say("order"),
        w.say("from-site"),
        w.say("to-site"),
        w.say("why"),
        w.say("carriage-change"),
        w.say("leave-out"),
    );
    let mut columns = vec![
        (order.as_str(), Kind::Head),
        (before.as_str(), Kind::Text),
        (after.as_str(), Kind::Text),
        (reason.as_str(), Kind::Text),
        (cost.as_str(), Kind::Number),
    ];
    if may {
        columns.push((leave.as_str(), Kind::Act));
    }
    let mut table = Table::new(&w.say("plan-by-order"), &columns);
    for change in planned.moves.iter().skip(from).take(PAGE) {
        let known = state.order(change.order);
        let number =
            known.as_ref().map_or_else(|_| change.order.to_string(), |order| order.number.to_string());
        let reasons = why.get(&change.order).cloned().unwrap_or_default();
        let mut reasons: Vec<String> = reasons.iter().map(|key| w.say(&format!("reason-{key}"))).collect();
        reasons.dedup();
        let cost = known.map_or(0, |order| {
            carriage(&state.network, order, &change.to) - carriage(&state.network, order, &change.from)
        });
        let mut row = vec![
            link_named(&Page::Order(change.order), &number),
            html! { (ways(cx, &change.from)) },
            html! { (ways(cx, &change.to)) " " (leaves(cx, change)) },
            html! { (reasons.join(" · ")) },
            html! { (w.minor(cost, currency)) },
        ];
        if may {
            let label = say!(w, "leave-out-order", number = crate::words::name(&number));
            row.push(form::tick(
                "except",
                &change.order.to_string(),
                false,
                &html! { span class="unseen" { (label) } span aria-hidden="true" { (leave) } },
            ));
        }
        table.row(row);
    }
    if table.is_empty() { nothing(&w.say("plan-none")) } else { table.markup() }
}

fn leaves(cx: &Cx<'_>, change: &Move) -> Markup {
    let day = change.to.iter().map(|(_, allocation)| allocation.ship_day).max();
    html! { @if let Some(day) = day { span class="hint" { (cx.words.day_short(day)) } } }
}

fn pages(cx: &Cx<'_>, id: IncidentId, planned: &Planned, from: usize) -> Markup {
    let w = cx.words;
    let to = |from: usize| Page::Incident(id, from).address() + "#plan";
    html! {
        @if planned.moves.len() > PAGE {
            nav class="pages" aria-label=(w.say("pages")) {
                span { (say!(w, "shown-of", from = from + 1, to = (from + PAGE).min(planned.moves.len()), all = planned.moves.len())) }
                @if from > 0 { (go(&to(from.saturating_sub(PAGE)), &w.say("previous-page"), "")) }
                @if from + PAGE < planned.moves.len() { (go(&to(from + PAGE), &w.say("next-page"), "")) }
            }
        }
    }
}

/// Plans that were approved: how far they are, and what can still be taken back.
fn adopted(cx: &Cx<'_>, id: IncidentId, may: bool) -> Markup {
    let (w, state, zone, currency) = (cx.words, cx.view.state(), cx.view.zone(), cx.view.currency());
    let (plan, at, steps, moved, skipped, cost, act) = (
        w.say("plan"),
        w.say("approved-at"),
        w.say("carried-out"),
        w.say("plan-moved"),
        w.say("plan-skipped"),
        w.say("cost-and-gap"),
        w.say("act"),
    );
    let mut table = Table::new(
        &w.say("plans-adopted"),
        &[
            (&plan, Kind::Head),
            (&at, Kind::Text),
            (&steps, Kind::Text),
            (&moved, Kind::Number),
            (&skipped, Kind::Number),
            (&cost, Kind::Number),
            (&act, Kind::Act),
        ],
    )
    .captioned();
    let mut mine: Vec<_> = state.plans.iter().filter(|(_, plan)| plan.incident == Some(id)).collect();
    mine.reverse();
    for (id, record) in mine {
        let whole = record.steps.len() as u64;
        let (text, done) = (id.to_string(), u64::from(record.done));
        let gap = holdfast_plan::replan::gap(record.cost, record.bound);
        table.row(vec![
            html! { (id) " " span class="code" { (hex(&record.digest).get(..8).unwrap_or_default()) } },
            html! { (w.moment_short(record.adopted, &zone)) },
            html! { @if record.undone { (chip(Tone::Quiet, &w.say("plan-undone"))) } @else {
                div class="load" { (bar(done, whole, Tone::Good)) span { (say!(w, "steps-of", done = done, all = whole)) } }
            } },
            html! { (w.number(record.moved)) },
            html! { (w.number(record.skipped)) },
            html! { (w.minor(record.cost, currency)) span class="hint" { (w.percent(gap, 2)) } },
            html! { @if may && !record.undone {
                @if done < whole { (form::button(cx, "/act/carry-on", &[("plan", &text)], &w.say("carry-on"), "small primary")) }
                @if record.moved > 0 { (undo(cx, id)) }
            } },
        ]);
    }
    html! { @if !table.is_empty() { (table.markup()) p class="hint" { (w.say("undo-explained")) } } }
}

/// What taking a plan back would come to, and the button that does it below: nobody presses it unread.
fn undo(cx: &Cx<'_>, id: PlanId) -> Markup {
    let (w, text) = (cx.words, id.to_string());
    let Some(found) = cx.view.beside.undoing.get(&id) else {
        return html! { p class="hint" { (w.say("undo-cannot")) } };
    };
    let number = |order: OrderId| {
        let known = cx.view.state().order(order);
        known.map_or_else(|_| order.to_string(), |order| order.number.to_string())
    };
    let stay: u32 = found.stay.values().sum();
    html! {
        details class="undo" {
            summary { (w.say("undo")) span class="unseen" { " " (text) } }
            p { strong { (say!(w, "undo-back", n = found.back)) } " " (say!(w, "undo-stay", n = stay)) }
            @if stay > 0 { ul class="plain" {
                @for (why, n) in &found.stay { li { strong { (w.number(*n)) } " " (w.say(&format!("stays-{}", why.key()))) } }
            } }
            @if !found.named.is_empty() {
                details {
                    summary { (w.say("undo-which")) }
                    ul class="plain" { @for (order, why) in &found.named { li { (link_named(&Page::Order(*order), &number(*order))) " " span class="hint" { (w.say(&format!("stays-{}", why.key()))) } } } }
                }
            }
            p class="hint" { (w.say("undo-never")) }
            @if found.back > 0 { (form::button(cx, "/act/undo", &[("plan", &text)], &say!(w, "undo-do", n = found.back), "small danger")) }
        }
    }
}
