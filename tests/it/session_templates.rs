//! `ckpt session start --template`.

use crate::sandbox::Sandbox;
use crate::session::current;

#[test]
fn a_template_gives_branch_plan_and_context() {
    let sandbox = Sandbox::new();
    let arguments = ["session", "start", "User notifications", "--template", "feature"];
    sandbox
        .ckpt(&arguments)
        .succeeds()
        .says("on its new git branch feature/user-notifications")
        .says("by the template");
    assert_eq!(sandbox.git(&["symbolic-ref", "--short", "HEAD"]), "feature/user-notifications");
    let shown = sandbox.ckpt(&["session", "show", "--json"]).succeeds().json();
    assert_eq!((&shown["name"], &shown["template"]["name"]), (&"user-notifications".into(), &"feature".into()));
    assert!(shown["checklist"]["total"].as_u64().unwrap() > 5, "{shown}");
    assert!(shown["checklist"]["open"][0]["phase"].as_str().is_some_and(|phase| !phase.is_empty()));
    sandbox.ckpt(&["session", "show"]).succeeds().says("Plan: 0 of").says("see `ckpt progress`");
    sandbox.save(&["point"]);
    sandbox.ckpt(&["show", "point"]).succeeds().says("- [ ] ");
    sandbox.ckpt(&["session", "close"]).ends_with(1).warns("Open in the plan (0 of");
}

#[test]
fn a_template_stays_on_the_branch_where_that_is_wished() {
    let sandbox = Sandbox::new();
    sandbox.ckpt(&["session", "start", "One", "--template", "feature", "--no-branch"]).succeeds();
    assert_eq!(sandbox.git(&["symbolic-ref", "--short", "HEAD"]), "main");
    sandbox.ckpt(&["session", "start", "Two", "--template", "feature", "--branch", "mine"]).succeeds();
    assert_eq!(sandbox.git(&["symbolic-ref", "--short", "HEAD"]), "mine");
}

#[test]
fn what_a_template_needs_is_named_where_nobody_can_be_asked() {
    let sandbox = Sandbox::new();
    let before = sandbox.git(&["for-each-ref"]);
    let text = "+++\ndescription = \"x\"\n[variables.ticket]\nrequired = true\npattern = \"[A-Z]+-[0-9]+\"\n+++\n# Plan\n## Do\n\
                - [ ] {{ ticket }}\n";
    let folder = sandbox.home().join(".config/ckpt/templates");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("mine.md"), text).unwrap();
    let start = |more: &[&str]| sandbox.ckpt(&[&["session", "start", "Work", "--template", "mine"], more].concat());
    start(&[]).ends_with(1).warns("ticket");
    start(&["--var", "ticket=nonsense"]).ends_with(1).warns("does not match");
    start(&["--var", "ticket=A-1", "--var", "other=x"]).ends_with(1).warns("other");
    sandbox.ckpt(&["session", "start", "Work", "--template", "featur"]).ends_with(1).warns("feature");
    assert_eq!((sandbox.git(&["for-each-ref"]), current(&sandbox)), (before, "main".to_owned()));
    start(&["--var", "ticket=A-1"]).succeeds();
    let shown = sandbox.ckpt(&["session", "show", "--json"]).succeeds().json();
    assert_eq!((&shown["variables"]["ticket"], &shown["checklist"]["open"][0]["text"]), (&"A-1".into(), &"A-1".into()));
}
