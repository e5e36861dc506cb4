//! Codes that stand for an area or an event: UGC and SAME, VTEC, the words of the weather service.
//!
//! Sources: NWS Directive 10-1702 (Universal Geographic Code), 10-1703 (Valid Time Event Code), 10-1712
//! (SAME). Invariant: a code that parsed is complete and within its ranges.

use holdfast_domain::incident::Hazard;
use holdfast_domain::time::Stamp;
use serde::{Deserialize, Serialize};

/// Codes that one UGC text may expand to.
pub const UGC_CODES_MAX: usize = 5_000;

/// A code that names an area without drawing it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AreaCode {
    /// A county by the weather service: state letters and county number; number 0 is the whole state.
    UgcCounty(String, u16),
    /// A public forecast zone: state (or marine area) letters and zone number; number 0 is all of it.
    UgcZone(String, u16),
    /// SAME or FIPS 6: a digit for the part of the county (0 all), then the five digits of the county's FIPS.
    Same(String),
    /// Any other, with the name of its list.
    Other(String, String),
}

/// One Valid Time Event Code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vtec {
    /// `O` operational, `T` test, `E` experimental, `X` experimental in an operational product.
    pub class: char,
    /// `NEW`, `CON`, `EXT`, `EXA`, `EXB`, `UPG`, `CAN`, `EXP`, `COR`, `ROU`.
    pub action: String,
    /// The issuing office, four letters.
    pub office: String,
    /// The phenomenon, two letters.
    pub phenomenon: String,
    /// `W` warning, `A` watch, `Y` advisory, `S` statement, `F` forecast, `O` outlook, `N` synopsis.
    pub significance: char,
    /// The event's number in its year.
    pub number: u16,
    /// Begin; nothing where it is under way.
    pub begin: Option<Stamp>,
    /// End; nothing where it is "until further notice".
    pub end: Option<Stamp>,
}

impl Vtec {
    /// What the event is followed by through all its products, apart from the year.
    #[must_use]
    pub fn event_key(&self) -> String {
        format!("{}.{}.{}.{:04}", self.office, self.phenomenon, self.significance, self.number)
    }

    /// Whether this product takes the event off its area.
    #[must_use]
    pub fn ends_event(&self) -> bool {
        matches!(self.action.as_str(), "CAN" | "EXP" | "UPG")
    }

    /// Reads `/O.CAN.KMLB.TR.W.1001.000000T0000Z-000000T0000Z/`, with or without the slashes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().trim_matches('/');
        let parts: Vec<&str> = text.split('.').collect();
        let [class, action, office, phenomenon, significance, number, times] = parts.as_slice() else {
            return None;
        };
        let class = only(class).filter(|class| "OTEX".contains(*class))?;
        let significance = only(significance).filter(char::is_ascii_uppercase)?;
        let letters =
            |text: &str, count: usize| text.len() == count && text.bytes().all(|b| b.is_ascii_alphanumeric());
        let known = ["NEW", "CON", "EXT", "EXA", "EXB", "UPG", "CAN", "EXP", "COR", "ROU"];
        if !known.contains(action) || !letters(office, 4) || !letters(phenomenon, 2) || number.len() != 4 {
            return None;
        }
        let (begin, end) = times.split_once('-')?;
        Some(Self {
            class,
            action: (*action).to_owned(),
            office: (*office).to_owned(),
            phenomenon: (*phenomenon).to_owned(),
            significance,
            number: number.parse().ok()?,
            begin: vtec_time(begin)?,
            end: vtec_time(end)?,
        })
    }

    /// The kind of hazard.
    #[must_use]
    pub fn hazard(&self) -> Hazard {
        match self.phenomenon.as_str() {
            "HU" | "TR" | "TY" | "HI" | "TI" => Hazard::Hurricane,
            "TO" => Hazard::Tornado,
            "FF" | "FA" | "FL" | "CF" | "LS" | "SS" | "HY" | "TS" => Hazard::Flood,
            "FW" => Hazard::Wildfire,
            "BZ" | "WS" | "IS" | "LE" | "LB" | "SN" | "SB" | "HS" | "HP" | "ZR" | "IP" | "WC" | "WW"
            | "BS" | "SQ" | "EC" | "FZ" | "HZ" | "UP" | "CW" => Hazard::WinterStorm,
            "AF" => Hazard::VolcanicAsh,
            _ => Hazard::Other,
        }
    }
}

fn only(text: &str) -> Option<char> {
    let mut characters = text.chars();
    characters.next().filter(|_| characters.next().is_none())
}

/// `yymmddThhmmZ`; all zeros is no time, given as `Some(None)`.
#[allow(clippy::option_option)] // Outer: read or not. Inner: a time or deliberately none.
fn vtec_time(text: &str) -> Option<Option<Stamp>> {
    if text.len() != 12 || !text.is_ascii() || text.as_bytes()[6] != b'T' || text.as_bytes()[11] != b'Z' {
        return None;
    }
    if text == "000000T0000Z" {
        return Some(None);
    }
    let written =
        format!("20{}-{}-{}T{}:{}:00Z", &text[..2], &text[2..4], &text[4..6], &text[7..9], &text[9..11]);
    written.parse().ok().map(Some)
}

/// Day of the month, hour and minute, UTC, of a product's expiry.
pub type UgcExpiry = (u8, u8, u8);

/// Reads a UGC text such as `FLZ447-MNZ020>022-025-042145-`: the codes and the day, hour and minute (UTC) at
/// which the product expires, if it is there. Nothing for a text that is none.
#[must_use]
pub fn ugc(text: &str) -> Option<(Vec<AreaCode>, Option<UgcExpiry>)> {
    let text: String = text.split_whitespace().collect();
    if !text.is_ascii() {
        return None;
    }
    let (mut codes, mut prefix, mut expires) = (Vec::new(), None::<(String, bool)>, None);
    for part in text.split('-').filter(|part| !part.is_empty()) {
        if part.len() == 6 && part.bytes().all(|b| b.is_ascii_digit()) {
            let number = |from: usize| part[from..from + 2].parse::<u8>().ok();
            expires = Some((number(0)?, number(2)?, number(4)?));
            continue;
        }
        let digits = match part.as_bytes() {
            [a, b, c @ (b'C' | b'Z'), ..] if a.is_ascii_uppercase() && b.is_ascii_uppercase() => {
                prefix = Some((part[..2].to_owned(), *c == b'Z'));
                &part[3..]
            }
            _ => part,
        };
        let (state, zone) = prefix.as_ref()?;
        let (first, last) = digits.split_once('>').unwrap_or((digits, digits));
        let (first, last) = (ugc_number(first)?, ugc_number(last)?);
        if last < first || codes.len() + usize::from(last - first) >= UGC_CODES_MAX {
            return None;
        }
        for number in first..=last {
            let state = state.clone();
            codes.push(if *zone {
                AreaCode::UgcZone(state, number)
            } else {
                AreaCode::UgcCounty(state, number)
            });
        }
    }
    (!codes.is_empty()).then_some((codes, expires))
}

fn ugc_number(text: &str) -> Option<u16> {
    match text {
        "ALL" => Some(0),
        digits if digits.len() == 3 && digits.bytes().all(|b| b.is_ascii_digit()) => digits.parse().ok(),
        _ => None,
    }
}

/// The code in a CAP `geocode` of list `name`.
pub(crate) fn geocode(name: &str, value: &str) -> Vec<AreaCode> {
    let value = value.trim();
    match name.trim() {
        "UGC" => {
            if let Some((codes, _)) = ugc(value) {
                return codes;
            }
        }
        "SAME" | "FIPS6" | "FIPS" => {
            if let Some(code) = same(value) {
                return vec![code];
            }
        }
        _ => {}
    }
    vec![AreaCode::Other(super::clip(name.trim()), super::clip(value))]
}

/// A SAME or FIPS code of five or six digits.
#[must_use]
pub fn same(value: &str) -> Option<AreaCode> {
    if !value.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    match value.len() {
        5 => Some(AreaCode::Same(format!("0{value}"))),
        6 => Some(AreaCode::Same(value.to_owned())),
        _ => None,
    }
}

/// The kind of hazard of a SAME event code (47 CFR 11.31 (e), NWS 10-1712).
#[must_use]
pub fn same_hazard(code: &str) -> Option<Hazard> {
    Some(match code {
        "HUW" | "HUA" | "HLS" | "TRW" | "TRA" | "TYW" | "TYA" => Hazard::Hurricane,
        "TOR" | "TOA" | "TOE" => Hazard::Tornado,
        "FFW" | "FFA" | "FFS" | "FLW" | "FLA" | "FLS" | "CFW" | "CFA" | "SSW" | "SSA" | "DBW" | "DBA"
        | "TSW" | "TSA" => Hazard::Flood,
        "FRW" | "WFW" | "WFA" => Hazard::Wildfire,
        "BZW" | "WSW" | "WSA" | "SQW" | "ISW" | "LSW" => Hazard::WinterStorm,
        "EQW" => Hazard::Earthquake,
        "VOW" | "VOA" | "AFW" => Hazard::VolcanicAsh,
        "POS" => Hazard::PowerOutage,
        "IFW" => Hazard::Fire,
        _ => return None,
    })
}

/// The kind of hazard from the words of an event's name, in English or French.
#[must_use]
pub fn hazard_of_words(event: &str) -> Hazard {
    const WORDS: [(&[&str], Hazard); 13] = [
        (&["hurricane", "tropical", "typhoon", "cyclone", "ouragan"], Hazard::Hurricane),
        (&["tornado", "tornade"], Hazard::Tornado),
        (
            &["winter", "blizzard", "snow", "ice", "freez", "frost", "wind chill", "extreme cold", "neige"],
            Hazard::WinterStorm,
        ),
        (&["flood", "storm surge", "tsunami", "inondation", "dam break"], Hazard::Flood),
        (&["wildfire", "wild fire", "red flag", "fire weather", "forest fire", "feu de"], Hazard::Wildfire),
        (&["earthquake", "seisme", "séisme"], Hazard::Earthquake),
        (&["volcan", "ashfall", "ash fall"], Hazard::VolcanicAsh),
        (&["power outage", "blackout", "electric"], Hazard::PowerOutage),
        (&["cyber", "ransomware", "denial of service"], Hazard::CyberAttack),
        (&["pandemic", "epidemic", "outbreak"], Hazard::PandemicSurge),
        (&["strike", "embargo", "port closure"], Hazard::CarrierStoppage),
        (&["industrial fire", "structure fire", "warehouse fire"], Hazard::Fire),
        (&["human error"], Hazard::HumanError),
    ];
    let event = event.to_lowercase();
    let has = |word: &&str| {
        event.match_indices(*word).any(|(at, _)| {
            // At the start of a word, so that "notice" is not ice.
            !event[..at].chars().next_back().is_some_and(char::is_alphanumeric)
        })
    };
    WORDS.iter().find(|(words, _)| words.iter().any(has)).map_or(Hazard::Other, |(_, kind)| *kind)
}

#[cfg(test)]
mod tests {
    use super::{AreaCode, Vtec, hazard_of_words, ugc};
    use holdfast_domain::incident::Hazard;

    #[test]
    fn vtec_reads_every_field() {
        let vtec = Vtec::parse("/O.CON.KDLH.BZ.W.0002.000000T0000Z-211228T0000Z/").unwrap();
        assert_eq!(vtec.event_key(), "KDLH.BZ.W.0002");
        assert_eq!((vtec.begin, vtec.end.unwrap().to_string().as_str()), (None, "2021-12-28T00:00:00Z"));
        assert_eq!((vtec.hazard(), vtec.ends_event()), (Hazard::WinterStorm, false));
        let check = |text: &str| assert_eq!(Vtec::parse(text), None, "{text}");
        check("/O.CON.KDLH.BZ.W.0002.000000T0000Z/");
        check("/O.ZZZ.KDLH.BZ.W.0002.000000T0000Z-211228T0000Z/");
        check("/O.CON.KDLH.BZ.W.0002.000000T0000Z-219928T0000Z/");
        check("/00000.0.ER.000000T0000Z.000000T0000Z.000000T0000Z.OO/");
    }

    #[test]
    fn ugc_expands_lists_and_ranges() {
        let (codes, expires) = ugc("FLZ447-MNZ020>022-\n025-TXC201-ALC000-042145-").unwrap();
        let zone = |state: &str, number| AreaCode::UgcZone(state.to_owned(), number);
        let county = |state: &str, number| AreaCode::UgcCounty(state.to_owned(), number);
        let expected = [
            zone("FL", 447),
            zone("MN", 20),
            zone("MN", 21),
            zone("MN", 22),
            zone("MN", 25),
            county("TX", 201),
            county("AL", 0),
        ];
        assert_eq!((codes.as_slice(), expires), (expected.as_slice(), Some((4, 21, 45))));
        for bad in ["", "447", "FLZ4", "FLZ030>020", "Northern Brevard-", "042145-", "FLZé47"] {
            assert_eq!(ugc(bad), None, "{bad}");
        }
    }

    #[test]
    fn words_name_the_hazard() {
        let check = |words: &str, kind| assert_eq!(hazard_of_words(words), kind, "{words}");
        check("Tropical Storm Warning", Hazard::Hurricane);
        check("Ice Storm Warning", Hazard::WinterStorm);
        check("Local Area Notice", Hazard::Other);
        check("Flash Flood Watch", Hazard::Flood);
        check("Red Flag Warning", Hazard::Wildfire);
        check("thunderstorm", Hazard::Other);
    }
}
