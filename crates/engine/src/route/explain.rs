//! Why an order goes where it goes, and why nowhere else: asked for after the fact, from the same terms.

use smallvec::SmallVec;

use holdfast_domain::id::{LaneId, OrderId, SiteId};
use holdfast_domain::order::Order;
use holdfast_domain::quantity::Quantity;
use holdfast_domain::reject::Rejection;
use holdfast_domain::state::State;
use holdfast_domain::time::{Day, Stamp};
use holdfast_plan::source::LINES_MAX;
use serde::Serialize;

use super::{Offers, ShipDays, Wanted, offers};
use crate::price::PriceTable;

/// What speaks for or against a site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "verdict")]
pub enum Verdict {
    /// It serves these lines.
    Chosen {
        /// Line numbers.
        lines: Vec<u16>,
    },
    /// It could, and costs so much more.
    Dearer {
        /// Minor units over the chosen set, all lines from here alone.
        by: i64,
    },
    /// It lacks stock of these lines.
    NoStock {
        /// Line numbers.
        lines: Vec<u16>,
    },
    /// It is closed, dormant or has no capacity within the horizon.
    NotOpen,
    /// No open lane leads to the customer.
    NoLane,
}

/// One site's verdict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SiteVerdict {
    /// The site.
    pub site: SiteId,
    /// Its best lane, if it has one.
    pub lane: Option<LaneId>,
    /// The day it could ship.
    pub ship_day: Option<Day>,
    /// The day it could arrive.
    pub arrival: Option<Day>,
    /// What it would cost to send all lines from here, prices included, minor units.
    pub cost: Option<i64>,
    /// For or against.
    pub verdict: Verdict,
}

/// All sites' verdicts on one order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// The order.
    pub order: OrderId,
    /// Cost of the chosen set, prices included, minor units.
    pub cost: i64,
    /// By site.
    pub sites: Vec<SiteVerdict>,
}

/// Explains how `order` would be sourced at `at` if none of its units had a site yet. Asked of the state before
/// the order was sourced, it tells why it was sourced as it was.
///
/// # Errors
/// [`Rejection`] for an order that is unknown or archived.
pub fn explain(state: &State, prices: &PriceTable, id: OrderId, at: Stamp) -> Result<Explanation, Rejection> {
    let order = state.order(id)?;
    let mut days = ShipDays::default();
    let wanted: Wanted = (0_u16..)
        .zip(&order.lines)
        .map(|(n, line)| (n, line.wanted()))
        .filter(|(_, q)| !q.is_zero())
        .collect();
    let offers = offers(state, &mut days, prices, order, &wanted, at);
    let chosen: SmallVec<[Option<u8>; 6]> = (0..wanted.len())
        .step_by(LINES_MAX)
        .flat_map(|from| offers.choose(from, wanted.len().min(from + LINES_MAX)))
        .collect();
    let cost = chosen_cost(&offers, &chosen);
    let sites = (0..state.network.sites.len())
        .map(|index| SiteId(u16::try_from(index).expect("there are at most SITES_MAX sites")))
        .map(|site| verdict(state, order, site, &wanted, &offers, &chosen, cost))
        .collect();
    Ok(Explanation { order: id, cost, sites })
}

fn chosen_cost(offers: &Offers, chosen: &[Option<u8>]) -> i64 {
    let lines = chosen.iter().enumerate().filter_map(|(line, way)| offers.cost(usize::from((*way)?), line));
    let used = |index: usize| chosen.iter().flatten().any(|way| usize::from(*way) == index);
    let parcels = offers.ways.iter().enumerate().filter(|(index, _)| used(*index));
    lines.map(|cost| cost.total()).sum::<i64>()
        + parcels.map(|(_, way)| way.parcel + way.parcel_price).sum::<i64>()
}

/// What sending every line by one way would cost, prices included; `None` if it cannot serve them all.
fn whole_cost(offers: &Offers, way: usize) -> Option<i64> {
    let lines: Option<i64> =
        (0..offers.lines).map(|line| offers.cost(way, line).map(|cost| cost.total())).sum();
    lines.map(|lines| lines + offers.ways[way].parcel + offers.ways[way].parcel_price)
}

fn verdict(
    state: &State,
    order: &Order,
    site: SiteId,
    wanted: &[(u16, Quantity)],
    offers: &Offers,
    chosen: &[Option<u8>],
    cost: i64,
) -> SiteVerdict {
    let here = (0..offers.ways.len()).filter(|way| offers.ways[*way].site == site);
    let best = here.min_by_key(|way| (whole_cost(offers, *way).unwrap_or(i64::MAX), *way));
    let served: Vec<u16> = wanted
        .iter()
        .zip(chosen)
        .filter(|(_, way)| way.is_some_and(|way| offers.ways[usize::from(way)].site == site))
        .map(|((number, _), _)| *number)
        .collect();
    let has_lane =
        || state.network.lanes_to(order.zone).iter().any(|(s, lane)| *s == site && state.lane_is_open(*lane));
    let missing = |way: usize| {
        let lines = wanted.iter().enumerate().filter(|(line, _)| offers.cost(way, *line).is_none());
        lines.map(|(_, (number, _))| *number).collect()
    };
    let verdict = match best {
        _ if !served.is_empty() => Verdict::Chosen { lines: served },
        None if has_lane() => Verdict::NotOpen,
        None => Verdict::NoLane,
        Some(way) => match whole_cost(offers, way) {
            Some(here) => Verdict::Dearer { by: here - cost },
            None => Verdict::NoStock { lines: missing(way) },
        },
    };
    SiteVerdict {
        site,
        lane: best.map(|way| offers.ways[way].lane),
        ship_day: best.map(|way| offers.ways[way].ship_day),
        arrival: best.map(|way| offers.ways[way].arrival),
        cost: best.and_then(|way| whole_cost(offers, way)),
        verdict,
    }
}
