//! Someone as people see each other: by name. A number is shown to contacts and to those who searched for it.

use serde::Serialize;
use switchboard_ids::UserId;
use utoipa::ToSchema;

/// Someone, by name.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct PersonView {
    /// The account.
    #[schema(value_type = String, format = "uuid")]
    pub(super) id: UserId,
    /// The display name.
    pub(super) name: String,
}

impl From<(UserId, String)> for PersonView {
    fn from((id, name): (UserId, String)) -> Self {
        Self { id, name }
    }
}
