//! A house in the middle of a hurricane: the demo's book run by the shipped code up to a moment, and kept there.

use std::collections::BTreeMap;
use std::sync::Arc;

use holdfast_app::load::{Loaded, load};
use holdfast_app::port::Journal as _;
use holdfast_app::roads::{RoadNet, TruckTerms};
use holdfast_app::writer::WriterError;
use holdfast_book::demo::{Options, florence, korea};
use holdfast_console::before::Before;
use holdfast_console::beside::Beside;
use holdfast_console::chronicle::Chronicle;
use holdfast_console::health::{Condition, Health, Part};
use holdfast_console::overview::Overview;
use holdfast_console::view::{Proposal, View};
use holdfast_domain::id::{IncidentId, SiteId};
use holdfast_domain::incident::{Hazard, Severity};
use holdfast_domain::time::{Span, Stamp};
use holdfast_engine::incident::{Effort, PlanAsk, make};
use holdfast_engine::step::Engine;
use holdfast_plan::replan::Control;
use holdfast_plan::route::way::AllOpen;
use holdfast_sim::policy::Holdfast;
use holdfast_sim::scenario::Scenario;
use holdfast_sim::truth::truth;
use holdfast_sim::world::{Policy, World};

/// Everything a view is made from.
pub struct House {
    pub engine: Engine,
    pub now: Stamp,
    pub overview: Overview,
    pub chronicle: Chronicle,
    pub proposals: BTreeMap<IncidentId, Proposal>,
    pub health: Vec<Health>,
    pub before: Option<Arc<Before>>,
    pub beside: Beside,
}

/// Runs another policy, and keeps the house as it stands at a moment.
struct Keeping {
    inner: Holdfast,
    moment: Stamp,
    kept: Option<(Engine, Chronicle)>,
}

impl Policy for Keeping {
    fn moments(&mut self, world: &World) -> Vec<Stamp> {
        let mut moments = self.inner.moments(world);
        moments.push(self.moment);
        moments
    }

    fn act(&mut self, world: &mut World, at: Stamp) -> Result<(), WriterError> {
        self.inner.act(world, at)?;
        if at >= self.moment && self.kept.is_none() {
            let engine = world.writer.engine().clone();
            let mut chronicle = Chronicle::default();
            for group in world.writer.journal().read(0).expect("the journal is in memory") {
                for entry in group.expect("it was just written").entries {
                    chronicle.absorb(&entry);
                }
            }
            self.kept = Some((engine, chronicle));
        }
        Ok(())
    }

    fn site_closed(&mut self, world: &mut World, site: SiteId, at: Stamp) -> Result<(), WriterError> {
        self.inner.site_closed(world, site, at)
    }

    fn site_back(&mut self, world: &mut World, site: SiteId, at: Stamp) -> Result<(), WriterError> {
        self.inner.site_back(world, site, at)
    }

    fn site_limited(
        &mut self,
        world: &mut World,
        site: SiteId,
        permille: u16,
        at: Stamp,
    ) -> Result<(), WriterError> {
        self.inner.site_limited(world, site, permille, at)
    }

    fn lanes_changed(
        &mut self,
        world: &mut World,
        index: usize,
        closed: bool,
        at: Stamp,
    ) -> Result<(), WriterError> {
        self.inner.lanes_changed(world, index, closed, at)
    }
}

/// The house at a moment of a shipped scenario, `hours` after its first order.
fn house(loaded: &Loaded, scenario: &str, hours: u64, seed: u64) -> House {
    let scenario = Scenario::parse(scenario).expect("a shipped scenario");
    let storm = scenario.storm.as_deref().and_then(holdfast_hazard::storms::shipped);
    let track = storm.map(|storm| storm.track());
    let start = loaded.orders.first().expect("the demo has orders").at;
    let mut world = World::new(
        loaded,
        loaded.orders.clone(),
        |state| truth(state, &scenario, track.as_ref(), start).expect("the scenario fits its book"),
        None,
        seed,
    )
    .expect("a memory journal does not fail");
    let inner = Holdfast::new(
        Hazard::Hurricane,
        Severity::Severe,
        &scenario.name,
        BTreeMap::new(),
        Vec::new(),
        false,
    );
    let moment = start.after(Span::hours(hours));
    let mut keeping = Keeping { inner, moment, kept: None };
    world.end = moment.after(Span::minutes(1));
    world.run(&mut keeping, &mut |_| {}).expect("a memory journal does not fail");
    let (engine, chronicle) = keeping.kept.expect("the moment came");
    let now = moment;
    let health = vec![
        Health {
            part: Part::Journal,
            name: String::new(),
            condition: Condition::Good,
            last: Some(now.before(Span(2_000))),
        },
        Health {
            part: Part::Backup,
            name: String::new(),
            condition: Condition::Good,
            last: Some(now.before(Span::hours(3))),
        },
        Health {
            part: Part::Feed,
            name: "nws-alerts".to_owned(),
            condition: Condition::Weak,
            last: Some(now.before(Span::minutes(44))),
        },
    ];
    let mut made = House {
        overview: Overview::of(&engine.state, now),
        engine,
        now,
        chronicle,
        proposals: BTreeMap::new(),
        health,
        before: None,
        beside: Beside::default(),
    };
    made.propose();
    made
}

impl House {
    /// Hurricane Florence with so many orders, some hours after the first site closed.
    pub fn florence(orders: u32) -> Self {
        let text = include_str!("../../../../scenarios/florence.toml");
        house(&load(&florence(7, &Options::orders(orders))), text, 7 * 24 + 6, 7)
    }

    /// Typhoon Hinnamnor on the Korean book.
    #[allow(dead_code, reason = "the example shows it; the tests have enough of one storm")]
    pub fn hinnamnor(orders: u32) -> Self {
        let text = include_str!("../../../../scenarios/hinnamnor.toml");
        house(&load(&korea(7, &Options::orders(orders))), text, 4 * 24 + 6, 7)
    }

    /// A fresh plan for the first incident, waiting for approval.
    fn propose(&mut self) {
        let state = &self.engine.state;
        let Some((id, _)) = state.incidents.iter().next() else { return };
        let net = RoadNet::bundled();
        let ask = PlanAsk {
            incident: Some(id),
            transport: Some(net.transport(TruckTerms::default().of_state(state), &AllOpen)),
            effort: Effort { seed: 7, per_order: 200, gap: 0.01, threads: Some(1) },
            ..PlanAsk::default()
        };
        let made = make(state, &ask, self.now, &mut |_| Control::Continue);
        let planned = made.expect("the demo is within the planner's limits").planned;
        self.proposals.insert(id, Proposal { planned: Some(Arc::new(planned)), failed: None });
    }

    pub fn view(&self) -> View<'_> {
        View {
            engine: &self.engine,
            now: self.now,
            overview: &self.overview,
            chronicle: &self.chronicle,
            proposals: &self.proposals,
            health: &self.health,
            before: self.before.as_deref(),
            beside: &self.beside,
            people: &[],
            waiting: &[],
            customer: None,
            desk: holdfast_console::view::DeskView::default(),
        }
    }
}

impl House {
    /// The same house again, to change something in it.
    #[allow(dead_code, reason = "the example only looks")]
    pub fn copy_of(other: &Self) -> Self {
        Self {
            engine: other.engine.clone(),
            now: other.now,
            overview: other.overview.clone(),
            chronicle: other.chronicle.clone(),
            proposals: other.proposals.clone(),
            health: other.health.clone(),
            before: other.before.clone(),
            beside: other.beside.clone(),
        }
    }
}
