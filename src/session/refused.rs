//! A sign-in that was refused. The answer leads to the page again and the page says what was wrong, so that Back never
//! comes upon a form that was sent. What the page needs for that stays with the browser for a minute, sealed.

use actix_web::{
    HttpRequest, HttpResponse,
    cookie::{Cookie, time::Duration},
};
use serde::{Deserialize, Serialize};

use super::{Kind, guard, sign_in::set};
use crate::{
    form::{Faults, Fields},
    http::{Portal, see_other},
    words::Keys,
};

/// The one answer to every failure: it never says whether the user ID exists.
const SENTENCE: &str =
    "The user ID or the password is not right, or there were too many tries. After 5 wrong ones, wait 15 minutes.";
/// As many characters of what was typed as a user ID come back: a cookie has 4096 bytes.
const MOST_TYPED: usize = 128;
const AGE: Duration = Duration::minutes(1);

/// Why nobody was signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Why {
    /// A field was left empty.
    Blank {
        /// Whether there is no user ID.
        user_id: bool,
        /// Whether there is no password.
        password: bool,
    },
    /// No such user ID, another password, or too many tries.
    Wrong,
}

impl Why {
    fn faults(self) -> Faults {
        let mut faults = Faults::default();
        match self {
            Self::Blank { user_id, password } => {
                if user_id {
                    faults.add("user-id", "Enter your user ID.");
                }
                if password {
                    faults.add("password", "Enter your password.");
                }
            }
            Self::Wrong => faults.add("user-id", SENTENCE),
        }
        faults
    }
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Refused {
    user_id: String,
    why: Why,
}

impl Refused {
    fn sealed(&self, keys: &Keys, kind: Kind) -> Option<String> {
        let plain = serde_json::to_vec(self).ok()?;
        Some(hex::encode(keys.seal(plain_name(kind), &plain)))
    }

    fn opened(keys: &Keys, kind: Kind, cookie: &str) -> Option<Self> {
        let plain = keys.open(plain_name(kind), &hex::decode(cookie).ok()?)?;
        serde_json::from_slice(&plain).ok()
    }
}

fn plain_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Person => "refused",
        Kind::Staff => "staff-refused",
    }
}

/// Back to the page of this kind, with what was typed there other than the password.
pub(super) fn answer(portal: &Portal, kind: Kind, posted: &Fields, why: Why) -> HttpResponse {
    let page = match kind {
        Kind::Person => "/sign-in",
        Kind::Staff => "/staff/sign-in",
    };
    let of_page = ["for", "back"].map(|name| (name.to_owned(), posted.text(name).to_owned()));
    let mut answer = see_other(&Fields::new(of_page.to_vec()).address(page));
    let user_id = posted.text("user-id").chars().take(MOST_TYPED).collect();
    if let Some(sealed) = (Refused { user_id, why }).sealed(&portal.keys, kind) {
        set(&mut answer, guard::build(plain_name(kind), &sealed, portal.secure, Some(AGE)));
    }
    answer
}

/// What was typed and what was wrong with it, when the page follows a refusal.
pub(super) fn shown(portal: &Portal, kind: Kind, request: &HttpRequest) -> Option<(Fields, Faults)> {
    let cookie = request.cookie(&guard::name(plain_name(kind), portal.secure))?;
    let Refused { user_id, why } = Refused::opened(&portal.keys, kind, cookie.value())?;
    Some((Fields::default().with("user-id", user_id), why.faults()))
}

/// The cookie that takes the refusal away: it is said once.
pub(super) fn without(portal: &Portal, kind: Kind) -> Cookie<'static> {
    guard::build(plain_name(kind), "", portal.secure, Some(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_read_only_where_it_was_made_and_fits_a_cookie() {
        let keys = Keys::parse("a secret of more than thirty-two characters").unwrap();
        let refused = Refused { user_id: "𝒜".repeat(MOST_TYPED), why: Why::Wrong };
        let cookie = refused.sealed(&keys, Kind::Person).unwrap();
        assert!(cookie.len() < 3000, "{}", cookie.len());
        assert_eq!(Refused::opened(&keys, Kind::Person, &cookie), Some(refused));
        assert_eq!(Refused::opened(&keys, Kind::Staff, &cookie), None);
        assert_eq!(Refused::opened(&keys, Kind::Person, "00"), None);
        let other = Keys::parse("another secret of more than thirty-two").unwrap();
        assert_eq!(Refused::opened(&other, Kind::Person, &cookie), None);
    }
}
