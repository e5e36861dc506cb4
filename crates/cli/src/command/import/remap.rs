//! From a book's ids to the journal's: what has a code is known by it, everything else gets the next id.
//!
//! A loaded book numbers its merchants, sites, SKUs, zones and services from 0. The journal may know some of them
//! already, under other numbers, so each command is rewritten before it is asked.

use std::mem::discriminant;
use std::path::Path;

use holdfast_app::core::Reply;
use holdfast_app::load::TimedOrder;
use holdfast_app::seal::PersonalData;
use holdfast_domain::command::{Command, NewOrder};
use holdfast_domain::id::{Id, MerchantId, ServiceId, SiteId, SkuId, ZoneId};
use holdfast_domain::reject::Rejection;
use holdfast_domain::state::{NameKind, State};
use holdfast_domain::table::fingerprint;
use holdfast_engine::step::Ask;
use serde::Serialize;

use crate::exit::{Code, Failure};
use crate::world::{self, LiveWriter};

/// How often something the journal did not take is asked again.
const TRIES_MAX: u32 = 5;
/// Commands of the setup that are asked together.
const SETUP_CHUNK: usize = 4_096;
/// Who asks.
const ACTOR: &str = "import";

/// What became of rows of one kind.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(crate) struct Count {
    /// In the journal now.
    pub(crate) new: usize,
    /// In the journal before.
    pub(crate) known: usize,
    /// Refused, each with its reason.
    pub(crate) refused: usize,
}

impl Count {
    pub(crate) const fn all(self) -> usize {
        self.new + self.known + self.refused
    }
}

/// What became of everything.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(crate) struct Counts {
    /// Merchants, sites, services, zones, lanes, SKUs and stock.
    pub(crate) setup: Count,
    /// Orders.
    pub(crate) orders: Count,
}

/// Something the engine refused.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Refusal {
    /// What it is.
    pub(crate) what: String,
    /// Stable code of the reason.
    pub(crate) code: &'static str,
    /// What is wrong.
    pub(crate) cause: String,
    /// What to do.
    pub(crate) remedy: String,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}; {}", self.what, self.cause, self.remedy)
    }
}

/// The journal's ids by the book's; `None` for what was refused.
#[derive(Default)]
struct Ids {
    merchants: Vec<Option<MerchantId>>,
    sites: Vec<Option<SiteId>>,
    services: Vec<Option<ServiceId>>,
    zones: Vec<Option<ZoneId>>,
    skus: Vec<Option<SkuId>>,
}

/// Brings a loaded book into a journal.
pub(crate) struct Importer<'a> {
    path: &'a Path,
    writer: &'a mut LiveWriter,
    ids: Ids,
    counts: Counts,
    refusals: Vec<Refusal>,
}

impl<'a> Importer<'a> {
    pub(crate) fn new(path: &'a Path, writer: &'a mut LiveWriter) -> Self {
        Self { path, writer, ids: Ids::default(), counts: Counts::default(), refusals: Vec::new() }
    }

    pub(crate) fn done(self) -> (Counts, Vec<Refusal>) {
        (self.counts, self.refusals)
    }

    /// Network and stock. `durable` is told how many commands are done and up to which version.
    pub(crate) fn setup(
        &mut self,
        setup: &[Command],
        durable: &mut dyn FnMut(u64, u64),
    ) -> Result<(), Failure> {
        // Commands of one kind never name one another, so each run of them can be asked at once.
        for run in setup.chunk_by(|a, b| discriminant(a) == discriminant(b)) {
            for part in run.chunks(SETUP_CHUNK) {
                let mut asks = Vec::new();
                for command in part {
                    match self.ids.rewrite(command) {
                        None => self.unmet(describe(command)),
                        Some(asked) if is_known(&self.writer.engine().state, &asked) => {
                            self.counts.setup.known += 1
                        }
                        Some(asked) => {
                            asks.push(Ask { key: key(&asked), command: asked, actor: ACTOR.into() })
                        }
                    }
                }
                self.ask(asks)?;
                for command in part {
                    self.ids.learn(&self.writer.engine().state, command);
                }
                durable(part.len() as u64, self.writer.engine().state.version);
            }
        }
        Ok(())
    }

    fn ask(&mut self, asks: Vec<Ask>) -> Result<(), Failure> {
        let mut left = asks;
        for _ in 0..TRIES_MAX {
            if left.is_empty() {
                return Ok(());
            }
            let replies =
                self.writer.ask_all(left.clone()).map_err(|error| world::unwritten(self.path, &error))?;
            let mut again = Vec::new();
            for (ask, reply) in left.into_iter().zip(replies) {
                match reply {
                    Reply::Done { .. } => self.counts.setup.new += 1,
                    Reply::Repeated(_) | Reply::Rejected(Rejection::NameTaken { .. }) => {
                        self.counts.setup.known += 1;
                    }
                    Reply::Rejected(why) => {
                        self.counts.setup.refused += 1;
                        self.refuse(describe(&ask.command), &why);
                    }
                    Reply::Retry | Reply::Unknown => again.push(ask),
                }
            }
            left = again;
        }
        if left.is_empty() { Ok(()) } else { Err(self.gave_up()) }
    }

    /// Orders, `group` of them durable together.
    pub(crate) fn orders(
        &mut self,
        orders: &[TimedOrder],
        group: usize,
        durable: &mut dyn FnMut(u64, u64),
    ) -> Result<(), Failure> {
        for part in orders.chunks(group) {
            let mut left = Vec::new();
            for timed in part {
                match self.ids.order(&timed.order) {
                    Some(order) if self.is_taken(&order) => self.counts.orders.known += 1,
                    Some(order) => left.push((order, timed.person.clone(), None)),
                    None => {
                        self.counts.orders.refused += 1;
                        self.refusals.push(unmet(format!("order {}", timed.order.number)));
                    }
                }
            }
            self.place(left)?;
            durable(part.len() as u64, self.writer.engine().state.version);
        }
        Ok(())
    }

    fn is_taken(&self, order: &NewOrder) -> bool {
        let known: Option<holdfast_domain::id::OrderId> =
            self.writer.engine().state.named(NameKind::Order, order.merchant, &order.number);
        known.is_some()
    }

    #[allow(clippy::type_complexity, reason = "a row of an import: order, person, key, as the writer has it")]
    fn place(
        &mut self,
        mut left: Vec<(NewOrder, Option<(String, PersonalData)>, Option<u128>)>,
    ) -> Result<(), Failure> {
        for _ in 0..TRIES_MAX {
            if left.is_empty() {
                return Ok(());
            }
            let replies = self
                .writer
                .place_all(left.clone(), ACTOR)
                .map_err(|error| world::unwritten(self.path, &error))?;
            let mut again = Vec::new();
            for (asked, reply) in left.into_iter().zip(replies) {
                match reply {
                    Reply::Done { .. } => self.counts.orders.new += 1,
                    Reply::Repeated(_) | Reply::Rejected(Rejection::OrderKnown { .. }) => {
                        self.counts.orders.known += 1;
                    }
                    Reply::Rejected(why) => {
                        self.counts.orders.refused += 1;
                        self.refuse(format!("order {}", asked.0.number), &why);
                    }
                    Reply::Retry | Reply::Unknown => again.push(asked),
                }
            }
            left = again;
        }
        if left.is_empty() { Ok(()) } else { Err(self.gave_up()) }
    }

    fn refuse(&mut self, what: String, why: &Rejection) {
        let (code, cause, remedy) = (why.code(), why.to_string(), why.action().to_owned());
        self.refusals.push(Refusal { what, code, cause, remedy });
    }

    fn unmet(&mut self, what: String) {
        self.counts.setup.refused += 1;
        self.refusals.push(unmet(what));
    }

    fn gave_up(&self) -> Failure {
        Failure::new(
            Code::Journal,
            format!("{}: the journal did not take a group in {TRIES_MAX} tries", self.path.display()),
            "check the disk's room and health, then import again: what is durable is not imported twice",
        )
    }
}

fn unmet(what: String) -> Refusal {
    Refusal {
        what,
        code: "unmet",
        cause: "what it refers to was refused before".to_owned(),
        remedy: "mend that row and import again".to_owned(),
    }
}

impl Ids {
    /// The command with the journal's ids; `None` if it names something that was refused.
    fn rewrite(&self, command: &Command) -> Option<Command> {
        let mut command = command.clone();
        match &mut command {
            Command::AddSku(sku) => sku.merchant = at(&self.merchants, sku.merchant)?,
            Command::AddLane(lane) => {
                lane.site = at(&self.sites, lane.site)?;
                lane.zone = at(&self.zones, lane.zone)?;
                lane.service = at(&self.services, lane.service)?;
            }
            Command::ReceiveStock { site, sku, .. } => {
                *site = at(&self.sites, *site)?;
                *sku = at(&self.skus, *sku)?;
            }
            _ => {}
        }
        Some(command)
    }

    fn order(&self, order: &NewOrder) -> Option<NewOrder> {
        let mut order = order.clone();
        order.merchant = at(&self.merchants, order.merchant)?;
        order.zone = at(&self.zones, order.zone)?;
        for (sku, ..) in &mut order.lines {
            *sku = at(&self.skus, *sku)?;
        }
        Some(order)
    }

    /// Learns under which id the journal has what the command made, now or before.
    fn learn(&mut self, state: &State, command: &Command) {
        let none = MerchantId(0);
        match command {
            Command::AddMerchant(it) => self.merchants.push(state.named(NameKind::Merchant, none, &it.code)),
            Command::AddSite(it) => self.sites.push(state.named(NameKind::Site, none, &it.code)),
            Command::AddZone(it) => self.zones.push(state.named(NameKind::Zone, none, &it.code)),
            Command::AddService(it) => {
                let name = format!("{}/{}", it.carrier, it.name);
                self.services.push(state.named(NameKind::Service, none, &name));
            }
            Command::AddSku(it) => {
                let merchant = at(&self.merchants, it.merchant);
                self.skus.push(merchant.and_then(|merchant| state.named(NameKind::Sku, merchant, &it.code)));
            }
            _ => {}
        }
    }
}

fn at<I: Id>(ids: &[Option<I>], id: I) -> Option<I> {
    ids.get(id.index()).copied().flatten()
}

/// Whether the journal has what the command would make.
fn is_known(state: &State, command: &Command) -> bool {
    let none = MerchantId(0);
    match command {
        // An operator is changed on purpose, not by importing another book.
        Command::SetOperator(_) => state.network.operator.is_some(),
        Command::AddMerchant(it) => state.named::<MerchantId>(NameKind::Merchant, none, &it.code).is_some(),
        Command::AddSite(it) => state.named::<SiteId>(NameKind::Site, none, &it.code).is_some(),
        Command::AddZone(it) => state.named::<ZoneId>(NameKind::Zone, none, &it.code).is_some(),
        Command::AddService(it) => {
            let name = format!("{}/{}", it.carrier, it.name);
            state.named::<ServiceId>(NameKind::Service, none, &name).is_some()
        }
        Command::AddSku(it) => state.named::<SkuId>(NameKind::Sku, it.merchant, &it.code).is_some(),
        Command::AddLane(it) => state.network.lanes_to(it.zone).iter().any(|(site, lane)| {
            *site == it.site
                && state.network.lanes.get(*lane).is_some_and(|known| known.service == it.service)
        }),
        // Opening stock is taken in once; what changed since is told by receipts and counts.
        Command::ReceiveStock { site, sku, .. } => state.stock.shelf(*site, *sku) != Default::default(),
        _ => false,
    }
}

/// Opening stock has a key, so that a shelf that was emptied since is not filled again.
fn key(command: &Command) -> Option<u128> {
    match command {
        Command::ReceiveStock { site, sku, .. } => {
            Some(fingerprint("opening stock", u32::from(site.0), &sku.to_string()))
        }
        _ => None,
    }
}

fn describe(command: &Command) -> String {
    match command {
        Command::SetOperator(_) => "operator".to_owned(),
        Command::AddMerchant(it) => format!("merchant {}", it.code),
        Command::AddSite(it) => format!("site {}", it.code),
        Command::AddZone(it) => format!("zone {}", it.code),
        Command::AddService(it) => format!("service {}/{}", it.carrier, it.name),
        Command::AddSku(it) => format!("SKU {}", it.code),
        Command::AddLane(it) => format!("lane from {} to {}", it.site, it.zone),
        Command::ReceiveStock { site, sku, .. } => format!("stock of {sku} at {site}"),
        _ => "command".to_owned(),
    }
}
