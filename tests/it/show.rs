//! `ckpt show`.

use crate::sandbox::Sandbox;

#[test]
fn the_resume_document_has_what_one_needs_to_go_on() {
    let sandbox = Sandbox::new();
    sandbox.write("a.txt", "staged\n");
    sandbox.git(&["add", "a.txt"]);
    sandbox.write("new.txt", "new\n");
    sandbox.save(&["point", "-m", "login works\n\nthe details", "--next", "write docs"]);
    let head = sandbox.git(&["rev-parse", "--short=7", "HEAD"]);
    let outcome = sandbox.ckpt(&["show"]).succeeds();
    let text = outcome.stdout();
    assert!(text.starts_with('#'), "{text}");
    for part in
        ["login works", "the details", "main", &head, "first", "a.txt", "new.txt", "write docs", "ckpt load point"]
    {
        assert!(text.contains(part), "{part:?} is missing:\n{text}");
    }
}

#[test]
fn as_data_it_has_every_file() {
    let sandbox = Sandbox::new();
    sandbox.write("new.txt", "new\n");
    sandbox.chmod("run.sh", 0o644);
    sandbox.remove("src/main.rs");
    let id = sandbox.save(&["point"]);
    let document = sandbox.ckpt(&["show", "point", "--json"]).succeeds().json();
    assert_eq!(document["schema"], "ckpt.show/1");
    assert_eq!(document["id"], *id);
    assert_eq!(document["timestamp"], "2026-11-21T09:00:00Z");
    assert_eq!(document["head"], sandbox.git(&["rev-parse", "HEAD"]));
    assert_eq!(document["tree"], sandbox.git(&["rev-parse", &format!("{id}^{{tree}}")]));
    let files = document["files"].as_array().unwrap();
    let status = |path: &str| {
        files.iter().find(|file| file["path"] == *path).unwrap_or_else(|| panic!("{path}"))["status"].clone()
    };
    assert_eq!(status("new.txt"), "new");
    assert_eq!(status("run.sh"), "modified");
    assert_eq!(status("src/main.rs"), "deleted");
    assert_eq!(status("a.txt"), "unchanged");
    let oid = sandbox.git(&["rev-parse", &format!("{id}:new.txt")]);
    assert!(files.iter().any(|file| file["oid"] == *oid && file["mode"] == "100644"), "{files:?}");
}

#[test]
fn paths_that_are_not_text_come_as_base64() {
    let sandbox = Sandbox::new();
    sandbox.write(b"odd\xff", "x");
    sandbox.save(&["point"]);
    let document = sandbox.ckpt(&["show", "--json"]).succeeds().json();
    let files = document["files"].as_array().unwrap();
    assert!(files.iter().any(|file| file["path"]["base64"] == "b2Rk/w=="), "{files:?}");
}

#[test]
fn nothing_saved_and_nothing_of_that_name() {
    let sandbox = Sandbox::new();
    let _ = sandbox.ckpt(&["show"]).ends_with(1).warns("ckpt save");
    sandbox.save(&["before-refactor"]);
    let _ = sandbox.ckpt(&["show", "before-refacter"]).ends_with(1).warns("before-refactor");
    let failure = sandbox.ckpt(&["show", "absent", "--json"]).ends_with(1).json();
    assert_eq!(failure["schema"], "ckpt.error/1");
    assert_eq!(failure["exit_code"], 1);
}

#[test]
fn the_context_is_shown_without_the_empty_place_of_its_facts() {
    let sandbox = Sandbox::new();
    let _ = sandbox.ckpt(&["init"]).succeeds();
    let _ = sandbox.ckpt(&["decide", "use JWT"]).succeeds();
    sandbox.save(&["point"]);
    let _ = sandbox.ckpt(&["show", "point"]).succeeds().says("use JWT").does_not_say("ckpt:facts");
}
