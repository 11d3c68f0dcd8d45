//! The path through a wizard, computed from its answers.

use super::Wizard;

/// The steps that were answered, and the one that is next.
pub struct Journey<W: Wizard> {
    steps: Vec<W::Step>,
    answered: usize,
}

impl<W: Wizard> Journey<W> {
    /// The path that these answers make: it stops at the first gap, so that what lies behind a gap
    /// is neither shown nor submitted.
    pub fn of(draft: &W::Draft) -> Self {
        let steps = W::steps(draft);
        let answered = steps.iter().take_while(|step| W::is_answered(draft, **step)).count();
        Self { answered: answered.min(steps.len().saturating_sub(1)), steps }
    }

    /// The step with this name, if it may be visited.
    pub fn visit(&self, slug: &str) -> Option<W::Step> {
        use super::Step;
        self.reached().iter().copied().find(|step| step.slug() == slug)
    }

    /// The steps that were reached, in order: those answered, and the next one.
    pub fn reached(&self) -> &[W::Step] {
        &self.steps[..=self.answered.min(self.steps.len().saturating_sub(1))]
    }

    /// The first step that is not answered.
    pub fn next(&self) -> W::Step {
        self.steps[self.answered]
    }

    /// The step after this one, as far as the answers reach.
    pub fn after(&self, step: W::Step) -> W::Step {
        let place = self.reached().iter().position(|one| *one == step).map_or(0, |place| place + 1);
        self.reached().get(place).copied().unwrap_or_else(|| self.next())
    }

    /// The step before this one.
    pub fn before(&self, step: W::Step) -> Option<W::Step> {
        let place = self.steps.iter().position(|one| *one == step)?;
        place.checked_sub(1).map(|before| self.steps[before])
    }

    /// Whether this step is answered.
    pub fn is_done(&self, step: W::Step) -> bool {
        self.steps.iter().position(|one| *one == step).is_some_and(|place| place < self.answered)
    }

    /// Whether this step submits.
    pub fn is_last(&self, step: W::Step) -> bool {
        self.steps.last() == Some(&step)
    }
}
