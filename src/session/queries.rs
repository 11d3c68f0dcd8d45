//! Sessions in the database.

use futures_util::future::BoxFuture;

use crate::{
    audit::{self, Deed},
    db::{Db, DbError, Query, Refusal, Transaction, statement, value::SurrealValue},
    session::{IDLE, Kind, LONGEST, Role, token},
    staff_member,
    words::{AccountNumber, Agency, Moment},
};

/// A session as it is stored, with what its pages show of its owner.
#[derive(Clone, Debug, SurrealValue)]
pub(super) struct Row {
    pub who: String,
    pub hint: Option<String>,
    pub began: Moment,
    pub seen: Moment,
    pub user_id: String,
    pub role: Option<Role>,
    pub factor_at: Option<Moment>,
    pub has_factor: bool,
}

macro_rules! find {
    ($name:ident, $table:ident, $owner:literal) => {
        statement! {
            $name { key: String, kind: &'static str, idle: Moment, longest: Moment } -> Option<Row>;
            reads session, $table, second_factor;
            concat!(
                "LET $row = (SELECT * FROM ONLY type::record('session', $key));
                 IF $row = NONE OR $row.kind != $kind OR $row.seen <= $idle OR $row.began <= $longest { RETURN NONE };
                 LET $owner = (",
                $owner,
                ");
                 IF $owner = NONE { RETURN NONE };
                 LET $factor = (SELECT totp, passkeys FROM ONLY type::record('second_factor', $row.who));
                 RETURN {
                    who: $row.who, hint: $row.hint, began: $row.began, seen: $row.seen, user_id: $owner.user_id,
                    role: $owner.role, factor_at: $row.factor_at,
                    has_factor: $factor != NONE AND ($factor.totp != NONE OR $factor.passkeys != [])
                 };"
            )
        }
    };
}

find! {
    FindOfPerson,
    logon,
    "SELECT user_id, NONE AS role FROM ONLY type::record('logon', $row.who) WHERE status = 'active'"
}

find! {
    FindOfStaff,
    staff,
    "SELECT user_id, role FROM ONLY type::record('staff', $row.who) WHERE status = NONE OR status = 'active'"
}

/// The session of this key, if it has not ended and its owner may still sign in.
pub(super) async fn find(db: &Db, kind: Kind, key: &str, now: Moment) -> Result<Option<Row>, DbError> {
    let (key, idle, longest) = (key.to_owned(), now - IDLE, now - LONGEST);
    match kind {
        Kind::Person => FindOfPerson { key, kind: kind.word(), idle, longest }.run(db).await,
        Kind::Staff => FindOfStaff { key, kind: kind.word(), idle, longest }.run(db).await,
    }
}

/// Which versions of the terms a person agreed to: the portal's, and those of access to each account.
#[derive(Debug)]
pub(super) struct Agreed {
    terms: String,
    access: AccessTerms,
}

/// Which versions of the terms of access a person agreed to.
#[derive(Debug, Default, SurrealValue)]
pub struct AccessTerms {
    /// Each of them once.
    pub versions: Vec<String>,
    /// Accounts whose terms nobody agreed to, as type and number: staff gave the access.
    pub given: Vec<(String, String)>,
}

/// How it is asked which terms of access a logon agreed to. Access stands above sessions: whoever puts the portal together says so.
pub type AskAccessTerms = for<'a> fn(&'a Db, &'a str) -> BoxFuture<'a, Result<AccessTerms, DbError>>;

impl Agreed {
    /// Whether those are the agency's terms as they are now.
    pub(super) fn is_to(&self, agency: &Agency) -> bool {
        self.access.given.is_empty() && self.is_to_all_but_given(agency)
    }

    /// The same, but for access that staff gave.
    pub(super) fn is_to_all_but_given(&self, agency: &Agency) -> bool {
        let is_now = |version: &String| version.is_empty() || *version == agency.access_terms.version;
        self.terms == agency.terms.version && self.access.versions.iter().all(is_now)
    }

    /// Whether a path is of an account that staff gave access to, and nobody agreed to its terms.
    pub(super) fn is_given(&self, path: &str) -> bool {
        let mut words = path.split('/').skip_while(|word| *word != "accounts").skip(1);
        let (Some(kind), Some(Ok(number))) = (words.next(), words.next().map(AccountNumber::parse)) else {
            return false;
        };
        self.access.given.iter().any(|(of_kind, given)| of_kind == kind && *given == number.digits())
    }
}

statement! {
    TermsAgreedTo { logon: String } -> Option<String>;
    reads logon;
    "SELECT VALUE terms_version FROM ONLY type::record('logon', $logon)"
}

/// Which terms a logon agreed to.
pub(super) async fn agreed(db: &Db, logon: &str, access: AskAccessTerms) -> Result<Agreed, DbError> {
    let terms = db.ask(TermsAgreedTo { logon: logon.to_owned() }).await?;
    let terms = terms.ok_or_else(|| DbError::Broken("the logon is gone".into()))?;
    Ok(Agreed { terms, access: access(db, logon).await? })
}

statement! {
    Touch { key: String, now: Moment } -> Vec<Moment>;
    writes session;
    "RETURN (UPDATE type::record('session', $key) SET seen = $now WHERE seen > d'1970-01-01T00:00:00Z' RETURN VALUE seen);"
}

/// Notes that the session was used; false if it is no longer there.
pub(super) async fn touch(db: &Db, key: &str, now: Moment) -> Result<bool, DbError> {
    Ok(!Touch { key: key.to_owned(), now }.run(db).await?.is_empty())
}

statement! {
    LastSeen { key: String } -> Option<Moment>;
    reads session;
    "SELECT VALUE seen FROM ONLY type::record('session', $key)"
}

/// When the session was last used, by the word of any process; nothing if it ended.
pub(super) async fn seen(db: &Db, key: &str) -> Result<Option<Moment>, DbError> {
    Ok(db.ask(LastSeen { key: key.to_owned() }).await?.filter(|seen| seen.timestamp() > 0))
}

/// A new session: the token for the cookie, and what writes its record.
pub struct Started {
    /// The token; it is nowhere else.
    pub token: String,
    /// Its record's key.
    pub key: String,
    /// What writes the record.
    pub transaction: Transaction,
}

statement! {
    Begin {
        key: String, kind: &'static str, who: String, hint: Option<String>, agent: String, factor_at: Option<Moment>,
        now: Moment,
    };
    writes session;
    "CREATE type::record('session', $key) SET kind = $kind, who = $who, hint = $hint, agent = $agent, began = $now,
        seen = $now, factor_at = $factor_at RETURN NONE;"
}

/// Begins a session: a new token at every sign-in.
pub fn begin(kind: Kind, who: &str, hint: Option<String>, agent: &str, now: Moment) -> Started {
    begin_with(kind, who, hint, agent, None, now)
}

/// The same, of somebody who proved a second factor then.
pub(super) fn begin_with(
    kind: Kind,
    who: &str,
    hint: Option<String>,
    agent: &str,
    factor_at: Option<Moment>,
    now: Moment,
) -> Started {
    let token = token::draw();
    let key = token::record_key(&token);
    let agent = agent.chars().take(200).collect();
    let begin = Begin { key: key.clone(), kind: kind.word(), who: who.to_owned(), hint, agent, factor_at, now };
    Started { token, key, transaction: begin.into() }
}

// A session that somebody ended is written over, as one that nobody has seen since 1970, and swept later: for a DELETE the
// engine reads the definitions of all tables, 2 ms of each sign-in and sign-out.
statement! {
    End { key: String, who: String };
    writes session;
    changes Sessions(who);
    "UPDATE type::record('session', $key) SET seen = d'1970-01-01T00:00:00Z' WHERE who = $who RETURN NONE;"
}

/// Ends a session everywhere.
///
/// # Errors
/// When the database does not answer.
pub async fn end(db: &Db, key: &str, who: &str, now: Moment) -> Result<(), DbError> {
    let end = End { key: key.to_owned(), who: who.to_owned() };
    end.then(audit::row(now, who, Deed::SignedOut, who, "")).run(db).await
}

statement! {
    EndAllOfStaff { who: String, but: String };
    writes session;
    changes Sessions(who);
    "UPDATE session SET seen = d'1970-01-01T00:00:00Z' WHERE who = $who AND kind = 'staff' AND record::id(id) != $but RETURN NONE;"
}

/// Statements that end all sessions of a staff member but one; an empty key keeps none.
pub fn end_all_of_staff(who: &str, but: &str) -> Transaction {
    EndAllOfStaff { who: who.to_owned(), but: but.to_owned() }.into()
}

statement! {
    ListOfStaff { who: String, idle: Moment } -> Vec<Listed>;
    reads session;
    "SELECT record::id(id) AS key, agent, began, seen FROM session WHERE who = $who AND kind = 'staff' AND seen > $idle"
}

/// A staff member's sessions that have not ended.
///
/// # Errors
/// When the database does not answer.
pub async fn list_of_staff(db: &Db, who: &str, now: Moment) -> Result<Vec<Listed>, DbError> {
    db.ask(ListOfStaff { who: who.to_owned(), idle: now - IDLE }).await
}

statement! {
    EndOne { who: String, key: String };
    writes session;
    changes Sessions(who);
    "UPDATE type::record('session', $key) SET seen = d'1970-01-01T00:00:00Z' WHERE who = $who RETURN NONE;"
}

/// Statements that end one session of somebody, if it is theirs.
pub fn end_one(who: &str, key: &str) -> Transaction {
    EndOne { who: who.to_owned(), key: key.to_owned() }.into()
}

/// Statements that end the session in whose place another one begins.
pub(super) fn replaced(before: &super::Session) -> Transaction {
    End { key: before.key.clone(), who: before.who.clone() }.into()
}

/// What renewing a session throws that ended meanwhile.
pub(super) const ENDED: Refusal = Refusal::new("the session ended");

statement! {
    EndRenewed { key: String, who: String };
    writes session;
    changes Sessions(who);
    refuses ENDED;
    "IF (UPDATE type::record('session', $key) SET seen = d'1970-01-01T00:00:00Z'
        WHERE who = $who AND seen > d'1970-01-01T00:00:00Z' RETURN VALUE who) = [] { THROW $ENDED };"
}

/// The same for a session that is renewed, which has to be there still: else they throw [`ENDED`].
pub(super) fn renewed(before: &super::Session) -> Transaction {
    EndRenewed { key: before.key.clone(), who: before.who.clone() }.into()
}

statement! {
    Whose { key: String, kind: &'static str } -> Option<String>;
    reads session;
    "SELECT VALUE who FROM type::record('session', $key) WHERE kind = $kind AND seen > d'1970-01-01T00:00:00Z'"
}

/// Whose session this was, if it ended by itself: one that somebody ended is gone.
pub(super) async fn whose(db: &Db, kind: Kind, key: &str) -> Result<Option<String>, DbError> {
    db.ask(Whose { key: key.to_owned(), kind: kind.word() }).await
}

statement! {
    EndAll;
    writes session;
    "DELETE session;"
}

/// Statements that end every session.
pub fn end_all() -> Transaction {
    EndAll {}.into()
}

statement! {
    Expired { now: Moment };
    writes session;
    "DELETE session WHERE seen < $now - 12h;"
}

/// Deletes sessions that ended for their age or idleness long ago.
pub fn expired(now: Moment) -> Transaction {
    Expired { now }.into()
}

statement! {
    EndOthers { who: String, but: String };
    writes session;
    changes Sessions(who);
    "UPDATE session SET seen = d'1970-01-01T00:00:00Z' WHERE who = $who AND kind = 'person' AND record::id(id) != $but RETURN NONE;"
}

/// Statements that end all sessions of a logon but one; an empty key keeps none.
pub fn end_others(who: &str, but: &str) -> Transaction {
    EndOthers { who: who.to_owned(), but: but.to_owned() }.into()
}

/// A session in the list of a person's own.
#[derive(Clone, Debug, SurrealValue)]
pub struct Listed {
    /// Its record's key.
    pub key: String,
    /// What the browser called itself.
    pub agent: String,
    /// When it began.
    pub began: Moment,
    /// When it was last used, to the minute.
    pub seen: Moment,
}

statement! {
    List { who: String, idle: Moment } -> Vec<Listed>;
    reads session;
    "SELECT record::id(id) AS key, agent, began, seen FROM session WHERE who = $who AND kind = 'person' AND seen > $idle"
}

/// A person's sessions that have not ended.
///
/// # Errors
/// When the database does not answer.
pub async fn list(db: &Db, who: &str, now: Moment) -> Result<Vec<Listed>, DbError> {
    db.ask(List { who: who.to_owned(), idle: now - IDLE }).await
}

statement! {
    PasswordOfPerson { who: String } -> Option<String>;
    reads logon;
    "SELECT VALUE password FROM ONLY type::record('logon', $who)"
}

/// The hash of somebody's password.
pub(super) async fn password_of(db: &Db, kind: Kind, who: &str) -> Result<Option<String>, DbError> {
    let who = who.to_owned();
    match kind {
        Kind::Person => db.ask(PasswordOfPerson { who }).await,
        Kind::Staff => staff_member::queries::password_of(db, &who).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::migrate;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn an_ended_session_stays_ended_whoever_uses_it_still() {
        let db = Db::in_memory().await.unwrap();
        migrate::run(&db).await.unwrap();
        let now: Moment = "2026-11-24T15:00:00Z".parse().unwrap();
        let Started { key, transaction, .. } = begin(Kind::Person, "me", None, "a browser", now);
        transaction.run(&db).await.unwrap();
        assert_eq!(seen(&db, &key).await, Ok(Some(now)));
        end(&db, &key, "somebody else", now).await.unwrap();
        assert_eq!(touch(&db, &key, now).await, Ok(true), "nobody ends another's");
        end(&db, &key, "me", now).await.unwrap();
        assert_eq!(touch(&db, &key, now).await, Ok(false));
        assert_eq!(seen(&db, &key).await, Ok(None));
        assert_eq!(whose(&db, Kind::Person, &key).await, Ok(None), "what it sends is not kept");
        assert!(list(&db, "me", now).await.unwrap().is_empty());
        expired(now).run(&db).await.unwrap();
        let left: Vec<String> = db.raw("SELECT VALUE who FROM session").await.unwrap().take(0).unwrap();
        assert!(left.is_empty(), "swept: {left:?}");
    }
}
