//! What a handler answers when it can't do what was asked.

use actix_web::{HttpResponse, ResponseError, http::StatusCode};

use crate::db::DbError;

/// Why there is no page. Each has its own, made by [`super::fault_page`].
#[derive(Clone, Debug, thiserror::Error)]
pub enum Fault {
    /// There is no such page, or it is somebody else's.
    #[error("not found")]
    NotFound,
    /// Nobody is signed in; the path to come back to.
    #[error("sign in first")]
    SignIn(String),
    /// Terms are to be agreed to first; the path to come back to.
    #[error("agree to the terms first")]
    Agree(String),
    /// Nobody of the staff is signed in.
    #[error("staff sign in first")]
    StaffSignIn,
    /// A second factor is to be proved or added first; the page where.
    #[error("prove a second factor first")]
    Prove(String),
    /// The employee's role does not include this.
    #[error("not this role")]
    Role,
    /// The form was given to somebody else, or too long ago.
    #[error("a stale form")]
    Stale,
    /// The form is of a page that was open while its browser signed in or off.
    #[error("a form of another session")]
    OtherSession,
    /// The form could not be read.
    #[error("an unreadable form")]
    Unreadable,
    /// Too many tries.
    #[error("too many tries")]
    TooMany,
    /// The form took too long to arrive.
    #[error("a slow form")]
    Slow,
    /// Too much is asked for at the moment; nothing was done.
    #[error("busy")]
    Busy,
    /// The database is away; nothing was done.
    #[error("away: {0}")]
    Away(String),
    /// A document has letters that no font has; nothing else is wrong with it.
    #[error("not printable: {0}")]
    Unprintable(String),
    /// Something is wrong with the portal itself.
    #[error("broken: {0}")]
    Broken(String),
}

impl ResponseError for Fault {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::SignIn(_) | Self::Agree(_) | Self::StaffSignIn | Self::Prove(_) => StatusCode::SEE_OTHER,
            Self::Role | Self::Stale => StatusCode::FORBIDDEN,
            Self::OtherSession => StatusCode::CONFLICT,
            Self::Unreadable => StatusCode::BAD_REQUEST,
            Self::Unprintable(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::Slow => StatusCode::REQUEST_TIMEOUT,
            Self::Away(_) | Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::Broken(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::build(self.status_code()).finish()
    }
}

impl From<DbError> for Fault {
    fn from(fault: DbError) -> Self {
        match fault {
            DbError::Away(why) => Self::Away(why),
            DbError::Refused(why) | DbError::Broken(why) => Self::Broken(why),
        }
    }
}
