//! Springboard: an e-services portal. `docs/architecture.md` shows the floors; a module may use only
//! those above it in this list, and `tests/house/main.rs` holds that law.

// The engine's futures, which db/embedded.rs awaits, are nested deeper than the compiler expects.
#![recursion_limit = "256"]

// Floor 0
pub mod words;

// Floor 1
pub mod form;

// Floor 2
pub mod db;
pub mod live;
pub mod page;
pub mod post;

// Floor 2b
pub mod services;

pub mod http;

// Floor 3
pub mod wizard;

// Floor 4, each slice to the right of those it uses
pub mod audit;
pub mod site;

pub mod agreement;
pub mod approval;
pub mod bulk_post;
pub mod challenge;
pub mod content;
pub mod correspondence;
pub mod delivery;
pub mod ledger;
pub mod letter;
pub mod letter_room;
pub mod logon;
pub mod overview;
pub mod people;
pub mod registry;
pub mod release;
pub mod second_factor;
pub mod session;
pub mod staff_member;

pub mod account;

pub mod access;

pub mod mailbox;
pub mod submission;

pub mod authorization_code;

pub mod invitation;
pub mod sign_up;

pub mod recovery;
pub mod request_code;

pub mod add_access;

pub mod settings;
pub mod springboard;
pub mod template;

pub mod address_correction;
pub mod staff;
pub mod staff_admin;

// Floor 5
pub mod house;
