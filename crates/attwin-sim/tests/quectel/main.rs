//! The Quectel dialect in virtual time: whole sessions against the broker
//! model, byte for byte (spec/quectel.md).

mod bench;

mod bad_input;
mod buffered_receive;
mod determinism;
mod keep_alive;
mod life_cycle;
mod manual_examples;
mod pdp_context;
mod receive;
mod retransmission;
mod session_resumption;
mod six_clients;
mod urc_order;
mod will;
