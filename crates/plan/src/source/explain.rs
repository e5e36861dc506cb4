//! Why a line goes where it goes: for every other offer, what it would have cost. Computed when asked for.

use smallvec::SmallVec;

use super::{Offer, Question, Sourced, route};

/// An offer a line did not take.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Unchosen {
    /// Which line.
    pub line: usize,
    /// Which offer.
    pub offer: usize,
    /// Why not.
    pub why: Why,
}

/// Why an offer was not taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Why {
    /// It may not carry the line: no stock, no lane, a class it may not handle.
    MayNot,
    /// The whole order would cost this much more with the line there, everything else at its best.
    Dearer(i64),
    /// It would cost the same; the earlier offer was taken.
    Same,
}

/// Every offer each line did not take, with the reason. For orders that were not routed exactly the
/// differences are of heuristic answers, and one below zero is told as [`Why::Same`].
#[must_use]
pub fn explain(question: &Question, sourced: &Sourced) -> Vec<Unchosen> {
    let mut unchosen = Vec::new();
    for (line, chosen) in sourced.lines.iter().enumerate() {
        for offer in 0..question.offers.len() {
            if *chosen != Some(offer as u8) {
                unchosen.push(Unchosen { line, offer, why: why(question, sourced, line, offer) });
            }
        }
    }
    unchosen
}

fn why(question: &Question, sourced: &Sourced, line: usize, offer: usize) -> Why {
    if question.offers[offer].may >> line & 1 == 0 {
        return Why::MayNot;
    }
    let offers: SmallVec<[Offer; 16]> = question
        .offers
        .iter()
        .enumerate()
        .map(|(number, &at)| if number == offer { at } else { Offer { may: at.may & !(1 << line), ..at } })
        .collect();
    let mut backorder: SmallVec<[Option<i64>; 8]> = question.backorder.iter().copied().collect();
    backorder[line] = None;
    let forced = route(&Question { offers: &offers, backorder: &backorder, ..*question });
    // A line left out of the count where it must ship would look cheap: only the same terms compare.
    match forced.cost() - sourced.cost() {
        more if more > 0 => Why::Dearer(more),
        _ => Why::Same,
    }
}
