//! A house in the middle of a hurricane: the demo's book run by the shipped code up to a moment, and kept there.

use std::collections::BTreeMap;
use std::sync::Arc;

use holdfast_app::drills::{
    DrillLine, DrillResult, Objectives, Outage, Planned, PolicyResult, Progress, Rehearsal, Standing,
};
use holdfast_app::load::{Loaded, load};
use holdfast_app::port::Journal as _;
use holdfast_app::roads::{RoadNet, TruckTerms};
use holdfast_app::writer::WriterError;
use holdfast_book::demo::{Options, florence, korea};
use holdfast_console::before::Before;
use holdfast_console::beside::{Beside, Threat, Why};
use holdfast_console::chronicle::Chronicle;
use holdfast_console::connections::{Connections, Difference, Hook, Shop};
use holdfast_console::drilled::Drilled;
use holdfast_console::health::{Condition, Health, Part};
use holdfast_console::overview::Overview;
use holdfast_console::undoing::{Stays, Undoing};
use holdfast_console::view::{Proposal, View};
use holdfast_domain::id::{IncidentId, PlanId, SiteId};
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
        beside: Beside { drilled: drilled(), connections: connections(), ..Beside::default() },
    };
    made.propose();
    made.beside.threats = threats(&made);
    made.beside.undoing = undoing(&made);
    made
}

/// One that an alert and a forecast tell of and that is declared already; one site that is not heard.
fn threats(house: &House) -> Vec<Threat> {
    let from_alerts = Threat {
        id: "00a1".to_owned(),
        hazard: Hazard::Hurricane,
        severity: Severity::Severe,
        name: "Hurricane Warning: ILM1".to_owned(),
        from: Some(house.now),
        until: Some(house.now.after(Span::hours(30))),
        chance_permille: Some(420),
        sites: vec![SiteId(0)],
        silent: false,
        evidence: vec![Why::Said("Hurricane Warning · nws · w1".to_owned())],
        incident: Some(IncidentId(0)),
    };
    let silent = Threat {
        id: "00a1-2".to_owned(),
        hazard: Hazard::Other,
        severity: Severity::Moderate,
        name: "Site silent: ILM1".to_owned(),
        until: None,
        chance_permille: None,
        sites: vec![SiteId(1)],
        silent: true,
        evidence: vec![Why::Silent(house.engine.state.network.sites[1].code.to_string())],
        incident: None,
        ..from_alerts.clone()
    };
    vec![from_alerts, silent]
}

/// What taking the first plan back would come to, with an order that stays for each reason; of others it is not known.
fn undoing(house: &House) -> BTreeMap<PlanId, Undoing> {
    let state = &house.engine.state;
    let mut orders = state.live_orders().map(|(id, _)| id);
    let named: Vec<_> = Stays::ALL.into_iter().filter_map(|why| Some((orders.next()?, why))).collect();
    let found = Undoing { back: 2, stay: Stays::ALL.into_iter().map(|why| (why, 1)).collect(), named };
    let movers = state.plans.iter().filter(|(_, plan)| plan.incident.is_some() && plan.moved > 0);
    movers.take(1).map(|(plan, _)| (plan, found.clone())).collect()
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

    /// The same house while a drill is played on a copy of it.
    #[allow(dead_code, reason = "the example only looks")]
    pub fn while_a_drill_runs(&self) -> Self {
        let mut house = Self::copy_of(self);
        house.beside.drilled.standing = Standing::Running(Progress {
            key: "fire".to_owned(),
            since: self.now.before(Span::minutes(2)),
            policy: "trade".to_owned(),
            orders: 300,
            of: 600,
        });
        house
    }

    #[allow(dead_code, reason = "some tests ask the engine alone")]
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

/// Two drills that were held, one by a version that kept less; two that are planned.
fn drilled() -> Drilled {
    let row = |policy: &str, on_time, cost| PolicyResult {
        policy: policy.to_owned(),
        orders: 600,
        on_time,
        late: 500 - on_time.min(500),
        open: 100,
        moved: 40,
        notices: 12,
        cost,
    };
    let result = DrillResult {
        key: "fire".to_owned(),
        version: 700,
        took_ms: 4_200,
        currency: "USD".to_owned(),
        policies: vec![
            row("wait", 200, 900_000),
            row("trade", 300, 800_000),
            row("holdfast", 480, 700_000),
            row("calm", 600, 500_000),
        ],
        bound: Some(650_000),
        outages: vec![Outage { site: "ILM1".to_owned(), from: Stamp(1_536_000_000_000), until: None }],
        recovered_min: Some(95),
        objectives: Objectives { rto_h: Some(4), kept_percent: Some(90) },
        recounted: 4,
        wrong: Vec::new(),
        left_out: 3,
    };
    let line = |result: Option<DrillResult>| DrillLine {
        at: Stamp(1_536_000_000_000),
        scenario: "Fire".to_owned(),
        seed: 7,
        orders: 600,
        kept: 480,
        waiting: 200,
        plans: (3, 3),
        sound: true,
        open_findings: vec![2],
        result,
    };
    let planned = |number, start, called_off| Planned {
        number,
        made: Stamp(1_530_000_000_000),
        start: Stamp(start),
        minutes: 90,
        scenario: "fire".to_owned(),
        by: "Dana Reyes".to_owned(),
        called_off,
    };
    let texts = |en: &str, ko: &str| {
        std::collections::BTreeMap::from([("en".to_owned(), en.to_owned()), ("ko".to_owned(), ko.to_owned())])
    };
    let fire = Rehearsal {
        key: "fire".to_owned(),
        hazard: Hazard::Fire,
        severity: Severity::Extreme,
        names: texts("Fire: the busiest site is destroyed", "화재: 가장 바쁜 센터의 전소"),
        notes: BTreeMap::from([
            ("en".to_owned(), vec!["Assumed: it burns.".to_owned()]),
            ("ko".to_owned(), vec!["가정: 불이 납니다.".to_owned()]),
        ]),
        book: Some("florence".to_owned()),
        own: true,
    };
    Drilled {
        standing: Standing::Failed(Stamp(1_536_000_000_000), "fire".to_owned(), "a cause".to_owned()),
        objectives: Objectives { rto_h: Some(4), kept_percent: Some(90) },
        library: vec![fire],
        held: vec![line(None), line(Some(result))],
        planned: vec![
            planned(1, 1_535_000_000_000, None),
            planned(2, 1_900_000_000_000, Some(Stamp(1_531_000_000_000))),
        ],
        faults: Vec::new(),
    }
}

/// A shop that is watched and differs, and an endpoint that is off. What a page may show of them is cut before it is
/// handed in, so that nothing here names a merchant.
fn connections() -> Connections {
    let shop = Shop {
        id: "woo".to_owned(),
        kind: "woocommerce".to_owned(),
        merchant: "shared".to_owned(),
        watch: true,
        asked: true,
        stock: "incident".to_owned(),
        read: true,
        compared: Some(Stamp(1_536_000_000_000)),
        missed: 2,
        error: Some("the shop did not answer".to_owned()),
        down: 3,
        alarm: Some("numbers wait".to_owned()),
        notes: vec!["a note".to_owned()],
        ..Shop::default()
    };
    let differs = Difference {
        at: Stamp(1_536_000_000_000),
        kind: "stock".to_owned(),
        sku: "7".to_owned(),
        place: "1".to_owned(),
        shop: Some(3),
        here: Some(0),
        on_the_way: None,
        right: "here".to_owned(),
        why: "counted here since".to_owned(),
    };
    let hook =
        Hook { id: "books".to_owned(), behind: 9, off: Some(Stamp(1_536_000_000_000)), ..Hook::default() };
    Connections {
        shops: vec![shop],
        differences: vec![differs],
        more: true,
        hooks: vec![hook],
        carriers: vec!["tern".to_owned()],
        waiting: 1,
        may_compare: true,
        may_replay: true,
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
