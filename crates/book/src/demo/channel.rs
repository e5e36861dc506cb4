//! Channels beside the carriers' parcels: dearer while those run, and what is left when they stop.
//!
//! Zone skipping goes by truck to a hub near the customers, where parcels begin; a pick-up point is supplied by van.
//! Trips are priced by length and shared by a stated number of parcels; all of it is assumed.

use holdfast_domain::money::{Currency, Money};
use holdfast_domain::place::MILE_M;

use crate::demo::site::SiteSpec;
use crate::kind::{LaneKind, SiteKind};
use crate::model::{Book, Carrier, Lane};

/// Code of the carrier of trucks to hubs, and its name.
const HAULIER: (&str, &str) = ("petrel", "Petrel Haulage");
/// Code of the operator of pick-up points, and its name.
const POINTS: (&str, &str) = ("plover", "Plover Points");
/// Roads over the great circle.
const DETOUR: f64 = 1.25;
/// Cents a kilometre of truck or van, and a trip besides.
const CENTS_KM: f64 = 140.0;
const CENTS_TRIP: f64 = 15_000.0;
const CENTS_VAN: f64 = 6_000.0;
/// Parcels that share a truck or a van.
const TRUCK_PARCELS: f64 = 120.0;
const VAN_PARCELS: f64 = 40.0;
/// A truck's mean speed, km/h.
const SPEED_KMH: f64 = 70.0;
/// Zone skipping begins where parcels are far; a van turns back where a day is over.
const SKIP_FROM_M: f64 = 600.0 * MILE_M;
const VAN_REACH_M: f64 = 100.0 * MILE_M;
/// People a zone needs for a hub of its own.
const HUB_PEOPLE: u32 = 1_500_000;
/// Sites that send trucks to hubs.
const HUB_SITES: usize = 3;

/// Adds the channels to a book in dollars.
pub(crate) fn add(book: &mut Book, sites: &[SiteSpec]) {
    let usd = |cents: f64| Money::new(cents.round() as i64, Currency::USD);
    let centres = || sites.iter().filter(|site| site.kind == SiteKind::Centre);
    let mut lanes = Vec::new();
    for zone in &book.zones {
        let Some(there) = zone.centroid else { continue };
        let mut push = |site: &SiteSpec, by: (&str, &str), service: &str, cost, kg, days, kind| {
            let (from, to) = (site.code.to_owned(), zone.code.clone());
            let mut lane = Lane::new(from, to, by.0.to_owned(), service.to_owned(), cost, days);
            (lane.kg_cost, lane.kind) = (kg, kind);
            lanes.push(lane);
        };
        for site in centres().take(HUB_SITES) {
            let metres = site.place().distance_m(there);
            if metres < SKIP_FROM_M || zone.population.unwrap_or(0) < HUB_PEOPLE {
                continue;
            }
            let km = metres * DETOUR / 1000.0;
            let trip = (km * CENTS_KM + CENTS_TRIP) / TRUCK_PARCELS;
            let days = (km / SPEED_KMH / 24.0).ceil() as u16 + 1;
            // Onward it is a parcel of the nearest band.
            push(site, HAULIER, "zone skip", usd(545.0 + trip), Some(usd(24.0)), days, LaneKind::Hub);
        }
        for site in centres() {
            let metres = site.place().distance_m(there);
            if metres <= VAN_REACH_M {
                let trip = (2.0 * metres * DETOUR / 1000.0 * CENTS_KM + CENTS_VAN) / VAN_PARCELS;
                push(site, POINTS, "pick-up", usd(110.0 + trip), None, 1, LaneKind::Pickup);
            }
        }
    }
    book.lanes.extend(lanes);
    book.carriers.extend([HAULIER, POINTS].map(|(code, name)| {
        let mut carrier = Carrier::new(code.to_owned(), name.to_owned());
        carrier.calendar.weekdays[5] = true;
        carrier.contact = Some(format!("dispatch@{code}.example"));
        carrier
    }));
}
