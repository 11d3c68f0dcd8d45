//! A message's text: safe Markdown.

use maud::{Markup, PreEscaped};

/// The longest text, in characters.
pub const LONGEST: usize = 20_000;

/// The text as HTML: only what prose needs, no image, no raw HTML, links that leak nothing.
pub fn show(markdown: &str) -> Markup {
    let mut html = String::new();
    pulldown_cmark::html::push_html(&mut html, pulldown_cmark::Parser::new(markdown));
    let tags = ["p", "br", "em", "strong", "ul", "ol", "li", "blockquote", "code", "pre", "h2", "a", "hr"];
    let safe = ammonia::Builder::new()
        .tags(tags.into())
        .url_schemes(["https", "http", "mailto", "tel"].into())
        .link_rel(Some("noopener noreferrer"))
        .clean(&lowered(&html))
        .to_string();
    PreEscaped(safe)
}

/// A message's headings are of one level, below the page's own: so none is ever skipped.
fn lowered(html: &str) -> String {
    (1..=6).fold(html.to_owned(), |html, level| {
        html.replace(&format!("<h{level}>"), "<h2>").replace(&format!("</h{level}>"), "</h2>")
    })
}

#[cfg(test)]
mod tests {
    use super::show;

    #[test]
    fn prose_is_shown_and_scripts_are_not() {
        let html = show("# Renewal\n\nPay **$10** by [Friday](https://example.gov).\n\n- one\n- two").into_string();
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
            let html = show(evil).into_string();
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
}
