//! Credentials a module derives by itself.

pub mod aliyun;
pub mod onenet;
