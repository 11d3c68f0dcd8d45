//! The open pages of one session: streams of hints (server-sent events). A hint invites the page to
//! fetch what it may see; it carries no content.

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

/// Hints that may wait for a slow page; more are not needed, for one invites to fetch all.
const WAITING: usize = 8;

/// The open pages.
#[derive(Default)]
pub struct Pages {
    open: Vec<mpsc::Sender<Hint>>,
}

impl Pages {
    /// Another open page.
    pub fn open(&mut self) -> impl Stream<Item = Hint> + Send + 'static {
        let (out, hints) = mpsc::channel(WAITING);
        self.open.retain(|page| !page.is_closed());
        self.open.push(out);
        tokio_stream::wrappers::ReceiverStream::new(hints)
    }

    /// Tells every open page.
    pub fn tell(&mut self, hint: Hint) {
        self.open.retain(|page| !matches!(page.try_send(hint), Err(mpsc::error::TrySendError::Closed(_))));
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
        let mut first = pages.open();
        let second = pages.open();
        drop(second);
        pages.tell(Hint::Changed);
        assert_eq!(first.next().await, Some(Hint::Changed));
        assert_eq!(pages.count(), 1);
        pages.close();
        assert_eq!(first.next().await, Some(Hint::Ended));
        assert_eq!(first.next().await, None);
    }

    #[tokio::test]
    async fn a_page_that_sleeps_stops_nobody() {
        let mut pages = Pages::default();
        let _asleep = pages.open();
        for _ in 0..100 {
            pages.tell(Hint::Changed);
        }
        assert_eq!(pages.count(), 1);
    }
}
