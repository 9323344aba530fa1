//! Citations in a text: a document of the specification and the sections named after it.

/// Where a citation may go on in the next line, the marks that line begins with.
const COMMENT_MARKS: [&str; 4] = ["///", "//!", "//", "#"];

/// What the numbered parts of a section are called.
const POINTS: [&str; 6] = ["row", "rows", "point", "points", "step", "steps"];

/// The parts a document may have.
pub(crate) const PARTS: [char; 3] = ['A', 'B', 'C'];

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Citation {
    /// Of the document's name, from 1.
    pub(crate) line: usize,
    pub(crate) document: String,
    /// Whether its path begins at the top of the repository.
    pub(crate) rooted: bool,
    /// None where the whole document is meant.
    pub(crate) references: Vec<Reference>,
}

/// One section, or all from the first to the last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reference {
    pub(crate) first: String,
    pub(crate) last: Option<String>,
}

/// Every citation: the path of a document, then a list as `3.8`, `sections 1 and 10`,
/// `A3, A6 to A8 and B3`, `U26a`, `11 rows 2 and 3`, `9.5 point 2`, `9.4 step 6` or `part A`,
/// over line ends too.
pub(crate) fn citations(text: &str) -> Vec<Citation> {
    const FOLDER: &str = "spec/";
    let mut citations = Vec::new();
    for (start, _) in text.match_indices(FOLDER) {
        let before = &text[..start];
        let rest = &text[start + FOLDER.len()..];
        let name = rest
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '-')
            .unwrap_or(rest.len());
        let is_link = before.ends_with("](") || before.ends_with("../");
        if name == 0 || !rest[name..].starts_with(".md") || is_link {
            continue;
        }
        let end = name + ".md".len();
        citations.push(Citation {
            line: before.matches('\n').count() + 1,
            document: rest[..end].to_owned(),
            rooted: before.ends_with("docs/"),
            references: Reader::after(before, &rest[end..]).references(),
        });
    }
    citations
}

/// A section of itself, as `§3.8`, or of its base, as `base §3.8`, that a document refers to.
pub(crate) struct OwnReference {
    /// From 1.
    pub(crate) line: usize,
    pub(crate) reference: Reference,
    pub(crate) in_base: bool,
}

/// What a document of the specification says of itself and of its base.
pub(crate) fn own_references(text: &str) -> Vec<OwnReference> {
    const SIGN: char = '§';
    text.match_indices(SIGN)
        .filter_map(|(start, _)| {
            let before = &text[..start];
            let rest = &text[start + SIGN.len_utf8()..];
            Some(OwnReference {
                line: before.matches('\n').count() + 1,
                reference: Reference {
                    first: rest[..number_length(rest)?].to_owned(),
                    last: None,
                },
                in_base: before.trim_end().ends_with("base"),
            })
        })
        .collect()
}

/// How long the number of a section or the ID of a row is that a text begins with: `3.8`, `A`,
/// `U26a`; `A11-9` means `A11.9`.
fn number_length(text: &str) -> Option<usize> {
    let has_letter = text.starts_with(|c: char| c.is_ascii_uppercase());
    let mut end = usize::from(has_letter);
    loop {
        let digits = text[end..].bytes().take_while(u8::is_ascii_digit).count();
        end += digits;
        let mut next = text[end..].chars();
        let joined = matches!(next.next(), Some('.' | '-'))
            && next.next().is_some_and(|c| c.is_ascii_digit());
        if digits == 0 || !joined {
            break;
        }
        end += 1;
    }
    let is_letter = has_letter && end == 1;
    if has_letter && !is_letter {
        end += usize::from(text[end..].starts_with(|c: char| c.is_ascii_lowercase()));
    }
    let ends = !text[end..].starts_with(|c: char| c.is_alphanumeric() || c == '%');
    let is_number = end > 0 && (!is_letter || text.starts_with(PARTS));
    (is_number && ends).then_some(end)
}

/// Reads the list after the name of a document.
struct Reader<'a> {
    rest: &'a str,
    /// Whether it stands in a comment, so that the next line has to be one.
    in_comment: bool,
}

impl<'a> Reader<'a> {
    fn after(before: &str, rest: &'a str) -> Self {
        let line = before.rsplit('\n').next().unwrap_or_default();
        let in_comment = COMMENT_MARKS
            .iter()
            .any(|mark| line.trim_start().starts_with(mark))
            || line.contains("// ");
        Self { rest, in_comment }
    }

    fn references(mut self) -> Vec<Reference> {
        let mut references: Vec<Reference> = Vec::new();
        let mut section = String::new();
        let mut of_points = false;
        loop {
            let before = self.rest;
            let first = references.is_empty();
            if !first && !self.separator() {
                break;
            }
            match self.word() {
                Some("section" | "sections" | "part" | "parts") => of_points = false,
                Some(word) if !first && POINTS.contains(&word) => of_points = true,
                Some(_) => {
                    self.rest = before;
                    break;
                }
                None => {}
            }
            let Some(number) = self.number() else { break };
            if !of_points {
                section.clone_from(&number);
            }
            let whole = |number: String| match of_points {
                true => format!("{section}.{number}"),
                false => number,
            };
            let last = self.end_of_range().map(whole);
            references.push(Reference {
                first: whole(number),
                last,
            });
        }
        references
    }

    /// What may stand between two sections of a list; nothing but a blank before "row".
    fn separator(&mut self) -> bool {
        let start = self.rest;
        let comma = self.rest.starts_with(',');
        if comma {
            self.rest = &self.rest[1..];
        }
        let before_word = self.rest;
        match self.word() {
            Some("and" | "or") => true,
            Some(word) if POINTS.contains(&word) => {
                self.rest = before_word;
                true
            }
            _ => {
                self.rest = if comma { before_word } else { start };
                comma
            }
        }
    }

    fn end_of_range(&mut self) -> Option<String> {
        let before = self.rest;
        if self.word() == Some("to")
            && let Some(number) = self.number()
        {
            return Some(number);
        }
        self.rest = before;
        None
    }

    /// A word of lower-case letters after a blank, if one comes.
    fn word(&mut self) -> Option<&'a str> {
        let rest = self.after_blank()?;
        let end = rest
            .find(|c: char| !c.is_ascii_lowercase())
            .unwrap_or(rest.len());
        if end == 0 {
            return None;
        }
        self.rest = &rest[end..];
        Some(&rest[..end])
    }

    /// A section's number after a blank, if one comes.
    fn number(&mut self) -> Option<String> {
        let rest = self.after_blank()?;
        let end = number_length(rest)?;
        self.rest = &rest[end..];
        Some(rest[..end].replace('-', "."))
    }

    /// The text after the blank that has to come first, and after the mark of a comment
    /// where the blank is a line end.
    fn after_blank(&self) -> Option<&'a str> {
        let line = self.rest.trim_start_matches([' ', '\t', '\r']);
        let Some(next) = line.strip_prefix('\n') else {
            return (line.len() < self.rest.len()).then_some(line);
        };
        let next = next.trim_start_matches([' ', '\t']);
        let mark = COMMENT_MARKS.iter().find(|mark| next.starts_with(**mark));
        match (self.in_comment, mark) {
            (true, Some(mark)) => Some(next[mark.len()..].trim_start_matches([' ', '\t'])),
            (false, None) => Some(next),
            _ => None,
        }
    }
}

mod tests {
    use super::*;

    /// The sections a citation of `toy.md` names when this stands after it.
    fn sections(after: &str) -> Vec<String> {
        sections_of(&format!("// docs/spec/toy.md{after}"))
    }

    fn sections_of(text: &str) -> Vec<String> {
        let citations = citations(text);
        assert_eq!(citations.len(), 1);
        citations[0]
            .references
            .iter()
            .map(|reference| match &reference.last {
                Some(last) => format!("{}..{last}", reference.first),
                None => reference.first.clone(),
            })
            .collect()
    }

    #[test]
    fn lists() {
        assert_eq!(sections(" 3.8).\nfn f() {}"), ["3.8"]);
        assert_eq!(
            sections(" 3.8, 3.9 and 8: text, 5 of them"),
            ["3.8", "3.9", "8"]
        );
        assert_eq!(sections(" section 3, and section 4.1."), ["3", "4.1"]);
        assert_eq!(sections(" sections 1 and 10)"), ["1", "10"]);
        assert_eq!(
            sections(" A3, A6 to A8 and B3, B6 to B8"),
            ["A3", "A6..A8", "B3", "B6..B8"]
        );
        assert_eq!(sections(" 3.4 to 3.6, 8"), ["3.4..3.6", "8"]);
        assert_eq!(sections(", part A): text"), [""; 0]);
        assert_eq!(sections(" part A): text"), ["A"]);
    }

    #[test]
    fn points_and_rows() {
        assert_eq!(sections(" A11-9."), ["A11.9"]);
        assert_eq!(
            sections(" 9.5, points 3, 4 and 7)"),
            ["9.5", "9.5.3", "9.5.4", "9.5.7"]
        );
        assert_eq!(sections(" 7.3, 11 row 15)"), ["7.3", "11", "11.15"]);
        assert_eq!(
            sections(" 11 rows 2 to 4, section 3"),
            ["11", "11.2..11.4", "3"]
        );
    }

    #[test]
    fn rows_by_id() {
        assert_eq!(sections(" B50."), ["B50"]);
        assert_eq!(
            sections(" B48 to B53, U26a and 1.5)"),
            ["B48..B53", "U26a", "1.5"]
        );
        assert_eq!(sections(" G39a,\n// N1)"), ["G39a", "N1"]);
        assert_eq!(sections(" Q-T1"), [""; 0]);
        assert_eq!(sections(" B48 by ear"), ["B48"]);
        assert_eq!(sections(" PUBEX"), [""; 0]);
    }

    #[test]
    fn what_ends_a_list() {
        assert_eq!(sections(" 7.3, code 6"), ["7.3"]);
        assert_eq!(sections(" 6.4: 5)"), ["6.4"]);
        assert_eq!(sections(" 6.2, 20s"), ["6.2"]);
        assert_eq!(sections(" 3.8 to the end"), ["3.8"]);
        assert_eq!(sections(" has 3 parts"), [""; 0]);
        assert_eq!(sections(")"), [""; 0]);
    }

    #[test]
    fn lists_go_on_in_the_next_line_of_a_comment() {
        for mark in COMMENT_MARKS {
            let text = format!(
                "  {mark} (docs/{}toy.md\n  {mark} 3.8,\n  {mark} 4).",
                "spec/"
            );
            assert_eq!(sections_of(&text), ["3.8", "4"], "{mark}");
        }
        assert_eq!(sections(" 3.8,\n12"), ["3.8"]);
        assert_eq!(sections(" 3.8,\n//\n// 12"), ["3.8"]);
        assert_eq!(sections_of("See docs/spec/toy.md\n3.8."), ["3.8"]);
    }

    #[test]
    fn references_of_a_document_to_itself() {
        let references = own_references("a\n(see §3.8.1, base §4/§5)\n§ x");
        let numbers: Vec<_> = references
            .iter()
            .map(|own| (own.line, own.reference.first.as_str(), own.in_base))
            .collect();
        assert_eq!(
            numbers,
            [(2, "3.8.1", false), (2, "4", true), (2, "5", false)]
        );
    }

    #[test]
    fn where_it_stands_and_whether_its_path_is_whole() {
        let citations = citations("a\n// spec/toy.md 3\n[a](../spec/toy.md)\n");
        assert_eq!(citations.len(), 1);
        assert_eq!(citations[0].line, 2);
        assert!(!citations[0].rooted);
        assert_eq!(citations[0].document, "toy.md");
    }

    #[test]
    fn documents_with_a_hyphen() {
        let citations = citations("// docs/spec/toy-siblings.md 1.5\n");
        assert_eq!(citations[0].document, "toy-siblings.md");
        assert_eq!(citations[0].references[0].first, "1.5");
    }
}
