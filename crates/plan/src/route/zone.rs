//! Postal zones by great-circle distance, transit days by zone, and rate cards.
//!
//! A zone is a band of distance between two areas' centres. The bands, the days and the rates are
//! configuration; [`ZoneBands::postal`] is the default for the United States. Band edges belong to the
//! nearer zone. A rate card never guesses: a zone it does not list is an error, not a price.

use holdfast_domain::money::{Currency, Money, MoneyError, Rounding};
use holdfast_domain::place::{MILE_M, Place};
use serde::{Deserialize, Serialize};

/// The number of a zone; farther zones have higher numbers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ZoneNumber(pub u8);

/// Bands of great-circle distance, nearest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "BandsFile")]
pub struct ZoneBands {
    first: ZoneNumber,
    edges_m: Vec<f64>,
}

/// Why a table of zones, areas or rates could not be used.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ZoneError {
    /// Band edges must grow.
    #[error("read zone bands: edge {index} is not farther than the one before it")]
    EdgesNotGrowing {
        /// Position of the offending edge, from 0.
        index: usize,
    },
    /// More bands than a zone number counts.
    #[error("read zone bands: {count} edges, and no more than {max} are accepted")]
    TooManyEdges {
        /// Edges given.
        count: usize,
        /// Edges accepted.
        max: usize,
    },
    /// Text that does not start with three digits.
    #[error("read {text:?} as a ZIP code: write at least its first three digits")]
    NotAZip {
        /// What was read.
        text: String,
    },
    /// A row of the table of areas that cannot be read.
    #[error("read line {line} of the table of ZIP3 areas, field {field}: write {wanted}")]
    Row {
        /// Line, from 1.
        line: usize,
        /// Name of the field.
        field: &'static str,
        /// What belongs there.
        wanted: &'static str,
    },
    /// A zone the rate card does not serve.
    #[error("price a parcel: rate card {card:?} has no zone {zone}; add it or choose another service")]
    NoRate {
        /// Name of the card.
        card: String,
        /// The zone asked for.
        zone: u8,
    },
    /// The price cannot be computed in the card's currency.
    #[error("price a parcel")]
    Money(#[from] MoneyError),
}

/// Bands as they are written down, before they are checked.
#[derive(Deserialize)]
struct BandsFile {
    first: ZoneNumber,
    edges_m: Vec<f64>,
}

impl TryFrom<BandsFile> for ZoneBands {
    type Error = ZoneError;
    fn try_from(file: BandsFile) -> Result<Self, ZoneError> {
        Self::new(file.first, file.edges_m)
    }
}

impl ZoneBands {
    /// The most edges a set of bands may have.
    pub const EDGES_MAX: usize = 64;
    /// Upper edges of zones 2 to 7 in miles; zone 8 is what lies beyond. As the US Postal Service's zone
    /// charts count them from one sorting area's centre to another's.
    pub const POSTAL_EDGES_MI: [f64; 6] = [150.0, 300.0, 600.0, 1000.0, 1400.0, 1800.0];

    /// Bands with upper edges in metres; distances beyond the last edge fall into one more zone.
    ///
    /// # Errors
    /// [`ZoneError::EdgesNotGrowing`], [`ZoneError::TooManyEdges`].
    pub fn new(first: ZoneNumber, edges_m: Vec<f64>) -> Result<Self, ZoneError> {
        if edges_m.len() > Self::EDGES_MAX {
            return Err(ZoneError::TooManyEdges { count: edges_m.len(), max: Self::EDGES_MAX });
        }
        let before = |index: usize| if index == 0 { 0.0 } else { edges_m[index - 1] };
        match edges_m.iter().enumerate().find(|&(index, edge)| !edge.is_finite() || *edge <= before(index)) {
            Some((index, _)) => Err(ZoneError::EdgesNotGrowing { index }),
            None => Ok(Self { first, edges_m }),
        }
    }

    /// The default for the United States: zones 2 to 8 at 150, 300, 600, 1000, 1400 and 1800 miles.
    ///
    /// ```
    /// use holdfast_plan::route::zone::{ZoneBands, ZoneNumber};
    /// assert_eq!(ZoneBands::postal().of(100_000.0), ZoneNumber(2));
    /// assert_eq!(ZoneBands::postal().of(4_000_000.0), ZoneNumber(8));
    /// ```
    #[must_use]
    pub fn postal() -> Self {
        let edges_m = Self::POSTAL_EDGES_MI.iter().map(|edge| edge * MILE_M).collect();
        Self { first: ZoneNumber(2), edges_m }
    }

    /// The zone of a distance in metres.
    #[must_use]
    pub fn of(&self, distance_m: f64) -> ZoneNumber {
        let band = self.edges_m.partition_point(|edge| *edge < distance_m);
        ZoneNumber(self.first.0.saturating_add(u8::try_from(band).expect("there are at most 64 edges")))
    }

    /// The zone between two places.
    #[must_use]
    pub fn between(&self, origin: Place, destination: Place) -> ZoneNumber {
        self.of(origin.distance_m(destination))
    }

    /// Every zone of these bands, nearest first.
    pub fn zones(&self) -> impl Iterator<Item = ZoneNumber> + '_ {
        (0..=self.edges_m.len()).map(|band| ZoneNumber(self.first.0.saturating_add(band as u8)))
    }
}

/// The first three digits of a US ZIP code: one sorting area.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Zip3(u16);

impl core::str::FromStr for Zip3 {
    type Err = ZoneError;
    /// Reads the first three digits of a ZIP code of three, five or nine digits.
    fn from_str(text: &str) -> Result<Self, ZoneError> {
        let trimmed = text.trim();
        let whole = trimmed.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        match trimmed.get(..3).and_then(|head| head.parse::<u16>().ok()) {
            Some(number) if whole && matches!(trimmed.len(), 3 | 5 | 9 | 10) => Ok(Self(number)),
            _ => Err(ZoneError::NotAZip { text: text.to_owned() }),
        }
    }
}

impl core::fmt::Display for Zip3 {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{:03}", self.0)
    }
}

impl core::fmt::Debug for Zip3 {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{self}")
    }
}

/// What is known about one sorting area.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Zip3Area {
    /// The area.
    pub zip3: Zip3,
    /// Its centre.
    pub place: Place,
    /// Postal abbreviation of the state most of it lies in.
    pub state: Box<str>,
    /// Its main city.
    pub city: Box<str>,
    /// People who live there, as far as the table's source counts them.
    pub population: u32,
}

/// Sorting areas by their three digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zip3Table {
    areas: Vec<Zip3Area>,
}

impl Zip3Table {
    /// The most rows a table may have: there are a thousand numbers of three digits.
    pub const ROWS_MAX: usize = 1000;

    /// Reads `zip3,lat,lon,state,main_city,population` with a header line and no quoted cells.
    ///
    /// # Errors
    /// [`ZoneError::Row`] with line and field; a number given twice is an error too.
    pub fn parse(text: &str) -> Result<Self, ZoneError> {
        let mut areas: Vec<Zip3Area> = Vec::new();
        for (index, row) in text.lines().enumerate().skip(1) {
            let line = index + 1;
            if areas.len() == Self::ROWS_MAX {
                return Err(ZoneError::Row { line, field: "zip3", wanted: "no more than 1000 rows" });
            }
            areas.push(area(line, row)?);
        }
        areas.sort_by_key(|area| area.zip3);
        match areas.windows(2).position(|pair| pair[0].zip3 == pair[1].zip3) {
            Some(at) => Err(ZoneError::Row { line: at + 2, field: "zip3", wanted: "each number once" }),
            None => Ok(Self { areas }),
        }
    }

    /// The area of `zip3`, if the table has it.
    #[must_use]
    pub fn get(&self, zip3: Zip3) -> Option<&Zip3Area> {
        self.areas.binary_search_by_key(&zip3, |area| area.zip3).ok().map(|at| &self.areas[at])
    }

    /// Every area, by number.
    #[must_use]
    pub fn areas(&self) -> &[Zip3Area] {
        &self.areas
    }
}

fn area(line: usize, row: &str) -> Result<Zip3Area, ZoneError> {
    let mut cells = row.split(',');
    let mut next = |field, wanted| cells.next().ok_or(ZoneError::Row { line, field, wanted });
    let bad = |field, wanted| ZoneError::Row { line, field, wanted };
    let zip3: Zip3 = next("zip3", "three digits")?.parse().map_err(|_| bad("zip3", "three digits"))?;
    let lat: f64 = next("lat", "degrees")?.parse().map_err(|_| bad("lat", "degrees"))?;
    let lon: f64 = next("lon", "degrees")?.parse().map_err(|_| bad("lon", "degrees"))?;
    let place = Place::new(lat, lon).map_err(|_| bad("lat", "a place on the globe"))?;
    let state = next("state", "two letters")?.into();
    let city = next("main_city", "a name")?.into();
    let population = next("population", "a whole number")?;
    let population = population.trim().parse().map_err(|_| bad("population", "a whole number"))?;
    Ok(Zip3Area { zip3, place, state, city, population })
}

/// Working days from hand-over to delivery by zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransitDays {
    /// Zone and days, nearest zone first.
    pub days: Vec<(ZoneNumber, u16)>,
}

impl TransitDays {
    /// Ground parcels over [`ZoneBands::postal`]: 1, 2, 3, 3, 4, 5 and 5 working days. Assumed: carriers'
    /// ground maps reach about 150 miles in one day and the far coast in five.
    #[must_use]
    pub fn ground() -> Self {
        Self::over_postal([1, 2, 3, 3, 4, 5, 5])
    }

    /// A faster service over [`ZoneBands::postal`]: 1, 1, 2, 2, 2, 3 and 3 working days. Assumed.
    #[must_use]
    pub fn expedited() -> Self {
        Self::over_postal([1, 1, 2, 2, 2, 3, 3])
    }

    fn over_postal(days: [u16; 7]) -> Self {
        Self { days: ZoneBands::postal().zones().zip(days).collect() }
    }

    /// The days for `zone`; `None` where the service does not go.
    #[must_use]
    pub fn of(&self, zone: ZoneNumber) -> Option<u16> {
        self.days.iter().find(|(listed, _)| *listed == zone).map(|(_, days)| *days)
    }
}

/// What a parcel costs by zone: so much a parcel and so much a kilogram, or part of it by the gram.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RateCard {
    /// Name of the card: carrier, service, year.
    pub name: String,
    /// Where the rates come from; `assumed` where they have no source.
    pub source: String,
    /// The rates, nearest zone first.
    pub rates: Vec<ZoneRate>,
}

/// One zone's price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ZoneRate {
    /// The zone.
    pub zone: ZoneNumber,
    /// For each parcel.
    pub parcel: Money,
    /// For each kilogram.
    pub kg: Money,
}

impl RateCard {
    /// Cost of a parcel in the network of Jasin and Sinha (2015), Ma (2023) and Amil, Makhdoumi and Wei
    /// (2025): 8.759 dollars a parcel, and 0.423 dollars an item plus 0.000541 dollars an item and mile. An
    /// item is taken as one kilogram, a zone as the middle of its band, the last as 2,200 miles.
    #[must_use]
    pub fn published_online_retail() -> Self {
        let zones = [(2_u8, 75_i64), (3, 225), (4, 450), (5, 800), (6, 1200), (7, 1600), (8, 2200)];
        let cents = |amount| Money::new(amount, Currency::USD);
        // 0.423 dollars and 0.000541 dollars a mile in millionths of a dollar; 10,000 of them are a cent.
        let kg = |miles: i64| cents((423_000 + 541 * miles + 5_000) / 10_000);
        let rates =
            zones.map(|(zone, miles)| ZoneRate { zone: ZoneNumber(zone), parcel: cents(876), kg: kg(miles) });
        Self {
            name: "online retail, published".to_owned(),
            source: "Jasin and Sinha 2015; Ma 2023; Amil, Makhdoumi and Wei 2025".to_owned(),
            rates: rates.to_vec(),
        }
    }

    /// The rate of a zone.
    ///
    /// # Errors
    /// [`ZoneError::NoRate`] for a zone the card does not list.
    pub fn rate(&self, zone: ZoneNumber) -> Result<ZoneRate, ZoneError> {
        let found = self.rates.iter().find(|rate| rate.zone == zone);
        found.copied().ok_or_else(|| ZoneError::NoRate { card: self.name.clone(), zone: zone.0 })
    }

    /// What a parcel of `weight_g` grams to `zone` costs, to the nearest minor unit.
    ///
    /// # Errors
    /// [`ZoneError::NoRate`]; [`ZoneError::Money`] where the amount does not fit.
    pub fn cost(&self, zone: ZoneNumber, weight_g: u64) -> Result<Money, ZoneError> {
        let rate = self.rate(zone)?;
        let grams = i64::try_from(weight_g).map_err(|_| MoneyError::Overflow)?;
        Ok(rate.parcel.plus(rate.kg.share(grams, 1000, Rounding::HalfUp)?)?)
    }
}

#[cfg(test)]
mod tests {
    use super::{RateCard, TransitDays, Zip3, Zip3Table, ZoneBands, ZoneError, ZoneNumber};
    use holdfast_domain::place::MILE_M;

    #[test]
    fn an_edge_belongs_to_the_nearer_zone() {
        let bands = ZoneBands::postal();
        for (miles, zone) in
            [(0.0, 2), (150.0, 2), (150.1, 3), (600.0, 4), (1000.5, 6), (1800.0, 7), (9000.0, 8)]
        {
            assert_eq!(bands.of(miles * MILE_M), ZoneNumber(zone), "{miles} miles");
        }
        assert_eq!(bands.zones().count(), 7);
        let wrong = ZoneBands::new(ZoneNumber(1), vec![10.0, 10.0]);
        assert_eq!(wrong, Err(ZoneError::EdgesNotGrowing { index: 1 }));
        assert!(ZoneBands::new(ZoneNumber(1), vec![f64::NAN]).is_err());
        let text = serde_json::to_string(&bands).unwrap();
        assert_eq!(serde_json::from_str::<ZoneBands>(&text).unwrap(), bands);
        assert!(serde_json::from_str::<ZoneBands>(r#"{"first":1,"edges_m":[5,4]}"#).is_err());
    }

    #[test]
    fn zip_codes_of_three_five_and_nine_digits_name_their_area() {
        for text in ["284", "28401", " 28401-1234 ", "284011234"] {
            assert_eq!(text.parse::<Zip3>().unwrap().to_string(), "284");
        }
        assert_eq!("00501".parse::<Zip3>().unwrap().to_string(), "005");
        for text in ["", "28", "2840", "K1A 0B1", "２８４", "+2840"] {
            assert!(text.parse::<Zip3>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_table_row_that_cannot_be_read_is_named_by_line_and_field() {
        let head = "zip3,lat,lon,state,main_city,population\n284,34.2,-77.9,NC,Wilmington,100\n";
        let table = Zip3Table::parse(head).unwrap();
        assert_eq!(&*table.get("28401".parse().unwrap()).unwrap().city, "Wilmington");
        let check = |row: &str, expected: &str| {
            let error = Zip3Table::parse(&format!("{head}{row}\n")).unwrap_err();
            assert!(error.to_string().contains(expected), "{error}");
        };
        check("285,north,-77,NC,Kinston,1", "line 3 of the table of ZIP3 areas, field lat");
        check("285,95,-77,NC,Kinston,1", "a place on the globe");
        check("285,35,-77,NC", "field main_city");
        check("284,35,-77,NC,Kinston,1", "each number once");
    }

    #[test]
    fn a_published_card_gives_the_published_price() {
        // Jasin and Sinha's formula at 450 miles and 2 kg: 8.759 + 2 x (0.423 + 0.000541 x 450) = 10.09 dollars.
        let card = RateCard::published_online_retail();
        assert_eq!(card.cost(ZoneNumber(4), 2000).unwrap().minor(), 1010);
        assert!(matches!(card.cost(ZoneNumber(1), 1), Err(ZoneError::NoRate { zone: 1, .. })));
        assert_eq!(TransitDays::ground().of(ZoneNumber(8)), Some(5));
        assert_eq!(TransitDays::ground().of(ZoneNumber(1)), None);
    }
}
