//! Why an order goes where it goes, and why nowhere else: asked for after the fact, from the same terms.

use smallvec::SmallVec;

use holdfast_domain::id::{LaneId, OrderId, SiteId};
use holdfast_domain::quantity::Quantity;
use holdfast_domain::reject::Rejection;
use holdfast_domain::state::State;
use holdfast_domain::time::{Day, Stamp};
use serde::Serialize;

use super::{ShipDays, choose, offers};
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
    let wanted: SmallVec<[(u16, Quantity); 4]> = (0_u16..)
        .zip(&order.lines)
        .map(|(n, line)| (n, line.wanted()))
        .filter(|(_, q)| !q.is_zero())
        .collect();
    let (ways, offers) = offers(state, &mut days, prices, order, &wanted, at);
    let choice = choose::cheapest(&offers, wanted.len());
    let mut sites = Vec::new();
    for index in 0..state.network.sites.len() {
        let site = SiteId(u16::try_from(index).expect("there are at most SITES_MAX sites"));
        let whole = |i: usize| {
            let lines: Option<i64> =
                offers[i].lines.iter().map(|l| l.map(|l| l.cost + l.late + l.price)).sum();
            lines.map(|lines| lines + offers[i].parcel + offers[i].parcel_price)
        };
        let here = (0..ways.len()).filter(|i| ways[*i].site == site);
        let best = here.min_by_key(|i| (whole(*i).unwrap_or(i64::MAX), *i));
        let served: Vec<u16> = wanted
            .iter()
            .zip(&choice.offers)
            .filter(|(_, offer)| offer.is_some_and(|offer| ways[offer].site == site))
            .map(|((number, _), _)| *number)
            .collect();
        let verdict = match best {
            _ if !served.is_empty() => Verdict::Chosen { lines: served },
            None if state
                .network
                .lanes_to(order.zone)
                .iter()
                .any(|(s, l)| *s == site && state.lane_is_open(*l)) =>
            {
                Verdict::NotOpen
            }
            None => Verdict::NoLane,
            Some(i) => match whole(i) {
                Some(cost) => Verdict::Dearer { by: cost - choice.total },
                None => Verdict::NoStock {
                    lines: wanted
                        .iter()
                        .zip(&offers[i].lines)
                        .filter(|(_, l)| l.is_none())
                        .map(|((n, _), _)| *n)
                        .collect(),
                },
            },
        };
        sites.push(SiteVerdict {
            site,
            lane: best.map(|i| ways[i].lane),
            ship_day: best.map(|i| ways[i].ship_day),
            arrival: best.map(|i| ways[i].arrival),
            cost: best.and_then(whole),
            verdict,
        });
    }
    Ok(Explanation { order: id, cost: choice.total, sites })
}
