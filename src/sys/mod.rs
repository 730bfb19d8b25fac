//! Every side effect that a test must control: clock, environment, files, processes, fault points.
//!
//! Nothing above this level calls the clock, the environment or a process by itself.

pub mod atomic;
pub mod clock;
pub mod editor;
pub mod environment;
pub mod fault;
pub mod file_size;
pub mod free_space;
pub mod lock;
pub mod pager;
pub mod private;
pub mod process;
pub mod shell_command;
pub mod terminal;
