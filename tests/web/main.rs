//! Flows through the real HTTP stack: a real listener, an in-memory database, mail and letters in a
//! temporary folder, a clock that is moved by hand.

mod support;

mod access;
mod addresses;
mod agreement;
mod alerts;
mod anything;
mod attachments;
mod audit;
mod board;
mod bounces;
mod bounds;
mod bulk_posts;
mod codes;
mod content;
mod corpora;
mod correspondence;
mod costs;
mod fan_out;
mod faults;
mod forms;
mod inputs;
mod invitations;
mod kept_forms;
mod ledger;
mod letters;
mod messages;
mod notices;
mod otherwise;
mod overview;
mod people;
mod plans;
mod public;
mod registry;
mod roles;
mod second_factor;
mod sessions;
mod staff;
mod staff_admin;
mod strangers;
mod texts;
mod upgrade;
