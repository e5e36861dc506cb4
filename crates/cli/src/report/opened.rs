//! What plans opened and why, in sentences: standby sites, trucks, channels, fairness; and the trucks as they went.

use holdfast_domain::money::group_thousands;
use holdfast_domain::network::LaneKind;
use holdfast_domain::time::Span;
use holdfast_engine::incident::{Called, LoadReason, Opened};
use holdfast_plan::replan::{Fair, MovedBecause};
use holdfast_sim::opened::{NoWay, TruckPlan};
use holdfast_sim::policy::ActLog;
use holdfast_sim::world::TruckRun;

use super::Shown;

/// Sentences and trucks listed; the JSON has them all.
const LISTED: usize = 40;

/// Pairs of places no truck joins that are named in one sentence.
const PAIRS: usize = 6;

/// What each plan opened, and why. What a plan says as the one before it said it is not said again.
pub fn opened(shown: &Shown<'_>) -> Vec<String> {
    let mut before: Vec<String> = Vec::new();
    let mut lines = Vec::new();
    for entry in &shown.report.log {
        let now = of_plan(shown, entry);
        let when = shown.moment(entry.at);
        let news = now.iter().filter(|part| !before.contains(part));
        lines.extend(news.map(|part| format!("{when}  {part}")));
        before = now;
    }
    cut(shown, &mut lines);
    lines
}

fn cut(shown: &Shown<'_>, lines: &mut Vec<String>) {
    let all = lines.len();
    if all > LISTED {
        lines.truncate(LISTED);
        lines.push(shown.tell("listed", &[("shown", &LISTED), ("all", &all)]));
    }
}

fn of_plan(shown: &Shown<'_>, entry: &ActLog) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    if let Some(opened) = &entry.opened {
        parts.extend(opened.standby.iter().map(|called| standby(shown, called)));
        parts.extend(opened.trucks.iter().map(|planned| truck(shown, planned)));
        parts.extend(opened.channels.iter().map(|(service, it)| channel(shown, service, it)));
        parts.extend(no_trucks(shown, &opened.no_trucks));
    }
    parts.extend(entry.fair.as_ref().map(|fair| fairness(shown, fair)));
    parts
}

fn standby(shown: &Shown<'_>, called: &Called) -> String {
    let why = called.why.iter().map(|(why, lines)| {
        shown.tell(
            "why-lines",
            &[("lines", &group_thousands(u64::from(*lines))), ("why", &shown.say(because(*why)))],
        )
    });
    shown.tell(
        "opened-standby",
        &[
            ("site", &shown.report.site(called.site)),
            ("cost", &shown.money(called.activation)),
            ("daily", &shown.money(called.daily)),
            ("ready", &shown.moment(called.ready)),
            ("orders", &group_thousands(u64::from(called.orders))),
            ("units", &group_thousands(called.units)),
            ("why", &why.collect::<Vec<_>>().join("; ")),
        ],
    )
}

const fn because(why: MovedBecause) -> &'static str {
    match why {
        MovedBecause::NotPlanned => "because-not-planned",
        MovedBecause::SiteDown => "because-site-down",
        MovedBecause::SiteNotOpen => "because-site-not-open",
        MovedBecause::NoStockThere => "because-no-stock-there",
        MovedBecause::NoLaneThere => "because-no-lane-there",
        MovedBecause::StockToOthers => "because-stock-to-others",
        MovedBecause::CapacityToOthers => "because-capacity-to-others",
        MovedBecause::Cheaper => "because-cheaper",
    }
}

fn km(metres: u64) -> String {
    group_thousands(metres.div_ceil(1000))
}

fn hours(span: Span) -> String {
    format!("{:.0}", span.0 as f64 / 3_600_000.0)
}

/// How a way goes: how far, how much of it round closed roads, how long it waits.
fn way(shown: &Shown<'_>, length_m: u64, open_m: u64, waits: Span, by_road: bool) -> String {
    let mut text = shown.tell("truck-way", &[("km", &km(length_m))]);
    if length_m > open_m {
        text.push_str(&shown.tell("truck-round", &[("km", &km(length_m - open_m))]));
    }
    if waits.0 > 0 {
        text.push_str(&shown.tell("truck-waits", &[("hours", &hours(waits))]));
    }
    if !by_road {
        text.push_str(&shown.say("truck-no-roads"));
    }
    text
}

fn truck(shown: &Shown<'_>, planned: &TruckPlan) -> String {
    let key = |why: LoadReason| match why {
        LoadReason::NoLane => "load-no-lane",
        LoadReason::SiteStrained => "load-site-strained",
        LoadReason::Cheaper => "load-cheaper",
    };
    let why = planned.why.iter().map(|(why, lines)| {
        shown.tell(
            "why-lines",
            &[("lines", &group_thousands(u64::from(*lines))), ("why", &shown.say(key(*why)))],
        )
    });
    shown.tell(
        "opened-truck",
        &[
            ("from", &shown.report.site(planned.from)),
            ("to", &shown.report.site(planned.to)),
            ("leaves", &planned.leaves),
            ("ready", &planned.ready),
            ("units", &group_thousands(planned.units)),
            ("cost", &shown.money(planned.cost)),
            ("way", &way(shown, planned.length_m, planned.open_length_m, planned.waits, planned.by_road)),
            ("why", &why.collect::<Vec<_>>().join("; ")),
        ],
    )
}

fn channel(shown: &Shown<'_>, service: &str, opened: &Opened) -> String {
    let kind = shown.say(match opened.kind {
        LaneKind::Parcel => "kind-parcel",
        LaneKind::Air => "kind-air",
        LaneKind::Ferry => "kind-ferry",
        LaneKind::StoreHub => "kind-store-hub",
        LaneKind::PickUp => "kind-pick-up",
        LaneKind::Courier => "kind-courier",
        LaneKind::ZoneSkip => "kind-zone-skip",
        LaneKind::OwnVan => "kind-own-van",
    });
    let mut text = shown.tell(
        "opened-channel",
        &[
            ("service", &service),
            ("kind", &kind),
            ("orders", &group_thousands(u64::from(opened.orders))),
            ("parcels", &group_thousands(u64::from(opened.parcels))),
            ("cost", &shown.money(opened.cost)),
        ],
    );
    if opened.shut_out > 0 {
        text.push_str(&shown.tell(
            "opened-shut-out",
            &[
                ("parcels", &group_thousands(u64::from(opened.shut_out))),
                ("here", &shown.money(opened.shut_out_cost)),
                ("closed", &shown.money(opened.closed_cost)),
            ],
        ));
    }
    text
}

/// Places no truck joins, those with the same reason in one sentence.
fn no_trucks(shown: &Shown<'_>, none: &[NoWay]) -> Vec<String> {
    let codes = ["off_road", "roads_closed", "no_road", "too_late", "too_far"];
    let keys = [
        "no-truck-off-road",
        "no-truck-roads-closed",
        "no-truck-no-road",
        "no-truck-too-late",
        "no-truck-too-far",
    ];
    let told = codes.iter().zip(keys).filter_map(|(code, key)| {
        let mut pairs: Vec<String> =
            none.iter().filter(|it| it.why == *code).map(|it| format!("{} – {}", it.from, it.to)).collect();
        let more = pairs.len().saturating_sub(PAIRS);
        pairs.truncate(PAIRS);
        if more > 0 {
            pairs.push(shown.tell("and-more", &[("count", &more)]));
        }
        let why = shown.say(key);
        (!pairs.is_empty())
            .then(|| shown.tell("opened-no-truck", &[("pairs", &pairs.join(", ")), ("why", &why)]))
    });
    told.collect()
}

fn fairness(shown: &Shown<'_>, fair: &Fair) -> String {
    let thousandths = |phi: u64| format!("{:.3}", phi as f64 / 1000.0);
    let least = fair.shares.iter().min_by_key(|share| (share.phi(), share.merchant));
    let least = least.map_or_else(String::new, |share| {
        let code = shown.report.merchants.get(usize::from(share.merchant));
        let code = code.map_or("?", String::as_str);
        shown.tell(
            "plan-fair-least",
            &[("merchant", &code), ("kept", &share.kept), ("keepable", &share.keepable)],
        )
    });
    let (phi, bound) = (thousandths(fair.phi), thousandths(fair.phi_bound));
    let merchants = fair.shares.len();
    shown.tell("plan-fair", &[("phi", &phi), ("bound", &bound), ("merchants", &merchants), ("least", &least)])
}

/// The trucks as they really went.
pub fn trucks(shown: &Shown<'_>) -> Vec<String> {
    let runs = &shown.report.trucks;
    if runs.is_empty() {
        return Vec::new();
    }
    let arrived = runs.iter().filter(|run| run.arrived.is_some()).count();
    let in_time = runs.iter().filter(|run| !run.late).count();
    let units: u64 = runs.iter().filter(|run| run.arrived.is_some()).map(|run| run.units).sum();
    let cost: i64 = runs.iter().map(|run| run.cost).sum();
    let mut lines = vec![shown.tell(
        "trucks-all",
        &[
            ("sent", &runs.len()),
            ("time", &in_time),
            ("late", &(arrived - in_time.min(arrived))),
            ("never", &(runs.len() - arrived)),
            ("units", &group_thousands(units)),
            ("cost", &shown.money(cost)),
        ],
    )];
    let mut each: Vec<String> = runs.iter().map(|run| went(shown, run)).collect();
    cut(shown, &mut each);
    lines.extend(each);
    lines
}

fn went(shown: &Shown<'_>, run: &TruckRun) -> String {
    let moment = |at: Option<_>| at.map_or_else(|| shown.say("not-yet"), |at| shown.moment(at));
    let mut text = shown.tell(
        "truck-went",
        &[
            ("from", &shown.report.site(run.from)),
            ("to", &shown.report.site(run.to)),
            ("units", &group_thousands(run.units)),
            ("left", &moment(run.left)),
            ("arrived", &moment(run.arrived)),
            ("due", &run.due),
            ("cost", &shown.money(run.cost)),
        ],
    );
    if run.left.is_some() {
        text.push_str(&way(shown, run.length_m, run.open_length_m, run.waited, run.by_road));
    }
    if run.no_way > 0 {
        text.push_str(&shown.tell("truck-no-way", &[("days", &run.no_way)]));
    }
    if run.gate_shut > 0 {
        text.push_str(&shown.tell("truck-gate-shut", &[("days", &run.gate_shut)]));
    }
    if run.late {
        text.push_str(&shown.say("truck-late"));
    }
    text
}

/// Orders the law held to be cancelled, policy by policy; nothing where there were none.
pub fn cancelled(shown: &Shown<'_>) -> Vec<String> {
    let hit = shown.report.policies.iter().filter(|(_, tally)| tally.cancelled_by_law > 0);
    let line = |(name, tally): &(_, holdfast_sim::tally::Tally)| {
        shown.tell(
            "cancelled-line",
            &[
                ("policy", &shown.policy(*name)),
                ("orders", &group_thousands(tally.cancelled_by_law)),
                ("money", &shown.amounts(&tally.refunded)),
            ],
        )
    };
    hit.map(line).collect()
}
