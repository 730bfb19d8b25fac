//! Fault points: places where a test can make the process die as a power cut would.

/// Marks a place between two effects.
///
/// In debug builds the environment variable `CKPT_FAULT=<point>` makes the process end here, at once and without
/// unwinding; `<point>:<n>` waits for the n-th time. Release builds contain nothing of it.
#[inline]
pub fn reach(point: &str) {
    #[cfg(debug_assertions)]
    armed::reach(point);
    #[cfg(not(debug_assertions))]
    let _ = point;
}

#[cfg(debug_assertions)]
mod armed {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU32, Ordering};

    struct Armed {
        point: String,
        left: AtomicU32,
    }

    static ARMED: OnceLock<Option<Armed>> = OnceLock::new();

    pub(super) fn reach(point: &str) {
        if let Some(log) = std::env::var_os("CKPT_FAULT_LOG") {
            record(&log, point);
        }
        let Some(armed) = ARMED.get_or_init(read) else { return };
        if armed.point == point && armed.left.fetch_sub(1, Ordering::SeqCst) == 1 {
            std::process::abort();
        }
    }

    /// Lists the points that a run passes, so that a test can die at each of them.
    fn record(log: &std::ffi::OsStr, point: &str) {
        use std::io::Write;
        let file = std::fs::OpenOptions::new().create(true).append(true).open(log);
        let _ = file.and_then(|mut file| writeln!(file, "{point}"));
    }

    fn read() -> Option<Armed> {
        let text = std::env::var("CKPT_FAULT").ok()?;
        let (point, count) = text.split_once(':').unwrap_or((&text, "1"));
        Some(Armed { point: point.to_owned(), left: AtomicU32::new(count.parse().ok()?) })
    }
}
