//! What happens at a moment.

use attwin_core::{CloseReason, Duration, Instant, LinkId, RadioEvent, Registration};

use super::faulty::Faulty;
use super::serial::Said;
use super::spec::{Event, FaultSpec, Kind};
use crate::device::Device;

/// How long a brown-out lasts unless the fault says so.
const BROWN_OUT: Duration = Duration::from_millis(500);
/// How long power stays off unless the fault says so.
const POWER_CYCLE: Duration = Duration::from_secs(10);

impl<D: Device> Faulty<D> {
    /// An event happens, on a connection if it was one that brought it about.
    /// Returns whether power was lost over it.
    pub(super) fn happen(&mut self, now: Instant, fault: &FaultSpec, link: Option<LinkId>) -> bool {
        let Kind::Event { event, .. } = &fault.kind else {
            return false;
        };
        match event {
            Event::Close => self.close(now, link),
            Event::Reset => self.end_link(now, link, CloseReason::Reset),
            Event::Lost => self.end_link(now, link, CloseReason::TimedOut),
            Event::HalfOpen => self.half_open(link),
            Event::Message { payload, topic } => {
                self.message(now, link, topic.as_deref(), payload);
            }
            Event::Urc(text) => {
                let line = [b"\r\n", &text[..], b"\r\n"].concat();
                let active = &mut self.active;
                self.serial.say(now, Said::urc(line.into()), active);
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
