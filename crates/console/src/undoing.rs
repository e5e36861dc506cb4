//! What taking a plan back would come to now: tried on a copy of the state by the same rules that would do it.
//!
//! Invariant: nothing is changed; what is said here is what the journal would say, were it asked at this version.

use std::collections::{BTreeMap, BTreeSet};

use holdfast_domain::command::Command;
use holdfast_domain::event::Event;
use holdfast_domain::id::{OrderId, PlanId};
use holdfast_domain::plan_record::Move;
use holdfast_domain::state::State;
use holdfast_domain::time::Stamp;
use holdfast_engine::step::{Ask, Engine};

/// Orders that stay are named at most.
pub const NAMED_MAX: usize = 30;

/// Why an order stays where the plan has put it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stays {
    /// Its new site has been told, or it has left.
    AtWork,
    /// It was changed since: moved again, cancelled in part, archived.
    Changed,
    /// It is held.
    Held,
    /// It had no site before.
    WasNowhere,
    /// A lane it went by is closed.
    LaneClosed,
    /// The site it would go back to takes no orders.
    SiteShut,
    /// The site it came from cannot take it now: goods or capacity have gone to others, or a part of it is taken over.
    NoRoom,
}

impl Stays {
    /// Every reason, in order.
    pub const ALL: [Self; 7] = [
        Self::AtWork,
        Self::Changed,
        Self::Held,
        Self::WasNowhere,
        Self::LaneClosed,
        Self::SiteShut,
        Self::NoRoom,
    ];

    /// The word used in keys.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::AtWork => "at-work",
            Self::Changed => "changed",
            Self::Held => "held",
            Self::WasNowhere => "was-nowhere",
            Self::LaneClosed => "lane-closed",
            Self::SiteShut => "site-shut",
            Self::NoRoom => "no-room",
        }
    }
}

/// What taking a plan back would come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Undoing {
    /// Orders that would go back.
    pub back: u32,
    /// Orders that would stay, by why.
    pub stay: BTreeMap<Stays, u32>,
    /// The first of those.
    pub named: Vec<(OrderId, Stays)>,
}

/// Tries to take back the executed `moves` of a plan; `None` where the rules refuse it as a whole.
#[must_use]
pub fn of(engine: &Engine, plan: PlanId, moves: Vec<Move>, at: Stamp) -> Option<Undoing> {
    let mut copy = engine.clone();
    let command = Command::UndoPlan { plan, moves: moves.clone().into() };
    let at = at.max(copy.state.stamp);
    let entry = copy.step(&Ask { command, actor: "console".into(), key: None }, at).ok()?;
    let went_back = |event: &Event| match event {
        Event::OrderMoved { order, .. } => Some(*order),
        _ => None,
    };
    let back: BTreeSet<OrderId> = entry.events.iter().filter_map(went_back).collect();
    let mut out = Undoing { back: u32::try_from(back.len()).unwrap_or(u32::MAX), ..Undoing::default() };
    // What a plan has skipped when it was carried out is not where it was to go: it does not stay by this.
    let mut seen = BTreeSet::new();
    for change in moves.iter().filter(|change| !back.contains(&change.order)) {
        if seen.insert(change.order) {
            let why = stays(&engine.state, change);
            *out.stay.entry(why).or_default() += 1;
            if out.named.len() < NAMED_MAX {
                out.named.push((change.order, why));
            }
        }
    }
    Some(out)
}

fn stays(state: &State, change: &Move) -> Stays {
    let Ok(order) = state.order(change.order) else { return Stays::Changed };
    if order.hold.is_some() {
        return Stays::Held;
    }
    if change.from.is_empty() {
        return Stays::WasNowhere;
    }
    if order.lines.iter().flat_map(|line| &line.allocations).any(|given| given.shipment.is_some()) {
        return Stays::AtWork;
    }
    let given = |line: u16| order.lines.get(usize::from(line)).map(|line| &line.allocations);
    let there = change
        .to
        .iter()
        .all(|(line, new)| given(*line).is_some_and(|given| given.iter().any(|one| one.site == new.site)));
    if !there {
        return Stays::Changed;
    }
    if change.from.iter().any(|(_, old)| !state.lane_is_open(old.lane)) {
        return Stays::LaneClosed;
    }
    let shut = |site| state.site(site).is_ok_and(|(_, now)| !now.access.takes_orders());
    if change.from.iter().any(|(_, old)| shut(old.site)) { Stays::SiteShut } else { Stays::NoRoom }
}
