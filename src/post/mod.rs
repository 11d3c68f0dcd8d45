//! Floor 2, the post: e-mail, text messages and paper, as they leave the portal.

pub mod batch;
pub mod bounce;
mod bounce_words;
pub mod copy;
pub mod evidence;
pub mod fonts;
pub mod mail;
pub mod maildir;
mod message_id;
pub mod paper;
pub mod qr;
pub mod statement;
pub mod texts;

use crate::words::AccountId;

pub use mail::{Mail, Mailer};
pub use paper::{Genuine, LetterText, Spool};
pub use texts::{TextGateway, TextMessage};

/// What stands for a secret in what is kept.
pub const WITHHELD: &str = "[not shown]";

/// For which account something is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// The account.
    pub account: AccountId,
    /// The logon that it is for; none for the account's address on record.
    pub logon: Option<String>,
    /// The messages that it tells of, by their places in the account's mailbox.
    pub messages: Vec<i64>,
}

/// Why something did not leave. The text is for operators: it names no address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PostFault {
    /// It may leave later: the server is away or refuses for now.
    #[error("{0}")]
    Later(String),
    /// It never will.
    #[error("{0}")]
    Never(String),
    /// It never will with the fonts that there are: which letters have no sign.
    #[error("{0}")]
    Unprintable(String),
}
