//! Sites of the demo books. Coordinates and county codes are real; the sites, their sizes, thresholds and
//! contracts are invented.

use holdfast_domain::money::{Currency, Money};
use holdfast_domain::place::Place;
use holdfast_domain::time::{Calendar, Day, Zone};

use crate::cell::{TimeOfDay, WeekCapacity};
use crate::kind::SiteKind;
use crate::model::{Site, StandbyContract};

/// Work units that one parcel takes at a demo site, its units apart.
pub const WORK_PARCEL: u32 = 2;
/// Work units that each unit in a parcel takes at a demo site.
pub const WORK_UNIT: u32 = 1;

/// A site as a demo book declares it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SiteSpec {
    pub(crate) code: &'static str,
    pub(crate) name: &'static str,
    pub(crate) kind: SiteKind,
    pub(crate) lat: f64,
    pub(crate) lon: f64,
    pub(crate) postal: &'static str,
    pub(crate) state: &'static str,
    pub(crate) county_fips: &'static str,
    pub(crate) timezone: &'static str,
    /// How often the site is drawn to hold a SKU, against the others.
    pub(crate) weight: u64,
    /// Sustained wind at which it closes, knots.
    pub(crate) wind_kt: u16,
    /// Whether it may keep flammable goods.
    pub(crate) flammable: bool,
    /// Whether some SKUs lie here alone.
    pub(crate) sole: bool,
    /// Company that runs it, where it is not the operator.
    pub(crate) partner: Option<&'static str>,
}

impl SiteSpec {
    /// An ordinary centre of the operator that closes at hurricane force, 64 kt.
    #[allow(clippy::too_many_arguments, reason = "one argument a column of the table of sites")]
    pub(crate) const fn centre(
        code: &'static str,
        name: &'static str,
        lat: f64,
        lon: f64,
        postal: &'static str,
        state: &'static str,
        county_fips: &'static str,
        timezone: &'static str,
        weight: u64,
    ) -> Self {
        let kind = SiteKind::Centre;
        let (wind_kt, flammable, sole, partner) = (64, true, false, None);
        Self {
            code,
            name,
            kind,
            lat,
            lon,
            postal,
            state,
            county_fips,
            timezone,
            weight,
            wind_kt,
            flammable,
            sole,
            partner,
        }
    }

    /// The same site with SKUs that lie here alone.
    pub(crate) const fn with_sole_stock(self) -> Self {
        Self { sole: true, ..self }
    }

    /// The same site as a store that ships: closes at 50 kt, no flammable goods.
    pub(crate) const fn as_store(self) -> Self {
        Self { kind: SiteKind::StoreHub, wind_kt: 50, flammable: false, ..self }
    }

    /// The same site run by a third-party logistics company.
    pub(crate) const fn run_by(self, partner: &'static str) -> Self {
        Self { kind: SiteKind::ThirdParty, partner: Some(partner), ..self }
    }

    /// The same site as a standby backup of a partner.
    pub(crate) const fn standby(self, partner: &'static str) -> Self {
        Self { kind: SiteKind::Standby, flammable: false, partner: Some(partner), ..self }
    }

    /// Where it is.
    pub(crate) fn place(&self) -> Place {
        Place::new(self.lat, self.lon).expect("the demo's coordinates are on the globe")
    }

    /// The row of the book: `units` work units on a working day, half of them on Saturday.
    pub(crate) fn row(&self, country: &str, units: u32, costs: HandlingCosts, days_off: &[Day]) -> Site {
        let mut site = Site::new(self.code.into(), self.name.into(), self.kind, self.place());
        let zone = Zone::named(self.timezone).expect("the demo's time zones are in the IANA database");
        let mut calendar = Calendar::every_day();
        calendar.weekdays[6] = false;
        calendar.holidays.extend(days_off);
        site.postal = Some(self.postal.into());
        site.country = country.to_owned();
        site.state = Some(self.state.into());
        site.county_fips = (!self.county_fips.is_empty()).then(|| self.county_fips.into());
        site.timezone = Some(zone);
        site.capacity = Some(WeekCapacity([units, units, units, units, units, units / 2, 0]));
        site.cutoff = TimeOfDay::from_hm(14, 0);
        site.calendar = calendar;
        site.handling_parcel = Some(costs.parcel);
        site.handling_unit = Some(costs.unit);
        site.wind_threshold_kt = Some(self.wind_kt);
        site.storage = if self.flammable { vec![] } else { vec!["ambient".to_owned()] };
        site.heartbeat_min = Some(30);
        site.partner = self.partner.map(str::to_owned);
        site
    }

    /// Its contract, where it is a standby site.
    pub(crate) fn contract(&self, terms: &StandbyTerms) -> Option<StandbyContract> {
        (self.kind == SiteKind::Standby).then(|| {
            let mut contract =
                StandbyContract::new(self.code.into(), terms.lead_h, terms.activation, terms.daily);
            contract.capacity = Some(terms.units_a_day);
            contract.yearly_cost = Some(terms.yearly);
            contract.partner = self.partner.map(str::to_owned);
            contract
        })
    }
}

/// What handling costs at a site.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HandlingCosts {
    /// For each parcel.
    pub(crate) parcel: Money,
    /// For each unit.
    pub(crate) unit: Money,
}

impl HandlingCosts {
    /// Assumed costs, in cents or in tens of won: a store and a partner cost more than the operator's own centre.
    pub(crate) fn of(kind: SiteKind, currency: Currency) -> Self {
        let (parcel, unit) = match kind {
            SiteKind::Centre => (185, 32),
            SiteKind::StoreHub => (290, 55),
            SiteKind::ThirdParty => (245, 41),
            SiteKind::Standby => (310, 48),
        };
        let amount =
            |small: i64| Money::new(if currency == Currency::KRW { small * 10 } else { small }, currency);
        Self { parcel: amount(parcel), unit: amount(unit) }
    }
}

/// Terms of a standby contract.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StandbyTerms {
    pub(crate) lead_h: u32,
    pub(crate) activation: Money,
    pub(crate) daily: Money,
    pub(crate) yearly: Money,
    pub(crate) units_a_day: u32,
}
