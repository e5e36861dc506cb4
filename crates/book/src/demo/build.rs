//! Builds a demo book from its specification: country, sites, merchants, days and, where there is one, the storm.

use holdfast_domain::money::{Currency, Money};
use holdfast_domain::time::{Calendar, Day, Zone};

use crate::demo::firm;
use crate::demo::florence::PARTNER;
use crate::demo::geo::{Area, us_areas};
use crate::demo::goods::Catalogue;
use crate::demo::order::{self, OrderInput, STORM_BASKETS_PER_MILLE, Threat};
use crate::demo::people::{self, Person};
use crate::demo::reach::{Reach, Tariff, US_TARIFF, carriers, us_zones};
use crate::demo::site::{HandlingCosts, SiteSpec, StandbyTerms, WORK_PARCEL, WORK_UNIT};
use crate::demo::stock::{self, Cover, Layout, LayoutInput};
use crate::kind::SiteKind;
use crate::model::{Book, Contact, Merchant, Operator, Site, StandbyContract, ZoneArea};

/// Customers for a thousand orders: some order twice.
const CUSTOMERS_PER_MILLE: u64 = 700;
/// Parcels for a thousand orders, assumed for the capacity: some orders are split.
const PARCELS_PER_MILLE: u64 = 1250;

/// A merchant as a book declares it.
#[derive(Clone, Debug)]
pub(crate) struct MerchantSpec {
    pub(crate) code: String,
    pub(crate) name: String,
    pub(crate) line_split: bool,
    pub(crate) fairness_weight: u32,
    /// Cost of a day of lateness, minor units.
    pub(crate) late: i64,
    /// Cost of a line that is not shipped, minor units.
    pub(crate) backorder: i64,
}

/// What differs between countries.
pub(crate) struct Locale {
    /// ISO 3166 alpha-2.
    pub(crate) country: &'static str,
    pub(crate) currency: Currency,
    pub(crate) timezone: &'static str,
    pub(crate) language: &'static str,
    /// Name of the operator.
    pub(crate) operator: &'static str,
    /// Company that runs the third-party centre and the standby site.
    pub(crate) partner: &'static str,
    pub(crate) tariff: &'static Tariff,
    pub(crate) areas: fn() -> Vec<Area>,
    pub(crate) zones: fn(&[Area]) -> Vec<ZoneArea>,
    pub(crate) customers: fn(u64, u32, &[Area]) -> Vec<Person>,
    pub(crate) contacts: fn(&[SiteSpec]) -> Vec<Contact>,
}

/// The United States, seen from New York.
pub(crate) static UNITED_STATES: Locale = Locale {
    country: "US",
    currency: Currency::USD,
    timezone: "America/New_York",
    language: "en",
    operator: "Kelp Fulfilment",
    partner: PARTNER,
    tariff: &US_TARIFF,
    areas: states_only,
    zones: us_zones,
    customers: people::customers,
    contacts: firm::contacts,
};

/// Everything a book is built from.
pub(crate) struct Spec<'a> {
    pub(crate) locale: &'static Locale,
    pub(crate) sites: &'a [SiteSpec],
    pub(crate) merchants: Vec<MerchantSpec>,
    pub(crate) catalogue: Catalogue,
    pub(crate) first: Day,
    pub(crate) days: u16,
    pub(crate) holidays: &'a [Day],
    pub(crate) threat: Option<Threat>,
    pub(crate) orders: u32,
    pub(crate) cover: Cover,
    /// Capacity of the network over the expected work, per cent.
    pub(crate) capacity_percent: u64,
}

/// Builds the book; the same `seed` gives the same book.
pub(crate) fn build(spec: &Spec<'_>, seed: u64) -> Book {
    let locale = spec.locale;
    let areas = (locale.areas)();
    let reach = Reach::new(spec.sites, &areas, locale.tariff);
    let codes: Vec<String> = spec.merchants.iter().map(|merchant| merchant.code.clone()).collect();
    let expected_milli = expected(spec);
    let layout = stock::lay_out(&LayoutInput {
        seed,
        sites: spec.sites,
        areas: &areas,
        reach: &reach,
        catalogue: &spec.catalogue,
        expected_milli: &expected_milli,
        cover: spec.cover,
    });
    let count = (u64::from(spec.orders) * CUSTOMERS_PER_MILLE / 1000).max(1) as u32;
    let people = (locale.customers)(seed, count, &areas);
    let zone = Zone::named(locale.timezone).expect("the demo's time zones are in the IANA database");
    let mut calendar = Calendar::weekdays_only();
    calendar.holidays.extend(spec.holidays);
    let (orders, order_lines) = order::orders(&OrderInput {
        seed,
        country: locale.country,
        orders: spec.orders,
        first: spec.first,
        days: spec.days,
        zone: &zone,
        calendar: &calendar,
        threat: spec.threat,
        catalogue: &spec.catalogue,
        people: &people,
        areas: &areas,
        reach: &reach,
        holders: &layout.holders,
        merchant_codes: &codes,
    });
    let zones = (locale.zones)(&areas);
    let stores = spec.sites.iter().any(|site| site.kind == SiteKind::StoreHub);
    let capacity = capacities(spec, &layout, &expected_milli);
    Book {
        operator: Some(operator(locale, &zone)),
        merchants: spec.merchants.iter().map(|merchant| merchant_row(merchant, locale)).collect(),
        sites: site_rows(spec, &capacity),
        standby_contracts: contracts(spec, &capacity),
        skus: spec.catalogue.rows(&codes, locale.currency),
        stock: stock::stock_rows(&layout, spec.sites, &spec.catalogue, &codes, spec.first.at(0, &zone)),
        inbound: stock::inbound_rows(&layout, spec.sites, &spec.catalogue, &codes, spec.first),
        lanes: reach.lanes(spec.sites, &zones),
        zones,
        carriers: carriers(locale.tariff, stores),
        customers: people.into_iter().map(|person| person.row).collect(),
        orders,
        order_lines,
        contacts: (locale.contacts)(spec.sites),
        processes: firm::processes(spec.sites, locale),
        ..Book::default()
    }
}

/// Areas in the states and the District of Columbia; the territories are not served.
fn states_only() -> Vec<Area> {
    us_areas().iter().filter(|area| !matches!(area.state, "PR" | "VI")).cloned().collect()
}

/// Units expected in the window, times 1000, by good: the sample's part of the orders by its own units, storm
/// goods evenly at usual demand, without any surge.
fn expected(spec: &Spec<'_>) -> Vec<u64> {
    let orders = u64::from(spec.orders);
    let usual_storm = if spec.catalogue.storm_merchant.is_some() {
        // A sample basket may make several orders, a storm basket makes one.
        let sample = (1000 - STORM_BASKETS_PER_MILLE) * spec.catalogue.orders_per_mille_baskets() / 1000;
        orders * STORM_BASKETS_PER_MILLE / (sample + STORM_BASKETS_PER_MILLE)
    } else {
        0
    };
    let mut units = spec.catalogue.expected_milli(spec.orders - usual_storm as u32);
    // A storm basket has 2.5 draws of about 2.25 units.
    let each = usual_storm * 5600 / spec.catalogue.storm_goods().len().max(1) as u64;
    units[spec.catalogue.storm_first..].iter_mut().for_each(|milli| *milli = each);
    units
}

/// Work units a working day, by site: its part of the expected work, in 5.5 days a week.
fn capacities(spec: &Spec<'_>, layout: &Layout, expected_milli: &[u64]) -> Vec<u32> {
    let units = expected_milli.iter().sum::<u64>() / 1000;
    let parcels = u64::from(spec.orders) * PARCELS_PER_MILLE / 1000;
    let work = parcels * u64::from(WORK_PARCEL) + units * u64::from(WORK_UNIT);
    let load: u64 = layout.load_milli.iter().sum::<u64>().max(1);
    let day = |load_milli: u64| {
        let share = u128::from(work) * u128::from(load_milli) / u128::from(load);
        let week_day = share * 7 * u128::from(spec.capacity_percent) / u128::from(spec.days) * 10 / 55 / 100;
        (week_day as u32).div_ceil(10) * 10
    };
    let mean = day(load / (spec.sites.len() as u64).max(1));
    let of = |(site, load): (&SiteSpec, &u64)| match site.kind {
        SiteKind::Standby => mean,
        _ => day(*load).max(40),
    };
    spec.sites.iter().zip(&layout.load_milli).map(of).collect()
}

fn site_rows(spec: &Spec<'_>, capacity: &[u32]) -> Vec<Site> {
    let Locale { country, currency, .. } = *spec.locale;
    let row = |(site, units): (&SiteSpec, &u32)| {
        site.row(country, *units, HandlingCosts::of(site.kind, currency), spec.holidays)
    };
    spec.sites.iter().zip(capacity).map(row).collect()
}

/// Standby contracts on assumed terms; a dollar counts as a thousand won.
fn contracts(spec: &Spec<'_>, capacity: &[u32]) -> Vec<StandbyContract> {
    let Locale { currency, .. } = *spec.locale;
    let dollar = if currency == Currency::KRW { 1000 } else { 100 };
    let amount = |dollars: i64| Money::new(dollars * dollar, currency);
    let terms = |units_a_day| StandbyTerms {
        lead_h: 36,
        activation: amount(6500),
        daily: amount(1150),
        yearly: amount(14_000),
        units_a_day,
    };
    spec.sites.iter().zip(capacity).filter_map(|(site, units)| site.contract(&terms(*units))).collect()
}

fn operator(locale: &Locale, zone: &Zone) -> Operator {
    let mut operator = Operator::new(locale.operator.to_owned());
    operator.currency = locale.currency;
    operator.work_parcel = WORK_PARCEL;
    operator.work_unit = WORK_UNIT;
    operator.timezone = zone.clone();
    operator.country = locale.country.to_owned();
    operator.language = locale.language.to_owned();
    operator
}

fn merchant_row(spec: &MerchantSpec, locale: &Locale) -> Merchant {
    let mut row = Merchant::new(spec.code.clone(), spec.name.clone(), locale.currency);
    row.language = locale.language.to_owned();
    row.contact = Some(format!("help@{}.example", spec.code));
    row.country = Some(locale.country.to_owned());
    row.line_split = spec.line_split;
    row.fairness_weight = spec.fairness_weight;
    row.late_cost = Some(Money::new(spec.late, locale.currency));
    row.backorder_cost = Some(Money::new(spec.backorder, locale.currency));
    row
}
