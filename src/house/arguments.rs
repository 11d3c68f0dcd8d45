//! The command line's words: what the one binary can be told to do.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use super::init::Init;
use crate::{
    audit::Seal,
    db::user::DatabaseUser,
    staff_admin::command::{NewStaff, StaffCommand},
};

/// An e-services portal: people come online to the accounts that an agency keeps on file for them.
#[derive(Parser)]
#[command(version, about)]
pub struct Command {
    #[command(subcommand)]
    pub(super) role: Option<Role>,
}

/// What the process does.
#[derive(Clone, Subcommand)]
pub enum Role {
    /// Web and worker in one process (the default)
    Serve,
    /// Answers people, and leaves the jobs to workers
    Web,
    /// Runs the jobs
    Worker,
    /// Sets the database up and ends
    Migrate,
    /// Loads the demo's data and ends
    #[cfg(feature = "demo")]
    Seed,
    /// Checks the configuration, says all that is wrong or risky, and ends
    CheckConfig,
    /// Sets a portal up in this folder: settings, secret key, database, and the first administrator's link
    Init(Box<Init>),
    /// Writes the table of a workbook: the portal calls itself for it
    #[command(hide = true)]
    Table {
        /// The workbook
        workbook: PathBuf,
    },
    /// Makes a user of a database server for the portal and prints its password; SURREAL_USER and SURREAL_PASS are the
    /// server's root
    DatabaseUser {
        /// The user's name; one for each process that connects
        #[arg(value_parser = DatabaseUser::parse)]
        name: DatabaseUser,
    },
    /// Looks after staff members; reaches a portal that serves through a socket in its data folder
    Staff {
        #[command(subcommand)]
        what: StaffRole,
    },
    /// Writes a backup into a new folder, while the portal serves or not
    Backup {
        /// The folder, which must not be there yet
        folder: PathBuf,
    },
    /// Restores a backup into an empty data folder: all sessions end, and all unused codes are void
    Restore {
        /// The backup's folder
        folder: PathBuf,
    },
    /// Looks after the secret keys
    Keys {
        #[command(subcommand)]
        what: KeysCommand,
    },
    /// Looks after the audit
    Audit {
        #[command(subcommand)]
        what: AuditCommand,
    },
}

/// What is done with staff members.
#[derive(Clone, Subcommand)]
pub enum StaffRole {
    /// Makes a staff member and prints the link with which a password is set
    Add {
        /// The user ID
        #[arg(long)]
        user_id: String,
        /// The name
        #[arg(long)]
        name: String,
        /// clerk, supervisor, administrator or auditor; the first two administrators are made by command
        #[arg(long)]
        role: String,
        /// The e-mail address, for later links
        #[arg(long)]
        email: Option<String>,
    },
    /// Lists all staff members
    List,
    /// Keeps a staff member from signing in
    Disable {
        /// The user ID
        user_id: String,
    },
    /// Lets a staff member sign in again
    Enable {
        /// The user ID
        user_id: String,
    },
    /// Gives a staff member another role
    SetRole {
        /// The user ID
        user_id: String,
        /// The role
        role: String,
    },
    /// Removes a staff member's password and second factors, and prints a new link
    Reset {
        /// The user ID
        user_id: String,
    },
}

impl StaffRole {
    /// As it is asked for.
    pub(super) fn command(self) -> StaffCommand {
        match self {
            Self::Add { user_id, name, role, email } => StaffCommand::Add(NewStaff { user_id, name, role, email }),
            Self::List => StaffCommand::List,
            Self::Disable { user_id } => StaffCommand::Disable(user_id),
            Self::Enable { user_id } => StaffCommand::Enable(user_id),
            Self::SetRole { user_id, role } => StaffCommand::SetRole(user_id, role),
            Self::Reset { user_id } => StaffCommand::Reset(user_id),
        }
    }
}

/// What is done with the secret keys.
#[derive(Clone, Subcommand)]
pub enum KeysCommand {
    /// Draws a key and prints it, for a line at the top of the key file
    Draw,
    /// Draws a private key of the audit's seals and prints it, for a file of its own
    DrawAudit,
    /// Lists the ids of the keys in use, newest first, and the public keys of the audit
    List,
    /// Seals with the first key what older ones sealed, so that they can be retired
    Reseal,
}

/// What is done with the audit.
#[derive(Clone, Subcommand)]
pub enum AuditCommand {
    /// Walks the whole chain and says whether a row was changed, left out or moved
    Verify {
        /// A seal that was noted before, NUMBER:HASH: finds an end that was cut off as well
        #[arg(long, value_parser = Seal::parse)]
        seal: Option<Seal>,
        /// A file that `audit export` wrote: needs no settings, and no database
        #[arg(long, requires = "public_key")]
        file: Option<PathBuf>,
        /// The public keys that are believed, with commas between them; `springboard keys list` shows them
        #[arg(long, requires = "file")]
        public_key: Option<String>,
        /// The last row that was sealed before there were signatures: rows up to it are passed over
        #[arg(long, requires = "file", default_value_t = 0)]
        unsigned_until: i64,
    },
    /// Writes the whole chain to a file, for whoever verifies it elsewhere
    Export {
        /// The file, which must not be there yet
        file: PathBuf,
    },
}
