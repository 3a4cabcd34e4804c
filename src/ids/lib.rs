//! The identifiers that cross crate walls: users, devices, calls.
//!
//! Each is a UUIDv7 (RFC 9562 §5.7) made by the server; none says anything about a person, so all are safe to log.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Makes the id that stands for `value`; tests and stores build ids from known numbers this way.
            pub const fn from_u128(value: u128) -> Self {
                Self(Uuid::from_u128(value))
            }

            /// The id as a number.
            pub const fn as_u128(self) -> u128 {
                self.0.as_u128()
            }

            /// The id as a UUID.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, uuid::Error> {
                Uuid::from_str(text).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }
    };
}

id! {
    /// An account.
    UserId
}

id! {
    /// One client of a user: a browser tab, an app, a simulated peer. It lives as long as its signalling connection, and
    /// through interruptions of it that are short.
    DeviceId
}

id! {
    /// A call, from the moment it is placed.
    CallId
}

id! {
    /// A message of a conversation. Ids made later are greater.
    MessageId
}

id! {
    /// A recorded voice clip.
    ClipId
}

id! {
    /// A label that a user gives to contacts.
    LabelId
}

id! {
    /// A login of an account on a browser or app; what a person sees and revokes in the list of logins.
    SessionId
}
