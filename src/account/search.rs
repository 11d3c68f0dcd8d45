//! Accounts that staff look for, as they type.

use super::{Account, Row, read, terms};
use crate::db::{Db, DbError, Query, statement};

/// The most that are shown.
pub const MOST: usize = 20;
/// How many are looked at for each word and type when more than one word was typed.
const CANDIDATES: usize = 300;

/// The accounts of these types that have everything that was typed, at most [`MOST`]: the one with the number first, then
/// by name. Nothing typed finds the first ones of the types.
///
/// # Errors
/// When the database does not answer.
pub async fn search(db: &Db, kinds: &[&str], typed: &str) -> Result<Vec<Account>, DbError> {
    let words = terms::typed(typed);
    let most = if words.len() == 1 { MOST } else { CANDIDATES };
    let mut of_words = Vec::new();
    for word in &words {
        of_words.push(candidates(db, kinds, word, most).await?);
    }
    // Whoever has all words is among those who have the rarest one; of very common words only some are looked at.
    let Some(rarest) = of_words.into_iter().min_by_key(Vec::len) else { return first(db, kinds).await };
    let mut found = of_keys(db, rarest).await?;
    found.retain(|account| terms::is_found(&account.terms(), &words));
    found.sort_by_cached_key(|account| {
        let exact = words.iter().any(|word| *word == account.id.number.digits().trim_start_matches('0'));
        (!exact, account.name.clone(), account.id.number)
    });
    found.truncate(MOST);
    Ok(found)
}

statement! {
    Candidates { kinds: Vec<String>, from: String, until: String, most: i64 } -> Vec<Vec<String>>;
    reads account_term;
    "RETURN array::flatten($kinds.map(|$kind: string|
        (SELECT VALUE [$kind, record::id(id)[2]] FROM type::record('account_term', [$kind, $from]..[$kind, $until]) LIMIT $most)))"
}

/// Type and number of accounts with a term that begins with this word: some of each type.
async fn candidates(db: &Db, kinds: &[&str], word: &str, most: usize) -> Result<Vec<Vec<String>>, DbError> {
    let candidates = Candidates {
        kinds: owned(kinds),
        from: word.to_owned(),
        until: format!("{word}\u{10FFFF}"),
        most: i64::try_from(most).unwrap_or(i64::MAX),
    };
    let mut keys = db.ask(candidates).await?;
    // Two words of one name may begin alike. The engine's own `array::distinct` compares each with each.
    keys.sort_unstable();
    keys.dedup();
    Ok(keys)
}

statement! {
    // One reading of many records: a query for each takes the engine ten times as long. One that is gone is left out.
    OfKeys { keys: Vec<Vec<String>> } -> Vec<Row>;
    reads account;
    concat!("SELECT ", account_columns!(), " FROM $keys.map(|$key: array| type::record('account', $key))")
}

async fn of_keys(db: &Db, keys: Vec<Vec<String>>) -> Result<Vec<Account>, DbError> {
    db.ask(OfKeys { keys }).await?.into_iter().map(read).collect()
}

statement! {
    First { kinds: Vec<String>, most: i64 } -> Vec<Row>;
    reads account;
    concat!(
        "RETURN array::flatten($kinds.map(|$kind: string|
            (SELECT ", account_columns!(), " FROM type::record('account', [$kind]..[$kind, ..]) LIMIT $most)))",
    )
}

async fn first(db: &Db, kinds: &[&str]) -> Result<Vec<Account>, DbError> {
    let rows = db.ask(First { kinds: owned(kinds), most: i64::try_from(MOST).unwrap_or(i64::MAX) }).await?;
    let mut found = rows.into_iter().map(read).collect::<Result<Vec<_>, _>>()?;
    found.truncate(MOST);
    Ok(found)
}

fn owned(kinds: &[&str]) -> Vec<String> {
    kinds.iter().map(ToString::to_string).collect()
}

/// Terms of this making; another number makes them all anew at the next start.
const VERSION: i64 = 3;
/// Accounts that are made findable at a time.
const AT_ONCE: i64 = 500;

statement! {
    VersionOfTerms -> Option<i64>;
    reads counter;
    "SELECT VALUE next FROM ONLY type::record('counter', 'account terms')"
}

statement! {
    SetVersionOfTerms { version: i64 };
    writes counter;
    "UPSERT type::record('counter', 'account terms') SET next = $version RETURN NONE;"
}

statement! {
    AllFrom { kind: String, number: String, most: i64 } -> Vec<Row>;
    reads account;
    concat!("SELECT ", account_columns!(), " FROM type::record('account', [$kind, $number]..) LIMIT $most")
}

/// Makes accounts findable that were written before there were terms, or with others: once.
///
/// # Errors
/// When the database does not answer.
pub async fn prepare(db: &Db) -> Result<(), DbError> {
    if db.ask(VersionOfTerms {}).await?.is_some_and(|version| version >= VERSION) {
        return Ok(());
    }
    let (mut kind, mut number) = (String::new(), String::new());
    loop {
        let rows = db.ask(AllFrom { kind: kind.clone(), number: number.clone(), most: AT_ONCE }).await?;
        let Some(last) = rows.last() else { break };
        // The first of the next ones is the last of these, but for the very first.
        let is_end = rows.len() < usize::try_from(AT_ONCE).unwrap_or(usize::MAX);
        (kind, number) = (last.kind.clone(), last.number.clone());
        let accounts = rows.into_iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let puts = accounts.iter().map(super::write::Put::of).collect();
        super::write::put(puts).run(db).await?;
        if is_end {
            break;
        }
    }
    SetVersionOfTerms { version: VERSION }.run(db).await
}
