//! A line on the terminal that tells how far a long save or load has come. It comes after a moment and goes at the end.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::model::progress::{Progress, Step};

/// What is over sooner than this shows nothing.
const PATIENCE: Duration = Duration::from_millis(500);

/// Watches work and draws on stderr.
#[derive(Default)]
pub struct ProgressLine {
    state: Mutex<Option<State>>,
    /// How many files of the present step are done.
    done: AtomicU64,
}

struct State {
    step: Step,
    files: u64,
    begun: Instant,
    /// There is none until patience is at its end.
    bar: Option<ProgressBar>,
}

impl ProgressLine {
    fn state(&self) -> MutexGuard<'_, Option<State>> {
        self.state.lock().expect("no thread panics while it holds this lock")
    }
}

impl Progress for ProgressLine {
    fn begin(&self, step: Step, files: usize) {
        self.done.store(0, Ordering::Relaxed);
        *self.state() = Some(State { step, files: files as u64, begun: Instant::now(), bar: None });
    }

    fn advance(&self) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        // Somebody else is drawing: the next file will tell.
        let Ok(mut state) = self.state.try_lock() else { return };
        let Some(state) = state.as_mut().filter(|state| state.begun.elapsed() >= PATIENCE) else { return };
        let State { step, files, bar, .. } = state;
        bar.get_or_insert_with(|| draw(*step, *files, done)).set_position(done);
    }

    fn end(&self) {
        if let Some(State { bar: Some(bar), .. }) = self.state().take() {
            bar.finish_and_clear();
        }
    }
}

fn draw(step: Step, files: u64, done: u64) -> ProgressBar {
    let what = match step {
        Step::Reading => "Reading files",
        Step::Writing => "Writing files",
        Step::Searching => "Searching checkpoints",
        Step::Checking => "Checking",
    };
    let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len}").expect("the template is sound");
    let bar = ProgressBar::with_draw_target(Some(files), ProgressDrawTarget::stderr()).with_position(done);
    bar.set_style(style.progress_chars("=> "));
    bar.set_message(what);
    bar
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_over_soon_draws_nothing() {
        let line = ProgressLine::default();
        line.begin(Step::Reading, 2);
        line.advance();
        assert!(line.state().as_ref().unwrap().bar.is_none());
        line.state().as_mut().unwrap().begun -= PATIENCE;
        line.advance();
        assert_eq!(line.state().as_ref().unwrap().bar.as_ref().unwrap().position(), 2);
        line.end();
        assert!(line.state().is_none());
    }
}
