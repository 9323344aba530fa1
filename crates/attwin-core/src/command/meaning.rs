//! What the values of a result code, an answer or a setting mean, as data.

/// One value and what it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Meaning {
    /// As it is printed or written: `4`, `-1`, `"hmacsha1"`.
    pub value: &'static str,
    /// What it means, in a few words.
    pub means: &'static str,
    /// When it comes, or what it changes, where that is not plain.
    pub when: Option<&'static str>,
    /// What to do about it, where something can be done.
    pub remedy: Option<&'static str>,
}

/// A field of a line, by the name it has in the line's shape, and its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Field {
    /// Name as it stands in the shape, without angle brackets.
    pub name: &'static str,
    /// What it is, in a few words.
    pub what: &'static str,
    /// Its values, where they are a list.
    pub values: &'static [Meaning],
}

/// A line of information text a command answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Answer {
    /// The line, with `<name>` for what varies and `[…]` around what may be
    /// absent.
    pub shape: &'static str,
    /// The fields worth a word.
    pub fields: &'static [Field],
}

impl Meaning {
    /// A value and what it means.
    pub const fn new(value: &'static str, means: &'static str) -> Self {
        Self {
            value,
            means,
            when: None,
            remedy: None,
        }
    }

    /// With when it comes.
    pub const fn when(mut self, when: &'static str) -> Self {
        self.when = Some(when);
        self
    }

    /// With what to do about it.
    pub const fn remedy(mut self, remedy: &'static str) -> Self {
        self.remedy = Some(remedy);
        self
    }
}

impl Field {
    /// A field that is a number or a text of any value.
    pub const fn new(name: &'static str, what: &'static str) -> Self {
        Self {
            name,
            what,
            values: &[],
        }
    }

    /// With its values.
    pub const fn values(mut self, values: &'static [Meaning]) -> Self {
        self.values = values;
        self
    }
}

impl Answer {
    /// A line whose fields speak for themselves.
    pub const fn new(shape: &'static str) -> Self {
        Self { shape, fields: &[] }
    }

    /// With fields.
    pub const fn fields(mut self, fields: &'static [Field]) -> Self {
        self.fields = fields;
        self
    }
}
