//! What acting at each hour is expected to gain: for every official forecast, as of the hour it became public, the chance that
//! each site is reached and when, and for each act what it gains if the forecast is right and costs if it is not.
//!
//! Recorded in the run in which nobody acts, so an earlier act never hides what a later one would be worth. Invariant:
//! nothing is known here that was not public at the hour, but for the last column, which says how it came out.

use std::fmt::Write;

use holdfast_app::writer::WriterError;
use holdfast_domain::id::{Id, SiteId};
use holdfast_domain::incident::SiteAccess;
use holdfast_domain::time::{Day, Span, Stamp};
use serde::Serialize;

use crate::forecast::{Outlook, SiteChance};
use crate::policy::{detour, first_day_lost};
use crate::truth::Cause;
use crate::world::{Policy, World};

/// What can be done about a site on a forecast.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Lead orders of the days it is expected to be shut round it; it goes on shipping until then.
    ExpectOutage,
    /// Close it at once: what would still leave before the winds goes round it too.
    CloseNow,
    /// Call the standby sites for what no other site has.
    ActivateNow,
}

/// What an act is worth, in the operator's minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Worth {
    /// Which.
    pub act: Act,
    /// What it gains if the winds come: lateness avoided less what it costs.
    pub if_right: i64,
    /// What it costs if they do not: a false alarm.
    pub if_false: i64,
    /// The chance of the one and of the other.
    pub expected: i64,
}

/// One site as of one forecast.
#[derive(Clone, Debug, Serialize)]
pub struct SiteDecision {
    /// The chance, and when.
    pub chance: SiteChance,
    /// Units of orders that would be shut in, as they stood then: allocations not shipped.
    pub shut_in: u32,
    /// By act.
    pub worth: Vec<Worth>,
    /// Whether the winds did close it: known only afterwards.
    pub came_true: bool,
}

/// One forecast.
#[derive(Clone, Debug, Serialize)]
pub struct Decision {
    /// From when anybody could act on it.
    pub at: Stamp,
    /// Hours until the first site was closed by the wind: known only afterwards.
    pub hours_before: Option<i64>,
    /// Sites with a chance, by id.
    pub sites: Vec<SiteDecision>,
}

/// Does nothing and waits: orders go on to the site that is shut, and leave when it is back. What acting would be worth is
/// written down.
pub struct Recorder {
    outlooks: Vec<Outlook>,
    recovery_h: std::collections::BTreeMap<SiteId, u32>,
    /// What was written down, by hour.
    pub decisions: Vec<Decision>,
}

/// Hours a site is expected to need after the winds where nobody says.
const RECOVERY_H: u32 = 48;

impl Recorder {
    /// Records at the moments of the outlooks.
    #[must_use]
    pub fn new(outlooks: Vec<Outlook>, recovery_h: std::collections::BTreeMap<SiteId, u32>) -> Self {
        Self { outlooks, recovery_h, decisions: Vec::new() }
    }

    fn site(&self, world: &World, chance: SiteChance, at: Stamp) -> Option<SiteDecision> {
        let state = world.state();
        let site = chance.site;
        let open = state.sites.get(site.index()).is_some_and(|now| now.access.takes_orders());
        if chance.probability <= 0.0 || !open {
            return None;
        }
        let zone = state.network.site(site)?.zone.clone();
        let hours = self.recovery_h.get(&site).copied().unwrap_or(RECOVERY_H);
        let came_true =
            world.truth.sites.iter().any(|closed| closed.site == site && closed.cause == Cause::Wind);
        let worth = chance.window.map(|(enters, leaves)| {
            let until = leaves.after(Span::hours(u64::from(hours))).local(&zone).0;
            let days = (first_day_lost(enters, &zone), until.plus(1));
            stakes(world, site, days, at).worth(chance.probability)
        });
        let (shut_in, worth) = worth.unwrap_or_default();
        Some(SiteDecision { chance, shut_in, worth, came_true })
    }
}

impl Policy for Recorder {
    fn moments(&mut self, world: &World) -> Vec<Stamp> {
        let start = world.orders().first().map_or(Stamp(0), |order| order.at);
        let mut moments: Vec<Stamp> =
            self.outlooks.iter().map(|outlook| outlook.public_at).filter(|at| *at >= start).collect();
        moments.dedup();
        moments
    }
    fn act(&mut self, world: &mut World, at: Stamp) -> Result<(), WriterError> {
        let first =
            world.truth.sites.iter().filter(|c| c.cause == Cause::Wind).map(|closed| closed.out.from).min();
        for outlook in self.outlooks.iter().filter(|outlook| outlook.public_at == at) {
            let sites: Vec<SiteDecision> =
                outlook.sites.iter().filter_map(|chance| self.site(world, *chance, at)).collect();
            let hours_before = first.map(|first| (first.0 - at.0) / 3_600_000);
            self.decisions.push(Decision { at, hours_before, sites });
        }
        Ok(())
    }
    fn site_closed(&mut self, _: &mut World, _: SiteId, _: Stamp) -> Result<(), WriterError> {
        Ok(())
    }
    fn site_back(&mut self, _: &mut World, _: SiteId, _: Stamp) -> Result<(), WriterError> {
        Ok(())
    }
    fn site_limited(&mut self, _: &mut World, _: SiteId, _: u16, _: Stamp) -> Result<(), WriterError> {
        Ok(())
    }
    fn lanes_changed(&mut self, _: &mut World, _: usize, _: bool, _: Stamp) -> Result<(), WriterError> {
        Ok(())
    }
}

/// What hangs on a site being shut for some days, of the orders as they stand. Minor units.
#[derive(Clone, Copy, Debug, Default)]
struct Stakes {
    /// Allocations that would be shut in.
    shut_in: u32,
    /// What they lose by waiting until it is expected back.
    lateness: i64,
    /// Of that, what has another site.
    movable: i64,
    /// What going round costs in any case.
    detour: i64,
    /// What closing at once costs besides, for what would still leave.
    early: i64,
    /// What standby sites would save of what has no other site.
    standby: i64,
    /// What calling them costs.
    call: i64,
}

impl Stakes {
    fn worth(self, chance: f64) -> (u32, Vec<Worth>) {
        let of = |act: Act, gains: i64, costs: i64| Worth {
            act,
            if_right: gains - costs,
            if_false: costs,
            expected: (chance * gains as f64).round() as i64 - costs,
        };
        let mut all = vec![
            of(Act::ExpectOutage, self.movable, self.detour),
            of(Act::CloseNow, self.movable, self.detour + self.early),
        ];
        if self.call > 0 || self.standby > 0 {
            all.push(of(Act::ActivateNow, self.standby, self.call));
        }
        (self.shut_in, all)
    }
}

fn stakes(world: &World, site: SiteId, days: (Day, Day), at: Stamp) -> Stakes {
    let state = world.state();
    let mut out = Stakes::default();
    let mut called: Vec<SiteId> = Vec::new();
    for (_, order) in state.live_orders() {
        let Some(merchant) = state.network.merchant(order.merchant) else { continue };
        for line in &order.lines {
            for a in line.allocations.iter().filter(|a| a.site == site && a.shipment.is_none()) {
                if a.ship_day >= days.1 {
                    continue;
                }
                let other = detour(world, order, line.sku, a);
                let wait = days.1.since(a.ship_day);
                let arrives =
                    state.network.lanes.get(a.lane).and_then(|lane| state.network.arrival(lane, a.ship_day));
                let late = arrives.map_or(wait, |day| day.plus(wait).since(order.promise).max(0));
                let lateness = merchant.late_cost * i64::from(late);
                if a.ship_day < days.0 {
                    // Closing at once moves what would have left in time, or makes it wait.
                    out.early += other.map_or(lateness, |more| merchant.move_cost + more);
                    continue;
                }
                out.shut_in += 1;
                out.lateness += lateness;
                match other {
                    Some(more) => {
                        out.movable += lateness;
                        out.detour += merchant.move_cost + more;
                    }
                    None => {
                        if let Some((by, saved)) =
                            by_standby(world, order, line.sku, a, at, lateness, merchant.late_cost)
                        {
                            out.standby += saved;
                            if !called.contains(&by) {
                                called.push(by);
                            }
                        }
                    }
                }
            }
        }
    }
    let cost = |site: &SiteId| {
        state.network.site(*site).and_then(|s| s.standby.as_ref()).map_or(0, |s| s.activation_cost)
    };
    out.call = called.iter().map(cost).sum();
    out
}

/// The dormant site that would serve an allocation soonest, and the lateness it saves.
fn by_standby(
    world: &World,
    order: &holdfast_domain::order::Order,
    sku: holdfast_domain::id::SkuId,
    a: &holdfast_domain::order::Allocation,
    at: Stamp,
    lateness: i64,
    late_cost: i64,
) -> Option<(SiteId, i64)> {
    let state = world.state();
    let lanes = state.network.lanes_to(order.zone);
    lanes
        .iter()
        .filter(|(site, _)| matches!(state.sites[site.index()].access, SiteAccess::Dormant))
        .filter(|(site, _)| state.available(*site, sku) >= a.quantity)
        .filter_map(|(site, lane)| {
            let standby = state.network.site(*site)?;
            let ready = at.after(standby.standby.as_ref()?.lead_time).local(&standby.zone).0.plus(1);
            let arrival = state.network.arrival(state.network.lanes.get(*lane)?, ready.max(a.ship_day))?;
            let saved = lateness - late_cost * i64::from(arrival.since(order.promise).max(0));
            (saved > 0).then_some((*site, saved))
        })
        .max_by(|x, y| x.1.cmp(&y.1).then(y.0.cmp(&x.0)))
}

/// What acting on every forecast's advice comes to, right and false alarms apart. Minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Advice {
    /// Sites that were acted on and did close, and what was expected of them.
    pub right: (u32, i64),
    /// Sites that were acted on and did not close, and what that costs.
    pub false_alarms: (u32, i64),
    /// Sites that did close and were not worth acting on at that hour.
    pub missed: u32,
}

impl Decision {
    /// What leading orders round the sites worth it comes to at this hour.
    #[must_use]
    pub fn advice(&self) -> Advice {
        let mut out = Advice::default();
        for site in &self.sites {
            let Some(worth) = site.worth.iter().find(|worth| worth.act == Act::ExpectOutage) else {
                continue;
            };
            let acts = worth.expected > 0 && site.chance.probability >= Outlook::ACT_AT_LEAST;
            match (acts, site.came_true) {
                (true, true) => out.right = (out.right.0 + 1, out.right.1 + worth.if_right),
                (true, false) => {
                    out.false_alarms = (out.false_alarms.0 + 1, out.false_alarms.1 + worth.if_false)
                }
                (false, true) => out.missed += 1,
                (false, false) => {}
            }
        }
        out
    }
}

/// Rows of the table at most.
const ROWS_MAX: usize = 48;
/// Hours between two forecasts that are shown.
const EVERY_H: i64 = 12;
/// Sites with less chance are left to the JSON.
const CHANCE_SHOWN: f64 = 0.05;
/// The hours before the first closure that are shown.
const SHOWN_H: core::ops::RangeInclusive<i64> = 0..=132;

/// The table as text: a line for each site with a chance worth showing, every twelve hours, then the sums by hour.
#[must_use]
pub fn table(decisions: &[Decision], codes: &[String], money: &dyn Fn(i64) -> String) -> String {
    let mut rows: Vec<[String; 10]> = Vec::new();
    let mut last = None;
    for decision in decisions {
        let Some(hours) = decision.hours_before.filter(|hours| SHOWN_H.contains(hours)) else { continue };
        if last.is_some_and(|last: i64| last - hours < EVERY_H) {
            continue;
        }
        last = Some(hours);
        for site in decision.sites.iter().filter(|site| site.chance.probability >= CHANCE_SHOWN) {
            rows.push(row(decision, hours, site, codes, money));
        }
    }
    let left_out = rows.len().saturating_sub(ROWS_MAX);
    rows.drain(..left_out);
    let head = [
        "hours",
        "public",
        "site",
        "64 kt",
        "own limit",
        "winds come",
        "lead round",
        "close now",
        "false alarm",
        "came true",
    ];
    let mut text = aligned(&head.map(str::to_owned), &rows);
    if left_out > 0 {
        writeln!(text, "({left_out} earlier rows are in report.json)")
            .expect("writing to a string cannot fail");
    }
    for decision in decisions.iter().filter(|d| d.hours_before.is_some_and(|h| SHOWN_H.contains(&h))) {
        let advice = decision.advice();
        if advice.right.0 + advice.false_alarms.0 == 0 {
            continue;
        }
        writeln!(
            text,
            "{:>4} h before: acting is right for {} of the sites and gains {} if so; a false alarm for {} and costs {}; {} that closed were not worth it yet.",
            decision.hours_before.unwrap_or(0),
            advice.right.0,
            money(advice.right.1),
            advice.false_alarms.0,
            money(advice.false_alarms.1),
            advice.missed
        )
        .expect("writing to a string cannot fail");
    }
    text
}

fn row(
    decision: &Decision,
    hours: i64,
    site: &SiteDecision,
    codes: &[String],
    money: &dyn Fn(i64) -> String,
) -> [String; 10] {
    let percent = |share: f64| format!("{:.0} %", 100.0 * share);
    let of = |act: Act| site.worth.iter().find(|worth| worth.act == act);
    let gain = |act: Act| of(act).map_or_else(|| "-".to_owned(), |worth| money(worth.expected));
    let moment = |stamp: Stamp| stamp.to_string().chars().take(16).collect::<String>();
    [
        hours.to_string(),
        moment(decision.at),
        codes.get(site.chance.site.index()).cloned().unwrap_or_default(),
        percent(site.chance.chance_64_kt),
        format!("{} at {} kt", percent(site.chance.probability), site.chance.threshold_kt),
        site.chance.window.map_or_else(|| "-".to_owned(), |window| moment(window.0)),
        gain(Act::ExpectOutage),
        gain(Act::CloseNow),
        of(Act::ExpectOutage).map_or_else(|| "-".to_owned(), |worth| money(worth.if_false)),
        if site.came_true { "yes" } else { "no" }.to_owned(),
    ]
}

fn aligned(head: &[String; 10], rows: &[[String; 10]]) -> String {
    let mut widths = [0; 10];
    for row in core::iter::once(head).chain(rows) {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    for row in core::iter::once(head).chain(rows) {
        for (cell, width) in row.iter().zip(widths) {
            write!(text, "  {cell:>width$}").expect("writing to a string cannot fail");
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Act, Decision, SiteDecision, Stakes, table};
    use crate::forecast::SiteChance;
    use holdfast_domain::id::SiteId;
    use holdfast_domain::time::Stamp;

    fn chance(site: u16, probability: f64) -> SiteChance {
        SiteChance {
            site: SiteId(site),
            threshold_kt: 64,
            probability,
            window: Some((Stamp(3_600_000), Stamp(7_200_000))),
            chance_64_kt: probability,
            window_64_kt: None,
        }
    }

    #[test]
    fn a_false_alarm_costs_the_detour_and_a_right_one_gains_the_lateness_less_it() {
        let stakes = Stakes {
            shut_in: 3,
            lateness: 1_200,
            movable: 1_000,
            detour: 200,
            early: 70,
            standby: 0,
            call: 0,
        };
        let (shut_in, worth) = stakes.worth(0.4);
        let of = |act: Act| worth.iter().find(|w| w.act == act).map(|w| (w.if_right, w.if_false, w.expected));
        assert_eq!(shut_in, 3);
        assert_eq!(of(Act::ExpectOutage), Some((800, 200, 200)));
        assert_eq!(of(Act::CloseNow), Some((730, 270, 130)));
        assert_eq!(of(Act::ActivateNow), None);
        let with = Stakes { standby: 900, call: 500, ..stakes }.worth(0.5).1;
        assert_eq!(with[2].expected, -50);
    }

    #[test]
    fn right_and_false_alarms_are_told_apart() {
        let stakes = Stakes { shut_in: 1, movable: 1_000, detour: 100, ..Stakes::default() };
        let site = |index: u16, share: f64, came_true: bool| SiteDecision {
            chance: chance(index, share),
            shut_in: 1,
            worth: stakes.worth(share).1,
            came_true,
        };
        let decision = Decision {
            at: Stamp(0),
            hours_before: Some(48),
            // The third has a chance too small to act on, whatever the gain.
            sites: vec![site(0, 0.6, true), site(1, 0.3, false), site(2, 0.09, true)],
        };
        let advice = decision.advice();
        assert_eq!((advice.right, advice.false_alarms, advice.missed), ((1, 900), (1, 100), 1));
        let codes = ["A", "B", "C"].map(str::to_owned);
        let text = table(&[decision], &codes, &|minor| format!("{minor} c"));
        assert!(text.contains("60 %") && text.contains("  500 c") && text.contains("48 h before"), "{text}");
        assert!(
            text.lines().filter(|line| line.ends_with("yes") || line.ends_with("no")).count() == 3,
            "{text}"
        );
    }
}
