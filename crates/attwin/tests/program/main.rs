//! The program as its users start it: real processes, real endpoints.
#![cfg(unix)]

mod support;
mod terminal;

mod broker;
mod check;
mod clouds;
mod demo;
mod ending;
mod endpoints;
mod faults;
mod fidelity;
mod fleet;
mod marks;
mod meanings;
mod mistakes;
mod pipe;
mod record;
mod reference;
mod simulate;
mod state;
mod trace;
