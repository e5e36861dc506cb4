//! What a closure of a given length costs.

use super::{Line, Outcome, Shock, What, World};

/// When customers go elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// Days after the promise at which an order that has not arrived is lost.
    pub days: i32,
}

impl Default for Patience {
    /// Seven days: assumed, nobody publishes it for all goods.
    fn default() -> Self {
        Self { days: 7 }
    }
}

/// What a closure does. Money in the operator's minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize)]
pub struct Impact {
    /// Orders that arrive after a promise they would have kept.
    pub late: f64,
    /// Orders late or lost for which a statute sets the seller duties: notice, consent, refund.
    pub duties: f64,
    /// Days late, over all of them.
    pub late_days: f64,
    /// Orders lost: nobody could serve them before the customer's patience ended.
    pub unserved: f64,
    /// Revenue of those.
    pub revenue: f64,
    /// Carriers and handling beyond the usual, for orders that are served.
    pub added_cost: f64,
    /// What lateness costs by the merchants' terms.
    pub late_cost: f64,
    /// Calls of standby sites and the days they are kept.
    pub standby_cost: f64,
    /// Orders it changes in any way.
    pub touched: f64,
    /// Orders other sites serve within the promise they had.
    pub absorbed: f64,
}

impl Impact {
    /// Revenue lost, cost added, the price of lateness and of standby sites; never below zero.
    #[must_use]
    pub fn loss(&self) -> f64 {
        (self.revenue + self.added_cost + self.late_cost + self.standby_cost).max(0.0)
    }

    /// Promises that would have been kept and are not.
    #[must_use]
    pub fn broken(&self) -> f64 {
        self.late + self.unserved
    }

    /// The sum with `share` of another.
    #[must_use]
    pub fn plus(self, other: Self, share: f64) -> Self {
        Self {
            late: self.late + share * other.late,
            duties: self.duties + share * other.duties,
            late_days: self.late_days + share * other.late_days,
            unserved: self.unserved + share * other.unserved,
            revenue: self.revenue + share * other.revenue,
            added_cost: self.added_cost + share * other.added_cost,
            late_cost: self.late_cost + share * other.late_cost,
            standby_cost: self.standby_cost + share * other.standby_cost,
            touched: self.touched + share * other.touched,
            absorbed: self.absorbed + share * other.absorbed,
        }
    }
}

/// Losses by what they fall on, minor units.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attribution {
    /// By site whose closure it was.
    pub sites: Vec<f64>,
    /// By SKU.
    pub skus: Vec<f64>,
    /// By service of a carrier that would have brought it.
    pub services: Vec<f64>,
    /// By merchant.
    pub merchants: Vec<f64>,
}

impl Attribution {
    /// Nothing yet.
    #[must_use]
    pub fn none(sites: usize, skus: usize, services: usize, merchants: usize) -> Self {
        let zeros = |n| vec![0.0; n];
        Self {
            sites: zeros(sites),
            skus: zeros(skus),
            services: zeros(services),
            merchants: zeros(merchants),
        }
    }

    /// Adds another of the same shape, `times` over.
    pub fn add(&mut self, other: &Self, times: f64) {
        let pairs = [
            (&mut self.sites, &other.sites),
            (&mut self.skus, &other.skus),
            (&mut self.services, &other.services),
            (&mut self.merchants, &other.merchants),
        ];
        for (mine, theirs) in pairs {
            for (a, b) in mine.iter_mut().zip(theirs) {
                *a += times * b;
            }
        }
    }
}

impl World {
    /// The impact of a shock. Beyond the history it goes on as in the last third of what can be seen. The loss is
    /// shared out over `share_of` in full.
    #[must_use]
    pub fn impact(&self, shock: &Shock, patience: Patience, share_of: Option<&mut Attribution>) -> Impact {
        let (seen, longest) = (self.seen_h(shock.phase), shock.longest());
        let outcome = self.run(&shock.cut(seen), patience);
        let mut impact = outcome.impact;
        if longest > seen {
            let two_thirds = self.run(&shock.cut(seen * 2.0 / 3.0), patience).impact;
            impact = self.beyond(impact, two_thirds, longest, seen);
        }
        if let Some(shares) = share_of {
            self.share_out(shock, &outcome, impact, 1.0, shares);
        }
        impact
    }

    /// Shares an impact's loss, `times` over, by what it falls on in its outcome.
    pub(crate) fn share_out(
        &self,
        shock: &Shock,
        outcome: &Outcome,
        impact: Impact,
        times: f64,
        shares: &mut Attribution,
    ) {
        let sum: f64 = outcome.changed.iter().map(|changed| changed.impact.loss()).sum();
        let scale = if sum > 0.0 { times * impact.loss() / sum } else { 0.0 };
        for changed in &outcome.changed {
            self.attribute(changed.order, shock, changed.impact.loss() * scale, shares);
        }
        if sum <= 0.0 {
            // A standby site was called and no order changed: the cost is the stopped site's.
            shares.sites[usize::from(self.fallback_site(shock))] += times * impact.loss();
        }
    }

    /// The impacts of the same stops for each of several lengths from one start, as [`World::impact`] gives them.
    pub(crate) fn impacts(
        &self,
        phase: usize,
        whats: &[What],
        lengths_h: &[f64],
        patience: Patience,
    ) -> Vec<Impact> {
        let mut impacts = vec![Impact::default(); lengths_h.len()];
        let line = Line { phase, whats: whats.to_vec(), blocked: 0 };
        self.along(&line, lengths_h, patience, |at, impact, _| impacts[at] = impact);
        impacts
    }

    fn fallback_site(&self, shock: &Shock) -> u16 {
        let site = |what: What| match what {
            What::Site(site) | What::Limit { site, .. } => Some(site),
            What::Carrier(_) | What::Intake => None,
        };
        shock.stops.iter().find_map(|stop| site(stop.what)).unwrap_or(0)
    }

    /// Late, lost or absorbed: the one place that says so, for the fluid form and the engine alike.
    pub(crate) fn judge(
        &self,
        order: usize,
        arrival: i32,
        cost: i64,
        base: Option<(i32, i64)>,
        promise: i32,
        patience: Patience,
    ) -> Impact {
        // An order nobody could serve in normal times is no loss of the disaster.
        let Some((base_arrival, base_cost)) = base else { return Impact::default() };
        let due = promise.max(base_arrival);
        let form = &self.orders[order];
        let touched = 1.0;
        let duties = f64::from(arrival > due && form.regulated);
        if arrival.saturating_sub(due) > patience.days {
            let revenue = form.value() as f64;
            return Impact { touched, unserved: 1.0, duties, revenue, ..Impact::default() };
        }
        let days = f64::from((arrival - due).max(0));
        let lines = form.lines.len() as f64;
        Impact {
            touched,
            duties,
            late: f64::from(days > 0.0),
            late_days: days,
            added_cost: (cost - base_cost) as f64,
            late_cost: days * lines * self.late_cost[form.merchant] as f64,
            absorbed: f64::from(days == 0.0),
            ..Impact::default()
        }
    }

    fn attribute(&self, order: usize, shock: &Shock, loss: f64, shares: &mut Attribution) {
        let form = &self.orders[order];
        let closes = shock.longest_closure().is_some();
        let home =
            self.base[order].picks.iter().map(|pick| pick.site).find(|site| !closes || shock.closes(*site));
        let site = home.unwrap_or_else(|| self.fallback_site(shock));
        shares.sites[usize::from(site)] += loss;
        shares.merchants[form.merchant] += loss;
        let lines = form.lines.len() as f64;
        for line in &form.lines {
            shares.skus[line.sku as usize] += loss / lines;
        }
        if let Some(pick) = self.base[order].picks.first() {
            shares.services[self.lanes[pick.lane as usize].service] += loss;
        }
    }
}

/// What the last third of the history added, never less than nothing.
pub(super) fn growth(whole: &Impact, before: Impact) -> Impact {
    let more = whole.plus(before, -1.0);
    Impact {
        late: more.late.max(0.0),
        duties: more.duties.max(0.0),
        late_days: more.late_days.max(0.0),
        unserved: more.unserved.max(0.0),
        revenue: more.revenue.max(0.0),
        added_cost: more.added_cost,
        late_cost: more.late_cost.max(0.0),
        standby_cost: more.standby_cost.max(0.0),
        touched: more.touched.max(0.0),
        absorbed: more.absorbed.max(0.0),
    }
}
