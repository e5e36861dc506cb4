//! The blast radius: what a loss would touch, and whether closing needs a second person.

use axum::extract::State;
use holdfast_domain::id::{Id, LaneId, SiteId};
use holdfast_domain::state::State as DomainState;
use holdfast_domain::time::{Day, Stamp};
use holdfast_engine::incident::preview;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::lanes::{Rule, lanes_of, rule};
use super::{day_of, word};
use crate::app::App;
use crate::problem::Problem;
use crate::routes::body::Json;
use crate::routes::network::{merchant_code, site_id};

/// What is to be closed, or looked at as if it were.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LookAhead {
    /// Codes or ids of sites.
    pub sites: Vec<String>,
    /// Lanes.
    pub lanes: Option<Rule>,
    /// The day they should be back.
    pub back: Option<String>,
}

/// What a loss would touch.
#[derive(Debug, Serialize, ToSchema)]
pub struct PreviewOut {
    /// Version of the state it was counted in.
    pub version: u64,
    /// Orders touched.
    pub orders: u32,
    /// Lines touched.
    pub lines: u32,
    /// Units touched.
    pub units: u64,
    /// What these orders are worth, by currency, in minor units.
    pub revenue: std::collections::BTreeMap<String, i64>,
    /// Orders by merchant.
    pub merchants: std::collections::BTreeMap<String, u32>,
    /// Promises that break if nothing is done.
    pub promises_broken: u32,
    /// Orders with parcels in doubt.
    pub in_doubt: u32,
    /// Parcels with carriers on lanes that are lost.
    pub on_the_way: u32,
    /// SKUs that lie nowhere else.
    pub skus_at_risk: Vec<String>,
    /// Orders that cannot move, by why.
    pub stuck: std::collections::BTreeMap<String, u32>,
    /// Work units the open sites have left over the next seven days.
    pub capacity_left: u64,
    /// Work units the touched orders need.
    pub work_needed: u64,
    /// Whether closing needs a second person.
    pub second_approver: bool,
}

/// Counts what a loss would touch, before anybody acts on it.
#[utoipa::path(post, path = "/api/v1/previews", tag = "incidents", request_body = LookAhead, responses(
    (status = 200, description = "The blast radius", body = PreviewOut),
    (status = 404, description = "No such site", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "No lane matches the rule", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn look_ahead(
    State(app): State<App>,
    Json(given): Json<LookAhead>,
) -> Result<axum::Json<PreviewOut>, Problem> {
    let view = app.view();
    let work = move |app: &App| {
        let state = view.state();
        let sites = given.sites.iter().map(|site| site_id(state, site)).collect::<Result<Vec<_>, _>>()?;
        let lanes = match &given.lanes {
            None => Vec::new(),
            Some(given) => lanes_of(state, &rule(state, given)?)?,
        };
        let back = day_of("back", given.back.as_deref())?;
        Ok::<_, Problem>(counted(app, state, &sites, &lanes, back, view.at))
    };
    app.block(work).await?.map(axum::Json)
}

/// Counts what losing sites and lanes touches.
#[must_use]
pub fn counted(
    app: &App,
    state: &DomainState,
    sites: &[SiteId],
    lanes: &[LaneId],
    back: Option<Day>,
    at: Stamp,
) -> PreviewOut {
    let found = preview(state, sites, lanes, back, at.max(state.stamp));
    let mut stuck = std::collections::BTreeMap::new();
    for order in &found.stuck {
        *stuck.entry(word(order.reason)).or_insert(0) += 1;
    }
    PreviewOut {
        version: state.version,
        orders: found.orders,
        lines: found.lines,
        units: found.units,
        revenue: found.revenue,
        merchants: found
            .merchants
            .iter()
            .map(|(merchant, count)| (merchant_code(state, *merchant), *count))
            .collect(),
        promises_broken: found.promises_broken,
        in_doubt: found.in_doubt,
        on_the_way: found.on_the_way,
        skus_at_risk: found
            .skus_at_risk
            .iter()
            .filter_map(|sku| state.network.skus.get(*sku))
            .map(|sku| sku.code.to_string())
            .collect(),
        stuck,
        capacity_left: found.capacity_left,
        work_needed: found.work_needed,
        second_approver: closing_needs_two(app, state, sites, found.orders),
    }
}

/// Whether closing these sites needs a second person: over the configured thresholds, or when no other site is left
/// open. The last is a hard floor that no configuration lowers.
#[must_use]
pub fn closing_needs_two(app: &App, state: &DomainState, sites: &[SiteId], orders: u32) -> bool {
    let limits = app.config.second_approver;
    let open = |site: &SiteId| state.sites.get(site.index()).is_some_and(|now| now.access.takes_orders());
    let open_now = (0..state.sites.len()).map(SiteId::from_index).filter(open).count();
    let mut closing: Vec<SiteId> = sites.iter().copied().filter(open).collect();
    closing.sort_unstable();
    closing.dedup();
    let none_left = !closing.is_empty() && closing.len() == open_now;
    let share = closing.len() * 100 > open_now * limits.sites_percent as usize;
    none_left || (open_now > 2 && share) || orders >= limits.orders
}
