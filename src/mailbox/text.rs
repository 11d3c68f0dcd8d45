//! A message's text: safe Markdown, rendered once, when it is posted.

use maud::{Markup, PreEscaped};
use pulldown_cmark::{Event, Parser};

use crate::{
    http::{Fault, Portal},
    services::WorkPool,
};

/// The longest text, in characters.
pub const LONGEST: usize = 20_000;
/// How deep quotes, lists and emphasis may stand in one another. What lies deeper is shown at this depth: the time that
/// cleaning takes grows with the square of the depth.
const DEEPEST: usize = 12;

/// The text as HTML: only what prose needs, no image, no raw HTML, links that leak nothing. Work for a pool.
pub fn render(markdown: &str) -> String {
    let mut html = String::new();
    pulldown_cmark::html::push_html(&mut html, flattened(Parser::new(markdown)));
    let tags = ["p", "br", "em", "strong", "ul", "ol", "li", "blockquote", "code", "pre", "h2", "a", "hr"];
    ammonia::Builder::new()
        .tags(tags.into())
        .url_schemes(["https", "http", "mailto", "tel"].into())
        .link_rel(Some("noopener noreferrer"))
        .clean(&lowered(&html))
        .to_string()
}

/// Renders text in a pool; `client` is the address that asks, or none for the portal's own work.
///
/// # Errors
/// [`Fault::Busy`] when the pool is full.
pub async fn render_in(pool: &WorkPool, client: Option<&str>, markdown: String) -> Result<String, Fault> {
    Ok(pool.run(client, move || render(&markdown)).await?)
}

/// A text as it will be shown, before it is posted.
///
/// # Errors
/// [`Fault::Busy`] when the pool is full.
pub async fn preview(portal: &Portal, client: &str, markdown: &str) -> Result<Markup, Fault> {
    Ok(stored(&render_in(&portal.pools.text, Some(client), markdown.to_owned()).await?))
}

/// What [`render`] made, as part of a page.
pub fn stored(html: &str) -> Markup {
    PreEscaped(html.to_owned())
}

/// The same text without what begins deeper than [`DEEPEST`]; what stands there stays.
fn flattened<'a>(events: impl Iterator<Item = Event<'a>>) -> impl Iterator<Item = Event<'a>> {
    let (mut depth, mut kept) = (0usize, Vec::new());
    events.filter(move |event| match event {
        Event::Start(_) => {
            let keeps = depth < DEEPEST;
            kept.push(keeps);
            depth += usize::from(keeps);
            keeps
        }
        Event::End(_) => {
            let keeps = kept.pop().unwrap_or(true);
            depth -= usize::from(keeps && depth > 0);
            keeps
        }
        _ => true,
    })
}

/// A message's headings are of one level, below the page's own: so none is ever skipped.
fn lowered(html: &str) -> String {
    (1..=6).fold(html.to_owned(), |html, level| {
        html.replace(&format!("<h{level}>"), "<h2>").replace(&format!("</h{level}>"), "</h2>")
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn prose_is_shown_and_scripts_are_not() {
        let html = render("# Renewal\n\nPay **$10** by [Friday](https://example.gov).\n\n- one\n- two");
        assert!(
            html.contains("<h2>Renewal</h2>") && html.contains("<strong>$10</strong>") && html.contains("<li>one</li>"),
            "{html}"
        );
        for evil in [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "[x](javascript:alert(1))",
            "<a href='#' onclick='x'>y</a>",
            "<style>*{}</style>",
        ] {
            let html = render(evil);
            assert!(
                !html.contains("<script")
                    && !html.contains("onerror")
                    && !html.contains("javascript:")
                    && !html.contains("onclick")
                    && !html.contains("<style"),
                "{html}"
            );
        }
    }

    #[test]
    fn what_is_nested_without_end_is_flattened_and_kept() {
        for (open, tag) in [(">", "<blockquote>"), ("- ", "<ul>"), ("*a _b ", "<em>")] {
            let html = render(&format!("{}the words", open.repeat(LONGEST / open.len() - 20)));
            assert!(html.contains("the words"), "{open}");
            assert!(html.matches(tag).count() <= DEEPEST, "{open}: {}", html.matches(tag).count());
        }
        assert_eq!(render("> > > three").matches("<blockquote>").count(), 3);
    }

    /// How deep elements stand in one another.
    fn depth(html: &str) -> usize {
        let (mut open, mut deepest) = (0usize, 0);
        for tag in html.split('<').skip(1) {
            let is_void = tag.starts_with("br") || tag.starts_with("hr");
            if tag.starts_with('/') {
                open = open.saturating_sub(1);
            } else if !is_void {
                open += 1;
                deepest = deepest.max(open);
            }
        }
        deepest
    }

    proptest! {
        #[test]
        fn nothing_stands_deeper_than_it_may(text in "([>*_\\-#` \n1.a\\[\\]()]{0,400})") {
            prop_assert!(depth(&render(&text)) <= DEEPEST);
        }
    }
}
