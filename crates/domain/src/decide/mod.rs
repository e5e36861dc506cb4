//! `decide`: a state and a command give events or a rejection. It changes nothing and knows no time but its stamp.
//!
//! Every event it returns can be applied in order by [`evolve`](crate::evolve::evolve); a rejection means that
//! nothing happened.

mod incident;
mod notice;
mod order;
mod paper;
mod people;
mod plan;
mod setup;
mod shipment;
mod stock;
mod takeover;

use crate::command::Command;
use crate::event::Event;
use crate::reject::Rejection;
use crate::state::State;
use crate::time::Stamp;

pub use incident::matching_lanes;
pub(crate) use order::unreleased;

/// The most lines an order may have.
pub const LINES_MAX: usize = 5_000;

/// What comes of a command.
pub type Decision = Result<Vec<Event>, Rejection>;

/// Decides a command at the moment `at`, which is not before the state's last stamp.
///
/// # Errors
/// A [`Rejection`] with code, cause and remedy; nothing happened.
pub fn decide(state: &State, command: &Command, at: Stamp) -> Decision {
    use Command as C;
    match command {
        C::SetOperator(_)
        | C::AddMerchant(_)
        | C::ChangeMerchant(..)
        | C::AddSite(_)
        | C::ChangeSite(..)
        | C::AddService(_)
        | C::AddZone(_)
        | C::AddLane(_)
        | C::RateLane { .. }
        | C::AddSku(_) => setup::decide(state, command),
        C::ReceiveStock { .. }
        | C::AdjustStock { .. }
        | C::CountStock { .. }
        | C::QuarantineStock { .. }
        | C::ClearStock { .. }
        | C::SendTransfer { .. }
        | C::ReceiveTransfer { .. } => stock::decide(state, command),
        C::SealSubject { .. } | C::EraseSubject { .. } => people::decide(state, command),
        C::PlaceOrder(_)
        | C::HoldOrder { .. }
        | C::FreeOrder { .. }
        | C::SourceOrder { .. }
        | C::CancelLine { .. }
        | C::CancelOrder { .. }
        | C::MovePromise { .. }
        | C::ArchiveOrder { .. } => order::decide(state, command),
        C::ReleaseWave { .. }
        | C::PickShipment { .. }
        | C::PackShipment { .. }
        | C::ShipShipment { .. }
        | C::ReportException { .. }
        | C::DeliverShipment { .. }
        | C::LoseShipment { .. }
        | C::AskRecall { .. }
        | C::AnswerRecall { .. }
        | C::ResolveDoubt { .. }
        | C::ReceiveReturn { .. } => shipment::decide(state, command),
        C::OpenIncident(_)
        | C::AssessIncident { .. }
        | C::PhaseIncident { .. }
        | C::CloseSite { .. }
        | C::LimitSite { .. }
        | C::ExpectOutage { .. }
        | C::ActivateStandby { .. }
        | C::ReleaseStandby { .. }
        | C::EmbargoLanes { .. }
        | C::LiftEmbargo { .. } => incident::decide(state, command, at),
        C::AdoptPlan(_) | C::ExecuteStep { .. } | C::UndoPlan { .. } | C::AdoptPrices { .. } => {
            plan::decide(state, command, at)
        }
        C::QueueNotice(_)
        | C::WithdrawNotice { .. }
        | C::ReportNotice { .. }
        | C::FireTimer { .. }
        | C::ForgetKeys { .. } => notice::decide(state, command, at),
        C::ShipOnPaper { order, site, lane, packages, day } => {
            paper::shipped(state, *order, *site, *lane, packages, *day)
        }
        C::AskTakeover { .. }
        | C::OfferTakeover { .. }
        | C::AcceptTakeover { .. }
        | C::DeclineTakeover { .. }
        | C::EndTakeover { .. }
        | C::HandBackTakeover { .. } => takeover::decide(state, command, at),
        C::Care(asked) => crate::care::decide(state, asked, "", at),
    }
}

/// As [`decide`], where it matters who asks: a code, never a name.
///
/// # Errors
/// As [`decide`].
pub fn decide_as(state: &State, command: &Command, actor: &str, at: Stamp) -> Decision {
    match command {
        Command::Care(asked) => crate::care::decide(state, asked, actor, at),
        _ => decide(state, command, at),
    }
}

/// The rejection of a command that was handed to the wrong room: a mistake in [`decide`]'s table.
fn misplaced() -> Rejection {
    Rejection::Invalid { field: "command", why: "it was decided in the wrong place" }
}
