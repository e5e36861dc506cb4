//! Roles and the rights they carry. A right is what a route asks for; nobody asks for a role.

use serde::{Deserialize, Serialize};

macro_rules! rights {
    ($($(#[$doc:meta])* $name:ident $word:literal;)*) => {
        /// Something a person or program may be allowed to do.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Right { $($(#[$doc])* $name,)* }

        impl Right {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The word for it, as API keys name it.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// The right of a word.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|right| right.word() == word)
            }
        }
    };
}

rights! {
    /// See orders, without the people behind them.
    ReadOrders "orders:read";
    /// Take orders.
    PlaceOrders "orders:place";
    /// Change one order at a time: cancel, hold, free, correct an address.
    ChangeOrders "orders:change";
    /// See the person behind one order, which is logged.
    ReadPeople "people:read";
    /// Forget a person.
    ErasePeople "people:erase";
    /// See stock.
    ReadStock "stock:read";
    /// Adjust, count, receive stock.
    ChangeStock "stock:change";
    /// See sites, lanes, merchants, SKUs.
    ReadNetwork "network:read";
    /// Add and change them.
    ChangeNetwork "network:change";
    /// See incidents, plans, notices.
    ReadIncidents "incidents:read";
    /// Open and assess incidents, preview and plan.
    PrepareIncidents "incidents:prepare";
    /// Close sites and lanes, approve and carry out plans, all clear.
    CommandIncidents "incidents:command";
    /// Report what happens to shipments.
    ReportShipments "shipments:report";
    /// Withdraw notices.
    ChangeNotices "notices:change";
    /// Read everything that happens, as it happens.
    ReadEvents "events:read";
    /// See and mend what connections could not apply.
    MendInbox "inbox:mend";
    /// Set up connections.
    ChangeConnections "connections:change";
    /// Manage accounts and API keys.
    ManageAccess "access:manage";
    /// Read the audit log.
    ReadAudit "audit:read";
}

/// A set of rights.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rights(u32);

impl Rights {
    /// The set of these.
    #[must_use]
    pub fn of(rights: &[Right]) -> Self {
        Self(rights.iter().fold(0, |set, right| set | 1 << *right as u32))
    }

    /// Whether the right is in it.
    #[must_use]
    pub const fn has(self, right: Right) -> bool {
        self.0 & (1 << right as u32) != 0
    }

    /// What is in both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The words of those in it.
    #[must_use]
    pub fn words(self) -> Vec<&'static str> {
        Right::ALL.iter().filter(|right| self.has(**right)).map(|right| right.word()).collect()
    }

    /// The set of words; the first unknown one is the error.
    ///
    /// # Errors
    /// The word that is no right.
    pub fn from_words<'a>(words: impl IntoIterator<Item = &'a str>) -> Result<Self, String> {
        let mut rights = Vec::new();
        for word in words {
            rights.push(Right::from_word(word).ok_or_else(|| word.to_owned())?);
        }
        Ok(Self::of(&rights))
    }
}

/// What a person is in the house.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Looks on.
    Viewer,
    /// Customer support: one order at a time, personal data by need, no bulk acts.
    Support,
    /// Runs sites, stock and orders.
    Operator,
    /// Commands incidents.
    Commander,
    /// A merchant on shared sites, limited to its own data.
    Merchant,
    /// Manages accounts, connections and everything else.
    Admin,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Viewer, Self::Support, Self::Operator, Self::Commander, Self::Merchant, Self::Admin];

    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Support => "support",
            Self::Operator => "operator",
            Self::Commander => "commander",
            Self::Merchant => "merchant",
            Self::Admin => "admin",
        }
    }

    /// The role of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.word() == word)
    }

    /// What it may do.
    #[must_use]
    pub fn rights(self) -> Rights {
        use Right as R;
        let look = [R::ReadOrders, R::ReadStock, R::ReadNetwork, R::ReadIncidents];
        let support = [R::ChangeOrders, R::ReadPeople];
        let operate = [
            R::PlaceOrders,
            R::ChangeStock,
            R::PrepareIncidents,
            R::ReportShipments,
            R::ReadEvents,
            R::MendInbox,
            R::ChangeNotices,
        ];
        let own = [
            R::ReadOrders,
            R::PlaceOrders,
            R::ChangeOrders,
            R::ReadPeople,
            R::ReadStock,
            R::ReadNetwork,
            R::ReadIncidents,
            R::ReadEvents,
            R::MendInbox,
        ];
        match self {
            Self::Viewer => Rights::of(&look),
            Self::Support => Rights::of(&[&look[..], &support].concat()),
            Self::Operator => Rights::of(&[&look[..], &support, &operate].concat()),
            Self::Commander => {
                let command = [R::CommandIncidents, R::ChangeNetwork];
                Rights::of(&[&look[..], &support, &operate, &command].concat())
            }
            Self::Merchant => Rights::of(&own),
            Self::Admin => Rights::of(Right::ALL),
        }
    }
}

/// Somebody who has proved who they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// The code by which the journal and the log know them: `user:3` or `key:5`.
    pub actor: String,
    /// Name for people.
    pub name: String,
    /// What they are.
    pub role: Role,
    /// What they may do.
    pub rights: Rights,
    /// The only merchant whose data they may see, by its code.
    pub merchant: Option<String>,
    /// When they last proved it, in milliseconds of Unix time; `None` for an API key.
    pub proved: Option<i64>,
    /// The session's token against forged requests; `None` for an API key.
    pub csrf: Option<String>,
    /// Whether a second factor is set up.
    pub second_factor: bool,
}
