//! The program against real components: Mosquitto as the broker, Mosquitto's
//! and paho's clients at the built-in broker. `scripts/test` installs them; a
//! missing one fails the tests.

mod support;

mod embedded_broker;
mod link_loss;
mod manual_session;
mod mutual_tls;
mod onemo;
mod sessions;
mod simcom;
mod vectors;
mod yuge;
