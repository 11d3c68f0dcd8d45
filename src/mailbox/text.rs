//! A message's text: safe Markdown, rendered once, when it is posted.

use std::ops::Range;

use maud::{Markup, PreEscaped};
use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};

use crate::{
    http::{Fault, Portal},
    services::WorkPool,
};

/// The longest text, in characters.
pub const LONGEST: usize = 20_000;
/// How deep quotes, lists and emphasis may stand in one another. What lies deeper is shown at this depth: the time that
/// cleaning takes grows with the square of the depth.
const DEEPEST: usize = 12;
/// How often definitions of links are looked for: of one name the first one counts, and the next one comes to light when that
/// is none any more.
const MOST_DEFINITIONS: usize = 20;

/// The text as HTML: only what prose needs, no image, no raw HTML, links that leak nothing. Work for a pool.
pub fn render(markdown: &str) -> String {
    let markdown = without_definitions(markdown);
    let mut html = String::new();
    let events = Parser::new(&markdown).into_offset_iter().map(|(event, place)| as_written(&markdown, event, place));
    pulldown_cmark::html::push_html(&mut html, flattened(events.flat_map(as_typed)));
    let tags = ["p", "br", "em", "strong", "ul", "ol", "li", "blockquote", "code", "pre", "h2", "a", "hr"];
    ammonia::Builder::new()
        .tags(tags.into())
        .add_tag_attributes("ol", ["start"])
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

/// What is no Markdown for a message is shown as it was typed: `<` is a sign like others, the end of a line ends a line, a
/// picture is a link to it, and what stands behind the fence of a block of code is its first line.
fn as_typed(event: Event<'_>) -> impl Iterator<Item = Event<'_>> {
    let mut first_line = None;
    let event = match event {
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
        Event::SoftBreak => Event::HardBreak,
        // A paragraph of its own, where pulldown-cmark has a block of HTML.
        Event::Start(Tag::HtmlBlock) => Event::Start(Tag::Paragraph),
        Event::End(TagEnd::HtmlBlock) => Event::End(TagEnd::Paragraph),
        Event::Start(Tag::Image { link_type, dest_url, title, id }) => {
            Event::Start(Tag::Link { link_type, dest_url, title, id })
        }
        Event::End(TagEnd::Image) => Event::End(TagEnd::Link),
        Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
            first_line = (!info.is_empty()).then(|| Event::Text(format!("{info}\n").into()));
            Event::Start(Tag::CodeBlock(CodeBlockKind::Indented))
        }
        event => event,
    };
    std::iter::once(event).chain(first_line)
}

/// A sign of HTML (`&copy;`) and a doubled backslash (`\\server`) stay as they were typed.
fn as_written<'a>(markdown: &'a str, event: Event<'a>, place: Range<usize>) -> Event<'a> {
    let Event::Text(text) = &event else { return event };
    let (source, before) = (&markdown[place.clone()], &markdown[..place.start]);
    if source.starts_with('&') && source.ends_with(';') && source != &**text {
        Event::Text(source.into())
    } else if text.starts_with('\\') && before.ends_with('\\') {
        Event::Text(format!("\\{text}").into())
    } else {
        event
    }
}

/// The text with each line such as `[Note]: closed` kept from being the definition of a link, which is shown nowhere.
fn without_definitions(markdown: &str) -> String {
    let mut text = markdown.to_owned();
    // What stands behind a definition may be the next one.
    for _ in 0..MOST_DEFINITIONS {
        let parser = Parser::new(&text);
        let mut starts: Vec<usize> = parser.reference_definitions().iter().map(|(_, one)| one.span.start).collect();
        if starts.is_empty() {
            break;
        }
        starts.sort_unstable();
        starts.into_iter().rev().for_each(|start| text.insert(start, '\\'));
    }
    text
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
            let tags: Vec<&str> = html.split('<').skip(1).filter_map(|tag| tag.split('>').next()).collect();
            assert!(
                tags.iter().all(|tag| matches!(tag.trim_start_matches('/').split(' ').next(), Some("p" | "a"))),
                "{html}"
            );
            let runs = |tag: &&str| ["onerror", "onclick", "javascript"].iter().any(|word| tag.contains(word));
            assert!(!tags.iter().any(runs), "{html}");
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

    /// What is seen of a text.
    fn seen(text: &str) -> String {
        let html = render(text);
        let (mut words, mut is_tag) = (String::new(), false);
        for letter in html.chars() {
            match letter {
                '<' => is_tag = true,
                '>' if is_tag => is_tag = false,
                letter if !is_tag => words.push(letter),
                _ => {}
            }
        }
        words
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&amp;", "&")
            .replace("&nbsp;", "\u{a0}")
    }

    #[test]
    fn signs_of_html_and_paths_of_windows_stay() {
        for (typed, shown) in [
            ("&copy; and &lt;b&gt;", "&amp;copy; and &amp;lt;b&amp;gt;"),
            ("\\\\server\\share", "\\\\server\\share"),
            ("a \\*star\\* and C:\\new", "a *star* and C:\\new"),
            ("`&copy; \\\\x`", "<code>&amp;copy; \\\\x</code>"),
            ("AT&T", "AT&amp;T"),
        ] {
            let html = render(typed);
            assert!(html.contains(shown), "{typed}: {html}");
        }
    }

    #[test]
    fn what_is_no_markdown_is_shown_as_it_was_typed() {
        for text in [
            "Send form <BDVR-45> to <your branch>",
            "if a<b then c>d",
            "<b>bold</b>",
            "<!-- a comment -->",
            "<div>\nthe block\n</div>",
            "<script>alert(1)</script>",
            "AT&T, R&D",
        ] {
            assert_eq!(seen(text).trim(), text, "{}", render(text));
        }
        assert_eq!(render("Avery Smith\n1 Main St\nLansing").matches("<br>").count(), 2);
        assert!(seen("[Note]: closed").contains("[Note]: closed"));
        assert!(seen("[a]: b\n[a]: c\n[a]: d").contains("[a]: d"));
        assert!(seen("~~~ Hello there\nall\n~~~").contains("Hello there"));
        assert!(render("1986. A good year").contains("start=\"1986\""));
        assert!(render("![our map](https://example.gov/map.png)").contains(">our map</a>"));
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
        fn no_letter_of_a_text_is_lost(text in "[a-z<>/=\"'*_#\\[\\]! \n:.-]{0,120}") {
            let letters = |text: &str| text.chars().filter(|letter| letter.is_alphanumeric()).collect::<String>();
            prop_assert_eq!(letters(&seen(&text)), letters(&text), "{}", render(&text));
        }

        #[test]
        fn nothing_stands_deeper_than_it_may(text in "([>*_\\-#` \n1.a\\[\\]()]{0,400})") {
            prop_assert!(depth(&render(&text)) <= DEEPEST);
        }
    }
}
