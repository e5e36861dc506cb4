//! Who reaches whom in a demo book: distances from sites to areas, the assumed tariff, and lanes.

use holdfast_domain::money::{Currency, Money};
use holdfast_domain::place::{MILE_M, Place};

use crate::demo::geo::Area;
use crate::demo::site::SiteSpec;
use crate::kind::{LaneKind, SiteKind};
use crate::model::{Carrier, Lane, ZoneArea};

/// Service by ground of [`GROUND_CARRIER`].
pub(crate) const GROUND: &str = "ground";
/// The carrier that goes by ground.
pub(crate) const GROUND_CARRIER: &str = "tern";
/// Service of [`FAST_CARRIER`].
pub(crate) const EXPEDITED: &str = "expedited";
/// The carrier that is fast.
pub(crate) const FAST_CARRIER: &str = "gannet";
/// The courier that serves the surroundings of a store.
pub(crate) const COURIER: &str = "sandpiper";
/// How far the courier goes from a store, metres.
const COURIER_REACH_M: f64 = 75.0 * MILE_M;

/// One band of the tariff: up to `miles`; cents a parcel and a kilogram, and working days, of both services.
struct Band {
    miles: f64,
    ground: (i64, i64, u16),
    expedited: (i64, i64, u16),
}

/// The tariff over the postal zones 2 to 8. Rates and days are assumed, in the size of commercial rates of 2018.
const TARIFF: [Band; 7] = [
    Band { miles: 150.0, ground: (545, 24, 1), expedited: (940, 52, 1) },
    Band { miles: 300.0, ground: (590, 31, 2), expedited: (1120, 66, 1) },
    Band { miles: 600.0, ground: (640, 42, 3), expedited: (1490, 92, 2) },
    Band { miles: 1000.0, ground: (705, 58, 3), expedited: (1930, 128, 2) },
    Band { miles: 1400.0, ground: (770, 71, 4), expedited: (2240, 156, 2) },
    Band { miles: 1800.0, ground: (835, 83, 5), expedited: (2480, 179, 3) },
    Band { miles: f64::INFINITY, ground: (930, 102, 5), expedited: (2890, 214, 3) },
];

/// Distances between the sites and the areas of a country, and the sites by distance from each area.
pub(crate) struct Reach {
    /// Band of the tariff, by area then site.
    band: Vec<Vec<u8>>,
    /// Whether the courier of the site reaches the area, by area then site.
    courier: Vec<Vec<bool>>,
    /// Positions of the sites, nearest first, by area.
    pub(crate) nearest: Vec<Vec<u8>>,
}

impl Reach {
    /// Measures every site against every area.
    pub(crate) fn new(sites: &[SiteSpec], areas: &[Area]) -> Self {
        let places: Vec<Place> = sites.iter().map(SiteSpec::place).collect();
        let mut reach = Self { band: vec![], courier: vec![], nearest: vec![] };
        for area in areas {
            let far: Vec<f64> = places.iter().map(|place| place.distance_m(area.place)).collect();
            let band = |m: &f64| TARIFF.partition_point(|band| band.miles * MILE_M < *m) as u8;
            let mut order: Vec<u8> = (0..sites.len() as u8).collect();
            order.sort_by(|a, b| far[*a as usize].total_cmp(&far[*b as usize]).then(a.cmp(b)));
            reach.band.push(far.iter().map(band).collect());
            let near =
                |(spec, m): (&SiteSpec, &f64)| spec.kind == SiteKind::StoreHub && *m <= COURIER_REACH_M;
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
        let band = &TARIFF[self.band[area][site] as usize];
        if expedited { band.expedited.2 } else { band.ground.2 }
    }

    /// Lanes from every site to every area by both services, and by courier around a store.
    pub(crate) fn lanes(&self, sites: &[SiteSpec], zones: &[ZoneArea]) -> Vec<Lane> {
        let usd = |cents| Money::new(cents, Currency::USD);
        let mut lanes = Vec::with_capacity(sites.len() * zones.len() * 2);
        for (s, site) in sites.iter().enumerate() {
            for (a, zone) in zones.iter().enumerate() {
                let band = &TARIFF[self.band[a][s] as usize];
                let mut push = |carrier: &str, service: &str, rate: (i64, i64, u16), kind| {
                    let (site, zone) = (site.code.to_owned(), zone.code.clone());
                    let (cost, days) = (usd(rate.0), rate.2);
                    let mut lane = Lane::new(site, zone, carrier.into(), service.into(), cost, days);
                    lane.kg_cost = Some(usd(rate.1));
                    lane.kind = kind;
                    lanes.push(lane);
                };
                push(GROUND_CARRIER, GROUND, band.ground, LaneKind::Parcel);
                push(FAST_CARRIER, EXPEDITED, band.expedited, LaneKind::Parcel);
                if self.courier[a][s] {
                    push(COURIER, "next day", (780, 35, 1), LaneKind::Courier);
                }
            }
        }
        lanes
    }
}

/// A zone for each area.
pub(crate) fn zones(areas: &[Area]) -> Vec<ZoneArea> {
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
pub(crate) fn carriers(with_courier: bool) -> Vec<Carrier> {
    let carrier = |code: &str, name: &str| {
        let mut carrier = Carrier::new(code.to_owned(), name.to_owned());
        carrier.contact = Some(format!("dispatch@{code}.example"));
        carrier
    };
    let mut list = vec![carrier(GROUND_CARRIER, "Tern Parcel"), carrier(FAST_CARRIER, "Gannet Express")];
    if with_courier {
        list.push(carrier(COURIER, "Sandpiper Couriers"));
    }
    list
}
