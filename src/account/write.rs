//! Writing accounts: from the seeds, and from the agency's registry.

use super::{Account, NewEntry, Origin, Posting, Status, post, terms};
use crate::{
    db::{Db, DbError, Query, Transaction, statement, value::SurrealValue},
    words::{AccountId, AccountNumber, Cents, EmailAddress, Moment},
};

/// What a new account needs; a row of the seeds.
#[derive(Clone, Debug, serde::Deserialize)]
pub struct NewAccount {
    /// The type's key.
    pub kind: String,
    /// The number.
    pub number: AccountNumber,
    /// The name.
    pub name: String,
    /// Street, town and ZIP code.
    pub street: Vec<String>,
    /// The e-mail address on record.
    #[serde(default)]
    pub email: Option<EmailAddress>,
    /// Lines of the ledger, oldest first.
    #[serde(default)]
    pub ledger: Vec<NewEntry>,
}

statement! {
    UnlessOnFile { kind: String, number: String };
    reads account;
    "IF record::exists(type::record('account', [$kind, $number])) { RETURN NONE };"
}

/// Writes an account that is not there yet.
///
/// # Errors
/// When the database does not answer.
pub async fn import(db: &Db, account: &NewAccount, now: Moment) -> Result<(), DbError> {
    let id = AccountId::new(account.kind.clone(), account.number);
    let new = Put::new(&id, &account.name, &account.street, account.email.as_ref(), Status::Active);
    let guard = UnlessOnFile { kind: id.kind.clone(), number: id.number.digits() };
    let posting = |(index, entry): (usize, &NewEntry)| Posting {
        account: id.clone(),
        origin: Origin::Seed,
        reference: index.to_string(),
        text: entry.text.clone(),
        amount: Cents(entry.cents),
        book_day: None,
    };
    let postings = account.ledger.iter().enumerate().map(posting).collect();
    guard.then(put(vec![new])).then(post(postings, now)).run(db).await
}

/// An account as it is written.
#[derive(Clone, Debug, SurrealValue)]
pub struct Put {
    kind: String,
    number: String,
    name: String,
    street: Vec<String>,
    email: Option<String>,
    status: Status,
    terms: Vec<String>,
}

impl Put {
    /// An account with these details.
    pub fn new(id: &AccountId, name: &str, street: &[String], email: Option<&EmailAddress>, status: Status) -> Self {
        Self {
            kind: id.kind.clone(),
            number: id.number.digits(),
            name: name.to_owned(),
            street: street.to_vec(),
            email: email.map(ToString::to_string),
            status,
            terms: terms::of_account(id.number, name, street, email),
        }
    }

    /// An account as it is.
    pub fn of(account: &Account) -> Self {
        Self::new(&account.id, &account.name, &account.street, account.email.as_ref(), account.status)
    }
}

statement! {
    PutAll { puts: Vec<Put> };
    reads account;
    writes account, account_term, address_fault;
    "FOR $put IN $puts {
        LET $id = type::record('account', [$put.kind, $put.number]);
        LET $fault = type::record('address_fault', [$put.kind, $put.number]);
        LET $found = (SELECT terms, street FROM ONLY $id);
        LET $old = $found.terms ?? [];
        IF $found.street != $put.street AND record::exists($fault) { DELETE $fault };
        FOR $gone IN array::complement($old, $put.terms) { DELETE type::record('account_term', [$put.kind, $gone, $put.number]) };
        FOR $fresh IN array::complement($put.terms, $old) {
            INSERT IGNORE INTO account_term { id: [$put.kind, $fresh, $put.number] } RETURN NONE
        };
        IF $found = NONE {
            CREATE $id SET kind = $put.kind, number = $put.number, name = $put.name, street = $put.street, email = $put.email,
                status = $put.status, terms = $put.terms RETURN NONE
        } ELSE {
            UPDATE $id SET name = $put.name, street = $put.street, email = $put.email, status = $put.status,
                terms = $put.terms RETURN NONE
        };
        fn::wake_holders($put.kind, $put.number);
     };"
}

/// Writes accounts, new ones and others, with what they are found by. Nothing is UPSERTed that is there: the engine would
/// first create it, undo that, and go through all that the transaction wrote before. Ledgers and balances stay; whoever has access sees
/// the change.
pub fn put(accounts: Vec<Put>) -> Transaction {
    PutAll { puts: accounts }.into()
}

#[derive(SurrealValue)]
struct FreshAccount {
    id: Vec<String>,
    kind: String,
    number: String,
    name: String,
    street: Vec<String>,
    email: Option<String>,
    status: Status,
    terms: Vec<String>,
}

#[derive(SurrealValue)]
struct FreshTerm {
    id: Vec<String>,
}

statement! {
    PutNew { fresh: Vec<FreshAccount>, terms: Vec<FreshTerm> };
    writes account, account_term;
    "INSERT IGNORE INTO account $fresh RETURN NONE; INSERT IGNORE INTO account_term $terms RETURN NONE;"
}

/// Writes accounts that are not on file yet: many at a time, and faster than [`put`]. One that is there after all is left
/// as it is.
pub fn put_new(accounts: Vec<Put>) -> Transaction {
    let term = |put: &Put, term: &String| FreshTerm { id: vec![put.kind.clone(), term.clone(), put.number.clone()] };
    let found_by: Vec<FreshTerm> =
        accounts.iter().flat_map(|put| put.terms.iter().map(move |word| term(put, word))).collect();
    let fresh = |put: Put| FreshAccount {
        id: vec![put.kind.clone(), put.number.clone()],
        kind: put.kind,
        number: put.number,
        name: put.name,
        street: put.street,
        email: put.email,
        status: put.status,
        terms: put.terms,
    };
    PutNew { fresh: accounts.into_iter().map(fresh).collect(), terms: found_by }.into()
}
