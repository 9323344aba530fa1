//! Modules by name, and names close to a mistyped one.

use attwin_core::{Module, find_module, modules};

use crate::failure::Failure;

/// Least likeness of a name that is suggested (0 to 1).
const ALIKE: f64 = 0.7;

/// The module called `id`.
pub(crate) fn module(id: &str) -> Result<&'static Module, String> {
    find_module(id).ok_or_else(|| {
        let close = closest(id, modules().iter().map(|module| module.id));
        let hint = close.map_or_else(String::new, |close| format!("did you mean {close}? "));
        format!("unknown module `{id}`; {hint}`attwin modules` lists all")
    })
}

/// The module called `id`, for a command line.
pub(crate) fn module_argument(id: &str) -> Result<&'static Module, Failure> {
    module(id).map_err(Failure::Usage)
}

/// Up to three names like `wrong`, the most alike first, as "a, b or c".
pub(crate) fn closest<'a>(wrong: &str, names: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let mut ranked: Vec<_> = names
        .into_iter()
        .map(|name| (likeness(wrong, name), name))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
    let names: Vec<_> = ranked.iter().take(3).map(|(_, name)| *name).collect();
    match names.as_slice() {
        [] => None,
        [one] => Some((*one).to_owned()),
        [first @ .., last] => Some(format!("{} or {last}", first.join(", "))),
    }
}

/// A part of a name is as good as most of it with an error: `ec25` finds
/// `quectel-ec25`. One slip of the fingers is forgiven: `rnu` finds `run`.
fn likeness(wrong: &str, name: &str) -> f64 {
    let (wrong, name) = (wrong.to_lowercase(), name.to_lowercase());
    let part = wrong.len() >= 3 && name.contains(&wrong);
    let slip = wrong.len() >= 3 && strsim::osa_distance(&wrong, &name) == 1;
    strsim::jaro_winkler(&wrong, &name)
        .max(if part { 0.95 } else { 0.0 })
        .max(if slip { 0.8 } else { 0.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_meant_is_found() {
        let error = module("ec25").unwrap_err();
        assert!(error.contains("did you mean quectel-ec25"), "{error}");
        let error = module("Quectel-EC2").unwrap_err();
        assert!(error.contains("quectel-ec25"), "{error}");
        let error = module("zzz").unwrap_err();
        assert_eq!(error, "unknown module `zzz`; `attwin modules` lists all");
        assert!(module("quectel-ec25").is_ok());
    }

    #[test]
    fn three_names_at_most() {
        assert_eq!(
            closest("aaaa", ["aaab", "aaaa", "aaba", "aabb"]),
            Some("aaaa, aaab or aaba".to_owned())
        );
    }
}
