//! E-mail: a real SMTP server in production, files in the demo.

use std::{error::Error, path::PathBuf, sync::Arc, time::Duration};

use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{
        Mailbox, SinglePart,
        header::{ContentType, HeaderName, HeaderValue},
    },
    transport::smtp::{
        Error as SmtpError, PoolConfig,
        client::{Certificate, CertificateStore, Tls, TlsParameters},
    },
};

use tokio::sync::Semaphore;

use super::{About, PostFault, WITHHELD, message_id, paper::write_whole};
use crate::words::{AccountId, EmailAddress, Keys, MailServer, email::on_the_wire, mail_server::Encryption};

/// How long one conversation with the server may take. lettre itself limits only the connection.
const PATIENCE: Duration = Duration::from_secs(60);

/// Conversations with the mail server at a time; so many connections are kept for the next mail. Most of a conversation is
/// waiting: the end of a mail follows its text in a packet of its own, which the server's system may confirm 40 ms later
/// (RFC 1122, 4.2.3.2). Postfix takes 50 from one client.
const CONNECTIONS: u32 = 48;

/// A message to one person.
#[derive(Clone)]
pub struct Mail {
    /// What makes it the same message when it is sent again: its Message-ID is made of it.
    pub id: String,
    /// To whom.
    pub to: EmailAddress,
    /// The subject.
    pub subject: String,
    /// The text; it has no other form.
    pub text: String,
    /// Where mail programs turn such mail off with one click (RFC 8058).
    pub unsubscribe: Option<String>,
    /// For which account it is sent, if it belongs to the correspondence of one.
    pub about: Option<About>,
    /// What is not kept of its text.
    secret: Option<String>,
}

impl Mail {
    /// A message to one person.
    pub fn new(id: String, to: EmailAddress, subject: String, text: String) -> Self {
        Self { id, to, subject, text, unsubscribe: None, about: None, secret: None }
    }

    /// With the address where such mail is turned off.
    pub fn unsubscribe(mut self, address: String) -> Self {
        self.unsubscribe = Some(address);
        self
    }

    /// As correspondence of an account: for a logon, or for the address on record.
    pub fn about(mut self, account: AccountId, logon: Option<&str>) -> Self {
        self.about = Some(About { account, logon: logon.map(str::to_owned), messages: Vec::new() });
        self
    }

    /// As correspondence that tells of these messages of its account's mailbox.
    pub fn of_messages(mut self, messages: Vec<i64>) -> Self {
        if let Some(about) = &mut self.about {
            about.messages = messages;
        }
        self
    }

    /// With a part of its text that is not kept.
    pub fn secret(mut self, secret: impl Into<String>) -> Self {
        self.secret = Some(secret.into());
        self
    }

    /// The subject and the text as they are kept.
    pub fn kept(&self) -> (String, String) {
        let without = |text: &String| match &self.secret {
            Some(secret) => text.replace(secret, WITHHELD),
            None => text.clone(),
        };
        (without(&self.subject), without(&self.text))
    }
}

/// How e-mail leaves.
#[derive(Clone)]
pub struct Mailer {
    from: Mailbox,
    keys: Keys,
    way: Way,
}

#[derive(Clone)]
enum Way {
    Smtp(AsyncSmtpTransport<Tokio1Executor>, Arc<Semaphore>),
    Files(PathBuf),
}

impl Mailer {
    /// Sends through this server. `authority` is a certificate authority of the agency's own, in PEM.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub fn smtp(
        server: &MailServer,
        authority: Option<&[u8]>,
        name: &str,
        from: &str,
        keys: Keys,
    ) -> Result<Self, String> {
        let mut transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(&server.exposed())
            .map_err(|fault| format!("SPRINGBOARD_SMTP: {fault}"))?
            .timeout(Some(Duration::from_secs(15)))
            .pool_config(PoolConfig::new().max_size(CONNECTIONS));
        let turns = Arc::new(Semaphore::new(usize::try_from(CONNECTIONS).unwrap_or(1)));
        if let Some(authority) = authority {
            transport = transport.tls(tls_of(server, authority)?);
        }
        Ok(Self { from: mailbox(name, from)?, keys, way: Way::Smtp(transport.build(), turns) })
    }

    /// Writes each message as a file into this folder.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub fn files(folder: PathBuf, name: &str, from: &str, keys: Keys) -> Result<Self, String> {
        Ok(Self { from: mailbox(name, from)?, keys, way: Way::Files(folder) })
    }

    /// Sends it; returns what the server said.
    ///
    /// # Errors
    /// Whether it may be tried again.
    pub async fn send(&self, mail: &Mail) -> Result<String, PostFault> {
        let message = self.compose(mail)?;
        match &self.way {
            Way::Files(folder) => {
                let file = folder.join(format!("{}.eml", mail.id));
                let bytes = message.formatted();
                let written = tokio::task::spawn_blocking(move || write_whole(&file, &bytes)).await;
                match written {
                    Ok(Ok(())) => Ok("written to a file".into()),
                    Ok(Err(fault)) => Err(PostFault::Later(fault.to_string())),
                    Err(fault) => Err(PostFault::Later(fault.to_string())),
                }
            }
            Way::Smtp(transport, turns) => {
                let bytes = message.formatted();
                let _turn = turns.acquire().await;
                let sending = transport.send_raw(message.envelope(), &bytes);
                match tokio::time::timeout(PATIENCE, sending).await {
                    Ok(Ok(response)) => {
                        Ok(format!("{} {}", response.code(), response.first_line().unwrap_or_default()))
                    }
                    // No server was asked: this one has no SMTPUTF8 (RFC 6531).
                    Ok(Err(fault))
                        if fault.is_client() && !mail.to.as_str().is_ascii() && is_beyond_ascii(&message) =>
                    {
                        Err(PostFault::Never("the mail server doesn't accept addresses with these letters".into()))
                    }
                    Ok(Err(fault)) => Err(classify(&fault)),
                    Err(_) => Err(PostFault::Later("the mail server did not answer in time".into())),
                }
            }
        }
    }

    fn compose(&self, mail: &Mail) -> Result<Message, PostFault> {
        let to = on_the_wire(mail.to.as_str()).and_then(|address| address.parse().ok());
        let to: Address = to.ok_or_else(|| PostFault::Never("mail can't be sent to this address".into()))?;
        let mut message = Message::builder();
        if let Some(address) = &mail.unsubscribe {
            message = message
                .raw_header(header("List-Unsubscribe", format!("<{address}>")))
                .raw_header(header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".into()));
        }
        message
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(&mail.subject)
            .message_id(Some(format!(
                "<{}@{}>",
                message_id::local_part(&self.keys, &mail.id),
                self.from.email.domain()
            )))
            // A relay may give the message another id; by this one a report is known all the same.
            .raw_header(header(message_id::HEADER, message_id::local_part(&self.keys, &mail.id)))
            // So that no automatic answer comes back (RFC 3834).
            .raw_header(header("Auto-Submitted", "auto-generated".into()))
            .singlepart(SinglePart::builder().header(ContentType::TEXT_PLAIN).body(mail.text.clone()))
            .map_err(|fault| PostFault::Never(format!("the message can't be written: {fault}")))
    }
}

fn is_beyond_ascii(message: &Message) -> bool {
    message.envelope().to().iter().any(|to| !AsRef::<str>::as_ref(to).is_ascii())
}

/// How a server is spoken to whose certificate an authority of the agency's own has signed.
fn tls_of(server: &MailServer, authority: &[u8]) -> Result<Tls, String> {
    let problem = |fault: &dyn std::fmt::Display| format!("SPRINGBOARD_SMTP_CA: {fault}");
    let certificate = Certificate::from_pem(authority).map_err(|fault| problem(&fault))?;
    let parameters = TlsParameters::builder(server.host().to_owned())
        // That authority and no other: whoever names their own wants nobody else to vouch for the server.
        .certificate_store(CertificateStore::None)
        .add_root_certificate(certificate)
        .build()
        .map_err(|fault| problem(&fault))?;
    match server.encryption() {
        Encryption::Implicit => Ok(Tls::Wrapper(parameters)),
        Encryption::StartTls => Ok(Tls::Required(parameters)),
        Encryption::None => {
            Err(problem(&"the mail server's address begins with neither smtps:// nor smtp+starttls://"))
        }
    }
}

fn header(name: &'static str, value: String) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value)
}

fn mailbox(name: &str, from: &str) -> Result<Mailbox, String> {
    let address = from.parse().map_err(|fault| format!("SPRINGBOARD_MAIL_FROM: {fault}"))?;
    Ok(Mailbox::new(Some(name.to_owned()), address))
}

/// Whether the server's refusal is final. The reply's words stay out: servers quote the address.
fn classify(fault: &SmtpError) -> PostFault {
    let said = fault.source().map(ToString::to_string).unwrap_or_default();
    match fault.status().map(u16::from) {
        Some(code) if fault.is_permanent() && is_of_the_address(code, &said) => {
            PostFault::Never(format!("the mail server rejected it ({code})"))
        }
        // The portal's own sign-in to the server: an operator can mend it.
        Some(code @ (530 | 534 | 535 | 538)) => {
            PostFault::Later(format!("the mail server rejected the portal's user name or password ({code})"))
        }
        Some(code) => PostFault::Later(format!("the mail server refused it for now ({code})")),
        None if fault.is_client() => PostFault::Later("the mail server lacks a feature that this mail needs".into()),
        None if fault.is_timeout() => PostFault::Later("the mail server did not answer in time".into()),
        None => PostFault::Later("the mail server could not be reached".into()),
    }
}

/// Whether a refusal means that this address takes no mail. Others are of the portal's or the server's making (a policy, a
/// list of blocked senders, a size): an operator can mend them, and nobody's address is at fault. The enhanced status
/// tells (RFC 3463, 5.1 addressing, 5.2.1 mailbox disabled); without one, the replies that RFC 5321 has for mailboxes.
fn is_of_the_address(code: u16, said: &str) -> bool {
    let status: Vec<&str> = said.split_whitespace().next().unwrap_or_default().split('.').collect();
    match status.as_slice() {
        // 5.1.7 and 5.1.8 are about the sender's address.
        ["5", "1", detail] => !["7", "8"].contains(detail),
        ["5", "2", "1"] => true,
        [class, _, _] if class.parse::<u8>().is_ok() => false,
        _ => [550, 551, 553].contains(&code),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use tokio::{
        io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
        net::TcpListener,
    };

    use super::{Mail, Mailer, is_of_the_address};
    use crate::{
        post::PostFault,
        words::{EmailAddress, Keys, MailServer},
    };

    /// A mail server for one mail, which offers this; returns its address and whom it was told the mail is for.
    async fn server(offers: &'static str) -> (String, Arc<Mutex<Vec<String>>>) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let (address, told) = (listener.local_addr().unwrap(), Arc::new(Mutex::new(Vec::new())));
        let telling = told.clone();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let (read, mut write) = stream.split();
            let mut lines = BufReader::new(read).lines();
            write.write_all(b"220 mail.example\r\n").await.unwrap();
            let mut is_text = false;
            while let Ok(Some(line)) = lines.next_line().await {
                if line.starts_with("RCPT") {
                    telling.lock().unwrap().push(line.clone());
                }
                let answer = match line.split(' ').next().unwrap_or_default() {
                    "EHLO" => format!("250-mail.example\r\n250-8BITMIME\r\n250 {offers}\r\n"),
                    "DATA" => {
                        is_text = true;
                        "354 go on\r\n".to_owned()
                    }
                    "." if is_text => "250 taken\r\n".to_owned(),
                    _ if is_text => continue,
                    _ => "250 ok\r\n".to_owned(),
                };
                if write.write_all(answer.as_bytes()).await.is_err() {
                    return;
                }
            }
        });
        (format!("smtp://{address}"), told)
    }

    async fn send(offers: &'static str, to: &str) -> (Result<String, PostFault>, Vec<String>) {
        let (address, told) = server(offers).await;
        let keys = Keys::parse("a secret of more than thirty-two characters").unwrap();
        let mailer =
            Mailer::smtp(&MailServer::parse(&address).unwrap(), None, "Portal", "no-reply@agency.example", keys)
                .unwrap();
        let sent = mailer
            .send(&Mail::new("alert-1".into(), EmailAddress::parse(to).unwrap(), "Subject".into(), "Text".into()))
            .await;
        let told = told.lock().unwrap().clone();
        (sent, told)
    }

    #[tokio::test]
    async fn a_domain_goes_out_in_letters_that_every_server_takes() {
        let (sent, told) = send("SIZE", "info@exämple.com").await;
        assert!(sent.is_ok(), "{sent:?}");
        assert_eq!(told, ["RCPT TO:<info@xn--exmple-cua.com>"]);
    }

    #[tokio::test]
    async fn an_address_that_the_server_can_not_take_is_given_up_at_once() {
        let (sent, told) = send("SIZE", "josé@exämple.com").await;
        assert!(matches!(&sent, Err(PostFault::Never(why)) if why.contains("these letters")), "{sent:?}");
        assert!(told.is_empty());
        let (sent, told) = send("SMTPUTF8", "josé@exämple.com").await;
        assert!(sent.is_ok() && told == ["RCPT TO:<josé@xn--exmple-cua.com>"], "{sent:?} {told:?}");
    }

    #[test]
    fn only_an_address_that_takes_no_mail_is_given_up_at_once() {
        for (code, said) in
            [(550, "5.1.1 no such user"), (550, "no such user here"), (553, "bad mailbox"), (550, "5.2.1 closed")]
        {
            assert!(is_of_the_address(code, said), "{code} {said}");
        }
        for (code, said) in [
            (550, "5.7.1 your address is on a list"),
            (554, "no SMTP service here"),
            (552, "5.2.2 mailbox full"),
            (553, "5.1.8 sender's domain"),
            (550, "4.3.0 strange"),
            (535, "5.7.8 credentials"),
            (501, ""),
        ] {
            assert!(!is_of_the_address(code, said), "{code} {said}");
        }
    }
}
