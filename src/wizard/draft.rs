//! Drafts: kept per wizard and owner, across a restart and a sign-in; ended with the deed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Step, Wizard};
use crate::{
    db::{Ask, Db, DbError, Piece, value::SurrealValue},
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
        let ask = Ask::new("SELECT draft, answers, ended FROM ONLY type::record('draft', [$wizard, $owner])")
            .with("wizard", W::KEY)
            .with("owner", owner.to_owned());
        let row: Option<Row> = db.ask(ask).await?.one(0)?;
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
        let ask = Ask::new(
            "{
                LET $id = type::record('draft', [$wizard, $owner]);
                LET $present = (SELECT draft, ended FROM ONLY $id);
                -- One that has ended stays so, whatever a slower request still has of it.
                IF $present.draft = $draft AND $present.ended != NONE { RETURN NONE };
                UPSERT $id SET draft = $draft, answers = $answers, ended = NONE, touched = $now RETURN NONE;
            }",
        )
        .with("wizard", W::KEY)
        .with("owner", owner.to_owned())
        .with("draft", self.id.as_str())
        .with("answers", answers)
        .with("now", now);
        db.ask(ask).await?;
        Ok(())
    }

    /// What the deed's transaction needs to end this draft.
    pub fn ending(&self, owner: &str) -> Ending {
        Ending { wizard: W::KEY, owner: owner.to_owned(), draft: self.id.clone() }
    }
}

/// Discards the owner's draft.
///
/// # Errors
/// When the database does not answer.
pub async fn discard(db: &Db, wizard: &'static str, owner: &str) -> Result<(), Fault> {
    let ask = Ask::new("DELETE type::record('draft', [$wizard, $owner])")
        .with("wizard", wizard)
        .with("owner", owner.to_owned());
    db.ask(ask).await?;
    Ok(())
}

/// Deletes drafts that nobody touched for two weeks.
pub fn expired(now: Moment) -> Piece {
    Piece::new("DELETE draft WHERE touched < $now - 14d;").with("now", now)
}

/// A draft's record, to be ended in the transaction of the deed.
pub struct Ending {
    wizard: &'static str,
    owner: String,
    draft: DraftId,
}

#[derive(SurrealValue)]
struct Values {
    wizard: String,
    owner: String,
    draft: String,
    path: String,
    now: Moment,
}

impl Ending {
    const ENDED: &'static str = "the draft has ended";

    /// Ends the draft, so that of two clicks on the same button only one does anything. The answers
    /// are deleted; where the deed led is kept, for the second click.
    pub fn piece(&self, path: &str, now: Moment) -> Piece {
        let text = format!(
            "LET $draft_row = (SELECT draft, ended FROM ONLY type::record('draft', [$ending.wizard, $ending.owner]));
             IF $draft_row = NONE OR $draft_row.draft != $ending.draft OR $draft_row.ended != NONE {{ THROW '{}' }};
             UPDATE type::record('draft', [$ending.wizard, $ending.owner])
                SET ended = $ending.path, answers = '', touched = $ending.now RETURN NONE;",
            Self::ENDED
        );
        let values = Values {
            wizard: self.wizard.into(),
            owner: self.owner.clone(),
            draft: self.draft.as_str().into(),
            path: path.into(),
            now,
        };
        Piece::new(text).with("ending", values)
    }

    /// Whether a transaction failed because the draft had ended before.
    pub fn was_before(fault: &DbError) -> bool {
        fault.is_refusal(Self::ENDED)
    }
}
