//! What errors about sessions mean to the user.

use super::{Failure, Kind, of_io};
use crate::model::name::Name;
use crate::model::session::SessionState;
use crate::ops::session::error::SessionError;
use crate::report::words;

/// Message, code and hints of a refusal.
pub(super) fn of_session(error: SessionError) -> Failure {
    let message = error.to_string();
    let refused = |code| Failure::new(Kind::Refused, code, message.clone());
    match error {
        SessionError::Unknown { nearest, .. } => {
            let likely: Vec<String> = nearest.iter().map(|name| format!("`{name}`")).collect();
            let failure = refused("unknown-session");
            match likely.is_empty() {
                true => failure.hint("see what there is with `ckpt session list --all`"),
                false => failure.hint(format!("did you mean {}?", words::joined_by(&likely, "or"))),
            }
        }
        SessionError::Exists { name, state } => exists(refused("session-exists"), &name, state),
        SessionError::NoTitle => refused("no-title").hint("such as `ckpt session start \"User notifications\"`"),
        SessionError::TitleTooLong { .. } => {
            refused("title-too-long").hint("say it in a few words, and the rest with `--task`")
        }
        SessionError::WrongMove { name, state, .. } => wrong_move(refused("wrong-move"), &name, state),
        SessionError::Main { .. } => refused("main-session").hint("see the other sessions with `ckpt session list`"),
        SessionError::Interrupting { wanted, .. } => interrupting(refused("interrupting"), wanted),
        SessionError::Interrupted { .. } => {
            refused("interrupted").hint("come back to it first with `ckpt return`; see `ckpt stack`")
        }
        SessionError::OnStack { .. } => {
            refused("on-stack").hint("leave it first with `ckpt session pause` or `ckpt return`")
        }
        SessionError::ActiveElsewhere { .. } => {
            refused("active-elsewhere").hint("leave it there first: `ckpt session pause` in that work tree")
        }
        SessionError::Nested { .. } => refused("nested")
            .hint("interrupt this work with `ckpt branch TITLE`")
            .hint("or come back from it with `ckpt return`"),
        SessionError::BadBranch { .. } => refused("bad-branch").hint("a good name looks like `feature/login`"),
        SessionError::BranchTaken { .. } => refused("branch-taken")
            .hint("name another with `--branch NAME`")
            .hint("or go on where HEAD is with `--no-branch`"),
        SessionError::UnknownRevision { .. } => {
            refused("unknown-revision").hint("name a branch, a tag or a commit; see `git log`")
        }
        SessionError::BadVariable { .. } => refused("bad-variable").hint("a good name looks like `ticket`"),
        SessionError::ExportExists { .. } => refused("export-exists").hint("name a file that does not exist yet"),
        SessionError::ExportFailed { ref source, .. } => of_io(message.clone(), source),
        SessionError::BadPattern { .. } => refused("bad-pattern").hint("a good pattern looks like `feature-*`"),
        SessionError::StillOpen { .. } => {
            refused("still-open").hint("close them first with `ckpt session close` or `ckpt session cancel`")
        }
        SessionError::Damaged { name } => Failure::new(Kind::Damaged, "damaged-session", message)
            .hint(format!("look at it with `git log refs/ckpt/sessions/{name}`, and at all with `git fsck`")),
        SessionError::NoChecks => {
            refused("no-checks").hint("name some in `~/.config/ckpt/config.toml`: `[[checks]]`, `name`, `command`")
        }
    }
}

fn exists(failure: Failure, name: &Name, state: SessionState) -> Failure {
    if name.as_str() == crate::model::session::MAIN {
        return failure.hint("give the session another title");
    }
    let failure = match state {
        SessionState::Active => failure.hint(format!("see it with `ckpt session show {name}`")),
        _ => failure.hint(format!("go on with it: `ckpt session resume {name}`")),
    };
    failure.hint("a script says `--or-resume`")
}

/// Names what may become of it, and how.
fn wrong_move(failure: Failure, name: &Name, state: SessionState) -> Failure {
    let how = |next: &SessionState| match next {
        SessionState::Active => format!("`ckpt session resume {name}`"),
        SessionState::Paused => "`ckpt session pause`".to_owned(),
        SessionState::Complete => format!("`ckpt session close {name}`"),
        SessionState::Archived => format!("`ckpt session archive {name}`"),
        SessionState::Cancelled => format!("`ckpt session cancel {name}`"),
        SessionState::New => String::new(),
    };
    let possible: Vec<String> = state.moves().iter().map(ToString::to_string).collect();
    let verbs: Vec<String> = state.moves().iter().map(how).collect();
    let (possible, verbs) = (words::joined_by(&possible, "or"), words::joined_by(&verbs, "or"));
    failure.hint(format!("what is {state} can become {possible}: {verbs}"))
}

fn interrupting(failure: Failure, wanted: &str) -> Failure {
    match wanted {
        "paused" => failure.hint("pause it and go back with `ckpt return --keep`"),
        _ => failure.hint("complete it and go back with `ckpt return`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_move_says_which_are_possible() {
        let name: Name = "login".parse().unwrap();
        let error = SessionError::WrongMove { name, state: SessionState::Archived, wanted: "cancelled" };
        let failure = of_session(error);
        assert_eq!(failure.message, "the session `login` is archived and cannot be cancelled");
        assert_eq!(failure.hints, ["what is archived can become active: `ckpt session resume login`"]);
    }
}
