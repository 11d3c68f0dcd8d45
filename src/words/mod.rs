//! Floor 0: the words that every other floor speaks. Each is parsed once, at the edge, into a type
//! that can't be wrong; nothing here knows HTML, HTTP or the database.

pub mod account;
pub mod agency;
pub mod audit_keys;
pub mod business_day;
pub mod clock;
pub mod code;
pub mod config;
pub mod confirmation;
pub mod crockford;
pub mod email;
pub mod help;
pub mod ids;
pub mod keys;
pub mod letter_code;
pub mod limits;
pub mod mail_server;
pub mod measure;
pub mod menu;
pub mod money;
pub mod month;
pub mod phone;
pub mod places;
pub mod telemetry;
pub mod text;
pub mod user_id;
pub mod window;
pub mod wording;

pub use account::{AccountId, AccountNumber};
pub use agency::Agency;
pub use audit_keys::AuditKeys;
pub use clock::{Clock, Moment};
pub use code::AuthorizationCode;
pub use config::Config;
pub use confirmation::ConfirmationNumber;
pub use email::EmailAddress;
pub use ids::{BulkPostId, CodeId, DraftId, ImportId, LogonId, StaffId};
pub use keys::Keys;
pub use letter_code::LetterCode;
pub use limits::Limits;
pub use mail_server::MailServer;
pub use money::Cents;
pub use month::Month;
pub use phone::PhoneNumber;
pub use user_id::UserId;
pub use wording::Occasion;

/// Why a typed text is not the word it should be: a sentence for the person who typed it.
pub type Fault = &'static str;
