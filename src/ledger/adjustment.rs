//! Entries by hand and reversals: one staff member asks, another one posts.

use serde::{Deserialize, Serialize};

use crate::{
    account::{self, Account, Entry, Origin, Posting},
    approval::{self, ActionRequest},
    audit::{self, Deed},
    db::DbError,
    form::{Faults, Fields},
    http::Portal,
    session::staff::By,
    words::Cents,
};

/// What a second staff member decides on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "adjustment", rename_all = "snake_case")]
pub enum Adjustment {
    /// A new entry.
    Entry {
        /// What for.
        text: String,
        /// How much, in cents.
        cents: i64,
        /// Its day in the agency's books.
        book_day: Option<String>,
    },
    /// An entry is taken back by another one.
    Reversal {
        /// The entry.
        line: i64,
    },
}

impl Adjustment {
    /// The entry that was typed. Charges and credits are told apart by a choice, because a sign is easily forgotten.
    ///
    /// # Errors
    /// What is wrong with which field.
    pub fn parse(typed: &Fields) -> Result<Self, Faults> {
        let mut faults = Faults::default();
        let sign = match typed.text("kind") {
            "charge" => Some(-1),
            "credit" => Some(1),
            _ => faults.take("kind", Err("Select a charge or a credit.")),
        };
        let amount = match Cents::parse(typed.text("amount")) {
            Ok(amount) if amount.0 <= 0 => faults.take("amount", Err("Enter an amount above zero, without a sign.")),
            parsed => faults.take("amount", parsed),
        };
        let text = faults.take("text", account::entry_text(typed.text("text")));
        let book_day = faults.take("book-date", account::book_day(typed.text("book-date")));
        let whole = sign.zip(amount).zip(text).zip(book_day);
        faults.or(whole.map(|(((sign, amount), text), book_day)| Self::Entry {
            text,
            cents: sign * amount.0,
            book_day,
        }))
    }

    /// What is asked for, as one sentence's part.
    pub fn shown(&self, entry: Option<&Entry>) -> String {
        match (self, entry) {
            (Self::Entry { text, cents, book_day: None }, _) => format!("{}, {text}", Cents(*cents)),
            (Self::Entry { text, cents, book_day: Some(day) }, _) => {
                format!("{}, {text}, book date {day}", Cents(*cents))
            }
            (Self::Reversal { line }, Some(entry)) => format!("entry {line}: {}, {}", Cents(entry.cents), entry.text),
            (Self::Reversal { line }, None) => format!("entry {line}"),
        }
    }
}

/// Why nothing was posted.
pub enum NotPosted {
    /// The entry that was to be reversed is not there.
    NotFound,
    /// The database refused: [`approval::ALREADY_DECIDED`], or [`account::POSTED`] when another one was quicker.
    Db(DbError),
}

impl From<DbError> for NotPosted {
    fn from(fault: DbError) -> Self {
        Self::Db(fault)
    }
}

/// Posts what another staff member asked for.
///
/// # Errors
/// Why nothing was posted.
pub async fn post(
    portal: &Portal,
    account: &Account,
    request: &ActionRequest,
    adjustment: Adjustment,
    by: By<'_>,
) -> Result<(), NotPosted> {
    let now = portal.now();
    let (posted, deed) = match adjustment {
        Adjustment::Entry { text, cents, book_day } => {
            let posting = Posting {
                account: account.id.clone(),
                origin: Origin::Request,
                reference: request.id.clone(),
                text,
                amount: Cents(cents),
                book_day,
            };
            (account::post_one(posting, now), Deed::PostedLedgerEntry)
        }
        Adjustment::Reversal { line } => {
            let entry = account::entry(&portal.db, &account.id, line).await?.ok_or(NotPosted::NotFound)?;
            (account::reverse(&account.id, &entry, now), Deed::ReversedLedgerEntry)
        }
    };
    let note = format!("asked for by {}", request.asked_by_name);
    let noted = audit::row(now, by.id, deed, &account.id.key(), &note);
    approval::approve(request, by, now).then(posted).then(noted).run(&portal.db).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(fields: [(&str, &str); 4]) -> Result<Adjustment, Faults> {
        Adjustment::parse(&Fields::new(fields.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec()))
    }

    #[test]
    fn a_charge_lowers_the_balance_and_each_fault_is_told() {
        let charge = typed([("kind", "charge"), ("amount", "$25"), ("text", "Fee"), ("book-date", "2026-11-01")]);
        let expected = Adjustment::Entry { text: "Fee".into(), cents: -2500, book_day: Some("2026-11-01".into()) };
        assert_eq!(charge, Ok(expected));
        let faults = typed([("kind", ""), ("amount", "-5"), ("text", " "), ("book-date", "Nov 1")]).unwrap_err();
        for field in ["kind", "amount", "text", "book-date"] {
            assert!(faults.of(field).is_some(), "{field}");
        }
        assert!(typed([("kind", "credit"), ("amount", "0.00"), ("text", "x"), ("book-date", "")]).is_err());
    }
}
