//! Who takes over: which backups to contract, and which ways are left for today's orders when a site is lost.

use std::collections::BTreeSet;

use holdfast_continuity::backups::Answer;
use holdfast_domain::money::Money;
use holdfast_domain::network::LaneKind;
use maud::{Markup, html};

use super::super::Cx;
use super::super::preview::stuck_key;
use super::super::site::site_link;
use super::figure::id_of;
use crate::before::Before;
use crate::page::{Page, PreviewQuery, lane_kind_key};
use crate::parts::table::{Kind, Table};
use crate::parts::{Tone, chip, explained, link, nothing};
use crate::words::say;

pub(super) fn backups(cx: &Cx<'_>, before: &Before) -> Markup {
    let w = cx.words;
    let Some(answer) = &before.backups else { return nothing(&w.say("before-backups-none")) };
    let amount = |minor: i64| w.money_whole(Money::new(minor, super::currency(cx, &before.report)));
    html! {
        p { (said(cx, answer, &amount)) }
        (candidates(cx, answer, &amount))
    }
}

fn said(cx: &Cx<'_>, answer: &Answer, amount: &dyn Fn(i64) -> String) -> String {
    let w = cx.words;
    let sites: Vec<&str> = answer.contracts.iter().map(|row| row.site.as_str()).collect();
    let (cost, without) = (amount(answer.cost), amount(answer.cost_without));
    let gap = w.percent(answer.gap, 2);
    if sites.is_empty() {
        say!(w, "backups-none-pays", cost = without, gap = gap)
    } else {
        say!(w, "backups-said", sites = sites.join(", "), cost = cost, without = without, gap = gap)
    }
}

fn candidates(cx: &Cx<'_>, answer: &Answer, amount: &dyn Fn(i64) -> String) -> Markup {
    let w = cx.words;
    let (site, contract, call, lead, orders, closed, verdict) = (
        w.say("site"),
        w.say("backup-contract"),
        w.say("backup-call"),
        w.say("backup-lead"),
        w.say("backup-orders"),
        w.say("backup-closed"),
        w.say("backup-verdict"),
    );
    let mut table = Table::new(
        &w.say("before-backups"),
        &[
            (&site, Kind::Head),
            (&contract, Kind::Number),
            (&call, Kind::Number),
            (&lead, Kind::Number),
            (&orders, Kind::Number),
            (&closed, Kind::Number),
            (&verdict, Kind::Text),
        ],
    );
    let way = |within: &str, name: &str, text: &str| link(&id_of("backups", within, name), text);
    for row in &answer.candidates {
        let chosen = answer.contracts.iter().find(|contract| contract.site == row.site);
        table.row(vec![
            html! { bdi { (row.site) } },
            way("terms", "contract_minor", &amount(row.terms.contract_minor)),
            way("terms", "activation_minor", &amount(row.terms.activation_minor)),
            html! { (say!(w, "days-about", n = w.decimal(row.terms.lead_days, 1))) },
            way("candidates", "orders_per_day", &w.decimal(row.orders_per_day, 0)),
            way("candidates", "closed_days", &w.decimal(row.closed_days, 2)),
            html! { @match chosen {
                Some(contract) => {
                    (chip(Tone::Good, &w.say("backup-take"))) " "
                    span class="hint" { (say!(w, "backup-saves", money = amount(contract.saves_minor), share = w.percent(contract.fails_too, 0))) }
                }
                None => (chip(Tone::Quiet, &w.say("backup-leave"))),
            } },
        ]);
    }
    table.markup()
}

pub(super) fn markup(cx: &Cx<'_>, before: &Before) -> Markup {
    let w = cx.words;
    let kinds: BTreeSet<LaneKind> = before.ways.iter().flat_map(|ways| ways.kinds.keys().copied()).collect();
    let names: Vec<String> =
        kinds.iter().map(|kind| w.say(&format!("lane-kind-{}", lane_kind_key(*kind)))).collect();
    let (site, orders, stuck, load) =
        (w.say("site"), w.say("status-open"), w.say("cannot-move"), w.say("ways-load"));
    let mut columns = vec![(site.as_str(), Kind::Head), (orders.as_str(), Kind::Number)];
    columns.extend(names.iter().map(|name| (name.as_str(), Kind::Number)));
    columns.extend([(stuck.as_str(), Kind::Text), (load.as_str(), Kind::Number)]);
    let mut table = Table::new(&w.say("before-ways"), &columns);
    for ways in before.ways.iter().filter(|ways| ways.orders > 0) {
        let query = PreviewQuery { sites: vec![ways.site], ..PreviewQuery::default() };
        let mut row =
            vec![site_link(cx, ways.site), html! { (link(&Page::Preview(query), &w.number(ways.orders))) }];
        row.extend(kinds.iter().map(|kind| html! { (w.number(ways.kinds.get(kind).copied().unwrap_or(0))) }));
        row.push(html! { @if ways.stuck.is_empty() { (w.number(0)) } @else { ul class="plain" {
            @for (reason, n) in &ways.stuck { li { strong { (w.number(*n)) } " · " (w.say(&format!("stuck-{}", stuck_key(*reason)))) } }
        } } });
        row.push(html! { @let share = if ways.capacity_left == 0 { f64::INFINITY } else { ways.work_needed as f64 / ways.capacity_left as f64 };
            (w.percent(share, 0)) });
        table.row(row);
    }
    html! {
        p class="hint" { (w.say("before-ways-lead")) }
        @if table.is_empty() { (nothing(&w.say("before-ways-none"))) } @else { (table.markup()) }
        (explained(&w.say("where-from"), &w.say("before-ways-explained")))
    }
}
