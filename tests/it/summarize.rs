//! `ckpt summarize RANGE`, and the user's own writer.

use crate::sandbox::Sandbox;

/// A history with one of each: features, fixes, chores, a revert, fix-ups, a merged pull request.
fn history() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.git(&["tag", "v1.0.0"]);
    let commit = |path: &str, subject: &str| {
        let before = if sandbox.exists(path) { sandbox.read(path) } else { Vec::new() };
        let text = format!("{}pub fn f{}() {{}}\n", String::from_utf8(before).unwrap(), subject.len());
        sandbox.write(path, text);
        sandbox.commit(subject)
    };
    commit("src/sync.rs", "sync: add `try_lock` (#11)");
    commit(".github/workflows/ci.yml", "ci: test on macOS (#12)");
    commit("src/net.rs", "net: fix a leak of sockets (#13)");
    commit("tests/net.rs", "fix flaky test (#14)");
    commit("src/time.rs", "time: add a wheel (#15)");
    sandbox.git(&["revert", "--no-edit", "HEAD"]);
    commit("README.md", "docs: fix typo (#16)");
    sandbox.git(&["checkout", "-q", "-b", "topic"]);
    commit("src/io.rs", "wip on pipes");
    commit("src/io.rs", "more pipes");
    sandbox.git(&["checkout", "-q", "main"]);
    sandbox.git(&[
        "merge",
        "-q",
        "--no-ff",
        "topic",
        "-m",
        "Merge pull request #17 from ann/topic",
        "-m",
        "io: support named pipes",
    ]);
    commit("Cargo.toml", "chore: prepare v1.1.0");
    sandbox.git(&["tag", "v1.1.0"]);
    sandbox
}

#[test]
fn a_range_is_told_in_the_lines_that_matter() {
    let sandbox = history();
    let text = sandbox.ckpt(&["summarize", "v1.0.0..v1.1.0", "--max-lines", "3"]).succeeds().stdout();
    assert_eq!(text.lines().count(), 3, "{text}");
    for number in ["(#11)", "(#13)", "(#17)"] {
        assert!(text.contains(number), "{number} in {text}");
    }
    let all = sandbox.ckpt(&["summarize", "v1.0.0..v1.1.0"]).succeeds().stdout();
    assert!(all.contains("io: support named pipes (#17)") && !all.contains("more pipes"), "{all}");
    assert!(all.contains("time: add a wheel, and taken back (#15)"), "{all}");
    assert!(all.contains("## Added") && all.contains("## Fixed"), "{all}");
    let value = sandbox.ckpt(&["summarize", "v1.0.0..v1.1.0", "--json"]).succeeds().json();
    assert_eq!((&value["range"], &value["commits"]), (&"v1.0.0..v1.1.0".into(), &11.into()));
    for line in value["lines"].as_array().unwrap() {
        for source in line["sources"].as_array().unwrap() {
            sandbox.git(&["cat-file", "-e", &format!("{}^{{commit}}", source.as_str().unwrap())]);
        }
    }
    // Nothing of ckpt's is needed, and nothing is made.
    assert_eq!(sandbox.git(&["for-each-ref", "refs/ckpt"]), "");
}

#[test]
fn lines_of_a_range_unfold() {
    let sandbox = history();
    sandbox.ckpt(&["summarize", "v1.0.0..v1.1.0", "--max-lines", "3"]).succeeds();
    sandbox.ckpt(&["expand", "1"]).succeeds().says("diff --git");
    let revert = sandbox.ckpt(&["summarize", "v1.0.0..v1.1.0", "--json"]).succeeds().json();
    let lines = revert["lines"].as_array().unwrap();
    let place = lines.iter().position(|line| line["count"] == 2).unwrap();
    sandbox.ckpt(&["expand", &(place + 1).to_string()]).succeeds().says("Revert");
}

#[test]
fn every_form_of_range_is_taken_and_anything_else_refused() {
    let sandbox = history();
    for range in ["HEAD", "v1.0.0..", "v1.0.0...v1.1.0", "HEAD~2..HEAD"] {
        sandbox.ckpt(&["summarize", range]).succeeds().says("1. ");
    }
    sandbox.ckpt(&["summarize", "HEAD..HEAD"]).succeeds();
    for range in ["nothing..HEAD", "--all", "HEAD:a.txt", "", "..\u{1b}[2J"] {
        let outcome = sandbox.ckpt(&["summarize", "--", range]).ends_with(1).mentions("is no range of commits");
        assert!(!outcome.stderr().contains('\u{1b}'));
    }
    let failed = sandbox.ckpt(&["summarize", "none..HEAD", "--json"]).ends_with(1).json();
    assert_eq!(failed["code"], "bad-range");
    Sandbox::unborn().ckpt(&["summarize", "HEAD"]).ends_with(1);
}

#[test]
fn a_release_of_one_package_is_about_that_package() {
    let sandbox = Sandbox::new();
    for name in ["core", "extra"] {
        sandbox.write(format!("{name}/Cargo.toml"), format!("[package]\nname = \"{name}\"\n"));
        sandbox.write(format!("{name}/src/lib.rs"), "\n");
    }
    sandbox.commit("begin");
    sandbox.git(&["tag", "core-1.0.0"]);
    sandbox.write("extra/src/lib.rs", "pub fn extra() {}\n");
    sandbox.commit("add `extra` (#1)");
    sandbox.write("core/src/lib.rs", "fn core() {}\n");
    sandbox.commit("say it otherwise (#2)");
    sandbox.git(&["tag", "core-1.1.0"]);
    sandbox.ckpt(&["summarize", "core-1.0.0..core-1.1.0", "--max-lines", "1"]).succeeds().says("(#2)");
    sandbox.git(&["tag", "extra-1.1.0"]);
    sandbox.ckpt(&["summarize", "core-1.0.0..extra-1.1.0", "--max-lines", "1"]).succeeds().says("(#1)");
}

fn configure(sandbox: &Sandbox, text: &str) {
    let folder = sandbox.home().join(".config/ckpt");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("config.toml"), text).unwrap();
}

fn written_by(command: &str) -> crate::sandbox::Outcome {
    let sandbox = history();
    configure(&sandbox, &format!("[summarizer]\ncommand = {command:?}\ntimeout = 2\n"));
    sandbox.ckpt(&["summarize", "v1.0.0..v1.1.0", "--budget", "900"]).succeeds()
}

#[test]
fn a_writer_of_ones_own_gets_the_lines_and_must_cite_them() {
    let script = "cat > order.json; id=$(grep -o '\"sources\":\\[\"[0-9a-f]*' order.json | head -1 | tail -c 41); \
                  printf '# All\\n\\n- it is better now [%s]\\n- this is invented [ffffffff]\\n' $id";
    let outcome = written_by(script);
    assert!(outcome.stdout().starts_with("# All\n\n- it is better now ["), "{}", outcome.describe());
    outcome.does_not_say("this is invented").warns("1 line without a known source");
}

#[test]
fn a_writer_of_ones_own_gets_what_the_embedded_text_has_no_room_for() {
    let sandbox = history();
    let embedded = sandbox.ckpt(&["summarize", "v1.0.0..v1.1.0", "--max-lines", "1"]).succeeds().stdout();
    assert!(!embedded.contains("(#16)"), "{embedded}");
    let script = "id=$(tr '{' '\\n' | grep 'typo (#16)' | grep -o '\"sources\":\\[\"[0-9a-f]*' | tail -c 41); echo \"- a word [$id]\"";
    configure(&sandbox, &format!("[summarizer]\ncommand = {script:?}\n"));
    let outcome = sandbox.ckpt(&["summarize", "v1.0.0..v1.1.0", "--max-lines", "1"]).succeeds();
    assert!(outcome.stdout().starts_with("- a word ["), "{}", outcome.describe());
}

#[test]
fn a_writer_that_fails_leaves_the_embedded_text() {
    let cases = [
        ("exit 1", "failed"),
        ("sleep 60", "took longer"),
        ("yes | head -c 3000000", "printed more than 256 KiB"),
        ("true", "printed no line"),
        ("echo Guten Tag, alles ist gut", "printed no line"),
        ("printf '\\377\\376'", "not UTF-8"),
        ("/nonexistent/program", "failed"),
        ("sleep 60 & sleep 60", "took longer"),
    ];
    for (command, problem) in cases {
        let began = std::time::Instant::now();
        written_by(command).says("sync: add `try_lock` (#11)").warns(problem).warns("the embedded summary");
        assert!(began.elapsed().as_secs() < 40, "{command}");
    }
}

#[test]
fn no_file_of_a_repository_names_a_writer() {
    let sandbox = history();
    let text = "[summarizer]\ncommand = \"touch /tmp/ckpt-was-here; echo x\"\n";
    for path in [".ckpt/config.toml", "ckpt.toml", ".ckpt.toml", ".config/ckpt/config.toml"] {
        sandbox.write(path, text.replace("/tmp/ckpt-was-here", "was-here"));
    }
    sandbox.git(&["config", "summarizer.command", "touch was-here"]);
    sandbox.git(&["config", "ckpt.summarizerCommand", "touch was-here"]);
    sandbox.ckpt(&["summarize", "v1.0.0..v1.1.0"]).succeeds();
    sandbox.ckpt(&["summary"]).succeeds();
    assert!(!sandbox.exists("was-here"));
}
