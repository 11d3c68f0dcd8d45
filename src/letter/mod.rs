//! Letters: what was rendered, for which account, when it was put into the spool, and what became of it.

pub mod room;

use springboard_jobs::Verdict;

use crate::{
    db::{Db, DbError, Query, Transaction, statement},
    delivery::{Way, sent},
    http::Portal,
    post::{Genuine, LetterText, PostFault, Spool, WITHHELD},
    words::{AccountId, CodeId, LetterCode, Moment},
};

/// A letter that is prepared in the spool, and is to be printed as soon as its record is written.
pub struct Spooled<'a> {
    /// Its name: that of its file, without `.pdf`.
    pub name: &'a str,
    /// The authorization code that it brings, if it does.
    pub code: Option<&'a CodeId>,
    /// For which account.
    pub account: &'a AccountId,
    /// For which logon; none for whoever opens it.
    pub logon: Option<&'a str>,
    /// What it says.
    pub text: LetterText,
    /// When it was prepared.
    pub at: Moment,
}

statement! {
    Record {
        name: String,
        code: Option<String>,
        kind: String,
        number: String,
        file: String,
        check: Option<String>,
        spooled: Moment,
    };
    writes letter;
    "UPSERT type::record('letter', $name) SET code = $code, kind = $kind, number = $number, file = $file, check = $check,
        spooled = $spooled, stage = 'spooled', rank = time::nano($spooled) RETURN NONE;"
}

/// The letter's record, and its place in the account's correspondence: one for each name, however often its job ran.
pub fn spooled(letter: Spooled<'_>) -> Transaction {
    let record = Record {
        name: letter.name.to_owned(),
        code: letter.code.map(ToString::to_string),
        kind: letter.account.kind.clone(),
        number: letter.account.number.digits(),
        file: format!("{}.pdf", letter.name),
        check: letter.text.genuine.as_ref().map(|genuine| genuine.code.replace(' ', "")),
        spooled: letter.at,
    };
    let kept = sent::New {
        name: letter.name,
        account: letter.account,
        logon: letter.logon,
        messages: Vec::new(),
        way: Way::Letter,
        recipient: letter.text.address.join(", "),
        subject: letter.text.subject.clone(),
        content: content(letter.text),
        at: letter.at,
    };
    record.then(sent::keep(vec![kept.into()]))
}

/// How anybody finds out that the letter of this name is genuine.
pub fn genuine(portal: &Portal, name: &str) -> Genuine {
    let code = LetterCode::of(&portal.keys, name);
    let page = format!("{}/letter", portal.public_url);
    Genuine { address: format!("{page}/{}", code.as_str()), page, code: code.to_string() }
}

/// What is kept of a letter: all but its code.
fn content(mut text: LetterText) -> String {
    text.code = text.code.map(|_| WITHHELD.to_owned());
    // Texts in a struct always have a JSON form.
    serde_json::to_string(&text).unwrap_or_default()
}

/// Releases a letter whose record is written, however often that is tried; tells whether there is such a record.
///
/// # Errors
/// Whether it may be tried again.
pub async fn release(db: &Db, spool: &Spool, name: &str) -> Result<bool, Verdict> {
    if !is_recorded(db, name).await.map_err(|fault| Verdict::Again(fault.to_string()))? {
        return Ok(false);
    }
    spool.release(name).await.map(|()| true).map_err(verdict)
}

/// How a job ends that the spool refused.
pub fn verdict(fault: PostFault) -> Verdict {
    match fault {
        PostFault::Later(why) => Verdict::Again(why),
        PostFault::Never(why) | PostFault::Unprintable(why) => Verdict::Never(why),
    }
}

statement! {
    IsRecorded { name: String } -> Option<bool>;
    reads letter;
    "RETURN record::exists(type::record('letter', $name))"
}

async fn is_recorded(db: &Db, name: &str) -> Result<bool, DbError> {
    Ok(db.ask(IsRecorded { name: name.to_owned() }).await?.unwrap_or(false))
}

/// Releases what this machine had prepared and recorded when it last stopped: another machine, which took the job over,
/// can't have done it.
///
/// # Errors
/// Whether it may be tried again.
pub async fn recover(db: &Db, spool: &Spool) -> Result<(), Verdict> {
    for name in spool.unreleased_names().await.map_err(verdict)? {
        if release(db, spool, &name).await? {
            tracing::info!(name, "a letter was released");
        }
    }
    Ok(())
}
