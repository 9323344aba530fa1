//! What of the Quectel dialect no scenario can say: packets byte for byte and
//! their times on the wire, servers that send what was not asked for, hosts that
//! send anything at all, and where outputs begin and end
//! (docs/spec/quectel.md). Everything else stands in `scenarios/quectel`.

mod bench;

mod bad_input;
mod closing;
mod connect;
mod determinism;
mod keep_alive;
mod publish;
mod receive;
mod retransmission;
mod session_resumption;
mod subscribe;
mod urc_order;
