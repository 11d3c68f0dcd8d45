//! Bounces: reports that an e-mail, which a mail server had taken, did not arrive (RFC 3464). An operator has them put
//! into a maildir.

use std::{
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
    sync::Arc,
};

use mail_parser::{Message, MessageParser, MimeHeaders, PartType};

use super::message_id;
use crate::words::Keys;

/// No report is longer than this, in bytes: what comes after it is the returned mail's text.
const LONGEST: u64 = 256 * 1024;

/// What a report says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bounce {
    /// The mail that did not arrive: its Message-ID without the domain, or its id alone where that was proved.
    pub mail: String,
    /// The addresses that it did not reach, as it was sent to them and as they were at last.
    pub recipients: Vec<String>,
    /// The status (RFC 3463), such as 5.1.1. The report's words stay out: they quote the address.
    pub status: String,
}

/// Reads a report of a mail that this domain sent; nothing if it is none, or does not say that the mail failed for good.
pub fn parse(bytes: &[u8], domain: &str) -> Option<Bounce> {
    let report = MessageParser::new().with_mime_headers().with_message_ids().parse(bytes)?;
    // `delivery-status`, or `global-delivery-status` (RFC 6533).
    let is_report = report.content_type().is_some_and(|kind| {
        kind.ctype().eq_ignore_ascii_case("multipart")
            && kind.subtype().is_some_and(|sub| sub.eq_ignore_ascii_case("report"))
            && kind.attribute("report-type").is_some_and(|kind| kind.to_ascii_lowercase().ends_with("delivery-status"))
    });
    if !is_report {
        return None;
    }
    let (recipients, status) = report.parts.iter().find_map(|part| failed(bytes_of(&part.body)?))?;
    let mail = report.parts.iter().find_map(|part| match &part.body {
        PartType::Message(message) => own(message, domain),
        // Often only its header comes back (RFC 3462).
        body => own(&MessageParser::new().with_message_ids().parse(bytes_of(body)?)?, domain),
    })?;
    Some(Bounce { mail, recipients, status })
}

fn bytes_of<'a>(body: &'a PartType<'_>) -> Option<&'a [u8]> {
    match body {
        PartType::Text(text) => Some(text.as_bytes()),
        PartType::Binary(bytes) | PartType::InlineBinary(bytes) => Some(bytes),
        _ => None,
    }
}

/// The addresses and the status of the first recipient whom the mail failed to reach. Fields stand in groups, one for
/// each recipient.
fn failed(fields: &[u8]) -> Option<(Vec<String>, String)> {
    let text = String::from_utf8_lossy(fields).replace("\r\n", "\n");
    text.split("\n\n").find_map(|group| {
        let fields = MessageParser::new().default_header_text().parse(group.as_bytes())?;
        let field = |name: &'static str| fields.header_raw(name).map(str::trim);
        if !field("Action")?.eq_ignore_ascii_case("failed") {
            return None;
        }
        let recipients = ["Original-Recipient", "Final-Recipient"].into_iter().filter_map(|name| address(field(name)?));
        let status = field("Status").filter(|status| is_status(status)).unwrap_or("5.0.0");
        Some((recipients.collect(), status.to_owned()))
    })
}

/// The address of a field such as `rfc822; someone@example.com`.
fn address(field: &str) -> Option<String> {
    let (_, address) = field.split_once(';')?;
    Some(address.trim().trim_start_matches('<').trim_end_matches('>').to_ascii_lowercase())
}

fn is_status(text: &str) -> bool {
    let parts: Vec<&str> = text.split('.').collect();
    parts.len() == 3
        && parts.iter().all(|part| (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit()))
}

fn own(returned: &Message<'_>, domain: &str) -> Option<String> {
    let (local, of) = returned.message_id()?.rsplit_once('@')?;
    of.eq_ignore_ascii_case(domain).then(|| local.to_owned())
}

/// The maildir that bounces are put into.
#[derive(Clone)]
pub struct Maildir {
    folder: Arc<PathBuf>,
    domain: Arc<str>,
    keys: Keys,
}

/// A mail that lies in the maildir and that nobody has seen.
#[derive(Debug)]
pub struct Unseen {
    file: PathBuf,
    /// What it says, if it is a report that a mail of the portal's failed.
    pub bounce: Option<Bounce>,
}

impl Maildir {
    /// The maildir in this folder, for what the domain of this address sends.
    pub fn new(folder: PathBuf, mail_from: &str, keys: Keys) -> Self {
        let domain = mail_from.rsplit_once('@').map_or("", |(_, domain)| domain);
        Self { folder: Arc::new(folder), domain: domain.into(), keys }
    }

    /// The files of the mails that nobody has seen yet.
    ///
    /// # Errors
    /// When the folder can't be read.
    pub async fn unseen(&self) -> io::Result<Vec<PathBuf>> {
        let folder = self.folder.join("new");
        let list = move || Ok(fs::read_dir(folder)?.flatten().map(|entry| entry.path()).collect());
        tokio::task::spawn_blocking(list).await.map_err(io::Error::other)?
    }

    /// Reads one of them.
    ///
    /// # Errors
    /// When the file can't be read.
    pub async fn read(&self, file: PathBuf) -> io::Result<Unseen> {
        let this = self.clone();
        tokio::task::spawn_blocking(move || this.read_file(&file)).await.map_err(io::Error::other)?
    }

    fn read_file(&self, file: &Path) -> io::Result<Unseen> {
        let mut bytes = Vec::new();
        fs::File::open(file)?.take(LONGEST).read_to_end(&mut bytes)?;
        let bounce = parse(&bytes, &self.domain).and_then(|bounce| {
            let id = message_id::id_of(&self.keys, &bounce.mail)?.to_owned();
            Some(Bounce { mail: id, ..bounce })
        });
        Ok(Unseen { file: file.to_owned(), bounce })
    }

    /// Puts a mail to those that were seen.
    ///
    /// # Errors
    /// When the folder can't be written.
    pub async fn seen(&self, mail: Unseen) -> io::Result<()> {
        let folder = self.folder.join("cur");
        tokio::task::spawn_blocking(move || {
            let name = mail.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            fs::create_dir_all(&folder)?;
            fs::rename(&mail.file, folder.join(format!("{name}:2,S")))
        })
        .await
        .map_err(io::Error::other)?
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Bounce, parse};

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

    fn bounce(mail: &str, status: &str) -> Option<Bounce> {
        let recipients = vec!["someone@example.com".to_owned()];
        Some(Bounce { mail: mail.into(), recipients, status: status.into() })
    }

    #[test]
    fn a_report_names_the_mail_and_the_status() {
        let parse = |text: String| parse(text.as_bytes(), "agency.example");
        assert_eq!(parse(report("failed", "5.1.1", WHOLE)), bounce("alert-x-dealer-1-7", "5.1.1"));
        assert_eq!(parse(report("failed", "4.4.7", HEADER)), bounce("code-x", "4.4.7"));
        assert_eq!(parse(report("failed", "<script>", WHOLE)), bounce("alert-x-dealer-1-7", "5.0.0"));
        assert_eq!(
            parse(report("failed", "5.1.1", WHOLE).replace("\r\n", "\n")),
            bounce("alert-x-dealer-1-7", "5.1.1")
        );
    }

    #[test]
    fn what_is_no_failure_of_ones_own_mail_is_left_alone() {
        let parse = |text: String| parse(text.as_bytes(), "agency.example");
        assert_eq!(parse(report("delayed", "4.4.1", WHOLE)), None);
        assert_eq!(parse(report("delivered", "2.0.0", WHOLE)), None);
        assert_eq!(parse(report("failed", "5.1.1", &WHOLE.replace("@agency.example>", "@other.example>"))), None);
        assert_eq!(parse("Subject: Out of office\r\n\r\nAction: failed\r\n".into()), None);
        assert_eq!(
            parse(report("failed", "5.1.1", WHOLE).replace("delivery-status;", "disposition-notification;")),
            None
        );
    }

    proptest! {
        #[test]
        fn nothing_that_comes_by_mail_can_stop_it(bytes: Vec<u8>, cut in 0usize..2000, at in 0usize..2000, byte: u8) {
            let _ = parse(&bytes, "agency.example");
            let mut text = report("failed", "5.1.1", WHOLE).into_bytes();
            if let Some(there) = text.get_mut(at) { *there = byte }
            text.truncate(cut);
            let _ = parse(&text, "agency.example");
        }
    }
}
