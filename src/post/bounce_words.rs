//! Reports of mail that did not arrive, in words: of servers that write to people, and have no fields (RFC 3464).

use mail_parser::Message;

use super::{
    bounce::{addresses, is_status},
    message_id,
};

/// The addresses and the status of those whom a mail failed to reach. Whose mail it is was proved, and the address is compared with
/// the one it was sent to; what is left to tell is whether a server wrote, and whether it gave up.
pub(super) fn failed(report: &Message<'_>, texts: &[String]) -> Option<(Vec<String>, String)> {
    let header = |name: &'static str| report.header_raw(name).map(str::trim).unwrap_or_default().to_lowercase();
    let (from, subject, listed) = (header("From"), header("Subject"), addresses(&header("X-Failed-Recipients")));
    let begins = |words: &[&str]| words.iter().any(|word| subject.starts_with(word));
    let is_of_a_daemon = DAEMONS.iter().any(|word| from.contains(word));
    let is_of_a_server = is_of_a_daemon
        || SERVERS.iter().any(|word| from.contains(word))
        || header("Content-Type").contains("delivery-status")
        // Nobody's, or what a server made of it.
        || ["<>", "mailer-daemon"].iter().any(|path| header("Return-Path").contains(path))
        || SUBJECTS.iter().any(|word| subject.contains(word));
    let is_of_a_person = header("Content-Type").contains("disposition-notification") && !subject.contains("rejected")
        || !is_of_a_daemon && (begins(&REPLIES) || report.header_raw("In-Reply-To").is_some());
    if listed.is_empty() && (!is_of_a_server || is_of_a_person) {
        return None;
    }
    let words = servers_words(texts);
    let said = format!("{subject}\n{}", words.to_lowercase());
    let says = |phrases: &[&str]| phrases.iter().any(|phrase| said.contains(phrase));
    let codes = || words.split(|letter: char| letter.is_whitespace() || "()[]<>#,;:\"'".contains(letter));
    let codes = || codes().map(|code| code.trim_end_matches('.'));
    let status = codes().find(|code| is_status(code) && code.starts_with('5'));
    // A reply of SMTP that is about a mailbox (RFC 5321, 4.2.3).
    let has_reply = codes().any(|code| ["550", "551", "552", "553", "554"].contains(&code));
    let is_for_now = status.is_none() && codes().any(|code| is_status(code) && code.starts_with('4'));
    let is_later = says(&LATER) || is_for_now && !says(&GIVEN_UP);
    let has_failed = !listed.is_empty() || !is_later && (status.is_some() || has_reply || says(&FAILED));
    if !has_failed {
        return None;
    }
    let status = status.unwrap_or("5.0.0").to_owned();
    let mut recipients = if listed.is_empty() { addresses(&words) } else { listed };
    recipients.extend(mailboxes(&words));
    // Nobody reports of a mailbox from it.
    let own = addresses(&from);
    recipients.retain(|address| !own.contains(address));
    recipients.sort_unstable();
    recipients.dedup();
    (!recipients.is_empty()).then_some((recipients, status))
}

/// Who writes nothing but reports.
const DAEMONS: [&str; 5] = ["mailer-daemon", "mailer daemon", "mdaemon", "mail delivery", "mail.delivery"];
/// Who writes reports among others.
const SERVERS: [&str; 6] =
    ["postmaster", "system administrator", "mail administrator", "delivery subsystem", "mail service", "mailserver"];
/// What reports are called, by whomever they are sent.
const SUBJECTS: [&str; 9] = [
    "undeliver",
    "returned mail",
    "mail failed",
    "mail delivery failed",
    "delivery fail",
    "failure notice",
    "non-delivery",
    "not be delivered",
    "delivery status notification",
];
/// What answers of people and their programs begin with.
const REPLIES: [&str; 6] = ["re:", "aw:", "out of office", "automatic reply", "auto:", "autoreply"];
/// What a server says that has not given up.
const LATER: [&str; 13] = [
    "delayed",
    "will be retried",
    "will retry",
    "will try again",
    "still trying",
    "keep trying",
    "continue trying",
    "not yet been delivered",
    "not been delivered yet",
    "noch nicht zugestellt",
    "warning message only",
    "attempts will continue",
    "could not send message for past",
];
/// What a server says that has, though the reason would have passed.
const GIVEN_UP: [&str; 4] = ["could not be delivered", "too long", "giving up", "given up"];
/// What a server says of a failure.
const FAILED: [&str; 26] = [
    "fail",
    "undeliver",
    "not be delivered",
    "not delivered",
    "not deliver",
    "did not reach",
    "returned",
    "unknown",
    "unable",
    "reject",
    "no such",
    "not exist",
    "invalid",
    "not found",
    "error",
    "exceed",
    "not known",
    "aborted",
    "unzustellbar",
    "nicht zugestellt",
    "non recens",
    "no se pudo",
    "не удалось",
    "无法",
    "失败",
    "失敗",
];

/// The mailboxes that a server names without its own domain, each on a line of its own.
fn mailboxes(words: &str) -> Vec<String> {
    let is_mailbox = |line: &&str| {
        line.len() > 2 && line.bytes().all(|letter| letter.is_ascii_alphanumeric() || b"._-".contains(&letter))
    };
    words.lines().map(str::trim).filter(is_mailbox).map(str::to_lowercase).collect()
}

/// What a server says, without the copy of the mail that stands below or in a part of its own: that holds addresses and
/// numbers of its own.
fn servers_words(texts: &[String]) -> String {
    let mut words = String::new();
    for text in texts {
        let own = before_the_copy(text);
        words.push_str(own);
        words.push('\n');
        if own.len() < text.len() {
            break;
        }
    }
    words
}

/// A text as far as no paragraph has a line of a mail's header.
fn before_the_copy(text: &str) -> &str {
    let begins = [message_id::HEADER, "Message-ID", "Return-Path", "Received"];
    let is_of_a_header = |line: &str| {
        let name = line.trim_start_matches(['>', ' ', '\t']).split_once(':').map(|(name, _)| name);
        name.is_some_and(|name| begins.iter().any(|begin| begin.eq_ignore_ascii_case(name)))
    };
    let mut end = 0;
    for paragraph in text.split_inclusive("\n\n") {
        if paragraph.lines().any(is_of_a_header) {
            return &text[..end];
        }
        end += paragraph.len();
    }
    text
}
