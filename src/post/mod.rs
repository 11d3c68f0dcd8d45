//! Floor 2, the post: e-mail, text messages and paper, as they leave the portal.

pub mod bounce;
pub mod evidence;
pub mod mail;
pub mod paper;
pub mod texts;

pub use mail::{Mail, Mailer};
pub use paper::{LetterText, Spool};
pub use texts::{TextGateway, TextMessage};

/// Why something did not leave. The text is for operators: it names no address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PostFault {
    /// It may leave later: the server is away or refuses for now.
    #[error("{0}")]
    Later(String),
    /// It never will.
    #[error("{0}")]
    Never(String),
}
