//! What open pages show and statements change. A statement declares its topics; whoever commits it tells its own process at
//! once and the others by a row of the change feed (`super::changes`).

/// Something that pages show. It says that it changed, never what it is now.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    /// What a person sees of their logon, accounts, submissions and messages, by the logon's id.
    Logon(String),
    /// The sessions of a person or a staff member, by the id of either: one ended.
    Sessions(String),
    /// What staff see in the console.
    Staff,
    /// What the agency publishes.
    Content,
}

impl Topic {
    /// Its stable code in the change feed.
    pub(super) fn code(&self) -> String {
        match self {
            Self::Logon(id) => format!("logon:{id}"),
            Self::Sessions(id) => format!("sessions:{id}"),
            Self::Staff => "staff".into(),
            Self::Content => "content".into(),
        }
    }

    /// The topic of a code; none for a code that another version of the program wrote.
    pub(super) fn of_code(code: &str) -> Option<Self> {
        match code.split_once(':') {
            Some(("logon", id)) => Some(Self::Logon(id.to_owned())),
            Some(("sessions", id)) => Some(Self::Sessions(id.to_owned())),
            None if code == "staff" => Some(Self::Staff),
            None if code == "content" => Some(Self::Content),
            _ => None,
        }
    }
}

/// The values of a parameter that topics are named by: one id, several, or none.
pub trait Ids {
    /// Each id.
    fn ids(&self) -> impl Iterator<Item = String>;
}

impl Ids for String {
    fn ids(&self) -> impl Iterator<Item = String> {
        std::iter::once(self.clone())
    }
}

impl Ids for Option<String> {
    fn ids(&self) -> impl Iterator<Item = String> {
        self.iter().cloned()
    }
}

impl Ids for Vec<String> {
    fn ids(&self) -> impl Iterator<Item = String> {
        self.iter().cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::Topic;

    #[test]
    fn a_topic_is_known_by_its_code() {
        for topic in [Topic::Logon("01A".into()), Topic::Sessions("01B".into()), Topic::Staff, Topic::Content] {
            assert_eq!(Topic::of_code(&topic.code()), Some(topic));
        }
        for other in ["", "logon", "staff:1", "weather:1", "weather"] {
            assert_eq!(Topic::of_code(other), None, "{other}");
        }
    }
}
