//! What a mistyped name was meant to be.

/// Least likeness of a name that is suggested (0 to 1).
const ALIKE: f64 = 0.8;

/// The name most like `wrong`, if one is like it.
pub(crate) fn meant(
    wrong: &str,
    names: impl Iterator<Item = &'static str>,
) -> Option<&'static str> {
    let ranked = names.map(|name| (strsim::jaro_winkler(wrong, name), name));
    let best = ranked.max_by(|a, b| a.0.total_cmp(&b.0));
    best.filter(|(likeness, _)| *likeness >= ALIKE)
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_alike_is_suggested() {
        let names = || ["drop", "half-open", "nat-drop"].into_iter();
        assert_eq!(meant("drp", names()), Some("drop"));
        assert_eq!(meant("nat-drop", names()), Some("nat-drop"));
        assert_eq!(meant("fly", names()), None);
        assert_eq!(meant("", names()), None);
    }
}
