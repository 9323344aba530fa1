//! `docs/spec/uncited.md`: the sections nothing cites, each with the reason.

pub(crate) struct Listed {
    /// As `docs/spec/quectel.md 3.8`.
    pub(crate) section: String,
    pub(crate) reason: String,
}

/// Its table: section, title, reason.
pub(crate) fn listed(text: &str) -> Vec<Listed> {
    text.lines()
        .filter(|line| line.starts_with("| docs/spec/"))
        .map(|line| {
            let mut cells = line.trim_matches('|').split('|').map(str::trim);
            Listed {
                section: cells.next().unwrap_or_default().to_owned(),
                reason: cells.nth(1).unwrap_or_default().to_owned(),
            }
        })
        .collect()
}

mod tests {
    use super::*;

    #[test]
    fn rows_of_the_table() {
        let entries =
            listed("# T\n\n| section | a | b |\n|---|---|---|\n| docs/spec/a.md 3.8 | T | why |\n");
        assert_eq!(entries.len(), 1);
        assert_eq!(entries[0].section, "docs/spec/a.md 3.8");
        assert_eq!(entries[0].reason, "why");
    }
}
