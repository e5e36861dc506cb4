//! Statistics: what disasters did to the operator's own orders, by hazard, site, merchant, month and year.
//!
//! Invariants: kept, late, lost and open add up to the orders of a group; the merchants' groups and the months' add up to
//! the house's; the same state, ledger and moment give the same numbers, so that a screen and an interface that ask the same say the same.

mod ledger;

use std::collections::{BTreeMap, BTreeSet};

use holdfast_domain::care::AnswerChoice;
use holdfast_domain::id::{IncidentId, MerchantId, OrderId, SiteId};
use holdfast_domain::incident::{Hazard, Phase, Severity};
use holdfast_domain::notice::NoticeStatus;
use holdfast_domain::order::{Order, ShipmentStage};
use holdfast_domain::state::State;
use holdfast_domain::time::{Day, Span, Stamp, Zone};
use serde::Serialize;

pub use ledger::{Closure, Ledger, Milestones};

/// Months a closure is split over at most.
const MONTHS_MAX: usize = 1_200;

/// A year and a month, such as `2026-11`.
pub type Month = String;

/// What was turned away, by month and by what it was.
pub type Guarded = BTreeMap<(Month, String), u64>;

/// What became of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// Whole with the customer by the day first promised.
    Kept,
    /// Whole with the customer, later.
    Late,
    /// Cancelled whole: nothing of it was ever delivered, or will be.
    Lost,
    /// Still on its way, or waiting.
    Open,
}

/// Orders by what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
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

impl Totals {
    fn add(&mut self, fate: Fate) {
        self.orders += 1;
        match fate {
            Fate::Kept => self.kept += 1,
            Fate::Late => self.late += 1,
            Fate::Lost => self.lost += 1,
            Fate::Open => self.open += 1,
        }
    }

    fn of(fates: &BTreeMap<OrderId, Fate>, orders: impl IntoIterator<Item = OrderId>) -> Self {
        let mut totals = Self::default();
        orders.into_iter().filter_map(|order| fates.get(&order)).for_each(|fate| totals.add(*fate));
        totals
    }

    /// Share of the finished orders that kept their promise; `None` before one is finished.
    #[must_use]
    pub fn kept_share(&self) -> Option<f64> {
        let done = self.kept + self.late + self.lost;
        (done > 0).then(|| self.kept as f64 / done as f64)
    }
}

/// One disaster.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Disaster {
    /// Its id.
    pub incident: IncidentId,
    /// Its name.
    pub name: String,
    /// What kind.
    pub hazard: Hazard,
    /// How bad.
    pub severity: Severity,
    /// How far it is.
    pub phase: Phase,
    /// When it was opened, as text.
    pub opened: String,
    /// The month it was opened in.
    pub month: Month,
    /// Sites it has closed.
    pub sites: Vec<SiteId>,
    /// Hours they were closed by it, added up, until now.
    pub site_hours: f64,
    /// Orders it touched: moved by a plan of its, told about it, or with a parcel in doubt.
    pub touched: Totals,
    /// Of the kept ones, those a plan had moved from a closed site.
    pub saved: u64,
    /// Customers' notices by how far they are.
    pub notices: BTreeMap<&'static str, u64>,
    /// From the declaration to the first step of a plan, hours: how soon orders flowed again.
    pub recovery_hours: Option<f64>,
    /// From the declaration to the first customer told, hours.
    pub told_hours: Option<f64>,
    /// From the declaration to the end, hours.
    pub lasted_hours: Option<f64>,
}

/// Disasters of one hazard, or one site.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Struck {
    /// Disasters.
    pub times: u64,
    /// Of those, not closed yet.
    pub running: u64,
    /// Hours sites were closed.
    pub site_hours: f64,
    /// Orders touched; one that two disasters touched counts once.
    pub touched: Totals,
}

/// A month, or a year.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Period {
    /// Orders placed in it.
    pub orders: Totals,
    /// Disasters opened in it.
    pub disasters: u64,
    /// Hours of it that sites were closed, added up.
    pub site_hours: f64,
    /// Notices queued for disasters opened in it.
    pub notices: u64,
    /// Orders of it that asked for units that were nowhere to be had.
    pub short: u64,
    /// What was turned away in it, by what it was.
    pub guarded: BTreeMap<String, u64>,
}

/// All statistics.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Statistics {
    /// Version of the state they are of.
    pub version: u64,
    /// All orders that are not archived.
    pub all: Totals,
    /// Orders archived: finished, and not counted above.
    pub archived: u64,
    /// Kept promises of orders a plan had moved from a closed site: without Holdfast they would have waited there.
    pub kept_by_plans: u64,
    /// Orders a plan moved.
    pub moved: u64,
    /// Orders that asked for units that were nowhere to be had: nothing was sold twice.
    pub short: u64,
    /// By merchant.
    pub merchants: BTreeMap<MerchantId, Totals>,
    /// By month, the oldest first.
    pub months: BTreeMap<Month, Period>,
    /// By year, the oldest first.
    pub years: BTreeMap<String, Period>,
    /// Every disaster that was no drill, the oldest first.
    pub disasters: Vec<Disaster>,
    /// By hazard.
    pub hazards: BTreeMap<&'static str, Struck>,
    /// By site.
    pub sites: BTreeMap<SiteId, Struck>,
    /// Notices by how far they are.
    pub notices: BTreeMap<&'static str, u64>,
    /// What customers answered.
    pub answers: BTreeMap<&'static str, u64>,
    /// What was turned away, by what it was.
    pub guarded: BTreeMap<String, u64>,
}

/// What became of an order.
#[must_use]
pub fn fate(state: &State, order: &Order) -> Fate {
    if order.lines.iter().all(|line| line.wanted().is_zero()) {
        return Fate::Lost;
    }
    let mut last: Option<Day> = None;
    let mut whole = order.backordered().is_zero();
    for a in order.lines.iter().flat_map(|line| &line.allocations) {
        let shipment = a.shipment.and_then(|id| state.shipments.get(id));
        match shipment {
            Some(shipment) if shipment.stage == ShipmentStage::Delivered => last = last.max(shipment.arrival),
            _ => whole = false,
        }
    }
    match (whole, last) {
        (false, _) => Fate::Open,
        (true, Some(day)) if day <= order.promise_first => Fate::Kept,
        (true, _) => Fate::Late,
    }
}

impl Statistics {
    /// Counts a state and what led to it, at `now`.
    #[must_use]
    pub fn of(state: &State, ledger: &Ledger, guarded: &Guarded, now: Stamp) -> Self {
        let zone = state.network.operator.as_ref().map_or_else(Zone::utc, |operator| operator.zone.clone());
        let mut out = Self { version: state.version, ..Self::default() };
        let mut fates = BTreeMap::new();
        for (id, order) in state.live_orders() {
            let fate = fate(state, order);
            fates.insert(id, fate);
            let month = out.months.entry(month_of(order.placed, &zone)).or_default();
            let short = ledger.short().contains(&id);
            month.short += u64::from(short);
            for totals in [&mut out.all, out.merchants.entry(order.merchant).or_default(), &mut month.orders]
            {
                totals.add(fate);
            }
            out.short += u64::from(short);
            out.moved += u64::from(order.moved > 0);
            out.kept_by_plans += u64::from(fate == Fate::Kept && ledger.is_rescued(id));
        }
        out.archived = state.orders.len().saturating_sub(fates.len()) as u64;
        out.disasters(state, ledger, &fates, &zone, now);
        for closure in ledger.closures().iter().filter(|closure| !is_drill(state, closure.incident)) {
            for (month, hours) in by_month(closure.from, closure.until.unwrap_or(now), &zone) {
                out.months.entry(month).or_default().site_hours += hours;
            }
        }
        for (_, notice) in state.notices.iter() {
            *out.notices.entry(notice_key(notice.status)).or_default() += 1;
        }
        for (_, file) in state.care.files.iter() {
            for answer in &file.answers {
                *out.answers.entry(answer_key(answer.choice)).or_default() += 1;
            }
        }
        for ((month, what), count) in guarded {
            *out.guarded.entry(what.clone()).or_default() += count;
            *out.months.entry(month.clone()).or_default().guarded.entry(what.clone()).or_default() += count;
        }
        out.roll_up();
        out
    }

    fn disasters(
        &mut self,
        state: &State,
        ledger: &Ledger,
        fates: &BTreeMap<OrderId, Fate>,
        zone: &Zone,
        now: Stamp,
    ) {
        let mut by_hazard: BTreeMap<&'static str, BTreeSet<OrderId>> = BTreeMap::new();
        let mut by_site: BTreeMap<SiteId, BTreeSet<OrderId>> = BTreeMap::new();
        let mut notices: BTreeMap<IncidentId, BTreeMap<&'static str, u64>> = BTreeMap::new();
        for (_, notice) in state.notices.iter() {
            if let Some(incident) = notice.incident {
                *notices.entry(incident).or_default().entry(notice_key(notice.status)).or_default() += 1;
            }
        }
        for (id, incident) in state.incidents.iter().filter(|(_, incident)| !incident.drill) {
            let mile = ledger.milestones(id);
            let mut touched: BTreeSet<OrderId> = ledger.touched(id).collect();
            touched.extend(ledger.doubted(id).filter_map(|id| Some(state.shipments.get(id)?.order)));
            let mine: Vec<&Closure> = ledger.closures().iter().filter(|c| c.incident == id).collect();
            let hours = |closure: &Closure| closure.until.unwrap_or(now).since(closure.from).as_hours();
            let mut sites: Vec<SiteId> = mine.iter().map(|closure| closure.site).collect();
            sites.sort_unstable();
            sites.dedup();
            let row = self.hazards.entry(incident.hazard.key()).or_default();
            row.times += 1;
            row.running += u64::from(incident.phase != Phase::Closed);
            row.site_hours += total(mine.iter().map(|closure| hours(closure)));
            by_hazard.entry(incident.hazard.key()).or_default().extend(touched.iter().copied());
            for site in &sites {
                let row = self.sites.entry(*site).or_default();
                row.times += 1;
                row.running += u64::from(mine.iter().any(|c| c.site == *site && c.until.is_none()));
                row.site_hours += total(mine.iter().filter(|c| c.site == *site).map(|c| hours(c)));
                by_site.entry(*site).or_default().extend(ledger.left(*site));
            }
            let month = month_of(incident.opened, zone);
            let of = notices.remove(&id).unwrap_or_default();
            let period = self.months.entry(month.clone()).or_default();
            period.disasters += 1;
            period.notices += of.values().sum::<u64>();
            let since = |at: Option<Stamp>| mile.declared.zip(at).map(|(from, at)| at.since(from).as_hours());
            let kept =
                |order: &&OrderId| fates.get(*order) == Some(&Fate::Kept) && ledger.is_rescued(**order);
            self.disasters.push(Disaster {
                incident: id,
                name: incident.name.to_string(),
                hazard: incident.hazard,
                severity: incident.severity,
                phase: incident.phase,
                opened: incident.opened.to_string(),
                month,
                sites,
                site_hours: total(mine.iter().map(|closure| hours(closure))),
                saved: touched.iter().filter(kept).count() as u64,
                touched: Totals::of(fates, touched),
                notices: of,
                recovery_hours: since(mile.flowing),
                told_hours: since(mile.told),
                lasted_hours: since(mile.ended),
            });
        }
        for (hazard, orders) in by_hazard {
            self.hazards.entry(hazard).or_default().touched = Totals::of(fates, orders);
        }
        for (site, orders) in by_site {
            self.sites.entry(site).or_default().touched = Totals::of(fates, orders);
        }
    }

    /// Years are their months, added up.
    fn roll_up(&mut self) {
        for (month, period) in &self.months {
            let year = self.years.entry(month.chars().take(4).collect()).or_default();
            for (sum, part) in [
                (&mut year.orders.orders, period.orders.orders),
                (&mut year.orders.kept, period.orders.kept),
                (&mut year.orders.late, period.orders.late),
                (&mut year.orders.lost, period.orders.lost),
                (&mut year.orders.open, period.orders.open),
                (&mut year.disasters, period.disasters),
                (&mut year.notices, period.notices),
                (&mut year.short, period.short),
            ] {
                *sum += part;
            }
            year.site_hours += period.site_hours;
            for (what, count) in &period.guarded {
                *year.guarded.entry(what.clone()).or_default() += count;
            }
        }
    }
}

/// A sum that is nothing, and not less than nothing, of nothing.
fn total(parts: impl Iterator<Item = f64>) -> f64 {
    parts.fold(0.0, |sum, part| sum + part)
}

fn is_drill(state: &State, incident: IncidentId) -> bool {
    state.incidents.get(incident).is_some_and(|incident| incident.drill)
}

/// The month of a moment in a zone.
#[must_use]
pub fn month_of(at: Stamp, zone: &Zone) -> Month {
    let date = at.local(zone).0.to_civil();
    format!("{:04}-{:02}", date.year(), date.month())
}

/// A span, split at the months of a zone, in hours.
fn by_month(from: Stamp, until: Stamp, zone: &Zone) -> Vec<(Month, f64)> {
    let (mut at, mut out) = (from, Vec::new());
    while at < until && out.len() < MONTHS_MAX {
        let date = at.local(zone).0.to_civil();
        let turned = if date.month() == 12 { (date.year() + 1, 1) } else { (date.year(), date.month() + 1) };
        let next = Day::from_civil(jiff::civil::date(turned.0, turned.1, 1)).at(0, zone);
        // A zone that jumps over midnight must not hold this up.
        let end = next.max(at.after(Span(1))).min(until);
        out.push((month_of(at, zone), end.since(at).as_hours()));
        at = end;
    }
    out
}

const fn notice_key(status: NoticeStatus) -> &'static str {
    match status {
        NoticeStatus::Queued => "queued",
        NoticeStatus::Withdrawn => "withdrawn",
        NoticeStatus::Released => "released",
        NoticeStatus::Sent => "sent",
        NoticeStatus::Failed => "failed",
        NoticeStatus::Waiting => "waiting",
        NoticeStatus::Sending => "sending",
        NoticeStatus::InDoubt => "in_doubt",
    }
}

const fn answer_key(choice: AnswerChoice) -> &'static str {
    match choice {
        AnswerChoice::Wait | AnswerChoice::WaitUntil(_) => "wait",
        AnswerChoice::Cancel => "cancel",
        AnswerChoice::Address => "address",
    }
}

#[cfg(test)]
mod tests {
    use super::{by_month, month_of};
    use holdfast_domain::time::{Span, Stamp, Zone};

    #[test]
    fn hours_are_split_at_the_months_of_the_head_office() {
        let seoul = Zone::named("Asia/Seoul").unwrap();
        // 2026-01-31 12:00 UTC is 21:00 in Seoul.
        let from = Stamp(1_769_860_800_000);
        assert_eq!(month_of(from, &seoul), "2026-01");
        let split = by_month(from, from.after(Span::hours(30 * 24)), &seoul);
        assert_eq!(
            split.iter().map(|(month, _)| month.as_str()).collect::<Vec<_>>(),
            ["2026-01", "2026-02", "2026-03"]
        );
        assert_eq!(split[0].1, 3.0);
        assert!((split.iter().map(|(_, hours)| hours).sum::<f64>() - 720.0).abs() < 1e-9);
        assert_eq!(by_month(from, from, &seoul), Vec::new());
    }
}
