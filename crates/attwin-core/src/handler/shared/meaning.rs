//! What values mean that the commands of every module print or take
//! (3GPP 27.007, and V.250).

use crate::command::{Field, Meaning};

/// `<stat>` of AT+CREG, AT+CGREG and AT+CEREG.
pub(crate) static STAT: [Meaning; 6] = [
    Meaning::new("0", "not registered, and not searching")
        .remedy("AT+CFUN=1 and AT+COPS=0 make it search; look at the SIM, too"),
    Meaning::new("1", "registered at home"),
    Meaning::new("2", "not registered, searching").when("after a start, and out of coverage"),
    Meaning::new("3", "the network refused the registration")
        .remedy("look at the SIM's subscription"),
    Meaning::new("4", "unknown").when("out of coverage"),
    Meaning::new("5", "registered, roaming"),
];

/// `<n>` of the same commands.
pub(crate) static REPORTS: [Meaning; 3] = [
    Meaning::new("0", "changes are not reported"),
    Meaning::new("1", "changes of the status are reported"),
    Meaning::new("2", "changes of status and location are reported"),
];

/// `<AcT>`.
pub(crate) static TECHNOLOGY: [Meaning; 9] = [
    Meaning::new("0", "GSM"),
    Meaning::new("2", "UTRAN"),
    Meaning::new("3", "GSM with EGPRS"),
    Meaning::new("4", "UTRAN with HSDPA"),
    Meaning::new("5", "UTRAN with HSUPA"),
    Meaning::new("6", "UTRAN with HSDPA and HSUPA"),
    Meaning::new("7", "LTE"),
    Meaning::new("8", "LTE-M"),
    Meaning::new("9", "NB-IoT"),
];

/// `<n>` of AT+CMEE.
pub(crate) static ERROR_REPORTS: [Meaning; 3] = [
    Meaning::new("0", "errors are reported as ERROR"),
    Meaning::new("1", "errors are reported as numbers"),
    Meaning::new("2", "errors are reported in words"),
];

/// `<fun>` of AT+CFUN.
pub(crate) static FUNCTIONALITY: [Meaning; 3] = [
    Meaning::new("0", "minimum: neither radio nor SIM"),
    Meaning::new("1", "full"),
    Meaning::new("4", "flight mode: the SIM, but no radio"),
];

/// `<rst>` of AT+CFUN.
pub(crate) static RESET: [Meaning; 2] = [
    Meaning::new("0", "without a restart"),
    Meaning::new("1", "with a restart of the module"),
];

/// `<code>` of AT+CPIN.
pub(crate) static PIN_CODES: [Meaning; 4] = [
    Meaning::new("READY", "the SIM can be used"),
    Meaning::new("SIM PIN", "the SIM wants its PIN").remedy("AT+CPIN=<pin>"),
    Meaning::new("SIM PUK", "the SIM wants its PUK")
        .when("after three wrong PINs")
        .remedy("AT+CPIN=<puk>,<newpin>"),
    Meaning::new("NOT READY", "the SIM was taken out"),
];

/// `<state>` of AT+CGATT and AT+CGACT.
pub(crate) static ATTACHED: [Meaning; 2] = [
    Meaning::new("0", "detached, or not active"),
    Meaning::new("1", "attached, or active"),
];

/// `<mode>` of AT+COPS.
pub(crate) static SELECTION: [Meaning; 5] = [
    Meaning::new("0", "the module chooses the network"),
    Meaning::new("1", "the host chooses the network"),
    Meaning::new("2", "the module deregisters"),
    Meaning::new("3", "only the format is set"),
    Meaning::new("4", "the host chooses, and the module if that fails"),
];

/// `<format>` of AT+COPS.
pub(crate) static NAME_FORMAT: [Meaning; 3] = [
    Meaning::new("0", "long name"),
    Meaning::new("1", "short name"),
    Meaning::new("2", "country and network code"),
];

/// `<snt>` of AT+CGSN.
pub(crate) static SERIAL_NUMBERS: [Meaning; 2] = [
    Meaning::new("0", "serial number"),
    Meaning::new("1", "IMEI"),
];

/// `<onoff>` of AT+CTZU.
pub(crate) static ZONE_UPDATE: [Meaning; 3] = [
    Meaning::new("0", "the clock does not follow the network"),
    Meaning::new("1", "the clock follows the network"),
    Meaning::new("3", "the clock follows the network, and shows local time"),
];

/// `<reporting>` of AT+CTZR.
pub(crate) static ZONE_REPORTS: [Meaning; 3] = [
    Meaning::new("0", "changes of the time zone are not reported"),
    Meaning::new("1", "changes are reported by +CTZV"),
    Meaning::new("2", "changes are reported by +CTZE"),
];

/// Flow control of AT+IFC.
pub(crate) static FLOW: [Meaning; 2] = [
    Meaning::new("0", "none"),
    Meaning::new("2", "by RTS and CTS"),
];

pub(crate) static ECHO: [Meaning; 2] = [Meaning::new("0", "off"), Meaning::new("1", "on")];

pub(crate) const REPORT: Field = Field::new("n", "what is reported").values(&REPORTS);
pub(crate) const STATUS: Field = Field::new("stat", "registration").values(&STAT);
pub(crate) const ACT: Field =
    Field::new("AcT", "access technology of the cell").values(&TECHNOLOGY);

/// Error numbers of 3GPP 27.007 section 9.2.
pub(crate) mod errors {
    use super::Meaning;

    pub(crate) const NOT_ALLOWED: Meaning =
        Meaning::new("3", "operation not allowed").when("the state of the module forbids it");
    pub(crate) const NOT_SUPPORTED: Meaning = Meaning::new("4", "operation not supported");
    pub(crate) const SIM_NOT_INSERTED: Meaning =
        Meaning::new("10", "SIM not inserted").remedy("insert one");
    pub(crate) const SIM_PIN_REQUIRED: Meaning =
        Meaning::new("11", "SIM PIN required").remedy("AT+CPIN=<pin>");
    pub(crate) const SIM_PUK_REQUIRED: Meaning = Meaning::new("12", "SIM PUK required")
        .when("after three wrong PINs")
        .remedy("AT+CPIN=<puk>,<newpin>");
    pub(crate) const SIM_FAILURE: Meaning = Meaning::new("13", "SIM failure")
        .when("the module gives the SIM no power")
        .remedy("AT+CFUN=1");
    pub(crate) const SIM_BUSY: Meaning = Meaning::new("14", "SIM busy")
        .when("the module has just started and still reads the SIM")
        .remedy("wait for +CPIN: READY");
    pub(crate) const INCORRECT_PASSWORD: Meaning =
        Meaning::new("16", "incorrect password").when("the PIN or the PUK is wrong");
    pub(crate) const NO_NETWORK_SERVICE: Meaning = Meaning::new("30", "no network service")
        .when("the module is not registered")
        .remedy("wait for AT+CREG? to say 1 or 5");
    pub(crate) const INCORRECT_PARAMETERS: Meaning = Meaning::new("50", "incorrect parameters")
        .when("a number is out of range, or an argument missing or too many");
}
