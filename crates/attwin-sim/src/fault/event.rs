//! What happens at a moment.

use attwin_core::{CloseReason, Duration, Instant, LinkId, RadioEvent, Registration, SerialKind};

use super::faulty::Faulty;
use super::mark::{Hit, Line, Touch};
use super::spec::{Event, FaultSpec, Kind};
use crate::device::Device;

/// How long a brown-out lasts unless the fault says so.
const BROWN_OUT: Duration = Duration::from_millis(500);
/// How long power stays off unless the fault says so.
const POWER_CYCLE: Duration = Duration::from_secs(10);

impl<D: Device> Faulty<D> {
    /// An event happens, on a connection if it was one that brought it about.
    /// Returns whether power was lost over it.
    pub(super) fn happen(
        &mut self,
        now: Instant,
        fault: &FaultSpec,
        hit: &Hit,
        link: Option<LinkId>,
    ) -> bool {
        let Kind::Event { event, .. } = &fault.kind else {
            return false;
        };
        // What it acts on is said before what follows from it.
        let on = link.or_else(|| self.links.open().pop());
        let on = on.filter(|_| event.needs_connection());
        if on.is_none() && event.needs_connection() {
            self.active.missed(hit);
            return false;
        }
        self.ready.act(hit, || on.map(|link| link.to_string()));
        match event {
            Event::Close => self.close(now, link, hit),
            Event::Reset => self.end_link(now, link, CloseReason::Reset, hit),
            Event::Lost => self.end_link(now, link, CloseReason::TimedOut, hit),
            Event::HalfOpen => self.half_open(link, hit),
            Event::Message { payload, topic } => {
                self.message(now, link, topic.as_deref(), payload, hit);
            }
            Event::Urc(text) => {
                let bytes = [b"\r\n", &text[..], b"\r\n"].concat();
                let mut line = Line::new(SerialKind::Urc, bytes.into());
                line.marks.push(hit.mark(Touch::Inserted));
                let active = &mut self.active;
                self.serial.say(now, line, active, &mut self.ready);
                self.serial.release(now, active, &mut self.ready);
            }
            event => {
                let (happens, undone) = on_the_radio(event, fault.when.lasting);
                let lost = matches!(happens, Some(RadioEvent::PowerCut | RadioEvent::Reboot));
                if let Some(event) = happens {
                    self.radio(now, event);
                }
                if let Some((span, event)) = undone {
                    self.undo(now + span, event);
                }
                return lost;
            }
        }
        false
    }
}

impl Event {
    /// Whether it happens to a connection.
    fn needs_connection(&self) -> bool {
        matches!(
            self,
            Self::Close | Self::Reset | Self::Lost | Self::HalfOpen | Self::Message { .. }
        )
    }
}

/// What an event is on the operator's side, and what undoes it after a while.
fn on_the_radio(
    event: &Event,
    lasting: Option<Duration>,
) -> (Option<RadioEvent>, Option<(Duration, RadioEvent)>) {
    let back = |event: RadioEvent| lasting.map(|span| (span, event));
    let off = |span: Option<Duration>, usual: Duration| {
        Some((span.unwrap_or(usual), RadioEvent::PowerOn))
    };
    let (happens, undone) = match *event {
        Event::Detach => (RadioEvent::Detach, back(RadioEvent::Attach)),
        Event::Attach => (RadioEvent::Attach, None),
        Event::PdpLoss(cid) => (RadioEvent::PdpLost(cid), None),
        Event::SimRemove => (RadioEvent::SimRemoved, back(RadioEvent::SimInserted)),
        Event::SimInsert => (RadioEvent::SimInserted, None),
        Event::Signal(signal) => (RadioEvent::Signal(signal), None),
        Event::Registration(status) => (
            RadioEvent::Registration(status),
            back(RadioEvent::Registration(Registration::Home)),
        ),
        Event::BrownOut(span) => (RadioEvent::PowerCut, off(span, BROWN_OUT)),
        Event::PowerCycle(span) => (RadioEvent::PowerCut, off(span, POWER_CYCLE)),
        Event::Reboot => (RadioEvent::Reboot, None),
        Event::Close
        | Event::Reset
        | Event::Lost
        | Event::HalfOpen
        | Event::Message { .. }
        | Event::Urc(_) => {
            return (None, None);
        }
    };
    (Some(happens), undone)
}
