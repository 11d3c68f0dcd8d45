//! The Request Code wizard, "Online Authentication" (R83–R113).

mod act;
mod pages;
pub mod routes;

use serde::{Deserialize, Serialize};

use crate::{
    authorization_code::Channel,
    wizard::{Step, Wizard},
    words::{AccountId, AccountNumber},
};

/// The wizard.
pub struct RequestCode;

/// Its steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestCodeStep {
    /// Which type of account.
    AccountType,
    /// Which account.
    AccountDetails,
    /// By e-mail or by letter.
    EmailOption,
    /// All of it, to submit.
    Summary,
}

/// The answers so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// The account type's key.
    pub kind: Option<String>,
    /// The account, once it was found.
    pub account: Option<Found>,
    /// Whether the code comes by e-mail.
    pub by_email: Option<bool>,
    /// Whether that was confirmed when prompted (R105).
    pub confirmed: bool,
}

/// An account that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// Its number.
    pub number: AccountNumber,
    /// What may be shown of its e-mail address on record; nothing if there is none.
    pub mask: Option<String>,
}

/// A request with nothing missing.
pub struct Complete {
    /// For which account.
    pub account: AccountId,
    /// How the code travels.
    pub channel: Channel,
}

impl Step for RequestCodeStep {
    fn slug(self) -> &'static str {
        match self {
            Self::AccountType => "account-type",
            Self::AccountDetails => "account-details",
            Self::EmailOption => "email-option",
            Self::Summary => "summary",
        }
    }

    fn section(self) -> &'static str {
        match self {
            Self::AccountType => "Select",
            Self::AccountDetails | Self::EmailOption => "Account Info",
            Self::Summary => "Summary",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::AccountType => "Account Type",
            Self::AccountDetails => "Account Details",
            Self::EmailOption => "Email Option",
            Self::Summary => "Summary",
        }
    }
}

impl Wizard for RequestCode {
    const KEY: &'static str = "request-code";
    const PATH: &'static str = "/access/request-code";
    const TITLE: &'static str = "Online Authentication";
    const LEAVE: &'static str = "/access";
    const FIELDS: &'static [&'static str] = &["account-type", "number", "by-email", "confirmed"];
    type Step = RequestCodeStep;
    type Draft = Draft;
    type Complete = Complete;

    /// Without an e-mail address on record nothing is asked: the code goes by letter (R104).
    fn steps(draft: &Draft) -> Vec<RequestCodeStep> {
        use RequestCodeStep::{AccountDetails, AccountType, EmailOption, Summary};
        let by_letter_only = draft.account.as_ref().is_some_and(|found| found.mask.is_none());
        if by_letter_only {
            vec![AccountType, AccountDetails, Summary]
        } else {
            vec![AccountType, AccountDetails, EmailOption, Summary]
        }
    }

    fn is_answered(draft: &Draft, step: RequestCodeStep) -> bool {
        match step {
            RequestCodeStep::AccountType => draft.kind.is_some(),
            RequestCodeStep::AccountDetails => draft.account.is_some(),
            RequestCodeStep::EmailOption => draft.by_email.is_some() && draft.confirmed,
            RequestCodeStep::Summary => false,
        }
    }

    fn finish(draft: &Draft) -> Option<Complete> {
        let found = draft.account.as_ref()?;
        let channel = match (&found.mask, draft.by_email) {
            (None, _) => Channel::Letter,
            (Some(_), Some(by_email)) if draft.confirmed => {
                if by_email {
                    Channel::Email
                } else {
                    Channel::Letter
                }
            }
            (Some(_), _) => return None,
        };
        Some(Complete { account: AccountId::new(draft.kind.clone()?, found.number), channel })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::wizard::Journey;

    fn any_draft() -> impl Strategy<Value = Draft> {
        let found = (1u64..1000, any::<bool>()).prop_map(|(number, has_email)| Found {
            number: AccountNumber::parse(&number.to_string()).unwrap(),
            mask: has_email.then(|| "E*****L@EMAIL.COM".to_owned()),
        });
        (
            proptest::option::of(Just("dealer".to_owned())),
            proptest::option::of(found),
            any::<Option<bool>>(),
            any::<bool>(),
        )
            .prop_map(|(kind, account, by_email, confirmed)| Draft { kind, account, by_email, confirmed })
    }

    proptest! {
        /// For any answers: no step comes twice, the next one may be visited, and the whole is there
        /// exactly when nothing is missing.
        #[test]
        fn the_path_holds_for_any_answers(draft in any_draft()) {
            let journey = Journey::<RequestCode>::of(&draft);
            let reached: Vec<_> = journey.reached().iter().map(|step| step.slug()).collect();
            let mut once = reached.clone();
            once.sort_unstable();
            once.dedup();
            prop_assert_eq!(once.len(), reached.len());
            prop_assert!(journey.visit(journey.next().slug()).is_some());
            if journey.next() == RequestCodeStep::Summary {
                prop_assert!(RequestCode::finish(&draft).is_some());
            }
        }
    }
}
