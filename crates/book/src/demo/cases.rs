//! Three small worlds for the re-planner: one warehouse that burns, two of which one goes dark, and a
//! third-party company with fourteen sites and sixty merchants.

use holdfast_domain::time::Day;

use crate::demo::Options;
use crate::demo::build::{MerchantSpec, Spec, UNITED_STATES, build};
use crate::demo::channel;
use crate::demo::florence::{
    ATLANTA, CAPACITY_PERCENT, COLUMBUS, COVER, DALLAS, HARRISBURG, JOLIET, MEMPHIS, NEW_YORK, NEWARK,
    ONTARIO, PARTNER, RENO,
};
use crate::demo::goods::Catalogue;
use crate::demo::site::SiteSpec;
use crate::model::Book;

/// Merchants of the largest of the three.
const SIXTY: usize = 60;

/// A merchant with one warehouse of its own and nobody beside it: 1 site, 1 merchant. What a third-party company
/// could take over is the caller's to add.
#[must_use]
pub fn one_warehouse(seed: u64, options: &Options) -> Book {
    case(&[COLUMBUS.with_sole_stock()], 1, seed, options)
}

/// A merchant with a warehouse on either side of the country: 2 sites, 1 merchant.
#[must_use]
pub fn two_warehouses(seed: u64, options: &Options) -> Book {
    case(&[HARRISBURG, RENO], 1, seed, options)
}

/// A third-party company with two centres and three merchants of its own, that could carry somebody else's orders
/// beside them: their codes begin with `host`.
#[must_use]
pub fn third_party(seed: u64, options: &Options) -> Book {
    let guests = (0..3).map(|at| {
        let (code, name) = (format!("host{:02}", at + 1), format!("Host {:02}", at + 1));
        MerchantSpec { code, name, ..merchant(at) }
    });
    case_of(&[HARRISBURG, MEMPHIS], guests.collect(), seed, options)
}

/// A third-party company: 14 sites, 60 merchants with about 31 SKUs each, weights of fairness from 50 to 200; beside
/// the carriers' parcels a courier round its store, trucks to hubs far away, and pick-up points.
#[must_use]
pub fn fourteen_sites_sixty_merchants(seed: u64, options: &Options) -> Book {
    const SITES: [SiteSpec; 14] = [
        HARRISBURG,
        ATLANTA,
        MEMPHIS,
        DALLAS,
        RENO,
        ONTARIO,
        COLUMBUS,
        JOLIET,
        NEWARK,
        SiteSpec::centre("ORF1", "Norfolk VA", 36.8508, -76.2859, "23502", "VA", "51710", NEW_YORK, 8),
        SiteSpec::centre("LAL1", "Lakeland FL", 28.0395, -81.9498, "33815", "FL", "12105", NEW_YORK, 8),
        SiteSpec::centre("SDF1", "Louisville KY", 38.2527, -85.7585, "40213", "KY", "21111", NEW_YORK, 8),
        SiteSpec::centre("CLT2", "Charlotte NC", 35.2271, -80.8431, "28206", "NC", "37119", NEW_YORK, 8)
            .as_store(),
        SiteSpec::centre("GSP9", "Greenville SC", 34.8526, -82.394, "29605", "SC", "45045", NEW_YORK, 0)
            .standby(PARTNER),
    ];
    let mut book = case(&SITES, SIXTY, seed, options);
    channel::add(&mut book, &SITES);
    book
}

fn case(sites: &[SiteSpec], merchants: usize, seed: u64, options: &Options) -> Book {
    case_of(sites, (0..merchants).map(merchant).collect(), seed, options)
}

fn case_of(sites: &[SiteSpec], merchants: Vec<MerchantSpec>, seed: u64, options: &Options) -> Book {
    let day = |text: &str| text.parse::<Day>().expect("the demo's days are dates");
    let spec = Spec {
        locale: &UNITED_STATES,
        sites,
        catalogue: Catalogue::dealt(merchants.len(), None),
        merchants,
        first: day("2018-09-07"),
        days: 18,
        holidays: &[day("2018-09-03"), day("2018-11-22")],
        threat: None,
        orders: options.orders,
        cover: COVER,
        capacity_percent: CAPACITY_PERCENT,
    };
    build(&spec, seed)
}

/// Merchant `at`: weights and costs in turn, so that no two neighbours are alike.
fn merchant(at: usize) -> MerchantSpec {
    let turn = at as i64;
    MerchantSpec {
        code: format!("shop{:02}", at + 1),
        name: format!("Shop {:02}", at + 1),
        line_split: at.is_multiple_of(3),
        fairness_weight: [100, 50, 200, 100][at % 4],
        late: 200 + turn % 5 * 75,
        backorder: 1200 + turn % 7 * 300,
    }
}
