//! `ckpt template`: where templates come from, how they are changed, and what is refused.

use std::fs;
use std::os::unix::fs::symlink;

use crate::sandbox::Sandbox;

const REFS: &str = "refs/ckpt/templates/";

fn refs(sandbox: &Sandbox) -> String {
    sandbox.git(&["for-each-ref", "--format=%(refname) %(objectname)", REFS])
}

fn text_of(sandbox: &Sandbox, name: &str) -> String {
    sandbox.git(&["show", &format!("{REFS}{name}:template.md")])
}

/// A file of the user's own templates.
fn write_own(sandbox: &Sandbox, name: &str, text: &str) {
    let folder = sandbox.home().join(".config/ckpt/templates");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(name), text).unwrap();
}

/// A template whose one item is `item`.
fn plan(description: &str, item: &str) -> String {
    format!("+++\ndescription = \"{description}\"\n+++\n# Plan\n## One\n- [ ] {item}\n")
}

#[test]
fn the_built_in_templates_are_listed_and_shown() {
    let sandbox = Sandbox::new();
    let list = sandbox.ckpt(&["template", "list"]).succeeds().stdout();
    for name in ["bugfix", "docs", "feature", "incident", "refactor", "release", "review", "spike"] {
        assert!(list.lines().any(|line| line.starts_with(name)), "{list}");
        let shown = sandbox.ckpt(&["template", "show", name]).succeeds().says("built-in").says("# Plan").stdout();
        assert!(shown.contains("trusted"), "{shown}");
    }
    assert!(list.lines().all(|line| line.chars().count() <= 80 && !line.contains('…')), "{list}");
    assert_eq!(refs(&sandbox), "");
}

#[test]
fn the_repository_goes_before_the_user_before_the_built_in() {
    let sandbox = Sandbox::new();
    write_own(&sandbox, "feature.md", &plan("mine", "user"));
    let shown = sandbox.ckpt(&["template", "show", "feature", "--json"]).succeeds().json();
    assert_eq!(
        (shown["origin"]["from"].as_str(), shown["hides"][0]["from"].as_str()),
        (Some("user"), Some("built-in"))
    );
    sandbox.write("feature.md", plan("ours", "repository"));
    sandbox.ckpt(&["template", "add", "feature.md"]).succeeds().says("Added feature").says("it hides");
    let shown = sandbox.ckpt(&["template", "show", "feature", "--json"]).succeeds().json();
    assert_eq!((shown["origin"]["from"].as_str(), shown["description"].as_str()), (Some("repository"), Some("ours")));
    let hidden: Vec<_> = shown["hides"].as_array().unwrap().iter().map(|one| one["from"].clone()).collect();
    assert_eq!(hidden, ["user", "built-in"]);
    sandbox.ckpt(&["template", "list"]).succeeds().says("repository*").warns("* hides another template");
    let _ = sandbox.ckpt(&["template", "diff", "feature"]).succeeds().says("-- [ ] user").says("+- [ ] repository");
}

#[test]
fn a_template_is_versioned_removed_and_brought_back() {
    let sandbox = Sandbox::new();
    sandbox.write("plan.md", plan("one", "first"));
    sandbox.ckpt(&["template", "add", "plan.md", "--name", "ours"]).succeeds().says("Added ours");
    sandbox.ckpt(&["template", "add", "plan.md", "--name", "ours"]).succeeds().says("Nothing changed in ours");
    sandbox.write("plan.md", plan("one", "second"));
    sandbox.ckpt(&["template", "add", "plan.md", "--name", "ours"]).succeeds().says("Changed ours");
    let story = sandbox.git(&["log", "--format=%s", &format!("{REFS}ours")]);
    assert_eq!(story, "add ours\nadd ours");
    let diff = sandbox.ckpt(&["template", "diff", "ours"]).succeeds().says("-- [ ] first").says("+- [ ] second");
    assert!(diff.stdout().starts_with("--- version "), "{}", diff.stdout());
    let before = refs(&sandbox);
    sandbox.ckpt(&["template", "remove", "ours"]).succeeds().says("ckpt undo");
    assert_eq!(refs(&sandbox), "");
    sandbox.git(&["gc", "-q", "--prune=now"]);
    sandbox.ckpt(&["undo"]).succeeds().says("template remove ours");
    assert_eq!(refs(&sandbox), before);
    sandbox.ckpt(&["redo"]).succeeds();
    assert_eq!(refs(&sandbox), "");
    let _ = sandbox.ckpt(&["template", "remove", "feature"]).ends_with(1).warns("built in");
}

#[test]
fn a_new_template_is_one_that_makes_sense() {
    let sandbox = Sandbox::new();
    sandbox.ckpt(&["template", "new", "ours"]).succeeds();
    assert!(text_of(&sandbox, "ours").contains("name = \"ours\""));
    sandbox.ckpt(&["template", "show", "ours"]).succeeds().says("the repository (");
    let _ = sandbox.ckpt(&["template", "new", "ours"]).ends_with(1).warns("ckpt template edit ours");
    sandbox.ckpt(&["template", "new", "theirs", "--from", "bugfix"]).succeeds();
    let shown = sandbox.ckpt(&["template", "show", "bugfix", "--json"]).succeeds();
    assert_eq!(text_of(&sandbox, "theirs"), shown.json_text("text").trim_end());
}

#[test]
fn an_edit_of_a_built_in_template_makes_a_copy_and_what_makes_no_sense_is_kept_in_a_file() {
    let sandbox = Sandbox::new();
    let _ = sandbox.ckpt(&["template", "edit", "spike"]).ends_with(1).warns("$EDITOR");
    sandbox.set("EDITOR", "true");
    sandbox.ckpt(&["template", "edit", "spike"]).succeeds().says("Nothing changed");
    assert_eq!(refs(&sandbox), "");
    sandbox.set("EDITOR", "sed -i 's/^## Ask/## Question/'");
    sandbox.ckpt(&["template", "edit", "spike"]).succeeds().says("it hides the built-in one");
    assert!(text_of(&sandbox, "spike").contains("## Question"));
    let before = refs(&sandbox);
    sandbox.set("EDITOR", "sed -i 's/^title = /titel = /'");
    let failure = sandbox.ckpt(&["template", "edit", "spike", "--json"]).ends_with(1).json();
    assert_eq!(failure["code"], "malformed-template");
    assert!(failure["message"].as_str().unwrap().starts_with("spike:3:1: unknown field `titel`"), "{failure}");
    assert_eq!(refs(&sandbox), before);
    let kept = failure["details"][0].as_str().unwrap().strip_prefix("what you wrote is kept in ").unwrap();
    assert!(fs::read_to_string(kept).unwrap().contains("titel = "));
    let text = fs::read_to_string(kept).unwrap().replace("titel", "title").replace("Question", "Why");
    fs::write(kept, text).unwrap();
    sandbox.ckpt(&["template", "add", kept, "--name", "spike"]).succeeds().says("Changed spike");
    sandbox.set("EDITOR", "false");
    let _ = sandbox.ckpt(&["template", "edit", "spike"]).ends_with(1).warns("the editor failed");
}

#[test]
fn two_edits_at_once_lose_nothing() {
    let sandbox = Sandbox::new();
    sandbox.write("ours.md", plan("x", "first"));
    sandbox.ckpt(&["template", "add", "ours.md"]).succeeds();
    sandbox.write("other.md", plan("x", "theirs"));
    let program = env!("CARGO_BIN_EXE_ckpt");
    sandbox.set("EDITOR", &format!("{program} template add other.md --name ours && sed -i 's/first/mine/'"));
    let failure = sandbox.ckpt(&["template", "edit", "ours", "--json"]);
    let failure = failure.ends_with(3);
    assert!(text_of(&sandbox, "ours").contains("theirs"));
    let document: serde_json::Value =
        serde_json::from_str(&failure.stdout()[failure.stdout().rfind("\n{\n").map_or(0, |at| at + 1)..]).unwrap();
    let kept = document["details"][0].as_str().unwrap().strip_prefix("what you wrote is kept in ").unwrap();
    assert!(fs::read_to_string(kept).unwrap().contains("mine"));
}

#[test]
fn an_export_writes_over_nothing() {
    let sandbox = Sandbox::new();
    sandbox.ckpt(&["template", "export", "docs"]).succeeds().says("docs.md");
    let shown = sandbox.ckpt(&["template", "show", "docs", "--json"]).succeeds();
    assert_eq!(String::from_utf8(sandbox.read("docs.md")).unwrap(), shown.json_text("text"));
    let failure = sandbox.ckpt(&["template", "export", "docs", "--json"]).ends_with(1).json();
    assert_eq!(failure["code"], "target-exists");
    symlink("nowhere", sandbox.path("link.md")).unwrap();
    let _ = sandbox.ckpt(&["template", "export", "docs", "link.md"]).ends_with(1).warns("already exists");
    let _ = sandbox.ckpt(&["template", "export", "docs", "no/such/folder.md"]).ends_with(1);
    assert!(!sandbox.exists("nowhere"));
}

#[test]
fn a_template_extends_includes_and_takes_over_the_one_that_it_hides() {
    let sandbox = Sandbox::new();
    sandbox.write("piece.md", "+++\n+++\n- [ ] a piece\n");
    sandbox.write(
        "feature.md",
        "+++\n+++\n{% extends \"feature\" %}\n{% block plan %}{{ super() }}{% include \"piece\" %}{% endblock %}\n",
    );
    let _ = sandbox
        .ckpt(&["template", "add", "feature.md"])
        .ends_with(1)
        .warns("feature.md:4:33: there is no template `piece`");
    sandbox.ckpt(&["template", "add", "piece.md"]).succeeds();
    sandbox.ckpt(&["template", "add", "feature.md"]).succeeds();
    let shown = sandbox.ckpt(&["template", "show", "feature", "--json"]).succeeds().json();
    assert_eq!(shown["parts"], serde_json::json!(["feature", "piece"]));
    assert!(shown["variables"].as_array().unwrap().iter().any(|one| one["name"] == "test_command"));
    let before = shown["version"].clone();
    sandbox.write("piece.md", "+++\n+++\n- [ ] another piece\n");
    sandbox.ckpt(&["template", "add", "piece.md"]).succeeds();
    let after = sandbox.ckpt(&["template", "show", "feature", "--json"]).succeeds().json()["version"].clone();
    assert_ne!(before, after, "what is trusted is all of it");
}

#[test]
fn bad_templates_are_one_clear_error_and_nothing_changes() {
    let sandbox = Sandbox::new();
    sandbox.write("b.md", "+++\n+++\n{% include \"a\" %}\n");
    write_own(&sandbox, "a.md", "+++\n+++\n{% include \"b\" %}\n");
    let large = format!("+++\n+++\n# Plan\n{}", "x".repeat(256 << 10));
    let cases: [(&str, &[u8], &str, &str); 9] = [
        ("b.md", b"+++\n+++\n{% include \"a\" %}\n", "template-cycle", "refers to itself: b \u{2192} a \u{2192} b"),
        ("own.md", b"+++\n+++\n{% include \"own\" %}\n", "template-cycle", "refers to itself: own \u{2192} own"),
        ("x.md", b"+++\ntitle =\n+++\n", "malformed-template", "x.md:2:8: "),
        ("x.md", b"+++\n+++\n{{ nobody }}\n", "malformed-template", "x.md:3:4: there is no variable `nobody`"),
        ("x.md", b"+++\n+++\n\x1b[2J\n", "malformed-template", "x.md:3:1: a template may not hold"),
        ("x.md", b"+++\n+++\n\xff\n", "not-text", "x.md:3:1: the template is not UTF-8"),
        ("x.md", large.as_bytes(), "template-too-large", "the limit is 262144"),
        ("x.md", b"", "malformed-template", "x.md:1:1: a template begins with a line `+++`"),
        ("a b.md", b"+++\n+++\n", "bad-name", "holds ' '"),
    ];
    for (file, text, code, message) in cases {
        sandbox.write(file, text);
        let failure = sandbox.ckpt(&["template", "add", file, "--json"]).ends_with(1).json();
        assert_eq!(failure["code"], code, "{failure}");
        assert!(failure["message"].as_str().unwrap().contains(message), "{failure}");
    }
    for name in ["a..b", "../x", "x.lock", "", "-x", "a/b"] {
        let outcome = sandbox.ckpt(&["template", "add", "a b.md", &format!("--name={name}"), "--json"]).ends_with(1);
        assert_eq!(outcome.json()["code"], "bad-name", "{name}");
    }
    let _ = sandbox.ckpt(&["template", "add", "gone.md"]).ends_with(1).warns("gone.md");
    sandbox.mkdir("folder");
    let _ = sandbox.ckpt(&["template", "add", "folder"]).ends_with(1);
    let _ = sandbox.ckpt(&["template", "show", "featur"]).ends_with(1).warns("did you mean `feature`");
    assert_eq!(refs(&sandbox), "");
}

#[test]
fn one_damaged_template_does_not_hide_the_others() {
    let sandbox = Sandbox::new();
    let head = sandbox.git(&["rev-parse", "HEAD"]);
    sandbox.git(&["update-ref", &format!("{REFS}strange"), head.trim()]);
    write_own(&sandbox, "broken.md", "+++\n\u{1b}[31m\n");
    let list = sandbox.ckpt(&["template", "list"]).succeeds().says("feature").stdout();
    assert!(list.lines().any(|line| line.starts_with("strange") && line.contains("template")), "{list}");
    assert!(!list.contains('\u{1b}'), "{list}");
    let _ = sandbox.ckpt(&["template", "show", "strange"]).ends_with(4);
}

#[test]
fn trust_is_the_users_own_and_for_one_content() {
    let sandbox = Sandbox::new();
    sandbox.write("ours.md", plan("x", "a <!-- verify: make check\u{202e} -->"));
    sandbox.ckpt(&["template", "add", "ours.md"]).succeeds();
    sandbox.ckpt(&["template", "show", "ours"]).succeeds().says("trusted   no");
    sandbox.ckpt(&["template", "trust", "ours"]).succeeds().says("make check\\u{202e}");
    sandbox.ckpt(&["template", "trust", "ours"]).succeeds().says("trusted already");
    sandbox.ckpt(&["template", "show", "ours"]).succeeds().says("trusted   yes");
    let kept = fs::read_to_string(sandbox.home().join(".local/state/ckpt/trusted-templates.toml")).unwrap();
    assert!(kept.contains("make check"), "{kept}");
    sandbox.write("ours.md", plan("y", "a <!-- verify: make check\u{202e} -->"));
    sandbox.ckpt(&["template", "add", "ours.md"]).succeeds();
    sandbox.ckpt(&["template", "show", "ours"]).succeeds().says("trusted   no");
    sandbox.ckpt(&["template", "untrust", "ours"]).succeeds().says("not trusted any more");
    sandbox.ckpt(&["template", "untrust", "ours"]).succeeds().says("was not trusted");
    let _ = sandbox.ckpt(&["template", "trust", "nobody"]).ends_with(1);
}

#[test]
fn each_command_answers_with_its_document() {
    let sandbox = Sandbox::new();
    let commands: [(&[&str], &str); 9] = [
        (&["template", "new", "ours"], "ckpt.template-stored/1"),
        (&["template", "list"], "ckpt.templates/1"),
        (&["template", "show", "ours"], "ckpt.template/1"),
        (&["template", "diff", "ours"], "ckpt.template-diff/1"),
        (&["template", "export", "ours"], "ckpt.template-exported/1"),
        (&["template", "add", "ours.md"], "ckpt.template-stored/1"),
        (&["template", "trust", "ours"], "ckpt.template-trust/1"),
        (&["template", "untrust", "ours"], "ckpt.template-trust/1"),
        (&["template", "remove", "ours"], "ckpt.template-removed/1"),
    ];
    for (arguments, schema) in commands {
        let with_json = [arguments, &["--json"]].concat();
        assert_eq!(sandbox.ckpt(&with_json).succeeds().json()["schema"], schema, "{arguments:?}");
    }
}
