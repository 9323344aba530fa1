//! Products and devices a cloud service does not take.

/// Why a cloud service does not take a product or a device.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CloudError {
    /// A device of a product that was not added.
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

/// Checks what stands between characters that part it from the rest.
pub(super) fn check_name(name: &str, forbidden: &'static str) -> Result<(), CloudError> {
    if !name.is_empty() && !name.contains(|c| forbidden.contains(c)) {
        return Ok(());
    }
    Err(CloudError::Name {
        name: name.into(),
        forbidden,
    })
}
