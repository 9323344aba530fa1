//! Cloud services the broker can play, each a hook that checks its own kind of
//! login and leaves every other to the next.

mod aliyun;
mod onenet;
mod registration;

use attwin_core::Duration;

use super::auth::Authenticate;

pub use self::aliyun::{Aliyun, AliyunDevice, AliyunProduct, TokenLogin, claims_tls};
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

/// Why something cannot be known to a cloud service.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CloudError {
    /// A device of a product nobody added.
    #[error("unknown product `{0}`; a device's product has to be given, too")]
    UnknownProduct(String),
    /// A product or a device is there already.
    #[error("`{0}` is given twice")]
    Twice(String),
    /// It has to be written in a login, between characters that part it from
    /// the rest.
    #[error("`{name}` cannot be a name: it has to have a character, and none of {forbidden}")]
    Name {
        /// What was given.
        name: String,
        /// What may not be in it.
        forbidden: &'static str,
    },
    /// OneNET's keys are base64.
    #[error("`{0}` is no access key; the platform shows it in base64")]
    Key(String),
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

/// Checks what stands between characters that part it from the rest.
fn check_name(name: &str, forbidden: &'static str) -> Result<(), CloudError> {
    if !name.is_empty() && !name.contains(|c| forbidden.contains(c)) {
        return Ok(());
    }
    Err(CloudError::Name {
        name: name.into(),
        forbidden,
    })
}
