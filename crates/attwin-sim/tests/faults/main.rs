//! The fault model: every fault in virtual time, by what it does on the wire.

mod bench;

mod accounting;
mod aimed;
mod both_sides;
mod bounds;
mod grammar;
mod host_bytes;
mod marks;
mod modifiers;
mod network;
mod packets;
mod presets;
mod qos2_cuts;
mod radio;
mod seeds;
mod sent_bytes;
mod serial;
mod transparent;
mod urc_places;
