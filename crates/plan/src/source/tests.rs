use holdfast_domain::id::{LaneId, SiteId};
use rand::RngExt as _;
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;

use super::{FAR, Offer, Question, SourceError, Why, explain, source};

struct Case {
    offers: Vec<Offer>,
    costs: Vec<i64>,
    backorder: Vec<Option<i64>>,
}

impl Case {
    fn question(&self) -> Question<'_> {
        Question { offers: &self.offers, line_costs: &self.costs, backorder: &self.backorder }
    }

    fn random(rng: &mut ChaCha8Rng, lines: usize, offers: usize) -> Self {
        let offer = |number: usize, rng: &mut ChaCha8Rng| Offer {
            site: SiteId(number as u16),
            lane: LaneId(number as u32),
            day: 0,
            parcel: rng.random_range(0..1000),
            may: rng.random_range(0..1_u64 << lines),
        };
        Self {
            offers: (0..offers).map(|number| offer(number, rng)).collect(),
            costs: (0..offers * lines).map(|_| rng.random_range(0..600)).collect(),
            backorder: (0..lines).map(|_| rng.random_bool(0.8).then(|| rng.random_range(0..2000))).collect(),
        }
    }

    /// Every assignment of lines to offers or backorder, tried one by one.
    fn exhaustive(&self) -> i64 {
        let lines = self.backorder.len();
        let ways = self.offers.len() + 1;
        let mut best = i64::MAX;
        for mut number in 0..ways.pow(lines as u32) {
            let mut opened = vec![false; self.offers.len()];
            let mut cost = 0;
            for line in 0..lines {
                let way = number % ways;
                number /= ways;
                if way == 0 {
                    cost += self.backorder[line].unwrap_or(FAR);
                } else if self.offers[way - 1].may >> line & 1 == 1 {
                    opened[way - 1] = true;
                    cost += self.costs[(way - 1) * lines + line];
                } else {
                    cost += FAR;
                }
            }
            let parcels = self.offers.iter().zip(opened).filter(|(_, opened)| *opened);
            best = best.min(cost + parcels.map(|(offer, _)| offer.parcel).sum::<i64>());
        }
        best
    }
}

#[test]
fn up_to_four_lines_nothing_is_cheaper_than_the_answer() {
    let seed = 20_221_003;
    eprintln!("seed {seed}");
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    for _ in 0..3000 {
        let (lines, offers) = (rng.random_range(1..=4), rng.random_range(0..=4));
        let case = Case::random(&mut rng, lines, offers);
        let sourced = source(&case.question()).unwrap();
        let unserved = sourced.lines.iter().zip(&case.backorder);
        let unserved = unserved.filter(|(line, backorder)| line.is_none() && backorder.is_none()).count();
        assert_eq!(sourced.cost() + unserved as i64 * FAR, case.exhaustive());
        assert!(sourced.exact);
    }
}

#[test]
fn six_lines_over_three_offers_are_exact_and_longer_orders_never_beat_the_exact_answer() {
    let seed = 7;
    eprintln!("seed {seed}");
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut apart = 0;
    for _ in 0..60 {
        let mut case = Case::random(&mut rng, 6, 3);
        case.backorder.fill(Some(1500));
        let exact = source(&case.question()).unwrap().cost();
        assert_eq!(exact, case.exhaustive());
        let long = super::long::route(&case.question());
        assert!(long.cost() >= exact && !long.exact);
        apart += i32::from(long.cost() > exact);
    }
    assert!(apart < 30, "the heuristic missed the optimum {apart} times of 60");
}

#[test]
fn every_offer_that_was_not_taken_is_told_what_it_would_have_cost() {
    let offer =
        |site: u16, parcel, may| Offer { site: SiteId(site), lane: LaneId(site.into()), day: 0, parcel, may };
    let case = Case {
        offers: vec![offer(0, 500, 0b01), offer(1, 700, 0b11), offer(2, 500, 0b01)],
        costs: vec![10, 0, 60, 60, 10, 0],
        backorder: vec![Some(2500), None],
    };
    let sourced = source(&case.question()).unwrap();
    assert_eq!(sourced.lines.as_slice(), [Some(1), Some(1)]);
    let told: Vec<_> = explain(&case.question(), &sourced).iter().map(|u| (u.line, u.offer, u.why)).collect();
    let dearer = Why::Dearer(450);
    assert_eq!(told, [(0, 0, dearer), (0, 2, dearer), (1, 0, Why::MayNot), (1, 2, Why::MayNot)]);
}

#[test]
fn lists_that_do_not_fit_and_negative_costs_are_refused() {
    let offers = [Offer { site: SiteId(0), lane: LaneId(0), day: 0, parcel: 1, may: 1 }];
    let question = Question { offers: &offers, line_costs: &[], backorder: &[Some(1)] };
    assert!(matches!(source(&question), Err(SourceError::Size { found: 0, expected: 1, .. })));
    let question = Question { offers: &offers, line_costs: &[-1], backorder: &[Some(1)] };
    assert_eq!(source(&question), Err(SourceError::Cost(-1)));
    let question = Question { offers: &[], line_costs: &[], backorder: &[] };
    assert_eq!(source(&question).unwrap().cost(), 0);
}
