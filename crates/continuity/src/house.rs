//! The analysis of a live house: impact, critical inventory, backups and ways, of its own state.
//!
//! Invariant: the same state, moment and years give the same analysis.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use holdfast_domain::id::{Id, SiteId};
use holdfast_domain::network::LaneKind;
use holdfast_domain::state::State;
use holdfast_domain::time::{Span, Stamp};
use holdfast_engine::incident::{Preview, StuckReason, preview};
use holdfast_hazard::catalogue::CatalogueConfig;

use crate::backups::{self, Answer};
use crate::bia::{self, BiaError, Question, Report};
use crate::critical::{self, Critical};
use crate::fluid::{Patience, World};
use crate::history::{History, history};

/// Seed of every draw: the same state gives the same analysis.
const SEED: u64 = 1;
/// Closures the critical inventory looks at.
const CLOSURES: usize = 150;
/// Points of its frontier.
const POINTS: usize = 6;
/// What holding stock costs a year, per cent of its purchase price: assumed, as `holdfast critical` does.
const CARRY_PERCENT: u32 = 20;
/// Days until fresh stock comes: assumed, as `holdfast critical` does.
const RESTOCK_DAYS: u32 = 14;
/// Backups contracted at most.
const CONTRACTS_MAX: usize = 3;
/// An impact analysis with what was computed beside it.
#[derive(Clone, Debug)]
pub struct Before {
    /// When it was computed.
    pub at: Stamp,
    /// How long that took.
    pub took: Span,
    /// Version of the state it was computed from.
    pub version: u64,
    /// Orders it was computed from.
    pub orders: usize,
    /// When the first and the last of them were placed.
    pub span: (Stamp, Stamp),
    /// Orders that were left out: archived, cancelled, or too many.
    pub left_out: usize,
    /// The analysis.
    pub report: Report,
    /// Critical inventory; `None` where it could not be computed.
    pub critical: Option<Critical>,
    /// Which backups to contract; `None` where there is nothing to choose from.
    pub backups: Option<Answer>,
    /// What is left of today's open orders' ways when each site is lost.
    pub ways: Vec<Ways>,
}

/// What is left when a site is lost, of the orders that are open today.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ways {
    /// The site.
    pub site: SiteId,
    /// Open orders with units there.
    pub orders: u32,
    /// Of those, how many a way of each kind still reaches from another site with goods for them.
    pub kinds: BTreeMap<LaneKind, u32>,
    /// Of those, how many cannot move, by why.
    pub stuck: BTreeMap<StuckReason, u32>,
    /// Work they need.
    pub work_needed: u64,
    /// Work the open sites have left in seven days.
    pub capacity_left: u64,
}

/// How much work an analysis is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effort {
    /// Years to simulate.
    pub years: u32,
    /// Moments of the history at which each loss is played; `None` for one a day of two weeks, as `holdfast bia` does.
    pub starts: Option<u16>,
}

/// Analyses a live state.
///
/// # Errors
/// [`BiaError`]: too few orders, no site that takes any, years out of range. Where the critical inventory or the backups
/// alone cannot be had they are left out.
pub fn analyse(live: &State, at: Stamp, effort: Effort) -> Result<Before, BiaError> {
    let History { state, orders, left_out } = history(live);
    let world = match (effort.starts, orders.first(), orders.last()) {
        (Some(count), Some((first, _)), Some((last, _))) => {
            let (count, span) = (i64::from(count.max(1)), last.0 - first.0);
            let starts = (1..=count).map(|number| first.0 + span / (count + 1) * number).collect();
            World::starting_at(&state, &orders, starts)?
        }
        _ => World::new(&state, &orders)?,
    };
    let catalogue = CatalogueConfig::default();
    let question = Question {
        state: &state,
        orders: &orders,
        processes: &[],
        catalogue: &catalogue,
        seed: SEED,
        years: effort.years,
        patience: Patience::default(),
    };
    let report = bia::analyse_world(&question, &world)?;
    let incidents = critical::past_storms(&state, &world);
    let ask = critical::Ask {
        question: &question,
        world: &world,
        report: &report,
        budget_minor: None,
        carry_percent: CARRY_PERCENT,
        restock_days: RESTOCK_DAYS,
        samples: CLOSURES,
        points: POINTS,
        at: &[],
        incidents: &incidents,
    };
    let critical = critical::critical(&ask).ok();
    let ask = backups::Ask { question: &question, world: &world, terms: &[], most: CONTRACTS_MAX };
    let backups = backups::backups(&ask, &mut |_| ControlFlow::Continue(())).ok();
    let span = (orders.first().map_or(at, |order| order.0), orders.last().map_or(at, |order| order.0));
    let ways = (0..live.sites.len()).map(|index| ways(live, SiteId::from_index(index), at)).collect();
    Ok(Before {
        at,
        took: Span(0),
        version: live.version,
        orders: orders.len(),
        span,
        left_out,
        report,
        critical,
        backups,
        ways,
    })
}

/// What is left of today's open orders' ways when a site is lost.
fn ways(live: &State, site: SiteId, at: Stamp) -> Ways {
    let Preview { orders, ways, stuck, work_needed, capacity_left, .. } =
        preview(live, &[site], &[], None, at);
    let mut reasons = BTreeMap::new();
    for order in stuck {
        *reasons.entry(order.reason).or_insert(0) += 1;
    }
    Ways { site, orders, kinds: ways, stuck: reasons, work_needed, capacity_left }
}
