//! Orders as they come in, by API or by webhook: codes become ids, what is implausible is held for a person.

use holdfast_app::seal::PersonalData;
use holdfast_domain::command::NewOrder;
use holdfast_domain::id::{MerchantId, SkuId};
use holdfast_domain::network::{Country, Language};
use holdfast_domain::order::HoldReason;
use holdfast_domain::quantity::Quantity;
use holdfast_domain::state::{NameKind, State};
use holdfast_domain::time::{Day, Stamp};
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;
use utoipa::ToSchema;

use crate::guard::Who;
use crate::problem::{FieldError, Problem};

/// Units of one line from which on a person looks first.
const QUANTITY_IMPLAUSIBLE: u32 = 10_000;
/// Longest text of an order.
const TEXT_MAX: usize = 500;
/// Most channels a person can have agreed to.
const CONSENTS_MAX: usize = 32;

/// An order as a shop hands it over.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrderIn {
    /// Code of the merchant; a merchant's own caller may leave it out.
    #[serde(default)]
    pub merchant: Option<String>,
    /// The merchant's number: the same number is the same order, for ever.
    #[schema(example = "1001")]
    pub number: String,
    /// When the customer ordered; now, if not given.
    #[serde(default)]
    #[schema(example = "2026-11-01T12:00:00Z")]
    pub placed: Option<String>,
    /// When the customer paid, if so.
    #[serde(default)]
    pub paid: Option<String>,
    /// Whether the order waits for its payment: it is held until it is freed.
    #[serde(default)]
    pub unpaid: bool,
    /// The date the shop has promised; if none, the sourcing promises what it can keep.
    #[serde(default)]
    #[schema(example = "2026-11-05")]
    pub promise: Option<String>,
    /// Higher goes first; 0 is normal.
    #[serde(default)]
    pub priority: u8,
    /// Currency of the prices; the merchant's own.
    #[serde(default)]
    pub currency: Option<String>,
    /// Keep it for a second look.
    #[serde(default)]
    pub hold: bool,
    /// Who ordered, and where it goes.
    pub ship_to: ShipTo,
    /// What was ordered.
    pub lines: Vec<LineIn>,
}

/// Who ordered, and where it goes. Everything but country and postal code is sealed by person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ShipTo {
    /// ISO 3166-1, two letters.
    #[schema(example = "US")]
    pub country: String,
    /// Postal code.
    #[schema(example = "28401")]
    pub postal: String,
    /// Name.
    pub name: String,
    /// Street.
    pub street: String,
    /// City.
    pub city: String,
    /// Mail.
    pub mail: String,
    /// Phone.
    pub phone: String,
    /// ISO 639-1; the merchant's, if not given.
    pub language: Option<String>,
    /// The merchant's own reference for the person, where there is neither mail nor phone.
    pub reference: Option<String>,
    /// Channels the person agreed to beyond what the law requires.
    pub consents: Vec<String>,
}

/// One SKU of an order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LineIn {
    /// The merchant's code.
    #[schema(example = "SKU-1")]
    pub sku: String,
    /// Units.
    #[schema(example = 1)]
    pub quantity: u32,
    /// Price of a unit in the merchant's minor units; the SKU's own, if not given.
    #[serde(default)]
    pub price: Option<i64>,
}

/// An order that can be asked for, and the person behind it.
pub type Resolved = (NewOrder, Option<(String, PersonalData)>);

/// Resolves an order's codes. All that is wrong is told at once.
///
/// # Errors
/// A problem with every field that is wrong.
pub fn resolve(state: &State, who: &Who, order: &OrderIn, now: Stamp) -> Result<Resolved, Problem> {
    let mut errors = Vec::new();
    let mut wrong = |field: &str, detail: String| errors.push(FieldError { field: field.to_owned(), detail });
    let merchant = merchant(state, who, order.merchant.as_deref());
    if merchant.is_none() {
        wrong("merchant", "there is no such merchant, or it is not yours".to_owned());
    }
    let known = merchant.and_then(|id| state.network.merchant(id));
    let currency = known.map(|merchant| merchant.currency.code().to_owned());
    if let (Some(given), Some(own)) = (&order.currency, &currency)
        && !given.eq_ignore_ascii_case(own)
    {
        wrong("currency", format!("the merchant's prices are in {own}"));
    }
    if order.number.trim().is_empty() || order.number.len() > TEXT_MAX {
        wrong("number", "it is empty or too long".to_owned());
    }
    let mut moment = |field: &str, text: &Option<String>| match text.as_deref().map(str::parse::<Stamp>) {
        Some(Ok(stamp)) => Some(stamp),
        Some(Err(_)) => {
            wrong(field, "it is no moment such as 2026-11-01T12:00:00Z".to_owned());
            None
        }
        None => None,
    };
    let (placed, paid) = (moment("placed", &order.placed), moment("paid", &order.paid));
    let promise = match order.promise.as_deref().map(str::parse::<Day>) {
        Some(Ok(day)) => Some(day),
        Some(Err(_)) => {
            wrong("promise", "it is no day such as 2026-11-05".to_owned());
            None
        }
        None => None,
    };
    let to = &order.ship_to;
    let country = Country::new(&to.country);
    if country.is_none() {
        wrong("ship_to.country", format!("{:?} is no country code of two letters", to.country));
    }
    let zone = country.and_then(|country| state.network.zone_of(country, &to.postal));
    if country.is_some() && zone.is_none() {
        wrong(
            "ship_to.postal",
            "no zone holds this country and postal code: add one, or correct the address".to_owned(),
        );
    }
    if let Err(error) = bounded(to) {
        wrong(&error.field, error.detail);
    }
    let language = match &to.language {
        None => None,
        Some(tag) => {
            let language = tag.split(['-', '_']).next().and_then(Language::new);
            if language.is_none() {
                wrong("ship_to.language", "it is no language of two letters".to_owned());
            }
            language
        }
    };
    let mut lines = SmallVec::new();
    for (index, line) in order.lines.iter().enumerate() {
        let sku = merchant.and_then(|merchant| state.named::<SkuId>(NameKind::Sku, merchant, &line.sku));
        match sku.and_then(|sku| Some((sku, state.network.skus.get(sku)?))) {
            Some((sku, known)) => {
                lines.push((sku, Quantity(line.quantity), line.price.unwrap_or(known.price)))
            }
            None if merchant.is_some() => {
                wrong(&format!("lines[{index}].sku"), format!("there is no SKU {:?}", line.sku));
            }
            None => {}
        }
    }
    let (Some(merchant), Some(country), Some(zone), true) = (merchant, country, zone, errors.is_empty())
    else {
        return Err(Problem::invalid(errors));
    };
    let new = NewOrder {
        merchant,
        number: order.number.trim().into(),
        subject: None,
        zone,
        country,
        postal: to.postal.as_str().into(),
        language: language.or(known.map(|merchant| merchant.language)).unwrap_or(Language::EN),
        placed: placed.unwrap_or(now),
        paid,
        promise,
        priority: order.priority,
        hold: hold(order),
        lines,
    };
    Ok((new, person(to)))
}

/// Makes sure that what is sealed of a person is no larger than a person's data are: it stays in the journal.
///
/// # Errors
/// What is too long.
pub fn bounded(to: &ShipTo) -> Result<(), FieldError> {
    let texts = [&to.name, &to.street, &to.city, &to.mail, &to.phone, &to.postal];
    let all = texts.into_iter().chain(&to.reference).chain(&to.consents);
    let detail = if all.into_iter().any(|text| text.len() > TEXT_MAX) {
        format!("a text has more than {TEXT_MAX} bytes")
    } else if to.consents.len() > CONSENTS_MAX {
        format!("there are more than {CONSENTS_MAX} consents")
    } else {
        return Ok(());
    };
    Err(FieldError { field: "ship_to".to_owned(), detail })
}

/// The merchant a caller names, or is limited to.
fn merchant(state: &State, who: &Who, code: Option<&str>) -> Option<MerchantId> {
    let named = match (code, who.limit(state)) {
        (None, limit) => limit,
        (Some(code), _) => state.named(NameKind::Merchant, MerchantId(0), code),
    };
    named.filter(|merchant| state.network.merchant(*merchant).is_some() && who.may_see(state, *merchant))
}

/// Why a person has to look at the order first, if one has to.
fn hold(order: &OrderIn) -> Option<HoldReason> {
    if order.lines.iter().any(|line| line.quantity >= QUANTITY_IMPLAUSIBLE) {
        return Some(HoldReason::ImplausibleQuantity);
    }
    if !fits_country(&order.ship_to.country, &order.ship_to.postal) {
        return Some(HoldReason::Address);
    }
    if order.unpaid {
        return Some(HoldReason::Unpaid);
    }
    order.hold.then_some(HoldReason::Person)
}

/// What identifies the person to the merchant, and what is known of them.
#[must_use]
pub fn person(to: &ShipTo) -> Option<(String, PersonalData)> {
    let reference = to.reference.clone().unwrap_or_default();
    let identity =
        [&to.mail, &to.phone, &reference].into_iter().find(|text| !text.trim().is_empty())?.clone();
    Some((identity, personal(to)))
}

/// What is known of a person.
#[must_use]
pub fn personal(to: &ShipTo) -> PersonalData {
    PersonalData {
        name: to.name.clone(),
        street: to.street.clone(),
        city: to.city.clone(),
        mail: to.mail.clone(),
        phone: to.phone.clone(),
        consents: to.consents.clone(),
    }
}

/// Forms of postal codes: 9 stands for a digit, A for a letter. Countries that are not listed take anything.
const POSTAL: &[(&str, &[&str])] = &[
    ("US", &["99999", "999999999"]),
    ("KR", &["99999"]),
    ("DE", &["99999"]),
    ("FR", &["99999"]),
    ("IT", &["99999"]),
    ("ES", &["99999"]),
    ("JP", &["9999999"]),
    ("CA", &["A9A9A9"]),
    ("AU", &["9999"]),
    ("AT", &["9999"]),
    ("CH", &["9999"]),
    ("NL", &["9999AA"]),
    ("GB", &["A99AA", "A999AA", "AA99AA", "AA999AA", "A9A9AA", "AA9A9AA"]),
];

/// Whether a postal code has a form its country knows. An empty one is for the zone to judge.
fn fits_country(country: &str, postal: &str) -> bool {
    let Some((_, forms)) = POSTAL.iter().find(|(code, _)| code.eq_ignore_ascii_case(country.trim())) else {
        return true;
    };
    let plain: String = postal.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    let form: String = plain
        .chars()
        .map(|c| match c {
            c if c.is_ascii_digit() => '9',
            c if c.is_ascii_alphabetic() => 'A',
            other => other,
        })
        .collect();
    plain.is_empty() || forms.contains(&form.as_str())
}

#[cfg(test)]
mod tests {
    use super::{LineIn, OrderIn, ShipTo, TEXT_MAX, bounded, fits_country, hold};
    use holdfast_domain::order::HoldReason;

    #[test]
    fn a_postal_code_has_its_countrys_form() {
        for (country, postal) in
            [("US", "28401-1234"), ("KR", "06236"), ("GB", "EC1A 1BB"), ("CA", "k1a 0b1"), ("SE", "x")]
        {
            assert!(fits_country(country, postal), "{country} {postal}");
        }
        for (country, postal) in [("US", "2840"), ("KR", "062366"), ("GB", "12345"), ("DE", "1234A")] {
            assert!(!fits_country(country, postal), "{country} {postal}");
        }
    }

    #[test]
    fn what_is_sealed_of_a_person_is_bounded() {
        let long = "x".repeat(TEXT_MAX + 1);
        assert!(bounded(&ShipTo { name: "x".repeat(TEXT_MAX), ..ShipTo::default() }).is_ok());
        assert!(bounded(&ShipTo { reference: Some(long.clone()), ..ShipTo::default() }).is_err());
        assert!(bounded(&ShipTo { consents: vec![long], ..ShipTo::default() }).is_err());
        assert!(bounded(&ShipTo { consents: vec![String::new(); 33], ..ShipTo::default() }).is_err());
    }

    #[test]
    fn what_is_implausible_is_held() {
        let to = ShipTo { country: "US".into(), postal: "28401".into(), ..ShipTo::default() };
        let order = |quantity| OrderIn {
            ship_to: to.clone(),
            lines: vec![LineIn { sku: "a".into(), quantity, price: None }],
            ..OrderIn::default()
        };
        assert_eq!(hold(&order(2)), None);
        assert_eq!(hold(&order(20_000)), Some(HoldReason::ImplausibleQuantity));
        assert_eq!(hold(&OrderIn { unpaid: true, ..order(1) }), Some(HoldReason::Unpaid));
    }
}
