//! What exists before any order: merchants, SKUs, sites, lanes.

use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use holdfast_access::Right;
use holdfast_domain::command::Command;
use holdfast_domain::id::{Id, LaneId, MerchantId, SiteId, SkuId, ZoneId};
use holdfast_domain::incident::{SiteAccess, StockAccess};
use holdfast_domain::money::Currency;
use holdfast_domain::network::{Language, Merchant, Sku};
use holdfast_domain::state::{NameKind, State as DomainState};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::body::Json;
use super::orders::{Done, carrier, done, tagged};
use crate::app::App;
use crate::cursor::{self, Paged};
use crate::guard::Who;
use crate::mount::Mount;
use crate::policy::Policy;
use crate::problem::Problem;

/// Days of capacity that are told.
const DAYS: i32 = 7;

pub(super) fn mount() -> Mount {
    use Right as R;
    Mount::default()
        .api(Policy::own(R::ReadNetwork), routes!(sites))
        .api(Policy::own(R::ReadNetwork), routes!(site))
        .api(Policy::all(R::ReadNetwork), routes!(lanes))
        .api(Policy::own(R::ReadNetwork), routes!(merchants))
        .api(Policy::own(R::ReadNetwork), routes!(skus))
        .api(Policy::all(R::ChangeNetwork), routes!(add_merchant))
        .api(Policy::all(R::ChangeNetwork), routes!(add_sku))
}

/// A site.
#[derive(Debug, Serialize, ToSchema)]
pub struct SiteOut {
    /// Its id.
    pub id: String,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// `open`, `limited`, `closed`, `dormant` or `activating`.
    pub access: String,
    /// Thousandths of its capacity that work.
    pub permille: u16,
    /// The incident that closed it.
    pub incident: Option<String>,
    /// What is known of the stock of a closed site.
    pub stock: Option<String>,
    /// When a called standby opens.
    pub ready: Option<String>,
    /// Country.
    pub country: String,
    /// State or province.
    pub region: String,
    /// Latitude and longitude.
    pub place: (f64, f64),
    /// Time zone.
    pub zone: String,
    /// Whether it is a standby under contract.
    pub standby: bool,
    /// Work units left and whole, for today and the six days after; the operator's own people see them.
    pub days: Vec<DayOut>,
}

/// A day of a site.
#[derive(Debug, Serialize, ToSchema)]
pub struct DayOut {
    /// The site's day.
    pub day: String,
    /// Work units it can do.
    pub whole: u32,
    /// Work units not promised yet.
    pub left: u32,
}

/// A lane.
#[derive(Debug, Serialize, ToSchema)]
pub struct LaneOut {
    /// Its id.
    pub id: String,
    /// Code of the site.
    pub site: String,
    /// Code of the zone.
    pub zone: String,
    /// Carrier and service.
    pub carrier: String,
    /// For a parcel, in the operator's minor units.
    pub cost_parcel: i64,
    /// For a kilogram.
    pub cost_kg: i64,
    /// Working days.
    pub transit_days: u8,
    /// Incidents that keep it closed.
    pub closed_by: Vec<String>,
}

/// A page of lanes.
#[derive(Debug, Serialize, ToSchema)]
pub struct LanePage {
    /// The lanes.
    pub lanes: Vec<LaneOut>,
    /// Where the list goes on.
    pub next: Option<String>,
}

/// Which lanes.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct LaneFilter {
    /// Where the list goes on.
    pub cursor: Option<String>,
    /// Lanes of a page, 500 at most.
    pub limit: Option<usize>,
    /// Only from this site.
    pub site: Option<String>,
    /// Only closed ones.
    #[serde(default)]
    pub closed: bool,
}

/// A merchant.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MerchantInOut {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Currency its customers pay in.
    pub currency: String,
    /// Language when a customer's is unknown.
    pub language: String,
    /// Where its customers reach it.
    #[serde(default)]
    pub contact: String,
    /// Whether a line may be served from two sites.
    #[serde(default)]
    pub split_quantity: bool,
    /// Cost of a late line and day, in the operator's minor units.
    #[serde(default)]
    pub late_cost: i64,
    /// Cost of a line that cannot be served.
    #[serde(default)]
    pub backorder_cost: i64,
}

/// A SKU.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SkuInOut {
    /// Code of its merchant.
    pub merchant: String,
    /// The merchant's code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Category.
    #[serde(default)]
    pub category: String,
    /// Weight of a unit in grams.
    pub weight_g: u32,
    /// List price in the merchant's minor units.
    #[serde(default)]
    pub price: i64,
    /// What a unit costs the merchant.
    #[serde(default)]
    pub cost: i64,
}

/// A page of SKUs.
#[derive(Debug, Serialize, ToSchema)]
pub struct SkuPage {
    /// The SKUs.
    pub skus: Vec<SkuInOut>,
    /// Where the list goes on.
    pub next: Option<String>,
}

/// The site of a code or id.
///
/// # Errors
/// A problem for what is neither.
pub fn site_id(state: &DomainState, text: &str) -> Result<SiteId, Problem> {
    let by_code = || state.named(NameKind::Site, MerchantId(0), text);
    let by_id = text.parse::<SiteId>().ok().filter(|id| state.network.site(*id).is_some());
    by_id.or_else(by_code).ok_or_else(|| Problem::not_found("site"))
}

/// The word for what is known of stock.
#[must_use]
pub const fn stock_word(stock: StockAccess) -> &'static str {
    match stock {
        StockAccess::Inaccessible => "inaccessible",
        StockAccess::Unknown => "unknown",
        StockAccess::Lost => "lost",
    }
}

/// Whether a site works, in a word.
#[must_use]
pub const fn access_word(access: SiteAccess) -> &'static str {
    match access {
        SiteAccess::Open { permille: 1000 } => "open",
        SiteAccess::Open { .. } => "limited",
        SiteAccess::Closed { .. } => "closed",
        SiteAccess::Dormant => "dormant",
        SiteAccess::Activating { .. } => "activating",
    }
}

/// A site as it is told.
#[must_use]
pub fn site_out(
    state: &DomainState,
    who: &Who,
    id: SiteId,
    at: holdfast_domain::time::Stamp,
) -> Option<SiteOut> {
    let (site, now) = state.site(id).ok()?;
    let today = at.local(&site.zone).0;
    let days = match who.limit(state) {
        None => (0..DAYS)
            .map(|ahead| {
                let day = today.plus(ahead);
                DayOut {
                    day: day.to_string(),
                    whole: state.capacity_whole(id, day),
                    left: state.capacity_left(id, day),
                }
            })
            .collect(),
        // How busy a shared site is tells of the other merchants on it.
        Some(_) => Vec::new(),
    };
    let (incident, stock, ready) = match now.access {
        SiteAccess::Closed { incident, stock } => {
            (Some(incident.to_string()), Some(stock_word(stock).to_owned()), None)
        }
        SiteAccess::Activating { ready } => (None, None, Some(ready.to_string())),
        _ => (None, None, None),
    };
    Some(SiteOut {
        id: id.to_string(),
        code: site.code.to_string(),
        name: site.name.to_string(),
        access: access_word(now.access).to_owned(),
        permille: now.access.permille(),
        incident,
        stock,
        ready,
        country: site.country.code().to_owned(),
        region: site.region.to_string(),
        place: (site.place.lat(), site.place.lon()),
        zone: site.zone.name().to_owned(),
        standby: site.standby.is_some(),
        days,
    })
}

/// All sites.
#[utoipa::path(get, path = "/api/v1/sites", tag = "network", responses((status = 200, description = "The sites", body = Vec<SiteOut>)))]
async fn sites(State(app): State<App>, who: Who, headers: HeaderMap) -> Result<Response, Problem> {
    let view = app.view();
    let at = view.at;
    let all: Vec<SiteOut> = (0..view.state().network.sites.len())
        .filter_map(|index| site_out(view.state(), &who, SiteId::from_index(index), at))
        .collect();
    tagged(&headers, &all)
}

/// A site.
#[utoipa::path(get, path = "/api/v1/sites/{site}", tag = "network", params(("site" = String, Path, description = "Code or id")), responses(
    (status = 200, description = "The site", body = SiteOut),
    (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json")))]
async fn site(
    State(app): State<App>,
    who: Who,
    headers: HeaderMap,
    Path(site): Path<String>,
) -> Result<Response, Problem> {
    let view = app.view();
    let id = site_id(view.state(), &site)?;
    let told = site_out(view.state(), &who, id, view.at).ok_or_else(|| Problem::not_found("site"))?;
    tagged(&headers, &told)
}

/// Lists lanes.
#[utoipa::path(get, path = "/api/v1/lanes", tag = "network", params(LaneFilter), responses((status = 200, description = "A page", body = LanePage)))]
async fn lanes(
    State(app): State<App>,
    Query(filter): Query<LaneFilter>,
) -> Result<axum::Json<LanePage>, Problem> {
    let view = app.view();
    let state = view.state();
    let site = filter.site.as_deref().map(|code| site_id(state, code)).transpose()?;
    let from = cursor::first("lanes", filter.cursor.as_deref())?;
    let most = cursor::page(filter.limit);
    let closed_by = |id: LaneId| -> Vec<String> {
        state.embargoes.get(id).into_iter().flatten().map(ToString::to_string).collect()
    };
    let fits = |(id, lane): &(LaneId, &holdfast_domain::network::Lane)| {
        id.index() as u64 >= from
            && site.is_none_or(|site| site == lane.site)
            && (!filter.closed || !state.lane_is_open(*id))
    };
    let found = state.network.lanes.iter().filter(fits);
    let (found, next) = cursor::cut("lanes", most, found, |(id, _)| id.index() as u64);
    let lane = |(id, lane): (LaneId, &holdfast_domain::network::Lane)| LaneOut {
        id: id.to_string(),
        site: state.network.site(lane.site).map_or_else(String::new, |site| site.code.to_string()),
        zone: zone_code(state, lane.zone),
        carrier: carrier(state, id),
        cost_parcel: lane.cost_parcel,
        cost_kg: lane.cost_kg,
        transit_days: lane.transit_days,
        closed_by: closed_by(id),
    };
    Ok(axum::Json(LanePage { lanes: found.into_iter().map(lane).collect(), next }))
}

/// A zone's code.
#[must_use]
pub fn zone_code(state: &DomainState, zone: ZoneId) -> String {
    state.network.zones.get(zone.index()).map_or_else(String::new, |zone| zone.code.to_string())
}

/// All merchants a caller may see.
#[utoipa::path(get, path = "/api/v1/merchants", tag = "network", responses((status = 200, description = "The merchants", body = Vec<MerchantInOut>)))]
async fn merchants(State(app): State<App>, who: Who) -> axum::Json<Vec<MerchantInOut>> {
    let view = app.view();
    let state = view.state();
    let all = state.network.merchants.iter().enumerate();
    let mine = all.filter(|(index, _)| who.may_see(state, MerchantId::from_index(*index)));
    let told = mine.map(|(_, merchant)| MerchantInOut {
        code: merchant.code.to_string(),
        name: merchant.name.to_string(),
        currency: merchant.currency.code().to_owned(),
        language: merchant.language.code().to_owned(),
        contact: merchant.contact.to_string(),
        split_quantity: merchant.split_quantity,
        late_cost: merchant.late_cost,
        backorder_cost: merchant.backorder_cost,
    });
    axum::Json(told.collect())
}

/// Lists SKUs.
#[utoipa::path(get, path = "/api/v1/skus", tag = "network", params(Paged), responses((status = 200, description = "A page", body = SkuPage)))]
async fn skus(
    State(app): State<App>,
    who: Who,
    Query(filter): Query<Paged>,
) -> Result<axum::Json<SkuPage>, Problem> {
    let view = app.view();
    let state = view.state();
    let from = cursor::first("skus", filter.cursor.as_deref())?;
    let most = cursor::page(filter.limit);
    let all = state.network.skus.iter();
    let mine = all.filter(|(id, sku)| id.index() as u64 >= from && who.may_see(state, sku.merchant));
    let (found, next) = cursor::cut("skus", most, mine, |(id, _)| id.index() as u64);
    let told = |(_, sku): (SkuId, &Sku)| SkuInOut {
        merchant: merchant_code(state, sku.merchant),
        code: sku.code.to_string(),
        name: sku.name.to_string(),
        category: sku.category.to_string(),
        weight_g: sku.weight_g,
        price: sku.price,
        cost: sku.cost,
    };
    Ok(axum::Json(SkuPage { skus: found.into_iter().map(told).collect(), next }))
}

/// A merchant's code.
#[must_use]
pub fn merchant_code(state: &DomainState, merchant: MerchantId) -> String {
    state.network.merchant(merchant).map_or_else(String::new, |merchant| merchant.code.to_string())
}

/// Adds a merchant.
#[utoipa::path(post, path = "/api/v1/merchants", tag = "network", request_body = MerchantInOut, responses(
    (status = 200, description = "Added", body = Done),
    (status = 409, description = "The code is taken", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "Something is wrong with it", body = Problem, content_type = "application/problem+json")))]
async fn add_merchant(
    State(app): State<App>,
    who: Who,
    headers: HeaderMap,
    Json(given): Json<MerchantInOut>,
) -> Result<axum::Json<Done>, Problem> {
    let currency: Currency = given
        .currency
        .parse()
        .map_err(|_| Problem::field("currency", "it is no currency of three letters"))?;
    let language = Language::new(&given.language)
        .ok_or_else(|| Problem::field("language", "it is no language of two letters"))?;
    let merchant = Merchant {
        code: given.code.as_str().into(),
        name: given.name.as_str().into(),
        currency,
        language,
        contact: given.contact.as_str().into(),
        split_quantity: given.split_quantity,
        weight: 1,
        notice_after_days: 0,
        late_cost: given.late_cost,
        backorder_cost: given.backorder_cost,
        move_cost: 30,
        doubt: None,
    };
    done(&app, &who, Command::AddMerchant(Box::new(merchant)), &headers, "POST merchants").await
}

/// Adds a SKU.
#[utoipa::path(post, path = "/api/v1/skus", tag = "network", request_body = SkuInOut, responses(
    (status = 200, description = "Added", body = Done),
    (status = 409, description = "The code is taken", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "Something is wrong with it", body = Problem, content_type = "application/problem+json")))]
async fn add_sku(
    State(app): State<App>,
    who: Who,
    headers: HeaderMap,
    Json(given): Json<SkuInOut>,
) -> Result<axum::Json<Done>, Problem> {
    let view = app.view();
    let merchant = view
        .state()
        .named(NameKind::Merchant, MerchantId(0), &given.merchant)
        .ok_or_else(|| Problem::field("merchant", "there is no such merchant"))?;
    let sku = Sku {
        merchant,
        code: given.code.as_str().into(),
        name: given.name.as_str().into(),
        category: given.category.as_str().into(),
        weight_g: given.weight_g,
        pack: 1,
        price: given.price,
        cost: given.cost,
        storage: 0,
    };
    done(&app, &who, Command::AddSku(Box::new(sku)), &headers, "POST skus").await
}
