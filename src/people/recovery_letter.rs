//! Recovery by letter, when a person has lost every other way: a code goes to the address on record of an account that the
//! logon may see. Whoever has the letter and knows the user ID sets a password; staff see neither.

use chrono::Duration;
use springboard_jobs::{Job, Outcome, RecoveryByLetter, Verdict};

use crate::{
    account::{self, Account},
    db::{
        Db, DbError, Query, Refusal, Transaction,
        ceiling::Daily,
        rate_limit::Limit,
        statement,
        value::{Bytes, SurrealValue},
    },
    http::Portal,
    letter::{self, Spooled},
    logon,
    page::time,
    post::{LetterText, Spool},
    words::{AccountId, AccountNumber, AuthorizationCode, Keys, LogonId, Moment, Occasion},
};

/// How long such a code lasts from when it was written.
const LASTS: Duration = Duration::days(30);
/// Tries for one logon. They end no letter: whoever knows a user ID could end everybody's, and 50 bits bear many.
const TRIES: Limit = Limit { what: "recovery letter", most: 10, within: Duration::hours(1) };
/// What its keyed hash is for.
const PURPOSE: &str = "recovery letter";

fn again(fault: DbError) -> Verdict {
    Verdict::Again(fault.to_string())
}

fn seal_name(letter: &str) -> String {
    format!("recovery:{letter}")
}

statement! {
    Begin {
        logon: String, letter: String, kind: String, number: String, hash: String, sealed: Bytes, asked_by: String,
        approved_by: String, expires: Moment,
    };
    writes recovery_letter;
    "UPSERT type::record('recovery_letter', $logon) SET letter = $letter, kind = $kind, number = $number, hash = $hash,
        sealed = $sealed, asked_by = $asked_by, approved_by = $approved_by, expires = $expires RETURN NONE;"
}

/// Statements that draw a code and enqueue its letter; an older one of the logon is void.
pub fn begin(
    logon: &str,
    account: &AccountId,
    (asked_by, approved_by): (&str, &str),
    keys: &Keys,
    now: Moment,
) -> Transaction {
    let code = AuthorizationCode::draw();
    let letter = format!("recovery-{}", ulid::Ulid::generate().to_string().to_lowercase());
    let new = Begin {
        logon: logon.to_owned(),
        kind: account.kind.clone(),
        number: account.number.digits(),
        hash: keys.hash(PURPOSE, code.as_bytes()),
        sealed: keys.seal(&seal_name(&letter), code.as_bytes()).into(),
        expires: now + LASTS,
        letter: letter.clone(),
        asked_by: asked_by.to_owned(),
        approved_by: approved_by.to_owned(),
    };
    new.then(Transaction::enqueue(RecoveryByLetter { logon: logon.to_owned(), letter }.task()))
}

#[derive(SurrealValue)]
struct Row {
    letter: String,
    kind: String,
    number: String,
    sealed: Option<Bytes>,
    expires: Moment,
    asked_by: String,
    approved_by: String,
}

statement! {
    Waiting { logon: String } -> Option<Row>;
    reads recovery_letter;
    "SELECT letter, kind, number, sealed, expires, asked_by, approved_by FROM ONLY type::record('recovery_letter', $logon)"
}

// One that was printed or replaced meanwhile ends the transaction here.
statement! {
    Unseal { logon: String, letter: String };
    writes recovery_letter;
    "LET $printed = (UPDATE type::record('recovery_letter', $logon) SET sealed = NONE WHERE letter = $letter RETURN AFTER);
     IF $printed = [] { RETURN NONE };"
}

/// Prints the letter into the spool. Safe to run twice: what is in the spool is left there.
///
/// # Errors
/// Whether it may be tried again.
pub async fn print(portal: &Portal, spool: &Spool, job: RecoveryByLetter) -> Outcome {
    let db = &portal.db;
    // A run before this one may have come so far.
    if letter::release(db, spool, &job.letter).await? {
        return Ok(());
    }
    let row = db.ask(Waiting { logon: job.logon.clone() }).await.map_err(again)?;
    let Some(row) = row.filter(|row| row.letter == job.letter) else { return Ok(()) };
    let Row { sealed: Some(sealed), kind, number, expires, asked_by, approved_by, .. } = row else { return Ok(()) };
    let Ok(number) = AccountNumber::parse(&number) else {
        return Err(Verdict::Never("there is no such account".into()));
    };
    let on_record = account::find(db, &AccountId::new(kind, number)).await.map_err(again)?;
    let on_record = on_record.ok_or_else(|| Verdict::Never("the account is closed".into()))?;
    let plain = portal.keys.open(&seal_name(&job.letter), &sealed).and_then(|plain| String::from_utf8(plain).ok());
    let code = plain.and_then(|plain| AuthorizationCode::parse(&plain).ok());
    let code = code.ok_or_else(|| Verdict::Never("the seal does not open: its key is gone".into()))?;
    let logon = logon::queries::find(db, &LogonId::known(&job.logon)).await.map_err(again)?;
    let user_id = logon.map(|logon| logon.user_id.to_string()).unwrap_or_default();
    let at = portal.now();
    let text = text(portal, &on_record, &user_id, &code, (&job.letter, expires));
    spool.prepare(&job.letter, text.clone(), at).await.map_err(letter::verdict)?;
    Unseal { logon: job.logon.clone(), letter: job.letter.clone() }
        .then(portal.count_daily(Daily::Letters))
        .then(letter::spooled(Spooled {
            name: &job.letter,
            code: None,
            account: &on_record.id,
            logon: Some(&job.logon),
            text,
            at,
        }))
        // Whoever asked for it or approved it is not to hold the code in their hands.
        .then(letter::room::bar(&job.letter, vec![asked_by, approved_by]))
        .run(db)
        .await
        .map_err(again)?;
    letter::release(db, spool, &job.letter).await.map(drop)
}

fn text(
    portal: &Portal,
    account: &Account,
    user_id: &str,
    code: &AuthorizationCode,
    (name, expires): (&str, Moment),
) -> LetterText {
    let (agency, said) = (&portal.agency(), portal.say(Occasion::RecoveryLetter, &[("user_id", &user_id)]));
    let mut address = vec![account.name.clone()];
    address.extend(account.street.iter().cloned());
    LetterText {
        letterhead: agency.letterhead.clone(),
        address,
        date: time::day(agency, portal.now()),
        subject: said.subject,
        facts: vec![
            ("Account".into(), format!("{} {}", agency.type_name(&account.id.kind), account.id.number)),
            ("User ID".into(), user_id.to_owned()),
            ("Valid until".into(), time::day(agency, expires)),
        ],
        code_label: "Recovery code".into(),
        code: Some(code.grouped()),
        steps: said.steps,
        aside: said.aside,
        warning: said.text,
        reference: format!("Reference {name}"),
        genuine: Some(letter::genuine(portal, name)),
    }
}

statement! {
    IsRight { logon: String, hashes: Vec<String>, now: Moment } -> Option<bool>;
    reads recovery_letter;
    "RETURN ((SELECT VALUE hash FROM ONLY type::record('recovery_letter', $logon) WHERE expires > $now AND sealed = NONE) ?? '') IN $hashes"
}

/// Whether this is the code of a logon's letter; each try counts, and there are so many in an hour.
///
/// # Errors
/// When the database does not answer.
pub async fn is_right(
    db: &Db,
    keys: &Keys,
    logon: &str,
    code: &AuthorizationCode,
    now: Moment,
) -> Result<bool, DbError> {
    if !TRIES.allows(db, logon, now).await? {
        return Ok(false);
    }
    let hashes = keys.hashes(PURPOSE, code.as_bytes());
    Ok(db.ask(IsRight { logon: logon.to_owned(), hashes, now }).await?.unwrap_or(false))
}

/// What using a code up throws when it was used or replaced meanwhile.
pub const USED: Refusal = Refusal::new("the recovery code is used");

statement! {
    UseUp { logon: String, hashes: Vec<String> };
    writes recovery_letter;
    refuses USED;
    "LET $letter = (DELETE type::record('recovery_letter', $logon) WHERE hash IN $hashes RETURN BEFORE);
     IF $letter = [] { THROW $USED };"
}

/// Statements that use a logon's code up.
pub fn use_up(logon: &str, keys: &Keys, code: &AuthorizationCode) -> Transaction {
    UseUp { logon: logon.to_owned(), hashes: keys.hashes(PURPOSE, code.as_bytes()) }.into()
}

statement! {
    Void { logon: String };
    writes recovery_letter;
    "DELETE type::record('recovery_letter', $logon);"
}

/// Statements that make a logon's code void.
pub fn void(logon: &str) -> Transaction {
    Void { logon: logon.to_owned() }.into()
}

statement! {
    VoidAll;
    writes recovery_letter;
    "DELETE recovery_letter;"
}

/// Statements that make the codes of all letters void.
pub fn void_all() -> Transaction {
    VoidAll {}.into()
}

statement! {
    Returned { letter: String };
    reads recovery_letter;
    writes recovery_letter;
    "FOR $void IN (SELECT VALUE id FROM recovery_letter WITH INDEX recovery_letter_letter WHERE letter = $letter) { DELETE $void };"
}

/// Statements that make the code void that a letter brings: it came back.
pub fn returned(letter: &str) -> Transaction {
    Returned { letter: letter.to_owned() }.into()
}

statement! {
    Expired { now: Moment };
    writes recovery_letter;
    "DELETE recovery_letter WHERE expires < $now;"
}

/// Deletes those that expired.
pub fn expired(now: Moment) -> Transaction {
    Expired { now }.into()
}
