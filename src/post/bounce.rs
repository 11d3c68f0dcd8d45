//! Bounces: reports that an e-mail, which a mail server had taken, did not arrive (RFC 3464).

use mail_parser::{Message, MessageParser, PartType};

use super::{bounce_words as words, message_id};

/// How deep a report may lie in mails that gateways wrapped around it.
const DEEPEST: usize = 4;

/// How many texts of one mail are looked at, and how many bytes of them.
const MOST_TEXTS: usize = 64;
const MOST_TEXT: usize = 1024 * 1024;

/// What a report says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bounce {
    /// The mail that did not arrive, by the Message-IDs that the report names, without the domain; or its id alone where
    /// that was proved.
    pub mail: String,
    /// The addresses that it did not reach, as it was sent to them and as they were at last; or mailboxes without a domain, as
    /// some servers name them.
    pub recipients: Vec<String>,
    /// The status (RFC 3463), such as 5.1.1. The report's words stay out: they quote the address.
    pub status: String,
}

/// Reads a report, in the form of RFC 3464 or any other, that a mail failed for good; `proved` tells the id of a mail by its
/// Message-ID, if it is one that was sent. Nothing if it is no such report.
///
/// A report is believed for what it names and nobody can guess, so its form need not be.
pub fn parse(bytes: &[u8], proved: &dyn Fn(&str) -> Option<String>) -> Option<Bounce> {
    let report = MessageParser::new().default_header_text().parse(bytes)?;
    let mut texts = Vec::new();
    collect(&report, DEEPEST, &mut { MOST_TEXT }, &mut texts);
    let mail = texts.iter().find_map(|text| named(text, proved))?;
    let is_in_fields =
        texts.iter().flat_map(|text| text.lines()).any(|line| line.to_ascii_lowercase().starts_with("action:"));
    let failed = if is_in_fields { failed_by_fields(&report, &texts) } else { words::failed(&report, &texts) };
    let (recipients, status) = failed?;
    Some(Bounce { mail, recipients, status })
}

/// The texts of a mail and of those in it, with the headers of those: what servers write stands in some of them. `left` is
/// how many bytes of them are taken: parts are cheap to write, and there may be thousands.
fn collect(mail: &Message<'_>, depth: usize, left: &mut usize, texts: &mut Vec<String>) {
    for part in &mail.parts {
        let bytes: &[u8] = match &part.body {
            // One that is not encoded has the whole mail for its own; its place there is known.
            PartType::Message(inner) if inner.raw_message.len() == mail.raw_message.len() => {
                mail.raw_message.get(part.offset_body as usize..part.offset_end as usize).unwrap_or_default()
            }
            PartType::Message(inner) => &inner.raw_message,
            PartType::Text(text) | PartType::Html(text) => text.as_bytes(),
            PartType::Binary(bytes) | PartType::InlineBinary(bytes) => bytes,
            PartType::Multipart(_) => continue,
        };
        if bytes.len() > *left || texts.len() >= MOST_TEXTS {
            *left = 0;
            return;
        }
        *left -= bytes.len();
        texts.push(String::from_utf8_lossy(bytes).replace("\r\n", "\n"));
        if let PartType::Message(inner) = &part.body
            && depth > 0
        {
            collect(inner, depth - 1, left, texts);
        }
    }
}

/// The mail of ours that a text names, in the header of what came back.
fn named(text: &str, proved: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let own = [message_id::HEADER, "Message-ID"];
    let value = |line: &str| {
        let (name, value) = line.trim_start_matches(['>', ' ']).split_once(':')?;
        own.iter().any(|own| name.trim().eq_ignore_ascii_case(own)).then(|| value.trim().to_owned())
    };
    // A long value may stand on the line below.
    let unfolded = text.replace("\n ", " ").replace("\n\t", " ");
    unfolded.lines().filter_map(value).find_map(|value| {
        let value = value.trim_start_matches('<').trim_end_matches('>');
        proved(value.rsplit_once('@').map_or(value, |(local, _)| local))
    })
}

/// The addresses and the status of those whom the mail failed to reach, by the fields of RFC 3464. They stand in groups, one
/// for each recipient. Nothing if there are no such fields; a report of another outcome fails nobody.
fn failed_by_fields(report: &Message<'_>, texts: &[String]) -> Option<(Vec<String>, String)> {
    let groups = texts.iter().flat_map(|text| text.split("\n\n"));
    let mut failed: Option<(Vec<String>, String)> = None;
    for group in groups {
        let Some(fields) = MessageParser::new().default_header_text().parse(group.trim_start().as_bytes()) else {
            continue;
        };
        let field = |name: &'static str| fields.header_raw(name).map(str::trim);
        let Some(action) = field("Action") else { continue };
        let status = field("Status").map(|status| status.split([' ', '(']).next().unwrap_or_default());
        let status = status.filter(|status| is_status(status)).unwrap_or("5.0.0");
        let has_failed = ["fail", "expired", "error"].iter().any(|word| action.to_ascii_lowercase().starts_with(word));
        if !has_failed {
            continue;
        }
        let recipients = ["Original-Recipient", "Final-Recipient", "X-Actual-Recipient"];
        let recipients = recipients.into_iter().filter_map(|name| address(field(name)?));
        let (all, _) = failed.get_or_insert_with(|| (Vec::new(), status.to_owned()));
        all.extend(recipients);
    }
    let (mut recipients, status) = failed?;
    // A pipe or a mailbox is named in the place of the address; the server says elsewhere whose it is.
    recipients.extend(addresses(report.header_raw("X-Failed-Recipients").unwrap_or_default()));
    recipients.extend(texts.iter().flat_map(|text| header_addresses(text, "X-Failed-Recipients")));
    recipients.sort_unstable();
    recipients.dedup();
    Some((recipients, status))
}

/// The addresses in a header of a text.
fn header_addresses(text: &str, name: &str) -> Vec<String> {
    let value = |line: &str| {
        let (own, value) = line.split_once(':')?;
        own.trim().eq_ignore_ascii_case(name).then(|| addresses(value))
    };
    text.lines().find_map(value).unwrap_or_default()
}

/// All that looks like an address in a text.
pub(super) fn addresses(text: &str) -> Vec<String> {
    let words = text.split(|letter: char| letter.is_whitespace() || "<>(),;:\"'[]".contains(letter));
    // X.400 writes `SMTP=someone@example.com`; other addresses may have such a sign.
    let words = words.flat_map(|word| [Some(word), word.rsplit_once('=').map(|(_, address)| address)]).flatten();
    let is_address =
        |word: &&str| word.split_once('@').is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.'));
    words.filter(is_address).map(|word| word.trim_end_matches('.').to_ascii_lowercase()).collect()
}

/// The address of a field such as `rfc822; someone@example.com`, or without its type.
fn address(field: &str) -> Option<String> {
    let value = field.split_once(';').map_or(field, |(_, value)| value).trim();
    let bare = value.trim_start_matches('<').trim_end_matches('>').trim();
    (bare.contains('@') && !bare.starts_with(['|', '/', '"'])).then(|| bare.to_ascii_lowercase())
}

pub(super) fn is_status(text: &str) -> bool {
    let parts: Vec<&str> = text.split('.').collect();
    // Class, subject and detail; there are eight subjects.
    parts.len() == 3
        && parts[1].len() == 1
        && parts[1] < "8"
        && parts.iter().all(|part| (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Bounce, DEEPEST, MOST_TEXT, MOST_TEXTS, MessageParser, collect, parse};

    /// As Postfix writes them.
    fn report(action: &str, status: &str, returned: &str) -> String {
        format!(
            "From: MAILER-DAEMON@mail.example\r\nTo: no-reply@agency.example\r\nSubject: Undelivered Mail Returned to Sender\r\n\
             Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n\
             Content-Type: multipart/report; report-type=delivery-status;\r\n\tboundary=\"B/mail.example\"\r\n\r\n\
             This is a MIME-encapsulated message.\r\n\r\n\
             --B/mail.example\r\nContent-Description: Notification\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n\
             I'm sorry to have to inform you that your message could not be delivered.\r\n\r\n\
             --B/mail.example\r\nContent-Description: Delivery report\r\nContent-Type: message/delivery-status\r\n\r\n\
             Reporting-MTA: dns; mail.example\r\nArrival-Date: Wed, 25 Nov 2026 10:00:00 -0500 (EST)\r\n\r\n\
             Final-Recipient: rfc822; <Someone@example.com>\r\nAction: {action}\r\nStatus: {status}\r\n\
             Diagnostic-Code: smtp; 550 5.1.1 <someone@example.com>: Recipient address\r\n    rejected\r\n\r\n\
             --B/mail.example\r\nContent-Description: Undelivered Message\r\n{returned}\r\n\
             --B/mail.example--\r\n"
        )
    }

    const WHOLE: &str = "Content-Type: message/rfc822\r\n\r\nMessage-ID: <alert-x-dealer-1-7@agency.example>\r\nFrom: no-reply@agency.example\r\nSubject: New message\r\n\r\nThere is a new message.\r\n";
    const HEADER: &str = "Content-Type: text/rfc822-headers\r\n\r\nFrom: no-reply@agency.example\r\nMessage-ID: <code-x@agency.example>\r\n";

    /// Mails of this domain are the portal's.
    fn proved(local: &str) -> Option<String> {
        ["alert-x-dealer-1-7", "code-x"].contains(&local).then(|| local.to_owned())
    }

    fn bounce(mail: &str, status: &str) -> Option<Bounce> {
        let recipients = vec!["someone@example.com".to_owned()];
        Some(Bounce { mail: mail.into(), recipients, status: status.into() })
    }

    fn read(text: &str) -> Option<Bounce> {
        parse(text.as_bytes(), &proved)
    }

    #[test]
    fn a_report_names_the_mail_and_the_status() {
        assert_eq!(read(&report("failed", "5.1.1", WHOLE)), bounce("alert-x-dealer-1-7", "5.1.1"));
        assert_eq!(read(&report("failed", "4.4.7", HEADER)), bounce("code-x", "4.4.7"));
        assert_eq!(read(&report("expired", "4.4.7", HEADER)), bounce("code-x", "4.4.7"));
        assert_eq!(read(&report("failed", "<script>", WHOLE)), bounce("alert-x-dealer-1-7", "5.0.0"));
        assert_eq!(
            read(&report("failed", "5.1.1", WHOLE).replace("\r\n", "\n")),
            bounce("alert-x-dealer-1-7", "5.1.1")
        );
    }

    #[test]
    fn a_report_in_another_form_is_one_too() {
        let report = report("failed", "5.1.1", WHOLE);
        let mixed = report.replace("multipart/report; report-type=delivery-status;", "multipart/mixed;");
        let plain_type = report.replace("report-type=delivery-status;", "");
        let own_header = report.replace(
            "Message-ID: <alert-x-dealer-1-7@agency.example>",
            "Message-ID: <0100018f@relay.example>\r\nSpringboard-Message: alert-x-dealer-1-7",
        );
        let wrapped = format!(
            "From: gateway@agency.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"w\"\r\n\r\n\
             --w\r\nContent-Type: text/plain\r\n\r\n[EXTERNAL]\r\n--w\r\nContent-Type: message/rfc822\r\n\r\n{report}\r\n--w--\r\n"
        );
        let untyped = report.replace("Final-Recipient: rfc822; ", "Original-Recipient: ");
        let folded = report.replace("Message-ID: <", "Message-ID:\r\n <");
        for text in [mixed, plain_type, own_header, wrapped, untyped, folded] {
            assert_eq!(read(&text), bounce("alert-x-dealer-1-7", "5.1.1"), "{text}");
        }
        let piped = report.replace("rfc822; <Someone@example.com>", "x-local; |/usr/bin/procmail").replace(
            "Reporting-MTA: dns; mail.example",
            "Reporting-MTA: dns; mail.example\r\nX-Failed-Recipients: someone@example.com",
        );
        assert_eq!(read(&piped).unwrap().recipients, ["someone@example.com"]);
        // In the report's own header, as Exim has it.
        let piped = format!("X-Failed-Recipients: someone@example.com\r\n{report}")
            .replace("rfc822; <Someone@example.com>", "x-local; |/usr/bin/procmail");
        assert_eq!(read(&piped).unwrap().recipients, ["someone@example.com"]);
        let two = report.replace(
            "Final-Recipient: rfc822; <Someone@example.com>",
            "Final-Recipient: rfc822; other@example.com\r\nAction: failed\r\nStatus: 5.2.2\r\n\r\nFinal-Recipient: rfc822; someone@example.com",
        );
        let read = read(&two).unwrap();
        assert!(read.recipients.contains(&"someone@example.com".to_owned()), "{read:?}");
    }

    #[test]
    fn servers_that_write_to_people_are_understood() {
        let exim = "Return-Path: <>\nX-Failed-Recipients: someone@example.com\nAuto-Submitted: auto-replied\n\
            From: Mail Delivery System <Mailer-Daemon@mail.example>\nSubject: Mail delivery failed: returning message to sender\n\n\
            This message was created automatically by mail delivery software.\n\n  someone@example.com\n    host mx.example [192.0.2.1]\n    \
            SMTP error from remote mail server after RCPT TO:<someone@example.com>: 550 5.1.1 unknown\n\n\
            ------ This is a copy of the message, including all the headers. ------\n\nReturn-path: <no-reply@agency.example>\n\
            Message-ID: <code-x@agency.example>\nSubject: Your code\n\nText\n";
        assert_eq!(read(exim), bounce("code-x", "5.1.1"));
        let qmail = "Return-Path: <>\nFrom: MAILER-DAEMON@mail.example\nSubject: failure notice\n\n\
            Hi. This is the qmail-send program at mail.example.\nI'm afraid I wasn't able to deliver your message.\n\n\
            <someone@example.com>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n--- Below this line is a copy of the message.\n\n\
            Message-ID: <code-x@agency.example>\n";
        assert_eq!(read(qmail).unwrap().status, "5.1.1");
        assert_eq!(read(qmail).unwrap().recipients, ["someone@example.com"]);
        // Not what the copy says.
        let copied = qmail.replace("Sorry, no mailbox here by that name. (#5.1.1)", "will try again. (#4.4.1)")
            + "To: other@example.com\n\nBring form 5.1.1 to room 550.\n";
        assert_eq!(read(&copied), None);
        let copied = qmail.to_owned() + "To: other@example.com\n\nText\n";
        assert_eq!(read(&copied).unwrap().recipients, ["someone@example.com"]);
        // Not for good, and not of a server.
        let later = qmail.replace("Sorry, no mailbox here by that name. (#5.1.1)", "will try again. (#4.4.1)");
        assert_eq!(read(&later), None);
        for person in [
            "Return-Path: <>\nFrom: someone@example.com\nSubject: Re: Your code\n\nI am unable to answer. someone@example.com\n\n> Message-ID: <code-x@agency.example>\n",
            "Return-Path: <>\nFrom: someone@example.com\nSubject: Away\n\nError 404: I am away. someone@example.com\n\n> Message-ID: <code-x@agency.example>\n",
            "From: \"Jane Doe, Administrator\" <someone@example.com>\nSubject: Your mail\n\nI am unable to open it. someone@example.com\n\n> Message-ID: <code-x@agency.example>\n",
            "From: MAILER-DAEMON@mail.example\nSubject: Delay\n\nYour mail to <someone@example.com> has not been delivered yet. We will continue trying. 450 4.2.0, see 5.7.1\n\nMessage-ID: <code-x@agency.example>\n",
            "From: MAILER-DAEMON@mail.example\nSubject: News\n\n<someone@example.com>: MDaemon v5.0.7 of 5.12.26\n\nMessage-ID: <code-x@agency.example>\n",
            "Content-Type: multipart/report; report-type=disposition-notification; boundary=b\nFrom: postmaster@example.com\nSubject: Read\n\n--b\n\nThe error report for someone@example.com was read.\n\n--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: <code-x@agency.example>\n\n--b--\n",
        ] {
            assert_eq!(read(person), None, "{person}");
        }
        let away = "From: someone@example.com\nSubject: Out of office\n\nCall 555-0100, room 550.\n\n> Message-ID: <code-x@agency.example>\n";
        assert_eq!(read(away), None);
    }

    #[test]
    fn a_mail_of_thousands_of_mails_is_not_copied_for_each() {
        let parts = "--b\n\n\nx\n".repeat(20_000);
        let digest = format!("From: x@example.com\nContent-Type: multipart/digest; boundary=b\n\n{parts}--b--\n");
        let mail = MessageParser::new().parse(digest.as_bytes()).unwrap();
        let mut texts = Vec::new();
        collect(&mail, DEEPEST, &mut { MOST_TEXT }, &mut texts);
        let bytes: usize = texts.iter().map(String::len).sum();
        assert!(texts.len() <= MOST_TEXTS && bytes <= MOST_TEXT, "{} texts, {bytes} bytes", texts.len());
        assert_eq!(read(&digest), None);
    }

    #[test]
    fn what_is_no_failure_of_ones_own_mail_is_left_alone() {
        assert_eq!(read(&report("delayed", "4.4.1", WHOLE)), None);
        assert_eq!(read(&report("delivered", "2.0.0", WHOLE)), None);
        assert_eq!(read(&report("failed", "5.1.1", &WHOLE.replace("alert-x-dealer", "somebody-elses"))), None);
        assert_eq!(read("Subject: Out of office\r\n\r\nAction: failed\r\n"), None);
    }

    proptest! {
        #[test]
        fn nothing_that_comes_by_mail_can_stop_it(bytes: Vec<u8>, cut in 0usize..2000, at in 0usize..2000, byte: u8) {
            let _ = parse(&bytes, &proved);
            let mut text = report("failed", "5.1.1", WHOLE).into_bytes();
            if let Some(there) = text.get_mut(at) { *there = byte }
            text.truncate(cut);
            let _ = parse(&text, &proved);
        }
    }
}
