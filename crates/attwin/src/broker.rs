//! `attwin broker`: the built-in broker alone.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use attwin_sim::broker::cloud::Clouds;
use attwin_sim::broker::{AllowAll, Authenticate, BrokerConfig, UserList};
use clap::Args;
use tracing::{info, warn};

use crate::embedded::{Embedded, EmbeddedOptions, unix_time};
use crate::failure::Failure;
use crate::output::print;
use crate::runtime;
use crate::signals::stop_on_signal;

/// Users by environment, so that passwords stand on no command line.
const USERS_VARIABLE: &str = "ATTWIN_USERS";

const EXAMPLES: &str = "\
The broker speaks MQTT 3.1 and 3.1.1, plain and over TLS on the same port. The
first line on standard output is its address; events are logged on standard
error.

Other users of the computer can see a command line. Keep passwords in a file
(--users), or in the environment variable ATTWIN_USERS, written like the file.

Examples:
  attwin broker
  attwin broker --listen 0.0.0.0:1884 --user sensor:raindrop
  attwin broker --listen 0.0.0.0:1884 --users users.txt
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
    /// Accept only these users, and those of --users
    #[arg(long, value_name = "NAME:PASSWORD")]
    user: Vec<User>,
    /// File of users to accept, one NAME:PASSWORD in a line; lines that begin with #
    /// are comments
    #[arg(long, value_name = "FILE")]
    users: Option<PathBuf>,
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
            // What it is may be a password.
            _ => Err("a user is written NAME:PASSWORD".to_owned()),
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
    let mut users = args.user;
    if let Some(path) = &args.users {
        users.extend(users_in(path)?);
    }
    if let Ok(text) = std::env::var(USERS_VARIABLE) {
        users.extend(parsed_users(USERS_VARIABLE, &text)?);
    }
    let open = users.is_empty();
    let config = config(users, &clouds);
    let mut stop = stop_on_signal().map_err(Failure::failed)?;
    let mut options = EmbeddedOptions {
        talkative: true,
        ..EmbeddedOptions::default()
    };
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
        "broker: MQTT 3.1 and 3.1.1, plain and over TLS, at {}",
        broker.addr()
    );
    info!(
        "broker: CA certificate for TLS clients: {}",
        broker.ca_path().display()
    );
    if open && !broker.addr().ip().is_loopback() {
        warn!(
            "broker: everyone who reaches {} may publish and subscribe; --user or --users says who \
             may",
            broker.addr()
        );
    }
    // The sender exists as long as the process.
    let _ = stop.wait_for(|stop| *stop).await;
    Ok(())
}

fn users_in(path: &Path) -> Result<Vec<User>, Failure> {
    let text = fs::read_to_string(path)
        .map_err(|error| Failure::usage(format!("cannot read {}: {error}", path.display())))?;
    parsed_users(&path.display().to_string(), &text)
}

/// The users of a text, one in a line.
fn parsed_users(source: &str, text: &str) -> Result<Vec<User>, Failure> {
    text.lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'))
        .map(|(number, line)| {
            line.parse()
                .map_err(|error| Failure::usage(format!("{source}, line {}: {error}", number + 1)))
        })
        .collect()
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

    #[test]
    fn a_file_of_users_has_comments_and_places() {
        let users = parsed_users("f", "# ours\n\na:b c\nd:\n").unwrap();
        let shown: Vec<_> = users.iter().map(|u| (&*u.name, &*u.password)).collect();
        assert_eq!(shown, [("a", "b c"), ("d", "")]);
        let Err(Failure::Usage(text)) = parsed_users("f", "a:b\nsecret\n") else {
            panic!("refused")
        };
        assert_eq!(text, "f, line 2: a user is written NAME:PASSWORD");
    }
}
