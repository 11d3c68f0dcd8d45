//! Users of a database server. The portal signs in as a user of its own database that may read and write what is there and
//! nothing else: no other database, and no users (the role EDITOR). The server's root makes it, once.

use rand::Rng;
use secrecy::{ExposeSecret, SecretString};
use surrealdb::{
    Surreal,
    engine::any::{Any, connect},
    opt::auth::Root,
};

use super::{DbError, NAME};

/// The name of a user, which needs no quotes.
#[derive(Clone, Debug)]
pub struct DatabaseUser(String);

impl DatabaseUser {
    /// Reads a name.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub fn parse(name: &str) -> Result<Self, String> {
        let is_plain = |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == b'_';
        let is_name = name.starts_with(|first: char| first.is_ascii_lowercase()) && name.bytes().all(is_plain);
        if is_name && name.len() <= 32 {
            return Ok(Self(name.to_owned()));
        }
        Err("a name has 1 to 32 lowercase letters, digits, and underscores, and begins with a letter".into())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Makes the portal's database on a server, where it is not there, and this user of it; returns the password, which is
/// drawn. A user of the same name gets the new password.
///
/// # Errors
/// When the server does not answer or refuses `root`.
pub async fn make(url: &str, root: (String, SecretString), user: &DatabaseUser) -> Result<SecretString, DbError> {
    let db: Surreal<Any> = connect(url).await?;
    let (username, password) = root;
    db.signin(Root { username, password: password.expose_secret().to_owned() }).await?;
    let mut bytes = [0u8; 24];
    rand::rng().fill_bytes(&mut bytes);
    let drawn = hex::encode(bytes);
    // Names and passwords are no values here; both are letters and digits only.
    db.query(format!("DEFINE NAMESPACE IF NOT EXISTS {NAME}")).await?.check()?;
    db.use_ns(NAME).await?;
    db.query(format!("DEFINE DATABASE IF NOT EXISTS {NAME}")).await?.check()?;
    db.use_ns(NAME).use_db(NAME).await?;
    let define = format!("DEFINE USER OVERWRITE {} ON DATABASE PASSWORD '{drawn}' ROLES EDITOR", user.as_str());
    db.query(define).await?.check()?;
    Ok(drawn.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_holds_nothing_that_ends_a_statement() {
        assert_eq!(DatabaseUser::parse("web_1").unwrap().as_str(), "web_1");
        for wrong in ["", "1web", "Web", "a b", "a;b", "a`", &"a".repeat(33)] {
            assert!(DatabaseUser::parse(wrong).is_err(), "{wrong}");
        }
    }
}
