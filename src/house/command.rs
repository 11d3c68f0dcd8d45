//! The command line: roles of the one binary.

use std::{future::Future, path::PathBuf, time::Duration};

use secrecy::ExposeSecret;

pub use super::arguments::Command;
#[cfg(feature = "demo")]
use super::demo;
use super::{
    app::Built,
    arguments::{KeysCommand, Role},
    audit, backup,
    control::{self, ControlCommand},
    limits,
    listeners::{Listeners, stopped},
    rounds, tls,
};
use crate::{
    db::{
        Db,
        user::{self, DatabaseUser},
    },
    letter,
    post::fonts,
    registry,
    services::BreachedPasswords,
    staff_member,
    words::{AuditKeys, Clock, Config, Keys, config::own_folder, telemetry},
};

/// How long the process's end may wait for what is under way.
const LAST_WAIT: Duration = Duration::from_secs(10);

impl Command {
    /// Runs the role until it is told to stop.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub async fn run(self) -> Result<(), String> {
        let role = self.role.unwrap_or(Role::Serve);
        match &role {
            Role::Keys { what: KeysCommand::Draw } => {
                println!("{}", Keys::draw());
                return Ok(());
            }
            Role::Keys { what: KeysCommand::DrawAudit } => {
                print!("{}", AuditKeys::draw());
                return Ok(());
            }
            Role::Audit { what } if audit::without_portal(what)? => return Ok(()),
            _ => {}
        }
        if let Role::Table { workbook } = &role {
            return registry::workbook::write_table(workbook, std::io::stdout().lock());
        }
        if let Role::Init(init) = role {
            let set_up = init.run().await;
            at_rest().await;
            return set_up;
        }
        if let Role::DatabaseUser { name } = &role {
            return make_database_user(&Config::database_server()?, name).await;
        }
        let config = Config::load()?;
        if let Some(folder) = &config.fonts {
            fonts::use_folder(folder.clone());
        }
        match role {
            Role::CheckConfig => {
                config.tls.as_ref().map(tls::prepare).transpose()?;
                config.breached_passwords.as_deref().map(BreachedPasswords::open).transpose()?;
                check_config(&config);
                return Ok(());
            }
            Role::Keys { what: KeysCommand::List } => {
                list_keys(&config);
                return Ok(());
            }
            _ => {}
        }
        if matches!(role, Role::Serve | Role::Worker) && !config.audit_keys.can_sign() {
            return Err("SPRINGBOARD_AUDIT_KEY_FILE is missing: this process seals the audit".into());
        }
        limits::prepare();
        telemetry::start(config.is_demo());
        if let Role::Restore { folder } = &role {
            let restored = backup::restore(&config, folder).await;
            at_rest().await;
            return restored.map(|said| print!("{said}"));
        }
        let control = match &role {
            Role::Staff { what } => Some(ControlCommand::Staff(what.clone().command())),
            Role::Backup { folder } => Some(ControlCommand::Backup(absolute(folder)?)),
            Role::Keys { what: KeysCommand::Reseal } => Some(ControlCommand::Reseal),
            _ => None,
        };
        if let Some(command) = &control
            && let Some(said) = control::send(&config.data, command).await.map_err(|fault| fault.to_string())?
        {
            return said.map(|said| print!("{said}"));
        }
        if backup::is_half_restored(&config.data) {
            return Err(format!("{} is half restored: empty it, and restore again", config.data.display()));
        }
        own_folder(&config.data).map_err(|fault| format!("{}: {fault}", config.data.display()))?;
        let db = Db::open(&config.database).await.map_err(|fault| format!("the database can't be opened: {fault}"))?;
        let built = Built::new(&config, db, Clock::System).await?;
        if !config.is_demo() {
            refuse_demo_data(&built).await?;
        }
        #[cfg(feature = "demo")]
        let greeting = demo::prepare(&config, &built).await?;
        #[cfg(not(feature = "demo"))]
        let greeting = None;
        let ended = match role {
            Role::Serve => serve(&config, &built, greeting, true).await,
            Role::Web => serve(&config, &built, greeting, false).await,
            Role::Worker => {
                work(&built, stopped()).await;
                Ok(())
            }
            Role::Audit { what } => audit::run(&built, &what).await,
            Role::Staff { .. } | Role::Backup { .. } | Role::Keys { .. } => match control {
                Some(command) => control::run(&built.portal, command).await.map(|said| print!("{said}")),
                None => Ok(()),
            },
            _ => Ok(()),
        };
        telemetry::ending();
        built.stop();
        drop(built);
        at_rest().await;
        ended
    }
}

/// A path that another process, in another folder, finds as well.
fn absolute(folder: &std::path::Path) -> Result<PathBuf, String> {
    std::path::absolute(folder).map_err(|fault| format!("{}: {fault}", folder.display()))
}

/// Makes a user of the database server, as the server's root, and prints what its settings are.
async fn make_database_user(server: &str, name: &DatabaseUser) -> Result<(), String> {
    let variable = |name: &str| {
        std::env::var(name).map_err(|_| format!("{name} is missing: set it to the server's root user or password"))
    };
    let root = (variable("SURREAL_USER")?, variable("SURREAL_PASS")?.into());
    let password = user::make(server, root, name).await.map_err(|fault| fault.to_string())?;
    println!("SPRINGBOARD_DATABASE_USER={}", name.as_str());
    println!("SPRINGBOARD_DATABASE_PASSWORD={}", password.expose_secret());
    Ok(())
}

/// Production refuses a database that a demo was run on: its staff have a password that others know.
async fn refuse_demo_data(built: &Built) -> Result<(), String> {
    let demo = staff_member::queries::demo_members(&built.portal.db).await.map_err(|fault| fault.to_string())?;
    if demo.is_empty() {
        return Ok(());
    }
    Err(format!(
        "this database holds demo data ({}): the production profile starts with an empty one. Set another SPRINGBOARD_DATA.",
        demo.join(", ")
    ))
}

/// Prints what an operator should know of a configuration that can be served.
fn check_config(config: &Config) {
    println!("The configuration is good.");
    let mut risks: Vec<String> = config.risks().into_iter().map(str::to_owned).collect();
    let unprintable = fonts::unprintable();
    if !unprintable.is_empty() {
        risks.push(format!(
            "Letters with names in these scripts can't be printed: {}. Install fonts, or name their folder in SPRINGBOARD_FONTS.",
            unprintable.join(", ")
        ));
    }
    if !risks.is_empty() {
        println!("\nRisks:");
        risks.iter().for_each(|risk| println!("- {risk}"));
    }
}

/// Prints the ids of the keys, and the audit's public ones.
fn list_keys(config: &Config) {
    for (id, until) in config.keys.ids() {
        match until {
            Some(until) => println!("{id}  opens and checks until {until}"),
            None => println!("{id}"),
        }
    }
    for key in config.audit_keys.public() {
        println!("{key}  verifies the audit");
    }
}

/// Waits until everything that was begun on the process's runtime has ended: the last transactions and, when
/// nothing holds it any more, the embedded database itself.
async fn at_rest() {
    let runtime = tokio::runtime::Handle::current();
    let begun = std::time::Instant::now();
    while runtime.metrics().num_alive_tasks() > 0 {
        if begun.elapsed() > LAST_WAIT {
            tracing::warn!(left = runtime.metrics().num_alive_tasks(), "not everything ended in time");
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn serve(config: &Config, built: &Built, greeting: Option<String>, with_worker: bool) -> Result<(), String> {
    let listeners = Listeners::open(config)?;
    let control = tokio::spawn({
        let portal = built.portal.clone();
        async move {
            if let Err(fault) = control::serve(portal).await {
                tracing::warn!(%fault, "the control socket can't be opened");
            }
        }
    });
    let (stop, stopping) = tokio::sync::watch::channel(false);
    let worker = with_worker.then(|| {
        let (built, mut stopping) = (built.clone(), stopping.clone());
        let runtime = built.portal.db.runtime().clone();
        runtime.spawn(async move { work(&built, until_true(&mut stopping)).await })
    });
    let answered = listeners.answer(config, built, greeting).await.map_err(|fault| fault.to_string());
    control.abort();
    stop.send_replace(true);
    if let Some(worker) = worker {
        drop(worker.await);
    }
    answered
}

/// Runs the jobs until `stop`, and what is done by the clock.
async fn work(built: &Built, stop: impl Future<Output = ()>) {
    if let Err(fault) = letter::recover(&built.portal.db, &built.spool).await {
        tracing::warn!(?fault, "the spool could not be looked through");
    }
    let rounds = rounds::begin(built);
    built.worker().run(stop).await;
    drop(rounds);
}

async fn until_true(watched: &mut tokio::sync::watch::Receiver<bool>) {
    drop(watched.wait_for(|stop| *stop).await);
}
