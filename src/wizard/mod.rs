//! Floor 3: what all wizards share. A wizard is a closed set of steps, a draft with an answer to
//! each, and a whole that only [`Wizard::finish`] can make. What may be visited and what is next is
//! computed from the answers; the routes, the stepper and the buttons are written once.

pub mod draft;
pub mod journey;
pub mod pages;
pub mod routes;

use std::fmt::Debug;

use actix_web::{FromRequest, HttpRequest};
use maud::Markup;
use serde::{Serialize, de::DeserializeOwned};

pub use draft::Ending;
pub use journey::Journey;

use crate::{
    form::{Faults, Fields},
    http::{Fault, Portal},
    page::{Frame, fields::Filled},
    words::DraftId,
};

/// A step: a variant of a closed enum.
pub trait Step: Copy + Eq + Debug + 'static {
    /// Its name in the address.
    fn slug(self) -> &'static str;
    /// The section it stands under in the stepper (R83).
    fn section(self) -> &'static str;
    /// Its name in the stepper.
    fn label(self) -> &'static str;
}

/// The flow, pure: which steps there are, and what is missing.
pub trait Wizard: Sized + 'static {
    /// Its name in drafts and in the help texts.
    const KEY: &'static str;
    /// Where its pages are.
    const PATH: &'static str;
    /// Its heading.
    const TITLE: &'static str;
    /// Where Cancel leads.
    const LEAVE: &'static str;
    /// Its steps.
    type Step: Step;
    /// The answers so far. No secret is ever in it.
    type Draft: Clone + Default + Serialize + DeserializeOwned + 'static;
    /// All answers, none missing.
    type Complete;

    /// The steps in order, for these answers. The last one submits.
    fn steps(draft: &Self::Draft) -> Vec<Self::Step>;
    /// Whether this step is answered; the last one never is.
    fn is_answered(draft: &Self::Draft, step: Self::Step) -> bool;
    /// The whole, if nothing is missing.
    fn finish(draft: &Self::Draft) -> Option<Self::Complete>;
    /// The fields that are kept as they were typed; no other one is.
    const FIELDS: &'static [&'static str];
    /// Fields that are never kept: passwords, codes.
    fn is_secret(field: &str) -> bool {
        let _ = field;
        false
    }
}

/// What a step's page shows.
pub struct View<'a, W: Pages> {
    /// The shell.
    pub frame: &'a Frame,
    /// The answers so far.
    pub draft: &'a W::Draft,
    /// What was typed at this step and what is wrong with it.
    pub form: Filled<'a>,
    /// What was looked up for this step.
    pub sight: &'a W::Sight,
}

/// The look.
pub trait Pages: Wizard {
    /// What a step shows besides the draft.
    type Sight;
    /// The fields of a step, or the recap of the last one.
    fn question(step: Self::Step, view: &View<'_, Self>) -> Markup;
    /// What the button that submits says.
    fn submit_label() -> &'static str {
        "Submit"
    }
    /// Buttons beside Next that are the wizard's own: a name for `go`, and a label.
    fn extra_buttons(step: Self::Step) -> &'static [(&'static str, &'static str)] {
        let _ = step;
        &[]
    }
}

/// Whose draft it is: a guard, so that no step can be mounted without it.
pub trait Owner: FromRequest<Error = Fault> + 'static {
    /// Whether anybody can have as many names as they like: then new drafts are limited by address.
    const IS_ANONYMOUS: bool;

    /// The name that the draft is kept under.
    fn draft_owner(&self) -> String;
}

/// The deed.
#[expect(async_fn_in_trait, reason = "only called from this engine's routes, on the thread that asks")]
pub trait Act: Pages {
    /// Who may.
    type Owner: Owner;

    /// Looks up what a step shows.
    async fn look(
        owner: &Self::Owner,
        step: Self::Step,
        draft: &Self::Draft,
        portal: &Portal,
    ) -> Result<Self::Sight, Fault>;

    /// Takes the answer to a step into the draft, or says what is wrong with it.
    async fn answer(
        owner: &Self::Owner,
        step: Self::Step,
        draft: &mut Self::Draft,
        posted: &Fields,
        asked: &Asked<'_>,
    ) -> Result<Result<(), Faults>, Fault>;

    /// Does what was asked for, in one transaction that ends the draft as well. Returns where the
    /// person goes then, with the response's cookies if it makes any.
    async fn act(
        owner: &Self::Owner,
        whole: Self::Complete,
        posted: &Fields,
        asked: &Asked<'_>,
    ) -> Result<Acted<Self>, Fault>;

    /// Forgets what a step keeps outside the draft, when the person clears its form.
    async fn reset(owner: &Self::Owner, step: Self::Step, portal: &Portal) -> Result<(), Fault> {
        let _ = (owner, step, portal);
        Ok(())
    }
}

/// What an answer or a deed may look at.
pub struct Asked<'a> {
    /// What every handler stands on.
    pub portal: &'a Portal,
    /// The request itself.
    pub request: &'a HttpRequest,
    /// The draft's identity, which the one submission inherits.
    pub draft: &'a DraftId,
    /// The draft's record, for the transaction that ends it.
    pub ending: &'a Ending,
}

/// How a deed ended.
pub enum Acted<W: Wizard> {
    /// It is done; the page that says so.
    Done(String),
    /// It was done before, by another click on the same button.
    Before,
    /// It can't be done; the step that has to be answered again, and why.
    Faulty(W::Step, Faults),
}
