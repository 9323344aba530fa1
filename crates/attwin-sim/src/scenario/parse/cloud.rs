//! `broker aliyun …` and `broker onenet …`: what the cloud services know that
//! the broker plays.

use super::arguments::Arguments;
use super::parser::Parser;
use super::piece::{Bad, bad};
use crate::broker::cloud::{
    AliyunDevice, AliyunProduct, Answer, CloudError, OneNetDevice, OneNetProduct, TokenLogin,
};
use crate::scenario::source::Span;

impl Parser<'_> {
    pub(super) fn aliyun(&mut self, words: &mut Arguments<'_>) -> Result<(), Bad> {
        let wanted = "`product`, `device` or `answer`";
        let word = words.word(wanted)?;
        let span = words.span(&word);
        match word.text {
            "product" => {
                let mut product = AliyunProduct {
                    key: self.plain(words, "a product key in quotes")?,
                    secret: self.plain(words, "a product secret in quotes")?,
                    unregistered: false,
                };
                while let Some(word) = words.next()? {
                    match word.text {
                        "unregistered" => product.unregistered = true,
                        _ => return bad(words.span(&word), "expected `unregistered` or nothing"),
                    }
                }
                placed(span, self.header.clouds.aliyun.add_product(product))
            }
            "device" => {
                let device = self.aliyun_device(words)?;
                placed(span, self.header.clouds.aliyun.add_device(device))
            }
            "answer" => {
                let first = words.word("how to answer a registration")?;
                let mut text = first.text.to_owned();
                while let Some(word) = words.next()? {
                    text = format!("{text} {}", word.text);
                }
                match text.parse::<Answer>() {
                    Ok(answer) => self.header.clouds.aliyun.answer_next(answer),
                    Err(error) => return bad(words.span(&first), error.to_string()),
                }
                Ok(())
            }
            _ => bad(span, format!("expected {wanted}")),
        }
    }

    fn aliyun_device(&mut self, words: &mut Arguments<'_>) -> Result<AliyunDevice, Bad> {
        let mut device = AliyunDevice {
            product: self.plain(words, "a product key in quotes")?,
            name: self.plain(words, "a device name in quotes")?,
            secret: None,
            activated: false,
            token: None,
        };
        while let Some(word) = words.next()? {
            match word.text {
                "secret" => {
                    device.secret = Some(self.plain(words, "a device secret in quotes")?);
                }
                "token" => {
                    device.token = Some(TokenLogin {
                        client_id: self.plain(words, "a client identifier in quotes")?,
                        token: self.plain(words, "a token in quotes")?,
                    });
                }
                "activated" => device.activated = true,
                _ => {
                    return bad(
                        words.span(&word),
                        "expected `secret \"SECRET\"`, `token \"CLIENT\" \"TOKEN\"`, `activated` \
                         or nothing",
                    );
                }
            }
        }
        Ok(device)
    }

    pub(super) fn onenet(&mut self, words: &mut Arguments<'_>) -> Result<(), Bad> {
        let wanted = "`product` or `device`";
        let word = words.word(wanted)?;
        let span = words.span(&word);
        match word.text {
            "product" => {
                let product = OneNetProduct {
                    id: self.plain(words, "a product's id in quotes")?,
                    key: self.plain(words, "an access key in quotes")?,
                };
                placed(span, self.header.clouds.onenet.add_product(product))
            }
            "device" => {
                let device = OneNetDevice {
                    product: self.plain(words, "a product's id in quotes")?,
                    name: self.plain(words, "a device name in quotes")?,
                    key: self.plain(words, "an access key in quotes")?,
                };
                placed(span, self.header.clouds.onenet.add_device(device))
            }
            _ => bad(span, format!("expected {wanted}")),
        }
    }
}

fn placed(span: Span, result: Result<(), CloudError>) -> Result<(), Bad> {
    result.or_else(|error| bad(span, error.to_string()))
}
