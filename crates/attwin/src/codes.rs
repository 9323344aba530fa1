//! Fields, their values and what they mean, as people read them.

use attwin_core::{Field, Meaning};

/// What a value means, in one line.
pub(crate) fn meaning(meaning: &Meaning) -> String {
    let mut text = meaning.means.to_owned();
    if let Some(when) = meaning.when {
        text += &format!(" ({when})");
    }
    if let Some(remedy) = meaning.remedy {
        text += &format!("; {remedy}");
    }
    text
}

/// The values of a setting or a field, one a line.
pub(crate) fn values(values: &[Meaning]) -> Vec<String> {
    let width = values.iter().map(|value| value.value.len()).max();
    let width = width.unwrap_or(0);
    let line = |value: &Meaning| format!("{:width$}  {}", value.value, meaning(value));
    values.iter().map(line).collect()
}

/// The fields of a line, each with its values below it.
pub(crate) fn fields(fields: &[Field]) -> Vec<String> {
    let width = fields.iter().map(|field| field.name.len()).max();
    let width = width.unwrap_or(0);
    let mut lines = Vec::new();
    for field in fields {
        lines.push(format!("{:width$}  {}", field.name, field.what));
        lines.extend(
            values(field.values)
                .iter()
                .map(|value| format!("  {value}")),
        );
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_below_their_field() {
        const RESULTS: [Meaning; 2] = [
            Meaning::new("0", "connected"),
            Meaning::new("-1", "not connected")
                .when("no CONNACK came")
                .remedy("check the address"),
        ];
        const FIELDS: [Field; 2] = [
            Field::new("client", "which client"),
            Field::new("result", "how it ended").values(&RESULTS),
        ];
        assert_eq!(
            fields(&FIELDS),
            [
                "client  which client",
                "result  how it ended",
                "  0   connected",
                "  -1  not connected (no CONNACK came); check the address",
            ]
        );
    }
}
