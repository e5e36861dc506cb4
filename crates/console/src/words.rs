//! Words: every sentence by its key, numbers, dates and money as the language writes them.
//!
//! A key that is missing shows as `⟦key⟧`; the tests look for that mark on every page, so none ships.

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use holdfast_domain::money::{Currency, Money, group_thousands};
use holdfast_domain::time::{Day, Span, Stamp, Zone};
use jiff::tz::TimeZoneDatabase;

/// A language of the console.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Locale {
    /// English.
    #[default]
    En,
    /// Korean.
    Ko,
}

impl Locale {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::En, Self::Ko];

    /// Its tag, as in `lang`.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Ko => "ko",
        }
    }

    /// The locale of a tag such as `ko-KR`; `None` for others.
    #[must_use]
    pub fn of(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next()?.to_ascii_lowercase();
        Self::ALL.into_iter().find(|locale| locale.tag() == primary)
    }

    /// The text of its messages.
    #[must_use]
    pub const fn source(self) -> &'static str {
        match self {
            Self::En => {
                concat!(
                    include_str!("../locales/en/console.ftl"),
                    include_str!("../locales/en/paper.ftl"),
                    include_str!("../locales/en/rooms.ftl"),
                    include_str!("../locales/en/halls.ftl"),
                    include_str!("../locales/en/plan.ftl")
                )
            }
            Self::Ko => {
                concat!(
                    include_str!("../locales/ko/console.ftl"),
                    include_str!("../locales/ko/paper.ftl"),
                    include_str!("../locales/ko/rooms.ftl"),
                    include_str!("../locales/ko/halls.ftl"),
                    include_str!("../locales/ko/plan.ftl")
                )
            }
        }
    }
}

type Bundle = FluentBundle<FluentResource>;

fn bundle(locale: Locale) -> Bundle {
    // What the parser cannot read is left out, and shows as a missing key; a test reads both files strictly.
    let resource = match FluentResource::try_new(locale.source().to_owned()) {
        Ok(resource) | Err((resource, _)) => resource,
    };
    let mut bundle = Bundle::new_concurrent(vec![locale.tag().parse().unwrap_or_default()]);
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(|value, _| match value {
        FluentValue::Number(number) if number.value.fract() == 0.0 => Some(grouped(number.value as i64)),
        _ => None,
    }));
    // A key that is there twice keeps its first text; the test of the files finds it.
    let _ = bundle.add_resource(resource);
    bundle
}

static EN: LazyLock<Bundle> = LazyLock::new(|| bundle(Locale::En));
static KO: LazyLock<Bundle> = LazyLock::new(|| bundle(Locale::Ko));

/// The words of one language.
#[derive(Clone, Copy, Debug)]
pub struct Words {
    /// Which.
    pub locale: Locale,
}

/// `say!(words, "key", n = 3)`: a message with its variables.
macro_rules! say {
    ($words:expr, $id:expr $(, $name:ident = $value:expr)* $(,)?) => {
        $words.with($id, &[$((stringify!($name), $crate::words::Arg::from($value))),*])
    };
}
pub(crate) use say;

/// A variable of a message.
#[derive(Clone, Debug)]
pub enum Arg {
    /// A number: chooses the plural and is grouped.
    Number(i64),
    /// A text.
    Text(String),
}

macro_rules! numbers {
    ($($int:ty),*) => {$(
        impl From<$int> for Arg {
            fn from(number: $int) -> Self {
                Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
            }
        }
    )*};
}
numbers!(u8, u16, u32, u64, usize, i32, i64);

impl From<&str> for Arg {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Arg {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

/// A name from outside, fenced so that its direction of writing stays its own.
pub(crate) fn name(text: &str) -> String {
    format!("\u{2068}{text}\u{2069}")
}

impl Words {
    /// The words of a language.
    #[must_use]
    pub const fn of(locale: Locale) -> Self {
        Self { locale }
    }

    fn bundle(self) -> &'static Bundle {
        match self.locale {
            Locale::En => &EN,
            Locale::Ko => &KO,
        }
    }

    /// The message `id`, which has no variables.
    #[must_use]
    pub fn say(self, id: &str) -> String {
        self.with(id, &[])
    }

    /// The message `id`, where there is one.
    #[must_use]
    pub fn known(self, id: &str) -> Option<String> {
        self.bundle().has_message(id).then(|| self.say(id))
    }

    /// The message `id` with variables.
    #[must_use]
    pub fn with(self, id: &str, args: &[(&str, Arg)]) -> String {
        let missing = || format!("⟦{id}⟧");
        let bundle = self.bundle();
        let Some(pattern) = bundle.get_message(id).and_then(|message| message.value()) else {
            return missing();
        };
        let mut fluent = FluentArgs::new();
        for (name, arg) in args {
            match arg {
                Arg::Number(number) => fluent.set(*name, *number),
                Arg::Text(text) => fluent.set(*name, text.clone()),
            }
        }
        let mut errors = Vec::new();
        let said = bundle.format_pattern(pattern, Some(&fluent), &mut errors).into_owned();
        if errors.is_empty() { said } else { missing() }
    }

    /// `12,345`.
    #[must_use]
    pub fn number(self, number: impl TryInto<i64>) -> String {
        grouped(number.try_into().unwrap_or(i64::MAX))
    }

    /// `12.3` with so many decimals.
    #[must_use]
    pub fn decimal(self, number: f64, decimals: usize) -> String {
        if !number.is_finite() {
            return self.say("none");
        }
        let text = format!("{:.decimals$}", number.abs());
        let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
        let sign =
            if number < 0.0 && text.bytes().any(|digit| (b'1'..=b'9').contains(&digit)) { "−" } else { "" };
        let whole = whole.parse().map_or_else(|_| whole.to_owned(), group_thousands);
        if rest.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{rest}") }
    }

    /// `12.3 %`, `12.3%`.
    #[must_use]
    pub fn percent(self, share: f64, decimals: usize) -> String {
        say!(self, "percent", value = self.decimal(share * 100.0, decimals))
    }

    /// `$1,234.50`, `12,000원`.
    #[must_use]
    pub fn money(self, money: Money) -> String {
        let digits = money.currency().digits();
        let (scale, minor) = (10_u64.pow(digits), money.minor().unsigned_abs());
        let mut amount = group_thousands(minor / scale);
        if digits > 0 {
            amount += &format!(".{:0width$}", minor % scale, width = digits as usize);
        }
        let sign = if money.minor() < 0 { "−" } else { "" };
        let code = money.currency().code().to_owned();
        format!("{sign}{}", say!(self, "money", code = code, amount = amount))
    }

    /// Money without its minor part, for headlines: `$1,235`.
    #[must_use]
    pub fn money_whole(self, money: Money) -> String {
        let scale = 10_i64.pow(money.currency().digits());
        let whole = (money.minor() as f64 / scale as f64).round() as i64;
        let sign = if whole < 0 { "−" } else { "" };
        let amount = group_thousands(whole.unsigned_abs());
        let code = money.currency().code().to_owned();
        format!("{sign}{}", say!(self, "money", code = code, amount = amount))
    }

    /// Minor units of the operator's or a merchant's currency.
    #[must_use]
    pub fn minor(self, minor: i64, currency: Currency) -> String {
        self.money(Money::new(minor, currency))
    }

    /// `13 Sep 2018`, `2018년 9월 13일`.
    #[must_use]
    pub fn day(self, day: Day) -> String {
        self.with("date", &date_args(day))
    }

    /// `Thu 13 Sep`, `9월 13일 (목)`: without the year, where the year is plain.
    #[must_use]
    pub fn day_short(self, day: Day) -> String {
        self.with("date-short", &date_args(day))
    }

    /// Date and time in a zone, with the zone's abbreviation.
    #[must_use]
    pub fn moment(self, at: Stamp, zone: &Zone) -> String {
        let (day, ms) = at.local(zone);
        let time = clock(ms);
        say!(self, "moment", date = self.day(day), time = time, zone = zone_short(at, zone))
    }

    /// Date and time without year and zone, for dense tables whose caption names the zone.
    #[must_use]
    pub fn moment_short(self, at: Stamp, zone: &Zone) -> String {
        let (day, ms) = at.local(zone);
        say!(self, "moment-short", date = self.day_short(day), time = clock(ms))
    }

    /// A length of time in its two greatest units: `2 d 4 h`.
    #[must_use]
    pub fn span(self, span: Span) -> String {
        let minutes = span.0 / 60_000;
        let (days, hours, rest) = (minutes / 1440, minutes / 60 % 24, minutes % 60);
        match (days, hours) {
            (0, 0) => say!(self, "span-m", m = rest),
            (0, _) if rest == 0 => say!(self, "span-h", h = hours),
            (0, _) => say!(self, "span-hm", h = hours, m = rest),
            (_, 0) => say!(self, "span-d", d = days),
            _ => say!(self, "span-dh", d = days, h = hours),
        }
    }

    /// How long ago, or how soon.
    #[must_use]
    pub fn since(self, at: Stamp, now: Stamp) -> String {
        if at > now {
            say!(self, "in-span", span = self.span(at.since(now)))
        } else if now.since(at).0 < 60_000 {
            self.say("just-now")
        } else {
            say!(self, "ago", span = self.span(now.since(at)))
        }
    }
}

fn date_args(day: Day) -> [(&'static str, Arg); 4] {
    let date = day.to_civil();
    [
        // As text: a year is not grouped.
        ("year", Arg::Text(date.year().to_string())),
        ("month", Arg::Number(date.month().into())),
        ("day", Arg::Number(date.day().into())),
        ("weekday", Arg::Number(i64::from(day.weekday()) + 1)),
    ]
}

fn clock(ms: u32) -> String {
    format!("{:02}:{:02}", ms / 3_600_000, ms / 60_000 % 60)
}

fn zone_short(at: Stamp, zone: &Zone) -> String {
    static DATABASE: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);
    DATABASE.get(zone.name()).map_or_else(
        |_| zone.name().to_owned(),
        |zone| at.to_jiff().to_zoned(zone).strftime("%Z").to_string(),
    )
}

fn grouped(number: i64) -> String {
    let sign = if number < 0 { "−" } else { "" };
    format!("{sign}{}", group_thousands(number.unsigned_abs()))
}
