//! How far long work has come, told to whoever watches it. The work goes one way: nothing is ever asked of the watcher.

/// What is being done to files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Reading,
    Writing,
    /// Checkpoints are being looked through, one by one.
    Searching,
    /// Of checkpoints, and then of what they hold.
    Checking,
}

/// Somebody who watches. Called from any thread, often: it has to be quick.
pub trait Progress: Send + Sync {
    /// A step over so many files begins.
    fn begin(&self, _step: Step, _files: usize) {}
    /// One of them is done.
    fn advance(&self) {}
    /// The step is over, however it went.
    fn end(&self) {}
}

/// Nobody watches.
#[derive(Clone, Copy, Debug)]
pub struct Unwatched;

impl Progress for Unwatched {}

/// A step that is being watched; it is over when this is dropped.
pub struct Watch<'a>(&'a dyn Progress);

impl<'a> Watch<'a> {
    /// Begins.
    pub fn begin(progress: &'a dyn Progress, step: Step, files: usize) -> Watch<'a> {
        progress.begin(step, files);
        Watch(progress)
    }

    /// One more file is done.
    pub fn advance(&self) {
        self.0.advance();
    }
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        self.0.end();
    }
}
