//! The Quectel dialect in virtual time: whole sessions against the broker
//! model, byte for byte (spec/quectel.md).

mod bench;

mod ali_auth;
mod command_line;
mod configuration;
mod connect;
mod data_entry;
mod disconnect;
mod manual_examples;
mod open;
mod publish;
mod states;
mod subscribe;
