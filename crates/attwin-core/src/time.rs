//! The core's only notion of time: how long the module has been powered, and
//! what a wall clock would read at that moment. Both are inputs.

use core::ops::{Add, AddAssign, Sub};

pub use core::time::Duration;

use crate::quirks::Millis;

/// A point in time, counted from an arbitrary origin chosen by the driver
/// (usually the moment it created the [`Modem`](crate::Modem)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Instant(Duration);

impl Instant {
    /// The driver's origin.
    pub const ZERO: Self = Self(Duration::ZERO);

    /// The point `since_origin` after the driver's origin.
    pub const fn from_origin(since_origin: Duration) -> Self {
        Self(since_origin)
    }

    /// How long after the driver's origin this point lies.
    pub const fn since_origin(self) -> Duration {
        self.0
    }

    /// Time elapsed since `earlier`, zero if `earlier` lies in the future.
    pub const fn since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}

impl Add<Duration> for Instant {
    type Output = Self;

    /// Saturates at the end of time instead of overflowing.
    fn add(self, rhs: Duration) -> Self {
        Self(self.0.saturating_add(rhs))
    }
}

impl AddAssign<Duration> for Instant {
    fn add_assign(&mut self, rhs: Duration) {
        *self = *self + rhs;
    }
}

impl Sub for Instant {
    type Output = Duration;

    fn sub(self, rhs: Self) -> Duration {
        self.since(rhs)
    }
}

/// The earlier of two optional deadlines.
pub(crate) fn earliest(a: Option<Instant>, b: Option<Instant>) -> Option<Instant> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

/// Whether artificial delays are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Timing {
    /// As the module's specification states them.
    #[default]
    Real,
    /// All zero, but for those somebody asked for by name.
    Fast,
}

impl Timing {
    /// What is left of a delay of the specification.
    pub(crate) fn delay(self, delay: Millis) -> Duration {
        match self {
            Self::Fast if !delay.is_asked_for() => Duration::ZERO,
            Self::Real | Self::Fast => delay.duration(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quirks::QuirkType as _;

    #[test]
    fn what_was_asked_for_holds_under_fast_timing() {
        let asked = Millis::read("300").expect("a number");
        assert_eq!(asked.show(), "300");
        assert_eq!(Timing::Fast.delay(asked), Duration::from_millis(300));
        assert_eq!(Timing::Fast.delay(Millis(300)), Duration::ZERO);
        for span in [asked, Millis(300)] {
            assert_eq!(Timing::Real.delay(span), Duration::from_millis(300));
        }
    }
}
