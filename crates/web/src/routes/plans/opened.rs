//! What a plan opens (standby sites, trucks, channels), where it found no way, and what each merchant gets of it: with
//! costs and reasons.

use std::collections::BTreeMap;

use holdfast_domain::id::{MerchantId, SiteId};
use holdfast_domain::network::LaneKind;
use holdfast_domain::state::State;
use holdfast_engine::incident::{Destination, LoadReason, NoTruck, Opened, Planned, PlannedTransfer, called};
use holdfast_plan::replan::{MovedBecause, Share};
use holdfast_plan::route::haul::NoHaul;
use serde::Serialize;
use utoipa::ToSchema;

use crate::routes::network::merchant_code;

/// What a plan opens. Money in the operator's minor units.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenedOut {
    /// Standby sites it calls.
    pub standby: Vec<StandbyOut>,
    /// Trucks it sends between sites.
    pub trucks: Vec<TruckOut>,
    /// Channels it opens beside the carriers' ordinary ways.
    pub channels: Vec<ChannelOut>,
    /// Where no truck can go, and why.
    pub no_trucks: Vec<NoTruckOut>,
}

/// A standby site a plan calls.
#[derive(Debug, Serialize, ToSchema)]
pub struct StandbyOut {
    /// Code of the site.
    pub site: String,
    /// What calling it costs once.
    pub activation: i64,
    /// What each of its days costs.
    pub daily: i64,
    /// When the first parcel can leave.
    pub ready: String,
    /// Orders that ship from it.
    pub orders: u32,
    /// Units that do.
    pub units: u64,
    /// Lines by the reason for which they move there.
    pub why: BTreeMap<String, u32>,
}

/// A truck a plan sends.
#[derive(Debug, Serialize, ToSchema)]
pub struct TruckOut {
    /// Code of the site it leaves.
    pub from: String,
    /// Code of the site it goes to.
    pub to: String,
    /// The day it leaves.
    pub leaves: String,
    /// The first day on which what it brings may ship.
    pub ready: String,
    /// Its way, in metres.
    pub length_m: u64,
    /// The same with every road open: what is more is the way round.
    pub open_length_m: u64,
    /// Minutes it waits for roads to open.
    pub waits_min: u64,
    /// Whether it goes by known roads; if not, closed ones are not seen.
    pub by_road: bool,
    /// Units it carries.
    pub units: u64,
    /// What that costs.
    pub cost: i64,
    /// Lines it carries by the reason: `no_lane`, `site_strained`, `cheaper`.
    pub why: BTreeMap<String, u32>,
}

/// A channel a plan opens.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChannelOut {
    /// Carrier and service.
    pub service: String,
    /// What kind of way it is: `store_hub`, `pick_up`, `courier`, `zone_skip`, `own_van`.
    pub kind: String,
    /// Orders that take it now.
    pub orders: u32,
    /// Parcels of theirs on it.
    pub parcels: u32,
    /// What carriers and handling take for those.
    pub cost: i64,
    /// Parcels for which a carrier's lane to the same place is closed: why it was opened.
    pub shut_out: u32,
    /// What these cost here.
    pub shut_out_cost: i64,
    /// What the cheapest of the closed lanes would have taken for them.
    pub closed_cost: i64,
}

/// Two places no truck joins.
#[derive(Debug, Serialize, ToSchema)]
pub struct NoTruckOut {
    /// Code of the site.
    pub from: String,
    /// Code of the other site, or of the zone whose hub is not reached.
    pub to: String,
    /// `off_road`, `roads_closed`, `no_road`, `too_late` or `too_far`.
    pub code: String,
    /// Why, in words.
    pub why: String,
}

/// What a merchant gets of a plan. Promises are counted by line.
#[derive(Debug, Serialize, ToSchema)]
pub struct ShareOut {
    /// Code of the merchant.
    pub merchant: String,
    /// Its weight in the fairness, in thousandths of the heaviest.
    pub weight: u64,
    /// All its promises to be decided.
    pub promises: u64,
    /// Those it could keep at most had it every site to itself.
    pub keepable: u64,
    /// Those the plan keeps.
    pub kept: u64,
    /// Those it must keep.
    pub floor: u64,
    /// Kept over keepable and weight, in thousandths: no merchant has less than the plan's phi.
    pub phi: u64,
}

fn site(state: &State, id: SiteId) -> String {
    state.network.site(id).map_or_else(String::new, |site| site.code.to_string())
}

const fn because(why: MovedBecause) -> &'static str {
    match why {
        MovedBecause::NotPlanned => "not_planned",
        MovedBecause::SiteDown => "site_down",
        MovedBecause::SiteNotOpen => "site_not_open",
        MovedBecause::NoStockThere => "no_stock_there",
        MovedBecause::NoLaneThere => "no_lane_there",
        MovedBecause::StockToOthers => "stock_to_others",
        MovedBecause::CapacityToOthers => "capacity_to_others",
        MovedBecause::Cheaper => "cheaper",
    }
}

const fn loaded(why: LoadReason) -> &'static str {
    match why {
        LoadReason::NoLane => "no_lane",
        LoadReason::SiteStrained => "site_strained",
        LoadReason::Cheaper => "cheaper",
    }
}

const fn kind(kind: LaneKind) -> &'static str {
    match kind {
        LaneKind::Parcel => "parcel",
        LaneKind::Air => "air",
        LaneKind::Ferry => "ferry",
        LaneKind::StoreHub => "store_hub",
        LaneKind::PickUp => "pick_up",
        LaneKind::Courier => "courier",
        LaneKind::ZoneSkip => "zone_skip",
        LaneKind::OwnVan => "own_van",
    }
}

fn truck(state: &State, sent: &PlannedTransfer) -> TruckOut {
    TruckOut {
        from: site(state, sent.from),
        to: site(state, sent.to),
        leaves: sent.leaves.to_string(),
        ready: sent.ready.to_string(),
        length_m: sent.way.length_m,
        open_length_m: sent.way.open_length_m,
        waits_min: sent.way.waited.0 / 60_000,
        by_road: sent.way.by_road,
        units: sent.loads.iter().map(|load| u64::from(load.quantity.0)).sum(),
        cost: sent.cost,
        why: sent.reasons().into_iter().map(|(why, lines)| (loaded(why).to_owned(), lines)).collect(),
    }
}

fn channel(state: &State, opened: &Opened) -> ChannelOut {
    let service = state.network.services.get(usize::from(opened.service.0));
    ChannelOut {
        service: service.map_or_else(String::new, |known| format!("{} {}", known.carrier, known.name)),
        kind: kind(opened.kind).to_owned(),
        orders: opened.orders,
        parcels: opened.parcels,
        cost: opened.cost,
        shut_out: opened.shut_out,
        shut_out_cost: opened.shut_out_cost,
        closed_cost: opened.closed_cost,
    }
}

fn no_truck(state: &State, none: &NoTruck) -> NoTruckOut {
    let to = match none.to {
        Destination::Site(id) => site(state, id),
        Destination::Zone(id) => {
            state.network.zones.get(usize::from(id.0)).map_or_else(String::new, |zone| zone.code.to_string())
        }
    };
    let why = match &none.why {
        // A road's numbers say nothing to a reader.
        NoHaul::NoWay(_) if none.why.code() == "roads_closed" => {
            "closed roads keep the two apart for as long as a truck may take".to_owned()
        }
        other => other.to_string(),
    };
    NoTruckOut { from: site(state, none.from), to, code: none.why.code().to_owned(), why }
}

/// What a plan opens, and where it found no way.
pub(super) fn opened(state: &State, planned: &Planned) -> OpenedOut {
    let standby = called(state, planned).into_iter().map(|it| StandbyOut {
        site: site(state, it.site),
        activation: it.activation,
        daily: it.daily,
        ready: it.ready.to_string(),
        orders: it.orders,
        units: it.units,
        why: it.why.into_iter().map(|(why, lines)| (because(why).to_owned(), lines)).collect(),
    });
    OpenedOut {
        standby: standby.collect(),
        trucks: planned.transfers.iter().map(|sent| truck(state, sent)).collect(),
        channels: planned.opened.iter().map(|opened| channel(state, opened)).collect(),
        no_trucks: planned.no_trucks.iter().map(|none| no_truck(state, none)).collect(),
    }
}

/// What each merchant gets, where merchants share sites.
pub(super) fn shares(state: &State, planned: &Planned) -> Vec<ShareOut> {
    let share = |share: &Share| ShareOut {
        merchant: merchant_code(state, MerchantId(share.merchant)),
        weight: share.weight,
        promises: share.promises,
        keepable: share.keepable,
        kept: share.kept,
        floor: share.floor,
        phi: share.phi(),
    };
    planned.fair.iter().flat_map(|fair| &fair.shares).map(share).collect()
}
