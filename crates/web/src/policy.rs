//! Who may use a route. Every route has exactly one policy; the tests walk over all of them.

use holdfast_access::Right;

/// Whose data a route gives or changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// A merchant's caller may use it and meets its own data only.
    Own,
    /// It is about all merchants: a merchant's caller may not use it.
    All,
}

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// Anybody: health, sign-in, and what carries a proof of its own (a webhook's signature, a customer's link).
    Public,
    /// Anybody who has signed in, about themselves.
    SignedIn,
    /// Whoever has the right.
    Right {
        /// The right.
        right: Right,
        /// Whose data.
        scope: Scope,
        /// Whether a person must have proved lately who they are.
        fresh: bool,
    },
}

impl Policy {
    /// The right, for all callers, merchants within their own data.
    #[must_use]
    pub const fn own(right: Right) -> Self {
        Self::Right { right, scope: Scope::Own, fresh: false }
    }

    /// The right, for the operator's own people and programs.
    #[must_use]
    pub const fn all(right: Right) -> Self {
        Self::Right { right, scope: Scope::All, fresh: false }
    }

    /// The same for a dangerous act: people must have proved lately who they are.
    #[must_use]
    pub const fn fresh(self) -> Self {
        match self {
            Self::Right { right, scope, .. } => Self::Right { right, scope, fresh: true },
            other => other,
        }
    }
}
