//! `attwin run`: one or several modules, until a signal ends them.

use std::io::{IsTerminal, stdin};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use attwin_core::{Config, Modem};
use attwin_sim::broker::{AllowAll, BrokerConfig};
use attwin_sim::fault::Faulty;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tracing::{Instrument, error, info, info_span, warn};

use crate::config::{ModuleSettings, RunArgs, Settings, Surroundings};
use crate::embedded::{Embedded, EmbeddedOptions, unix_time};
use crate::failure::Failure;
use crate::log_watch::LogWatch;
use crate::net::{BrokerRoute, Network, Routes, Target};
use crate::output::print;
use crate::port::{Endpoint, Port};
use crate::runtime;
use crate::signals::stop_on_signal;
use crate::state::StateDir;
use crate::trace::TraceFile;
use crate::twin::{End, Twin};

/// How long a broker in the process runs on after its modules, so that
/// subscribers get the wills.
const WILL_TIME: Duration = Duration::from_millis(200);

/// Runs modules until a signal comes or all their ports are over.
pub(crate) fn run(args: RunArgs) -> Result<(), Failure> {
    let surroundings = Surroundings { piped: is_piped() };
    let settings = Settings::new(args, surroundings)?;
    let runtime = runtime::start()?;
    let result = runtime.block_on(serve(settings));
    // A look-up or a read of standard input may never return.
    runtime.shutdown_background();
    result
}

async fn serve(settings: Settings) -> Result<(), Failure> {
    let stop = stop_on_signal().map_err(Failure::failed)?;
    let trace = settings.trace.as_deref().map(open_trace).transpose()?;
    let (broker, routes) = routes(&settings).await?;
    if broker.is_none() && !settings.clouds.is_empty() {
        warn!(
            "no broker plays the cloud services of the configuration file; `--broker embedded` would"
        );
    }
    let routes = Arc::new(routes);

    let mut twins = Vec::new();
    let mut addresses = String::new();
    let mut hints = Vec::new();
    let several = settings.modules.len() > 1;
    for module in settings.modules {
        let state = settings.state.as_deref().map(|path| {
            if several {
                path.join(&module.name)
            } else {
                path.to_owned()
            }
        });
        let port = Port::open(&module.port).await.map_err(Failure::failed)?;
        if module.port != Endpoint::Stdio {
            addresses.push_str(port.address());
            if several {
                addresses.push('\t');
                addresses.push_str(&module.name);
            }
            addresses.push('\n');
        }
        hints.push(port_hint(&module, &port));
        let mut twin = create(&module, port, &routes, state.as_deref())?;
        if let Some(watch) = LogWatch::wanted() {
            twin = twin.observed_by(watch);
        }
        if let Some(trace) = &trace {
            twin = twin.observed_by(trace.recorder(&module.name));
        }
        twins.push((module.name, twin));
    }
    print(&addresses)?;
    for hint in hints {
        info!("{hint}");
    }
    log_routes(settings.broker.as_ref(), broker.as_ref());

    let result = run_twins(twins, &stop).await;
    if broker.is_some() {
        tokio::time::sleep(WILL_TIME).await;
    }
    if let Some(trace) = trace {
        trace.finish();
    }
    result
}

/// Runs the twins to their ends. One that fails does not end the others.
async fn run_twins(
    twins: Vec<(String, Twin)>,
    stop: &watch::Receiver<bool>,
) -> Result<(), Failure> {
    let mut tasks = JoinSet::new();
    for (name, twin) in twins {
        let span = info_span!("module", message = %name);
        let task = twin.run(stop.clone());
        tasks.spawn(async move { (name, task.await) }.instrument(span));
    }
    let mut failed = Vec::new();
    while let Some(ended) = tasks.join_next().await {
        match ended {
            Ok((_, End::Stopped | End::PortEnded)) => {}
            Ok((name, End::PortFailed(reason))) => {
                let line = format!("the port of {name} failed: {reason}");
                if !tasks.is_empty() {
                    error!("{line}; the other modules go on");
                }
                failed.push(line);
            }
            Err(panic) => failed.push(format!("internal error: {panic}; please report it")),
        }
    }
    if failed.is_empty() {
        Ok(())
    } else {
        Err(Failure::failed(failed.join("; ")))
    }
}

fn create(
    module: &ModuleSettings,
    port: Port,
    routes: &Arc<Routes>,
    state: Option<&Path>,
) -> Result<Twin, Failure> {
    let mut config = Config::new(module.module);
    config.seed = module.seed;
    config.timing = module.timing;
    config.identity = module.identity.clone();
    config.sim_pin = module.sim_pin.clone();
    let state = match state {
        Some(path) => {
            let (state, stored) = StateDir::open(path).map_err(Failure::failed)?;
            config.stored = stored;
            Some(state)
        }
        None => None,
    };
    let mut modem = Modem::new(config);
    for (name, value) in &module.quirks {
        modem.set_quirk(name, value).map_err(Failure::usage)?;
    }
    let modem = Faulty::new(modem, module.seed);
    let twin = Twin::new(modem, port, Network::new(Arc::clone(routes)))
        .boot(module.boot)
        .faults(module.faults.clone());
    Ok(match state {
        Some(state) => twin.state(state),
        None => twin,
    })
}

fn open_trace(path: &Path) -> Result<TraceFile, Failure> {
    TraceFile::create(path).map_err(|error| {
        Failure::failed(format!(
            "cannot write the trace {}: {error}",
            path.display()
        ))
    })
}

/// Where connections go, and the broker in the process if they go there.
async fn routes(settings: &Settings) -> Result<(Option<Embedded>, Routes), Failure> {
    let (broker, target) = match &settings.broker {
        None => (None, None),
        Some(BrokerRoute::At(target)) => (None, Some(target.clone())),
        Some(BrokerRoute::Embedded { plain }) => {
            let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
            let broker = BrokerConfig {
                authenticate: settings.clouds.before(Box::new(AllowAll), unix_time()),
                ..BrokerConfig::default()
            };
            let options = EmbeddedOptions {
                broker,
                ..EmbeddedOptions::default()
            };
            let broker = Embedded::start(listen, options)
                .await
                .map_err(Failure::failed)?;
            let target = Target::at(broker.addr(), *plain);
            (Some(broker), Some(target))
        }
    };
    Ok((broker, Routes::new(target, settings.connect_to.clone())))
}

/// Where a module is, and what to type next.
fn port_hint(module: &ModuleSettings, port: &Port) -> String {
    let (name, address) = (&module.name, port.address());
    match &module.port {
        #[cfg(unix)]
        Endpoint::Pty { .. } => {
            format!("{name} is at {address}; open it for example with: picocom {address}")
        }
        Endpoint::Tcp(_) => {
            let (host, port) = address.rsplit_once(':').unwrap_or((address, ""));
            format!("{name} listens on {address}; open it for example with: telnet {host} {port}")
        }
        #[cfg(unix)]
        Endpoint::Unix(_) => {
            format!("{name} listens on {address}; open it for example with: socat - UNIX:{address}")
        }
        Endpoint::Connect(_) => format!("{name} dials {address}"),
        Endpoint::Serial { baud, .. } => format!("{name} is at {address}, {baud} baud"),
        Endpoint::Stdio if stdin().is_terminal() => {
            format!("{name} is on this terminal; Ctrl-] leaves it, and so does Ctrl-C typed twice")
        }
        Endpoint::Stdio => format!(
            "{name} is at standard input and output, and ends after its input; --port pty would \
             put it elsewhere"
        ),
    }
}

fn log_routes(route: Option<&BrokerRoute>, broker: Option<&Embedded>) {
    match (route, broker) {
        (_, Some(broker)) => {
            let addr = broker.addr();
            info!(
                "all connections go to the broker in this process, at {addr}, plain or TLS; watch \
                 it for example with: mosquitto_sub -p {} -t '#' -v",
                addr.port()
            );
            info!("its CA certificate: {}", broker.ca_path().display());
        }
        (Some(route), None) => info!("all connections go to {route}"),
        (None, None) => info!(
            "connections go where the host says; --broker embedded or --broker HOST:PORT redirects \
             them"
        ),
    }
}

/// Whether standard input is a pipe, a socket or a file: something that was
/// put there on purpose.
#[cfg(unix)]
fn is_piped() -> bool {
    use rustix::fs::FileType;
    rustix::fs::fstat(stdin()).is_ok_and(|stat| {
        matches!(
            FileType::from_raw_mode(stat.st_mode),
            FileType::Fifo | FileType::Socket | FileType::RegularFile
        )
    })
}

/// Whether standard input is no terminal.
#[cfg(not(unix))]
fn is_piped() -> bool {
    !stdin().is_terminal()
}
