//! Arguments in, exit code out.

/// The system's allocator makes a system call for each page that a second thread fills.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    ckpt::cli::run()
}
