//! `attwin broker`: the built-in broker alone.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

use attwin_sim::broker::cloud::Clouds;
use attwin_sim::broker::{AllowAll, Authenticate, BrokerConfig, UserList};
use clap::Args;
use tracing::info;

use crate::embedded::{Embedded, EmbeddedOptions, unix_time};
use crate::failure::Failure;
use crate::output::print;
use crate::runtime;
use crate::signals::stop_on_signal;

const EXAMPLES: &str = "\
The broker speaks MQTT 3.1 and 3.1.1, plain and over TLS on the same port. The
first line on standard output is its address; events are logged on standard
error.

Examples:
  attwin broker
  attwin broker --listen 0.0.0.0:1884 --user device:secret --user app:password
  attwin broker --config clouds.toml
      devices of Alibaba Cloud or OneNET log in as they would to those services";

/// What to serve, and whom.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct BrokerArgs {
    /// Address to listen on; port 0 chooses a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:1883")]
    listen: SocketAddr,
    /// Play the cloud services this file describes ([aliyun] and [onenet] in
    /// docs/config.toml)
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Accept only these users
    #[arg(long, value_name = "NAME:PASSWORD")]
    user: Vec<User>,
}

/// `NAME:PASSWORD` of `--user`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct User {
    name: String,
    password: String,
}

impl FromStr for User {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            Some((name, password)) if !name.is_empty() => Ok(Self {
                name: name.to_owned(),
                password: password.to_owned(),
            }),
            _ => Err(format!("`{text}` is not NAME:PASSWORD")),
        }
    }
}

/// Serves until a signal comes.
pub(crate) fn run(args: BrokerArgs) -> Result<(), Failure> {
    let runtime = runtime::start()?;
    runtime.block_on(serve(args))
}

async fn serve(args: BrokerArgs) -> Result<(), Failure> {
    let clouds = match &args.config {
        Some(path) => crate::config::clouds(path)?,
        None => Clouds::default(),
    };
    let config = config(args.user, &clouds);
    let mut stop = stop_on_signal().map_err(Failure::failed)?;
    let mut options = EmbeddedOptions::default();
    if !args.listen.ip().is_unspecified() {
        let address = args.listen.ip().to_string();
        if !options.names.contains(&address) {
            options.names.push(address);
        }
    }
    options.broker = config;
    let broker = Embedded::start(args.listen, options)
        .await
        .map_err(Failure::failed)?;
    print(&format!("{}\n", broker.addr()))?;
    info!(
        "MQTT 3.1 and 3.1.1, plain and over TLS, at {}",
        broker.addr()
    );
    info!(
        "CA certificate for TLS clients: {}",
        broker.ca_path().display()
    );
    // The sender exists as long as the process.
    let _ = stop.wait_for(|stop| *stop).await;
    Ok(())
}

fn config(users: Vec<User>, clouds: &Clouds) -> BrokerConfig {
    let users: Box<dyn Authenticate> = if users.is_empty() {
        Box::new(AllowAll)
    } else {
        let list = users.into_iter().fold(UserList::new(), |list, user| {
            list.with_user(user.name, user.password)
        });
        Box::new(list)
    };
    BrokerConfig {
        authenticate: clouds.before(users, unix_time()),
        ..BrokerConfig::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_may_hold_anything() {
        let user: User = "a:b:c=".parse().unwrap();
        assert_eq!((&*user.name, &*user.password), ("a", "b:c="));
        assert!("a".parse::<User>().is_err());
        assert!(":p".parse::<User>().is_err());
    }
}
