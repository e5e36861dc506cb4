//! Exposure to fixed areas, to the shipped storms, and the chances of Florence's official forecasts.

use holdfast_domain::place::Place;
use holdfast_domain::time::{Span, Stamp};
use proptest::prelude::{ProptestConfig, prop_assert, proptest};

use super::{
    ActRule, AsOf, Basis, Chance, Confidence, Ensemble, ErrorModel, Footprint, Target, chances, exposures,
    latest_public,
};
use crate::geo::{Area, Circle};
use crate::storms::{florence_2018, florence_2018_forecasts, hinnamnor_2022};
use crate::track::{Forecast, Sweep};

const SEED: u64 = 2018;

fn at(lat: f64, lon: f64) -> Place {
    Place::new(lat, lon).unwrap()
}

fn sites() -> Vec<(&'static str, Target)> {
    [
        ("Wilmington", at(34.2257, -77.9447)),
        ("Norfolk", at(36.8508, -76.2859)),
        ("Atlanta", at(33.749, -84.388)),
    ]
    .into_iter()
    .map(|(name, place)| (name, Target::Site(place)))
    .collect()
}

fn forecast(initial: &str) -> Forecast {
    let initial: Stamp = initial.parse().unwrap();
    florence_2018_forecasts().into_iter().find(|forecast| forecast.initial == initial).unwrap()
}

fn chance(forecast: &Forecast, samples: u32) -> Vec<Chance<&'static str>> {
    chances(forecast, &ErrorModel::nhc_atlantic_2018(), &sites(), &[34, 50, 64], samples, SEED)
}

/// Probabilities of 64 kt for Wilmington and Norfolk.
fn at_64(forecast: &Forecast) -> [f64; 2] {
    let all = chance(forecast, 400);
    let of = |name| all.iter().find(|c| c.key == name && c.threshold_kt == 64).unwrap().probability;
    [of("Wilmington"), of("Norfolk")]
}

#[test]
fn a_fixed_area_hits_sites_lanes_and_zones() {
    let area = Area::Circle(Circle::new(at(34.0, -78.0), 30_000.0).unwrap());
    let (from, until) = (Stamp(1_000), Some(Stamp(2_000)));
    let footprint = Footprint::Fixed { area, from, until, confidence: Confidence::Observed };
    let targets = [
        (1, Target::Site(at(34.2, -78.0))),
        (2, Target::Site(at(35.0, -78.0))),
        (3, Target::Lane(vec![at(35.0, -78.0), at(33.0, -78.0)])),
        (4, Target::Lane(vec![at(35.0, -78.0), at(36.0, -78.0)])),
        (5, Target::Zone { centre: at(35.0, -78.0), radius_m: 90_000.0 }),
        (6, Target::Zone { centre: at(35.0, -78.0), radius_m: 0.0 }),
    ];
    let hit: Vec<i32> = exposures(&footprint, &targets)
        .into_iter()
        .filter(|exposed| !exposed.exposures.is_empty())
        .map(|exposed| exposed.key)
        .collect();
    assert_eq!(hit, [1, 3, 5]);
    let written = serde_json::to_string(&footprint).unwrap();
    assert_eq!(serde_json::from_str::<Footprint>(&written).unwrap(), footprint);
}

#[test]
fn florence_cuts_the_road_to_wilmington_before_the_town() {
    let footprint = Footprint::Storm { track: florence_2018(), basis: Basis::Observed };
    let coast = vec![at(34.2257, -77.9447), at(34.7, -76.7)];
    let inland = vec![at(35.7796, -78.6382), at(36.07, -79.79)];
    let targets = [
        ("town", sites()[0].1.clone()),
        ("coast road", Target::Lane(coast)),
        ("inland road", Target::Lane(inland)),
        ("zone", Target::Zone { centre: at(34.2257, -77.9447), radius_m: 20_000.0 }),
    ];
    let all = exposures(&footprint, &targets);
    let first = |i: usize| all[i].exposures.iter().find(|e| e.threshold_kt == Some(64)).copied();
    let (town, road, zone) = (first(0).unwrap(), first(1).unwrap(), first(3).unwrap());
    assert!(road.enters < town.enters && road.leaves >= town.leaves && zone.enters < town.enters);
    assert_eq!(town.confidence, Confidence::Observed);
    assert!(first(2).is_none());
    assert!(all[0].peak_wind_kt.unwrap().1 <= all[1].peak_wind_kt.unwrap().1);
}

#[test]
fn a_forecast_beyond_its_radii_says_so() {
    let track = forecast("2018-09-10T18:00:00Z").track;
    let footprint = Footprint::Storm { track, basis: Basis::Forecast };
    let all = exposures(&footprint, &sites());
    let hit = all[0].exposures.iter().find(|e| e.threshold_kt == Some(64)).unwrap();
    // 64 kt radii end at 48 hours; the storm was forecast near Wilmington after 72.
    assert_eq!(hit.confidence, Confidence::ForecastDerived);
    assert!(all[2].exposures.is_empty());
}

#[test]
fn the_chance_for_wilmington_rises_to_one_and_for_norfolk_falls_to_nothing() {
    let [early, _] = at_64(&forecast("2018-09-06T00:00:00Z"));
    let [days_before, norfolk_days_before] = at_64(&forecast("2018-09-10T06:00:00Z"));
    let [day_before, norfolk_day_before] = at_64(&forecast("2018-09-13T06:00:00Z"));
    let [last, norfolk_last] = at_64(&forecast("2018-09-14T06:00:00Z"));
    assert!(early < 0.1 && (0.1..0.6).contains(&days_before), "{early} {days_before} (seed {SEED})");
    assert!(day_before > 0.6 && last > 0.98, "{day_before} {last} (seed {SEED})");
    assert!(norfolk_days_before > 0.02 && norfolk_day_before < 0.01 && norfolk_last == 0.0);
    let all: Vec<[f64; 2]> = florence_2018_forecasts().iter().map(at_64).collect();
    let best = |site: usize| (0..all.len()).max_by(|a, b| all[*a][site].total_cmp(&all[*b][site])).unwrap();
    let initial = |i: usize| florence_2018_forecasts()[i].initial;
    assert!(
        initial(best(1)) < "2018-09-12T00:00:00Z".parse().unwrap(),
        "Norfolk peaks at {}",
        initial(best(1))
    );
    assert!(initial(best(0)) > "2018-09-13T12:00:00Z".parse().unwrap(), "Wilmington at {}", initial(best(0)));
    assert!(all[best(1)][1] < 0.2);
}

#[test]
fn the_middle_estimate_of_arrival_comes_true_within_half_a_day() {
    let came = Sweep::new(&florence_2018()).windows(at(34.2257, -77.9447), 64)[0].enters;
    for initial in ["2018-09-11T18:00:00Z", "2018-09-12T12:00:00Z", "2018-09-13T06:00:00Z"] {
        let all = chance(&forecast(initial), 400);
        let enters = all[2].enters.unwrap();
        assert!(enters.p10 <= enters.p50 && enters.p50 <= enters.p90);
        let off = enters.p50.since(came).0.max(came.since(enters.p50).0);
        assert!(off < Span::hours(12).0, "{initial}: {} instead of {came} (seed {SEED})", enters.p50);
    }
}

#[test]
fn the_same_seed_gives_the_same_bits_and_another_does_not() {
    let forecast = forecast("2018-09-11T00:00:00Z");
    assert_eq!(chance(&forecast, 200), chance(&forecast, 200));
    let model = ErrorModel::nhc_atlantic_2018();
    let other = chances(&forecast, &model, &sites(), &[34, 50, 64], 200, SEED + 1);
    assert_ne!(chance(&forecast, 200), other);
    // A sample does not depend on how many there are or on what else is asked.
    let (few, many) = (
        Ensemble::new(&forecast, &model, &[34, 50, 64], 3, SEED),
        Ensemble::new(&forecast, &model, &[34, 50, 64], 50, SEED),
    );
    let targets: Vec<Target> = sites().into_iter().map(|(_, target)| target).collect();
    assert_eq!(few.outcomes(&targets, 34)[..], many.outcomes(&targets, 34)[..3]);
    assert_eq!(few.outcomes(&targets[..1], 34)[2][0], many.outcomes(&targets, 34)[2][0]);
}

#[test]
fn without_errors_every_sample_is_the_forecast() {
    let forecast = forecast("2018-09-12T12:00:00Z");
    let exact = ErrorModel::nhc_atlantic_2018().scaled(0.0);
    for chance in chances(&forecast, &exact, &sites(), &[34, 50, 64], 5, SEED) {
        let sweep = Sweep::for_thresholds(&forecast.track, &[34, 50, 64]);
        let Target::Site(place) = sites().into_iter().find(|(name, _)| *name == chance.key).unwrap().1 else {
            panic!("a site")
        };
        let windows = sweep.windows(place, chance.threshold_kt);
        assert_eq!(chance.probability, if windows.is_empty() { 0.0 } else { 1.0 }, "{chance:?}");
        if let (Some(window), Some(enters)) = (windows.first(), chance.enters) {
            assert!(enters.p50.0.abs_diff(window.enters.0) <= 2_000);
        }
    }
}

#[test]
fn sampled_errors_are_as_large_as_published() {
    let forecast = forecast("2018-09-10T00:00:00Z");
    let model = ErrorModel::nhc_atlantic_2018();
    let ensemble = Ensemble::new(&forecast, &model, &[34], 2_000, SEED);
    let centre =
        |sweep: &Sweep, hours| sweep.centre(forecast.initial.after(Span::hours(hours))).unwrap().place;
    let true_track = Sweep::new(&forecast.track);
    for (lead_h, circle_nm) in [(24, 43.0), (72, 103.0), (120, 198.0)] {
        let within = (0..ensemble.samples())
            .filter(|i| {
                let place = centre(&ensemble.sample(*i), lead_h);
                place.distance_m(centre(&true_track, lead_h)) <= circle_nm * 1_852.0
            })
            .count();
        let share = within as f64 / f64::from(ensemble.samples());
        assert!((share - 2.0 / 3.0).abs() < 0.03, "{lead_h} h: {share} within {circle_nm} nm (seed {SEED})");
    }
}

#[test]
fn errors_carry_over_from_lead_to_lead() {
    let forecast = forecast("2018-09-10T00:00:00Z");
    let model = ErrorModel::nhc_atlantic_2018();
    let ensemble = Ensemble::new(&forecast, &model, &[34], 2_000, SEED);
    let true_track = Sweep::new(&forecast.track);
    let off = |sweep: &Sweep, hours| {
        let at = forecast.initial.after(Span::hours(hours));
        let (a, b) = (sweep.centre(at).unwrap(), true_track.centre(at).unwrap());
        [a.place.lat() - b.place.lat(), a.wind_kt - b.wind_kt]
    };
    for axis in [0, 1] {
        let (mut xy, mut xx, mut yy) = (0.0, 0.0, 0.0);
        for number in 0..ensemble.samples() {
            let sample = ensemble.sample(number);
            let (x, y) = (off(&sample, 24)[axis], off(&sample, 48)[axis]);
            (xy, xx, yy) = (xy + x * y, xx + x * x, yy + y * y);
        }
        // 0.9 per 12 hours is 0.81 over 24.
        let correlation = xy / (xx * yy).sqrt();
        assert!((correlation - 0.81).abs() < 0.05, "axis {axis}: {correlation} (seed {SEED})");
    }
}

#[test]
fn the_chances_score_better_than_the_forecast_taken_as_certain() {
    let grid: Vec<(u16, Target)> = (0..49)
        .map(|i| (i, Target::Site(at(32.0 + 0.8 * f64::from(i / 7), -81.0 + 0.7 * f64::from(i % 7)))))
        .collect();
    let best = Sweep::new(&florence_2018());
    let model = ErrorModel::nhc_atlantic_2018();
    let span = "2018-09-07T00:00:00Z".parse().unwrap().."2018-09-14T06:00:00Z".parse().unwrap();
    let mut scores = [[0.0; 2]; 3];
    for forecast in florence_2018_forecasts().iter().filter(|forecast| span.contains(&forecast.initial)) {
        let end = forecast.track.fixes.last().unwrap().at;
        let sweep = Sweep::for_thresholds(&forecast.track, &[34, 50, 64]);
        let all = chances(forecast, &model, &grid, &[34, 50, 64], 100, SEED);
        for (i, chance) in all.iter().enumerate() {
            let Target::Site(place) = grid[usize::from(chance.key)].1 else { panic!("a site") };
            let came = best
                .windows(place, chance.threshold_kt)
                .iter()
                .any(|window| window.leaves > forecast.initial && window.enters < end);
            let certain = !sweep.windows(place, chance.threshold_kt).is_empty();
            let truth = f64::from(u8::from(came));
            scores[i % 3][0] += (chance.probability - truth).powi(2);
            scores[i % 3][1] += (f64::from(u8::from(certain)) - truth).powi(2);
        }
    }
    // The Brier score, less is better; by threshold.
    for [chance, certain] in scores {
        assert!(chance < certain, "{chance} against {certain} (seed {SEED})");
    }
}

#[test]
fn rules_call_when_a_forecast_is_public_and_not_before() {
    let known: Vec<AsOf<&str>> = florence_2018_forecasts()
        .iter()
        .filter(|forecast| forecast.initial >= "2018-09-09T00:00:00Z".parse().unwrap())
        .map(|forecast| AsOf::new(forecast, chance(forecast, 200)))
        .collect();
    let rule = ActRule::AtChance { threshold_kt: 64, at_least: 0.5 };
    let call = rule.first_call(&known, &"Wilmington").unwrap();
    assert!(call.chance.probability >= 0.5 && call.at == call.initial.after(Span::hours(3)));
    assert!(known.iter().filter(|as_of| as_of.initial < call.initial).all(|as_of| {
        as_of.chances.iter().all(|c| c.key != "Wilmington" || c.threshold_kt != 64 || c.probability < 0.5)
    }));
    assert!(rule.first_call(&known, &"Norfolk").is_none());
    let hasty = ActRule::AtChance { threshold_kt: 34, at_least: 0.3 };
    assert!(hasty.first_call(&known, &"Norfolk").unwrap().at < call.at);
    let late = ActRule::AtChanceWithin { threshold_kt: 64, at_least: 0.5, within: Span::hours(24) };
    assert!(late.first_call(&known, &"Wilmington").unwrap().at > call.at);
    assert!(ActRule::Never.first_call(&known, &"Wilmington").is_none());
    assert!(rule.first_call(&known, &"Nowhere").is_none());
    let day_before: Stamp = "2018-09-13T11:15:00Z".parse().unwrap();
    // The forecast of 06 UTC is public at 09; that of 12 UTC has not been made.
    let latest = latest_public(&known, day_before).unwrap();
    assert_eq!(latest.initial, "2018-09-13T06:00:00Z".parse().unwrap());
    assert!(latest_public(&known, Stamp(0)).is_none());
}

#[test]
fn a_forecast_without_radii_hits_nothing() {
    let mut bare = forecast("2018-09-12T00:00:00Z");
    bare.track.fixes.iter_mut().for_each(|fix| fix.radii.clear());
    assert!(chance(&bare, 20).iter().all(|chance| chance.probability == 0.0 && chance.enters.is_none()));
    bare.track.fixes.clear();
    assert!(chance(&bare, 20).iter().all(|chance| chance.probability == 0.0));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn wider_winds_hold_whatever_narrower_ones_held(
        lat in 31.0..37.0_f64,
        lon in 125.0..132.0_f64,
        times in 1.0..2.0_f64,
    ) {
        let track = hinnamnor_2022();
        let mut wide = track.clone();
        for radii in wide.fixes.iter_mut().flat_map(|fix| &mut fix.radii) {
            radii.quadrants_nm = radii.quadrants_nm.map(|nm| nm * times);
        }
        let (narrow, wide) = (Sweep::new(&track), Sweep::new(&wide));
        for threshold_kt in [30, 50] {
            let held = wide.windows(at(lat, lon), threshold_kt);
            for inner in narrow.windows(at(lat, lon), threshold_kt) {
                prop_assert!(held.iter().any(|w| w.enters <= inner.enters && inner.leaves <= w.leaves));
            }
        }
        prop_assert!(wide.peak_wind_kt(at(lat, lon)).unwrap().1 >= narrow.peak_wind_kt(at(lat, lon)).unwrap().1 - 1e-9);
    }
}
