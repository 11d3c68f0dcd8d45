//! The mail server that mail is given to, as an operator names it.

use std::{fmt, net::IpAddr};

use url::Url;

/// How the way to a mail server is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encryption {
    /// Not at all.
    None,
    /// After a greeting in plain text, or no mail is sent (RFC 3207).
    StartTls,
    /// From the first byte (RFC 8314).
    Implicit,
}

/// A mail server's address, with the user and the password for it. It does not show them.
#[derive(Clone, PartialEq, Eq)]
pub struct MailServer {
    url: Url,
    encryption: Encryption,
}

impl fmt::Debug for MailServer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "MailServer({}, {:?})", self.host(), self.encryption)
    }
}

impl MailServer {
    /// Reads `smtps://`, `smtp+starttls://` or `smtp://`, followed by `[user:password@]host[:port]`. `?tls=required` after
    /// `smtp://` is another way to write `smtp+starttls://`.
    ///
    /// # Errors
    /// A sentence for the operator, which does not quote the address.
    pub fn parse(address: &str) -> Result<Self, String> {
        let problem = |said: &dyn fmt::Display| format!("SPRINGBOARD_SMTP: {said}");
        let (address, has_starttls) = match address.trim().strip_prefix("smtp+starttls://") {
            Some(rest) => (format!("smtp://{rest}"), true),
            None => (address.trim().to_owned(), false),
        };
        let mut url = Url::parse(&address).map_err(|fault| problem(&fault))?;
        if url.host_str().is_none_or(str::is_empty) {
            return Err(problem(&"the address names no host"));
        }
        // A `#` or `/` in a password would end it.
        if url.fragment().is_some() || !matches!(url.path(), "" | "/") {
            return Err(problem(&"write signs of a password as %23 for # and %2F for /, and nothing after the port"));
        }
        let encryption = match (url.scheme(), url.query(), has_starttls) {
            ("smtps", None, _) => Encryption::Implicit,
            ("smtp", None, true) | ("smtp", Some("tls=required"), _) => Encryption::StartTls,
            ("smtp", None, false) => Encryption::None,
            ("smtp" | "smtps", ..) => return Err(problem(&"write nothing after the host and the port")),
            _ => return Err(problem(&"begin with smtps://, smtp+starttls:// or smtp://")),
        };
        url.set_query(None);
        Ok(Self { url, encryption })
    }

    /// How the way to it is encrypted.
    pub fn encryption(&self) -> Encryption {
        self.encryption
    }

    /// Its name, or its address without brackets.
    pub fn host(&self) -> &str {
        bare_host(&self.url)
    }

    /// Whether it is on this machine.
    pub fn is_here(&self) -> bool {
        is_here(&self.url)
    }

    /// The address as lettre reads it, with the password.
    pub fn exposed(&self) -> String {
        let mut url = self.url.clone();
        if self.encryption == Encryption::StartTls {
            url.set_query(Some("tls=required"));
        }
        url.into()
    }
}

/// Whether an address such as `ws://127.0.0.1:8000` is on this machine.
pub fn is_here(url: &Url) -> bool {
    let host = bare_host(url);
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
}

fn bare_host(url: &Url) -> &str {
    url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']')
}

#[cfg(test)]
mod tests {
    use super::{Encryption, MailServer};

    #[test]
    fn the_scheme_says_how_it_is_encrypted() {
        let encryption = |address: &str| MailServer::parse(address).map(|server| server.encryption());
        assert_eq!(encryption("smtps://u:p@mail.example.gov"), Ok(Encryption::Implicit));
        assert_eq!(encryption("smtp+starttls://u:p@mail.example.gov:587"), Ok(Encryption::StartTls));
        assert_eq!(encryption("smtp://mail.example.gov?tls=required"), Ok(Encryption::StartTls));
        assert_eq!(encryption("smtp://mail.example.gov:25"), Ok(Encryption::None));
        assert_eq!(encryption("smtp://u:tls=required@mail.example.gov"), Ok(Encryption::None), "a password");
        for wrong in [
            "smtp://mail.example.gov?tls=opportunistic",
            "smtp+starttls://mail.example.gov?x=y",
            "smtps://",
            "smtps://mailer:2024#Pa@mail.example.gov",
            "smtp://mail.example.gov/x",
            "http://mail.example.gov",
            "mail.example.gov",
            "",
        ] {
            let said = MailServer::parse(wrong).unwrap_err();
            assert!(said.starts_with("SPRINGBOARD_SMTP: "), "{wrong}: {said}");
        }
    }

    #[test]
    fn it_is_known_on_this_machine_and_shows_no_password() {
        let server = |address: &str| MailServer::parse(address).unwrap();
        for here in ["smtp://127.0.0.1:25", "smtp://u:p@localhost", "smtp://[::1]:2525", "smtp://127.9.9.9"] {
            assert!(server(here).is_here(), "{here}");
        }
        for far in ["smtp://mail.example.gov", "smtp://127.0.0.1@mail.example.gov", "smtp://[2001:db8::1]"] {
            assert!(!server(far).is_here(), "{far}");
        }
        let server = server("smtp+starttls://user:s3cret@[2001:db8::1]:587");
        assert_eq!(server.host(), "2001:db8::1");
        assert_eq!(server.exposed(), "smtp://user:s3cret@[2001:db8::1]:587?tls=required");
        assert!(!format!("{server:?}").contains("s3cret"));
    }
}
