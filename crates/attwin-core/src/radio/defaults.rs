//! What a module is and where it seems to be, as data.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{PdpType, Signal};
use crate::quirks::Millis;

/// Sample values of one module; the first thing to read when a shared row
/// answers something else on another module.
#[derive(Debug)]
pub(crate) struct Defaults {
    /// AT+CGMI.
    pub(crate) manufacturer: &'static str,
    /// AT+CGMM.
    pub(crate) model: &'static str,
    /// AT+CGMR.
    pub(crate) revision: &'static str,
    /// Serial number, AT+CGSN=0.
    pub(crate) serial_number: &'static str,
    /// International Mobile Equipment Identity.
    pub(crate) imei: &'static str,
    /// International Mobile Subscriber Identity.
    pub(crate) imsi: &'static str,
    /// Integrated Circuit Card Identifier.
    pub(crate) iccid: &'static str,
    /// The network the module registers to.
    pub(crate) operator: Operator,
    /// Signal until the operator's side says otherwise.
    pub(crate) signal: Signal,
    /// Context that is up whenever the module is attached.
    pub(crate) default_context: u8,
    /// Access point of that context until the host defines another.
    pub(crate) apn: &'static str,
    /// Address of the default context; those of higher ones follow it.
    pub(crate) address: Ipv4Addr,
    /// Name servers until the host sets others.
    pub(crate) dns: [IpAddr; 2],
    /// Local time minus UTC, in quarters of an hour.
    pub(crate) zone_quarters: i8,
    /// How long the activation of a PDP context takes.
    pub(crate) activation_delay: Millis,
    /// How long a network scan, AT+COPS=?, takes.
    pub(crate) scan_delay: Millis,
}

/// A network and one of its cells.
#[derive(Debug)]
pub(crate) struct Operator {
    /// Long alphanumeric name.
    pub(crate) long: &'static str,
    /// Short alphanumeric name.
    pub(crate) short: &'static str,
    /// Mobile country and network code.
    pub(crate) numeric: &'static str,
    /// Format AT+COPS? answers in at first: 0 long, 1 short, 2 numeric.
    pub(crate) format: u8,
    /// Location or tracking area code, hexadecimal.
    pub(crate) area: &'static str,
    /// Cell id, hexadecimal.
    pub(crate) cell: &'static str,
    /// Access technology (3GPP 27.007 `<AcT>`): 7 LTE, 9 NB-IoT.
    pub(crate) technology: u8,
}

impl Operator {
    /// The name in a format of `+COPS`.
    pub(super) fn name(&self, format: u8) -> &'static str {
        match format {
            0 => self.long,
            1 => self.short,
            _ => self.numeric,
        }
    }
}

impl Defaults {
    /// The address the network gives a context, counting from that of the
    /// default context.
    pub(super) fn address_of(&self, first: Ipv4Addr, cid: u8, pdp_type: PdpType) -> IpAddr {
        let before = u32::from(first).wrapping_sub(u32::from(self.default_context));
        let v4 = Ipv4Addr::from(before.wrapping_add(u32::from(cid)));
        match pdp_type {
            PdpType::Ip | PdpType::Ipv4v6 => v4.into(),
            PdpType::Ipv6 => {
                let [.., high, low] = v4.octets();
                let interface = u16::from_be_bytes([high, low]);
                Ipv6Addr::new(0xfd00, 0, 0, 0, 0, 0, 0, interface).into()
            }
        }
    }
}
