//! The trail in the database, newest first.

use super::Deed;
use crate::{
    db::{Db, DbError, statement, value::SurrealValue},
    words::Moment,
};

/// Which rows are looked for; what is none does not matter.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Who did it: the ids that a user ID stands for.
    pub who: Option<Vec<String>>,
    /// What was done.
    pub did: Option<Deed>,
    /// To which record: an account, or the ids that a user ID stands for.
    pub what: Option<Vec<String>>,
    /// Whether rows that only say that somebody looked are left out.
    pub without_views: bool,
    /// From this moment on.
    pub from: Option<Moment>,
    /// Before this moment.
    pub until: Option<Moment>,
}

/// A place in the trail: rows after it are older.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor(i64);

impl Cursor {
    /// Before the newest row.
    pub const NEWEST: Self = Self(i64::MIN);

    /// The cursor of an address.
    pub fn parse(text: &str) -> Self {
        text.parse().map_or(Self::NEWEST, Self)
    }

    /// Just before the rows of this moment and those before it.
    fn at(moment: Moment) -> Self {
        // As `audit::row` ranks them: microseconds, and three digits by chance.
        Self(moment.timestamp_micros().saturating_mul(-1000).saturating_sub(1000))
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// A row as it is listed.
#[derive(Clone, Debug, SurrealValue)]
pub struct Listed {
    /// When.
    pub at: Moment,
    /// The user ID of who did it, once it was looked up.
    pub name: Option<String>,
    /// Their id.
    pub who: String,
    /// What.
    pub did: String,
    /// To which record.
    pub what: String,
    /// What else is known.
    pub note: String,
    /// The source address, if it came by a request.
    pub source: Option<String>,
    /// The beginning of the session's key.
    pub session: Option<String>,
    /// The user ID that the record is of, if it is of one and was looked up.
    pub about: Option<String>,
    /// Its place in the chain, once it is sealed.
    pub sealed: Option<i64>,
    rank: i64,
}

impl Listed {
    /// The place after this row.
    pub fn cursor(&self) -> Cursor {
        Cursor(self.rank)
    }
}

/// A page of the trail after a place, newest first, and where the next one begins. Rows of one rank stay on one page, so
/// that none is skipped between two: a page may be a little shorter than `most`.
///
/// # Errors
/// When the database does not answer.
pub async fn find_page(
    db: &Db,
    filter: &Filter,
    after: Cursor,
    most: usize,
) -> Result<(Vec<Listed>, Option<Cursor>), DbError> {
    let mut rows = find(db, filter, after, most + 1).await?;
    let Some(beyond) = rows.get(most).map(|row| row.rank) else { return Ok((rows, None)) };
    let whole = rows.iter().position(|row| row.rank == beyond).filter(|whole| *whole > 0);
    rows.truncate(whole.unwrap_or(most));
    let next = rows.last().map(Listed::cursor);
    Ok((rows, next))
}

macro_rules! rows {
    ($index:literal, $condition:literal) => {
        concat!(
            "SELECT at, who, did, what, note, source, session, rank, (SELECT VALUE number FROM ONLY type::record('audit_sealed', record::id($parent.id))) AS sealed
             FROM audit WITH INDEX ",
            $index,
            " WHERE rank > $newest AND rank < $oldest AND ",
            $condition,
            " AND did NOT IN $views ORDER BY rank LIMIT $most"
        )
    };
}

// In all of them an empty list, or no deed, does not matter.
statement! {
    ByWhat {
        what: String,
        who: Vec<String>,
        did: Option<&'static str>,
        views: Vec<&'static str>,
        newest: i64,
        oldest: i64,
        most: i64,
    } -> Vec<Listed>;
    reads audit, audit_sealed;
    concat!(rows!("audit_what_rank", "what = $what AND ($who = [] OR who IN $who) AND ($did = NONE OR did = $did)"))
}

statement! {
    ByWho {
        who: String,
        what: Vec<String>,
        did: Option<&'static str>,
        views: Vec<&'static str>,
        newest: i64,
        oldest: i64,
        most: i64,
    } -> Vec<Listed>;
    reads audit, audit_sealed;
    concat!(rows!("audit_who_rank", "who = $who AND ($what = [] OR what IN $what) AND ($did = NONE OR did = $did)"))
}

statement! {
    ByDeed {
        did: &'static str,
        who: Vec<String>,
        what: Vec<String>,
        views: Vec<&'static str>,
        newest: i64,
        oldest: i64,
        most: i64,
    } -> Vec<Listed>;
    reads audit, audit_sealed;
    concat!(rows!("audit_did_rank", "did = $did AND ($who = [] OR who IN $who) AND ($what = [] OR what IN $what)"))
}

statement! {
    ByRank {
        who: Vec<String>,
        what: Vec<String>,
        views: Vec<&'static str>,
        newest: i64,
        oldest: i64,
        most: i64,
    } -> Vec<Listed>;
    reads audit, audit_sealed;
    concat!(rows!("audit_rank", "($who = [] OR who IN $who) AND ($what = [] OR what IN $what)"))
}

/// Rows of the trail after a place, newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn find(db: &Db, filter: &Filter, after: Cursor, most: usize) -> Result<Vec<Listed>, DbError> {
    // A filter that names nobody finds nothing; to the statements an empty list means anybody.
    if [&filter.who, &filter.what].into_iter().any(|ids| ids.as_ref().is_some_and(Vec::is_empty)) {
        return Ok(Vec::new());
    }
    let (who, what) = (filter.who.clone().unwrap_or_default(), filter.what.clone().unwrap_or_default());
    let did = filter.did.map(Deed::label);
    let views = [Deed::ViewedLogon.label(), Deed::ViewedAccount.label()];
    let views = if filter.without_views { views.to_vec() } else { Vec::new() };
    let newest = after.0.max(filter.until.map_or(i64::MIN, |until| Cursor::at(until).0 + 1000));
    let oldest = filter.from.map_or(i64::MAX, |from| Cursor::at(from).0 + 1001);
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    // The index that leaves the fewest rows to look at, each of them in the order of the ranks.
    match (what.as_slice(), who.as_slice(), did) {
        ([one], _, _) => db.ask(ByWhat { what: one.clone(), who, did, views, newest, oldest, most }).await,
        (_, [one], _) => db.ask(ByWho { who: one.clone(), what, did, views, newest, oldest, most }).await,
        (_, _, Some(did)) => db.ask(ByDeed { did, who, what, views, newest, oldest, most }).await,
        _ => db.ask(ByRank { who, what, views, newest, oldest, most }).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::migrate;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn rows_of_one_rank_are_on_one_page() {
        let db = Db::in_memory().await.unwrap();
        migrate::run(&db).await.unwrap();
        let rows = "FOR $n IN 0..10 {
            CREATE audit SET at = time::now(), who = 'x', did = 'signed in', what = 'x', note = <string> $n, rank = -20 + math::floor($n / 3);
        };";
        db.raw(rows).await.unwrap();
        let (mut seen, mut after, mut pages) = (Vec::new(), Some(Cursor::NEWEST), 0);
        while let Some(from) = after {
            let (rows, next) = find_page(&db, &Filter::default(), from, 4).await.unwrap();
            seen.extend(rows.into_iter().map(|row| row.note));
            (after, pages) = (next, pages + 1);
        }
        seen.sort_unstable();
        assert_eq!((seen.join(""), pages), ("0123456789".to_owned(), 3));
    }
}
