//! Arguments in, exit code out.

fn main() -> std::process::ExitCode {
    ckpt::cli::run()
}
