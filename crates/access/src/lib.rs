//! Who may do what: accounts, sign-in, sessions, API keys, second approvals, and a log of it that shows when it is
//! altered.
//!
//! Invariants: no secret is stored or printed, only its digest; a guess costs the guesser before it costs a hash;
//! a device that has signed in before is never locked out by somebody else's guesses; every change is in the log.
//! It knows nothing of orders and nothing of HTTP.

mod approval;
mod audit;
mod breach;
mod key;
mod link;
mod password;
mod right;
mod session;
mod sign_in;
mod store;
mod throttle;
mod totp;
mod user;

pub use approval::{Approval, ApprovalError};
pub use audit::{AuditEntry, AuditFault};
pub use breach::{Breached, BreachedError};
pub use key::KeyInfo;
pub use link::{LinkError, NewAccount};
pub use password::{PASSWORD_MAX, PASSWORD_MIN, PasswordFault};
pub use right::{Principal, Right, Rights, Role};
pub use session::SessionInfo;
pub use sign_in::{Attempt, Denied, SignedIn};
pub use store::{Access, AccessError, Options};
pub use user::UserInfo;
