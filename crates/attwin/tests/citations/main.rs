//! Citations of the specification: `docs/spec/quectel.md 3.8` in code, scenarios and
//! documents names a section or row that exists, and each of them is cited or listed in
//! `docs/spec/uncited.md` with the reason why nothing cites it.

mod citation;
mod spec;
mod tree;
mod uncited;

use std::collections::BTreeSet;

use citation::{Citation, citations, own_references};
use spec::{Specification, specifications};
use tree::{SourceFile, read, source_files};
use uncited::{Listed, listed};

const UNCITED: &str = "docs/spec/uncited.md";

#[test]
fn every_citation_names_a_section() {
    let specifications = specifications();
    let files = source_files();
    let mut found = 0;
    let mut wrong = Vec::new();
    for file in &files {
        for citation in citations(&file.text) {
            found += 1;
            wrong.extend(complaints(file, &citation, &specifications));
        }
    }
    for spec in &specifications {
        wrong.extend(wrong_own_references(spec, &specifications));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(
        found > 1000,
        "only {found} citations in {} files: the search misses some",
        files.len()
    );
}

#[test]
fn every_section_is_cited_or_listed() {
    let specifications = specifications();
    let cited = cited_sections(&source_files(), &specifications);
    let uncited: BTreeSet<String> = specifications
        .iter()
        .flat_map(|spec| spec.uncited(&cited))
        .collect();
    let listed = listed(&read(UNCITED), &specifications);
    let complaints = compare(&uncited, &listed);
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// What is wrong with a citation, a line each.
fn complaints(
    file: &SourceFile,
    citation: &Citation,
    specifications: &[Specification],
) -> Vec<String> {
    let place = format!("{}:{}", file.path, citation.line);
    let cited = format!("docs/spec/{}", citation.document);
    if !citation.rooted {
        return vec![format!(
            "{place}: write {cited}, from the top of the repository"
        )];
    }
    let Some(spec) = specifications
        .iter()
        .find(|s| s.document == citation.document)
    else {
        return if citation.references.is_empty() && tree::exists(&cited) {
            Vec::new()
        } else {
            vec![format!("{place}: {cited} is no specification")]
        };
    };
    citation
        .references
        .iter()
        .filter_map(|reference| spec.resolve(reference).err())
        .map(|why| format!("{place}: {cited} {why}"))
        .collect()
}

/// What is wrong with the references of a specification to its own sections and those of its
/// base, a line each.
fn wrong_own_references(spec: &Specification, specifications: &[Specification]) -> Vec<String> {
    let path = format!("docs/spec/{}", spec.document);
    let base = specifications
        .iter()
        .find(|s| Some(&s.document) == spec.base().as_ref());
    own_references(&read(&path))
        .iter()
        .filter_map(|own| {
            let spec = base.filter(|_| own.in_base).unwrap_or(spec);
            let why = spec.resolve(&own.reference).err()?;
            Some(format!("{path}:{}: §{why}", own.line))
        })
        .collect()
}

/// Each section that something outside of the specification cites, as `document section`.
fn cited_sections(files: &[SourceFile], specifications: &[Specification]) -> BTreeSet<String> {
    let mut cited = BTreeSet::new();
    for file in files
        .iter()
        .filter(|file| !file.path.starts_with("docs/spec/"))
    {
        for citation in citations(&file.text) {
            let Some(spec) = specifications
                .iter()
                .find(|s| s.document == citation.document)
            else {
                continue;
            };
            for reference in &citation.references {
                for section in spec.resolve(reference).unwrap_or_default() {
                    cited.insert(spec.name(section));
                }
            }
        }
    }
    cited
}

/// What differs between the sections nothing cites and the list of them, a line each. An entry
/// for several sections may stand until all of them are cited.
fn compare(uncited: &BTreeSet<String>, listed: &[Listed]) -> Vec<String> {
    let unlisted = uncited
        .iter()
        .filter(|section| !listed.iter().any(|entry| entry.sections.contains(*section)))
        .map(|section| {
            format!(
                "{section} is cited nowhere: cite it where it is implemented, or list it in {UNCITED}"
            )
        });
    let stale = listed
        .iter()
        .filter(|listed| listed.sections.is_disjoint(uncited))
        .map(|listed| {
            format!(
                "{} is cited or does not exist: remove it from {UNCITED}",
                listed.entry
            )
        });
    let unexplained = listed
        .iter()
        .filter(|listed| listed.reason.is_empty())
        .map(|listed| format!("{} is listed in {UNCITED} without a reason", listed.entry));
    unlisted.chain(stale).chain(unexplained).collect()
}

mod tests {
    use super::*;

    fn toy() -> Specification {
        Specification::parse(
            "toy.md",
            "## 3. Commands\n### 3.8 Publish\n### 3.9 Read\n## 4. Data\n4.1 **Prompt** = x\n",
        )
    }

    fn complaints_about(text: &str) -> Vec<String> {
        let file = SourceFile {
            path: "a/b.rs".to_owned(),
            text: text.to_owned(),
        };
        citations(&file.text)
            .iter()
            .flat_map(|citation| complaints(&file, citation, &[toy()]))
            .collect()
    }

    #[test]
    fn sections_that_exist_are_fine() {
        let text = "// docs/spec/toy.md 3.8,\n// 4.1 and section 3).\n";
        assert_eq!(complaints_about(text), [""; 0]);
    }

    #[test]
    fn a_wrong_section_is_found_with_its_place_and_the_nearest() {
        let text = "fn a() {}\n/// Reads (docs/spec/toy.md 3.8 and\n/// 3.99).\n";
        assert_eq!(
            complaints_about(text),
            ["a/b.rs:2: docs/spec/toy.md 3.99 does not exist; the nearest is 3.9 (Read)"]
        );
    }

    #[test]
    fn a_wrong_document_and_a_short_path_are_found() {
        let text = "// docs/spec/tie.md 3\n";
        assert_eq!(
            complaints_about(text),
            ["a/b.rs:1: docs/spec/tie.md is no specification"]
        );
        let text = "// spec/toy.md 3.8\n";
        assert_eq!(
            complaints_about(text),
            ["a/b.rs:1: write docs/spec/toy.md, from the top of the repository"]
        );
    }

    #[test]
    fn a_section_nothing_cites_is_found_and_so_is_a_stale_entry() {
        let file = SourceFile {
            path: "a/b.rs".to_owned(),
            text: "// docs/spec/toy.md 3.8, 4\n".to_owned(),
        };
        let toy = toy();
        let cited = cited_sections(&[file], std::slice::from_ref(&toy));
        let uncited = toy.uncited(&cited).into_iter().collect();
        let entry = |sections: &[&str], reason: &str| Listed {
            entry: toy.name(&sections.join(", ")),
            sections: sections.iter().map(|section| toy.name(section)).collect(),
            reason: reason.to_owned(),
        };
        let fine = [
            vec![entry(&["3.9"], "because"), entry(&["4.1"], "because")],
            vec![entry(&["3.8", "3.9", "4.1"], "because")],
        ];
        for listed in fine {
            assert_eq!(compare(&uncited, &listed), [""; 0]);
        }
        let complaints = compare(&uncited, &[entry(&["3.8"], "because"), entry(&["4.1"], "")]);
        assert_eq!(complaints.len(), 3, "{complaints:?}");
        assert!(complaints[0].starts_with("docs/spec/toy.md 3.9 is cited nowhere"));
        assert!(complaints[1].starts_with("docs/spec/toy.md 3.8 is cited or does not exist"));
        assert!(complaints[2].ends_with("without a reason"));
    }
}
