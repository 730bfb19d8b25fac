//! The order of origins, and what is said of bad values.

use std::ffi::OsString;

use super::*;

/// An environment with a configuration file of this text.
fn environment(text: &str, variables: &[(&str, &str)]) -> (tempfile::TempDir, Environment) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("ckpt")).unwrap();
    std::fs::write(folder.path().join("ckpt/config.toml"), text).unwrap();
    let mut all = vec![(OsString::from("XDG_CONFIG_HOME"), folder.path().as_os_str().to_owned())];
    all.extend(variables.iter().map(|(name, value)| (OsString::from(name), OsString::from(value))));
    let environment = Environment::from_variables(all, folder.path());
    (folder, environment)
}

fn defaults() -> Settings {
    Settings::of_defaults(1, 2, 3)
}

#[test]
fn each_origin_beats_the_one_before_it() {
    let text = "[limits]\nmax-file-size = \"10MB\"\nmax-untracked-files = 7\n";
    let (folder, plain) = environment(text, &[]);
    let settings = defaults().resolve(&plain, Flags::default()).unwrap();
    let file = Origin::File(folder.path().join("ckpt/config.toml"));
    assert_eq!(settings.max_file_size, Sourced { value: 10_000_000, origin: file.clone() });
    assert_eq!(settings.max_untracked_files, Sourced { value: 7, origin: file });
    assert_eq!(settings.max_untracked_bytes, Sourced { value: 3, origin: Origin::Default });

    let (_folder, set) = environment(text, &[("CKPT_MAX_FILE_SIZE", "5k"), ("CKPT_MAX_UNTRACKED_FILES", "none")]);
    let settings = defaults().resolve(&set, Flags::default()).unwrap();
    assert_eq!(settings.max_file_size.value, 5_000);
    assert_eq!(settings.max_untracked_files.origin, Origin::Environment("CKPT_MAX_UNTRACKED_FILES"));
    assert_eq!(settings.max_untracked_files.value, u64::MAX);

    let settings = defaults().resolve(&set, Flags { max_file_size: Some(9) }).unwrap();
    assert_eq!(settings.max_file_size, Sourced { value: 9, origin: Origin::Flag("--max-file-size") });
}

#[test]
fn unknown_settings_give_one_warning() {
    let (_folder, environment) = environment("colour = 1\n[limits]\nmax-files = 1\n[hooks]\nrun = \"x\"\n", &[]);
    let settings = defaults().resolve(&environment, Flags::default()).unwrap();
    assert_eq!(settings.warnings.len(), 1);
    for name in ["`colour`", "`limits.max-files`", "`hooks`"] {
        assert!(settings.warnings[0].contains(name), "{}", settings.warnings[0]);
    }
}

#[test]
fn bad_values_name_their_origin() {
    let (_folder, broken) = environment("[limits]\nmax-file-size = = 1\n", &[]);
    let error = defaults().resolve(&broken, Flags::default()).unwrap_err();
    assert!(error.to_string().contains("config.toml: line 2: "), "{error}");

    let (_folder, negative) = environment("[limits]\nmax-untracked-bytes = -1\n", &[]);
    let error = defaults().resolve(&negative, Flags::default()).unwrap_err();
    assert_eq!(error.problem, "`limits.max-untracked-bytes`: it is negative");

    let (_folder, variable) = environment("", &[("CKPT_MAX_UNTRACKED_FILES", "many")]);
    let error = defaults().resolve(&variable, Flags::default()).unwrap_err();
    assert_eq!(error.to_string(), "bad configuration in CKPT_MAX_UNTRACKED_FILES: `many` is not a number");
}

#[test]
fn without_a_file_the_defaults_stand() {
    let folder = tempfile::tempdir().unwrap();
    let variables = [(OsString::from("HOME"), folder.path().as_os_str().to_owned())];
    let environment = Environment::from_variables(variables, folder.path());
    assert_eq!(defaults().resolve(&environment, Flags::default()), Ok(defaults()));
}

#[test]
fn the_context_has_a_place_and_sections() {
    let text = "[context]\nfile = \"docs/context.md\"\nsections = [\"Now\", \"Later\"]\ndocuments = [\"docs/a.md\"]\nmood = 1\n";
    let (_folder, environment) = environment(text, &[]);
    let settings = defaults().resolve(&environment, Flags::default()).unwrap();
    assert_eq!(settings.context_file.value.as_deref(), Some("docs/context.md"));
    assert_eq!(settings.context_sections.value, ["Now", "Later"]);
    assert_eq!(settings.context_documents.value, ["docs/a.md"]);
    assert!(settings.warnings[0].contains("`context.mood`"));
    for bad in
        ["context = 1\n", "[context]\nfile = 1\n", "[context]\nsections = [1]\n", "[context]\ndocuments = \"x\"\n"]
    {
        let (_folder, environment) = self::environment(bad, &[]);
        assert!(defaults().resolve(&environment, Flags::default()).is_err(), "{bad}");
    }
}
