//! `docs/spec/uncited.md`: the sections nothing cites, each, each range or each document with the
//! reason.

use std::collections::BTreeSet;

use crate::citation::citations;
use crate::spec::Specification;

pub(crate) struct Listed {
    /// As `docs/spec/quectel.md 3.8`.
    pub(crate) entry: String,
    /// What it stands for: one section, those of a list or range, or all of the document.
    pub(crate) sections: BTreeSet<String>,
    pub(crate) reason: String,
}

/// Its table: sections, title, reason.
pub(crate) fn listed(text: &str, specifications: &[Specification]) -> Vec<Listed> {
    text.lines()
        .filter(|line| line.starts_with("| docs/spec/"))
        .map(|line| {
            let mut cells = line.trim_matches('|').split('|').map(str::trim);
            let entry = cells.next().unwrap_or_default().to_owned();
            Listed {
                sections: sections(&entry, specifications),
                entry,
                reason: cells.nth(1).unwrap_or_default().to_owned(),
            }
        })
        .collect()
}

/// None for an entry that names no section.
fn sections(entry: &str, specifications: &[Specification]) -> BTreeSet<String> {
    let mut sections = BTreeSet::new();
    for citation in citations(entry) {
        let Some(spec) = specifications
            .iter()
            .find(|spec| spec.document == citation.document)
        else {
            continue;
        };
        if citation.references.is_empty() {
            sections.extend(spec.names());
        }
        for reference in &citation.references {
            let named = spec.resolve(reference).unwrap_or_default();
            sections.extend(named.into_iter().map(|number| spec.name(number)));
        }
    }
    sections
}

mod tests {
    use super::*;

    #[test]
    fn rows_of_the_table() {
        let toy = Specification::parse("toy.md", "## 3. a\n### 3.7 b\n### 3.8 c\n### 3.9 d\n");
        let entries = listed(
            "# T\n\n| section | a | b |\n|---|---|---|\n\
             | docs/spec/toy.md 3.8 | T | why |\n\
             | docs/spec/toy.md 3.8 to 3.9, 3 | | |\n\
             | docs/spec/toy.md | | |\n\
             | docs/spec/toy.md 4 | | |\n",
            &[toy],
        );
        let sections: Vec<Vec<_>> = entries
            .iter()
            .map(|listed| listed.sections.iter().map(|s| &s[17..]).collect())
            .collect();
        assert_eq!(
            sections,
            [
                vec!["3.8"],
                vec!["3", "3.8", "3.9"],
                vec!["3", "3.7", "3.8", "3.9"],
                vec![]
            ]
        );
        assert_eq!(entries[0].entry, "docs/spec/toy.md 3.8");
        assert_eq!(entries[0].reason, "why");
        assert_eq!(entries[1].reason, "");
    }
}
