//! Orders of the demo books: baskets of the sample drawn again, on other days, to other places.
//!
//! A customer and a moment are drawn; then the order is either a basket of the sample (drawn with replacement)
//! or, with a chance that rises with the declared surge where a storm threatens, a basket of storm goods. The
//! promise is what a careful shop would say at that moment: one working day to ship, the days of the service
//! from the nearest site that holds each line, and some slack.

use holdfast_domain::quantity::Quantity;
use holdfast_domain::time::{Calendar, Day, Stamp, Zone};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use crate::demo::chance::{Weighted, chance};
use crate::demo::geo::Area;
use crate::demo::goods::{Catalogue, Good, Lines};
use crate::demo::people::Person;
use crate::demo::reach::Reach;
use crate::demo::sample::{ShipMode, baskets};
use crate::demo::storm_goods::surge;
use crate::kind::Priority;
use crate::model::{Order, OrderLine};

/// Share of baskets of storm goods in usual times, per mille: assumed.
pub(crate) const STORM_BASKETS_PER_MILLE: u64 = 60;
/// Draws of customer and day before one is taken as it is.
const DRAWS_MAX: u32 = 64;
/// Orders by weekday, Monday first, in parts of a hundred: assumed.
const WEEKDAYS: [u64; 7] = [17, 16, 15, 14, 13, 12, 13];
/// Orders by hour of the local day, in parts of 240: assumed.
const HOURS: [u64; 24] =
    [3, 2, 1, 1, 1, 2, 4, 7, 11, 14, 16, 16, 15, 15, 14, 13, 12, 12, 13, 15, 17, 16, 12, 8];

/// When and where demand for storm goods rises: a day and states.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Threat {
    /// First day people prepare.
    pub(crate) watched: Day,
    /// Day of landfall; what is needed after it counts from the day after.
    pub(crate) landfall: Day,
    /// States whose people buy more.
    pub(crate) states: &'static [&'static str],
}

impl Threat {
    /// Factor on usual demand for a category.
    fn factor(&self, category: &str, day: Day, state: &str) -> u64 {
        let surge = surge(category);
        u64::from(match day {
            _ if !self.states.contains(&state) || day < self.watched => 1,
            _ if day <= self.landfall => surge.before,
            _ => surge.after,
        })
    }

    /// Mean factor over the storm goods, in hundredths.
    fn mean_percent(&self, goods: &[Good], day: Day, state: &str) -> u64 {
        let sum: u64 = goods.iter().map(|good| self.factor(&good.category, day, state)).sum();
        sum * 100 / (goods.len() as u64).max(1)
    }
}

/// What orders are drawn from.
pub(crate) struct OrderInput<'a> {
    pub(crate) seed: u64,
    /// Country every order goes to.
    pub(crate) country: &'a str,
    pub(crate) orders: u32,
    pub(crate) first: Day,
    pub(crate) days: u16,
    pub(crate) zone: &'a Zone,
    pub(crate) calendar: &'a Calendar,
    pub(crate) threat: Option<Threat>,
    pub(crate) catalogue: &'a Catalogue,
    pub(crate) people: &'a [Person],
    pub(crate) areas: &'a [Area],
    pub(crate) reach: &'a Reach,
    pub(crate) holders: &'a [u64],
    pub(crate) merchant_codes: &'a [String],
}

/// An order before it has a number.
struct Draft {
    at: Stamp,
    day: Day,
    person: u32,
    merchant: usize,
    lines: Lines,
    mode: ShipMode,
    vital: bool,
}

/// Draws exactly `input.orders` orders, by time.
pub(crate) fn orders(input: &OrderInput<'_>) -> (Vec<Order>, Vec<OrderLine>) {
    let mut drafts: Vec<Draft> = Vec::with_capacity(input.orders as usize + 4);
    let days: Vec<Day> = (0..input.days).map(|ahead| input.first.plus(i32::from(ahead))).collect();
    let draw = Draw {
        days: Weighted::new(days.iter().map(|day| WEEKDAYS[day.weekday() as usize])),
        hours: Weighted::new(HOURS),
    };
    let midnights: Vec<Stamp> = days.iter().map(|day| day.at(0, input.zone)).collect();
    let mut basket = 0;
    while drafts.len() < input.orders as usize {
        let mut rng = chance(input.seed, "order", basket);
        basket += 1;
        let (day, person, storm) = draw.who_and_when(input, &mut rng, &days);
        let at = Stamp(midnights[day].0 + i64::from(draw.time_ms(&mut rng)));
        let made = if storm {
            storm_basket(input, &mut rng, days[day], person)
        } else {
            sample_basket(input, &mut rng)
        };
        let (mode, vital, made) = made;
        drafts.extend(made.into_iter().map(|(merchant, lines)| Draft {
            at,
            day: days[day],
            person: person as u32,
            merchant,
            lines,
            mode,
            vital,
        }));
    }
    drafts.truncate(input.orders as usize);
    // The sort is stable: orders of one basket stay in the order of their merchants.
    drafts.sort_by_key(|draft| draft.at);
    rows(input, &drafts)
}

struct Draw {
    days: Weighted,
    hours: Weighted,
}

impl Draw {
    /// Position of the day and the customer, and whether it is for storm goods. Where a storm threatens more is
    /// ordered: a draw is taken with a chance in proportion to the demand of that day and state.
    fn who_and_when(
        &self,
        input: &OrderInput<'_>,
        rng: &mut ChaCha8Rng,
        days: &[Day],
    ) -> (usize, usize, bool) {
        let usual = 1000 - STORM_BASKETS_PER_MILLE;
        let demand = |percent: u64| usual * 100 + STORM_BASKETS_PER_MILLE * percent;
        // No category's factor is above 12, so the mean is not either.
        let most = demand(1200);
        let mut drawn = (0, 0, 100);
        for _ in 0..DRAWS_MAX {
            let day = self.days.pick(rng);
            let person = rng.random_range(0..input.people.len());
            let state = input.areas[input.people[person].area as usize].state;
            let percent = input
                .threat
                .map_or(100, |threat| threat.mean_percent(input.catalogue.storm_goods(), days[day], state));
            drawn = (day, person, percent);
            if rng.random_range(0..most) < demand(percent) {
                break;
            }
        }
        let (day, person, percent) = drawn;
        let storm = input.catalogue.storm_merchant.is_some()
            && rng.random_range(0..demand(percent)) < STORM_BASKETS_PER_MILLE * percent;
        (day, person, storm)
    }

    fn time_ms(&self, rng: &mut ChaCha8Rng) -> u32 {
        let hour = self.hours.pick(rng) as u32;
        hour * 3_600_000 + rng.random_range(0..3_600) * 1000
    }
}

type Made = (ShipMode, bool, Vec<(usize, Lines)>);

fn sample_basket(input: &OrderInput<'_>, rng: &mut ChaCha8Rng) -> Made {
    let basket = &baskets()[rng.random_range(0..baskets().len())];
    let turn = rng.random_range(0..input.catalogue.merchants_of_sample());
    (basket.mode, false, input.catalogue.orders_of(basket, turn))
}

/// One to four storm goods, one to four units each; a good is drawn by its category's factor on that day.
fn storm_basket(input: &OrderInput<'_>, rng: &mut ChaCha8Rng, day: Day, person: usize) -> Made {
    let state = input.areas[input.people[person].area as usize].state;
    let factor = |category: &str| input.threat.map_or(1, |threat| threat.factor(category, day, state));
    let goods = input.catalogue.storm_goods();
    let weighted = Weighted::new(goods.iter().map(|good| factor(&good.category)));
    let mut lines: Lines = vec![];
    for _ in 0..rng.random_range(1..=4) {
        let drawn = weighted.pick(rng);
        let good = (input.catalogue.storm_first + drawn) as u32;
        let units = if goods[drawn].single { 1 } else { rng.random_range(1..=4) };
        if !lines.iter().any(|(listed, _)| *listed == good) {
            lines.push((good, units));
        }
    }
    lines.sort_unstable();
    let vital = lines.iter().any(|(good, _)| input.catalogue.goods[*good as usize].vital);
    let mode = if rng.random_range(0..100) < 25 { ShipMode::First } else { ShipMode::Standard };
    let merchant =
        input.catalogue.storm_merchant.expect("storm baskets are drawn only where somebody sells them");
    (mode, vital, vec![(merchant, lines)])
}

fn rows(input: &OrderInput<'_>, drafts: &[Draft]) -> (Vec<Order>, Vec<OrderLine>) {
    let mut numbers = vec![100_000_u32; input.merchant_codes.len()];
    let (mut orders, mut order_lines) = (Vec::with_capacity(drafts.len()), vec![]);
    for draft in drafts {
        numbers[draft.merchant] += 1;
        let merchant = &input.merchant_codes[draft.merchant];
        let number = numbers[draft.merchant].to_string();
        let person = &input.people[draft.person as usize];
        let mut row = Order::new(merchant.clone(), number.clone(), draft.at, input.country.to_owned());
        row.ship_postal.clone_from(&person.row.postal);
        row.ship_city.clone_from(&person.row.city);
        row.customer = Some(person.row.reference.clone());
        row.paid_at = Some(Stamp(draft.at.0 + 60_000));
        row.promised = promise(input, draft);
        row.priority = match draft.mode {
            _ if draft.vital => Priority::Vital,
            ShipMode::SameDay | ShipMode::First => Priority::Express,
            ShipMode::Second | ShipMode::Standard => Priority::Standard,
        };
        orders.push(row);
        for (at, (good, units)) in draft.lines.iter().enumerate() {
            let sku = input.catalogue.goods[*good as usize].code.clone();
            let line = (at + 1).to_string();
            order_lines.push(OrderLine::new(merchant.clone(), number.clone(), line, sku, Quantity(*units)));
        }
    }
    (orders, order_lines)
}

/// The day an order is promised for.
fn promise(input: &OrderInput<'_>, draft: &Draft) -> Option<Day> {
    let area = input.people[draft.person as usize].area as usize;
    let (expedited, slack) = match draft.mode {
        ShipMode::SameDay => (true, 0),
        ShipMode::First => (true, 1),
        ShipMode::Second => (false, 1),
        ShipMode::Standard => (false, 2),
    };
    let days = |(good, _): &(u32, u32)| {
        let site = input.reach.nearest_of(area, input.holders[*good as usize])?;
        Some(input.reach.days(area, site, expedited))
    };
    let slowest = draft.lines.iter().filter_map(days).max().unwrap_or(5);
    input.calendar.plus_working(draft.day, 1 + slowest + slack)
}
