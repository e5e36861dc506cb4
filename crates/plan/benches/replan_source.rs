//! How long one order takes to be routed on arrival, by its number of lines, over 14 sites.
#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "a measurement, not the library")]

use std::hint::black_box;
use std::time::Instant;

use holdfast_domain::id::{LaneId, SiteId};
use holdfast_plan::source::{Offer, Question, source};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

const SITES: usize = 14;
const ORDERS: usize = 1000;
const ROUNDS: usize = 200;

fn main() {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    for lines in [1, 2, 3, 4, 6, 12] {
        let orders: Vec<(Vec<Offer>, Vec<i64>, Vec<Option<i64>>)> = (0..ORDERS)
            .map(|_| {
                let offers = (0..SITES).map(|site| Offer {
                    site: SiteId(site as u16),
                    lane: LaneId(site as u32),
                    day: 0,
                    parcel: rng.random_range(600..1200),
                    may: rng.random_range(0..1_u64 << lines),
                });
                let offers = offers.collect();
                let costs = (0..SITES * lines).map(|_| rng.random_range(0..600)).collect();
                (offers, costs, vec![Some(2500); lines])
            })
            .collect();
        let start = Instant::now();
        for _ in 0..ROUNDS {
            for (offers, line_costs, backorder) in &orders {
                black_box(source(black_box(&Question { offers, line_costs, backorder })).is_ok());
            }
        }
        let nanos = start.elapsed().as_nanos() as f64 / (ORDERS * ROUNDS) as f64;
        println!("{lines:2} lines over {SITES} sites: {nanos:7.0} ns an order");
    }
}
