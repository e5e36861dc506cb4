//! From the book to commands: the operator's own codes become ids, in the order of the rows.
//!
//! Nothing is guessed in silence: every default that stands in for a missing file or column is an [`Assumption`],
//! and a row that names something unknown is a [`LoadFault`] that says which.
//!
//! One file for one pass over the book: each step needs the codes the steps before it resolved.

use std::collections::BTreeMap;

use holdfast_book::Book;
use holdfast_book::kind;
use holdfast_domain::command::{Command, NewOrder};
use holdfast_domain::id::{Id, MerchantId, ServiceId, SiteId, SkuId, ZoneId};
use holdfast_domain::money::{Currency, Money};
use holdfast_domain::network::{
    Country, DestinationZone, Lane, LaneKind, Language, Merchant, Network, Operator, Service, Site, SiteKind,
    Sku, StandbyTerms, StorageSet,
};
use holdfast_domain::order::HoldReason;
use holdfast_domain::place::Place;
use holdfast_domain::quantity::Quantity;
use holdfast_domain::time::{Calendar, Span, Stamp, Zone};
use serde::Serialize;

use crate::seal::PersonalData;

/// A default that stands in for something the book does not say.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Assumption {
    /// File that would say it.
    pub file: &'static str,
    /// What was assumed.
    pub what: &'static str,
    /// For how many rows.
    pub rows: usize,
}

/// A row that could not be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LoadFault {
    /// File of the row.
    pub file: &'static str,
    /// The row's key.
    pub row: String,
    /// What is wrong.
    pub cause: String,
}

/// An order with the moment it comes in and the person behind it.
#[derive(Clone, Debug, PartialEq)]
pub struct TimedOrder {
    /// When it comes in.
    pub at: Stamp,
    /// The order.
    pub order: NewOrder,
    /// What identifies the person to the merchant, and what is known of them.
    pub person: Option<(String, PersonalData)>,
}

/// A book as commands.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    /// Network and stock, in an order in which each command finds what it names.
    pub setup: Vec<Command>,
    /// Orders in the order of their moments.
    pub orders: Vec<TimedOrder>,
    /// Goods on order: arrival day, site, SKU, units.
    pub inbound: Vec<(holdfast_domain::time::Day, SiteId, SkuId, Quantity)>,
    /// Defaults that were used.
    pub assumptions: Vec<Assumption>,
    /// Rows that could not be used.
    pub faults: Vec<LoadFault>,
    /// Site codes by id.
    pub sites: Vec<String>,
    /// Merchant codes by id.
    pub merchants: Vec<String>,
    /// The operator's own roads; without them the bundled ones are used.
    pub roads: Option<crate::roads::RoadNet>,
    /// What its trucks cost, as far as it says so.
    pub trucks: crate::roads::TruckTerms,
}

/// Work units a day of a site whose capacity the book does not say.
const CAPACITY_DEFAULT: u32 = 2_000;
/// Cost of a late line and day, and of a backordered line, in minor units, where a merchant does not say.
const LATE_DEFAULT: i64 = 200;
const BACKORDER_DEFAULT: i64 = 1_200;
/// What changing a line's site costs, in minor units: a hand that touches it.
const MOVE_COST: i64 = 30;

/// Turns a book into commands.
#[must_use]
pub fn load(book: &Book) -> Loaded {
    let mut loader = Loader::new(book);
    loader.operator();
    loader.merchants();
    loader.sites();
    loader.skus();
    loader.zones();
    loader.lanes();
    loader.stock();
    loader.orders();
    loader.done()
}

struct Loader<'a> {
    book: &'a Book,
    out: Loaded,
    currency: Currency,
    zone: Zone,
    merchants: BTreeMap<&'a str, MerchantId>,
    sites: BTreeMap<&'a str, SiteId>,
    skus: BTreeMap<(&'a str, &'a str), SkuId>,
    prices: BTreeMap<SkuId, i64>,
    zones: BTreeMap<&'a str, ZoneId>,
    services: BTreeMap<(String, String), ServiceId>,
    storage: BTreeMap<String, u8>,
    assumed: BTreeMap<(&'static str, &'static str), usize>,
    zone_finder: Network,
}

impl<'a> Loader<'a> {
    fn new(book: &'a Book) -> Self {
        let operator = book.operator.as_ref();
        let storage = ["ambient", "chilled", "hazardous", "oversize"];
        Self {
            book,
            out: Loaded::default(),
            currency: operator.map_or(Currency::USD, |operator| operator.currency),
            zone: operator.map_or(Zone::utc(), |operator| operator.timezone.clone()),
            merchants: BTreeMap::new(),
            sites: BTreeMap::new(),
            skus: BTreeMap::new(),
            prices: BTreeMap::new(),
            zones: BTreeMap::new(),
            services: BTreeMap::new(),
            storage: (0..).zip(storage).map(|(class, name)| (name.to_owned(), class)).collect(),
            assumed: BTreeMap::new(),
            zone_finder: Network::default(),
        }
    }

    fn assume(&mut self, file: &'static str, what: &'static str) {
        *self.assumed.entry((file, what)).or_default() += 1;
    }

    fn fault(&mut self, file: &'static str, row: &str, cause: impl Into<String>) {
        self.out.faults.push(LoadFault { file, row: row.to_owned(), cause: cause.into() });
    }

    /// A cost in the operator's currency; one in another currency is a fault, not a conversion.
    fn cost(&mut self, file: &'static str, row: &str, amount: Option<Money>) -> Option<i64> {
        let amount = amount?;
        if amount.currency() == self.currency {
            return Some(amount.minor());
        }
        let (found, wanted) = (amount.currency(), self.currency);
        self.fault(
            file,
            row,
            format!("the cost is in {found}, the operator's costs are in {wanted}: convert it"),
        );
        None
    }

    fn storage_class(&mut self, name: &str) -> u8 {
        let next = u8::try_from(self.storage.len()).unwrap_or(31).min(31);
        *self.storage.entry(name.to_lowercase()).or_insert(next)
    }

    fn operator(&mut self) {
        let known = self.book.operator.as_ref();
        if known.is_none() {
            self.assume("operator.csv", "an operator with costs in USD and UTC as its zone");
        }
        self.out.setup.push(Command::SetOperator(Box::new(Operator {
            name: known.map_or("Operator", |operator| operator.name.as_str()).into(),
            currency: self.currency,
            zone: self.zone.clone(),
            language: language(known.map(|operator| operator.language.as_str())).unwrap_or(Language::EN),
        })));
    }

    fn merchants(&mut self) {
        for row in &self.book.merchants {
            let late = self.cost("merchants.csv", &row.code, row.late_cost);
            let backorder = self.cost("merchants.csv", &row.code, row.backorder_cost);
            if late.is_none() {
                self.assume("merchants.csv", "a late line costs 2.00 a day");
            }
            if backorder.is_none() {
                self.assume("merchants.csv", "a backordered line costs 12.00");
            }
            self.merchants.insert(&row.code, MerchantId::from_index(self.out.merchants.len()));
            self.out.merchants.push(row.code.clone());
            self.out.setup.push(Command::AddMerchant(Box::new(Merchant {
                code: row.code.as_str().into(),
                name: row.name.as_str().into(),
                currency: row.currency,
                language: language(Some(&row.language)).unwrap_or(Language::EN),
                contact: row.contact.as_deref().unwrap_or("").into(),
                split_quantity: row.line_split,
                weight: row.fairness_weight,
                notice_after_days: u8::try_from(row.notice_threshold_days.saturating_sub(1))
                    .unwrap_or(u8::MAX),
                late_cost: late.unwrap_or(LATE_DEFAULT),
                backorder_cost: backorder.unwrap_or(BACKORDER_DEFAULT),
                move_cost: MOVE_COST,
                doubt: None,
            })));
        }
    }

    fn sites(&mut self) {
        let (parcel, unit) = self.book.operator.as_ref().map_or((1, 0), |o| (o.work_parcel, o.work_unit));
        for row in &self.book.sites {
            let contract = self.book.standby_contracts.iter().find(|contract| contract.site == row.code);
            let standby = match (row.kind, contract) {
                (kind::SiteKind::Standby, Some(contract)) => Some(StandbyTerms {
                    lead_time: Span::hours(u64::from(contract.activation_lead_h)),
                    activation_cost: self
                        .cost("standby.csv", &row.code, Some(contract.activation_cost))
                        .unwrap_or(0),
                    daily_cost: self.cost("standby.csv", &row.code, Some(contract.daily_cost)).unwrap_or(0),
                }),
                (kind::SiteKind::Standby, None) => {
                    self.assume(
                        "standby.csv",
                        "a standby site without a contract opens a day after the call, free",
                    );
                    Some(StandbyTerms { lead_time: Span::days(1), activation_cost: 0, daily_cost: 0 })
                }
                _ => None,
            };
            let declared = contract.and_then(|c| c.capacity).map(|units| [units; 7]);
            let capacity = declared.or(row.capacity.map(|week| week.0));
            if capacity.is_none() {
                self.assume("sites.csv", "a site does 2,000 work units a day");
            }
            if row.handling_parcel.is_none() {
                self.assume("sites.csv", "handling a parcel costs nothing");
            }
            let storage = if row.storage.is_empty() {
                StorageSet::ALL
            } else {
                StorageSet(row.storage.iter().fold(0, |set, name| set | 1 << self.storage_class(name)))
            };
            let (cost_parcel, cost_unit) = (
                self.cost("sites.csv", &row.code, row.handling_parcel).unwrap_or(0),
                self.cost("sites.csv", &row.code, row.handling_unit).unwrap_or(0),
            );
            let Some(country) = Country::new(&row.country) else {
                self.fault("sites.csv", &row.code, format!("{:?} is no country code", row.country));
                continue;
            };
            self.sites.insert(&row.code, SiteId::from_index(self.out.sites.len()));
            self.out.sites.push(row.code.clone());
            self.out.setup.push(Command::AddSite(Box::new(Site {
                code: row.code.as_str().into(),
                name: row.name.as_str().into(),
                kind: site_kind(row.kind),
                place: row.place,
                country,
                region: row.state.as_deref().unwrap_or("").into(),
                zone: row.timezone.clone().unwrap_or_else(|| self.zone.clone()),
                calendar: row.calendar.clone(),
                cutoff_ms: row.cutoff.ms(),
                capacity: capacity.unwrap_or([CAPACITY_DEFAULT; 7]),
                work_parcel: parcel,
                work_unit: unit,
                cost_parcel,
                cost_unit,
                storage,
                wind_limit_kt: row.wind_threshold_kt,
                standby,
            })));
        }
    }

    fn skus(&mut self) {
        for row in &self.book.skus {
            let Some(merchant) = self.merchants.get(row.merchant.as_str()).copied() else {
                self.fault("skus.csv", &row.code, format!("there is no merchant {:?}", row.merchant));
                continue;
            };
            if row.weight_g.is_none() {
                self.assume("skus.csv", "a unit without a weight weighs 500 g");
            }
            let storage = self.storage_class(&row.storage);
            let id = SkuId::from_index(self.skus.len());
            self.skus.insert((&row.merchant, &row.code), id);
            let price = row.price.map_or(0, Money::minor);
            self.prices.insert(id, price);
            self.out.setup.push(Command::AddSku(Box::new(Sku {
                merchant,
                code: row.code.as_str().into(),
                name: row.name.as_str().into(),
                category: row.category.as_deref().unwrap_or("").into(),
                weight_g: row.weight_g.unwrap_or(500),
                pack: u16::try_from(row.pack_factor).unwrap_or(u16::MAX),
                price,
                cost: row.cost.map_or(0, Money::minor),
                storage,
            })));
        }
    }

    fn zones(&mut self) {
        for row in &self.book.zones {
            let Some(country) = Country::new(&row.country) else {
                self.fault("zones.csv", &row.code, format!("{:?} is no country code", row.country));
                continue;
            };
            let place = row.centroid.or_else(|| middle_of(&row.country));
            if row.centroid.is_none() {
                self.assume("zones.csv", "a zone without a centroid lies at its country's largest city");
            }
            self.add_zone(
                &row.code,
                DestinationZone {
                    code: row.code.as_str().into(),
                    country,
                    prefixes: row
                        .postal_prefixes
                        .iter()
                        .map(|prefix| prefix.to_uppercase().as_str().into())
                        .collect(),
                    place: place.unwrap_or_else(origin),
                    population: row.population.unwrap_or(0),
                },
            );
        }
        if !self.book.zones.is_empty() {
            return;
        }
        let mut countries: Vec<&'a str> =
            self.book.orders.iter().map(|order| order.ship_country.as_str()).collect();
        countries.sort_unstable();
        countries.dedup();
        for code in countries {
            self.assume("zones.csv", "each country orders go to is one zone");
            if let Some(country) = Country::new(code) {
                let place = middle_of(code).unwrap_or_else(origin);
                let zone = DestinationZone {
                    code: code.into(),
                    country,
                    prefixes: Vec::new(),
                    place,
                    population: 0,
                };
                self.add_zone(code, zone);
            }
        }
    }

    fn add_zone(&mut self, code: &'a str, zone: DestinationZone) {
        self.zone_finder.push_zone(zone.clone());
        self.zones.insert(code, ZoneId::from_index(self.zones.len()));
        self.out.setup.push(Command::AddZone(Box::new(zone)));
    }

    fn lanes(&mut self) {
        if self.book.lanes.is_empty() {
            self.default_lanes();
            return;
        }
        for row in &self.book.lanes {
            let name = format!("{} {} {}/{}", row.site, row.zone, row.carrier, row.service);
            let sites: Vec<SiteId> = named(&self.sites, &row.site);
            let zones: Vec<ZoneId> = named(&self.zones, &row.zone);
            if sites.is_empty() || zones.is_empty() {
                self.fault("lanes.csv", &name, "its site or zone is not in the book");
                continue;
            }
            let service = self.service(&row.carrier, &row.service, lane_kind(row.kind));
            let cost_parcel = self.cost("lanes.csv", &name, Some(row.parcel_cost));
            let cost_kg = self.cost("lanes.csv", &name, row.kg_cost).unwrap_or(0);
            let Some(cost_parcel) = cost_parcel.filter(|_| row.open) else { continue };
            let transit_days = u8::try_from(row.transit_days).unwrap_or(u8::MAX);
            for site in &sites {
                for zone in &zones {
                    let (site, zone) = (*site, *zone);
                    let lane = Lane { site, zone, service, cost_parcel, cost_kg, transit_days };
                    self.out.setup.push(Command::AddLane(Box::new(lane)));
                }
            }
        }
    }

    /// Lanes by distance, where the book has none.
    fn default_lanes(&mut self) {
        use holdfast_plan::route::zone::{TransitDays, ZoneBands};
        let service = self.service("parcel", "ground", LaneKind::Parcel);
        let (bands, transit) = (ZoneBands::postal(), TransitDays::ground());
        let places: Vec<Place> = self
            .book
            .sites
            .iter()
            .filter(|s| self.sites.contains_key(s.code.as_str()))
            .map(|s| s.place)
            .collect();
        let zones: Vec<Place> = self.zone_finder.zones.iter().map(|zone| zone.place).collect();
        for (site, from) in places.iter().enumerate() {
            for (zone, to) in zones.iter().enumerate() {
                self.assume(
                    "lanes.csv",
                    "a parcel costs 4.00 and 0.50 for each zone by distance, 0.40 for each kilogram",
                );
                let band = bands.between(*from, *to);
                let lane = Lane {
                    site: SiteId::from_index(site),
                    zone: ZoneId::from_index(zone),
                    service,
                    cost_parcel: 400 + 50 * i64::from(band.0),
                    cost_kg: 40,
                    transit_days: transit.of(band).and_then(|days| u8::try_from(days).ok()).unwrap_or(7),
                };
                self.out.setup.push(Command::AddLane(Box::new(lane)));
            }
        }
    }

    fn service(&mut self, carrier: &str, name: &str, kind: LaneKind) -> ServiceId {
        let key = (carrier.to_owned(), name.to_owned());
        if let Some(known) = self.services.get(&key) {
            return *known;
        }
        let id = ServiceId::from_index(self.services.len());
        self.services.insert(key, id);
        let known = self.book.carriers.iter().find(|row| row.code == carrier);
        if known.is_none() {
            self.assume("carriers.csv", "a carrier works Monday to Friday");
        }
        self.out.setup.push(Command::AddService(Box::new(Service {
            carrier: carrier.into(),
            name: name.into(),
            kind,
            calendar: known.map_or_else(Calendar::weekdays_only, |row| row.calendar.clone()),
        })));
        id
    }

    fn stock(&mut self) {
        for row in &self.book.stock {
            let site = self.sites.get(row.site.as_str()).copied();
            let sku = self.skus.get(&(row.merchant.as_str(), row.sku.as_str())).copied();
            let (Some(site), Some(sku)) = (site, sku) else {
                self.fault(
                    "stock.csv",
                    &format!("{} {} {}", row.site, row.merchant, row.sku),
                    "its site or SKU is not in the book",
                );
                continue;
            };
            if !row.on_hand.is_zero() {
                self.out.setup.push(Command::ReceiveStock { site, sku, quantity: row.on_hand });
            }
        }
        for row in &self.book.inbound {
            let site = self.sites.get(row.site.as_str()).copied();
            let sku = self.skus.get(&(row.merchant.as_str(), row.sku.as_str())).copied();
            match (site, sku) {
                (Some(site), Some(sku)) => self.out.inbound.push((row.expected, site, sku, row.quantity)),
                _ => self.fault("inbound.csv", &row.reference, "its site or SKU is not in the book"),
            }
        }
    }

    fn orders(&mut self) {
        let mut lines: BTreeMap<(&str, &str), Vec<&holdfast_book::model::OrderLine>> = BTreeMap::new();
        for line in &self.book.order_lines {
            lines.entry((&line.merchant, &line.order)).or_default().push(line);
        }
        let customers: BTreeMap<&str, &holdfast_book::model::Customer> =
            self.book.customers.iter().map(|customer| (customer.reference.as_str(), customer)).collect();
        let mut zones: BTreeMap<(Country, String), Option<ZoneId>> = BTreeMap::new();
        for row in &self.book.orders {
            let mine =
                lines.get(&(row.merchant.as_str(), row.number.as_str())).map_or(&[][..], Vec::as_slice);
            match self.order(row, mine, &customers, &mut zones) {
                Ok(order) => self.out.orders.extend(order),
                Err(cause) => self.fault("orders.csv", &format!("{} {}", row.merchant, row.number), cause),
            }
        }
        self.out.orders.sort_by(|a, b| (a.at, &a.order.number).cmp(&(b.at, &b.order.number)));
    }

    fn order(
        &mut self,
        row: &holdfast_book::model::Order,
        lines: &[&holdfast_book::model::OrderLine],
        customers: &BTreeMap<&str, &holdfast_book::model::Customer>,
        zones: &mut BTreeMap<(Country, String), Option<ZoneId>>,
    ) -> Result<Option<TimedOrder>, String> {
        use kind::OrderStatus as S;
        if matches!(row.status, S::Shipped | S::Delivered | S::Cancelled) {
            return Ok(None);
        }
        let merchant = *self
            .merchants
            .get(row.merchant.as_str())
            .ok_or(format!("there is no merchant {:?}", row.merchant))?;
        let country =
            Country::new(&row.ship_country).ok_or(format!("{:?} is no country code", row.ship_country))?;
        let postal = row.ship_postal.clone().unwrap_or_default();
        let finder = &self.zone_finder;
        let zone = zones.entry((country, postal.clone())).or_insert_with(|| finder.zone_of(country, &postal));
        let zone =
            zone.ok_or(format!("no zone holds {} {postal:?}: add one to zones.csv", country.code()))?;
        let mut asked = smallvec::SmallVec::new();
        for line in lines {
            let wanted = line.quantity.saturating_sub(line.cancelled);
            if wanted.is_zero() {
                continue;
            }
            let sku = self.skus.get(&(line.merchant.as_str(), line.sku.as_str())).copied();
            let sku = sku.ok_or(format!("line {}: there is no SKU {:?}", line.line, line.sku))?;
            let price =
                line.unit_price.map_or_else(|| self.prices.get(&sku).copied().unwrap_or(0), Money::minor);
            asked.push((sku, wanted, price));
        }
        if asked.is_empty() && !lines.is_empty() {
            // Cancelled whole before anything left: finished, and nothing to do.
            return Ok(None);
        }
        if asked.is_empty() {
            return Err("it has no lines in order_lines.csv: add them, or take the order out".to_owned());
        }
        let customer = row.customer.as_deref().and_then(|reference| customers.get(reference).copied());
        let merchant_language = self.book.merchants.get(merchant.index()).map(|m| m.language.as_str());
        let wanted = customer.and_then(|customer| customer.language.as_deref()).or(merchant_language);
        Ok(Some(TimedOrder {
            at: row.ordered_at,
            order: NewOrder {
                merchant,
                number: row.number.as_str().into(),
                subject: None,
                zone,
                country,
                postal: postal.into(),
                language: language(wanted).unwrap_or(Language::EN),
                placed: row.ordered_at,
                paid: row.paid_at,
                promise: row.promised,
                priority: match row.priority {
                    kind::Priority::Standard => 0,
                    kind::Priority::Express => 1,
                    kind::Priority::Vital => 2,
                },
                hold: (row.status == S::Held).then_some(HoldReason::Person),
                lines: asked,
            },
            person: customer.map(|customer| person(row, customer)),
        }))
    }

    fn done(mut self) -> Loaded {
        let assumption = |((file, what), rows)| Assumption { file, what, rows };
        self.out.assumptions = self.assumed.into_iter().map(assumption).collect();
        self.out
    }
}

fn named<I: Copy>(all: &BTreeMap<&str, I>, code: &str) -> Vec<I> {
    if code == "*" { all.values().copied().collect() } else { all.get(code).copied().into_iter().collect() }
}

fn person(
    row: &holdfast_book::model::Order,
    customer: &holdfast_book::model::Customer,
) -> (String, PersonalData) {
    let text = |own: &Option<String>, other: &Option<String>| {
        own.clone().or_else(|| other.clone()).unwrap_or_default()
    };
    let data = PersonalData {
        name: text(&customer.name, &row.ship_name),
        street: text(&row.ship_street, &customer.street),
        city: text(&row.ship_city, &customer.city),
        mail: customer.email.clone().unwrap_or_default(),
        phone: text(&customer.phone, &row.ship_phone),
        consents: customer.consents.iter().map(|consent| consent.text().to_owned()).collect(),
    };
    let identity = customer.email.clone().or_else(|| customer.phone.clone());
    (identity.unwrap_or_else(|| customer.reference.clone()), data)
}

/// The primary part of a BCP 47 tag.
fn language(tag: Option<&str>) -> Option<Language> {
    Language::new(tag?.split('-').next()?)
}

fn middle_of(country: &str) -> Option<Place> {
    let known = holdfast_book::country::COUNTRIES.iter().find(|known| known.code == country)?;
    Place::new(known.city.0, known.city.1).ok()
}

fn origin() -> Place {
    Place::new(0.0, 0.0).expect("the origin is on the globe")
}

const fn site_kind(kind: kind::SiteKind) -> SiteKind {
    match kind {
        kind::SiteKind::Centre => SiteKind::Centre,
        kind::SiteKind::StoreHub => SiteKind::StoreHub,
        kind::SiteKind::ThirdParty => SiteKind::ThirdParty,
        kind::SiteKind::Standby => SiteKind::Standby,
    }
}

const fn lane_kind(kind: kind::LaneKind) -> LaneKind {
    match kind {
        kind::LaneKind::Parcel | kind::LaneKind::Road => LaneKind::Parcel,
        kind::LaneKind::Air => LaneKind::Air,
        kind::LaneKind::Ferry => LaneKind::Ferry,
        kind::LaneKind::Hub => LaneKind::ZoneSkip,
        kind::LaneKind::Pickup => LaneKind::PickUp,
        kind::LaneKind::Courier => LaneKind::Courier,
    }
}
