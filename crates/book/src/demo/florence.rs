//! Hurricane Florence, 7 to 24 September 2018: fourteen sites, five merchants.
//!
//! Landfall was near Wrightsville Beach on 14 September 2018 (National Hurricane Center, Tropical Cyclone Report
//! AL062018). Which site closes is not said here: that is computed from the track and each site's own threshold.

use holdfast_domain::time::Day;

use crate::demo::Options;
use crate::demo::build::{MerchantSpec, Spec, UNITED_STATES, build};
use crate::demo::goods::Catalogue;
use crate::demo::order::Threat;
use crate::demo::site::SiteSpec;
use crate::demo::stock::Cover;
use crate::model::Book;

/// Partner that runs the third-party centre and the standby site.
pub(crate) const PARTNER: &str = "Harbour 3PL";
pub(crate) const NEW_YORK: &str = "America/New_York";
pub(crate) const CHICAGO: &str = "America/Chicago";
pub(crate) const LOS_ANGELES: &str = "America/Los_Angeles";

pub(crate) const MEMPHIS: SiteSpec =
    SiteSpec::centre("MEM1", "Memphis TN", 35.1495, -90.049, "38118", "TN", "47157", CHICAGO, 9);
pub(crate) const DALLAS: SiteSpec =
    SiteSpec::centre("DFW1", "Dallas TX", 32.7767, -96.797, "75212", "TX", "48113", CHICAGO, 9);
pub(crate) const RENO: SiteSpec =
    SiteSpec::centre("RNO1", "Reno NV", 39.5296, -119.8138, "89502", "NV", "32031", LOS_ANGELES, 6);
pub(crate) const ONTARIO: SiteSpec =
    SiteSpec::centre("ONT1", "Ontario CA", 34.0633, -117.6509, "91761", "CA", "06071", LOS_ANGELES, 9);
pub(crate) const COLUMBUS: SiteSpec =
    SiteSpec::centre("CMH1", "Columbus OH", 39.9612, -82.9988, "43207", "OH", "39049", NEW_YORK, 8);
pub(crate) const JOLIET: SiteSpec =
    SiteSpec::centre("JOT1", "Joliet IL", 41.525, -88.0817, "60436", "IL", "17197", CHICAGO, 9);
pub(crate) const HARRISBURG: SiteSpec =
    SiteSpec::centre("MDT1", "Harrisburg PA", 40.2732, -76.8867, "17111", "PA", "42043", NEW_YORK, 9);
pub(crate) const ATLANTA: SiteSpec =
    SiteSpec::centre("ATL1", "Atlanta GA", 33.749, -84.388, "30336", "GA", "13121", NEW_YORK, 10);
pub(crate) const NEWARK: SiteSpec =
    SiteSpec::centre("EWR3", "Newark NJ", 40.7357, -74.1724, "07114", "NJ", "34013", NEW_YORK, 8)
        .run_by(PARTNER);

const SITES: [SiteSpec; 14] = [
    SiteSpec::centre("ILM1", "Wilmington NC", 34.2257, -77.9447, "28401", "NC", "37129", NEW_YORK, 20)
        .with_sole_stock(),
    SiteSpec::centre("ORF1", "Norfolk VA", 36.8508, -76.2859, "23502", "VA", "51710", NEW_YORK, 10),
    HARRISBURG,
    ATLANTA,
    MEMPHIS,
    DALLAS,
    RENO,
    ONTARIO,
    COLUMBUS,
    JOLIET,
    SiteSpec::centre("LAL1", "Lakeland FL", 28.0395, -81.9498, "33815", "FL", "12105", NEW_YORK, 8),
    NEWARK,
    SiteSpec::centre("CLT2", "Charlotte NC", 35.2271, -80.8431, "28206", "NC", "37119", NEW_YORK, 8)
        .as_store(),
    SiteSpec::centre("GSP9", "Greenville SC", 34.8526, -82.394, "29605", "SC", "45045", NEW_YORK, 0)
        .standby(PARTNER),
];

/// The five merchants; the last sells the storm goods.
pub(crate) fn merchants() -> Vec<MerchantSpec> {
    let merchant = |code: &str, name: &str, late, backorder| MerchantSpec {
        code: code.to_owned(),
        name: name.to_owned(),
        line_split: code == READYLINE,
        fairness_weight: 100,
        late,
        backorder,
    };
    vec![
        merchant("tidewater", "Tidewater Office Supply", 250, 1500),
        merchant("longleaf", "Longleaf Furniture", 400, 3500),
        merchant("beacon", "Beacon Electronics", 450, 3000),
        merchant("hearth", "Hearth and Home", 300, 2000),
        merchant(READYLINE, "Readyline Supply", 600, 2500),
    ]
}

const READYLINE: &str = "readyline";

/// The merchant of a sub-category of the sample.
fn home(sub_category: &str) -> usize {
    match sub_category {
        "Bookcases" | "Chairs" | "Tables" => 1,
        "Accessories" | "Copiers" | "Machines" | "Phones" => 2,
        "Appliances" | "Furnishings" | "Storage" => 3,
        _ => 0,
    }
}

/// The catalogue of the five merchants.
pub(crate) fn catalogue() -> Catalogue {
    Catalogue::by_category(home, Some(4))
}

/// Stock and capacity that make the loss of one site a problem, and not a hopeless one.
pub(crate) const COVER: Cover = Cover { percent: 150, storm_percent: 135 };
pub(crate) const CAPACITY_PERCENT: u64 = 145;

/// The book of the main demo: 14 sites, 5 merchants, 1,885 SKUs and `options.orders` orders, placed from
/// 7 to 24 September 2018. Orders are resampled from sample baskets, their days and ship-to drawn by `seed`;
/// see `data/SOURCES.md`.
#[must_use]
pub fn florence(seed: u64, options: &Options) -> Book {
    let day = |text: &str| text.parse::<Day>().expect("the demo's days are dates");
    let spec = Spec {
        locale: &UNITED_STATES,
        sites: &SITES,
        merchants: merchants(),
        catalogue: catalogue(),
        first: day("2018-09-07"),
        days: 18,
        // Labor Day was on the 3rd; Columbus Day is no day off for parcels.
        holidays: &[day("2018-09-03"), day("2018-11-22")],
        threat: Some(Threat {
            watched: day("2018-09-09"),
            landfall: day("2018-09-14"),
            states: &["NC", "SC", "VA"],
        }),
        orders: options.orders,
        cover: COVER,
        capacity_percent: CAPACITY_PERCENT,
    };
    build(&spec, seed)
}
