//! Sessions in the database.

use crate::{
    audit::{self, Deed},
    db::{Ask, Db, DbError, Piece, value::SurrealValue},
    session::{IDLE, Kind, LONGEST, Role, token},
    words::{AccountNumber, Agency, Moment, UserId},
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

/// The session of this key, if it has not ended and its owner may still sign in.
pub(super) async fn find(db: &Db, kind: Kind, key: &str, now: Moment) -> Result<Option<Row>, DbError> {
    let owner = match kind {
        Kind::Person => {
            "SELECT user_id, NONE AS role FROM ONLY type::record('logon', $row.who) WHERE status = 'active'"
        }
        Kind::Staff => {
            "SELECT user_id, role FROM ONLY type::record('staff', $row.who) WHERE status = NONE OR status = 'active'"
        }
    };
    let text = format!(
        "LET $row = (SELECT * FROM ONLY type::record('session', $key));
         IF $row = NONE OR $row.kind != $kind OR $row.seen <= $idle OR $row.began <= $longest {{ RETURN NONE }};
         LET $owner = ({owner});
         IF $owner = NONE {{ RETURN NONE }};
         LET $factor = (SELECT totp, passkeys FROM ONLY type::record('second_factor', $row.who));
         RETURN {{
            who: $row.who, hint: $row.hint, began: $row.began, seen: $row.seen, user_id: $owner.user_id, role: $owner.role,
            factor_at: $row.factor_at, has_factor: $factor != NONE AND ($factor.totp != NONE OR $factor.passkeys != [])
         }};"
    );
    Piece::new(text)
        .with("key", key.to_owned())
        .with("kind", kind.word())
        .with("idle", now - IDLE)
        .with("longest", now - LONGEST)
        .run(db)
        .await?
        .one(0)
}

/// Which versions of the terms a person agreed to: the portal's, and those of access to each account.
#[derive(Debug, SurrealValue)]
pub(super) struct Agreed {
    terms: String,
    access: Vec<String>,
    /// Accounts whose terms nobody agreed to: staff gave the access.
    given: Vec<Given>,
}

#[derive(Debug, SurrealValue)]
struct Given {
    kind: String,
    number: String,
}

impl Agreed {
    /// Whether those are the agency's terms as they are now.
    pub(super) fn is_to(&self, agency: &Agency) -> bool {
        self.given.is_empty() && self.is_to_all_but_given(agency)
    }

    /// The same, but for access that staff gave.
    pub(super) fn is_to_all_but_given(&self, agency: &Agency) -> bool {
        let is_now = |version: &String| version.is_empty() || *version == agency.access_terms.version;
        self.terms == agency.terms.version && self.access.iter().all(is_now)
    }

    /// Whether a path is of an account that staff gave access to, and nobody agreed to its terms.
    pub(super) fn is_given(&self, path: &str) -> bool {
        let mut words = path.split('/').skip_while(|word| *word != "accounts").skip(1);
        let (Some(kind), Some(Ok(number))) = (words.next(), words.next().map(AccountNumber::parse)) else {
            return false;
        };
        self.given.iter().any(|given| given.kind == kind && given.number == number.digits())
    }
}

/// Which terms a logon agreed to.
pub(super) async fn agreed(db: &Db, logon: &str) -> Result<Agreed, DbError> {
    let ask = Ask::new(
        "SELECT terms_version AS terms,
            (SELECT terms_version FROM type::record('access', [$logon]..[$logon, ..]) GROUP BY terms_version).terms_version AS access,
            (SELECT kind, number FROM type::record('access', [$logon]..[$logon, ..]) WHERE terms_version = '') AS given
         FROM ONLY type::record('logon', $logon)",
    )
    .with("logon", logon.to_owned());
    let agreed: Option<Agreed> = db.ask(ask).await?.one(0)?;
    agreed.ok_or_else(|| DbError::Broken("the logon is gone".into()))
}

/// Notes that the session was used; false if it is no longer there.
pub(super) async fn touch(db: &Db, key: &str, now: Moment) -> Result<bool, DbError> {
    let ask = Ask::new("UPDATE type::record('session', $key) SET seen = $now RETURN VALUE seen")
        .with("key", key.to_owned())
        .with("now", now);
    Ok(!db.ask(ask).await?.all::<Moment>(0)?.is_empty())
}

/// When the session was last used, by the word of any process; nothing if it ended.
pub(super) async fn seen(db: &Db, key: &str) -> Result<Option<Moment>, DbError> {
    let ask = Ask::new("SELECT VALUE seen FROM ONLY type::record('session', $key)").with("key", key.to_owned());
    db.ask(ask).await?.one(0)
}

/// A new session: the token for the cookie, and what writes its record.
pub struct Started {
    /// The token; it is nowhere else.
    pub token: String,
    /// Its record's key.
    pub key: String,
    /// What writes the record.
    pub piece: Piece,
}

#[derive(SurrealValue)]
struct New {
    factor_at: Option<Moment>,
    key: String,
    kind: String,
    who: String,
    hint: Option<String>,
    agent: String,
    now: Moment,
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
    let values = New { factor_at, key: key.clone(), kind: kind.word().into(), who: who.into(), hint, agent, now };
    let piece = Piece::new(
        "CREATE type::record('session', $began.key) SET kind = $began.kind, who = $began.who, hint = $began.hint,
            agent = $began.agent, began = $began.now, seen = $began.now, factor_at = $began.factor_at RETURN NONE;",
    )
    .with("began", values);
    Started { token, key, piece }
}

/// Ends a session everywhere.
///
/// # Errors
/// When the database does not answer.
pub async fn end(db: &Db, key: &str, who: &str, now: Moment) -> Result<(), DbError> {
    Piece::new("DELETE type::record('session', $key); fn::wake($who, 'session');")
        .with("key", key.to_owned())
        .with("who", who.to_owned())
        .then(audit::row(now, who, Deed::SignedOut, who, ""))
        .run(db)
        .await
        .map(drop)
}

/// Statements that end all sessions of a staff member but one; an empty key keeps none.
pub fn end_all_of_staff(who: &str, but: &str) -> Piece {
    Piece::new(
        "DELETE session WHERE who = $staff_sessions.who AND kind = 'staff' AND record::id(id) != $staff_sessions.but;
         fn::wake($staff_sessions.who, 'session');",
    )
    .with("staff_sessions", Others { who: who.into(), but: but.into() })
}

/// A staff member's sessions that have not ended.
///
/// # Errors
/// When the database does not answer.
pub async fn list_of_staff(db: &Db, who: &str, now: Moment) -> Result<Vec<Listed>, DbError> {
    let ask = Ask::new(
        "SELECT record::id(id) AS key, agent, began, seen FROM session WHERE who = $who AND kind = 'staff' AND seen > $idle",
    )
    .with("who", who.to_owned())
    .with("idle", now - IDLE);
    db.ask(ask).await?.all(0)
}

/// Statements that end one session of somebody, if it is theirs.
pub fn end_one(who: &str, key: &str) -> Piece {
    Piece::new(
        "DELETE type::record('session', $one_session.but) WHERE who = $one_session.who;
         fn::wake($one_session.who, 'session');",
    )
    .with("one_session", Others { who: who.into(), but: key.into() })
}

/// Statements that end the session in whose place another one begins.
pub(super) fn replaced(before: &super::Session) -> Piece {
    Piece::new("DELETE type::record('session', $replaced.key); fn::wake($replaced.who, 'session');")
        .with("replaced", Replaced { key: before.key.clone(), who: before.who.clone() })
}

/// What renewing a session throws that ended meanwhile.
pub(super) const ENDED: &str = "the session ended";

/// The same for a session that is renewed, which has to be there still: else they throw [`ENDED`].
pub(super) fn renewed(before: &super::Session) -> Piece {
    Piece::new(format!(
        "IF (DELETE type::record('session', $renewed.key) RETURN BEFORE) = [] {{ THROW '{ENDED}' }};
         fn::wake($renewed.who, 'session');"
    ))
    .with("renewed", Replaced { key: before.key.clone(), who: before.who.clone() })
}

#[derive(SurrealValue)]
struct Replaced {
    key: String,
    who: String,
}

/// Whose session this was, if it ended by itself: one that somebody ended is gone.
pub(super) async fn whose(db: &Db, kind: Kind, key: &str) -> Result<Option<String>, DbError> {
    let ask = Ask::new("RETURN (SELECT VALUE who FROM type::record('session', $key) WHERE kind = $kind)[0]");
    db.ask(ask.with("key", key.to_owned()).with("kind", kind.word())).await?.one(0)
}

/// Deletes sessions that ended for their age or idleness long ago.
pub fn expired(now: Moment) -> Piece {
    Piece::new("DELETE session WHERE seen < $now - 12h;").with("now", now)
}

/// Statements that end all sessions of a logon but one; an empty key keeps none.
pub fn end_others(who: &str, but: &str) -> Piece {
    Piece::new(
        "DELETE session WHERE who = $others.who AND kind = 'person' AND record::id(id) != $others.but;
         fn::wake($others.who, 'session');",
    )
    .with("others", Others { who: who.into(), but: but.into() })
}

#[derive(SurrealValue)]
struct Others {
    who: String,
    but: String,
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

/// A person's sessions that have not ended.
///
/// # Errors
/// When the database does not answer.
pub async fn list(db: &Db, who: &str, now: Moment) -> Result<Vec<Listed>, DbError> {
    let ask = Ask::new(
        "SELECT record::id(id) AS key, agent, began, seen FROM session WHERE who = $who AND kind = 'person' AND seen > $idle",
    )
    .with("who", who.to_owned())
    .with("idle", now - IDLE);
    db.ask(ask).await?.all(0)
}

/// An employee who may sign in.
#[derive(Clone, Debug, SurrealValue)]
pub(super) struct Employee {
    pub key: String,
    pub password: String,
    pub is_active: bool,
}

/// The hash of somebody's password.
pub(super) async fn password_of(db: &Db, kind: Kind, who: &str) -> Result<Option<String>, DbError> {
    let ask = match kind {
        Kind::Person => Ask::new("SELECT VALUE password FROM ONLY type::record('logon', $who)"),
        Kind::Staff => Ask::new("SELECT VALUE password FROM ONLY type::record('staff', $who)"),
    };
    db.ask(ask.with("who", who.to_owned())).await?.one(0)
}

/// The employee with this user ID.
pub(super) async fn find_staff(db: &Db, user_id: &UserId) -> Result<Option<Employee>, DbError> {
    let ask = Ask::new(
        "SELECT record::id(id) AS key, password, (status ?? 'active') = 'active' AS is_active FROM staff WHERE folded = $folded LIMIT 1",
    )
        .with("folded", user_id.folded());
    db.ask(ask).await?.one(0)
}

/// What a transaction throws when a staff member's password is another one by now, or they may not sign in.
pub const STAFF_CHANGED: &str = "the staff member changed";

#[derive(SurrealValue)]
struct StaffChecked {
    id: String,
    password: String,
}

/// Statements that hold only while the password that was checked is a staff member's; else they throw [`STAFF_CHANGED`].
pub fn staff_still(id: &str, password: &str) -> Piece {
    Piece::new(format!(
        "IF (SELECT VALUE password FROM type::record('staff', $staff_checked.id) WHERE (status ?? 'active') = 'active')
            != [$staff_checked.password] {{ THROW '{STAFF_CHANGED}' }};"
    ))
    .with("staff_checked", StaffChecked { id: id.to_owned(), password: password.to_owned() })
}

/// Statements that keep a staff member's hash as it is made today, behind [`staff_still`], which looked at the one before.
pub fn staff_rehashed(id: &str, hash: String) -> Piece {
    Piece::new("UPDATE type::record('staff', $staff_rehashed.id) SET password = $staff_rehashed.password RETURN NONE;")
        .with("staff_rehashed", StaffChecked { id: id.to_owned(), password: hash })
}
