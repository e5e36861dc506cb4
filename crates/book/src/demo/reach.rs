//! Who reaches whom in a demo book: distances from sites to areas, the assumed tariff, and lanes.

use holdfast_domain::money::{Currency, Money};
use holdfast_domain::place::{MILE_M, Place};

use crate::demo::geo::Area;
use crate::demo::site::SiteSpec;
use crate::kind::{LaneKind, SiteKind};
use crate::model::{Carrier, Lane, ZoneArea};

/// Code of the carrier that goes by road.
pub(crate) const GROUND_CARRIER: &str = "tern";
/// Code of the carrier that is fast.
pub(crate) const FAST_CARRIER: &str = "gannet";
/// Code of the courier that serves the surroundings of a store.
pub(crate) const COURIER: &str = "sandpiper";

/// One band of a tariff: up to `reach_m`; minor units a parcel and a kilogram, and working days, by service.
pub(crate) struct Band {
    pub(crate) reach_m: f64,
    pub(crate) ground: Rate,
    pub(crate) expedited: Rate,
}

/// Minor units a parcel, minor units a kilogram, working days.
pub(crate) type Rate = (i64, i64, u16);

/// What lanes of a country cost and how long they take; assumed.
pub(crate) struct Tariff {
    pub(crate) currency: Currency,
    /// Nearest first; the last reaches everywhere.
    pub(crate) bands: &'static [Band],
    /// Names of the carriers: by road, fast, courier.
    pub(crate) carriers: [&'static str; 3],
    pub(crate) courier: Rate,
    /// How far the courier goes from a store, metres.
    pub(crate) courier_reach_m: f64,
    /// What an area costs and takes besides, such as an island: minor units a parcel, working days.
    pub(crate) surcharge: fn(&Area) -> (i64, u16),
}

const fn us_band(miles: f64, ground: Rate, expedited: Rate) -> Band {
    Band { reach_m: miles * MILE_M, ground, expedited }
}

/// The US tariff over the postal zones 2 to 8, in the size of commercial rates of 2018.
pub(crate) static US_TARIFF: Tariff = Tariff {
    currency: Currency::USD,
    bands: &[
        us_band(150.0, (545, 24, 1), (940, 52, 1)),
        us_band(300.0, (590, 31, 2), (1120, 66, 1)),
        us_band(600.0, (640, 42, 3), (1490, 92, 2)),
        us_band(1000.0, (705, 58, 3), (1930, 128, 2)),
        us_band(1400.0, (770, 71, 4), (2240, 156, 2)),
        us_band(1800.0, (835, 83, 5), (2480, 179, 3)),
        us_band(f64::INFINITY, (930, 102, 5), (2890, 214, 3)),
    ],
    carriers: ["Tern Parcel", "Gannet Express", "Sandpiper Couriers"],
    courier: (780, 35, 1),
    courier_reach_m: 75.0 * MILE_M,
    surcharge: |_| (0, 0),
};

/// Distances between the sites and the areas of a country, and the sites by distance from each area.
pub(crate) struct Reach {
    tariff: &'static Tariff,
    /// Surcharge of each area.
    surcharge: Vec<(i64, u16)>,
    /// Band of the tariff, by area then site.
    band: Vec<Vec<u8>>,
    /// Whether the courier of the site reaches the area, by area then site.
    courier: Vec<Vec<bool>>,
    /// Positions of the sites, nearest first, by area.
    pub(crate) nearest: Vec<Vec<u8>>,
}

impl Reach {
    /// Measures every site against every area.
    pub(crate) fn new(sites: &[SiteSpec], areas: &[Area], tariff: &'static Tariff) -> Self {
        let places: Vec<Place> = sites.iter().map(SiteSpec::place).collect();
        let surcharge = areas.iter().map(tariff.surcharge).collect();
        let mut reach = Self { tariff, surcharge, band: vec![], courier: vec![], nearest: vec![] };
        for area in areas {
            let far: Vec<f64> = places.iter().map(|place| place.distance_m(area.place)).collect();
            let band = |m: &f64| tariff.bands.partition_point(|band| band.reach_m < *m) as u8;
            let mut order: Vec<u8> = (0..sites.len() as u8).collect();
            order.sort_by(|a, b| far[*a as usize].total_cmp(&far[*b as usize]).then(a.cmp(b)));
            reach.band.push(far.iter().map(band).collect());
            let near = |(spec, m): (&SiteSpec, &f64)| {
                spec.kind == SiteKind::StoreHub && *m <= tariff.courier_reach_m
            };
            reach.courier.push(sites.iter().zip(&far).map(near).collect());
            reach.nearest.push(order);
        }
        reach
    }

    /// The nearest of the sites in the set `holders`, a bit for each.
    pub(crate) fn nearest_of(&self, area: usize, holders: u64) -> Option<usize> {
        self.nearest[area].iter().map(|site| *site as usize).find(|site| holders >> site & 1 == 1)
    }

    /// Working days from a site to an area, by ground or expedited.
    pub(crate) fn days(&self, area: usize, site: usize, expedited: bool) -> u16 {
        let band = &self.tariff.bands[self.band[area][site] as usize];
        self.surcharge[area].1 + if expedited { band.expedited.2 } else { band.ground.2 }
    }

    /// Lanes from every site to every area by both services, and by courier around a store.
    pub(crate) fn lanes(&self, sites: &[SiteSpec], zones: &[ZoneArea]) -> Vec<Lane> {
        let amount = |minor| Money::new(minor, self.tariff.currency);
        let mut lanes = Vec::with_capacity(sites.len() * zones.len() * 2);
        for (s, site) in sites.iter().enumerate() {
            for (a, zone) in zones.iter().enumerate() {
                let band = &self.tariff.bands[self.band[a][s] as usize];
                let (extra, later) = self.surcharge[a];
                let mut push = |carrier: &str, service: &str, rate: Rate, kind| {
                    let (site, zone) = (site.code.to_owned(), zone.code.clone());
                    let (cost, days) = (amount(rate.0 + extra), rate.2 + later);
                    let mut lane = Lane::new(site, zone, carrier.into(), service.into(), cost, days);
                    lane.kg_cost = Some(amount(rate.1));
                    lane.kind = kind;
                    lanes.push(lane);
                };
                push(GROUND_CARRIER, "ground", band.ground, LaneKind::Parcel);
                push(FAST_CARRIER, "expedited", band.expedited, LaneKind::Parcel);
                if self.courier[a][s] {
                    push(COURIER, "next day", self.tariff.courier, LaneKind::Courier);
                }
            }
        }
        lanes
    }
}

/// A zone for each US sorting area.
pub(crate) fn us_zones(areas: &[Area]) -> Vec<ZoneArea> {
    areas
        .iter()
        .map(|area| {
            let mut zone = ZoneArea::new(format!("US-{}", area.zip3), "US".to_owned());
            zone.postal_prefixes = vec![area.zip3.to_owned()];
            zone.name = Some(format!("{} {}", area.city, area.state));
            zone.centroid = Some(area.place);
            zone.population = Some(area.population);
            zone
        })
        .collect()
}

/// The carriers of the lanes; invented, named after sea birds.
pub(crate) fn carriers(tariff: &Tariff, with_courier: bool) -> Vec<Carrier> {
    let codes = [GROUND_CARRIER, FAST_CARRIER, COURIER];
    let count = if with_courier { 3 } else { 2 };
    let carrier = |(code, name): (&str, &str)| {
        let mut carrier = Carrier::new(code.to_owned(), name.to_owned());
        carrier.calendar.weekdays[5] = true;
        carrier.contact = Some(format!("dispatch@{code}.example"));
        carrier
    };
    codes.into_iter().zip(tariff.carriers).take(count).map(carrier).collect()
}
