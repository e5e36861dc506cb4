//! Hurricane Ian, 22 September to 9 October 2022: fourteen sites, two of them on Florida's Gulf coast.
//!
//! Landfall was at Cayo Costa on 28 September 2022 (National Hurricane Center, Tropical Cyclone Report AL092022).
//! Fort Myers lies inside its 64 kt winds, Tampa never does; the book says nothing of it.

use holdfast_domain::time::Day;

use crate::demo::Options;
use crate::demo::build::{Spec, UNITED_STATES, build};
use crate::demo::florence::{
    ATLANTA, CAPACITY_PERCENT, CHICAGO, COLUMBUS, COVER, DALLAS, HARRISBURG, JOLIET, MEMPHIS, NEW_YORK,
    NEWARK, ONTARIO, PARTNER, RENO, catalogue, merchants,
};
use crate::demo::order::Threat;
use crate::demo::site::SiteSpec;
use crate::model::Book;

const SITES: [SiteSpec; 14] = [
    SiteSpec::centre("RSW1", "Fort Myers FL", 26.6406, -81.8723, "33907", "FL", "12071", NEW_YORK, 16)
        .with_sole_stock(),
    SiteSpec::centre("TPA1", "Tampa FL", 27.9506, -82.4572, "33619", "FL", "12057", NEW_YORK, 12),
    SiteSpec::centre("JAX1", "Jacksonville FL", 30.3322, -81.6557, "32218", "FL", "12031", NEW_YORK, 8),
    HARRISBURG,
    ATLANTA,
    MEMPHIS,
    DALLAS,
    RENO,
    ONTARIO,
    COLUMBUS,
    JOLIET,
    NEWARK,
    SiteSpec::centre("MIA2", "Miami FL", 25.7617, -80.1918, "33122", "FL", "12086", NEW_YORK, 8).as_store(),
    SiteSpec::centre("MGM9", "Montgomery AL", 32.3792, -86.3077, "36108", "AL", "01101", CHICAGO, 0)
        .standby(PARTNER),
];

/// The book of the second storm: 14 sites, the merchants and SKUs of [`crate::demo::florence`], and
/// `options.orders` orders placed from 22 September to 9 October 2022.
#[must_use]
pub fn ian(seed: u64, options: &Options) -> Book {
    let day = |text: &str| text.parse::<Day>().expect("the demo's days are dates");
    let spec = Spec {
        locale: &UNITED_STATES,
        sites: &SITES,
        merchants: merchants(),
        catalogue: catalogue(),
        first: day("2022-09-22"),
        days: 18,
        holidays: &[day("2022-09-05"), day("2022-11-24")],
        threat: Some(Threat {
            watched: day("2022-09-24"),
            landfall: day("2022-09-28"),
            states: &["FL", "GA", "SC"],
        }),
        orders: options.orders,
        cover: COVER,
        capacity_percent: CAPACITY_PERCENT,
    };
    build(&spec, seed)
}
