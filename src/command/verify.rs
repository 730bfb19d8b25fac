//! `ckpt verify`.

use crate::ops::verify::{Scope, Verified, VerifyRequest, verify};
use crate::report::json::verify::VerifyDocument;
use crate::report::verified::{hints, render};

use super::failure::{Exit, Stop};
use super::invocation::{Interrupted, Invocation};

/// Check that what was saved is whole, and was not tampered with
///
/// Looks at the checkpoints and the history of the current session, at one POINT, or at everything with `--all`: whether
/// every object is there, every record can be read, no path is dangerous, and every history has only ever been added to.
/// What ckpt publishes it notes in your state folder as well (`~/.local/state/ckpt/anchors`), so that a history that was
/// cut, rewritten or set back behind its back is found. With `--sign` it writes a statement there that nobody can make
/// without your key. Ends with 4 where something is damaged.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "Example:\n  ckpt verify --all --read-data")]
pub struct Args {
    /// The checkpoint to look at; the current session's without it
    #[arg(value_name = "POINT", conflicts_with = "all")]
    point: Option<String>,
    /// Look at every session, checkpoint and work tree
    #[arg(long)]
    all: bool,
    /// Read every file that was saved, and compare it with its id
    #[arg(long)]
    read_data: bool,
    /// Take what is there now for right, after a change that you made yourself
    #[arg(long, conflicts_with = "point")]
    accept: bool,
    /// Sign where everything is now, with the key that git signs with
    #[arg(long, conflicts_with = "point")]
    sign: bool,
}

/// Looks, and tells what is damaged and what is not.
pub fn run(args: Args, invocation: &mut Invocation) -> Result<Exit, Stop> {
    let repo = invocation.open(Interrupted::Mention)?;
    let scope = match (args.point, args.all || args.accept || args.sign) {
        (Some(point), _) => Scope::Point(point),
        (None, true) => Scope::All,
        (None, false) => Scope::Session,
    };
    let request = VerifyRequest { scope, read_data: args.read_data, accept: args.accept, sign: args.sign };
    let verified = verify(&repo, &request)?;
    tell(&verified, &request, invocation)?;
    Ok(if verified.is_damaged() { Exit::Damaged } else { Exit::Done })
}

fn tell(verified: &Verified, request: &VerifyRequest, invocation: &mut Invocation) -> Result<(), Stop> {
    if invocation.output.is_json() {
        invocation.output.document(&VerifyDocument::of(verified, request))?;
        return Ok(());
    }
    if !invocation.output.is_quiet() || !verified.findings.is_empty() {
        let text = render(verified, request, &invocation.look());
        invocation.output.answer(text)?;
    }
    hints(verified).iter().for_each(|hint| invocation.output.hint(hint));
    Ok(())
}
