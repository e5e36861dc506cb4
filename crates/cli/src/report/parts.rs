//! The five parts of disaster-recovery fulfilment, then computers, statistics, the plan and a take-over: each with its
//! question and this run's answer, for the page and for the terminal.
//!
//! Nothing is counted here: [`Parts`] and the report have the numbers.

mod rendered;
mod routes;

use std::fmt::Display;

use holdfast_continuity::critical::Laid;
use holdfast_domain::id::SiteId;
use holdfast_domain::money::group_thousands;
use holdfast_domain::network::SiteKind;
use holdfast_domain::notice::NoticeCause;
use holdfast_domain::state::State;
use holdfast_hazard::track::Track;
use holdfast_sim::drill::PolicyName;
use holdfast_sim::parts::{Parts, SkuServed};
use holdfast_sim::tally::Tally;
use holdfast_sim::truth::Truth;

use super::{Shown, signed};
use crate::outbox::Put;
use crate::records::Finding;

pub use rendered::{html, text};
use routes::routes;

/// The run's journal, read back.
#[derive(Clone, Copy, Debug, serde::Serialize)]
pub struct ReadBack {
    /// Entries replayed.
    pub entries: u64,
    /// Checkpoints whose digest was compared.
    pub compared: u64,
    /// Whether the state that came of it is the run's, by digest.
    pub same: bool,
    /// How long it took, seconds.
    pub seconds: f64,
}

/// What the answers are made of.
pub struct Answers<'a> {
    pub parts: &'a Parts,
    pub put: &'a Put,
    pub read_back: Option<ReadBack>,
    pub truth: &'a Truth,
    pub track: Option<&'a Track>,
    /// Holdfast's run at its end.
    pub state: &'a State,
}

/// A piece of an answer.
pub enum Piece {
    /// A sentence.
    Line(String),
    /// A table; the columns named read from the left.
    Table { head: Vec<String>, rows: Vec<Vec<String>>, words: Vec<usize> },
    /// What somebody was told, word for word.
    Told { about: String, language: String, subject: String, text: String },
    /// A map, as SVG, with what its marks mean; a report of text has none.
    Map { svg: String, legend: String },
    /// A file beside the report.
    Link { text: String, file: String },
}

/// A part with its question and its answer.
pub struct Part {
    pub title: String,
    pub asks: String,
    pub answer: Vec<Piece>,
}

/// All parts, in their order.
pub fn parts(shown: &Shown<'_>, with: &Answers<'_>) -> Vec<Part> {
    let part = |title: &str, asks: &str, answer: Vec<Piece>| Part {
        title: shown.say(title),
        asks: shown.say(asks),
        answer,
    };
    vec![
        part("part-impact", "part-impact-asks", impact(shown, with)),
        part("part-centres", "part-centres-asks", centres(shown, with)),
        part("part-told", "part-told-asks", told(shown, with)),
        part("part-stock", "part-stock-asks", stock(shown, with)),
        part("part-routes", "part-routes-asks", routes(shown, with)),
        part("part-it", "part-it-asks", computers(shown, with)),
        part("part-statistics", "part-statistics-asks", statistics(shown, with)),
        part("part-carry", "part-carry-asks", carry(shown, with)),
    ]
}

fn line(shown: &Shown<'_>, key: &str, variables: &[(&str, &dyn Display)]) -> Piece {
    Piece::Line(shown.tell(key, variables))
}

fn codes(shown: &Shown<'_>, sites: impl Iterator<Item = SiteId>) -> String {
    sites.map(|site| shown.report.site(site).to_owned()).collect::<Vec<_>>().join(", ")
}

fn closed(shown: &Shown<'_>) -> String {
    codes(shown, shown.report.closures.iter().map(|closed| closed.site))
}

/// Money that was not sold under a policy, beyond what stays unsold in calm; the operator's minor units.
fn unsold(shown: &Shown<'_>, tally: &Tally) -> i64 {
    let code = shown.currency.code();
    let of = |tally: &Tally| tally.revenue_open.get(code).copied().unwrap_or(0);
    of(tally) - of(&shown.report.calm)
}

fn impact(shown: &Shown<'_>, with: &Answers<'_>) -> Vec<Piece> {
    let report = shown.report;
    let mut out = Vec::new();
    match (&with.parts.said, &with.parts.unsaid) {
        (Some(said), _) => out.push(line(
            shown,
            "part-impact-said",
            &[
                ("sites", &closed(shown)),
                ("loss", &shown.money(said.loss().round() as i64)),
                ("late", &group_thousands(said.late.round() as u64)),
                ("unserved", &group_thousands(said.unserved.round() as u64)),
            ],
        )),
        (None, Some(why)) => out.push(line(shown, "part-impact-unsaid", &[("why", why)])),
        (None, None) => out.push(line(shown, "part-no-closure", &[])),
    }
    let calm = &report.calm;
    let ways = |tally: &Tally| tally.shipping + tally.handling + tally.activation;
    let row = |name: String, late: i64, open: i64, money: [i64; 3]| {
        let mut row = vec![name, signed(late), signed(open)];
        row.extend(money.iter().map(|minor| shown.money(*minor)));
        row.push(shown.money(money.iter().sum()));
        row
    };
    let mut rows = Vec::new();
    if let Some(said) = &with.parts.said {
        let money = [said.revenue, said.added_cost + said.standby_cost, said.late_cost];
        rows.push(row(
            shown.say("part-impact-row-said"),
            said.late.round() as i64,
            said.unserved.round() as i64,
            money.map(|minor| minor.round() as i64),
        ));
    }
    for (name, tally) in &report.policies {
        rows.push(row(
            shown.policy(*name),
            tally.late as i64 - calm.late as i64,
            tally.open as i64 - calm.open as i64,
            [unsold(shown, tally), ways(tally) - ways(calm), tally.late_cost - calm.late_cost],
        ));
    }
    let keys =
        ["column-late", "column-open", "column-unsold", "column-shipping", "part-lateness", "part-together"];
    let head = std::iter::once(String::new()).chain(keys.iter().map(|key| shown.say(key))).collect();
    out.push(Piece::Table { head, rows, words: vec![0] });
    out.push(line(shown, "part-impact-explained", &[]));
    out
}

fn centres(shown: &Shown<'_>, with: &Answers<'_>) -> Vec<Piece> {
    let mut out = Vec::new();
    let mut rows = Vec::new();
    for centre in &with.parts.centres {
        let others: u64 = centre.taken.iter().map(|taken| taken.units).sum();
        let first = centre
            .first_day
            .map_or_else(String::new, |day| shown.tell("part-centre-first", &[("day", &day.to_string())]));
        out.push(line(
            shown,
            "part-centre-line",
            &[
                ("site", &shown.report.site(centre.site)),
                ("orders", &group_thousands(centre.orders)),
                ("units", &group_thousands(centre.units)),
                ("others", &group_thousands(others)),
                ("share", &shown.percent(others, centre.units)),
                ("first", &first),
                ("itself", &group_thousands(centre.itself)),
                ("nobody", &group_thousands(centre.nobody)),
            ],
        ));
        rows.extend(centre.taken.iter().map(|taken| {
            vec![
                shown.report.site(centre.site).to_owned(),
                site_name(with.state, taken.site),
                group_thousands(taken.orders),
                group_thousands(taken.units),
                shown.percent(taken.units, centre.units),
            ]
        }));
    }
    if out.is_empty() {
        return vec![line(shown, "part-no-closure", &[])];
    }
    let keys = ["part-column-for", "part-column-by", "column-orders", "column-units", "part-column-share"];
    out.push(Piece::Table { head: keys.iter().map(|key| shown.say(key)).collect(), rows, words: vec![0, 1] });
    out
}

fn site_name(state: &State, site: SiteId) -> String {
    state.network.site(site).map_or_else(|| "?".to_owned(), |site| format!("{} {}", site.code, site.name))
}

const fn cause(cause: NoticeCause) -> &'static str {
    match cause {
        NoticeCause::Rerouted => "told-rerouted",
        NoticeCause::Delayed => "told-delayed",
        NoticeCause::Backordered => "told-backordered",
        NoticeCause::InDoubt => "told-in-doubt",
        NoticeCause::OnTheWay => "told-on-the-way",
        NoticeCause::BackOnSchedule => "told-back-on-schedule",
        NoticeCause::Cancelled => "told-cancelled",
    }
}

fn told(shown: &Shown<'_>, with: &Answers<'_>) -> Vec<Piece> {
    let put = with.put;
    let mails = group_thousands(put.mails as u64);
    let mut out = vec![line(shown, "notices-line", &[("mails", &mails), ("without", &put.without_address)])];
    out.extend(put.told.iter().map(|told| Piece::Told {
        about: shown.tell(
            "part-told-about",
            &[
                ("number", &told.number),
                ("merchant", &told.merchant),
                ("when", &shown.moment(told.at)),
                ("cause", &shown.say(cause(told.cause))),
            ],
        ),
        language: told.language.clone(),
        subject: told.subject.clone(),
        text: told.text.clone(),
    }));
    out
}

fn from(shown: &Shown<'_>, sku: &SkuServed) -> String {
    let parts: Vec<String> =
        sku.from.iter().map(|(site, units)| format!("{} {units}", shown.report.site(*site))).collect();
    parts.join(", ")
}

fn stock(shown: &Shown<'_>, with: &Answers<'_>) -> Vec<Piece> {
    let mut out: Vec<Piece> = shown
        .report
        .losses
        .iter()
        .map(|loss| {
            let whole = &loss.whole;
            line(
                shown,
                "part-stock-lay",
                &[
                    ("site", &shown.report.site(loss.site)),
                    ("skus", &group_thousands(whole.skus)),
                    ("elsewhere", &group_thousands(whole.skus - whole.skus_only_there)),
                    ("only", &group_thousands(whole.skus_only_there)),
                ],
            )
        })
        .collect();
    if !with.parts.skus.is_empty() {
        let all = group_thousands(with.parts.skus_served as u64);
        out.push(line(shown, "part-stock-served", &[("shown", &with.parts.skus.len()), ("all", &all)]));
        let rows = with.parts.skus.iter().map(|sku| {
            let units: u64 = sku.from.iter().map(|(_, units)| units).sum();
            vec![sku.code.clone(), sku.name.clone(), group_thousands(units), from(shown, sku)]
        });
        let keys = ["sku-column", "column-name", "column-units", "part-column-from"];
        out.push(Piece::Table {
            head: keys.iter().map(|key| shown.say(key)).collect(),
            rows: rows.collect(),
            words: vec![0, 1, 3],
        });
    }
    match (&with.parts.laid, &with.parts.unlaid) {
        (Some(laid), _) => out.extend(laid_lines(shown, with, laid)),
        (None, Some(why)) => out.push(line(shown, "part-stock-unlaid", &[("why", why)])),
        (None, None) => out.push(line(shown, "part-stock-one-site", &[])),
    }
    out
}

fn laid_lines(shown: &Shown<'_>, with: &Answers<'_>, laid: &Laid) -> Vec<Piece> {
    let (chosen, doubled) = (&laid.chosen, &laid.doubled);
    let mut out = vec![line(
        shown,
        "part-stock-laid",
        &[
            ("units", &group_thousands(chosen.figures.units)),
            ("skus", &group_thousands(chosen.skus as u64)),
            ("sites", &laid.sites.join(", ")),
            ("spent", &shown.money(chosen.figures.spent_minor)),
            ("value", &shown.money(chosen.figures.value_minor)),
            ("main", &laid.main_site),
            ("second", &laid.second_site),
            ("doubled", &shown.money(doubled.spent_minor)),
            ("tied", &shown.money(doubled.value_minor)),
            ("closures", &group_thousands(laid.closures.0 as u64)),
        ],
    )];
    if let Some(same) = &laid.as_good_as_doubled {
        out.push(line(
            shown,
            "part-stock-same",
            &[
                ("units", &group_thousands(same.figures.units)),
                ("spent", &shown.money(same.figures.spent_minor)),
            ],
        ));
    }
    let rows = laid.lays.iter().take(8).map(|lay| {
        vec![
            lay.sku.clone(),
            lay.site.clone(),
            group_thousands(u64::from(lay.units)),
            shown.money(lay.cost_minor),
        ]
    });
    let keys = ["sku-column", "part-column-laid-at", "column-units", "part-column-a-year"];
    let head = keys.iter().map(|key| shown.say(key)).collect();
    out.push(Piece::Table { head, rows: rows.collect(), words: vec![0, 1] });
    let ours = shown.report.tally(PolicyName::Holdfast);
    if let (Some(with), Some(ours)) = (&with.parts.with_laid, ours) {
        out.push(line(
            shown,
            "part-stock-played",
            &[
                ("kept", &signed(with.on_time as i64 - ours.on_time as i64)),
                ("served", &signed(ours.open as i64 - with.open as i64)),
                ("cost", &shown.money(with.total_cost - ours.total_cost)),
            ],
        ));
    }
    out
}

fn computers(shown: &Shown<'_>, with: &Answers<'_>) -> Vec<Piece> {
    let Some(back) = with.read_back else { return vec![line(shown, "part-it-unread", &[])] };
    let key = if back.same { "part-it-same" } else { "part-it-differs" };
    vec![line(
        shown,
        key,
        &[
            ("entries", &group_thousands(back.entries)),
            ("seconds", &format!("{:.1}", back.seconds)),
            ("compared", &group_thousands(back.compared)),
        ],
    )]
}

fn statistics(shown: &Shown<'_>, with: &Answers<'_>) -> Vec<Piece> {
    let report = shown.report;
    let Some(ours) = report.tally(PolicyName::Holdfast) else { return Vec::new() };
    let hours: i64 = report
        .closures
        .iter()
        .map(|closed| {
            let until = closed.out.until.map_or(report.ends, |until| until.min(report.ends));
            (until.0 - closed.out.from.0).max(0) / 3_600_000
        })
        .sum();
    let touched: u64 = with.parts.centres.iter().map(|centre| centre.orders).sum();
    let rows = [
        ("part-count-hours", group_thousands(hours.unsigned_abs())),
        ("part-count-touched", group_thousands(touched)),
        ("part-count-moved", group_thousands(ours.moved)),
        ("part-count-saved", signed(report.saved_against_wait.0 as i64 - report.saved_against_wait.1 as i64)),
        ("part-count-late", signed(ours.late as i64 - report.calm.late as i64)),
        ("part-count-open", signed(ours.open as i64 - report.calm.open as i64)),
        ("part-count-notices", group_thousands(ours.notices)),
        ("part-count-plans", format!("{} / {}", report.plans_checked.1, report.plans_checked.0)),
    ];
    let rows = rows.into_iter().map(|(key, value)| vec![shown.say(key), value]).collect();
    let head = vec![shown.say("part-column-count"), shown.say("part-column-value")];
    vec![Piece::Table { head, rows, words: vec![0] }, line(shown, "part-statistics-more", &[])]
}

fn carry(shown: &Shown<'_>, with: &Answers<'_>) -> Vec<Piece> {
    let parts = with.parts;
    let mut out = Vec::new();
    let of_others = |site: SiteId| {
        let kind = with.state.network.site(site).map(|site| site.kind);
        matches!(kind, Some(SiteKind::ThirdParty | SiteKind::Standby))
    };
    let taken =
        || parts.centres.iter().flat_map(|centre| &centre.taken).filter(|taken| of_others(taken.site));
    let mut sites: Vec<SiteId> = taken().map(|taken| taken.site).collect();
    sites.sort_unstable();
    sites.dedup();
    let units: u64 = taken().map(|taken| taken.units).sum();
    if units == 0 {
        out.push(line(shown, "part-carry-none-now", &[]));
    } else {
        let sites = codes(shown, sites.into_iter());
        out.push(line(shown, "part-carry-now", &[("units", &group_thousands(units)), ("sites", &sites)]));
    }
    if let Some(offer) = &parts.offer {
        let hosts: Vec<String> = offer
            .hosts
            .iter()
            .map(|host| {
                let week: u64 = host.capacity.iter().map(|units| u64::from(*units)).sum();
                shown.tell("takeover-host", &[("site", &host.code), ("week", &group_thousands(week))])
            })
            .collect();
        let first = offer.first_ship_day.map_or_else(|| shown.say("never"), |day| day.to_string());
        let saving = &offer.saving;
        out.push(line(
            shown,
            "part-carry-offer",
            &[
                ("merchant", &offer.merchant),
                ("sites", &closed(shown)),
                ("hosts", &hosts.join("; ")),
                ("first", &first),
                ("orders", &group_thousands(u64::from(saving.orders))),
                ("with", &group_thousands(u64::from(saving.with.served))),
                ("without", &group_thousands(u64::from(saving.without.served))),
                ("setup", &shown.money(offer.set_up)),
                ("daily", &shown.money(offer.daily)),
                ("added", &shown.money(saving.added_cost)),
            ],
        ));
    } else if let Some(why) = &parts.unoffered {
        out.push(line(shown, "part-carry-no-offer", &[("why", why)]));
    }
    out.push(line(shown, "part-carry-more", &[]));
    out
}

/// The plan that was written beside the report.
pub struct PlanMade {
    /// Its file.
    pub file: String,
    /// Its digest.
    pub digest: String,
    /// Sections.
    pub sections: usize,
    /// Things to do on its checklists.
    pub things: usize,
}

/// The plan to download.
pub fn plan(shown: &Shown<'_>, made: &PlanMade) -> Part {
    Part {
        title: shown.say("part-plan"),
        asks: shown.say("part-plan-asks"),
        answer: vec![
            line(
                shown,
                "part-plan-line",
                &[("sections", &made.sections), ("things", &made.things), ("digest", &&made.digest[..16])],
            ),
            Piece::Link { text: shown.say("part-plan-open"), file: made.file.clone() },
            line(shown, "part-plan-more", &[]),
        ],
    }
}

/// Findings of earlier reviews that nobody has seen to: they come up until somebody does. None, where there are none.
pub fn findings(shown: &Shown<'_>, open: &[Finding]) -> Option<Part> {
    let rows: Vec<Vec<String>> = open
        .iter()
        .map(|finding| {
            vec![
                finding.number.to_string(),
                finding.text.clone(),
                finding.owner.clone(),
                finding.due.to_string(),
                finding.from.clone(),
            ]
        })
        .collect();
    let keys = ["finding-number", "finding-text", "finding-owner", "finding-due", "finding-from"];
    let head = keys.iter().map(|key| shown.say(key)).collect();
    (!rows.is_empty()).then(|| Part {
        title: shown.say("part-findings"),
        asks: shown.say("part-findings-asks"),
        answer: vec![Piece::Table { head, rows, words: vec![1, 2, 4] }],
    })
}
