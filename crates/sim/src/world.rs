//! The fake world a drill runs in: shops that order, warehouses that pick and ship, carriers that deliver, a disaster
//! that stops them. It runs the real writer and asks it what a real site or carrier would ask.
//!
//! The world knows the truth; the writer is told what is reported to it. A policy decides what is done when.
//!
//! One loop reads one queue here; what a happening does stands beside it: the calendar, goods on order, shipments.

mod calendar;
mod goods;
mod shipments;
mod trucks;

use std::collections::{BTreeMap, BinaryHeap};

use holdfast_app::core::Reply;
use holdfast_app::load::{Loaded, TimedOrder};
use holdfast_app::writer::{Writer, WriterError};
use holdfast_domain::command::Command;
use holdfast_domain::event::Event;
use holdfast_domain::id::{Id, ShipmentId, SiteId, SkuId, TransferId};
use holdfast_domain::quantity::Quantity;
use holdfast_domain::state::State;
use holdfast_domain::time::{Day, Span, Stamp};
use holdfast_engine::step::Ask;
use holdfast_journal::memory::MemoryJournal;

use crate::clock::{SeededEntropy, SetClock};
use crate::truth::Truth;

pub use trucks::TruckRun;

/// The local time at which carriers deliver.
const DELIVERY_MS: u32 = 17 * 3_600_000;
/// The local time at which waiting orders are looked at again.
const RETRY_MS: u32 = 6 * 3_600_000;

/// The writer of a world.
pub type WorldWriter = Writer<MemoryJournal, SetClock>;

/// What a policy does, at the moments the world calls it.
pub trait Policy {
    /// Once the book is loaded, before the first order: moments at which [`Policy::act`] is to be called.
    fn moments(&mut self, world: &World) -> Vec<Stamp>;
    /// At one of those moments.
    ///
    /// # Errors
    /// [`WriterError`] if the writer cannot go on.
    fn act(&mut self, world: &mut World, at: Stamp) -> Result<(), WriterError>;
    /// A site has really closed.
    ///
    /// # Errors
    /// [`WriterError`] if the writer cannot go on.
    fn site_closed(&mut self, world: &mut World, site: SiteId, at: Stamp) -> Result<(), WriterError>;
    /// A site can really work again.
    ///
    /// # Errors
    /// [`WriterError`] if the writer cannot go on.
    fn site_back(&mut self, world: &mut World, site: SiteId, at: Stamp) -> Result<(), WriterError>;
    /// A site can do less, or all again, for another reason than closing.
    ///
    /// # Errors
    /// [`WriterError`] if the writer cannot go on.
    fn site_limited(
        &mut self,
        world: &mut World,
        site: SiteId,
        permille: u16,
        at: Stamp,
    ) -> Result<(), WriterError>;
    /// A carrier has told which lanes it closes, or opens again.
    ///
    /// # Errors
    /// [`WriterError`] if the writer cannot go on.
    fn lanes_changed(
        &mut self,
        world: &mut World,
        embargo: usize,
        closed: bool,
        at: Stamp,
    ) -> Result<(), WriterError>;
    /// The parcels of a destroyed site that no carrier has scanned are known to be lost.
    ///
    /// # Errors
    /// [`WriterError`] if the writer cannot go on.
    fn ruin_settled(&mut self, _: &mut World, _: SiteId, _: Stamp) -> Result<(), WriterError> {
        Ok(())
    }
    /// Goods that were sent on have been unloaded at another site than the one they were meant for.
    ///
    /// # Errors
    /// [`WriterError`] if the writer cannot go on.
    fn unloaded_elsewhere(&mut self, _: &mut World, _: Stamp) -> Result<(), WriterError> {
        Ok(())
    }
    /// A truck between two sites has been unloaded.
    ///
    /// # Errors
    /// [`WriterError`] if the writer cannot go on.
    fn truck_in(&mut self, _: &mut World, _: TransferId, _: Stamp) -> Result<(), WriterError> {
        Ok(())
    }
    /// Goods on order stand at the gate of a site that is shut: which of them are sent on where; none lets them wait.
    fn redirect(&mut self, _: &World, _: SiteId, _: SkuId, _: Quantity, _: Stamp) -> Vec<(SiteId, Quantity)> {
        Vec::new()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Happening {
    SiteBack(SiteId),
    LanesOpen(usize),
    LimitEnds(usize),
    LimitBegins(usize),
    SiteCloses(SiteId),
    LanesClose(usize),
    Act,
    Inbound(usize, SiteId),
    RuinSettled(SiteId),
    Order(usize),
    Retry,
    Wave(SiteId, Day),
    Dispatch(SiteId, Day),
    Scan(ShipmentId),
    Deliver(ShipmentId),
    TruckLeaves(TransferId),
    TruckArrives(TransferId),
}

/// A world in motion.
pub struct World {
    /// The real writer.
    pub writer: WorldWriter,
    /// What is really out.
    pub truth: Truth,
    /// Seed of every chance.
    pub seed: u64,
    /// When the world stops.
    pub end: Stamp,
    orders: Vec<TimedOrder>,
    inbound: Vec<(Day, SiteId, SkuId, Quantity)>,
    /// Where each of those was unloaded.
    unloaded: Vec<Option<SiteId>>,
    /// Sites whose days are on the calendar.
    sites_planned: usize,
    queue: BinaryHeap<core::cmp::Reverse<(Stamp, u64, Happening)>>,
    sequence: u64,
    /// Shipments each site has been told of and has not handed over.
    at_site: BTreeMap<SiteId, Vec<ShipmentId>>,
    /// Shipments that left a closing site without a scan.
    left_unseen: Vec<ShipmentId>,
    trucks: Vec<TruckRun>,
    refused: u64,
}

/// How far a world is: told while it runs.
#[derive(Clone, Copy, Debug)]
pub struct Tick {
    /// The world's time.
    pub at: Stamp,
    /// Orders that have come in.
    pub orders: usize,
}

impl World {
    /// A world on a loaded book. `truth` is worked out on the loaded network; it goes on for three weeks after the
    /// last order, or after `until` where that is later.
    ///
    /// # Errors
    /// [`WriterError`] if the journal fails.
    pub fn new(
        loaded: &Loaded,
        orders: Vec<TimedOrder>,
        truth: impl FnOnce(&State) -> Truth,
        until: Option<Stamp>,
        seed: u64,
    ) -> Result<Self, WriterError> {
        let start = orders.first().map_or(Stamp(0), |order| order.at);
        let last = orders.last().map_or(start, |order| order.at);
        let clock = SetClock::at(start.before(Span::hours(24)));
        let mut writer = Writer::open(MemoryJournal::new(), clock, Box::new(SeededEntropy::new(seed)))?;
        let ask = |command: &Command| Ask { command: command.clone(), actor: "import".into(), key: None };
        writer.ask_all(loaded.setup.iter().map(ask).collect())?;
        let truth = truth(&writer.engine().state);
        let back = truth.sites.iter().filter_map(|closed| closed.out.until).max().unwrap_or(last);
        let end = last.max(back).after(Span::days(21)).max(until.unwrap_or(last));
        let mut world = Self {
            writer,
            truth,
            seed,
            end,
            orders,
            inbound: loaded.inbound.clone(),
            unloaded: vec![None; loaded.inbound.len()],
            sites_planned: 0,
            queue: BinaryHeap::new(),
            sequence: 0,
            at_site: BTreeMap::new(),
            left_unseen: Vec::new(),
            trucks: Vec::new(),
            refused: 0,
        };
        world.plan_days(start);
        world.plan_disaster();
        Ok(world)
    }

    /// The state, durable.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.writer.engine().state
    }

    /// When the first order comes in.
    #[must_use]
    pub fn start(&self) -> Stamp {
        self.orders.first().map_or(Stamp(0), |order| order.at)
    }

    /// Orders in the order in which they come in.
    #[must_use]
    pub fn orders(&self) -> &[TimedOrder] {
        &self.orders
    }

    /// Units on order: unloaded where they were meant for, unloaded elsewhere, taken in by nobody.
    #[must_use]
    pub fn inbound_units(&self) -> (u64, u64, u64) {
        let mut units = (0, 0, 0);
        for ((_, planned, _, quantity), unloaded) in self.inbound.iter().zip(&self.unloaded) {
            let count = match unloaded {
                Some(site) if site == planned => &mut units.0,
                Some(_) => &mut units.1,
                None => &mut units.2,
            };
            *count += u64::from(quantity.0);
        }
        units
    }

    /// Goods on order that nobody has taken in, with the site they are meant for.
    pub fn inbound_expected(&self) -> impl Iterator<Item = (Day, SiteId, SkuId, Quantity)> + '_ {
        let open = self.inbound.iter().zip(&self.unloaded).filter(|(_, unloaded)| unloaded.is_none());
        open.map(|(goods, _)| *goods)
    }

    /// Orders the writer refused to take.
    #[must_use]
    pub const fn refused(&self) -> u64 {
        self.refused
    }

    /// Asks the writer one thing now. A rejection is the policy's to read.
    ///
    /// # Errors
    /// [`WriterError`] if the journal fails.
    pub fn ask(&mut self, command: Command, actor: &str) -> Result<Reply, WriterError> {
        self.ask_all(vec![command], actor).map(|mut replies| replies.pop().expect("one ask has one reply"))
    }

    /// Asks the writer many things now, and lets the world see what came of them.
    ///
    /// # Errors
    /// [`WriterError`] if the journal fails.
    pub fn ask_all(&mut self, commands: Vec<Command>, actor: &str) -> Result<Vec<Reply>, WriterError> {
        let ask = |command| Ask { command, actor: actor.into(), key: None };
        let replies = self.writer.ask_all(commands.into_iter().map(ask).collect())?;
        self.see(&replies);
        if self.sites_planned < self.state().network.sites.len() {
            let now = self.writer.clock().stands();
            self.plan_sites(now);
        }
        Ok(replies)
    }

    /// Goods on order for `sites` that have not come yet: they no longer go there.
    pub fn divert(&mut self, sites: &[SiteId]) -> Vec<(Day, holdfast_domain::id::SkuId, Quantity)> {
        let mut out = Vec::new();
        for (index, row) in self.inbound.iter_mut().enumerate() {
            let waits = self.unloaded[index].is_none();
            if waits && sites.contains(&row.1) && !row.3.is_zero() {
                out.push((row.0, row.2, std::mem::take(&mut row.3)));
            }
        }
        out
    }

    /// Has goods arrive at a site on a day.
    pub fn expect_goods(
        &mut self,
        day: Day,
        site: SiteId,
        sku: holdfast_domain::id::SkuId,
        quantity: Quantity,
    ) {
        let Some(zone) = self.state().network.site(site).map(|known| known.zone.clone()) else { return };
        self.inbound.push((day, site, sku, quantity));
        self.unloaded.push(None);
        self.push(day.at(RETRY_MS, &zone), Happening::Inbound(self.inbound.len() - 1, site));
    }

    /// Has the policy called at `at`.
    pub fn call_at(&mut self, at: Stamp) {
        self.push(at, Happening::Act);
    }

    /// Runs until the end.
    ///
    /// # Errors
    /// [`WriterError`] if the journal fails.
    pub fn run(&mut self, policy: &mut dyn Policy, tick: &mut dyn FnMut(Tick)) -> Result<(), WriterError> {
        for at in policy.moments(self) {
            self.push(at, Happening::Act);
        }
        while let Some(core::cmp::Reverse((at, _, happening))) = self.queue.pop() {
            if at > self.end {
                break;
            }
            self.fire_timers(at)?;
            self.writer.clock().set(at);
            match happening {
                Happening::Order(index) => {
                    // Orders of the same moment go in one group.
                    self.take_order(index)?;
                    if index % 500 == 0 {
                        tick(Tick { at, orders: index + 1 });
                    }
                }
                Happening::Act => policy.act(self, at)?,
                Happening::SiteCloses(site) => {
                    self.some_have_left(site, at);
                    policy.site_closed(self, site, at)?;
                    self.send_again(site, at);
                }
                Happening::SiteBack(site) => {
                    // What never left is planned with everything else.
                    self.settle_doubts(site, at)?;
                    policy.site_back(self, site, at)?;
                }
                Happening::LanesClose(index) => policy.lanes_changed(self, index, true, at)?,
                Happening::LanesOpen(index) => policy.lanes_changed(self, index, false, at)?,
                Happening::LimitBegins(index) => {
                    let (site, permille, _) = self.truth.limits[index];
                    policy.site_limited(self, site, permille, at)?;
                }
                Happening::LimitEnds(index) => {
                    let (site, ..) = self.truth.limits[index];
                    policy.site_limited(self, site, 1000, at)?;
                }
                Happening::Inbound(index, site) => self.take_in(policy, index, site, at)?,
                Happening::RuinSettled(site) => {
                    self.settle_doubts(site, at)?;
                    policy.ruin_settled(self, site, at)?;
                }
                Happening::Retry => self.retry_waiting(at)?,
                Happening::Wave(site, day) => self.wave(site, day, at)?,
                Happening::Dispatch(site, day) => self.dispatch(site, day, at)?,
                Happening::Scan(shipment) => self.scan(shipment)?,
                Happening::Deliver(shipment) => self.deliver(shipment, at)?,
                Happening::TruckLeaves(transfer) => self.truck_leaves(transfer, at),
                Happening::TruckArrives(transfer) => self.truck_arrives(policy, transfer, at)?,
            }
        }
        Ok(())
    }

    fn push(&mut self, at: Stamp, happening: Happening) {
        self.sequence += 1;
        self.queue.push(core::cmp::Reverse((at, self.sequence, happening)));
    }

    fn fire_timers(&mut self, until: Stamp) -> Result<(), WriterError> {
        while let Some((due, _)) = self.writer.engine().due(until) {
            self.writer.clock().set(due);
            let replies = self.writer.fire_due()?;
            self.see(&replies);
            self.send_released(&replies)?;
        }
        Ok(())
    }

    /// What leaves the outbox is taken by a channel that never fails; the world has no other.
    fn send_released(&mut self, replies: &[Reply]) -> Result<(), WriterError> {
        use holdfast_domain::notice::NoticeStatus;
        let mut commands = Vec::new();
        for reply in replies {
            let Reply::Done { entry, .. } = reply else { continue };
            for event in &entry.events {
                if let Event::NoticeChanged { notice, status: NoticeStatus::Released } = event {
                    commands.push(Command::ReportNotice { notice: *notice, sent: true });
                }
            }
        }
        if commands.is_empty() { Ok(()) } else { self.ask_all(commands, "outbox").map(|_| ()) }
    }

    fn take_order(&mut self, index: usize) -> Result<(), WriterError> {
        let TimedOrder { order, person, .. } = self.orders[index].clone();
        let replies = self.writer.place_all(vec![(order, person, None)], "shop")?;
        self.refused += replies.iter().filter(|reply| matches!(reply, Reply::Rejected(_))).count() as u64;
        self.see(&replies);
        Ok(())
    }

    /// Sources what waits, as a scheduler does every morning.
    fn retry_waiting(&mut self, at: Stamp) -> Result<(), WriterError> {
        for order in self.writer.engine().backorders() {
            if let Some(command) = self.writer.source_command(order, at) {
                self.ask(command, "scheduler")?;
            }
        }
        Ok(())
    }

    /// Takes notice of what the writer's events mean for the world: parcels to hand over, parcels to deliver, trucks.
    fn see(&mut self, replies: &[Reply]) {
        let of = |kind: fn(&Event) -> bool| replies.iter().map(|reply| count(reply, kind)).sum::<usize>();
        let mut next = self.state().shipments.len() - of(|event| matches!(event, Event::ShipmentReleased(_)));
        let mut truck =
            self.state().transfers.len() - of(|event| matches!(event, Event::TransferSent { .. }));
        for reply in replies {
            let Reply::Done { entry, .. } = reply else { continue };
            for event in &entry.events {
                match event {
                    Event::ShipmentReleased(shipment) => {
                        let id = ShipmentId(u32::try_from(next).expect("shipments fit their id"));
                        next += 1;
                        self.at_site.entry(shipment.site).or_default().push(id);
                    }
                    Event::ShipmentShipped { shipment, arrival: Some(day), .. } => {
                        let known = self.state().shipments.get(*shipment).map(|known| known.site);
                        let Some(site) = known else { continue };
                        let zone = &self.state().network.sites[usize::from(site.0)].zone;
                        let at = day.at(DELIVERY_MS, zone).max(entry.at.after(Span::hours(1)));
                        self.push(at, Happening::Deliver(*shipment));
                    }
                    Event::TransferSent { .. } => {
                        self.see_truck(TransferId::from_index(truck), event, entry.at);
                        truck += 1;
                    }
                    _ => {}
                }
            }
        }
    }
}

fn count(reply: &Reply, kind: fn(&Event) -> bool) -> usize {
    match reply {
        Reply::Done { entry, .. } => entry.events.iter().filter(|event| kind(event)).count(),
        _ => 0,
    }
}
