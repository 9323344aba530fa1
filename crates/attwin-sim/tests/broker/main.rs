//! The broker model in virtual time: one behaviour per file.

mod cloud;
mod common;

mod aliyun_logins;
mod aliyun_registration;
mod arbitrary_bytes;
mod assigned_client_id;
mod authentication;
mod back_pressure;
mod connect_first;
mod delivered_qos;
mod dup_flag;
mod exactly_once;
mod inflight_window;
mod keep_alive;
mod limits;
mod malformed_packets;
mod onenet_tokens;
mod operator_actions;
mod overlapping_subscriptions;
mod persistent_session;
mod provisioning;
mod redelivery;
mod refusals;
mod refused_filters;
mod retained_messages;
mod take_over;
mod unsubscribe;
mod wildcards;
mod will;
