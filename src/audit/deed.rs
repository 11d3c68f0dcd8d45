//! What people and staff do that is kept: a closed list.

macro_rules! deeds {
    ($($name:ident = $label:literal,)+) => {
        /// What somebody did.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[expect(missing_docs, reason = "each says what it is")]
        pub enum Deed { $($name,)+ }

        impl Deed {
            /// All of them, as the search offers them.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// Its words, in the trail and on pages.
            pub const fn label(self) -> &'static str {
                match self { $(Self::$name => $label,)+ }
            }
        }
    };
}

deeds! {
    // Of people
    SignedUp = "signed up",
    SignedIn = "signed in",
    FailedSignIn = "failed to sign in",
    LockedSignIn = "locked a sign-in after wrong passwords",
    SignedOut = "signed out",
    ProvedSecondFactor = "proved a second factor",
    FailedSecondFactor = "failed to prove a second factor",
    AddedSecondFactor = "added a second factor",
    RemovedSecondFactor = "removed a second factor",
    MadeRecoveryCodes = "made recovery codes",
    SignedOffOtherSessions = "signed off other sessions",
    ChangedProfile = "changed the profile",
    ChangedPassword = "changed the password",
    FrozeLogon = "froze a logon after a change",
    ChangedRecovery = "changed the recovery",
    RecoveredPassword = "recovered the password",
    Confirmed = "confirmed",
    AgreedToTerms = "agreed to terms",
    RequestedCode = "requested a code",
    GainedAccess = "gained access",
    TurnedAlertsOff = "turned alerts off by e-mail",
    ExportedMailbox = "exported a mailbox",
    ConfirmedNotice = "confirmed a notice",
    NeverConfirmedNotice = "never confirmed a notice",
    // Of people and staff
    PostedMessage = "posted a message",
    // Of staff
    TookThread = "took a thread",
    LetThreadGo = "let a thread go",
    MadeEvidence = "made evidence of a notice",
    SubmittedContent = "wrote what a colleague has to publish",
    RefusedContent = "did not publish what the agency would say",
    WithdrewContent = "withdrew what a colleague would have published",
    PublishedContent = "published what the agency says",
    WroteTemplate = "wrote a template",
    DeletedTemplate = "deleted a template",
    SavedAudience = "saved a filter",
    DeletedAudience = "deleted a filter",
    WroteBulkPost = "wrote a bulk post",
    ReleasedBulkPost = "released a bulk post",
    PausedBulkPost = "paused a bulk post",
    ResumedBulkPost = "went on with a bulk post",
    CancelledBulkPost = "cancelled a bulk post",
    Unlocked = "unlocked a logon",
    EndedSessions = "ended a logon's sessions",
    Suspended = "suspended a logon",
    Reinstated = "reinstated a logon",
    SentRecoveryLetter = "sent a recovery letter",
    GrantedAccess = "gave access",
    RevokedAccess = "took access away",
    AskedForApproval = "asked for approval",
    RefusedApproval = "did not approve",
    VoidedCode = "made a code void",
    SentCodeAgain = "sent a code again",
    AskedForBatch = "asked for a batch of letters",
    TriedBatchAgain = "had a batch tried again",
    TookBatch = "took a batch of letters",
    MarkedBatchPrinted = "marked a batch as printed",
    MarkedBatchMailed = "marked a batch as mailed",
    HandedBatchOverAgain = "handed a batch over again",
    ReprintedLetter = "had a letter printed again",
    MarkedLetterReturned = "marked a letter as returned",
    PostedLedgerEntry = "posted a ledger entry",
    ReversedLedgerEntry = "reversed a ledger entry",
    CorrectedAddress = "corrected an address on record",
    FoundAddressRight = "found an address right",
    WroteCampaign = "wrote a campaign",
    ReleasedCampaign = "released a campaign",
    PausedCampaign = "paused a campaign",
    ResumedCampaign = "went on with a campaign",
    CancelledCampaign = "cancelled a campaign",
    BroughtImport = "brought a file of the registry",
    AppliedImport = "applied a file of the registry",
    CancelledImport = "cancelled a file of the registry",
    InvitedStaff = "invited a staff member",
    Enrolled = "enrolled as a staff member",
    ChangedStaffRole = "changed a staff member's role",
    DisabledStaff = "disabled a staff member",
    EnabledStaff = "enabled a staff member",
    ResetStaff = "reset a staff member's sign-in",
    UnlockedStaff = "unlocked a staff member",
    EndedStaffSessions = "ended a staff member's sessions",
    AskedForAction = "asked for a restricted action",
    ApprovedAction = "approved a restricted action",
    RefusedAction = "refused a restricted action",
    WithdrewAction = "withdrew a restricted action",
    ExportedList = "exported a list",
    ViewedLogon = "viewed a logon",
    ViewedAccount = "viewed an account",
    WasRefusedByRole = "was refused by role",
    EnteredWrongCode = "entered a wrong code",
    GaveWrongPassword = "gave a wrong present password",
    UsedDeadLink = "used a staff link that is not good",
    EnteredWrongPin = "entered a wrong PIN",
    MadeBackup = "made a backup",
    RestoredBackup = "restored a backup",
    ExportedAudit = "exported the audit",
    VerifiedAudit = "verified the audit",
}

impl Deed {
    /// The deed of these words.
    pub fn of_label(label: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|deed| deed.label() == label)
    }
}

#[cfg(test)]
mod tests {
    use super::Deed;

    #[test]
    fn no_two_have_the_same_words() {
        for deed in Deed::ALL {
            assert_eq!(Deed::of_label(deed.label()), Some(*deed));
        }
    }
}
