//! Files and what they include.

use std::path::Path;

use attwin_sim::scenario::{LoadError, MAX_FILE_BYTES, Scenario, run};

struct Folder(tempfile::TempDir);

impl Folder {
    fn new(files: &[(&str, &[u8])]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for (name, text) in files {
            let path = folder.path().join(name);
            let parent = path.parent().expect("in the folder");
            std::fs::create_dir_all(parent).expect("created");
            std::fs::write(path, text).expect("written");
        }
        Self(folder)
    }

    fn load(&self, name: &str) -> Result<Scenario, LoadError> {
        Scenario::load(&self.0.path().join(name))
    }

    #[track_caller]
    fn refused(&self, name: &str, words: &str) {
        let error = self.load(name).expect_err("not a scenario").to_string();
        assert!(error.contains(words), "{error}");
    }
}

#[test]
fn an_include_is_relative_to_its_file() {
    let folder = Folder::new(&[
        (
            "a.at",
            b"module quectel-ec25\ninclude \"b/b.inc\"\n> AT{x}\n< OK\n",
        ),
        ("b/b.inc", b"include \"../c.inc\"\n"),
        ("c.inc", b"var x = +CSQ?\n> AT+CGMI\n< Quectel\n< OK\n"),
    ]);
    let scenario = folder.load("a.at").expect("valid");
    let failure = run(&scenario).expect_err("no such form");
    assert_eq!(failure.place.line, 4, "{failure}");
    assert_eq!(scenario.sources.files().count(), 3);
}

#[test]
fn a_failure_names_the_included_file() {
    let folder = Folder::new(&[
        ("a.at", b"module quectel-ec25\ninclude \"c.inc\"\n"),
        ("c.inc", b"> AT\n< ERROR\n"),
    ]);
    let scenario = folder.load("a.at").expect("valid");
    let failure = run(&scenario).expect_err("it is OK");
    assert!(
        failure.place.path().ends_with(Path::new("c.inc")),
        "{failure}"
    );
}

#[test]
fn includes_are_bounded() {
    let chain: Vec<_> = (0..10)
        .map(|n| (format!("{n}.inc"), format!("include \"{}.inc\"\n", n + 1)))
        .collect();
    let mut files: Vec<(&str, &[u8])> = vec![
        ("self.at", b"include \"./x/../self.at\"\n"),
        ("pair.at", b"include \"other.inc\"\n"),
        ("other.inc", b"include \"pair.at\"\n"),
        (
            "absent.at",
            b"module quectel-ec25\ninclude \"nowhere.inc\"\n",
        ),
        ("empty.inc", b""),
    ];
    files.extend(
        chain
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_bytes())),
    );
    let many = "include \"empty.inc\"\n".repeat(64);
    files.push(("many.at", many.as_bytes()));
    let folder = Folder::new(&files);
    folder.refused("self.at", "includes itself");
    folder.refused("pair.at", "includes itself");
    folder.refused("absent.at", "absent.at:2:1: cannot read");
    folder.refused("0.inc", "nested more than 8 deep");
    folder.refused("many.at", "more than 64 files");
}

#[test]
fn files_are_bounded_and_utf_8() {
    let large = vec![b'#'; usize::try_from(MAX_FILE_BYTES).expect("small") + 1];
    let folder = Folder::new(&[("large.at", &large), ("latin.at", b"# a\n# \xfc\n")]);
    folder.refused("large.at", "larger than 1048576 bytes");
    folder.refused("latin.at", "line 2 is not UTF-8");
    folder.refused("none.at", "cannot read");
}
