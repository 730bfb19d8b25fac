//! `ckpt context`, and the file that `ckpt init` makes.

use std::path::Path;

use crate::sandbox::{Outcome, Sandbox};
use crate::words::{context, events, story};

const FILE: &str = ".ckpt/context.md";

fn file(sandbox: &Sandbox) -> String {
    String::from_utf8(sandbox.read(FILE)).unwrap()
}

fn edit(sandbox: &Sandbox, old: &str, new: &str) {
    let text = file(sandbox);
    assert!(text.contains(old), "{text}");
    sandbox.write(FILE, text.replacen(old, new, 1));
}

fn initialised() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.ckpt(&["init"]).succeeds();
    sandbox.ckpt(&["issue", "the token expires"]).succeeds();
    sandbox
}

#[test]
fn what_was_edited_by_hand_is_a_version_before_the_next_word() {
    let sandbox = initialised();
    edit(&sandbox, "the token expires", "the token expires too early");
    sandbox.ckpt(&["decide", "x"]).succeeds().warns("edited by hand: Known Issues");
    assert_eq!(story(&sandbox)[..2], ["decide: x", "context: edited by hand: Known Issues"]);
    assert!(file(&sandbox).contains("expires too early") && file(&sandbox).contains(": x\n"));
    let event = &events(&sandbox)[2];
    assert_eq!((&event["kind"], &event["action"]), (&"context".into(), &"edited".into()));
    assert_eq!(event["sections"][0], "Known Issues");
}

#[test]
fn a_save_takes_the_edit_along_and_the_checkpoint_has_it() {
    let sandbox = initialised();
    sandbox.save(&["before"]);
    sandbox.ckpt(&["save"]).succeeds().says("Nothing changed");
    edit(&sandbox, "the token expires", "the token leaks");
    let saved = sandbox.ckpt(&["save", "--json"]).succeeds().json();
    assert_eq!((&saved["unchanged"], &saved["context_edited"][0]), (&false.into(), &"Known Issues".into()));
    sandbox.ckpt(&["show"]).succeeds().says("the token leaks");
    sandbox.ckpt(&["show", "before"]).succeeds().says("the token expires").does_not_say("leaks");
    sandbox.ckpt(&["context", "show", "--at", "before"]).succeeds().says("the token expires");
    assert!(file(&sandbox).contains("- last checkpoint: "), "{}", file(&sandbox));
    sandbox.ckpt(&["save"]).succeeds().says("Nothing changed");
}

#[test]
fn the_passing_of_time_is_no_version_and_facts_are_no_edit() {
    let sandbox = initialised();
    let before = story(&sandbox);
    sandbox.at("2026-11-23T09:00:00Z");
    edit(&sandbox, "- branch: `main`", "- branch: `another`");
    sandbox.commit("second");
    sandbox.ckpt(&["todo", "list"]).succeeds();
    assert_eq!(story(&sandbox), before);
    sandbox.ckpt(&["note", "x"]).succeeds();
    assert!(file(&sandbox).contains("- branch: `main`\n") && file(&sandbox).contains("`second`"), "{}", file(&sandbox));
    assert!(!context(&sandbox).contains("- branch:"));
}

#[test]
fn edits_of_file_and_session_are_merged_and_nothing_is_dropped() {
    let sandbox = initialised();
    sandbox.git(&["worktree", "add", "-q", "../other"]);
    sandbox.ckpt_in("other", &["issue", "list"]).succeeds().says("the token expires");
    let other = sandbox.root().join("other").join(FILE);
    let text = std::fs::read_to_string(&other).unwrap();
    std::fs::write(&other, text.replace("## Testing Notes\n", "## Testing Notes\n\nby hand elsewhere\n")).unwrap();
    sandbox.ckpt(&["issue", "said here"]).succeeds();
    sandbox.ckpt_in("other", &["issue", "said there"]).succeeds().warns("edited by hand");
    let text = std::fs::read_to_string(&other).unwrap();
    for line in ["by hand elsewhere", "said here", "said there", "the token expires"] {
        assert_eq!(text.matches(line).count(), 1, "{line}\n{text}");
    }
    sandbox.ckpt(&["context", "show"]).succeeds().says("by hand elsewhere");
    assert!(file(&sandbox).contains("by hand elsewhere"), "the other work tree's file follows");
}

#[test]
fn what_cannot_be_merged_is_kept_on_both_sides_and_said() {
    let sandbox = initialised();
    sandbox.git(&["worktree", "add", "-q", "../other"]);
    sandbox.ckpt_in("other", &["context", "show"]).succeeds();
    let other = sandbox.root().join("other").join(FILE);
    let text = std::fs::read_to_string(&other).unwrap();
    std::fs::write(&other, text.replace("the token expires", "the token expires at noon")).unwrap();
    edit(&sandbox, "the token expires", "the token never expires");
    sandbox.ckpt(&["context", "show"]).succeeds();
    sandbox.ckpt_in("other", &["context", "show"]).succeeds().warns("both are kept in Known Issues");
    let text = std::fs::read_to_string(&other).unwrap();
    assert!(text.contains("expires at noon") && text.contains("never expires"), "{text}");
    assert!(text.contains("<!-- ckpt: also said -->"), "{text}");
}

#[test]
fn every_version_can_be_listed_compared_shown_and_restored() {
    let sandbox = initialised();
    sandbox.ckpt(&["decide", "use JWT"]).succeeds();
    let log = sandbox.ckpt(&["context", "log", "--json"]).succeeds().json();
    let subjects: Vec<_> =
        log["versions"].as_array().unwrap().iter().map(|one| one["subject"].as_str().unwrap()).collect();
    assert_eq!(subjects, ["decide: use JWT", "issue: the token expires", "context: began"]);
    let issue = log["versions"][1]["id"].as_str().unwrap()[..10].to_owned();
    sandbox.ckpt(&["context", "log", "--limit", "1"]).succeeds().says("decide: use JWT").does_not_say("began");
    sandbox
        .ckpt(&["context", "diff"])
        .succeeds()
        .says("## Recent Decisions")
        .says("+- 2026-11-21: use JWT")
        .does_not_say("token");
    sandbox.ckpt(&["context", "diff", &issue, &issue]).succeeds().warns("say the same");
    let diff = sandbox.ckpt(&["context", "diff", &issue, "--json"]).succeeds().json();
    assert_eq!(
        (&diff["sections"][0]["name"], &diff["sections"][0]["lines_added"]),
        (&"Recent Decisions".into(), &2.into())
    );
    sandbox.ckpt(&["context", "show", "--at", &issue]).succeeds().says("token").does_not_say("JWT");
    sandbox.ckpt(&["context", "restore", &issue]).succeeds().says("again");
    assert!(!file(&sandbox).contains("JWT") && file(&sandbox).contains("- branch: `main`"), "{}", file(&sandbox));
    sandbox.ckpt(&["context", "restore", &issue]).succeeds().says("already");
    assert_eq!(story(&sandbox)[0], format!("context: restored {issue}"));
    sandbox.save(&["with"]);
    sandbox.ckpt(&["context", "set", "Known Issues", ""]).succeeds();
    sandbox.ckpt(&["context", "restore", "with"]).succeeds();
    assert!(context(&sandbox).contains("the token expires"));
    sandbox.ckpt(&["context", "restore", "nothing-such"]).ends_with(1);
}

#[test]
fn without_a_context_there_is_nothing_to_show() {
    let sandbox = Sandbox::new();
    sandbox.ckpt(&["context", "show"]).ends_with(1).warns("no context yet").warns("ckpt init");
    sandbox.ckpt(&["context", "diff"]).ends_with(1).warns("no context yet");
    sandbox.ckpt(&["context", "prune"]).ends_with(1);
    sandbox.ckpt(&["context", "log"]).succeeds().warns("no context yet");
    let id = sandbox.save(&[]);
    sandbox.ckpt(&["context", "show", "--at", &id[..8]]).ends_with(1).warns("holds no context");
}

#[test]
fn completed_items_move_to_the_archive() {
    let sandbox = initialised();
    sandbox.ckpt(&["todo", "add", "write the docs"]).succeeds();
    sandbox.ckpt(&["todo", "done", "1"]).succeeds();
    sandbox.ckpt(&["context", "prune"]).succeeds().says("Moved 1 completed item").says("Todo: write the docs");
    assert!(!context(&sandbox).contains("write the docs"));
    assert!(sandbox.git(&["show", "refs/ckpt/sessions/main:archive.md"]).contains("write the docs"));
    sandbox.ckpt(&["context", "prune"]).succeeds().warns("nothing is completed");
    assert_eq!(story(&sandbox)[0], "context: pruned 1 completed item");
}

#[test]
fn an_editor_edits_the_file_or_a_copy() {
    let sandbox = Sandbox::new();
    sandbox.ckpt(&["context", "edit"]).ends_with(1).warns("$EDITOR");
    sandbox.set("EDITOR", "sed -i 's/^# Context of work/# Renamed/'");
    sandbox.ckpt(&["context", "edit"]).succeeds().says("Edited the context");
    assert!(context(&sandbox).starts_with("# Renamed\n"));
    sandbox.ckpt(&["init"]).succeeds();
    sandbox.set("EDITOR", "sed -i 's/^# Renamed/# Again/'");
    sandbox.ckpt(&["context", "edit"]).succeeds().says("Edited the context");
    assert!(context(&sandbox).starts_with("# Again\n") && file(&sandbox).starts_with("# Again\n"));
    sandbox.ckpt(&["context", "edit"]).succeeds().says("Nothing changed");
    sandbox.set("EDITOR", "false");
    sandbox.ckpt(&["context", "edit"]).ends_with(1).warns("the editor failed");
    let left = std::fs::read_dir(sandbox.git_dir().join("ckpt/worktree")).unwrap().flatten();
    assert!(!left.into_iter().any(|entry| entry.file_name().to_string_lossy().starts_with("edit-")));
}

#[test]
fn partitions_have_documents_of_their_own() {
    let sandbox = initialised();
    sandbox.mkdir("src/backend");
    sandbox.ckpt(&["context", "partition", "add", "backend", "--path", "src/backend/", "--path", "db"]).succeeds();
    sandbox.ckpt_in("work/src", &["context", "partition", "add", "backend", "--path", "."]).succeeds().says("src");
    sandbox.ckpt(&["context", "partition", "list"]).succeeds().says("backend  src/backend, db and src");
    sandbox.ckpt(&["issue", "slow query", "--partition", "backend"]).succeeds().says("Known Issues of backend");
    sandbox.ckpt(&["context", "show", "--partition", "backend"]).succeeds().says("slow query").does_not_say("token");
    assert!(!context(&sandbox).contains("slow query"));
    sandbox.write("db/schema.sql", "x\n");
    sandbox.write("a.txt", "changed\n");
    let id = sandbox.save(&[]);
    let shown = sandbox.ckpt(&["context", "partition", "show", "backend"]).succeeds();
    shown.says("- not committed in it: `db` 1\n");
    assert!(sandbox.git(&["show", &format!("{id}^2^2:partitions/backend.md")]).contains("slow query"));
    sandbox.ckpt(&["note", "x", "--partition", "backnd"]).ends_with(1).warns("did you mean `backend`");
    sandbox.ckpt(&["context", "partition", "add", "out", "--path", "../.."]).ends_with(1).warns("outside");
    sandbox.ckpt(&["context", "partition", "remove", "backend"]).succeeds();
    sandbox.ckpt(&["context", "partition", "list"]).succeeds().warns("no partitions");
    sandbox.ckpt(&["context", "partition", "show", "backend"]).ends_with(1);
}

#[test]
fn a_file_that_is_gone_or_empty_comes_back_and_is_said() {
    let sandbox = initialised();
    sandbox.remove(FILE);
    sandbox.ckpt(&["issue", "second"]).succeeds().warns("was gone; its last version was written again");
    assert!(file(&sandbox).contains("the token expires") && file(&sandbox).contains("second"));
    sandbox.write(FILE, "");
    sandbox.ckpt(&["context", "show"]).succeeds().warns("was empty").says("second");
    sandbox.remove(".ckpt");
    sandbox.ckpt(&["save"]).succeeds().warns("was gone");
    assert!(file(&sandbox).contains("second"));
}

#[test]
fn a_file_that_is_no_document_is_named_and_stops_no_save() {
    let sandbox = initialised();
    let outside = sandbox.root().join("outside.md");
    std::fs::write(&outside, "outside\n").unwrap();
    type Make = fn(&Path, &Path);
    let makes: [(&str, Make); 5] = [
        ("is a folder", |file, _| std::fs::create_dir(file).unwrap()),
        ("leads out of the work tree", |file, outside| std::os::unix::fs::symlink(outside, file).unwrap()),
        ("is a link that leads nowhere", |file, _| std::os::unix::fs::symlink("nowhere", file).unwrap()),
        ("is not UTF-8", |file, _| std::fs::write(file, b"# C\n\xff\n").unwrap()),
        ("is 50 MB large", |file, _| std::fs::write(file, vec![b'x'; 50_000_000]).unwrap()),
    ];
    for (number, (why, make)) in makes.into_iter().enumerate() {
        sandbox.remove(FILE);
        make(&sandbox.path(FILE), &outside);
        sandbox.ckpt(&["note", "lost?"]).ends_with(1).warns(why);
        sandbox.ckpt(&["context", "show"]).ends_with(1).warns(why);
        sandbox.write("a.txt", format!("{number}\n"));
        let saved = sandbox.ckpt(&["save", "--json"]).succeeds();
        assert!(saved.json()["warnings"][0].as_str().unwrap().contains("last good version"), "{}", saved.describe());
        sandbox.ckpt(&["show"]).succeeds().says("the token expires");
    }
    assert_eq!(std::fs::read_to_string(&outside).unwrap(), "outside\n");
    sandbox.remove(FILE);
    sandbox.ckpt(&["note", "back"]).succeeds();
}

#[test]
fn a_file_that_is_written_while_it_is_read_is_never_half_a_version() {
    let sandbox = initialised();
    let path = sandbox.path(FILE);
    let whole = |number: u32| format!("# C\n\n## Known Issues\n\n{}- [ ] last {number}\n", "- [ ] line\n".repeat(2000));
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for number in 0..60 {
                std::fs::write(&path, whole(number)).unwrap();
                std::thread::sleep(std::time::Duration::from_millis(3));
            }
            done.store(true, std::sync::atomic::Ordering::SeqCst);
        });
        while !done.load(std::sync::atomic::Ordering::SeqCst) {
            let listed = sandbox.ckpt(&["issue", "list"]).ends_orderly();
            assert!(matches!(listed.code(), Some(0 | 3)), "{}", listed.describe());
        }
    });
    sandbox.ckpt(&["issue", "list"]).succeeds();
    assert_eq!(file(&sandbox), whole(59));
}

#[test]
fn init_and_uninit_leave_every_byte_as_it_was() {
    for exclude in [Some("# mine\n*.log"), Some("# mine\n"), Some(""), None] {
        let sandbox = Sandbox::new();
        match exclude {
            Some(text) => std::fs::write(sandbox.git_dir().join("info/exclude"), text).unwrap(),
            None => std::fs::remove_dir_all(sandbox.git_dir().join("info")).unwrap(),
        }
        let (files, repository) = (sandbox.picture(), sandbox.repository());
        let plan = sandbox.ckpt(&["init", "--dry-run"]).succeeds();
        plan.says("Would make .ckpt/context.md").says("Would add /.ckpt/");
        files.must_equal(&sandbox.picture(), "a dry run");
        repository.must_equal(&sandbox.repository(), "a dry run");
        sandbox.ckpt(&["init"]).succeeds().says("Made .ckpt/context.md");
        assert_eq!(sandbox.git(&["--no-optional-locks", "status", "--short"]), "", "{exclude:?}");
        sandbox.ckpt(&["init"]).succeeds().says("already");
        edit(&sandbox, "## Architecture\n", "## Architecture\n\nthree layers\n");
        sandbox.ckpt(&["uninit"]).succeeds().says("Removed .ckpt/context.md").warns("edited by hand: Architecture");
        files.must_equal(&sandbox.picture(), &format!("{exclude:?}"));
        repository.must_equal(&sandbox.repository(), &format!("{exclude:?}"));
        sandbox.ckpt(&["context", "show"]).succeeds().says("three layers");
        sandbox.ckpt(&["uninit"]).succeeds().warns("nothing to take back");
    }
}

#[test]
fn a_context_that_is_there_is_kept_where_it_is() {
    let sandbox = Sandbox::new();
    sandbox.write(".claude/context.md", "# Mine\r\n\r\n## Known Issues\r\n\r\n* [ ] old\r\n");
    sandbox.commit("context");
    let repository = sandbox.repository();
    sandbox.ckpt(&["init"]).succeeds().says("Took .claude/context.md as the context");
    repository.must_equal(&sandbox.repository(), "nothing is excluded");
    sandbox.ckpt(&["issue", "new"]).succeeds().says("Added 2");
    let text = "# Mine\r\n\r\n## Known Issues\r\n\r\n* [ ] old\r\n* [ ] new\r\n";
    assert_eq!(sandbox.read(".claude/context.md"), text.as_bytes());
    sandbox.ckpt(&["save"]).succeeds();
    sandbox.ckpt(&["save"]).succeeds().says("Nothing changed");
    sandbox.ckpt(&["uninit"]).succeeds().says("Left .claude/context.md where it is");
    assert_eq!(sandbox.read(".claude/context.md"), text.as_bytes());
}

#[test]
fn the_place_and_the_sections_can_be_configured_but_not_by_the_repository_content() {
    let sandbox = Sandbox::new();
    sandbox.git(&["config", "ckpt.contextFile", "docs/plan.md"]);
    sandbox.git(&["config", "--add", "ckpt.contextSection", "Goal"]);
    sandbox.git(&["config", "--add", "ckpt.contextSection", "Known Issues"]);
    sandbox.ckpt(&["init"]).succeeds().says("Made docs/plan.md").says("Added /docs/plan.md");
    let text = String::from_utf8(sandbox.read("docs/plan.md")).unwrap();
    assert!(text.contains("## Goal\n") && !text.contains("## Architecture"), "{text}");
    assert_eq!(sandbox.git(&["status", "--short"]), "");
    sandbox.ckpt(&["uninit"]).succeeds();
    assert!(!sandbox.exists("docs"));
    for bad in ["../x.md", "/etc/x", ".git/x", "docs/"] {
        sandbox.git(&["config", "ckpt.contextFile", bad]);
        sandbox.ckpt(&["init"]).ends_with(1).warns(bad);
    }
    sandbox.git(&["config", "--unset", "ckpt.contextFile"]);
    std::fs::create_dir_all(sandbox.home().join(".config/ckpt")).unwrap();
    let own = "[context]\nfile = \"notes/context.md\"\nsections = [\"Now\", \"Later\"]\n";
    std::fs::write(sandbox.home().join(".config/ckpt/config.toml"), own).unwrap();
    sandbox.ckpt(&["init"]).succeeds().says("notes/context.md");
}

#[test]
fn uninit_clears_the_other_work_trees_too_and_leaves_what_was_edited() {
    let sandbox = initialised();
    for name in ["clean", "edited"] {
        sandbox.git(&["worktree", "add", "-q", &format!("../{name}")]);
        sandbox.ckpt_in(name, &["context", "show"]).succeeds();
    }
    let edited = sandbox.root().join("edited").join(FILE);
    std::fs::write(&edited, "# mine\n").unwrap();
    sandbox.ckpt(&["uninit"]).succeeds().says("which was edited");
    assert!(!sandbox.root().join("clean/.ckpt").exists());
    assert_eq!(std::fs::read_to_string(&edited).unwrap(), "# mine\n");
}

#[test]
fn a_base_that_is_lost_costs_no_edit_and_no_duplicate() {
    let sandbox = initialised();
    let base = sandbox.git_dir().join("ckpt/worktree/context-base");
    std::fs::remove_file(&base).unwrap();
    sandbox.ckpt(&["issue", "second"]).succeeds();
    assert_eq!(context(&sandbox).matches("the token expires").count(), 1);
    std::fs::remove_file(&base).unwrap();
    edit(&sandbox, "- [ ] second", "- [ ] second\n- [ ] third");
    sandbox.ckpt(&["issue", "list"]).succeeds().says("third");
    assert_eq!(context(&sandbox).matches("second").count(), 1, "{}", context(&sandbox));
}

#[test]
fn hand_made_text_reaches_no_terminal_raw_and_no_program_changed() {
    let sandbox = initialised();
    edit(&sandbox, "the token expires", "the \u{1b}[31mtoken\u{7}");
    let shown = sandbox.ckpt(&["context", "show"]).succeeds();
    assert!(shown.stdout_bytes().windows(4).any(|bytes| bytes == b"\x1b[31"), "a pipe gets the bytes");
    let listed = Outcome::of(&mut sandbox.ckpt_command(&["issue", "list"])).succeeds();
    assert!(!listed.stdout_bytes().contains(&0x1b), "{}", listed.describe());
}

#[test]
fn facts_that_were_deleted_stay_away_until_they_are_asked_for() {
    let sandbox = initialised();
    let text = file(&sandbox);
    let (before, rest) = text.split_once("<!-- ckpt:facts").unwrap();
    let (_, after) = rest.split_once("<!-- /ckpt:facts -->\n").unwrap();
    sandbox.write(FILE, format!("{before}{after}"));
    sandbox.ckpt(&["note", "x"]).succeeds();
    sandbox.save(&[]);
    assert!(!file(&sandbox).contains("ckpt:facts"));
    sandbox.ckpt(&["context", "facts"]).succeeds().says("Put the facts into the context");
    assert!(file(&sandbox).contains("- branch: `main`\n"), "{}", file(&sandbox));
    sandbox.ckpt(&["context", "facts"]).succeeds().says("already");
    sandbox.ckpt(&["context", "facts", "--remove"]).succeeds();
    assert!(!file(&sandbox).contains("ckpt:facts"));
}

#[test]
fn words_and_file_work_before_the_first_commit_and_in_a_folder_below() {
    let sandbox = Sandbox::unborn();
    sandbox.mkdir("deep/er");
    sandbox.ckpt_in("work/deep/er", &["init"]).succeeds().says("Made .ckpt/context.md");
    sandbox.ckpt_in("work/deep/er", &["note", "x"]).succeeds();
    assert!(file(&sandbox).contains(": x\n") && file(&sandbox).contains("- branch: `main`\n"), "{}", file(&sandbox));
    sandbox.ckpt(&["status"]).succeeds().says("Context: 0 open issues, 0 to-dos\n");
    sandbox.ckpt(&["load"]).ends_with(1).warns("nothing has been saved yet");
    sandbox.save(&[]);
}

#[test]
fn a_load_says_that_the_context_went_on() {
    let sandbox = initialised();
    sandbox.save(&["before"]);
    sandbox.write("a.txt", "changed\n");
    sandbox.ckpt(&["issue", "later"]).succeeds();
    sandbox.ckpt(&["load", "before", "--yes"]).succeeds().warns("ckpt context restore");
    assert!(file(&sandbox).contains("later"), "a load leaves the living document alone");
    sandbox.ckpt(&["context", "restore", "before"]).succeeds();
    assert!(!file(&sandbox).contains("later"));
}

#[test]
fn quiet_making_and_taking_back_print_nothing() {
    let sandbox = Sandbox::new();
    let _ = sandbox.ckpt(&["init", "-q"]).succeeds().prints_nothing();
    assert!(sandbox.exists(".ckpt/context.md"));
    let _ = sandbox.ckpt(&["uninit", "-q"]).succeeds().prints_nothing();
    assert!(!sandbox.exists(".ckpt"));
}
