//! Orders too long for every partition: open what saves most, then close what no longer pays.

use super::{FAR, LINES_MAX, OFFERS_MAX, Question, Sourced, leave, told};

struct Ways<'a> {
    question: &'a Question<'a>,
    count: usize,
    at: [Option<u8>; LINES_MAX],
    open: [bool; OFFERS_MAX],
}

/// Routes an order of any length up to [`LINES_MAX`] lines.
pub(super) fn route(question: &Question) -> Sourced {
    let count = question.backorder.len();
    let mut ways = Ways { question, count, at: [None; LINES_MAX], open: [false; OFFERS_MAX] };
    while let Some(offer) = ways.most_saving() {
        ways.open[offer] = true;
        for line in 0..count {
            if ways.cost(offer, line) < ways.now(line) {
                ways.at[line] = Some(offer as u8);
            }
        }
    }
    while ways.close_one() {}
    told(question, ways.at[..count].iter().copied(), count == 0)
}

impl Ways<'_> {
    fn cost(&self, offer: usize, line: usize) -> i64 {
        if self.question.offers[offer].may >> line & 1 == 1 {
            self.question.line_costs[offer * self.count + line]
        } else {
            FAR
        }
    }

    fn now(&self, line: usize) -> i64 {
        self.at[line].map_or_else(|| leave(self.question, line), |offer| self.cost(usize::from(offer), line))
    }

    /// The closed offer that saves most over what the lines cost now, its parcel paid; the first of equals.
    fn most_saving(&self) -> Option<usize> {
        let mut best = (0_i128, None);
        for (number, offer) in
            self.question.offers.iter().enumerate().filter(|(number, _)| !self.open[*number])
        {
            let gains =
                (0..self.count).map(|line| i128::from((self.now(line) - self.cost(number, line)).max(0)));
            let saved = gains.sum::<i128>() - i128::from(offer.parcel);
            if saved > best.0 {
                best = (saved, Some(number));
            }
        }
        best.1
    }

    fn elsewhere(&self, line: usize, but: usize) -> (i64, Option<u8>) {
        let mut best = (leave(self.question, line), None);
        for offer in 0..self.question.offers.len() {
            if offer != but && self.open[offer] && self.cost(offer, line) < best.0 {
                best = (self.cost(offer, line), Some(offer as u8));
            }
        }
        best
    }

    fn close_one(&mut self) -> bool {
        for offer in 0..self.question.offers.len() {
            if !self.open[offer] {
                continue;
            }
            let mine = (0..self.count).filter(|&line| self.at[line] == Some(offer as u8));
            let extra: i128 =
                mine.map(|line| i128::from(self.elsewhere(line, offer).0 - self.cost(offer, line))).sum();
            if extra <= i128::from(self.question.offers[offer].parcel) {
                self.open[offer] = false;
                for line in 0..self.count {
                    if self.at[line] == Some(offer as u8) {
                        self.at[line] = self.elsewhere(line, offer).1;
                    }
                }
                return true;
            }
        }
        false
    }
}
