use super::*;
use crate::store::fixture::Fixture;

const SHORT: Duration = Duration::from_millis(50);

fn lock_path(target: &Path) -> PathBuf {
    target.with_extension("lock")
}

#[test]
fn a_lock_of_the_living_holds_and_leaves_nothing_behind() {
    let fixture = Fixture::new();
    let store = fixture.store();
    let layout = store.layout();
    let target = layout.common_dir.join("refs/ckpt/sessions/main");
    let mut held = GitLock::wait(layout, &target, SHORT).unwrap().unwrap();
    assert!(GitLock::wait(layout, &target, SHORT).unwrap().is_none());
    held.fill(b"text\n").unwrap();
    held.commit().unwrap();
    assert_eq!(std::fs::read(&target).unwrap(), b"text\n");
    drop(GitLock::wait(layout, &target, SHORT).unwrap().unwrap());
    assert!(!lock_path(&target).exists());
    assert_eq!(std::fs::read_dir(folder(layout)).unwrap().count(), 0);
}

/// What a process that died with the lock in its hands leaves: both names, and nobody who holds them.
fn abandon(layout: &Layout, target: &Path) {
    let locks = folder(layout);
    private::create_dir(&locks).unwrap();
    std::fs::create_dir_all(target.parent().unwrap()).unwrap();
    std::fs::write(locks.join("dead"), "half").unwrap();
    std::fs::hard_link(locks.join("dead"), lock_path(target)).unwrap();
}

#[test]
fn a_lock_of_the_dead_is_removed_and_one_of_others_is_not() {
    let fixture = Fixture::new();
    let store = fixture.store();
    let layout = store.layout();
    let target = layout.common_dir.join("refs/ckpt/sessions/main");
    abandon(layout, &target);
    drop(GitLock::wait(layout, &target, SHORT).unwrap().expect("its maker is dead"));
    std::fs::write(lock_path(&target), "").unwrap();
    assert!(GitLock::wait(layout, &target, SHORT).unwrap().is_none());
    assert!(lock_path(&target).exists(), "it is git's");
}

#[test]
fn a_lock_on_a_ref_of_ours_does_not_outlive_the_machine() {
    let fixture = Fixture::new();
    let store = fixture.store();
    let layout = store.layout();
    for (name, is_removed) in [("refs/ckpt/sessions/main", true), ("refs/heads/main", false)] {
        let target = layout.common_dir.join(name);
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        let lock = std::fs::File::create(lock_path(&target)).unwrap();
        assert!(GitLock::wait(layout, &target, SHORT).unwrap().is_none(), "a young one is somebody's");
        lock.set_modified(std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(1)).unwrap();
        drop(lock);
        assert_eq!(GitLock::wait(layout, &target, SHORT).unwrap().is_some(), is_removed, "{name}");
    }
}

#[test]
fn sweeping_takes_what_the_dead_left_and_the_locks_that_hang_on_it() {
    let fixture = Fixture::new();
    let store = fixture.store();
    let layout = store.layout();
    let target = layout.common_dir.join("refs/ckpt/sessions/main");
    abandon(layout, &target);
    std::fs::write(folder(layout).join("single"), "").unwrap();
    let other = layout.common_dir.join("refs/heads/theirs.lock");
    std::fs::write(&other, "").unwrap();
    let alive = layout.common_dir.join("refs/ckpt/sessions/alive");
    let held = GitLock::wait(layout, &alive, SHORT).unwrap().expect("nobody has it");
    sweep(layout);
    assert_eq!(std::fs::read_dir(folder(layout)).unwrap().count(), 1);
    assert!(!lock_path(&target).exists() && other.exists() && lock_path(&alive).exists());
    drop(held);
}
