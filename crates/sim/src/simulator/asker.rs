//! What people, sites, carriers and schedulers ask for, by chance, on what they can see.

use holdfast_domain::command::{Command, NewIncident, NewOrder};
use holdfast_domain::event::{AdjustReason, DoubtEvidence};
use holdfast_domain::id::{IncidentId, NoticeId, OrderId, ShipmentId, SiteId, SkuId, TransferId, ZoneId};
use holdfast_domain::incident::{Hazard, LaneRule, Phase, Severity, SiteAccess, StockAccess};
use holdfast_domain::network::{LaneKind, Language};
use holdfast_domain::notice::NoticeStatus;
use holdfast_domain::order::{HoldReason, Package, ShipmentStage};
use holdfast_domain::quantity::Quantity;
use holdfast_domain::state::State;
use holdfast_domain::time::{Day, Span, Stamp};
use holdfast_engine::incident::failback_step;
use rand::RngExt;
use rand_chacha::ChaCha12Rng;

use super::shop::{Shop, us};

/// Asks by chance.
pub(super) struct Asker {
    pub(super) chance: ChaCha12Rng,
    pub(super) shop: Shop,
    numbers: u32,
}

impl Asker {
    pub(super) const fn new(chance: ChaCha12Rng, shop: Shop) -> Self {
        Self { chance, shop, numbers: 0 }
    }

    /// Something to ask, on a state as it is seen now.
    pub(super) fn command(&mut self, state: &State, now: Stamp) -> Command {
        match self.chance.random_range(0..100) {
            0..=27 => self.order(now),
            28..=33 => self.on_order(state),
            34..=42 => self.on_stock(state),
            43..=50 => {
                let (site, day) = (self.site(), self.day(now));
                Command::ReleaseWave { site, day }
            }
            51..=81 => self.on_shipment(state, now),
            82..=94 => self.on_incident(state, now),
            95..=97 => self.on_notice(state),
            _ => self.on_time(state, now),
        }
    }

    fn site(&mut self) -> SiteId {
        SiteId(self.chance.random_range(0..self.shop.sites))
    }

    fn sku(&mut self) -> SkuId {
        SkuId(self.chance.random_range(0..self.shop.skus))
    }

    fn units(&mut self) -> Quantity {
        Quantity(self.chance.random_range(1..4))
    }

    fn day(&mut self, now: Stamp) -> Day {
        Day(i32::try_from(now.0.div_euclid(86_400_000)).unwrap_or(0)).plus(self.chance.random_range(0..3))
    }

    /// An order for one to three SKUs of one merchant, under a number of its own.
    pub(super) fn order(&mut self, now: Stamp) -> Command {
        let first = self.sku();
        let second = SkuId(first.0 + u32::from(self.shop.merchants));
        let more = self.chance.random_bool(0.4) && second.0 < self.shop.skus;
        let mut lines = vec![(first, self.units(), self.chance.random_range(100..2_000))];
        if more {
            lines.push((second, self.units(), self.chance.random_range(100..2_000)));
        }
        self.numbers += 1;
        let hold = self.chance.random_bool(0.05).then_some(HoldReason::Unpaid);
        Command::PlaceOrder(Box::new(NewOrder {
            merchant: self.shop.merchant_of(first),
            number: format!("#{}", self.numbers).into(),
            subject: None,
            zone: ZoneId(self.chance.random_range(0..self.shop.zones)),
            country: us(),
            postal: "28401".into(),
            language: Language::EN,
            placed: now,
            paid: None,
            promise: None,
            priority: self.chance.random_range(0..3),
            hold,
            lines: lines.into_iter().collect(),
        }))
    }

    /// Two buyers of the last unit of something, if there is such a thing.
    pub(super) fn last_unit(&mut self, state: &State, now: Stamp) -> Option<[Command; 2]> {
        let start = self.chance.random_range(0..self.shop.skus);
        let sku = (0..self.shop.skus).map(|n| SkuId((start + n) % self.shop.skus)).find(|sku| {
            (0..self.shop.sites).map(|site| state.available(SiteId(site), *sku).0).sum::<u32>() == 1
        })?;
        let pair = [self.order(now), self.order(now)];
        Some(pair.map(|command| match command {
            Command::PlaceOrder(mut order) => {
                order.merchant = self.shop.merchant_of(sku);
                order.hold = None;
                order.lines.clear();
                order.lines.push((sku, Quantity(1), 1_000));
                Command::PlaceOrder(order)
            }
            other => other,
        }))
    }

    fn some(&mut self, count: usize) -> u32 {
        let count = u32::try_from(count).unwrap_or(u32::MAX).max(1);
        let from = count.saturating_sub(25);
        self.chance.random_range(from..count)
    }

    fn on_order(&mut self, state: &State) -> Command {
        let order = OrderId(self.some(state.orders.len()));
        match self.chance.random_range(0..8) {
            0 => Command::HoldOrder { order, reason: HoldReason::Person },
            1 | 2 => Command::FreeOrder { order },
            3 => Command::CancelOrder { order },
            4 | 5 => Command::CancelLine { order, line: 0, quantity: Quantity(1) },
            6 => Command::ArchiveOrder { order },
            _ => {
                // Something that has left comes back, now and then more often than it left.
                let sent = state.shipments.iter().find(|(_, known)| known.stage == ShipmentStage::Delivered);
                let order = sent.map_or(order, |(_, known)| known.order);
                let (site, quantity) = (self.site(), Quantity(1));
                Command::ReceiveReturn { order, line: 0, quantity, site, restock: self.chance.random() }
            }
        }
    }

    fn on_stock(&mut self, state: &State) -> Command {
        let (site, sku, quantity) = (self.site(), self.sku(), self.units());
        match self.chance.random_range(0..10) {
            0..=3 => Command::ReceiveStock { site, sku, quantity },
            4 => {
                let by = self.chance.random_range(-2..3);
                Command::AdjustStock { site, sku, by, reason: AdjustReason::Damaged }
            }
            5 => {
                let there = state.stock.shelf(site, sku).on_hand;
                let found = Quantity((there + self.chance.random_range(0..3)).saturating_sub(1));
                Command::CountStock { site, sku, found }
            }
            6 => Command::QuarantineStock { site, sku, quantity },
            7 => Command::ClearStock { site, sku, quantity },
            8 => {
                let to = self.site();
                Command::SendTransfer { from: site, to, items: Box::new([(sku, Quantity(1))]), due: Day(0) }
            }
            _ => {
                let transfer = TransferId(self.some(state.transfers.len()));
                let sent = state.transfers.get(transfer).map(|sent| sent.items.clone());
                let items =
                    if self.chance.random_bool(0.8) { sent.unwrap_or_default() } else { Box::new([]) };
                Command::ReceiveTransfer { transfer, items }
            }
        }
    }

    /// What comes next for a shipment, or now and then what does not.
    fn on_shipment(&mut self, state: &State, now: Stamp) -> Command {
        let shipment = ShipmentId(self.some(state.shipments.len()));
        let day = self.day(now);
        let ship = |day| {
            let packages = Box::new([Package { tracking: "1Z".into(), weight_g: 1 }]);
            Command::ShipShipment { shipment, packages, day }
        };
        let resolve = |shipped| {
            let evidence = DoubtEvidence::Scan;
            Command::ResolveDoubt { shipment, shipped, evidence, day }
        };
        let dice = self.chance.random_range(0..10);
        if dice == 0 {
            return match self.chance.random_range(0..4) {
                0 => ship(day),
                1 => resolve(self.chance.random()),
                2 => Command::AnswerRecall { shipment, accepted: true },
                _ => Command::DeliverShipment { shipment, day },
            };
        }
        match state.shipments.get(shipment).map(|known| known.stage) {
            Some(ShipmentStage::InDoubt { .. }) if dice < 5 => resolve(self.chance.random()),
            Some(ShipmentStage::InDoubt { .. }) => ship(day),
            Some(ShipmentStage::Recalling { .. }) if dice < 3 => ship(day),
            Some(ShipmentStage::Recalling { .. }) => {
                Command::AnswerRecall { shipment, accepted: self.chance.random() }
            }
            Some(ShipmentStage::Shipped) if dice < 2 => Command::ReportException { shipment, arrival: None },
            Some(ShipmentStage::Shipped | ShipmentStage::Exception) if dice < 3 => {
                Command::LoseShipment { shipment }
            }
            Some(ShipmentStage::Shipped | ShipmentStage::Exception) => {
                Command::DeliverShipment { shipment, day }
            }
            Some(ShipmentStage::Released) if dice < 6 => Command::PickShipment { shipment },
            Some(ShipmentStage::Picked) if dice < 6 => Command::PackShipment { shipment },
            Some(_) if dice == 9 => Command::AskRecall { shipment },
            _ => ship(day),
        }
    }

    fn on_incident(&mut self, state: &State, now: Stamp) -> Command {
        let incident = IncidentId(self.some(state.incidents.len()));
        let expected_end =
            self.chance.random_bool(0.5).then(|| now.after(Span::hours(self.chance.random_range(1..60))));
        let site = self.site();
        if state.incidents.is_empty() {
            return open(expected_end);
        }
        match self.chance.random_range(0..14) {
            0 => open(expected_end),
            1 => Command::AssessIncident {
                incident,
                severity: Severity::Severe,
                expected_end,
                surges: Vec::new(),
            },
            2 => {
                let phases = [Phase::Declared, Phase::Recovering, Phase::Closed];
                Command::PhaseIncident { incident, phase: phases[self.chance.random_range(0..3)] }
            }
            3..=5 => Command::CloseSite { site, incident, stock: StockAccess::Inaccessible },
            6..=9 => {
                // Somewhere dark comes back first.
                let dark = state.sites.iter().position(|now| matches!(now.access, SiteAccess::Closed { .. }));
                let site = dark.and_then(|at| u16::try_from(at).ok()).map_or(site, SiteId);
                failback_step(state, site, incident).unwrap_or(Command::ReleaseStandby { site })
            }
            10 => Command::ActivateStandby { site: SiteId(self.shop.sites - 1), incident: Some(incident) },
            11 => {
                let rule = LaneRule {
                    site: self.chance.random_bool(0.7).then_some(site),
                    kind: self.chance.random_bool(0.5).then_some(LaneKind::Air),
                    ..LaneRule::default()
                };
                Command::EmbargoLanes { incident, rule: Box::new(rule) }
            }
            12 => Command::LiftEmbargo { incident, rule: Box::default() },
            _ => {
                let from = self.day(now);
                let days = self.chance.random_bool(0.6).then(|| (from, from.plus(2)));
                Command::ExpectOutage { site, incident, days }
            }
        }
    }

    fn on_notice(&mut self, state: &State) -> Command {
        let notice = NoticeId(self.some(state.notices.len()));
        match state.notices.get(notice).map(|known| known.status) {
            Some(NoticeStatus::Released) => Command::ReportNotice { notice, sent: self.chance.random() },
            _ => Command::WithdrawNotice { notice },
        }
    }

    fn on_time(&mut self, state: &State, now: Stamp) -> Command {
        if self.chance.random_bool(0.2) {
            return Command::ForgetKeys { before: now.before(Span::days(20)) };
        }
        // Somebody fires a timer that may not be due, or has fired.
        let first = state.timers.first();
        first.map_or(Command::ForgetKeys { before: Stamp(0) }, |(due, timer)| Command::FireTimer {
            due,
            timer,
        })
    }
}

fn open(expected_end: Option<Stamp>) -> Command {
    Command::OpenIncident(Box::new(NewIncident {
        hazard: Hazard::Flood,
        name: "flood".into(),
        severity: Severity::Moderate,
        expected_end,
        surges: Vec::new(),
        drill: true,
    }))
}
