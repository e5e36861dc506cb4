//! What stock is worth: one good, several places, several outlooks, and the cheapest service in each.
//!
//! For given stock the expected cost of the second stage is exact (a transportation problem per outlook). For
//! given prices of stock in each outlook there is a lower bound that holds whatever the prices are, once they are
//! scaled so that no place earns more than a unit there costs: [`bound`]. The two meet at the optimum.

use crate::facility::transport::{self, Flow, Transport};

/// One state of the world for one good.
#[derive(Clone, Debug, PartialEq)]
pub struct Outlook {
    /// Its probability.
    pub probability: f64,
    /// By place: the share of its stock that survives and can ship, in [0, 1].
    pub survives: Vec<f64>,
    /// By sink: units demanded.
    pub demand: Vec<f64>,
    /// By place, then sink: cost of shipping a unit; infinite where there is no way.
    pub unit_cost: Vec<f64>,
    /// By sink: cost of a unit left unserved, finite.
    pub unserved: Vec<f64>,
}

/// One good.
#[derive(Clone, Debug, PartialEq)]
pub struct Good {
    /// By place: units that lie there anyway.
    pub held: Vec<f64>,
    /// Cost of a surviving unit that is not used, paid in each outlook.
    pub holding: f64,
    /// The states of the world.
    pub outlooks: Vec<Outlook>,
}

/// The second stage of one outlook.
#[derive(Clone, Debug)]
pub(crate) struct Second {
    /// By place, then sink.
    pub units: Vec<f64>,
    /// By sink.
    pub unserved: Vec<f64>,
}

impl Good {
    /// Number of places.
    #[must_use]
    pub fn places(&self) -> usize {
        self.held.len()
    }

    /// The cheapest service in one outlook with `added` units more at each place.
    pub(crate) fn second(&self, outlook: &Outlook, added: &[f64]) -> Second {
        let (supply, price) = self.supply_and_price(outlook, added);
        let problem = transport(outlook, &supply, &price);
        let flow = solve(&problem);
        Second { units: flow.units, unserved: flow.unserved }
    }

    /// What survives by place, and the price of going without by sink. Using a unit saves its holding, so the
    /// holding is charged to every unit of demand that goes without instead.
    fn supply_and_price(&self, outlook: &Outlook, added: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let stock = self.held.iter().zip(added).zip(&outlook.survives);
        let supply = stock.map(|((held, more), lives)| (held + more) * lives).collect();
        (supply, outlook.unserved.iter().map(|price| price + self.holding).collect())
    }

    /// Holding of everything, less that of everything demanded.
    fn idle(&self, outlook: &Outlook, supply: &[f64]) -> f64 {
        self.holding * (supply.iter().sum::<f64>() - outlook.demand.iter().sum::<f64>())
    }

    /// Expected cost of the second stage.
    pub(crate) fn expected(&self, added: &[f64]) -> f64 {
        let cost = |outlook: &Outlook| {
            let (supply, price) = self.supply_and_price(outlook, added);
            solve(&transport(outlook, &supply, &price)).cost + self.idle(outlook, &supply)
        };
        self.outlooks.iter().map(|outlook| outlook.probability * cost(outlook)).sum()
    }

    /// By place: expected share of a unit that survives.
    pub(crate) fn surviving(&self) -> Vec<f64> {
        let mut share = vec![0.0; self.places()];
        for outlook in &self.outlooks {
            for (share, lives) in share.iter_mut().zip(&outlook.survives) {
                *share += outlook.probability * lives;
            }
        }
        share
    }
}

fn transport<'a>(outlook: &'a Outlook, supply: &'a [f64], price: &'a [f64]) -> Transport<'a> {
    Transport { supply, demand: &outlook.demand, unit_cost: &outlook.unit_cost, unserved: price }
}

fn solve(problem: &Transport<'_>) -> Flow {
    transport::solve(problem).expect("every unit of demand has a finite price of going without")
}

/// The value of prices of stock (by outlook, by place) as a lower bound of unit cost times stock plus expected
/// second stage over all stocks of 0 or more. Prices are scaled down where a place would earn more than
/// `unit_cost`, so ANY prices are allowed.
pub fn bound(good: &Good, unit_cost: &[f64], prices: &[Vec<f64>]) -> f64 {
    let surviving = good.surviving();
    let mut scale = vec![1.0; good.places()];
    for (place, scale) in scale.iter_mut().enumerate() {
        let earned: f64 = good
            .outlooks
            .iter()
            .zip(prices)
            .map(|(outlook, price)| outlook.probability * outlook.survives[place] * price[place].max(0.0))
            .sum();
        let most = unit_cost[place] + good.holding * surviving[place];
        if earned > most {
            *scale = (most / earned).max(0.0);
        }
    }
    let mut value = 0.0;
    for (outlook, price) in good.outlooks.iter().zip(prices) {
        let sinks = outlook.demand.len();
        let price = |place: usize| price[place].max(0.0) * scale[place];
        let mut here = 0.0;
        for (sink, units) in outlook.demand.iter().enumerate() {
            let mut least = outlook.unserved[sink] + good.holding;
            for place in 0..good.places() {
                if outlook.survives[place] > 0.0 {
                    least = least.min(outlook.unit_cost[place * sinks + sink] + price(place));
                }
            }
            here += units * (least - good.holding);
        }
        for (place, held) in good.held.iter().enumerate() {
            here += held * outlook.survives[place] * (good.holding - price(place));
        }
        value += outlook.probability * here;
    }
    value
}
