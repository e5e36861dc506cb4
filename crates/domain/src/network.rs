//! What exists before any order: operator, merchants, sites, carriers' services, zones, lanes and SKUs.

use serde::{Deserialize, Serialize};

use crate::id::{ExternalRef, Id, LaneId, MerchantId, ServiceId, SiteId, SkuId, ZoneId};
use crate::money::Currency;
use crate::place::Place;
use crate::table::{Digest, Table, digest_of};
use crate::time::{Calendar, Day, Span, Stamp, Zone};

/// A two-letter country code of ISO 3166-1.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Country([u8; 2]);

impl Country {
    /// The country of two letters, either case; `None` for anything else.
    #[must_use]
    pub fn new(code: &str) -> Option<Self> {
        let letters: [u8; 2] = code.trim().as_bytes().try_into().ok()?;
        letters
            .iter()
            .all(u8::is_ascii_alphabetic)
            .then(|| Self(letters.map(|letter| letter.to_ascii_uppercase())))
    }

    /// The two letters.
    #[must_use]
    pub fn code(&self) -> &str {
        core::str::from_utf8(&self.0).expect("a country is made from ASCII letters only")
    }
}

impl core::fmt::Debug for Country {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.code())
    }
}

/// The language a person is written to in, by its two letters of ISO 639-1.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Language([u8; 2]);

impl Language {
    /// English.
    pub const EN: Self = Self(*b"en");
    /// Korean.
    pub const KO: Self = Self(*b"ko");

    /// The language of two letters, either case; `None` for anything else.
    #[must_use]
    pub fn new(code: &str) -> Option<Self> {
        let letters: [u8; 2] = code.trim().as_bytes().try_into().ok()?;
        letters
            .iter()
            .all(u8::is_ascii_alphabetic)
            .then(|| Self(letters.map(|letter| letter.to_ascii_lowercase())))
    }

    /// The two letters.
    #[must_use]
    pub fn code(&self) -> &str {
        core::str::from_utf8(&self.0).expect("a language is made from ASCII letters only")
    }
}

impl core::fmt::Debug for Language {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.code())
    }
}

/// Who runs the sites; one journal each. All costs of shipping and handling are in its currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operator {
    /// Name as partners know it.
    pub name: Box<str>,
    /// Currency of costs.
    pub currency: Currency,
    /// Zone of the head office: the day a report counts in.
    pub zone: Zone,
    /// Language of the staff.
    pub language: Language,
}

/// Owns SKUs, stock and orders.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Merchant {
    /// The operator's code for it.
    pub code: ExternalRef,
    /// Name as its customers know it.
    pub name: Box<str>,
    /// Currency its customers pay in.
    pub currency: Currency,
    /// Language when a customer's is unknown.
    pub language: Language,
    /// Where its customers reach it; printed in every notice.
    pub contact: Box<str>,
    /// Whether a line may be served from two sites.
    pub split_quantity: bool,
    /// Weight in the fairness between merchants on shared sites.
    pub weight: u32,
    /// A promise that moves by more days than this is told to the customer.
    pub notice_after_days: u8,
    /// Cost of each line for each day it arrives after its promise, in the operator's minor units.
    pub late_cost: i64,
    /// Cost of a line that cannot be served now, in the operator's minor units.
    pub backorder_cost: i64,
    /// Cost of changing a line's site, in the operator's minor units.
    pub move_cost: i64,
    /// What happens to a parcel in doubt when nobody has said anything by then; `None` waits for a person.
    pub doubt: Option<DoubtRule>,
}

/// What the operator has agreed with a merchant for parcels in doubt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoubtRule {
    /// How long to wait for a scan.
    pub after: Span,
    /// What is then taken to be true.
    pub presume: Presumption,
}

/// What is taken to be true of a parcel that nobody has seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Presumption {
    /// It left: nothing is sent again.
    Shipped,
    /// It did not leave: the goods are sent from elsewhere.
    NotShipped,
}

/// What a site is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum SiteKind {
    /// The operator's own fulfilment centre.
    Centre,
    /// A store that ships.
    StoreHub,
    /// A centre run by a third party.
    ThirdParty,
    /// A backup under contract, closed until it is activated.
    Standby,
}

/// Terms of a standby contract; costs in the operator's minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StandbyTerms {
    /// From the call until the first parcel can leave.
    pub lead_time: Span,
    /// Paid once at activation.
    pub activation_cost: i64,
    /// Paid for each day it stays active.
    pub daily_cost: i64,
}

/// Storage classes as a set of up to 32 kinds: 0 ambient, 1 chilled, 2 hazardous, 3 oversize, the rest the user's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StorageSet(pub u32);

impl StorageSet {
    /// Takes everything.
    pub const ALL: Self = Self(u32::MAX);

    /// Whether goods of `class` may lie here.
    #[must_use]
    pub const fn accepts(self, class: u8) -> bool {
        class < 32 && self.0 & (1 << class) != 0
    }
}

/// A place that ships.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// The operator's code for it.
    pub code: ExternalRef,
    /// Name for people.
    pub name: Box<str>,
    /// What it is.
    pub kind: SiteKind,
    /// Where it is.
    pub place: Place,
    /// Country it stands in.
    pub country: Country,
    /// State or province, as hazards' rates are kept by it.
    pub region: Box<str>,
    /// Its time zone.
    pub zone: Zone,
    /// The days it works.
    pub calendar: Calendar,
    /// Orders that arrive before this much of the local day has passed may leave the same day; milliseconds.
    pub cutoff_ms: u32,
    /// Work units it does on each weekday, Monday first.
    pub capacity: [u32; 7],
    /// Work units a parcel takes.
    pub work_parcel: u32,
    /// Work units each unit in it takes.
    pub work_unit: u32,
    /// Handling cost of a parcel, operator's minor units.
    pub cost_parcel: i64,
    /// Handling cost of each unit, operator's minor units.
    pub cost_unit: i64,
    /// Storage classes it takes.
    pub storage: StorageSet,
    /// The wind, in knots, at which it closes.
    pub wind_limit_kt: Option<u16>,
    /// Standby contract, for [`SiteKind::Standby`].
    pub standby: Option<StandbyTerms>,
}

/// A carrier's service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Service {
    /// Carrier's name.
    pub carrier: Box<str>,
    /// Service's name.
    pub name: Box<str>,
    /// How goods reach the customer by it.
    pub kind: LaneKind,
    /// Days on which it moves parcels.
    pub calendar: Calendar,
}

/// The channel of a lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum LaneKind {
    /// A parcel carrier over land.
    Parcel,
    /// By air.
    Air,
    /// By ferry.
    Ferry,
    /// From a store used as a hub.
    StoreHub,
    /// To a point where the customer picks it up.
    PickUp,
    /// A local courier.
    Courier,
    /// Line-haul to a hub near the customers, then parcels.
    ZoneSkip,
    /// The operator's own vans.
    OwnVan,
}

/// A destination area.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DestinationZone {
    /// The operator's code for it, such as a ZIP3.
    pub code: ExternalRef,
    /// Country.
    pub country: Country,
    /// Postal codes that begin with one of these belong to it; the longest match wins; empty takes the country.
    pub prefixes: Vec<Box<str>>,
    /// Where its customers are, on average.
    pub place: Place,
    /// People living there, where known.
    pub population: u32,
}

/// A way from a site to a zone; costs in the operator's minor units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lane {
    /// From here.
    pub site: SiteId,
    /// To there.
    pub zone: ZoneId,
    /// By this.
    pub service: ServiceId,
    /// For each parcel.
    pub cost_parcel: i64,
    /// For each kilogram; a unit pays for its own weight, rounded up to a minor unit.
    pub cost_kg: i64,
    /// Working days of the service from shipping to delivery.
    pub transit_days: u8,
}

/// A stock-keeping unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sku {
    /// Whose it is.
    pub merchant: MerchantId,
    /// The merchant's code.
    pub code: ExternalRef,
    /// Name for people.
    pub name: Box<str>,
    /// Category, as surge factors are kept by it.
    pub category: Box<str>,
    /// Weight of a sellable unit in grams.
    pub weight_g: u32,
    /// Pieces in a sellable unit.
    pub pack: u16,
    /// List price in the merchant's minor units.
    pub price: i64,
    /// What a unit costs the merchant, in its minor units.
    pub cost: i64,
    /// Storage class, see [`StorageSet`].
    pub storage: u8,
}

/// Everything that exists before any order, with the look-ups rules need.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Network {
    /// Who runs it; `None` until it is set up.
    pub operator: Option<Operator>,
    /// Merchants by id.
    pub merchants: Vec<Merchant>,
    /// Sites by id.
    pub sites: Vec<Site>,
    /// Services by id.
    pub services: Vec<Service>,
    /// Zones by id.
    pub zones: Vec<DestinationZone>,
    /// Lanes by id.
    pub lanes: Table<LaneId, Lane>,
    /// SKUs by id.
    pub skus: Table<SkuId, Sku>,
    by_zone: Vec<ZoneLanes>,
}

/// The lanes into one zone, ordered by site, then by id.
type ZoneLanes = std::sync::Arc<Vec<(SiteId, LaneId)>>;

impl Default for Network {
    fn default() -> Self {
        Self {
            operator: None,
            merchants: Vec::new(),
            sites: Vec::new(),
            services: Vec::new(),
            zones: Vec::new(),
            lanes: Table::default(),
            skus: Table::default(),
            by_zone: Vec::new(),
        }
    }
}

impl Network {
    /// The most sites an operator may have: a bit set of sites fits into 64 bits.
    pub const SITES_MAX: usize = 64;

    /// Adds a zone.
    pub fn push_zone(&mut self, zone: DestinationZone) -> ZoneId {
        self.zones.push(zone);
        self.by_zone.push(ZoneLanes::default());
        ZoneId::from_index(self.zones.len() - 1)
    }

    /// Adds a lane; its site, zone and service must exist.
    pub fn push_lane(&mut self, lane: Lane) -> LaneId {
        let (site, zone) = (lane.site, lane.zone);
        let id = self.lanes.push(lane);
        let lanes = std::sync::Arc::make_mut(&mut self.by_zone[zone.index()]);
        let at = lanes.partition_point(|entry| *entry < (site, id));
        lanes.insert(at, (site, id));
        id
    }

    /// All lanes into `zone` with their sites, ordered by site.
    #[must_use]
    pub fn lanes_to(&self, zone: ZoneId) -> &[(SiteId, LaneId)] {
        self.by_zone.get(zone.index()).map_or(&[], |lanes| lanes.as_slice())
    }

    /// The site, if there is one.
    #[must_use]
    pub fn site(&self, id: SiteId) -> Option<&Site> {
        self.sites.get(id.index())
    }

    /// The merchant, if there is one.
    #[must_use]
    pub fn merchant(&self, id: MerchantId) -> Option<&Merchant> {
        self.merchants.get(id.index())
    }

    /// The zone a postal code lies in: longest prefix first, then the zone of the whole country.
    #[must_use]
    pub fn zone_of(&self, country: Country, postal: &str) -> Option<ZoneId> {
        let plain: String =
            postal.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect();
        let mut best: Option<(usize, ZoneId)> = None;
        for (index, zone) in self.zones.iter().enumerate().filter(|(_, zone)| zone.country == country) {
            let whole = zone.prefixes.is_empty().then_some(0);
            let longest = zone.prefixes.iter().filter(|p| plain.starts_with(&***p)).map(|p| p.len()).max();
            if let Some(length) = longest.or(whole) {
                // The lower id wins a tie, so it must be strictly longer to replace.
                if best.is_none_or(|(had, _)| length > had) {
                    best = Some((length, ZoneId::from_index(index)));
                }
            }
        }
        best.map(|(_, zone)| zone)
    }

    /// The day a parcel that leaves on `ship_day` by `lane` arrives.
    #[must_use]
    pub fn arrival(&self, lane: &Lane, ship_day: Day) -> Option<Day> {
        let calendar = &self.services.get(lane.service.index())?.calendar;
        if lane.transit_days == 0 {
            return calendar.at_or_after(ship_day);
        }
        let mut day = ship_day;
        for _ in 0..lane.transit_days {
            day = calendar.at_or_after(day.plus(1))?;
        }
        Some(day)
    }

    /// The digest of everything here.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let rest = (&self.operator, &self.merchants, &self.sites, &self.services, &self.zones);
        digest_of(&(digest_of(&rest), self.lanes.digest(), self.skus.digest()))
    }
}

impl Lane {
    /// What the carrier takes for a unit of `weight_g` grams on top of its parcel.
    #[must_use]
    pub const fn cost_unit(&self, weight_g: u32) -> i64 {
        let grams = self.cost_kg.saturating_mul(weight_g as i64);
        grams / 1000 + if grams % 1000 > 0 { 1 } else { 0 }
    }
}

impl Site {
    /// The first day on which an order that arrives at `at` can leave, capacity aside.
    #[must_use]
    pub fn first_ship_day(&self, at: Stamp) -> Option<Day> {
        let (day, ms) = at.local(&self.zone);
        self.calendar.at_or_after(if ms < self.cutoff_ms { day } else { day.plus(1) })
    }

    /// Work units it does on `day` in normal times.
    #[must_use]
    pub fn capacity_on(&self, day: Day) -> u32 {
        if self.calendar.works(day) { self.capacity[day.weekday() as usize] } else { 0 }
    }

    /// Work units a parcel with so many units takes.
    #[must_use]
    pub const fn work(&self, parcels: u32, units: u32) -> u32 {
        self.work_parcel.saturating_mul(parcels).saturating_add(self.work_unit.saturating_mul(units))
    }
}

#[cfg(test)]
mod tests {
    use super::{Country, DestinationZone, Network};
    use crate::place::Place;

    #[test]
    fn the_longest_prefix_decides_and_the_country_catches_the_rest() {
        let us = Country::new("us").unwrap();
        let mut network = Network::default();
        let mut zone = |prefixes: &[&str]| {
            network.push_zone(DestinationZone {
                code: "z".into(),
                country: us,
                prefixes: prefixes.iter().map(|p| (*p).into()).collect(),
                place: Place::new(0.0, 0.0).unwrap(),
                population: 0,
            })
        };
        let (rest, broad, narrow) = (zone(&[]), zone(&["28"]), zone(&["284"]));
        assert_eq!(network.zone_of(us, "28401-1234"), Some(narrow));
        assert_eq!(network.zone_of(us, "28901"), Some(broad));
        assert_eq!(network.zone_of(us, "99999"), Some(rest));
        assert_eq!(network.zone_of(Country::new("KR").unwrap(), "28401"), None);
    }
}
