//! Statistics of disasters: the same numbers as the console's screen, as JSON and as CSV.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::{Method, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use holdfast_access::Right;
use holdfast_continuity::statistics::{Period, Statistics, Struck, Totals};
use holdfast_domain::id::SiteId;
use holdfast_domain::state::State as DomainState;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::care::{MeasuresOut, measures_out};
use super::network::merchant_code;
use super::orders_bulk::safe;
use crate::app::App;
use crate::mount::Mount;
use crate::policy::Policy;
use crate::problem::Problem;

pub(super) fn mount() -> Mount {
    Mount::default().api(Policy::all(Right::ReadIncidents), routes!(statistics)).page(
        Policy::all(Right::ReadIncidents),
        Method::GET,
        "/statistics.csv",
        get(csv),
    )
}

/// Orders by what became of them: kept, late, lost and open add up to all.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct TotalsOut {
    /// All.
    pub orders: u64,
    /// Whole with the customer by the day first promised.
    pub kept: u64,
    /// Whole with the customer, later.
    pub late: u64,
    /// Cancelled whole.
    pub lost: u64,
    /// Not finished.
    pub open: u64,
}

impl From<Totals> for TotalsOut {
    fn from(totals: Totals) -> Self {
        let Totals { orders, kept, late, lost, open } = totals;
        Self { orders, kept, late, lost, open }
    }
}

/// Disasters of one hazard, or at one site.
#[derive(Debug, Serialize, ToSchema)]
pub struct StruckOut {
    /// Disasters.
    pub times: u64,
    /// Of those, not closed yet.
    pub running: u64,
    /// Hours sites were closed, added up.
    pub site_hours: f64,
    /// Orders touched.
    pub touched: TotalsOut,
}

impl From<&Struck> for StruckOut {
    fn from(struck: &Struck) -> Self {
        Self {
            times: struck.times,
            running: struck.running,
            site_hours: struck.site_hours,
            touched: struck.touched.into(),
        }
    }
}

/// A month or a year.
#[derive(Debug, Serialize, ToSchema)]
pub struct PeriodOut {
    /// Orders placed in it.
    pub orders: TotalsOut,
    /// Disasters opened in it.
    pub disasters: u64,
    /// Hours of it that sites were closed, added up.
    pub site_hours: f64,
    /// Notices queued for disasters opened in it.
    pub notices: u64,
    /// Orders of it that asked for units that were nowhere to be had.
    pub short: u64,
    /// What was turned away in it, by code.
    pub refused: BTreeMap<String, u64>,
}

impl From<&Period> for PeriodOut {
    fn from(period: &Period) -> Self {
        Self {
            orders: period.orders.into(),
            disasters: period.disasters,
            site_hours: period.site_hours,
            notices: period.notices,
            short: period.short,
            refused: period.guarded.clone(),
        }
    }
}

/// A disaster.
#[derive(Debug, Serialize, ToSchema)]
pub struct DisasterOut {
    /// Its id.
    pub incident: String,
    /// Its name.
    pub name: String,
    /// What kind.
    pub hazard: String,
    /// When it was opened.
    pub opened: String,
    /// Codes of the sites it has closed.
    pub sites: Vec<String>,
    /// Hours they were closed by it, added up, until now.
    pub site_hours: f64,
    /// Orders it touched.
    pub touched: TotalsOut,
    /// Of the kept ones, those a plan had moved from a closed site.
    pub saved: u64,
    /// Notices by how far they are.
    pub notices: BTreeMap<String, u64>,
    /// Hours from the declaration to the first step of a plan.
    pub recovery_hours: Option<f64>,
    /// Hours from the declaration to the first customer told.
    pub told_hours: Option<f64>,
    /// Hours from the declaration to the end.
    pub lasted_hours: Option<f64>,
}

/// Statistics.
#[derive(Debug, Serialize, ToSchema)]
pub struct StatisticsOut {
    /// Version of the state they are of.
    pub version: u64,
    /// All orders that are not archived.
    pub orders: TotalsOut,
    /// Archived orders, not counted above.
    pub archived: u64,
    /// Kept promises of orders a plan had moved from a closed site.
    pub kept_by_plans: u64,
    /// Orders a plan moved.
    pub moved: u64,
    /// Orders that asked for units that were nowhere to be had.
    pub short: u64,
    /// By merchant.
    pub merchants: BTreeMap<String, TotalsOut>,
    /// By month.
    pub months: BTreeMap<String, PeriodOut>,
    /// By year.
    pub years: BTreeMap<String, PeriodOut>,
    /// Disasters that were no drill.
    pub disasters: Vec<DisasterOut>,
    /// By hazard.
    pub hazards: BTreeMap<String, StruckOut>,
    /// By site.
    pub sites: BTreeMap<String, StruckOut>,
    /// Notices by how far they are.
    pub notices: BTreeMap<String, u64>,
    /// What customers answered: `wait`, `cancel` or `address`.
    pub answers: BTreeMap<String, u64>,
    /// What was turned away, by code.
    pub refused: BTreeMap<String, u64>,
    /// What was sent, delivered, opened, answered, cancelled and kept, and how often customers got in touch.
    pub told: MeasuresOut,
}

fn site_code(state: &DomainState, site: SiteId) -> String {
    state.network.site(site).map_or_else(|| site.to_string(), |site| site.code.to_string())
}

fn out(state: &DomainState, of: &Statistics) -> StatisticsOut {
    let named = |counts: &BTreeMap<&'static str, u64>| {
        counts.iter().map(|(key, count)| ((*key).to_owned(), *count)).collect()
    };
    let periods = |all: &BTreeMap<String, Period>| {
        all.iter().map(|(key, period)| (key.clone(), period.into())).collect()
    };
    StatisticsOut {
        version: of.version,
        orders: of.all.into(),
        archived: of.archived,
        kept_by_plans: of.kept_by_plans,
        moved: of.moved,
        short: of.short,
        merchants: of
            .merchants
            .iter()
            .map(|(id, totals)| (merchant_code(state, *id), (*totals).into()))
            .collect(),
        months: periods(&of.months),
        years: periods(&of.years),
        disasters: of
            .disasters
            .iter()
            .map(|one| DisasterOut {
                incident: one.incident.to_string(),
                name: one.name.clone(),
                hazard: one.hazard.key().to_owned(),
                opened: one.opened.clone(),
                sites: one.sites.iter().map(|site| site_code(state, *site)).collect(),
                site_hours: one.site_hours,
                touched: one.touched.into(),
                saved: one.saved,
                notices: named(&one.notices),
                recovery_hours: one.recovery_hours,
                told_hours: one.told_hours,
                lasted_hours: one.lasted_hours,
            })
            .collect(),
        hazards: of.hazards.iter().map(|(key, struck)| ((*key).to_owned(), struck.into())).collect(),
        sites: of.sites.iter().map(|(site, struck)| (site_code(state, *site), struck.into())).collect(),
        notices: named(&of.notices),
        answers: named(&of.answers),
        refused: of.guarded.clone(),
        told: measures_out(state, None),
    }
}

/// Statistics of disasters and of what was kept: the numbers of the console's screen.
#[utoipa::path(get, path = "/api/v1/statistics", tag = "statistics", responses(
    (status = 200, description = "The statistics", body = StatisticsOut)))]
async fn statistics(State(app): State<App>) -> Result<axum::Json<StatisticsOut>, Problem> {
    app.block(|app| {
        let view = app.view();
        axum::Json(out(view.state(), &app.console.statistics(app, &view)))
    })
    .await
}

/// The same as a table for a spreadsheet: a row for each number.
async fn csv(State(app): State<App>) -> Result<Response, Problem> {
    let text = app
        .block(|app| {
            let view = app.view();
            table(&out(view.state(), &app.console.statistics(app, &view)))
        })
        .await??;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"statistics.csv\""),
    ];
    Ok((headers, text).into_response())
}

fn table(of: &StatisticsOut) -> Result<Vec<u8>, Problem> {
    let mut rows: Vec<[String; 4]> = Vec::new();
    let mut put = |group: &str, of: &str, what: &str, value: String| {
        rows.push([group.to_owned(), safe(of), safe(what), value]);
    };
    let mut totals = |group: &str, of: &str, totals: TotalsOut| {
        for (what, count) in [
            ("orders", totals.orders),
            ("kept", totals.kept),
            ("late", totals.late),
            ("lost", totals.lost),
            ("open", totals.open),
        ] {
            put(group, of, what, count.to_string());
        }
    };
    totals("all", "", of.orders);
    for (merchant, one) in &of.merchants {
        totals("merchant", merchant, *one);
    }
    for (group, all) in [("month", &of.months), ("year", &of.years)] {
        for (key, period) in all {
            totals(group, key, period.orders);
        }
    }
    for one in &of.disasters {
        totals("disaster", &one.incident, one.touched);
    }
    for (group, all) in [("hazard", &of.hazards), ("site", &of.sites)] {
        for (key, struck) in all {
            totals(group, key, struck.touched);
        }
    }
    for (what, count) in [
        ("archived", of.archived),
        ("kept_by_plans", of.kept_by_plans),
        ("moved", of.moved),
        ("short", of.short),
    ] {
        put("all", "", what, count.to_string());
    }
    let told = &of.told;
    for (what, count) in [
        ("sent", told.sent),
        ("delivered", told.delivered),
        ("opened", told.opened),
        ("failed", told.failed),
        ("in_doubt", told.in_doubt),
        ("withdrawn", told.withdrawn),
        ("in_outbox", told.in_outbox),
        ("orders_told", told.orders_told),
        ("answered", told.answered),
        ("cancelled", told.cancelled),
        ("kept", told.kept),
        ("open", told.open),
        ("contacts", told.contacts),
        ("contacts_per_thousand", told.contacts_per_thousand),
        ("held_out_orders", told.held_out.orders),
        ("held_out_contacts", told.held_out.contacts),
        ("updated_orders", told.updated.orders),
        ("updated_contacts", told.updated.contacts),
    ] {
        put("told", "", what, count.to_string());
    }
    for (group, all) in [("month", &of.months), ("year", &of.years)] {
        for (key, period) in all {
            put(group, key, "disasters", period.disasters.to_string());
            put(group, key, "site_hours", format!("{:.2}", period.site_hours));
            put(group, key, "notices", period.notices.to_string());
            put(group, key, "short", period.short.to_string());
            for (what, count) in &period.refused {
                put(group, key, &format!("refused {what}"), count.to_string());
            }
        }
    }
    for one in &of.disasters {
        put("disaster", &one.incident, "hazard", one.hazard.clone());
        put("disaster", &one.incident, "site_hours", format!("{:.2}", one.site_hours));
        put("disaster", &one.incident, "saved", one.saved.to_string());
        for (what, hours) in [
            ("recovery_hours", one.recovery_hours),
            ("told_hours", one.told_hours),
            ("lasted_hours", one.lasted_hours),
        ] {
            put(
                "disaster",
                &one.incident,
                what,
                hours.map_or_else(String::new, |hours| format!("{hours:.2}")),
            );
        }
    }
    for (group, all) in [("hazard", &of.hazards), ("site", &of.sites)] {
        for (key, struck) in all {
            put(group, key, "times", struck.times.to_string());
            put(group, key, "site_hours", format!("{:.2}", struck.site_hours));
        }
    }
    for (group, all) in [("notices", &of.notices), ("answers", &of.answers), ("refused", &of.refused)] {
        for (what, count) in all {
            put(group, "", what, count.to_string());
        }
    }
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record(["group", "of", "what", "value"]).map_err(|error| Problem::internal(&error))?;
    for row in rows {
        out.write_record(row).map_err(|error| Problem::internal(&error))?;
    }
    out.into_inner().map_err(|error| Problem::internal(error.error()))
}
