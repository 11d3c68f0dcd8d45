//! Word of what was just done, on the page that follows: the address says which of a closed list of sentences.

use actix_web::HttpResponse;

use super::see_other;

macro_rules! done {
    ($($(#[$doc:meta])* $name:ident = $word:literal, $sentence:literal;)+) => {
        /// What was just done.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[expect(missing_docs, reason = "each has a sentence that says what it is")]
        pub enum Done { $($name,)+ }

        impl Done {
            const ALL: &[Self] = &[$(Self::$name,)+];

            const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)+ }
            }

            /// The sentence about it.
            pub const fn sentence(self) -> &'static str {
                match self { $(Self::$name => $sentence,)+ }
            }
        }
    };
}

done! {
    Saved = "saved", "It is saved.";
    Deleted = "deleted", "It is deleted.";
    Published = "published", "It is published.";
    TakenAway = "taken-away", "The page is taken away.";
    Submitted = "submitted", "It waits for another supervisor to publish it.";
    Refused = "refused", "It was not published. Its author sees that.";
    Withdrawn = "withdrawn", "It is withdrawn.";
    Unlocked = "unlocked", "The sign-in is unlocked. The person is told.";
    EndedSessions = "signed-off", "All sessions are ended. The person is told.";
    Suspended = "suspended", "The logon is suspended. The person is told.";
    Revoked = "revoked", "The access is taken away. The person is told.";
    Asked = "asked", "It waits for another employee to approve it.";
    Approved = "approved", "It is approved and done. The person is told.";
    Overtaken = "overtaken", "It can't be done any more: something changed since it was asked for.";
    NotApproved = "not-approved", "It is not approved.";
    TakenBack = "taken-back", "The request is taken back.";
    Voided = "voided", "The code is void.";
    SentAgain = "sent-again", "Another code is on its way.";
    MarkedPrinted = "printed", "The batch is marked as printed.";
    MarkedMailed = "mailed", "The batch is marked as mailed.";
    TriedAgain = "tried-again", "It is tried again.";
    HandedOver = "handed-over", "The batch is handed over once more.";
    Reprinted = "reprinted", "The letter goes into the next batch.";
    AddressRight = "address-right", "The address is noted as right.";
    Applied = "applied", "The file is being applied.";
    Discarded = "discarded", "The file is discarded.";
    Taken = "taken", "You look after it now.";
    LetGo = "let-go", "Nobody looks after it now.";
    Released = "released", "It is released.";
    Resumed = "resumed", "It goes on.";
    Paused = "paused", "It is paused.";
    RequestRefused = "request-refused", "Request refused.";
    RequestWithdrawn = "request-withdrawn", "Request withdrawn.";
    RequestSent = "request-sent", "Request sent. Another staff member must approve it.";
    RequestApproved = "request-approved", "Request approved.";
    DecidedBefore = "decided-before", "Somebody else decided this request first.";
    StaffInvited = "staff-invited", "Invitation sent.";
    StaffChanged = "staff-changed", "Staff member updated.";
    StaffSessionsEnded = "staff-signed-off", "All sessions of this staff member ended.";
    StaffUnlocked = "staff-unlocked", "Sign-in unlocked.";
    StaffReset = "staff-reset", "Sign-in reset. A new link was sent by e-mail.";
    PasswordSaved = "password-saved", "Password changed. Other sessions ended.";
    Cancelled = "cancelled", "It is stopped for good.";
}

impl Done {
    /// On to the page that says so, by GET.
    pub fn then(self, path: &str) -> HttpResponse {
        see_other(&format!("{path}?done={}", self.word()))
    }

    /// What the query of an address says was done; nothing that is not on the list.
    pub fn of_query(query: &str) -> Option<Self> {
        let word = query.split('&').find_map(|pair| pair.strip_prefix("done="))?;
        Self::ALL.iter().copied().find(|done| done.word() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::Done;

    #[test]
    fn a_page_says_only_what_is_on_the_list() {
        for done in Done::ALL {
            assert_eq!(Done::of_query(&format!("before=1&done={}", done.word())), Some(*done));
        }
        for query in ["", "done=", "done=Call%20555", "x=done=saved"] {
            assert_eq!(Done::of_query(query), None, "{query}");
        }
    }
}
