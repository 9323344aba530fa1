//! The sections of a specification, and what a reference to them means.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use crate::citation::{PARTS, Reference};
use crate::tree;

/// Documents of the folder that have no sections to cite.
const ABOUT: [&str; 2] = ["README.md", "uncited.md"];

pub(crate) struct Specification {
    pub(crate) document: String,
    sections: Vec<Section>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Section {
    number: String,
    title: String,
    kind: Kind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Section,
    /// A point of a numbered list or a row of a numbered table: may be cited, need not be.
    Point,
    /// A row with an ID, of the section of this number.
    Row(String),
}

/// All of them.
pub(crate) fn specifications() -> Vec<Specification> {
    tree::documents("docs/spec")
        .iter()
        .filter(|(name, _)| !ABOUT.contains(&name.as_str()))
        .map(|(name, text)| Specification::parse(name, text))
        .collect()
}

impl Specification {
    /// Sections are headings (`### 3.8 Title`, `## A1. Title`, `# Part A — Title`), paragraphs
    /// that begin with a number below their heading's (`4.1 **Prompt**`), the points of
    /// numbered lists (`1. `) and tables (`| 1 |`) as numbers below their section's, and the rows
    /// (`| B48 |`) of a table that begins with `| ID |`.
    pub(crate) fn parse(document: &str, text: &str) -> Self {
        let mut sections: Vec<Section> = Vec::new();
        let mut heading = String::new();
        let mut current = String::new();
        let mut in_code = false;
        let mut has_ids = false;
        for line in text.lines() {
            if line.starts_with("```") {
                in_code = !in_code;
            }
            if in_code {
                continue;
            }
            has_ids = line.starts_with("| ID |") || has_ids && line.starts_with('|');
            let (number, title, kind) = if let Some((number, title)) = as_heading(line) {
                heading.clone_from(&number);
                current.clone_from(&number);
                (number, title, Kind::Section)
            } else if let Some((number, title)) = as_paragraph(line, &heading) {
                current.clone_from(&number);
                (number, title, Kind::Section)
            } else if let Some((id, title)) = as_row(line).filter(|_| has_ids) {
                (id, title, Kind::Row(current.clone()))
            } else if let Some(point) = as_point(line) {
                let number = format!("{current}.{point}");
                (number, line.trim().to_owned(), Kind::Point)
            } else {
                continue;
            };
            if !sections.iter().any(|section| section.number == number) {
                sections.push(Section {
                    number,
                    title,
                    kind,
                });
            }
        }
        Self {
            document: document.to_owned(),
            sections,
        }
    }

    /// The document this one gives the differences to.
    pub(crate) fn base(&self) -> Option<String> {
        let base = self.document.strip_suffix("-siblings.md")?;
        Some(format!("{base}.md"))
    }

    /// As it is cited.
    pub(crate) fn name(&self, number: &str) -> String {
        format!("docs/spec/{} {number}", self.document)
    }

    /// The sections a reference names, or why it names none.
    pub(crate) fn resolve(&self, reference: &Reference) -> Result<Vec<&str>, String> {
        let Reference { first, last } = reference;
        let from = self.position(first)?;
        let Some(last) = last else {
            return Ok(vec![&self.sections[from].number]);
        };
        let to = self.position(last)?;
        if from >= to || parent(first) != parent(last) {
            return Err(format!("{first} to {last} is no range of sections"));
        }
        Ok(self.sections[from..=to]
            .iter()
            .filter(|section| parent(&section.number) == parent(first))
            .map(|section| section.number.as_str())
            .collect())
    }

    /// The sections without sections or rows of their own of which neither they nor a point are
    /// cited, and the rows of which neither they nor their section are.
    pub(crate) fn uncited(&self, cited: &BTreeSet<String>) -> Vec<String> {
        self.sections
            .iter()
            .filter(|section| section.kind != Kind::Point && !self.has_sections(&section.number))
            .filter(|section| !self.is_cited(section, cited))
            .map(|section| self.name(&section.number))
            .collect()
    }

    /// All of them, as they are cited.
    pub(crate) fn names(&self) -> impl Iterator<Item = String> {
        self.sections
            .iter()
            .map(|section| self.name(&section.number))
    }

    fn position(&self, number: &str) -> Result<usize, String> {
        self.sections
            .iter()
            .position(|section| section.number == number)
            .ok_or_else(|| {
                let nearest = self.nearest(number);
                format!(
                    "{number} does not exist; the nearest is {} ({})",
                    nearest.map_or("none", |section| &section.number),
                    nearest.map_or("", |section| &section.title)
                )
            })
    }

    /// The section that agrees longest with a number, and then differs least from it.
    fn nearest(&self, number: &str) -> Option<&Section> {
        let wanted = parts(number);
        self.sections.iter().min_by_key(|section| {
            let parts = parts(&section.number);
            let same = parts
                .iter()
                .zip(&wanted)
                .take_while(|(a, b)| a == b)
                .count();
            let next = |parts: &[u32]| parts.get(same).copied().unwrap_or(0);
            (
                Reverse(same),
                next(&parts).abs_diff(next(&wanted)),
                parts.len(),
            )
        })
    }

    fn has_sections(&self, number: &str) -> bool {
        self.sections.iter().any(|section| match &section.kind {
            Kind::Section => parent(&section.number) == Some(number),
            Kind::Point => false,
            Kind::Row(holder) => holder == number,
        })
    }

    /// Whether it, one of its points, or the section of a row is.
    fn is_cited(&self, section: &Section, cited: &BTreeSet<String>) -> bool {
        let is_cited = |number: &str| cited.contains(&self.name(number));
        let holder_is_cited = matches!(&section.kind, Kind::Row(holder) if is_cited(holder));
        let point_is_cited = self
            .sections
            .iter()
            .filter(|point| point.kind == Kind::Point)
            .filter(|point| parent(&point.number) == Some(&section.number))
            .any(|point| is_cited(&point.number));
        is_cited(&section.number) || holder_is_cited || point_is_cited
    }
}

/// 3 and 8 for `3.8`, the letter's code and 3 for `A3`.
fn parts(number: &str) -> Vec<u32> {
    let digits = number.trim_start_matches(char::is_alphabetic);
    let letter = number[..number.len() - digits.len()].chars().map(u32::from);
    let digits = digits.trim_end_matches(char::is_alphabetic);
    letter
        .chain(digits.split('.').filter_map(|part| part.parse().ok()))
        .collect()
}

/// `3` for `3.8`, `A` for `A3`; rows whose IDs begin alike make up a range.
fn parent(number: &str) -> Option<&str> {
    match number.rfind('.') {
        Some(dot) => Some(&number[..dot]),
        None if number.len() > 1 && number.starts_with(char::is_alphabetic) => Some(&number[..1]),
        None => None,
    }
}

fn as_heading(line: &str) -> Option<(String, String)> {
    let text = line.trim_start_matches('#');
    if text.len() == line.len() {
        return None;
    }
    let text = text.trim_start();
    let part = text.strip_prefix("Part ");
    let (number, title) = part.unwrap_or(text).split_once(' ')?;
    let number = number.trim_end_matches(['.', ':']);
    let is_section = is_number(number) && (part.is_some() || number.ends_with(char::is_numeric));
    is_section.then(|| (number.to_owned(), title.trim_start_matches("— ").to_owned()))
}

fn as_paragraph(line: &str, heading: &str) -> Option<(String, String)> {
    let (number, title) = line.split_once(' ')?;
    (is_number(number) && parent(number)? == heading)
        .then(|| (number.to_owned(), title.chars().take(40).collect()))
}

/// The ID of a row and its kind.
fn as_row(line: &str) -> Option<(String, String)> {
    let mut cells = line.strip_prefix("| ")?.split(" | ");
    let id = cells.next()?;
    let digits = id.strip_prefix(|c: char| c.is_ascii_uppercase())?;
    let digits = digits
        .strip_suffix(|c: char| c.is_ascii_lowercase())
        .unwrap_or(digits);
    let is_id = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    is_id.then(|| (id.to_owned(), cells.next().unwrap_or_default().to_owned()))
}

/// The number of a point of a list, or of a row of a table.
fn as_point(line: &str) -> Option<u32> {
    let line = line.trim_start();
    match line.strip_prefix("| ") {
        Some(row) => row.split_once(" |")?.0.parse().ok(),
        None => line.split_once(". ")?.0.parse().ok(),
    }
}

/// `3`, `3.8`, `A3.6`, or the letter of a part.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix(PARTS).unwrap_or(text);
    (digits.is_empty() && !text.is_empty())
        || digits
            .split('.')
            .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
}

mod tests {
    use super::*;

    fn numbers(text: &str) -> Vec<String> {
        let sections = Specification::parse("toy.md", text).sections;
        sections.into_iter().map(|section| section.number).collect()
    }

    fn to(first: &str, last: &str) -> Reference {
        Reference {
            first: first.to_owned(),
            last: Some(last.to_owned()),
        }
    }

    #[test]
    fn each_way_to_number_a_section() {
        assert_eq!(
            numbers("## 3. Commands\n### 3.8 AT+X\n#### 12.16 Y: z\n"),
            ["3", "3.8", "12.16"]
        );
        assert_eq!(
            numbers("# Part A — One\n## A1. Identity\n### A2.1 F\n"),
            ["A", "A1", "A2.1"]
        );
        assert_eq!(
            numbers("## 4. Data\n4.1 **Prompt**\n5.1 is not here\n"),
            ["4", "4.1"]
        );
        assert_eq!(numbers("## 4. Data\n1. One\n2. Two\n"), ["4", "4.1", "4.2"]);
        assert_eq!(
            numbers("## 11. Odd\n| # | a |\n|---|---|\n| 1 | x |\n"),
            ["11", "11.1"]
        );
        assert_eq!(numbers("## 12. T\n```\n## 13. No\n```\n"), ["12"]);
        assert_eq!(numbers("# A title without number\n"), [""; 0]);
    }

    const SIBLINGS: &str = "# 1. a\n## 1.5 Publish\n| ID | kind |\n|---|---|\n\
        | B48 | publish |\n| B49 | urc |\n| B49a | life |\n\n\
        ## 1.6 Receive\n| ID | kind |\n|---|---|\n| B50 | limit |\n| U1 | urc |\n\n\
        ## 1.7 Sources\n| tag | what |\n|---|---|\n| L1 | log |\n";

    #[test]
    fn rows_with_an_id() {
        assert_eq!(
            numbers(SIBLINGS),
            ["1", "1.5", "B48", "B49", "B49a", "1.6", "B50", "U1", "1.7"]
        );
        let spec = Specification::parse("toy-siblings.md", SIBLINGS);
        assert_eq!(spec.base().as_deref(), Some("toy.md"));
        assert_eq!(
            spec.resolve(&to("B48", "B50")).unwrap(),
            ["B48", "B49", "B49a", "B50"]
        );
        assert_eq!(spec.resolve(&to("1.5", "1.6")).unwrap(), ["1.5", "1.6"]);
        assert!(spec.resolve(&to("B50", "U1")).is_err());
        assert_eq!(spec.nearest("B60").unwrap().number, "B50");
    }

    #[test]
    fn a_row_is_cited_with_its_section() {
        let spec = Specification::parse("toy-siblings.md", SIBLINGS);
        let uncited = |cited: &[&str]| spec.uncited(&cited.iter().map(|n| spec.name(n)).collect());
        let names = |numbers: &[&str]| numbers.iter().map(|n| spec.name(n)).collect::<Vec<_>>();
        assert_eq!(
            uncited(&["1"]),
            names(&["B48", "B49", "B49a", "B50", "U1", "1.7"])
        );
        assert_eq!(uncited(&["1.5", "U1"]), names(&["B50", "1.7"]));
    }

    #[test]
    fn the_nearest_section() {
        let spec = Specification::parse(
            "toy.md",
            "## 3. a\n### 3.1 b\n### 3.8 c\n## A6. d\n## A8. e\n",
        );
        let nearest = |number| spec.nearest(number).unwrap().number.as_str();
        assert_eq!(nearest("3.7"), "3.8");
        assert_eq!(nearest("3.8.2"), "3.8");
        assert_eq!(nearest("4"), "3");
        assert_eq!(nearest("A9.1"), "A8");
    }

    #[test]
    fn ranges_hold_what_lies_between() {
        let spec = Specification::parse(
            "toy.md",
            "## A6. a\n## A7. b\n### A7.1 c\n## A8. d\n# Part B — e\n## B6. f\n",
        );
        assert_eq!(spec.resolve(&to("A6", "A8")).unwrap(), ["A6", "A7", "A8"]);
        assert!(spec.resolve(&to("A8", "A6")).is_err());
        assert!(spec.resolve(&to("A6", "B6")).is_err());
        assert!(spec.resolve(&to("A6", "A9")).is_err());
    }
}
