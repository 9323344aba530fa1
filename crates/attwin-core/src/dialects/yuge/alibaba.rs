//! Which credentials a connection is made with (docs/spec/yuge.md 9.1 to 9.3).

use alloc::string::String;

use bytes::Bytes;

use super::refused::Refused;
use super::settings::{DeviceTriple, Mode, Settings};
use crate::cloud::aliyun::{Device, sdk};

/// Where devices of a product connect if the host names no server
/// (docs/spec/yuge.md 9.2).
const REGION: &str = "cn-shanghai";
const PORT: u16 = 1883;

/// Where to connect, and as whom.
pub(super) struct Login {
    /// Host and port.
    pub(super) server: (String, u16),
    pub(super) client_id: Bytes,
    pub(super) user: Option<Bytes>,
    pub(super) password: Option<Bytes>,
}

impl Settings {
    /// Refused if the configuration is not complete for its mode.
    ///
    /// What a dynamic registration gave away is used only once the host has set
    /// it (docs/spec/yuge.md 9.1).
    pub(super) fn login(&self) -> Result<Login, Refused> {
        match (self.mode, &self.device) {
            (Mode::Alibaba, _) if !self.client_id.is_empty() && !self.user.is_empty() => {
                self.verbatim()
            }
            (Mode::Alibaba, Some(device)) => Ok(self.derived(device)),
            (Mode::Alibaba, None) => Err(Refused::NoCredentials),
            (Mode::Standard, _) => self.verbatim(),
        }
    }

    /// As the host set it.
    fn verbatim(&self) -> Result<Login, Refused> {
        let given = |text: &Bytes| Some(text.clone()).filter(|text| !text.is_empty());
        let user = given(&self.user);
        let device = self.device.is_some();
        Ok(Login {
            server: self.given_server().ok_or(Refused::NoServer { device })?,
            client_id: self.client_id.clone(),
            // A password alone is never sent (docs/spec/yuge.md 3.3).
            password: user.as_ref().and_then(|_| given(&self.password)),
            user,
        })
    }

    /// As the device signs in (docs/spec/yuge.md 9.3).
    fn derived(&self, triple: &DeviceTriple) -> Login {
        let device = Device {
            product_key: &triple.product_key,
            device_name: &triple.device_name,
        };
        let login = sdk::device_login(&device, &triple.device_secret, self.tls);
        Login {
            server: self.server_of(device.product_key),
            client_id: login.client_id.into(),
            user: Some(login.user_name.into()),
            password: Some(login.password.into()),
        }
    }

    /// The server for devices of this product.
    pub(super) fn server_of(&self, product_key: &[u8]) -> (String, u16) {
        let device = Device {
            product_key,
            device_name: b"",
        };
        self.given_server()
            .unwrap_or_else(|| (device.host(REGION), PORT))
    }

    fn given_server(&self) -> Option<(String, u16)> {
        let (host, port) = self.server.as_ref()?;
        Some((String::from_utf8_lossy(host).into_owned(), *port))
    }
}
