//! Pages: each screen with its address, read from a path and a query and written back.

use holdfast_domain::id::{IncidentId, MerchantId, OrderId, ServiceId, ShipmentId, SiteId, SkuId, ZoneId};
use holdfast_domain::incident::{Hazard, LaneRule};
use holdfast_domain::network::{Country, LaneKind};

/// The paths pages are served under; `{id}` stands for one segment.
pub const ROUTES: [&str; 26] = [
    "/",
    "/orders",
    "/orders/{id}",
    "/stock",
    "/stock/{id}",
    "/sites",
    "/sites/{id}",
    "/lanes",
    "/incidents",
    "/incidents/new",
    "/incidents/{id}",
    "/preview",
    "/before",
    "/before/figure",
    "/statistics",
    "/settings",
    "/people",
    "/audit",
    "/support",
    "/notices",
    "/drills",
    "/drills/{id}",
    "/connections",
    "/connections/{id}",
    "/shipments",
    "/packing",
];

/// The longest text a query may carry for one field, in characters.
pub const TEXT_MAX: usize = 200;
/// The most values one field may have.
pub const VALUES_MAX: usize = 2_000;

/// Which orders.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrderQuery {
    /// Part of a number or postal code, or an id.
    pub text: String,
    /// A status' key, or `open`, `risk`.
    pub status: String,
    /// With units at this site.
    pub site: Option<SiteId>,
    /// Of this merchant.
    pub merchant: Option<MerchantId>,
    /// Only orders before this one, for the next page.
    pub before: Option<OrderId>,
}

/// Which stock.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StockQuery {
    /// Part of a code, name or category.
    pub text: String,
    /// At this site.
    pub site: Option<SiteId>,
    /// Of this merchant.
    pub merchant: Option<MerchantId>,
    /// `sole`, `short`, `quarantined` or `out`.
    pub flag: String,
    /// Only SKUs from this one on.
    pub from: Option<SkuId>,
}

/// A loss that is looked at before anybody acts: also what is then done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PreviewQuery {
    /// Sites to close.
    pub sites: Vec<SiteId>,
    /// Lanes to close.
    pub rule: Option<LaneRule>,
    /// Because of this incident.
    pub incident: Option<IncidentId>,
    /// `close` (default), `limit` or `embargo`.
    pub what: String,
}

/// Which shipments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShipmentQuery {
    /// A stage's key; empty for all.
    pub stage: String,
    /// From this site.
    pub site: Option<SiteId>,
    /// Only shipments before this one, for the next page.
    pub before: Option<ShipmentId>,
}

/// Where the packing table is: everything that was scanned stands in the address, so that nothing is lost by a reload.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PackingQuery {
    /// What is packed.
    pub shipment: Option<ShipmentId>,
    /// The papers, as they were scanned.
    pub papers: String,
    /// The units, as they were scanned, in their order.
    pub scans: Vec<String>,
    /// The last scan that was turned away, and the word of why.
    pub refused: Option<(String, String)>,
}

/// A screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Page {
    /// How things stand.
    Now,
    /// Orders.
    Orders(OrderQuery),
    /// One order.
    Order(OrderId),
    /// Stock by SKU.
    Stock(StockQuery),
    /// One SKU.
    Sku(SkuId),
    /// Sites.
    Sites,
    /// One site.
    Site(SiteId),
    /// Lanes.
    Lanes,
    /// Incidents.
    Incidents,
    /// Declare one; hazard and sites may be filled in.
    NewIncident(Option<Hazard>, Vec<SiteId>),
    /// Declare a potential incident: everything is filled in.
    DeclareThreat(String),
    /// The incident room; the plan's orders from a place on.
    Incident(IncidentId, usize),
    /// A loss before it is acted on.
    Preview(PreviewQuery),
    /// Before the disaster.
    Before,
    /// Where a figure comes from.
    Figure(String),
    /// Statistics.
    Statistics,
    /// The house as it is set up.
    Settings,
    /// People.
    People,
    /// The audit trail, before a version.
    Audit(Option<u64>),
    /// Support desk.
    Support(String),
    /// Notices and alarms.
    Notices,
    /// Drills: the library, the schedule, what was held.
    Drills,
    /// One drill that was held, by its number.
    Drill(u32),
    /// Shops, carriers, endpoints.
    Connections,
    /// One shop, with what differs.
    Connection(String),
    /// Shipments.
    Shipments(ShipmentQuery),
    /// The packing table.
    Packing(PackingQuery),
}

/// Fields of a query or form, in the order they came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields(pub Vec<(String, String)>);

impl Fields {
    /// The first value of `name`, trimmed; empty where there is none or it is too long.
    #[must_use]
    pub fn one(&self, name: &str) -> &str {
        let short = |value: &&str| value.chars().count() <= TEXT_MAX;
        self.values(name).find(short).unwrap_or_default()
    }

    /// All values of `name`, at most [`VALUES_MAX`].
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.values(name).filter(|value| value.chars().count() <= TEXT_MAX).take(VALUES_MAX)
    }

    fn values<'a, 'n>(&'a self, name: &'n str) -> impl Iterator<Item = &'a str> + use<'a, 'n> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.trim())
    }

    /// The value of `name` read as a type; `None` where it is empty or none.
    #[must_use]
    pub fn read<T: core::str::FromStr>(&self, name: &str) -> Option<T> {
        self.one(name).parse().ok()
    }

    /// All values of `name` that can be read.
    #[must_use]
    pub fn reads<T: core::str::FromStr>(&self, name: &str) -> Vec<T> {
        self.all(name).filter_map(|value| value.parse().ok()).collect()
    }
}

/// The rule of lanes that fields describe; `None` where they describe none.
#[must_use]
pub fn lane_rule(fields: &Fields) -> Option<LaneRule> {
    let carrier = fields.one("carrier");
    let rule = LaneRule {
        site: fields.read::<SiteId>("from_site"),
        service: fields.read::<ServiceId>("service"),
        carrier: (!carrier.is_empty()).then(|| carrier.into()),
        zones: fields.reads::<ZoneId>("zone"),
        country: Country::new(fields.one("country")),
        cross_border: fields.one("cross_border") == "yes",
        kind: lane_kind(fields.one("kind")),
    };
    (rule != LaneRule::default()).then_some(rule)
}

/// The channel of a key.
#[must_use]
pub fn lane_kind(key: &str) -> Option<LaneKind> {
    LANE_KINDS.into_iter().find(|kind| lane_kind_key(*kind) == key)
}

/// All channels.
pub const LANE_KINDS: [LaneKind; 8] = [
    LaneKind::Parcel,
    LaneKind::Air,
    LaneKind::Ferry,
    LaneKind::StoreHub,
    LaneKind::PickUp,
    LaneKind::Courier,
    LaneKind::ZoneSkip,
    LaneKind::OwnVan,
];

/// The key of a channel.
#[must_use]
pub const fn lane_kind_key(kind: LaneKind) -> &'static str {
    match kind {
        LaneKind::Parcel => "parcel",
        LaneKind::Air => "air",
        LaneKind::Ferry => "ferry",
        LaneKind::StoreHub => "store-hub",
        LaneKind::PickUp => "pick-up",
        LaneKind::Courier => "courier",
        LaneKind::ZoneSkip => "zone-skip",
        LaneKind::OwnVan => "own-van",
    }
}

impl Page {
    /// The page of a path and its query; `None` where there is none.
    #[must_use]
    pub fn parse(path: &str, fields: &Fields) -> Option<Self> {
        let trimmed = path.trim_matches('/');
        let segments: Vec<&str> = if trimmed.is_empty() { Vec::new() } else { trimmed.split('/').collect() };
        Some(match segments.as_slice() {
            [] => Self::Now,
            ["orders"] => Self::Orders(OrderQuery {
                text: fields.one("q").to_owned(),
                status: fields.one("status").to_owned(),
                site: fields.read("site"),
                merchant: fields.read("merchant"),
                before: fields.read("before"),
            }),
            ["orders", id] => Self::Order(id.parse().ok()?),
            ["stock"] => Self::Stock(StockQuery {
                text: fields.one("q").to_owned(),
                site: fields.read("site"),
                merchant: fields.read("merchant"),
                flag: fields.one("flag").to_owned(),
                from: fields.read("from"),
            }),
            ["stock", id] => Self::Sku(id.parse().ok()?),
            ["sites"] => Self::Sites,
            ["sites", id] => Self::Site(id.parse().ok()?),
            ["lanes"] => Self::Lanes,
            ["incidents"] => Self::Incidents,
            ["incidents", "new"] if !fields.one("threat").is_empty() => {
                Self::DeclareThreat(fields.one("threat").to_owned())
            }
            ["incidents", "new"] => {
                Self::NewIncident(Hazard::from_key(fields.one("hazard")), fields.reads("site"))
            }
            ["incidents", id] => Self::Incident(id.parse().ok()?, fields.read("from").unwrap_or(0)),
            ["preview"] => Self::Preview(PreviewQuery {
                sites: fields.reads("site"),
                rule: lane_rule(fields),
                incident: fields.read("incident"),
                what: fields.one("what").to_owned(),
            }),
            ["before"] => Self::Before,
            ["before", "figure"] => Self::Figure(fields.one("id").to_owned()),
            ["statistics"] => Self::Statistics,
            ["settings"] => Self::Settings,
            ["people"] => Self::People,
            ["audit"] => Self::Audit(fields.read("before")),
            ["support"] => Self::Support(fields.one("q").to_owned()),
            ["notices"] => Self::Notices,
            ["drills"] => Self::Drills,
            ["drills", number] => Self::Drill(number.parse().ok()?),
            ["connections"] => Self::Connections,
            ["connections", id] if id.len() <= TEXT_MAX => Self::Connection((*id).to_owned()),
            ["shipments"] => Self::Shipments(ShipmentQuery {
                stage: fields.one("stage").to_owned(),
                site: fields.read("site"),
                before: fields.read("before"),
            }),
            ["packing"] => Self::Packing(PackingQuery::of(fields)),
            _ => return None,
        })
    }

    /// Its address, which [`Page::parse`] reads back.
    #[must_use]
    pub fn address(&self) -> String {
        let mut to = Address::default();
        match self {
            Self::Now => to.path = "/".to_owned(),
            Self::Orders(query) => {
                to.path = "/orders".to_owned();
                to.text("q", &query.text);
                to.text("status", &query.status);
                to.id("site", query.site);
                to.id("merchant", query.merchant);
                to.id("before", query.before);
            }
            Self::Order(id) => to.path = format!("/orders/{id}"),
            Self::Stock(query) => {
                to.path = "/stock".to_owned();
                to.text("q", &query.text);
                to.id("site", query.site);
                to.id("merchant", query.merchant);
                to.text("flag", &query.flag);
                to.id("from", query.from);
            }
            Self::Sku(id) => to.path = format!("/stock/{id}"),
            Self::Sites => to.path = "/sites".to_owned(),
            Self::Site(id) => to.path = format!("/sites/{id}"),
            Self::Lanes => to.path = "/lanes".to_owned(),
            Self::Incidents => to.path = "/incidents".to_owned(),
            Self::NewIncident(hazard, sites) => {
                to.path = "/incidents/new".to_owned();
                to.text("hazard", hazard.map_or("", Hazard::key));
                sites.iter().for_each(|site| to.id("site", Some(*site)));
            }
            Self::DeclareThreat(threat) => {
                to.path = "/incidents/new".to_owned();
                to.text("threat", threat);
            }
            Self::Incident(id, from) => {
                to.path = format!("/incidents/{id}");
                to.id("from", (*from > 0).then_some(*from));
            }
            Self::Preview(query) => {
                to.path = "/preview".to_owned();
                query.sites.iter().for_each(|site| to.id("site", Some(*site)));
                if let Some(rule) = &query.rule {
                    rule_fields(rule).iter().for_each(|(name, value)| to.text(name, value));
                }
                to.id("incident", query.incident);
                to.text("what", &query.what);
            }
            Self::Before => to.path = "/before".to_owned(),
            Self::Figure(id) => {
                to.path = "/before/figure".to_owned();
                to.text("id", id);
            }
            Self::Statistics => to.path = "/statistics".to_owned(),
            Self::Settings => to.path = "/settings".to_owned(),
            Self::People => to.path = "/people".to_owned(),
            Self::Audit(before) => {
                to.path = "/audit".to_owned();
                to.id("before", *before);
            }
            Self::Notices => to.path = "/notices".to_owned(),
            Self::Drills => to.path = "/drills".to_owned(),
            Self::Drill(number) => to.path = format!("/drills/{number}"),
            Self::Connections => to.path = "/connections".to_owned(),
            Self::Connection(id) => to.path = format!("/connections/{}", encoded(id)),
            Self::Shipments(query) => {
                to.path = "/shipments".to_owned();
                to.text("stage", &query.stage);
                to.id("site", query.site);
                to.id("before", query.before);
            }
            Self::Packing(query) => {
                to.path = "/packing".to_owned();
                to.id("shipment", query.shipment);
                to.text("papers", &query.papers);
                query.scans.iter().for_each(|scan| to.text("scan", scan));
                if let Some((scan, why)) = &query.refused {
                    to.text("refused", scan);
                    to.text("why", why);
                }
            }
            Self::Support(text) => {
                to.path = "/support".to_owned();
                to.text("q", text);
            }
        }
        to.done()
    }

    /// Orders of a status.
    #[must_use]
    pub fn orders(status: &str) -> Self {
        Self::Orders(OrderQuery { status: status.to_owned(), ..OrderQuery::default() })
    }
}

/// The fields that describe a rule of lanes, as [`lane_rule`] reads them.
#[must_use]
pub fn rule_fields(rule: &LaneRule) -> Vec<(&'static str, String)> {
    let mut fields = Vec::new();
    fields.extend(rule.site.map(|site| ("from_site", site.to_string())));
    fields.extend(rule.service.map(|service| ("service", service.to_string())));
    fields.extend(rule.carrier.as_ref().map(|carrier| ("carrier", carrier.to_string())));
    fields.extend(rule.zones.iter().map(|zone| ("zone", zone.to_string())));
    fields.extend(rule.country.map(|country| ("country", country.code().to_owned())));
    fields.extend(rule.cross_border.then(|| ("cross_border", "yes".to_owned())));
    fields.extend(rule.kind.map(|kind| ("kind", lane_kind_key(kind).to_owned())));
    fields
}

impl PackingQuery {
    /// As fields have it, of an address or a form.
    #[must_use]
    pub fn of(fields: &Fields) -> Self {
        let (refused, why) = (fields.one("refused"), fields.one("why"));
        Self {
            shipment: fields.read("shipment"),
            papers: fields.one("papers").to_owned(),
            scans: fields.all("scan").filter(|scan| !scan.is_empty()).map(str::to_owned).collect(),
            refused: (!why.is_empty()).then(|| (refused.to_owned(), why.to_owned())),
        }
    }
}

#[derive(Default)]
struct Address {
    path: String,
    query: String,
}

impl Address {
    fn text(&mut self, name: &str, value: &str) {
        if !value.is_empty() {
            let mark = if self.query.is_empty() { '?' } else { '&' };
            self.query += &format!("{mark}{name}={}", encoded(value));
        }
    }

    fn id(&mut self, name: &str, value: Option<impl core::fmt::Display>) {
        if let Some(value) = value {
            self.text(name, &value.to_string());
        }
    }

    fn done(self) -> String {
        self.path + &self.query
    }
}

/// Text for a query, percent-encoded.
#[must_use]
pub fn encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            other => out += &format!("%{other:02X}"),
        }
    }
    out
}
