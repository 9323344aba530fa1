//! The Quectel dialect in virtual time: whole sessions against the broker
//! model, byte for byte (docs/spec/quectel.md).

mod bench;

mod ali_auth;
mod bad_input;
mod buffered_receive;
mod command_line;
mod configuration;
mod connect;
mod data_entry;
mod determinism;
mod disconnect;
mod keep_alive;
mod life_cycle;
mod manual_examples;
mod open;
mod pdp_context;
mod publish;
mod receive;
mod retransmission;
mod session_resumption;
mod six_clients;
mod states;
mod subscribe;
mod urc_order;
mod will;
