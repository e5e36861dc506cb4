//! Trucks between sites: they leave when they are loaded, go round what is really closed, and wait where nothing leads on.

use holdfast_app::core::Reply;
use holdfast_app::writer::WriterError;
use holdfast_domain::command::Command;
use holdfast_domain::event::Event;
use holdfast_domain::id::{Id, SiteId, TransferId};
use holdfast_domain::incident::StockAccess;
use holdfast_domain::time::{Day, Span, Stamp};
use holdfast_engine::step::Ask;
use holdfast_plan::route::haul::{HaulTerms, haul_way};
use serde::Serialize;

use super::{Happening, Policy, World};

/// How long a truck that finds no way, or a closed gate, waits until it tries again.
const AGAIN: Span = Span::hours(24);
/// A truck that is on the road goes on for so long, whatever was planned.
const LONGEST: Span = Span::days(14);

/// A truck between two sites, as it really went. Money in the operator's minor units.
#[derive(Clone, Debug, Serialize)]
pub struct TruckRun {
    /// The transfer.
    pub transfer: TransferId,
    /// From here.
    pub from: SiteId,
    /// To there.
    pub to: SiteId,
    /// What it carries.
    pub units: u64,
    /// When it was asked for.
    pub sent: Stamp,
    /// The day on which its goods were to ship.
    pub due: Day,
    /// When it left.
    pub left: Option<Stamp>,
    /// When it was unloaded.
    pub arrived: Option<Stamp>,
    /// Its way, metres.
    pub length_m: u64,
    /// The same with every road open.
    pub open_length_m: u64,
    /// Time it waited on the road.
    pub waited: Span,
    /// Whether it went by known roads; if not, closed ones were not seen.
    pub by_road: bool,
    /// Days on which it found no way.
    pub no_way: u32,
    /// Days on which it stood at a closed gate, at either end.
    pub gate_shut: u32,
    /// What it cost.
    pub cost: i64,
    /// Whether its goods could ship later than planned, or not at all.
    pub late: bool,
}

impl World {
    /// Sends a truck under its plan's key.
    ///
    /// # Errors
    /// [`WriterError`] if the journal fails.
    pub fn send_truck(&mut self, command: Command, key: u128, actor: &str) -> Result<Reply, WriterError> {
        let ask = Ask { command, actor: actor.into(), key: Some(key) };
        let mut replies = self.writer.ask_all(vec![ask])?;
        self.see(&replies);
        Ok(replies.pop().expect("one ask has one reply"))
    }

    /// The trucks that were sent, as they went.
    #[must_use]
    pub fn trucks(&self) -> &[TruckRun] {
        &self.trucks
    }

    /// Takes notice of a truck that was sent.
    pub(super) fn see_truck(&mut self, transfer: TransferId, event: &Event, at: Stamp) {
        let Event::TransferSent { from, to, items, due } = event else { return };
        self.trucks.push(TruckRun {
            transfer,
            from: *from,
            to: *to,
            units: items.iter().map(|(_, quantity)| u64::from(quantity.0)).sum(),
            sent: at,
            due: *due,
            left: None,
            arrived: None,
            length_m: 0,
            open_length_m: 0,
            waited: Span(0),
            by_road: false,
            no_way: 0,
            gate_shut: 0,
            cost: 0,
            late: true,
        });
        let leaves = at.after(self.truth.roads.terms.loading);
        self.push(leaves, Happening::TruckLeaves(transfer));
    }

    /// A loaded truck sets out, if its gate is open and a road leads there.
    pub(super) fn truck_leaves(&mut self, transfer: TransferId, at: Stamp) {
        let Some(index) = self.trucks.iter().position(|run| run.transfer == transfer) else { return };
        let (from, to) = (self.trucks[index].from, self.trucks[index].to);
        if let Some(closed) = self.truth.site_out(from, at) {
            self.trucks[index].gate_shut += 1;
            // What stood loaded in a yard that was destroyed is gone.
            if closed.stock != StockAccess::Lost {
                self.push(at.after(AGAIN), Happening::TruckLeaves(transfer));
            }
            return;
        }
        let roads = std::sync::Arc::clone(&self.truth.roads);
        let place = |site: SiteId| self.state().network.sites[site.index()].place;
        let terms = HaulTerms { longest: LONGEST, ..roads.terms };
        let way = haul_way(&terms, Some(&roads.net.roads(&roads.closed)), place(from), place(to), at);
        let Ok(way) = way else {
            self.trucks[index].no_way += 1;
            self.push(at.after(AGAIN), Happening::TruckLeaves(transfer));
            return;
        };
        let cost = self.truck_cost(transfer, &terms, way.length_m);
        let run = &mut self.trucks[index];
        (run.left, run.length_m, run.open_length_m) = (Some(at), way.length_m, way.open_length_m);
        (run.waited, run.by_road, run.cost) = (way.waited, way.by_road, cost);
        self.push(way.arrive.after(terms.unloading), Happening::TruckArrives(transfer));
    }

    /// Each unit bears its own weight's share of the trip, as the planner counts it.
    fn truck_cost(&self, transfer: TransferId, terms: &HaulTerms, length_m: u64) -> i64 {
        let per_kg = terms.per_kg(length_m);
        let items = self.state().transfers.get(transfer).map(|sent| sent.items.clone()).unwrap_or_default();
        let unit = |sku| {
            let weight_g = self.state().network.skus.get(sku).map_or(0, |known| known.weight_g);
            terms.per_unit + (per_kg * i64::from(weight_g) + 999) / 1000
        };
        items.iter().map(|(sku, quantity)| unit(*sku) * i64::from(quantity.0)).sum()
    }

    /// A truck is unloaded, if the gate is open.
    pub(super) fn truck_arrives(
        &mut self,
        policy: &mut dyn Policy,
        transfer: TransferId,
        at: Stamp,
    ) -> Result<(), WriterError> {
        let Some(index) = self.trucks.iter().position(|run| run.transfer == transfer) else { return Ok(()) };
        let Some(sent) = self.state().transfers.get(transfer).cloned() else { return Ok(()) };
        if self.truth.site_out(sent.to, at).is_some() {
            self.trucks[index].gate_shut += 1;
            self.push(at.after(AGAIN), Happening::TruckArrives(transfer));
            return Ok(());
        }
        let reply = self.ask(Command::ReceiveTransfer { transfer, items: sent.items }, "site")?;
        if !matches!(reply, Reply::Done { .. }) {
            return Ok(());
        }
        let ships = self.state().network.site(sent.to).and_then(|site| site.first_ship_day(at));
        let run = &mut self.trucks[index];
        run.arrived = Some(at);
        run.late = ships.is_none_or(|day| day > run.due);
        policy.truck_in(self, transfer, at)
    }
}
