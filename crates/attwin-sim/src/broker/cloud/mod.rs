//! Cloud services the broker can play, each a hook that checks its own kind of
//! login and leaves every other to the next.

mod aliyun;
mod error;
mod onenet;
mod registration;

use attwin_core::Duration;

use super::auth::Authenticate;

pub use self::aliyun::{Aliyun, AliyunDevice, AliyunProduct, TokenLogin, claims_tls};
pub use self::error::CloudError;
pub use self::onenet::{OneNet, OneNetDevice, OneNetProduct};
pub use self::registration::{Answer, AnswerError};

/// What the cloud services know; nothing by default.
#[derive(Debug, Clone, Default)]
pub struct Clouds {
    /// Alibaba Cloud.
    pub aliyun: Aliyun,
    /// China Mobile OneNET.
    pub onenet: OneNet,
}

impl Clouds {
    /// Puts the services that know a product before another hook, which
    /// decides about the logins that are no service's. The broker's clock
    /// started at `origin`, in Unix time.
    pub fn before(
        &self,
        mut otherwise: Box<dyn Authenticate>,
        origin: Duration,
    ) -> Box<dyn Authenticate> {
        if !self.onenet.is_empty() {
            otherwise = self.onenet.clone().before(otherwise, origin);
        }
        if !self.aliyun.is_empty() {
            otherwise = self.aliyun.clone().before(otherwise);
        }
        otherwise
    }

    /// Whether no service knows anything.
    pub fn is_empty(&self) -> bool {
        self.aliyun.is_empty() && self.onenet.is_empty()
    }
}
