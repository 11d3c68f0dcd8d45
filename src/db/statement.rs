//! Declared statements: each question that is put to the database, and each change, is a constant with its text, typed
//! parameters and answer, and the tables that it reads and writes. [`STATEMENTS`] lists them all, so that tests can walk them.

use surrealdb::types::{SurrealValue, Value, Variables};

use super::{Change, Db, DbError, Topic, Transaction};

/// A statement as it is declared.
#[derive(Debug)]
pub struct Statement {
    /// The module that declares it.
    pub module: &'static str,
    /// Its name there.
    pub name: &'static str,
    /// Its SurrealQL: one or more statements, without a block around them.
    pub text: &'static str,
    /// Its parameters, without their `$`.
    pub parameters: &'static [&'static str],
    /// The tables that it reads.
    pub reads: &'static [&'static str],
    /// The tables that it writes.
    pub writes: &'static [&'static str],
    /// The topics that it changes, by their names in [`Topic`].
    pub topics: &'static [&'static str],
    /// Whether the program can do the same with the record: see [`Change`].
    pub is_keyed: bool,
}

/// Every statement of the program, in no order.
#[linkme::distributed_slice]
pub static STATEMENTS: [Statement];

impl Statement {
    /// Whether it reads one record by its id, and little else.
    pub(super) fn is_point_read(&self) -> bool {
        let from = self.text.find(" FROM ").map(|at| &self.text[at..]);
        self.writes.is_empty()
            && self.text.starts_with("SELECT ")
            && from.is_some_and(|from| from.starts_with(" FROM ONLY type::record("))
            && !["(SELECT", "fn::", ".."].iter().any(|more| self.text.contains(more))
            && !self.text.trim_end_matches(';').contains(';')
    }

    /// The text with `prefix` before the name of each variable, so that several statements can stand in one block.
    pub fn prefixed(&self, prefix: &str) -> String {
        let mut text = String::with_capacity(self.text.len() + 64);
        let mut quote = None;
        for (at, letter) in self.text.char_indices() {
            text.push(letter);
            match quote {
                Some(open) if letter == open => quote = None,
                Some(_) => {}
                None if matches!(letter, '\'' | '"' | '`') => quote = Some(letter),
                None if letter == '$' && !is_of_engine(name_at(&self.text[at + 1..])) => text.push_str(prefix),
                None => {}
            }
        }
        text
    }
}

/// The name that a text begins with.
fn name_at(text: &str) -> &str {
    let end = text.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    &text[..end.unwrap_or(text.len())]
}

/// Whether a variable is one that the engine sets by itself.
pub fn is_of_engine(name: &str) -> bool {
    matches!(name, "this" | "parent" | "before")
}

/// A declared statement with its values; `statement!` makes one of each.
pub trait Query: Sized {
    /// What it answers: see [`Answer`].
    type Answer: Answer;

    /// The statement.
    fn statement() -> &'static Statement;

    /// Its values, in the order of [`Statement::parameters`].
    fn values(self) -> Vec<Value>;

    /// The topics that it changes.
    fn topics(&self) -> Vec<Topic>;

    /// The same as changes of records, if it is declared so.
    fn changes(&self) -> Vec<Change>;

    /// This, then another, in one transaction.
    fn then(self, next: impl Into<Transaction>) -> Transaction {
        Transaction::from(self).then(next)
    }

    /// Runs it as one block, which is one transaction: all of it is durable, or none. The answer is the block's.
    ///
    /// # Errors
    /// As [`Db::ask`].
    fn run(self, db: &Db) -> impl Future<Output = Result<Self::Answer, DbError>> + Send
    where
        Self::Answer: Send,
    {
        Transaction::from(self).answer(db)
    }
}

/// The values by their parameters.
pub(super) fn bound<Q: Query>(query: Q) -> Variables {
    let names = Q::statement().parameters.iter().map(|name| (*name).to_owned());
    names.zip(query.values()).collect()
}

/// The answers of the statements of a text, in their order.
#[derive(Debug)]
pub struct Results(Vec<Value>);

impl Results {
    pub(super) fn new(answers: Vec<Value>) -> Self {
        Self(answers)
    }

    fn value(&mut self, at: usize) -> Value {
        self.0.get_mut(at).map(std::mem::take).unwrap_or_default()
    }

    /// The answer of a statement.
    ///
    /// # Errors
    /// When it is not of this type.
    pub fn take<A: Answer>(&mut self, at: usize) -> Result<A, DbError> {
        A::take(self, at)
    }
}

/// What statements answer: `Option` for one record or value, `Vec` for all of them, [`Whole`] for an object that holds
/// lists, `()` for nothing, and tuples for one after another.
pub trait Answer: Sized {
    /// How many statements it takes the answers of.
    const COUNT: usize;

    /// Takes it from the answers, beginning with this one.
    ///
    /// # Errors
    /// When they are not of this type.
    fn take(answers: &mut Results, from: usize) -> Result<Self, DbError>;
}

/// A value as it was returned: for objects that hold lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whole<T>(pub T);

impl Answer for () {
    const COUNT: usize = 0;

    fn take(_: &mut Results, _: usize) -> Result<Self, DbError> {
        Ok(())
    }
}

impl Answer for Value {
    const COUNT: usize = 1;

    fn take(answers: &mut Results, from: usize) -> Result<Self, DbError> {
        Ok(answers.value(from))
    }
}

impl<T: SurrealValue> Answer for Option<T> {
    const COUNT: usize = 1;

    fn take(answers: &mut Results, from: usize) -> Result<Self, DbError> {
        let one = match answers.value(from) {
            Value::Array(several) if several.len() > 1 => {
                return Err(DbError::Broken("several records where one was asked for".into()));
            }
            Value::Array(one) => one.into_vec().pop().unwrap_or_default(),
            one => one,
        };
        Ok(if one == Value::None { None } else { Some(T::from_value(one)?) })
    }
}

impl<T: SurrealValue> Answer for Vec<T> {
    const COUNT: usize = 1;

    fn take(answers: &mut Results, from: usize) -> Result<Self, DbError> {
        let all = match answers.value(from) {
            Value::Array(all) => all.into_vec(),
            Value::None => Vec::new(),
            one => vec![one],
        };
        all.into_iter().map(|one| Ok(T::from_value(one)?)).collect()
    }
}

impl<T: SurrealValue> Answer for Whole<T> {
    const COUNT: usize = 1;

    fn take(answers: &mut Results, from: usize) -> Result<Self, DbError> {
        Ok(Self(T::from_value(answers.value(from))?))
    }
}

macro_rules! answers_of_several {
    ($($one:ident),+) => {
        impl<$($one: Answer),+> Answer for ($($one,)+) {
            const COUNT: usize = 0 $(+ $one::COUNT)+;

            #[allow(unused_assignments, reason = "the last one is followed by none")]
            fn take(answers: &mut Results, mut from: usize) -> Result<Self, DbError> {
                Ok(($({
                    let one = $one::take(answers, from)?;
                    from += $one::COUNT;
                    one
                },)+))
            }
        }
    };
}
answers_of_several!(A, B);
answers_of_several!(A, B, C);
answers_of_several!(A, B, C, D);
answers_of_several!(A, B, C, D, E);

/// Declares a statement and the type that brings its values:
///
/// ```ignore
/// statement! {
///     /// The thread that a message stands in.
///     ThreadOf { kind: String, number: String, sequence: i64 } -> Option<i64>;
///     reads message;
///     "SELECT VALUE thread FROM ONLY type::record('message', [$kind, $number, -$sequence])"
/// }
/// ```
///
/// What pages show that it changes stands behind `changes`, by the parameter that holds the ids: `changes Logon(logon), Staff;`.
/// What it may throw is a constant of that name (`refuses TAKEN;` and `THROW $TAKEN` in the text), which
/// [`DbError::is_refusal`] knows again. `as function;` names what does the same with records: it returns a [`Change`] of each.
macro_rules! statement {
    (
        $(#[$meta:meta])*
        $vis:vis $name:ident $({ $($field:ident: $kind:ty),* $(,)? })? $(-> $answer:ty)?;
        $(reads $($read:ident),+;)?
        $(writes $($write:ident),+;)?
        $(changes $($topic:ident $(($of_topic:ident))?),+;)?
        $(refuses $($refusal:ident),+;)?
        $(as $change:path;)?
        $($text:literal)? $(concat!($($part:tt)*))? $(const $of:path)? $(,)?
    ) => {
        $(#[$meta])*
        $vis struct $name { $($($vis $field: $kind),*)? }

        impl $crate::db::Query for $name {
            type Answer = $crate::db::statement::answer!($($answer)?);

            fn statement() -> &'static $crate::db::Statement {
                #[linkme::distributed_slice($crate::db::STATEMENTS)]
                static DECLARED: $crate::db::Statement = $crate::db::Statement {
                    module: module_path!(),
                    name: stringify!($name),
                    text: $crate::db::statement::text!($($text)? $($($part)*)? $(const $of)?),
                    parameters: &[$($(stringify!($field),)*)? $($(stringify!($refusal),)+)?],
                    reads: &[$($(stringify!($read)),+)?],
                    writes: &[$($(stringify!($write)),+)?],
                    topics: &[$($(stringify!($topic)),+)?],
                    is_keyed: false $(|| !stringify!($change).is_empty())?,
                };
                &DECLARED
            }

            fn values(self) -> Vec<$crate::db::value::Value> {
                vec![
                    $($($crate::db::value::SurrealValue::into_value(self.$field),)*)?
                    $($($crate::db::value::SurrealValue::into_value($refusal.text()),)+)?
                ]
            }

            fn topics(&self) -> Vec<$crate::db::Topic> {
                std::iter::empty::<$crate::db::Topic>()
                    $($(.chain($crate::db::statement::topics!(self, $topic $($of_topic)?)))+)?
                    .collect()
            }

            fn changes(&self) -> Vec<$crate::db::Change> {
                std::iter::empty()$(.chain($change(self)))?.collect()
            }
        }
    };
}

/// The topics of one name: of each id that a parameter holds, or the one that has no id.
macro_rules! topics {
    ($this:ident, $topic:ident $ids:ident) => {
        $crate::db::topic::Ids::ids(&$this.$ids).map($crate::db::Topic::$topic)
    };
    ($this:ident, $topic:ident) => {
        std::iter::once($crate::db::Topic::$topic)
    };
}

macro_rules! answer {
    () => {
        ()
    };
    ($answer:ty) => {
        $answer
    };
}

/// A text as it stands, or one that has its owner elsewhere.
macro_rules! text {
    (const $of:path) => {
        $of
    };
    ($($part:tt)*) => {
        concat!($($part)*)
    };
}

pub(crate) use {answer, statement, text, topics};

#[cfg(test)]
mod tests {
    use super::*;

    statement! {
        /// A statement of this test.
        Tested { name: String, most: i64 } -> (Option<String>, Vec<i64>);
        reads account;
        "RETURN $name + '$name'; RETURN [1, 2, 3].filter(|$one: int| $one < $most AND $this != NONE)"
    }

    #[test]
    fn only_what_reads_one_record_is_a_point_read() {
        let is_point = |text: &'static str| {
            Statement {
                module: "",
                name: "",
                text,
                parameters: &[],
                reads: &["t"],
                writes: &[],
                topics: &[],
                is_keyed: false,
            }
            .is_point_read()
        };
        assert!(is_point("SELECT draft, ended FROM ONLY type::record('draft', [$wizard, $owner])"));
        assert!(is_point("SELECT a, type::record('b', x).c AS c\n FROM ONLY type::record('t', $id);"));
        for more in [
            "SELECT a, (SELECT VALUE b FROM ONLY type::record('c', 1)) AS b FROM t WHERE rank > 1",
            "SELECT a, (SELECT b FROM type::record('c', [$x]..[$x, ..])) AS b FROM ONLY type::record('t', $id)",
            "SELECT a FROM type::record('t', [$x]..[$x, ..])",
            "SELECT a FROM ONLY type::record('t', $id); SELECT b FROM t",
            "UPDATE ONLY type::record('t', $id) SET a = 1",
        ] {
            assert!(!is_point(more), "{more}");
        }
    }

    #[test]
    fn each_variable_gets_the_prefix_and_no_text_does() {
        assert_eq!(
            Tested::statement().prefixed("p0_"),
            "RETURN $p0_name + '$name'; RETURN [1, 2, 3].filter(|$p0_one: int| $p0_one < $p0_most AND $this != NONE)"
        );
        assert!(STATEMENTS.iter().any(|one| one.name == "Tested" && one.module.ends_with("statement::tests")));
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn several_answers_come_in_their_order() {
        let db = Db::in_memory().await.unwrap();
        let answered = db.ask(Tested { name: "a".into(), most: 3 }).await.unwrap();
        assert_eq!(answered, (Some("a$name".to_owned()), vec![1, 2]));
    }
}
