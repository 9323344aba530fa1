//! Signing in to Alibaba Cloud with `aliauth` (docs/spec/quectel.md section 8).

use alloc::format;

use super::Knobs;
use super::settings::AliAuth;
use crate::cloud::aliyun::{self, Device};
use crate::handler::Context;
use crate::mqtt::packet::ConnectFields;

impl AliAuth {
    /// Replaces client id, user name and password by the signed ones. The
    /// client id of `fields` is the one AT+QMTCONN gave.
    pub(super) fn sign(
        &self,
        cx: &Context<'_>,
        knobs: &Knobs,
        tls: bool,
        fields: &mut ConnectFields,
    ) {
        let device = Device {
            product_key: &self.product_key,
            device_name: &self.device_name,
        };
        let clock_seconds = || u64::try_from(cx.clock.unix_ms(cx.now) / 1000).unwrap_or(0);
        let timestamp = format!("{}", knobs.aliauth_timestamp.unwrap_or_else(clock_seconds));
        let method = knobs.aliauth_method;
        let signature = device.sign_login(
            method,
            &self.device_secret,
            &fields.client_id,
            Some(timestamp.as_bytes()),
        );
        let parameters = [
            ("securemode", if tls { "2" } else { "3" }),
            ("signmethod", method.name()),
            ("timestamp", &timestamp),
        ];
        fields.client_id = aliyun::client_id(&fields.client_id, &parameters, "|").into();
        fields.username = Some(device.user_name().into());
        fields.password = Some(format!("{signature:x}").into());
    }
}
