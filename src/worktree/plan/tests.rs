use super::*;
use crate::model::omission::Reason;
use crate::worktree::memory::{Captured, Memory, texts};

fn captured(memory: &Memory, files: &[(&str, &str)]) -> Captured {
    Captured { tree: Some(memory.tree_of(files)), ..Captured::default() }
}

fn planned(memory: &Memory, old: &Captured, new: &Captured) -> Plan {
    plan(memory, old.state(), new.state(), &[]).unwrap()
}

fn too_large(path: &str) -> Omission {
    Omission { path: path.into(), reason: Reason::TooLarge { size: 9, limit: 1 } }
}

fn steps(plan: &Plan) -> Vec<String> {
    let mut steps = Vec::new();
    steps.extend(plan.removals.iter().map(|step| format!("remove {}", step.path)));
    steps.extend(
        plan.folder_removals
            .iter()
            .map(|step| format!("rmdir {}{}", step.path, if step.makes_way { " !" } else { "" })),
    );
    steps.extend(plan.folder_creations.iter().map(|step| format!("mkdir {} {:o}", step.path, step.permissions)));
    steps.extend(plan.all_writes().map(|step| {
        let verb = if step.replaces.is_some() { "replace" } else { "create" };
        format!("{verb} {} {:?}", step.path, step.content.form)
    }));
    steps.extend(plan.gitlinks.iter().map(|path| format!("gitlink {path}")));
    steps.extend(
        plan.file_permissions
            .iter()
            .chain(&plan.folder_permissions)
            .map(|step| format!("chmod {} {:o}", step.path, step.permissions)),
    );
    steps
}

#[test]
fn equal_states_need_nothing_and_read_nothing() {
    let memory = Memory::default();
    let state = captured(&memory, &[("a/b", "1"), ("c", "2")]);
    memory.forget(&memory.tree_of(&[("b", "1")]));
    assert_eq!(planned(&memory, &state, &state), Plan::default());
    assert!(Plan::default().is_empty());
}

#[test]
fn only_what_differs_is_touched() {
    let memory = Memory::default();
    let old = captured(&memory, &[("same/x", "1"), ("dir/changed", "1"), ("dir/kept", "1"), ("gone/deep/x", "1")]);
    let new = captured(&memory, &[("same/x", "1"), ("dir/changed", "2"), ("dir/kept", "1"), ("new/deep/y", "1")]);
    let plan = planned(&memory, &old, &new);
    let expected = [
        "remove gone/deep/x",
        "rmdir gone/deep",
        "rmdir gone",
        "mkdir new 755",
        "mkdir new/deep 755",
        "replace dir/changed Verbatim",
        "create new/deep/y Verbatim",
    ];
    assert_eq!(steps(&plan), expected);
    assert_eq!(plan.changes.iter().map(Change::letter).collect::<String>(), "MDA");
    assert_eq!(plan.bytes, 2);
}

#[test]
fn what_stands_now_is_named_so_that_apply_can_prove_it() {
    let memory = Memory::default();
    let mut old = captured(&memory, &[("dos", "a\n"), ("odd", "b")]);
    old.extra.crlf.push("dos".into());
    old.extra.raw.insert("odd".into(), memory.blob(b"raw"));
    let plan = planned(&memory, &old, &captured(&memory, &[]));
    let was: Vec<_> = plan.removals.iter().map(|removal| removal.was).collect();
    assert_eq!(was[0], Content { id: memory.blob(b"a\n"), form: Form::Crlf });
    assert_eq!(was[1], Content { id: memory.blob(b"raw"), form: Form::Verbatim });
}

#[test]
fn kinds_swap_in_an_order_that_works() {
    let memory = Memory::default();
    let old = captured(&memory, &[("a", "1"), ("b/c/d", "1"), ("l", "@a"), ("m", "1")]);
    let new = captured(&memory, &[("a/x", "1"), ("b", "1"), ("l/y", "1"), ("m", "@b")]);
    let expected = [
        "remove a",
        "remove b/c/d",
        "remove l",
        "rmdir b/c",
        "rmdir b !",
        "mkdir a 755",
        "mkdir l 755",
        "create a/x Verbatim",
        "create b Verbatim",
        "create l/y Verbatim",
        "replace m Link",
    ];
    assert_eq!(steps(&planned(&memory, &old, &new)), expected);
}

#[test]
fn extras_alone_make_work_in_equal_trees() {
    let memory = Memory::default();
    let old = captured(&memory, &[("a/b/f", "1\n"), ("a/b/g", "1\n"), ("z", "1")]);
    let mut new = old.clone();
    new.extra.permissions.insert("a/b/f".into(), 0o600);
    new.extra.permissions.insert("a/b".into(), 0o700);
    new.extra.permissions.insert("a".into(), 0o500);
    new.extra.crlf.push("a/b/g".into());
    new.extra.empty_folders.push("a/void/deep".into());
    let expected = [
        "mkdir a/void 755",
        "mkdir a/void/deep 755",
        "replace a/b/g Crlf",
        "chmod a/b/f 600",
        "chmod a/b 700",
        "chmod a 500",
    ];
    assert_eq!(steps(&planned(&memory, &old, &new)), expected);
    let back = [
        "rmdir a/void/deep",
        "rmdir a/void",
        "replace a/b/g Verbatim",
        "chmod a/b/f 644",
        "chmod a/b 755",
        "chmod a 755",
    ];
    assert_eq!(steps(&planned(&memory, &new, &old)), back);
}

#[test]
fn other_bytes_of_a_path_alone_are_work_in_equal_trees() {
    let memory = Memory::default();
    let old = captured(&memory, &[("a/b/f", "1"), ("z", "1")]);
    let mut new = old.clone();
    new.extra.raw.insert("a/b/f".into(), memory.blob(b"raw"));
    for (from, to) in [(&old, &new), (&new, &old)] {
        assert_eq!(steps(&planned(&memory, from, to)), ["replace a/b/f Verbatim"]);
    }
    let mut other = new.clone();
    other.extra.raw.insert("a/b/f".into(), memory.blob(b"other"));
    assert_eq!(steps(&planned(&memory, &new, &other)), ["replace a/b/f Verbatim"]);
}

#[test]
fn what_is_in_the_tree_and_was_not_on_disk_is_neither_made_nor_removed() {
    let memory = Memory::default();
    let mut sparse =
        captured(&memory, &[("d/x", "1"), ("d/y", "1"), ("e/f/z", "1"), ("g/h/i", "1"), ("g/h/j", "1"), ("k", "1")]);
    sparse.extra.absent = ["d/x", "e/f/z", "g/h/i", "k"].map(BString::from).to_vec();
    let nothing = captured(&memory, &[]);
    let back = ["mkdir d 755", "mkdir g 755", "mkdir g/h 755", "create d/y Verbatim", "create g/h/j Verbatim"];
    assert_eq!(steps(&planned(&memory, &nothing, &sparse)), back);
    assert_eq!(
        steps(&planned(&memory, &sparse, &nothing)),
        ["remove d/y", "remove g/h/j", "rmdir d", "rmdir g/h", "rmdir g"]
    );
    let whole = Captured { extra: WorktreeExtra::default(), ..sparse.clone() };
    let more = [
        "mkdir e 755",
        "mkdir e/f 755",
        "create d/x Verbatim",
        "create e/f/z Verbatim",
        "create g/h/i Verbatim",
        "create k Verbatim",
    ];
    assert_eq!(steps(&planned(&memory, &sparse, &whole)), more);
}

#[test]
fn another_usual_mode_reaches_every_path() {
    let memory = Memory::default();
    let old = captured(&memory, &[("a/f", "1"), ("p", "*1")]);
    let mut new = old.clone();
    new.extra.usual.file = 0o664;
    assert_eq!(steps(&planned(&memory, &old, &new)), ["chmod a/f 664"]);
}

#[test]
fn what_either_side_left_out_is_left_alone() {
    let memory = Memory::default();
    let mut old = captured(&memory, &[("big", "now small"), ("d/x", "1"), ("free", "1")]);
    let mut new = captured(&memory, &[("d/nested/file", "1"), ("free", "2")]);
    old.omissions.push(too_large("d/nested"));
    new.omissions.push(too_large("big"));
    let plan = planned(&memory, &old, &new);
    assert_eq!(steps(&plan), ["remove d/x", "replace free Verbatim"]);
    let protected: Vec<_> = plan.protected.iter().map(|one| (one.omission.path.to_string(), one.is_current)).collect();
    assert_eq!(protected, [("big".to_owned(), false), ("d/nested".to_owned(), true)]);
}

#[test]
fn a_failed_filter_protects_nothing() {
    let memory = Memory::default();
    let mut old = captured(&memory, &[("f", "1")]);
    old.omissions.push(Omission { path: "f".into(), reason: Reason::FilterFailed { filter: "lfs".into() } });
    let new = captured(&memory, &[("f", "2")]);
    assert_eq!(steps(&planned(&memory, &old, &new)), ["replace f Verbatim"]);
}

#[test]
fn nested_repositories_are_walls() {
    let memory = Memory::default();
    let old = captured(&memory, &[("gone", "#1"), ("moved", "#1"), ("folder", "#1"), ("file", "1")]);
    let new = captured(&memory, &[("moved", "#2"), ("folder/x", "1"), ("file", "#1"), ("new", "#1")]);
    let expected = [
        "remove file",
        "rmdir gone",
        "mkdir folder 755",
        "create folder/x Verbatim",
        "gitlink file",
        "gitlink new",
        "chmod file 755",
        "chmod new 755",
    ];
    let plan = planned(&memory, &old, &new);
    assert_eq!(steps(&plan), expected);
    let changed = texts(plan.changes.iter().map(|change| &change.path));
    assert_eq!(changed, ["file", "folder", "folder/x", "gone", "new"], "where one moved to is its own business");
    let old = captured(&memory, &[("n/x", "1")]);
    let expected = ["remove n/x", "gitlink n", "chmod n 755"];
    assert_eq!(steps(&planned(&memory, &old, &captured(&memory, &[("n", "#1")]))), expected);
}

#[test]
fn the_folder_of_a_submodule_has_bits_of_its_own() {
    let memory = Memory::default();
    let old = captured(&memory, &[("module", "#1")]);
    let mut new = captured(&memory, &[("module", "#2")]);
    new.extra.permissions.insert("module".into(), 0o700);
    assert_eq!(steps(&planned(&memory, &old, &new)), ["chmod module 700"]);
    assert_eq!(steps(&planned(&memory, &captured(&memory, &[]), &new)), ["gitlink module", "chmod module 700"]);
}

#[test]
fn chosen_paths_are_matched_by_whole_parts() {
    let memory = Memory::default();
    let old = captured(&memory, &[("src/a", "1"), ("src/b", "1"), ("srcs", "1"), ("src/n/x", "1")]);
    let new = captured(&memory, &[("src/a", "2"), ("src/b", "2"), ("srcs", "2"), ("src/n/x", "2"), ("src/n/y", "2")]);
    let planned = |paths: &[&str]| {
        let paths: Vec<BString> = paths.iter().map(|path| BString::from(*path)).collect();
        plan(&memory, old.state(), new.state(), &paths).unwrap()
    };
    assert_eq!(steps(&planned(&["src/a"])), ["replace src/a Verbatim"]);
    assert_eq!(planned(&["src"]).writes.len(), 4);
    assert_eq!(steps(&planned(&["src/n"])), ["replace src/n/x Verbatim", "create src/n/y Verbatim"]);
    assert_eq!(texts(&planned(&["sr", "src/c", "src"]).not_in_target), ["sr", "src/c"]);
}

#[test]
fn a_chosen_path_does_not_remove_what_was_not_chosen() {
    let memory = Memory::default();
    let old = captured(&memory, &[("a", "work")]);
    let new = captured(&memory, &[("a/b", "1")]);
    let plan = plan(&memory, old.state(), new.state(), &["a/b".into()]).unwrap();
    assert!(plan.removals.is_empty());
    assert_eq!(texts(&plan.blocked), ["a"]);
    let old = captured(&memory, &[("a/b", "1"), ("a/c", "1")]);
    let plan = super::plan(&memory, old.state(), captured(&memory, &[]).state(), &["a/b".into()]).unwrap();
    assert_eq!(steps(&plan), ["remove a/b"]);
}

/// States that differ in every way below a folder, once for each name of one.
fn differing_in(memory: &Memory, folders: &[&str]) -> [Captured; 2] {
    let under = |files: &[(&str, &str)]| -> Vec<(String, String)> {
        let paths = folders.iter().flat_map(|folder| files.iter().map(move |file| (folder, file)));
        paths.map(|(folder, (path, text))| (format!("{folder}/{path}"), (*text).to_owned())).collect()
    };
    let captured = |files: &[(&str, &str)]| {
        let files = under(files);
        let files: Vec<_> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        captured(memory, &files)
    };
    let old = captured(&[("changed", "1"), ("gone/x", "1"), ("mode", "1"), ("sub/y", "1"), ("link", "@a")]);
    let mut new =
        captured(&[("changed", "22"), ("mode", "1"), ("sub/y", "1"), ("new/z", "4444"), ("link", "@bb"), ("n", "#1")]);
    for folder in folders {
        new.extra.permissions.insert(format!("{folder}/mode").into(), 0o600);
        new.extra.permissions.insert(format!("{folder}/sub").into(), 0o700);
    }
    [old, new]
}

#[test]
fn what_is_left_alone_is_taken_out_of_every_list() {
    let memory = Memory::default();
    let [old, new] = differing_in(&memory, &["left", "taken"]);
    let mut plan = planned(&memory, &old, &new);
    let whole = plan.clone();
    plan.leave_alone(&memory, Vec::new());
    assert_eq!(plan, whole);
    plan.leave_alone(&memory, vec![too_large("left")]);
    let [old, new] = differing_in(&memory, &["taken"]);
    let protected = Protected { omission: too_large("left"), is_current: true };
    assert_eq!(plan, Plan { protected: vec![protected], ..planned(&memory, &old, &new) });
    assert_eq!((plan.bytes, whole.bytes), (8, 16));
}

#[test]
fn files_that_are_kept_are_neither_removed_nor_told_of() {
    let memory = Memory::default();
    let old = captured(&memory, &[("a", "1"), ("b", "1")]);
    let mut plan = planned(&memory, &old, &captured(&memory, &[]));
    plan.keep_files(&HashSet::from(["a".into()]));
    assert_eq!(steps(&plan), ["remove b"]);
    assert_eq!(texts(plan.changes.iter().map(|change| &change.path)), ["b"]);
}

#[test]
fn folders_and_bits_are_counted_and_a_plan_with_any_step_is_not_empty() {
    let memory = Memory::default();
    let [old, new] = differing_in(&memory, &["d"]);
    assert_eq!(planned(&memory, &old, &new).folder_and_mode_changes(), 5);
    assert_eq!(planned(&memory, &new, &old).folder_and_mode_changes(), 5);
    let base = [("f", "1")];
    let both = |other: (&'static str, &'static str)| [captured(&memory, &base), captured(&memory, &[base[0], other])];
    for other in [("g", "1"), ("l", "@x"), ("n", "#1")] {
        let [old, new] = both(other);
        assert!(!planned(&memory, &old, &new).is_empty() && !planned(&memory, &new, &old).is_empty());
    }
    let mut bits = captured(&memory, &base);
    bits.extra.permissions.insert("f".into(), 0o600);
    assert!(!planned(&memory, &captured(&memory, &base), &bits).is_empty());
}

#[test]
fn missing_objects_are_named_all_at_once() {
    let memory = Memory::default();
    let old = captured(&memory, &[]);
    let new = captured(&memory, &[("a/f", "lost"), ("b/g", "kept"), ("c", "lost too")]);
    let lost = [memory.blob(b"lost"), memory.blob(b"lost too")];
    lost.iter().for_each(|id| memory.forget(id));
    let mut expected = lost.to_vec();
    expected.sort();
    assert_eq!(planned(&memory, &old, &new).missing, expected);
}
