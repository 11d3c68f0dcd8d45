//! Accounts on file: who the agency licenses, their address on record, their balance (R144).

use crate::{
    store::{Ask, Piece, Store, StoreFault, value::SurrealValue},
    words::{AccountId, AccountNumber, Cents, EmailAddress, Moment},
};

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
    /// What it holds or owes.
    pub balance: Cents,
}

#[derive(SurrealValue)]
struct Row {
    kind: String,
    number: String,
    name: String,
    street: Vec<String>,
    email: Option<String>,
    balance: i64,
}

fn read(row: Row) -> Result<Account, StoreFault> {
    let number = AccountNumber::parse(&row.number)
        .map_err(|_| StoreFault::Broken("an account's number can't be read".into()))?;
    Ok(Account {
        id: AccountId::new(row.kind, number),
        name: row.name,
        street: row.street,
        // An address on record that is no address is as good as none: the code goes by letter.
        email: row.email.and_then(|email| EmailAddress::parse(&email).ok()),
        balance: Cents(row.balance),
    })
}

/// The account of this type and number, if it is active.
///
/// # Errors
/// When the database does not answer.
pub async fn find(store: &Store, id: &AccountId) -> Result<Option<Account>, StoreFault> {
    let ask = Ask::new(
        "SELECT kind, number, name, street, email, balance FROM ONLY type::record('account', [$kind, $number]) WHERE status = 'active'",
    )
    .with("kind", id.kind.clone())
    .with("number", id.number.digits());
    let row: Option<Row> = store.ask(ask).await?.one(0)?;
    row.map(read).transpose()
}

/// Accounts that staff look for: by number, or by how their name begins; at most 20.
///
/// # Errors
/// When the database does not answer.
pub async fn search(store: &Store, typed: &str) -> Result<Vec<Account>, StoreFault> {
    let ask = match AccountNumber::parse(typed) {
        Ok(number) => {
            Ask::new("SELECT kind, number, name, street, email, balance FROM account WHERE number = $number LIMIT 20")
                .with("number", number.digits())
        }
        Err(_) => {
            let from = typed.trim().to_lowercase();
            // The index is walked from the typed text to the last one that begins with it.
            let until = format!("{from}\u{10FFFF}");
            Ask::new(
                "SELECT kind, number, name, street, email, balance, name_folded FROM account
                 WHERE name_folded >= $from AND name_folded < $until ORDER BY name_folded LIMIT 20",
            )
            .with("from", from)
            .with("until", until)
        }
    };
    let rows: Vec<Row> = store.ask(ask).await?.all(0)?;
    rows.into_iter().map(read).collect()
}

/// A line of an account's ledger.
#[derive(Clone, Debug, SurrealValue)]
pub struct Entry {
    /// When.
    pub at: Moment,
    /// What for.
    pub text: String,
    /// How much, in cents.
    pub cents: i64,
    /// The balance after it, in cents.
    pub balance: i64,
}

/// The latest lines of an account's ledger, newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn ledger(store: &Store, id: &AccountId) -> Result<Vec<Entry>, StoreFault> {
    let ask = Ask::new(
        "SELECT at, text, cents, balance FROM type::record('ledger', [$kind, $number]..[$kind, $number, ..]) LIMIT 50",
    )
    .with("kind", id.kind.clone())
    .with("number", id.number.digits());
    store.ask(ask).await?.all(0)
}

/// What a new account needs; a row of an import or of the seeds.
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

/// A line of a new account's ledger.
#[derive(Clone, Debug, serde::Deserialize)]
pub struct NewEntry {
    /// What for.
    pub text: String,
    /// How much, in cents.
    pub cents: i64,
}

/// Writes an account that is not there yet.
///
/// # Errors
/// When the database does not answer.
pub async fn import(store: &Store, account: &NewAccount, now: Moment) -> Result<(), StoreFault> {
    let piece = Piece::new(
        "LET $id = type::record('account', [$kind, $number]);
         IF record::exists($id) { RETURN NONE };
         CREATE $id SET kind = $kind, number = $number, name = $name, name_folded = string::lowercase($name),
            street = $street, email = $email RETURN NONE;",
    );
    let values = piece
        .with("kind", account.kind.clone())
        .with("number", account.number.digits())
        .with("name", account.name.clone())
        .with("street", account.street.clone())
        .with("email", account.email.as_ref().map(ToString::to_string));
    let mut whole = values.with("now", now);
    for (index, entry) in account.ledger.iter().enumerate() {
        let name = format!("entry{index}");
        whole = whole.then(enter(&name, &AccountId::new(account.kind.clone(), account.number), entry, now));
    }
    whole.run(store).await.map(drop)
}

#[derive(SurrealValue)]
struct EntryValues {
    kind: String,
    number: String,
    text: String,
    cents: i64,
    now: Moment,
}

/// Enters a line into an account's ledger and its balance; whoever has access sees it.
pub fn enter(name: &str, id: &AccountId, entry: &NewEntry, now: Moment) -> Piece {
    let values = EntryValues {
        kind: id.kind.clone(),
        number: id.number.digits(),
        text: entry.text.clone(),
        cents: entry.cents,
        now,
    };
    Piece::new(format!(
        "LET ${name}_last = (SELECT VALUE record::id(id)[2] FROM type::record('ledger', [${name}.kind, ${name}.number]..[${name}.kind, ${name}.number, ..]) LIMIT 1)[0] ?? 0;
         LET ${name}_balance = (SELECT VALUE balance FROM ONLY type::record('account', [${name}.kind, ${name}.number])) + ${name}.cents;
         UPDATE type::record('account', [${name}.kind, ${name}.number]) SET balance = ${name}_balance RETURN NONE;
         CREATE type::record('ledger', [${name}.kind, ${name}.number, ${name}_last - 1])
            SET at = ${name}.now, text = ${name}.text, cents = ${name}.cents, balance = ${name}_balance RETURN NONE;
         fn::wake_holders(${name}.kind, ${name}.number, 'facts');"
    ))
    .with(name, values)
}
