//! Chains of sessions made by hand, for what no command makes: other kinds, other clocks, forged histories.

use std::io::Write;
use std::process::Stdio;

use crate::sandbox::Sandbox;

/// A session that grows commit by commit.
pub struct Chain<'a> {
    sandbox: &'a Sandbox,
    name: String,
    record: String,
    lines: String,
    pub tip: Option<String>,
}

impl<'a> Chain<'a> {
    /// `details` are further lines of the record.
    pub fn new(sandbox: &'a Sandbox, name: &str, details: &str) -> Chain<'a> {
        let created = "created = \"2026-11-20T08:00:00Z\"";
        let record = format!("version = 1\nrevision = 0\ntitle = \"{name}\"\n{created}\n{details}\n");
        Chain { sandbox, name: name.to_owned(), record, lines: String::new(), tip: None }
    }

    /// One more commit, with these lines of events, at this time; another session ends in it where one is given.
    pub fn commit(&mut self, time: &str, lines: &[String], ended: Option<&str>) {
        for line in lines {
            self.lines.push_str(line);
            self.lines.push('\n');
        }
        let record = self.pipe(&["hash-object", "-w", "--stdin"], &self.record);
        let segment = self.pipe(&["hash-object", "-w", "--stdin"], &self.lines);
        let events = self.pipe(&["mktree"], &format!("100644 blob {segment}\t000001.jsonl\n"));
        let tree = format!("040000 tree {events}\tevents\n100644 blob {record}\tsession.toml\n");
        let tree = self.pipe(&["mktree"], &tree);
        let mut arguments = vec!["commit-tree", &tree, "-m", "words", "-m", "Ckpt-Version: 1\nCkpt-Sequence: 0"];
        let parents: Vec<String> = self.tip.iter().cloned().chain(ended.map(str::to_owned)).collect();
        parents.iter().for_each(|parent| arguments.extend(["-p", parent]));
        let mut command = self.sandbox.command("git");
        command.args(&arguments).env("GIT_AUTHOR_DATE", time).env("GIT_COMMITTER_DATE", time);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let tip = String::from_utf8(output.stdout).unwrap().trim().to_owned();
        self.sandbox.git(&["update-ref", &format!("refs/ckpt/sessions/{}", self.name), &tip]);
        self.tip = Some(tip);
    }

    /// One commit for each of `entries`: time, kind, text and further fields as JSON.
    pub fn tell(&mut self, entries: &[(&str, &str, &str, &str)]) {
        for &(time, kind, text, fields) in entries {
            self.commit(time, &[line(time, kind, text, fields)], None);
        }
    }

    fn pipe(&self, arguments: &[&str], input: &str) -> String {
        let mut command = self.sandbox.command("git");
        let mut child = command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "git {arguments:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }
}

/// The line of an event; `fields` is empty, or begins with a comma.
pub fn line(time: &str, kind: &str, text: &str, fields: &str) -> String {
    let text = serde_json::to_string(text).unwrap();
    let unique = format!("{time}{kind}{text}{fields}");
    let id = unique
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    format!("{{\"id\":\"{:012x}\",\"time\":\"{time}\",\"kind\":\"{kind}\",\"text\":{text}{fields}}}", id >> 16)
}

/// Puts lines into the journal of a session.
pub fn wait(sandbox: &Sandbox, session: &str, lines: &[String]) {
    let folder = sandbox.git_dir().join("ckpt/journal");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(format!("{session}.jsonl")), lines.join("\n") + "\n").unwrap();
}

/// Every kind that an event may have, with the fields that it comes with.
pub const KINDS: [(&str, &str, &str); 25] = [
    ("note", "the login works", ""),
    ("decision", "use JWT", ",\"why\":\"no state\",\"instead_of\":\"cookies\""),
    ("issue", "the token expires", ""),
    ("issue-done", "the token expires", ",\"number\":1"),
    ("todo", "write the docs", ""),
    ("todo-done", "write the docs", ",\"number\":1"),
    ("next", "run the tests\nsplit it", ",\"steps\":[\"run the tests\",\"split it\"]"),
    ("context", "set Architecture", ",\"action\":\"set\",\"sections\":[\"Architecture\"]"),
    (
        "commit",
        "add login",
        ",\"commit\":\"0123456789012345678901234567890123456789\",\"lines_added\":3,\"lines_removed\":1",
    ),
    ("checkout", "side", ",\"branch\":\"side\""),
    ("merge", "Merge side", ",\"squash\":true"),
    ("rewrite", "rebased 2 commits", ",\"by\":\"rebase\""),
    ("failure", "the build is broken", ""),
    ("session", "", ",\"state\":\"paused\""),
    ("branch", "", ",\"child\":\"fix\",\"child_branch\":\"hot/fix\""),
    ("return", "fix came back", ",\"child\":\"fix\",\"outcome\":\"merged\""),
    ("check", "", ",\"item\":\"write a test\",\"state\":\"undone\""),
    ("pin", "use JWT", ",\"about\":\"00aa\""),
    ("unpin", "use JWT", ",\"about\":\"00aa\""),
    ("variable", "", ",\"key\":\"area\",\"value\":\"auth\""),
    ("prompt", "make it work\nand fast", ""),
    (
        "tool",
        "",
        ",\"name\":\"Bash\",\"arguments\":{\"command\":\"cargo test\"},\"result\":\"1 failed\",\"failed\":true",
    ),
    ("tool", "", ",\"name\":\"Edit\",\"paths\":[\"src/main.rs\"],\"result\":{\"lines\":3}"),
    ("command", "cargo test", ",\"exit\":101"),
    ("novelty", "from a newer ckpt", ",\"depth\":[1,{\"x\":null}]"),
];
