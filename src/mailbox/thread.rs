//! What a mailbox holds, as plain nouns: threads, their messages, and where a person keeps them.

use std::fmt;

use super::{attachment::Attachment, notices::Remind};
use crate::words::{AccountId, DraftId, Moment};

/// The longest subject, in characters.
pub const LONGEST_SUBJECT: usize = 150;

/// Where a person looks for threads (R139).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Folder {
    /// Not archived.
    Inbox,
    /// With something unread, archived or not.
    Unread,
    /// With something this person wrote.
    Sent,
    /// Put away.
    Archived,
}

impl Folder {
    /// All, as they are shown.
    pub const ALL: [Self; 4] = [Self::Inbox, Self::Unread, Self::Sent, Self::Archived];

    /// Its name in addresses.
    pub fn word(self) -> &'static str {
        match self {
            Self::Inbox => "inbox",
            Self::Unread => "unread",
            Self::Sent => "sent",
            Self::Archived => "archived",
        }
    }

    /// Its name on pages.
    pub fn label(self) -> &'static str {
        match self {
            Self::Inbox => "Inbox",
            Self::Unread => "Unread",
            Self::Sent => "Sent",
            Self::Archived => "Archived",
        }
    }

    /// The folder of this name; the inbox for any other.
    pub fn named(word: &str) -> Self {
        Self::ALL.into_iter().find(|folder| folder.word() == word).unwrap_or(Self::Inbox)
    }
}

/// Where a page of a list begins: after the thread of this rank. Ranks fall with time, so that newest first is
/// ascending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct After(pub i64);

impl After {
    /// The beginning of a list.
    pub const NOTHING: Self = Self(i64::MIN);

    /// The place in an address; the beginning for what is none.
    pub fn parse(text: &str) -> Self {
        text.parse().map_or(Self::NOTHING, Self)
    }
}

impl fmt::Display for After {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One page of a list, and where the next begins.
#[derive(Clone, Debug)]
pub struct Slice<T> {
    /// At most twenty.
    pub items: Vec<T>,
    /// Where the next page begins, if there is one.
    pub next: Option<After>,
}

impl<T> Slice<T> {
    /// How many a page shows.
    pub const MOST: usize = 20;

    /// A page of what was found by asking for one more than is shown.
    pub fn of(mut items: Vec<T>, rank: impl Fn(&T) -> i64) -> Self {
        let more = items.len() > Self::MOST;
        items.truncate(Self::MOST);
        let next = if more { items.last().map(|last| After(rank(last))) } else { None };
        Self { items, next }
    }
}

/// A thread as lists show it.
#[derive(Clone, Debug)]
pub struct Listed {
    /// In which account's mailbox.
    pub account: AccountId,
    /// The sequence of its first message: its name within the mailbox.
    pub first: i64,
    /// Its subject.
    pub subject: String,
    /// How many messages it has.
    pub messages: i64,
    /// When the latest was posted.
    pub at: Moment,
    /// Its place in lists.
    pub rank: i64,
    /// How many of its messages this person has not read.
    pub unread: i64,
    /// Until when the agency asks for an answer.
    pub answer_by: Option<Moment>,
    /// Until when everyone is asked to confirm that they have read it.
    pub confirm_by: Option<Moment>,
}

/// What a search found: one message.
#[derive(Clone, Debug)]
pub struct Hit {
    /// In which account's mailbox.
    pub account: AccountId,
    /// Its place there.
    pub sequence: i64,
    /// Its subject.
    pub subject: String,
    /// When it was posted.
    pub at: Moment,
}

/// Who writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Author {
    /// A member of staff, for the agency.
    Staff {
        /// The employee.
        id: String,
        /// The name that colleagues know.
        name: String,
    },
    /// A person with access to the account.
    Holder {
        /// The logon.
        logon: String,
        /// Its name.
        name: String,
    },
}

/// A message of an open thread.
#[derive(Clone, Debug)]
pub struct Message {
    /// Its place in the mailbox, from 1.
    pub sequence: i64,
    /// The text, as it was written.
    pub body: String,
    /// The text as it is shown: what `text::render` made.
    pub html: String,
    /// Who wrote it.
    pub author: Author,
    /// When it was posted.
    pub at: Moment,
    /// Until when everyone is asked to confirm that they have read it.
    pub confirm_by: Option<Moment>,
}

/// An open thread: its head and some of its messages.
#[derive(Clone, Debug)]
pub struct Thread {
    /// The head.
    pub head: Listed,
    /// Who looks after it at the agency.
    pub assigned: Option<String>,
    /// Messages, oldest first.
    pub messages: Vec<Message>,
    /// The files that they bring.
    pub files: Vec<Attachment>,
    /// Whether there are earlier ones.
    pub earlier: bool,
    /// The message before which they stand, if they are not the latest.
    pub before: Option<i64>,
    /// Whether this person has put it away.
    pub archived: bool,
    /// When this person confirmed the notice that the thread begins with.
    pub confirmed: Option<Moment>,
}

impl Thread {
    /// The address, below `root`, from which an open page fetches these messages anew.
    pub fn live_path(&self, root: &str) -> String {
        let (account, first) = (&self.head.account, self.head.first);
        let before = self.before.map(|before| format!("?before={before}")).unwrap_or_default();
        format!("{root}/live/thread/{}/{}/{first}{before}", account.kind, account.number)
    }
}

/// A message that is to be posted.
#[derive(Clone, Debug)]
pub struct New {
    /// To which account's mailbox.
    pub account: AccountId,
    /// The thread that it answers; it begins one without.
    pub thread: Option<i64>,
    /// The subject; a thread has the one of its first message.
    pub subject: String,
    /// The text, in Markdown.
    pub body: String,
    /// Who writes.
    pub author: Author,
    /// Until when the agency asks for an answer.
    pub answer_by: Option<Moment>,
    /// Until when everyone is asked to confirm that they have read it, and when they are reminded.
    pub notice: Option<(Moment, Vec<Remind>)>,
    /// What makes a second click the same post.
    pub draft: DraftId,
}

#[cfg(test)]
mod tests {
    use super::{After, Folder, Slice};

    #[test]
    fn a_page_tells_whether_more_follows() {
        let page = Slice::of((0..21).collect(), |n| *n);
        assert_eq!((page.items.len(), page.next), (20, Some(After(19))));
        let page = Slice::of((0..20).collect::<Vec<i64>>(), |n| *n);
        assert_eq!((page.items.len(), page.next), (20, None));
    }

    #[test]
    fn what_is_no_place_is_the_beginning() {
        assert_eq!(After::parse("x"), After::NOTHING);
        assert_eq!(After::parse("-17"), After(-17));
        assert_eq!(Folder::named("nonsense"), Folder::Inbox);
    }
}
