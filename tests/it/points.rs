//! The ways to name a point.

use crate::sandbox::Sandbox;

/// Four points, half an hour apart; gives their ids, oldest first.
fn four() -> (Sandbox, Vec<String>) {
    let sandbox = Sandbox::new();
    let ids = [("07:30", "p0"), ("08:00", "p1"), ("08:30", "p2"), ("08:55", "p3")]
        .iter()
        .map(|(moment, name)| {
            sandbox.at(&format!("2026-11-21T{moment}:00Z"));
            sandbox.write("a.txt", name);
            sandbox.save(&[name])
        })
        .collect();
    sandbox.at("2026-11-21T09:00:00Z");
    (sandbox, ids)
}

#[track_caller]
fn is(sandbox: &Sandbox, point: &str, id: &str) {
    assert_eq!(sandbox.ckpt(&["show", point, "--json"]).succeeds().json_text("id"), id, "{point}");
}

#[test]
fn every_form() {
    let (sandbox, ids) = four();
    is(&sandbox, "p1", &ids[1]);
    is(&sandbox, &ids[1], &ids[1]);
    is(&sandbox, &ids[1][..7], &ids[1]);
    is(&sandbox, &ids[1][..8].to_uppercase(), &ids[1]);
    is(&sandbox, "@", &ids[3]);
    is(&sandbox, "@~0", &ids[3]);
    is(&sandbox, "@~1", &ids[2]);
    is(&sandbox, "@~3", &ids[0]);
    is(&sandbox, "@{20m}", &ids[2]);
    is(&sandbox, "@{1h}", &ids[1]);
    is(&sandbox, "@{2026-11-21 08:10}", &ids[1]);
    is(&sandbox, "@{2026-11-21T08:30:00Z}", &ids[2]);
    is(&sandbox, "main@", &ids[3]);
    is(&sandbox, "main@~2", &ids[1]);
}

#[test]
fn safety_points_do_not_shift_the_count() {
    let (sandbox, ids) = four();
    sandbox.write("a.txt", "wreck");
    let _ = sandbox.ckpt(&["load", "p0", "--yes"]).succeeds();
    is(&sandbox, "@", &ids[3]);
    is(&sandbox, "@~1", &ids[2]);
}

#[test]
fn unknown_and_impossible() {
    let (sandbox, _) = four();
    for point in
        ["absent", "@~9", "@{9h}", "@{}", "@{tomorrowish}", "other@", "@@", "0000", "@~x", "--all", "p0^", "HEAD"]
    {
        let outcome = sandbox.ckpt(&["show", "--", point]).ends_with(1);
        assert!(outcome.stdout().is_empty(), "{point}: {}", outcome.describe());
        assert!(outcome.stderr().lines().count() >= 1, "{point}");
    }
    let _ = sandbox.ckpt(&["show", "abc"]).ends_with(1).warns("four of its digits");
    let _ = sandbox.ckpt(&["show", "@~9"]).ends_with(1).warns("`@~9` names no checkpoint: ");
    let _ = sandbox.ckpt(&["show", "p"]).ends_with(1).warns("`p`").warns("hint: ");
}

#[test]
fn an_ambiguous_prefix_lists_the_candidates() {
    let sandbox = Sandbox::new();
    let mut ids: Vec<String> = Vec::new();
    let pair = loop {
        let id = sandbox.save(&["--always", "-m", &format!("number {}", ids.len())]);
        if let Some(twin) = ids.iter().find(|other| other[..4] == id[..4]) {
            break (twin.clone(), id);
        }
        ids.push(id);
        assert!(ids.len() < 1500, "no two ids with the same beginning");
        if ids.len() > 400 {
            return;
        }
    };
    let outcome = sandbox.ckpt(&["show", &pair.0[..4]]).ends_with(1);
    let _ = outcome.warns(&pair.0[..8]).warns(&pair.1[..8]);
}

#[test]
fn a_name_wins_over_an_id() {
    let (sandbox, ids) = four();
    let prefix = &ids[0][..6];
    let _ = sandbox.ckpt(&["name", "p3", prefix]).succeeds();
    is(&sandbox, prefix, &ids[3]);
}

#[test]
fn a_mistyped_session_gets_the_nearest() {
    let (sandbox, _) = four();
    for arguments in
        [&["show", "mian@"][..], &["show", "mian@~1"], &["diff", "mian@{20m}"], &["list", "--session", "mian"]]
    {
        let outcome = sandbox.ckpt(arguments).ends_with(1).warns("`mian`");
        let _ = outcome.warns("did you mean").warns("main");
    }
    let _ = sandbox.ckpt(&["load", "mian@", "--yes"]).ends_with(1).warns("main");
    let failure = sandbox.ckpt(&["list", "--session", "mian", "--json"]).ends_with(1).json();
    assert_eq!(failure["code"], "unknown-session");
    assert!(failure["hints"].to_string().contains("`main`"), "{failure}");
    let _ = sandbox.ckpt(&["list", "--session", "nothing-like-it"]).ends_with(1).does_not_say("did you mean");
}
