//! Employees: their roles, and the guard that a handler of the console names. The role stands in the handler's
//! signature; a handler without one can't be mounted (`house::console`).

use std::{future::Ready, marker::PhantomData, sync::Arc};

use actix_web::{FromRequest, HttpRequest, dev::Payload};

use super::{Gate, Kind, Session, guard::present, second_factor};
use crate::http::Fault;

pub use crate::staff_member::Role;

impl Role {
    /// Whether this role is one of those that a handler asks for.
    pub fn may<R: Required>(self) -> bool {
        R::ROLES.contains(&self)
    }

    /// The console's menu: only what this role may open.
    pub fn menu(self) -> Vec<(&'static str, &'static str)> {
        let all: [(&str, &str, &[Self]); 14] = [
            ("Overview", "/staff/overview", Employee::ROLES),
            ("Accounts", "/staff", Employee::ROLES),
            ("Waiting messages", "/staff/messages", Employee::ROLES),
            ("Bulk messages", "/staff/bulk-posts", Employee::ROLES),
            ("Logons", "/staff/logons", Employee::ROLES),
            ("Approvals", "/staff/approvals", Employee::ROLES),
            ("Codes", "/staff/codes", Employee::ROLES),
            ("Letters", "/staff/letters", Employee::ROLES),
            ("Templates", "/staff/templates", Employee::ROLES),
            ("Content", "/staff/content", Employee::ROLES),
            ("Invitations", "/staff/campaigns", Employee::ROLES),
            ("Registry", "/staff/imports", Employee::ROLES),
            ("Staff", "/staff/members", Administrator::ROLES),
            ("Audit", "/staff/audit", Auditor::ROLES),
        ];
        all.into_iter().filter(|(.., roles)| roles.contains(&self)).map(|(label, href, _)| (label, href)).collect()
    }
}

/// The roles that a handler asks for: a marker in its signature.
pub trait Required: 'static {
    /// Who may.
    const ROLES: &'static [Role];
}

macro_rules! required {
    ($($(#[$doc:meta])* $name:ident: $($role:ident)|+;)+) => {
        $($(#[$doc])* pub struct $name;
        impl Required for $name { const ROLES: &'static [Role] = &[$(Role::$role),+]; })+
    };
}

required! {
    /// Any employee.
    Employee: Clerk | Supervisor | Administrator | Auditor;
    /// Whoever looks after accounts.
    Clerk: Clerk | Supervisor | Administrator;
    /// Whoever releases what needs a second employee.
    Supervisor: Supervisor | Administrator;
    /// Whoever looks at the queues.
    Administrator: Administrator;
    /// Whoever reads the audit.
    Auditor: Administrator | Auditor;
}

/// The employee who acts.
#[derive(Clone, Copy)]
pub struct By<'a> {
    /// The id.
    pub id: &'a str,
    /// The user ID that colleagues know.
    pub name: &'a str,
    /// The role.
    pub role: Role,
}

/// An employee who is signed in and has one of the roles that `R` asks for.
pub struct Staff<R: Required> {
    session: Arc<Session>,
    role: Role,
    required: PhantomData<R>,
}

impl<R: Required> Staff<R> {
    /// The employee who asks.
    ///
    /// # Errors
    /// [`Fault::StaffSignIn`] when none is signed in, [`Fault::Role`] when the role is another.
    pub fn of(request: &HttpRequest) -> Result<Self, Fault> {
        let session = present(request).filter(|session| session.kind == Kind::Staff).ok_or(Fault::StaffSignIn)?;
        if session.gate() != Gate::Open {
            return Err(second_factor::first(&session, ""));
        }
        let role = session.role.filter(|role| role.may::<R>()).ok_or(Fault::Role)?;
        Ok(Self { session, role, required: PhantomData })
    }

    /// The session.
    pub fn session(&self) -> &Arc<Session> {
        &self.session
    }

    /// The employee's id.
    pub fn id(&self) -> &str {
        &self.session.who
    }

    /// The user ID that colleagues know.
    pub fn user_id(&self) -> &str {
        &self.session.user_id
    }

    /// The employee as the one who acts.
    pub fn by(&self) -> By<'_> {
        By { id: self.id(), name: self.user_id(), role: self.role }
    }

    /// Whether the employee may do what asks for `Other`, so that a page shows only that.
    pub fn may<Other: Required>(&self) -> bool {
        self.role.may::<Other>()
    }
}

impl<R: Required> FromRequest for Staff<R> {
    type Error = Fault;
    type Future = Ready<Result<Self, Fault>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(Self::of(request))
    }
}

/// The arguments of a handler of the console: the first says who may call it, and is looked at before the others.
pub trait Guarded {
    /// Who may.
    const ROLES: &'static [Role];
}

macro_rules! guarded {
    ($($other:ident)*) => {
        impl<R: Required, $($other),*> Guarded for (Staff<R>, $($other,)*) { const ROLES: &'static [Role] = R::ROLES; }
    };
}

guarded!();
guarded!(A);
guarded!(A B);
guarded!(A B C);
guarded!(A B C D);
guarded!(A B C D E);
guarded!(A B C D E F);
guarded!(A B C D E F G);
guarded!(A B C D E F G H);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_auditor_sees_and_does_nothing_else() {
        assert!(Role::Auditor.may::<Employee>() && Role::Auditor.may::<Auditor>());
        assert!(
            !Role::Auditor.may::<Clerk>()
                && !Role::Auditor.may::<Supervisor>()
                && !Role::Auditor.may::<Administrator>()
        );
        assert!(!Role::Supervisor.may::<Auditor>() && !Role::Supervisor.may::<Administrator>());
    }

    #[test]
    fn nobody_is_offered_what_is_not_theirs() {
        assert!(Role::Clerk.menu().iter().all(|(_, href)| *href != "/staff/audit"));
        assert!(Role::Auditor.menu().iter().any(|(_, href)| *href == "/staff/audit"));
    }
}
