//! People: sealed data kept and forgotten.

use super::{Decision, misplaced};
use crate::command::Command;
use crate::event::Event;
use crate::id::{MerchantId, SubjectId};
use crate::reject::Rejection;
use crate::state::{NameKind, State, unknown};

pub(super) fn decide(state: &State, command: &Command) -> Decision {
    match command {
        Command::SealSubject { fingerprint, sealed } => {
            let known: Option<SubjectId> =
                state.named(NameKind::Subject, MerchantId(0), &format!("{fingerprint:032x}"));
            // An erased person who orders again is a new subject: the old key stays destroyed.
            let alive = known.filter(|id| state.subjects.get(*id).is_some_and(|subject| !subject.erased));
            let subject = alive.unwrap_or_else(|| state.subjects.next_id());
            Ok(vec![Event::SubjectSealed { subject, fingerprint: *fingerprint, sealed: sealed.clone() }])
        }
        Command::EraseSubject { subject } => {
            let known = state.subjects.get(*subject).ok_or_else(|| unknown("subject", *subject))?;
            if known.erased {
                return Err(Rejection::SubjectErased {});
            }
            Ok(vec![Event::SubjectErased { subject: *subject }])
        }
        _ => Err(misplaced()),
    }
}
