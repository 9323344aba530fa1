//! Results as JUnit XML, the way CI systems read them.

use std::fmt::Write as _;
use std::time::Duration;

use super::diagnosis::Diagnosis;
use super::report::{Outcome, Report};

/// The whole file.
pub(super) fn report(reports: &[Report], took: Duration) -> String {
    let count = |wanted: fn(&Outcome) -> bool| {
        let is_wanted = |report: &&Report| wanted(&report.outcome);
        reports.iter().filter(is_wanted).count()
    };
    let totals = format!(
        r#"tests="{}" failures="{}" errors="{}" time="{:.3}""#,
        reports.len(),
        count(|outcome| matches!(outcome, Outcome::Failed(_))),
        count(|outcome| matches!(outcome, Outcome::Unusable(_))),
        took.as_secs_f64()
    );
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"attwin check\" {totals}>\n  \
         <testsuite name=\"attwin check\" {totals}>\n"
    );
    for report in reports {
        case(&mut xml, report);
    }
    xml.push_str("  </testsuite>\n</testsuites>\n");
    xml
}

fn case(xml: &mut String, report: &Report) {
    let name = Escaped(&report.name()).to_string();
    let class = report.path.parent().map(|folder| folder.to_string_lossy());
    // Writing to a string cannot fail.
    let _ = write!(
        xml,
        r#"    <testcase name="{name}" classname="{}" file="{}" time="{:.3}""#,
        Escaped(class.as_deref().unwrap_or_default()),
        Escaped(&report.path.to_string_lossy()),
        report.took.as_secs_f64()
    );
    let mut inside = String::new();
    match &report.outcome {
        Outcome::Passed | Outcome::Updated => {}
        Outcome::Failed(failure) => {
            let _ = writeln!(
                inside,
                "      <failure message=\"{}\">{}</failure>",
                Escaped(&failure.problem.to_string()),
                Escaped(&failure.to_string())
            );
        }
        Outcome::Unusable(unusable) => {
            let message = Diagnosis::of_unusable(unusable).to_string();
            let text = unusable.to_string();
            let _ = writeln!(
                inside,
                "      <error message=\"{}\">{}</error>",
                Escaped(&message),
                Escaped(&text)
            );
        }
    }
    if !report.skipped.is_empty() {
        inside.push_str("      <system-out>");
        for place in &report.skipped {
            let line = format!("skipped {place}: {}\n", place.line_text().trim());
            let _ = write!(inside, "{}", Escaped(&line));
        }
        inside.push_str("</system-out>\n");
    }
    if inside.is_empty() {
        xml.push_str("/>\n");
    } else {
        let _ = write!(xml, ">\n{inside}    </testcase>\n");
    }
}

/// Text inside XML. What XML 1.0 section 2.2 cannot hold becomes U+FFFD.
struct Escaped<'a>(&'a str);

impl std::fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for char in self.0.chars() {
            match char {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\t' | '\n' => f.write_char(char)?,
                '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => f.write_char('\u{fffd}')?,
                char => f.write_char(char)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_breaks_out() {
        let text = Escaped("a<b>&\"\u{1a}\u{b}é\n").to_string();
        assert_eq!(text, "a&lt;b&gt;&amp;&quot;\u{fffd}\u{fffd}é\n");
    }
}
