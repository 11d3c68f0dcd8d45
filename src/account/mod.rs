//! Accounts on file: who the agency licenses, their address on record, their balance (R144).

macro_rules! account_columns {
    () => {
        "kind, number, name, street, email, status, balance"
    };
}

pub mod address;
mod ledger;
mod posting;
mod search;
mod statement;
mod terms;
pub mod views;
mod write;

pub use ledger::{Entry, NewEntry, entries, entry, ledger, posted_before};
pub use posting::{OnFile, Origin, POSTED, Posting, book_day, entry_text, on_ledgers, post, post_one, reverse};
pub use search::{MOST, prepare, search};
pub use statement::{MonthlyStatement, months};
pub use terms::zip;
pub use write::{NewAccount, Put, import, put, put_new};

use crate::{
    db::{Db, DbError, statement::statement, value::SurrealValue},
    http::{Fault, Portal},
    words::{AccountId, AccountNumber, Cents, EmailAddress},
};

/// Whether an account may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, SurrealValue, serde::Serialize, serde::Deserialize)]
#[surreal(untagged, rename_all = "lowercase")]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It may.
    Active,
    /// The agency closed it: nobody is written to, and no code is asked for.
    Closed,
}

/// An account as it is on file.
#[derive(Clone, Debug)]
pub struct Account {
    /// Its type and number.
    pub id: AccountId,
    /// Its name, as on record.
    pub name: String,
    /// Street, town and ZIP code on record, one line each.
    pub street: Vec<String>,
    /// The e-mail address on record, if there is one.
    pub email: Option<EmailAddress>,
    /// Whether it may be used.
    pub status: Status,
    /// What it holds or owes.
    pub balance: Cents,
}

impl Account {
    fn terms(&self) -> Vec<String> {
        terms::of_account(self.id.number, &self.name, &self.street, self.email.as_ref())
    }
}

#[derive(SurrealValue)]
struct Row {
    kind: String,
    number: String,
    name: String,
    street: Vec<String>,
    email: Option<String>,
    status: Status,
    balance: i64,
}

fn read(row: Row) -> Result<Account, DbError> {
    let number =
        AccountNumber::parse(&row.number).map_err(|_| DbError::Broken("an account's number can't be read".into()))?;
    Ok(Account {
        id: AccountId::new(row.kind, number),
        name: row.name,
        street: row.street,
        // An address on record that is no address is as good as none: the code goes by letter.
        email: row.email.and_then(|email| EmailAddress::parse(&email).ok()),
        status: row.status,
        balance: Cents(row.balance),
    })
}

/// The account of this type and number, if it is active.
///
/// # Errors
/// When the database does not answer.
pub async fn find(db: &Db, id: &AccountId) -> Result<Option<Account>, DbError> {
    Ok(on_file(db, id).await?.filter(|account| account.status == Status::Active))
}

statement! {
    AccountOnFile { kind: String, number: String } -> Option<Row>;
    reads account;
    concat!("SELECT ", account_columns!(), " FROM ONLY type::record('account', [$kind, $number])")
}

/// The account of this type and number, closed or not.
///
/// # Errors
/// When the database does not answer.
pub async fn on_file(db: &Db, id: &AccountId) -> Result<Option<Account>, DbError> {
    let row = db.ask(AccountOnFile { kind: id.kind.clone(), number: id.number.digits() }).await?;
    row.map(read).transpose()
}

/// The account that a page's address names, closed or not.
///
/// # Errors
/// [`Fault::NotFound`] for one that is not on file.
pub async fn at(portal: &Portal, kind: &str, number: &str) -> Result<Account, Fault> {
    let number = AccountNumber::parse(number).map_err(|_| Fault::NotFound)?;
    on_file(&portal.db, &AccountId::new(kind, number)).await?.ok_or(Fault::NotFound)
}

statement! {
    OfType { kind: String, after_number: String, most: i64 } -> Vec<Row>;
    reads account;
    concat!(
        "SELECT ", account_columns!(),
        " FROM type::record('account', [$kind, $after_number]..[$kind, ..]) WHERE number > $after_number LIMIT $most",
    )
}

/// Accounts of a type after a number, by number: at most `most`.
///
/// # Errors
/// When the database does not answer.
pub async fn of_type(db: &Db, kind: &str, after: &str, most: usize) -> Result<Vec<Account>, DbError> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let rows = db.ask(OfType { kind: kind.to_owned(), after_number: after.to_owned(), most }).await?;
    rows.into_iter().map(read).collect()
}
