//! The time, which tests can pin.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use jiff::{Timestamp, tz::TimeZone};

use super::environment::Environment;

/// Tells the time and the user's time zone.
#[derive(Clone, Debug)]
pub struct Clock {
    pinned: Option<Timestamp>,
    /// `$TZ` says which zone it is.
    is_zone_named: bool,
    /// Read when first asked for: most runs show no time of day.
    zone: OnceLock<TimeZone>,
}

impl Clock {
    /// The system's clock, unless `CKPT_CLOCK` pins it (RFC 3339; for tests).
    pub fn new(environment: &Environment) -> Clock {
        let pinned = environment.var("CKPT_CLOCK").and_then(|text| text.parse().ok());
        Clock { pinned, is_zone_named: environment.var("TZ").is_some(), zone: OnceLock::new() }
    }

    /// Now. Only for showing and recording: order never depends on it.
    pub fn now(&self) -> Timestamp {
        self.pinned.unwrap_or_else(Timestamp::now)
    }

    /// The user's time zone.
    pub fn zone(&self) -> &TimeZone {
        self.zone.get_or_init(|| if self.is_zone_named { TimeZone::system() } else { local_zone() })
    }
}

/// The zone of this machine from its one file: to find its name, all zones of the world would be listed.
fn local_zone() -> TimeZone {
    let bytes = std::fs::read("/etc/localtime").ok();
    bytes.and_then(|bytes| TimeZone::tzif("local", &bytes).ok()).unwrap_or_else(TimeZone::system)
}

/// How near to now a file's time counts as now, in nanoseconds: filesystems take their time from a clock that ticks up to
/// 10 ms behind ours.
pub const FILE_TIME_TICK: i64 = 20_000_000;

/// Nanoseconds since 1970 by the system's clock, never pinned: for comparing with the times of files.
pub fn file_time_now() -> i64 {
    i64::try_from(Timestamp::now().as_nanosecond()).unwrap_or(i64::MAX)
}

/// When the machine was started; `None` where it does not say.
pub fn booted() -> Option<SystemTime> {
    #[cfg(target_os = "linux")]
    let awake = u64::try_from(rustix::system::sysinfo().uptime).ok();
    #[cfg(not(target_os = "linux"))]
    let awake: Option<u64> = None;
    SystemTime::now().checked_sub(Duration::from_secs(awake?))
}

/// Waits so long.
pub fn pause(span: Duration) {
    std::thread::sleep(span);
}

/// A number that no other call in any process gives, as far as anybody can tell: it makes equal records differ.
pub fn salt() -> u64 {
    static CALLS: AtomicU64 = AtomicU64::new(0);
    let call = CALLS.fetch_add(1, Ordering::Relaxed);
    let time = file_time_now() as u64;
    time.rotate_left(20) ^ u64::from(std::process::id()).rotate_left(40) ^ call
}
