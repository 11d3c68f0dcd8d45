//! The open pages of one session: streams of hints (server-sent events). A hint invites the page to
//! fetch what it may see; it carries no content.

use std::{
    fmt,
    hash::{BuildHasher, Hasher, RandomState},
};

use futures_util::Stream;
use tokio::sync::mpsc;

/// What an open page is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hint {
    /// Facts on the page changed: fetch them.
    Changed,
    /// The session has ended: fetch anything, and see.
    Ended,
}

/// How far a page has heard. A page that comes back with the mark of now has missed nothing; with any other, or that of
/// another process, it may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    pages: u64,
    told: u64,
}

impl Mark {
    /// The mark that a page names (`Last-Event-ID`); nothing for what is none.
    pub fn parse(text: &str) -> Option<Self> {
        let (pages, told) = text.split_once('-')?;
        Some(Self { pages: u64::from_str_radix(pages, 16).ok()?, told: told.parse().ok()? })
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}-{}", self.pages, self.told)
    }
}

/// Hints that may wait for a slow page; more are not needed, for one invites to fetch all.
const WAITING: usize = 8;

/// The open pages.
pub struct Pages {
    open: Vec<mpsc::Sender<(Hint, Mark)>>,
    mark: Mark,
}

impl Default for Pages {
    fn default() -> Self {
        // Drawn anew for each.
        let pages = RandomState::new().build_hasher().finish();
        Self { open: Vec::new(), mark: Mark { pages, told: 0 } }
    }
}

impl Pages {
    /// Another open page. It is told at once that something changed, unless it has heard of all that did.
    pub fn open(&mut self, heard: Option<Mark>) -> impl Stream<Item = (Hint, Mark)> + Send + 'static {
        let (out, hints) = mpsc::channel(WAITING);
        if heard != Some(self.mark) {
            // There is room: nothing was told yet.
            let _ = out.try_send((Hint::Changed, self.mark));
        }
        self.open.retain(|page| !page.is_closed());
        self.open.push(out);
        tokio_stream::wrappers::ReceiverStream::new(hints)
    }

    /// Tells every open page.
    pub fn tell(&mut self, hint: Hint) {
        self.mark.told += 1;
        let told = (hint, self.mark);
        self.open.retain(|page| !matches!(page.try_send(told), Err(mpsc::error::TrySendError::Closed(_))));
    }

    /// Tells that the session ended, and closes the streams.
    pub fn close(&mut self) {
        self.tell(Hint::Ended);
        self.open.clear();
    }

    /// How many are open.
    pub fn count(&self) -> usize {
        self.open.iter().filter(|page| !page.is_closed()).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::StreamExt;

    #[tokio::test]
    async fn every_open_page_is_told_and_a_closed_one_forgotten() {
        let mut pages = Pages::default();
        let mut first = pages.open(Some(pages.mark));
        let second = pages.open(None);
        drop(second);
        pages.tell(Hint::Changed);
        assert_eq!(first.next().await, Some((Hint::Changed, pages.mark)));
        assert_eq!(pages.count(), 1);
        pages.close();
        assert_eq!(first.next().await, Some((Hint::Ended, pages.mark)));
        assert_eq!(first.next().await, None);
    }

    #[tokio::test]
    async fn a_page_that_sleeps_stops_nobody() {
        let mut pages = Pages::default();
        let _asleep = pages.open(None);
        for _ in 0..100 {
            pages.tell(Hint::Changed);
        }
        assert_eq!(pages.count(), 1);
    }

    #[tokio::test]
    async fn a_page_that_comes_back_is_told_what_it_missed_and_only_then() {
        let mut pages = Pages::default();
        let (hint, mark) = pages.open(None).next().await.unwrap();
        assert_eq!(hint, Hint::Changed, "what changed before it was open");
        let mut back = pages.open(Mark::parse(&mark.to_string()));
        pages.tell(Hint::Changed);
        assert_eq!(back.next().await, Some((Hint::Changed, pages.mark)), "nothing before");
        let mut late = pages.open(Some(mark));
        assert_eq!(late.next().await, Some((Hint::Changed, pages.mark)));
        let mut elsewhere = Pages::default().open(Some(pages.mark));
        assert_eq!(elsewhere.next().await.map(|(hint, _)| hint), Some(Hint::Changed));
        for nonsense in ["", "1", "x-1", "1-x", "1-1-1"] {
            assert_eq!(Mark::parse(nonsense), None, "{nonsense}");
        }
    }
}
