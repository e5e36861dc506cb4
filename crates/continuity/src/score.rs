//! A forecast scored: what the analysis says a loss costs, and what it did cost in a drill or an incident.
//!
//! Invariant: both sides count all orders of the history, so nothing has to be taken off by guess.

use holdfast_domain::command::NewOrder;
use holdfast_domain::state::State;
use holdfast_domain::time::Stamp;
use serde::Serialize;

use crate::fluid::{FluidError, Patience, Shock, Stop, What, World};

/// A closure that has happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closure {
    /// Code of the site.
    pub site: String,
    /// From when.
    pub from: Stamp,
    /// Until when; `None` while it lasts.
    pub until: Option<Stamp>,
}

/// What came, or is said to come, of a history with closures. Money in minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Toll {
    /// Orders that arrive after the day first promised.
    pub late: f64,
    /// Orders not served.
    pub unserved: f64,
    /// Carriers, handling, lateness and standby sites, over all orders served.
    pub cost: f64,
}

/// One figure said and come true.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Scored {
    /// What was said.
    pub forecast: f64,
    /// What came.
    pub actual: f64,
    /// (forecast - actual) / actual; `None` where nothing came.
    pub off: Option<f64>,
}

/// A forecast against what came of it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Score {
    /// Orders late.
    pub late: Scored,
    /// Orders unserved.
    pub unserved: Scored,
    /// Cost.
    pub cost: Scored,
}

/// Why there is no forecast.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScoreError {
    /// The book does not suffice.
    #[error(transparent)]
    Fluid(#[from] FluidError),
    /// A site the book does not know.
    #[error("forecast the closure of {0:?}: the book has no such site")]
    Site(String),
    /// Nothing closed.
    #[error("forecast an incident in which no site closed")]
    NoClosure,
    /// Another time than the orders'.
    #[error("forecast a closure that begins at {from}: the orders go from {first} to {last}")]
    Outside {
        /// The closure's begin.
        from: Stamp,
        /// First order.
        first: Stamp,
        /// Last order.
        last: Stamp,
    },
}

/// Holds a forecast against what came.
///
/// ```
/// use holdfast_continuity::score::{Toll, score};
/// let said = Toll { late: 110.0, unserved: 0.0, cost: 90.0 };
/// let came = Toll { late: 100.0, unserved: 0.0, cost: 100.0 };
/// let found = score(&said, &came);
/// assert_eq!(found.late.off, Some(0.1));
/// assert_eq!(found.unserved.off, Some(0.0));
/// ```
#[must_use]
pub fn score(forecast: &Toll, actual: &Toll) -> Score {
    let one = |forecast: f64, actual: f64| {
        let off =
            if actual != 0.0 { Some((forecast - actual) / actual) } else { (forecast == 0.0).then_some(0.0) };
        Scored { forecast, actual, off }
    };
    Score {
        late: one(forecast.late, actual.late),
        unserved: one(forecast.unserved, actual.unserved),
        cost: one(forecast.cost, actual.cost),
    }
}

/// What the analysis says of closures: all from the begin of the first, each to its own end, or to the end of the
/// history.
///
/// # Errors
/// [`ScoreError`].
pub fn forecast(
    state: &State,
    orders: &[(Stamp, NewOrder)],
    closures: &[Closure],
    patience: Patience,
) -> Result<Toll, ScoreError> {
    let start = closures.iter().map(|closure| closure.from).min().ok_or(ScoreError::NoClosure)?;
    let (Some((first, _)), Some((last, _))) = (orders.first(), orders.last()) else {
        return Err(FluidError::NoOrders.into());
    };
    if start < *first || start > *last {
        return Err(ScoreError::Outside { from: start, first: *first, last: *last });
    }
    let stop = |closure: &Closure| {
        let site = state.network.sites.iter().position(|site| *site.code == *closure.site);
        let site = site.ok_or_else(|| ScoreError::Site(closure.site.clone()))?;
        let until = closure.until.unwrap_or(*last);
        let hours = (until.0 - start.0).max(0) as f64 / 3_600_000.0;
        // A network has 64 sites at most.
        Ok(Stop { what: What::Site(site as u16), hours })
    };
    let stops = closures.iter().map(stop).collect::<Result<Vec<Stop>, ScoreError>>()?;
    let world = World::starting_at(state, orders, vec![start.0])?;
    let outcome = world.run(&Shock { phase: 0, stops, blocked: 0 }, patience);
    let mut sum = Toll::default();
    for (order, base) in world.base.iter().enumerate() {
        let changed = outcome.changed.binary_search_by_key(&order, |changed| changed.order);
        let served = changed.map_or(base, |at| &outcome.changed[at].served);
        let form = &world.orders[order];
        if !served.whole {
            sum.unserved += 1.0;
            continue;
        }
        let days = (served.arrival - form.promise).max(0);
        sum.late += f64::from(days > 0);
        sum.cost += served.cost as f64;
        sum.cost += f64::from(days) * form.lines.len() as f64 * world.late_cost(form.merchant) as f64;
    }
    sum.cost += outcome.impact.standby_cost;
    Ok(sum)
}
