//! `[aliyun]` and `[onenet]`: what the cloud services know that the built-in
//! broker plays.

use std::ops::Range;

use attwin_sim::broker::cloud::{
    AliyunDevice, AliyunProduct, Answer, CloudError, Clouds, OneNetDevice, OneNetProduct,
    TokenLogin,
};
use serde::Deserialize;
use toml::Spanned;

use super::error::{ConfigError, Source};

/// `[aliyun]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AliyunTable {
    #[serde(default)]
    answers: Vec<Spanned<String>>,
    #[serde(default)]
    product: Vec<AliyunProductEntry>,
    #[serde(default)]
    device: Vec<AliyunDeviceEntry>,
}

/// One `[[aliyun.product]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AliyunProductEntry {
    key: Spanned<String>,
    secret: String,
    #[serde(default)]
    unregistered: bool,
}

/// One `[[aliyun.device]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AliyunDeviceEntry {
    product: Spanned<String>,
    name: Spanned<String>,
    secret: Option<String>,
    #[serde(default)]
    activated: bool,
    token: Option<TokenTable>,
}

/// `token` of a device.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenTable {
    client_id: String,
    password: String,
}

/// `[onenet]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OneNetTable {
    #[serde(default)]
    product: Vec<OneNetProductEntry>,
    #[serde(default)]
    device: Vec<OneNetDeviceEntry>,
}

/// One `[[onenet.product]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OneNetProductEntry {
    id: Spanned<String>,
    key: Spanned<String>,
}

/// One `[[onenet.device]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OneNetDeviceEntry {
    product: Spanned<String>,
    name: Spanned<String>,
    key: Spanned<String>,
}

/// Where the parts of an entry stand that may be wrong.
struct Places {
    product: Range<usize>,
    name: Range<usize>,
    key: Range<usize>,
}

/// What the cloud services know. `seed` is that of what they make up; mistakes
/// are shown in `source`.
pub(super) fn clouds(
    aliyun: &AliyunTable,
    onenet: &OneNetTable,
    seed: u64,
    source: &Source,
) -> Result<Clouds, Box<ConfigError>> {
    let mut clouds = Clouds::default();
    clouds.aliyun.set_seed(seed);
    aliyun.add_to(&mut clouds, source)?;
    onenet.add_to(&mut clouds, source)?;
    Ok(clouds)
}

impl AliyunTable {
    fn add_to(&self, clouds: &mut Clouds, source: &Source) -> Result<(), Box<ConfigError>> {
        let aliyun = &mut clouds.aliyun;
        for entry in &self.product {
            let product = AliyunProduct {
                key: entry.key.get_ref().clone(),
                secret: entry.secret.clone(),
                unregistered: entry.unregistered,
            };
            let places = Places::all_at(entry.key.span());
            placed(
                source,
                places,
                "aliyun.product",
                aliyun.add_product(product),
            )?;
        }
        for entry in &self.device {
            let token = entry.token.as_ref();
            let device = AliyunDevice {
                product: entry.product.get_ref().clone(),
                name: entry.name.get_ref().clone(),
                secret: entry.secret.clone(),
                activated: entry.activated,
                token: token.map(|token| TokenLogin {
                    client_id: token.client_id.clone(),
                    token: token.password.clone(),
                }),
            };
            let places = Places {
                product: entry.product.span(),
                name: entry.name.span(),
                key: entry.name.span(),
            };
            placed(source, places, "aliyun.product", aliyun.add_device(device))?;
        }
        for text in &self.answers {
            match text.get_ref().parse::<Answer>() {
                Ok(answer) => aliyun.answer_next(answer),
                Err(error) => return Err(source.error(Some(text.span()), error.to_string(), None)),
            }
        }
        Ok(())
    }
}

impl OneNetTable {
    fn add_to(&self, clouds: &mut Clouds, source: &Source) -> Result<(), Box<ConfigError>> {
        for entry in &self.product {
            let product = OneNetProduct {
                id: entry.id.get_ref().clone(),
                key: entry.key.get_ref().clone(),
            };
            let places = Places {
                product: entry.id.span(),
                name: entry.id.span(),
                key: entry.key.span(),
            };
            placed(
                source,
                places,
                "onenet.product",
                clouds.onenet.add_product(product),
            )?;
        }
        for entry in &self.device {
            let device = OneNetDevice {
                product: entry.product.get_ref().clone(),
                name: entry.name.get_ref().clone(),
                key: entry.key.get_ref().clone(),
            };
            let places = Places {
                product: entry.product.span(),
                name: entry.name.span(),
                key: entry.key.span(),
            };
            placed(
                source,
                places,
                "onenet.product",
                clouds.onenet.add_device(device),
            )?;
        }
        Ok(())
    }
}

impl Places {
    fn all_at(place: Range<usize>) -> Self {
        Self {
            product: place.clone(),
            name: place.clone(),
            key: place,
        }
    }
}

/// Shows a mistake where it stands; `table` is what a product is given
/// with.
fn placed(
    source: &Source,
    places: Places,
    table: &str,
    result: Result<(), CloudError>,
) -> Result<(), Box<ConfigError>> {
    result.map_err(|error| {
        let (place, help) = match &error {
            CloudError::UnknownProduct(_) => {
                (places.product, Some(format!("add it as [[{table}]]")))
            }
            CloudError::Key(_) => (places.key, None),
            CloudError::Twice(_) | CloudError::Name { .. } => (places.name, None),
        };
        source.error(Some(place), error.to_string(), help)
    })
}
