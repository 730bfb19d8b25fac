//! How old something is, in the time that the session was at work: a night or a weekend counts as one short pause.

use jiff::Timestamp;

/// From which age on what is told how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ages {
    /// Up to here every event is told, in seconds.
    pub full: i64,
    /// Up to here a stretch of work is told in detail, in seconds.
    pub detailed: i64,
}

impl Default for Ages {
    fn default() -> Self {
        Ages { full: 3600, detailed: 4 * 3600 }
    }
}

/// A pause counts as no more than this, in seconds.
pub const IDLE: i64 = 30 * 60;

/// The session's own time that passes between two moments; a clock that goes backwards makes none.
pub fn active_between(before: Timestamp, after: Timestamp) -> i64 {
    after.as_second().saturating_sub(before.as_second()).clamp(0, IDLE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weekend_is_a_short_pause() {
        let at = |second| Timestamp::from_second(second).unwrap();
        assert_eq!(active_between(at(0), at(60)), 60);
        assert_eq!(active_between(at(0), at(3 * 86_400)), IDLE);
        assert_eq!(active_between(at(100), at(0)), 0);
    }
}
