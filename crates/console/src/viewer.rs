//! Who looks: what they may see and do, and in which language.

use holdfast_domain::id::MerchantId;

use crate::words::Locale;

/// What a person is to the house.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Looks at everything but people, and changes nothing.
    Viewer,
    /// Helps customers: one order at a time, no bulk acts.
    Support,
    /// Works with orders, stock and sites day by day.
    Operator,
    /// Declares disasters and approves plans.
    Commander,
    /// Sees and works with its own orders and goods.
    Merchant(MerchantId),
    /// Everything, and who may do what.
    Admin,
}

/// Something a role may or may not do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Right {
    /// See how the whole house stands: all merchants, loads, incidents' rooms.
    SeeHouse,
    /// See the audit trail and the settings.
    SeeAudit,
    /// Act on single orders: hold, free, cancel, settle a doubt.
    ActOnOrders,
    /// Find a customer's order and read what they were told.
    Support,
    /// Count, quarantine and clear stock.
    ActOnStock,
    /// Close and limit sites, close lanes, declare, plan, approve, tell customers.
    Command,
    /// People and their roles.
    Manage,
}

impl Role {
    /// The word used in files, keys and addresses.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Support => "support",
            Self::Operator => "operator",
            Self::Commander => "commander",
            Self::Merchant(_) => "merchant",
            Self::Admin => "admin",
        }
    }

    /// Whether the role includes a right.
    #[must_use]
    pub const fn may(self, right: Right) -> bool {
        match right {
            Right::SeeHouse => !matches!(self, Self::Merchant(_)),
            Right::SeeAudit => matches!(self, Self::Viewer | Self::Operator | Self::Commander | Self::Admin),
            Right::ActOnOrders => matches!(
                self,
                Self::Support | Self::Operator | Self::Commander | Self::Admin | Self::Merchant(_)
            ),
            Right::Support => {
                matches!(self, Self::Support | Self::Operator | Self::Commander | Self::Admin)
            }
            Right::ActOnStock => matches!(self, Self::Operator | Self::Commander | Self::Admin),
            Right::Command => matches!(self, Self::Commander | Self::Admin),
            Right::Manage => matches!(self, Self::Admin),
        }
    }
}

/// A person who is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Viewer {
    /// Name for people.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Their language.
    pub locale: Locale,
    /// The token every form of theirs carries.
    pub csrf: String,
}

impl Viewer {
    /// Whether they have a right.
    #[must_use]
    pub const fn may(&self, right: Right) -> bool {
        self.role.may(right)
    }

    /// The one merchant they may see; `None` sees all.
    #[must_use]
    pub const fn scope(&self) -> Option<MerchantId> {
        match self.role {
            Role::Merchant(merchant) => Some(merchant),
            _ => None,
        }
    }

    /// Whether things of `merchant` are for their eyes.
    #[must_use]
    pub fn sees(&self, merchant: MerchantId) -> bool {
        self.scope().is_none_or(|own| own == merchant)
    }
}
