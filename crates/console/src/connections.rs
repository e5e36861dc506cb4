//! How the house is linked with shops, carriers and those it tells of what happens. Filled in by who serves.

use holdfast_domain::time::Stamp;

/// A shop.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shop {
    /// Its name in the address of its webhooks.
    pub id: String,
    /// Its make: a word.
    pub kind: String,
    /// Code of the merchant whose shop it is.
    pub merchant: String,
    /// Read and reported, and nothing written to it.
    pub watch: bool,
    /// Whether the shop's own interface is asked.
    pub asked: bool,
    /// When its numbers are written: `incident` or `always`.
    pub stock: String,
    /// Whether it was read whole.
    pub read: bool,
    /// When it was last compared.
    pub compared: Option<Stamp>,
    /// Orders and changes that comparisons found and no webhook had told of.
    pub missed: u64,
    /// When all there was to do was done.
    pub well: Option<Stamp>,
    /// Why not, last: in English.
    pub error: Option<String>,
    /// Numbers that are to go down and have not; where it is watched, that would go down.
    pub down: usize,
    /// Other numbers that are to be set.
    pub other: usize,
    /// Numbers that were taken down and are to be put back.
    pub cuts: usize,
    /// Numbers written since the start.
    pub written: u64,
    /// Orders whose parts wait to be given to another place.
    pub moves: u64,
    /// What a person has to see to at once: in English.
    pub alarm: Option<String>,
    /// What a person should see to: in English.
    pub notes: Vec<String>,
}

/// A difference between a shop and this house.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// When it was found.
    pub at: Stamp,
    /// `stock`, `order`, `sku` or `location`.
    pub kind: String,
    /// The SKU, or the order's number.
    pub sku: String,
    /// The shop's place.
    pub place: String,
    /// Units the shop sells.
    pub shop: Option<i64>,
    /// Units this house would let it sell.
    pub here: Option<i64>,
    /// Units of the shop's orders that are on their way here.
    pub on_the_way: Option<i64>,
    /// Who is right: `here`, `shop`, `both` or `nobody`.
    pub right: String,
    /// Why, and what to do: in English.
    pub why: String,
}

/// An endpoint that is told of what happens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hook {
    /// Its name.
    pub id: String,
    /// The only merchant whose events it hears.
    pub merchant: Option<String>,
    /// The last entry it has taken.
    pub version: u64,
    /// Entries it has not been told yet.
    pub behind: u64,
    /// Tries in a row that failed.
    pub failures: u32,
    /// Since when it is switched off.
    pub off: Option<Stamp>,
    /// Why it failed, last: in English.
    pub error: Option<String>,
}

/// All connections a viewer may see.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Connections {
    /// Shops.
    pub shops: Vec<Shop>,
    /// What the last comparison with the shop on the page found.
    pub differences: Vec<Difference>,
    /// Whether there are more of them than are shown.
    pub more: bool,
    /// Endpoints.
    pub hooks: Vec<Hook>,
    /// Carriers that report by webhook, by name.
    pub carriers: Vec<String>,
    /// Deliveries that are kept because they could not be applied.
    pub waiting: u64,
    /// Whether the viewer may have a shop compared.
    pub may_compare: bool,
    /// Whether the viewer may have an endpoint told again.
    pub may_replay: bool,
}
