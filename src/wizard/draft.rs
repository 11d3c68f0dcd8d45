//! Drafts: kept per wizard and owner, across a restart and a sign-in; ended with the deed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Step, Wizard};
use crate::{
    db::{Db, DbError, Query, Refusal, Transaction, statement, value::SurrealValue},
    form::Fields,
    http::Fault,
    words::{DraftId, Moment},
};

/// How many fields of a step are kept, and how many letters of each: more than any field takes.
const MOST_FIELDS: usize = 40;
const LONGEST_FIELD: usize = 400;

/// A wizard's draft as it is worked on.
pub struct Draft<W: Wizard> {
    /// Its identity.
    pub id: DraftId,
    /// The answers.
    pub answers: W::Draft,
    /// Where the deed led, if it was done.
    pub ended: Option<String>,
    /// Whether it is in the database.
    pub is_kept: bool,
    typed: BTreeMap<String, Vec<(String, String)>>,
}

#[derive(Serialize, Deserialize)]
struct Kept<D> {
    answers: D,
    typed: BTreeMap<String, Vec<(String, String)>>,
}

#[derive(SurrealValue)]
struct Row {
    draft: String,
    answers: String,
    ended: Option<String>,
}

statement! {
    Find { wizard: &'static str, owner: String } -> Option<Row>;
    reads draft;
    "SELECT draft, answers, ended FROM ONLY type::record('draft', [$wizard, $owner])"
}

statement! {
    // One that has ended stays so, whatever a slower request still has of it.
    Keep { wizard: &'static str, owner: String, draft: String, answers: String, now: Moment };
    reads draft;
    writes draft;
    "LET $id = type::record('draft', [$wizard, $owner]);
     LET $present = (SELECT draft, ended FROM ONLY $id);
     IF $present.draft = $draft AND $present.ended != NONE { RETURN NONE };
     IF $present = NONE {
        CREATE $id SET draft = $draft, answers = $answers, touched = $now RETURN NONE
     } ELSE {
        UPDATE $id SET draft = $draft, answers = $answers, ended = NONE, touched = $now RETURN NONE
     };"
}

impl<W: Wizard> Draft<W> {
    fn new() -> Self {
        let (id, answers) = (DraftId::draw(), W::Draft::default());
        Self { id, answers, ended: None, is_kept: false, typed: BTreeMap::new() }
    }

    /// The owner's draft; none, or one that this version can't read, is a new one.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn open(db: &Db, owner: &str) -> Result<Self, Fault> {
        let row = db.ask(Find { wizard: W::KEY, owner: owner.to_owned() }).await?;
        Ok(row.and_then(Self::read).unwrap_or_else(Self::new))
    }

    fn read(row: Row) -> Option<Self> {
        let id = DraftId::known(row.draft);
        if row.ended.is_some() {
            return Some(Self { id, ended: row.ended, is_kept: true, ..Self::new() });
        }
        let kept: Kept<W::Draft> = serde_json::from_str(&row.answers).ok()?;
        Some(Self { id, answers: kept.answers, ended: None, is_kept: true, typed: kept.typed })
    }

    /// A new one in place of one that ended.
    pub fn anew(&mut self) {
        *self = Self { is_kept: self.is_kept, ..Self::new() };
    }

    /// What was typed at a step, for showing it again.
    pub fn typed(&self, step: W::Step) -> Fields {
        Fields::new(self.typed.get(step.slug()).cloned().unwrap_or_default())
    }

    /// Remembers what was typed at a step: the wizard's own fields but for secrets, each as long as a field may be.
    pub fn remember(&mut self, step: W::Step, posted: &Fields) {
        let kept = posted.pairs().filter(|(name, _)| W::FIELDS.contains(name) && !W::is_secret(name)).take(MOST_FIELDS);
        let cut = |(name, value): (&str, &str)| (name.to_owned(), value.chars().take(LONGEST_FIELD).collect());
        self.typed.insert(step.slug().to_owned(), kept.map(cut).collect());
    }

    /// Forgets what was typed at a step.
    pub fn forget(&mut self, step: W::Step) {
        self.typed.remove(step.slug());
    }

    /// Keeps the draft.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn keep(&self, db: &Db, owner: &str, now: Moment) -> Result<(), Fault> {
        let kept = Kept { answers: self.answers.clone(), typed: self.typed.clone() };
        let answers = serde_json::to_string(&kept).map_err(|fault| Fault::Broken(fault.to_string()))?;
        let draft = self.id.as_str().to_owned();
        Keep { wizard: W::KEY, owner: owner.to_owned(), draft, answers, now }.run(db).await?;
        Ok(())
    }

    /// What the deed's transaction needs to end this draft.
    pub fn ending(&self, owner: &str) -> Ending {
        Ending { wizard: W::KEY, owner: owner.to_owned(), draft: self.id.clone() }
    }
}

statement! {
    Discard { wizard: &'static str, owner: String };
    writes draft;
    "DELETE type::record('draft', [$wizard, $owner]);"
}

/// Discards the owner's draft.
///
/// # Errors
/// When the database does not answer.
pub async fn discard(db: &Db, wizard: &'static str, owner: &str) -> Result<(), Fault> {
    Discard { wizard, owner: owner.to_owned() }.run(db).await?;
    Ok(())
}

statement! {
    DiscardAll;
    writes draft;
    "DELETE draft;"
}

/// Statements that discard all drafts.
pub fn discard_all() -> Transaction {
    DiscardAll {}.into()
}

statement! {
    Expired { now: Moment };
    writes draft;
    "DELETE draft WHERE touched < $now - 14d;"
}

/// Deletes drafts that nobody touched for two weeks.
pub fn expired(now: Moment) -> Transaction {
    Expired { now }.into()
}

/// A draft's record, to be ended in the transaction of the deed.
pub struct Ending {
    wizard: &'static str,
    owner: String,
    draft: DraftId,
}

/// What ending throws when the draft had ended before.
const ENDED: Refusal = Refusal::new("the draft has ended");

statement! {
    End { wizard: &'static str, owner: String, draft: String, path: String, now: Moment };
    reads draft;
    writes draft;
    refuses ENDED;
    "LET $present = (SELECT draft, ended FROM ONLY type::record('draft', [$wizard, $owner]));
     IF $present = NONE OR $present.draft != $draft OR $present.ended != NONE { THROW $ENDED };
     UPDATE type::record('draft', [$wizard, $owner]) SET ended = $path, answers = '', touched = $now RETURN NONE;"
}

impl Ending {
    /// Ends the draft, so that of two clicks on the same button only one does anything. The answers
    /// are deleted; where the deed led is kept, for the second click.
    pub fn transaction(&self, path: &str, now: Moment) -> Transaction {
        End {
            wizard: self.wizard,
            owner: self.owner.clone(),
            draft: self.draft.as_str().to_owned(),
            path: path.to_owned(),
            now,
        }
        .into()
    }

    /// Whether a transaction failed because the draft had ended before.
    pub fn was_before(fault: &DbError) -> bool {
        fault.is_refusal(ENDED)
    }
}
