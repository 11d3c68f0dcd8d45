//! Text messages: a small gateway, with files for the demo and Twilio's Messages API.

use std::{path::PathBuf, sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use secrecy::{ExposeSecret, SecretString};

use super::{About, PostFault, paper::write_whole};
use crate::words::PhoneNumber;

/// A text message to one person.
#[derive(Clone)]
pub struct TextMessage {
    /// What makes it the same message when it is sent again.
    pub id: String,
    /// To whom.
    pub to: PhoneNumber,
    /// The text, short enough for one message.
    pub text: String,
    /// For which account it is sent, if it belongs to the correspondence of one.
    pub about: Option<About>,
}

/// How text messages leave.
pub trait TextGateway: Send + Sync {
    /// Sends it; returns what the gateway said.
    fn send(&self, message: TextMessage) -> BoxFuture<'_, Result<String, PostFault>>;
}

/// Writes each message as a file into this folder.
pub fn files(folder: PathBuf) -> Arc<dyn TextGateway> {
    Arc::new(Files(folder))
}

/// Sends by Twilio: `twilio://SID:TOKEN@host/FROM`; `twilio+http://` speaks without TLS, for a stub.
///
/// # Errors
/// A sentence for the operator.
pub fn twilio(address: &SecretString) -> Result<Arc<dyn TextGateway>, String> {
    Twilio::parse(address.expose_secret()).map(|twilio| Arc::new(twilio) as Arc<dyn TextGateway>)
}

struct Files(PathBuf);

impl TextGateway for Files {
    fn send(&self, message: TextMessage) -> BoxFuture<'_, Result<String, PostFault>> {
        let file = self.0.join(format!("{}.txt", message.id));
        Box::pin(async move {
            let text = format!("To: {}\n\n{}\n", message.to, message.text);
            match tokio::task::spawn_blocking(move || write_whole(&file, text.as_bytes())).await {
                Ok(Ok(())) => Ok("written to a file".into()),
                Ok(Err(fault)) => Err(PostFault::Later(fault.to_string())),
                Err(fault) => Err(PostFault::Later(fault.to_string())),
            }
        })
    }
}

struct Twilio {
    http: reqwest::Client,
    address: String,
    account: String,
    token: SecretString,
    from: String,
}

impl Twilio {
    fn parse(address: &str) -> Result<Self, String> {
        let refusal = || "SPRINGBOARD_SMS: write twilio://SID:TOKEN@host/FROM".to_owned();
        let (scheme, rest) = match (address.strip_prefix("twilio://"), address.strip_prefix("twilio+http://")) {
            (Some(rest), _) => ("https", rest),
            (None, Some(rest)) => ("http", rest),
            (None, None) => return Err(refusal()),
        };
        let (credentials, place) = rest.rsplit_once('@').ok_or_else(refusal)?;
        let (account, token) = credentials.split_once(':').ok_or_else(refusal)?;
        let (host, from) = place.split_once('/').ok_or_else(refusal)?;
        if [account, token, host, from].iter().any(|part| part.is_empty()) {
            return Err(refusal());
        }
        // No redirect is followed: it would take the message and the credentials elsewhere.
        let http = reqwest::Client::builder()
            .timeout(Duration::from_secs(20))
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|fault| fault.to_string())?;
        Ok(Self {
            http,
            address: format!("{scheme}://{host}/2010-04-01/Accounts/{account}/Messages.json"),
            account: account.to_owned(),
            token: token.into(),
            from: from.to_owned(),
        })
    }
}

impl TextGateway for Twilio {
    fn send(&self, message: TextMessage) -> BoxFuture<'_, Result<String, PostFault>> {
        let form = [("To", message.to.as_e164().to_owned()), ("From", self.from.clone()), ("Body", message.text)];
        let request =
            self.http.post(&self.address).basic_auth(&self.account, Some(self.token.expose_secret())).form(&form);
        Box::pin(async move {
            let answer =
                request.send().await.map_err(|_| PostFault::Later("the text gateway could not be reached".into()))?;
            let status = answer.status();
            match status.as_u16() {
                200..300 => Ok(status.to_string()),
                // The portal's own credentials, too many at once, or the gateway's trouble: later.
                401 | 403 | 408 | 429 | 500.. => {
                    Err(PostFault::Later(format!("the text gateway refused for now ({status})")))
                }
                _ => Err(PostFault::Never(format!("the text gateway refused for good ({status})"))),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Twilio;

    #[test]
    fn its_address_has_four_parts() {
        assert!(Twilio::parse("twilio://AC1:token@api.twilio.com/+15550001111").is_ok());
        for wrong in ["twilio://AC1@host/+1555", "twilio://AC1:t@host", "https://x", "twilio://:t@host/+1"] {
            assert!(Twilio::parse(wrong).is_err(), "{wrong}");
        }
    }
}
