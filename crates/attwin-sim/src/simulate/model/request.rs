//! Requests whose results are to come.

use attwin_core::Instant;

use super::Publication;

/// Requests kept of one client; a module has room for fewer.
const MOST_REQUESTS: usize = 200;

/// A request.
#[derive(Debug)]
pub(crate) struct Request {
    /// What its result is called.
    pub(crate) name: &'static str,
    /// Packet or message identifier, 0 if it has none.
    pub(crate) id: u32,
    pub(crate) due: Instant,
    pub(crate) topics: Vec<Vec<u8>>,
    /// QoS of a publish or subscription.
    pub(crate) qos: u32,
    /// What is published. More than one if results do not tell which of
    /// several requests they belong to.
    pub(crate) publications: Vec<Publication>,
    /// The host asked for the DUP flag.
    pub(crate) dup: bool,
    /// Lines of a result of several lines that came.
    pub(crate) told: usize,
    /// Its connection was over before it was made, and its result says so.
    pub(crate) late: bool,
    /// Its connection ended: the result may have been on its way, or not.
    pub(crate) vanished: bool,
}

impl Request {
    pub(crate) fn new(name: &'static str, id: u32, due: Instant) -> Self {
        Self {
            name,
            id,
            due,
            topics: Vec::new(),
            qos: 0,
            publications: Vec::new(),
            dup: false,
            told: 0,
            late: false,
            vanished: false,
        }
    }

    pub(crate) fn with_topic(mut self, topic: Vec<u8>) -> Self {
        self.topics = vec![topic];
        self
    }

    /// A publish.
    pub(crate) fn publishing(mut self, qos: u32, payload: Vec<u8>) -> Self {
        self.qos = qos;
        let qos = u8::try_from(qos).unwrap_or(0);
        self.publications = vec![Publication { qos, payload }];
        self
    }
}

/// The requests of one client, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Requests(pub(in crate::simulate) Vec<Request>);

impl Requests {
    pub(crate) fn ask(&mut self, request: Request) {
        if self.0.len() >= MOST_REQUESTS {
            self.0.remove(0);
        }
        self.0.push(request);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The oldest with this name and identifier.
    pub(crate) fn find(&mut self, name: &str, id: u32) -> Result<usize, String> {
        let is_its = |r: &Request| r.name == name && r.id == id;
        let at = self.0.iter().position(is_its);
        at.ok_or_else(|| "nobody asked for it".into())
    }

    /// The oldest with this name and identifier, which is answered.
    pub(crate) fn take(&mut self, name: &str, id: u32) -> Result<Request, String> {
        let at = self.find(name, id)?;
        Ok(self.0.remove(at))
    }

    /// Their connection is over.
    pub(crate) fn vanish(&mut self) {
        for request in &mut self.0 {
            request.vanished = true;
        }
    }

    pub(super) fn overdue(&self, now: Instant) -> Option<String> {
        let request = self.0.iter().find(|r| !r.vanished && r.due < now)?;
        Some(format!("no result of {} {}", request.name, request.id))
    }
}
