//! Topic names and topic filters (MQTT 3.1.1 section 4.7).

/// Longest topic name or filter in bytes: MQTT counts it in two bytes.
pub const MAX_LENGTH: usize = 65_535;

/// Whether `filter` matches the topic name `topic`.
///
/// Both must be valid. A filter that starts with a wildcard does not match a
/// topic that starts with `$` ([MQTT-4.7.2-1]).
pub fn matches(filter: &str, topic: &str) -> bool {
    if topic.starts_with('$') && filter.starts_with(['+', '#']) {
        return false;
    }
    let mut levels = topic.split('/');
    for pattern in filter.split('/') {
        match (pattern, levels.next()) {
            // Also the parent level itself: `a/#` matches `a` (section 4.7.1.2).
            ("#", _) => return true,
            ("+", Some(_)) => {}
            (pattern, Some(level)) if pattern == level => {}
            _ => return false,
        }
    }
    levels.next().is_none()
}

/// Whether a client may publish to `topic`: not empty, no wildcard, no NUL.
pub fn is_valid_name(topic: &str) -> bool {
    (1..=MAX_LENGTH).contains(&topic.len()) && !topic.contains(['+', '#', '\0'])
}

/// Whether `filter` is well-formed: each wildcard occupies a whole level, and
/// `#` is the last one.
pub fn is_valid_filter(filter: &str) -> bool {
    if !(1..=MAX_LENGTH).contains(&filter.len()) || filter.contains('\0') {
        return false;
    }
    let mut levels = filter.split('/').peekable();
    while let Some(level) = levels.next() {
        match level {
            "+" => {}
            "#" => return levels.peek().is_none(),
            level if level.contains(['+', '#']) => return false,
            _ => {}
        }
    }
    true
}

/// How many levels a topic name or filter has.
pub(super) fn levels(filter: &str) -> usize {
    filter.split('/').count()
}

/// The part of a filter that every topic it matches starts with.
pub(super) fn literal_prefix(filter: &str) -> &str {
    let literal = filter
        .find(['+', '#'])
        .map_or(filter, |wildcard| &filter[..wildcard]);
    // `a/#` matches `a`, too.
    literal.strip_suffix('/').unwrap_or(literal)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn matches_as_the_specification_says() {
        let cases = [
            ("sport/tennis/player1/#", "sport/tennis/player1", true),
            (
                "sport/tennis/player1/#",
                "sport/tennis/player1/score/wimbledon",
                true,
            ),
            ("sport/#", "sport", true),
            ("#", "a/b", true),
            ("sport/tennis/+", "sport/tennis/player1", true),
            ("sport/tennis/+", "sport/tennis/player1/ranking", false),
            ("sport/+", "sport", false),
            ("sport/+", "sport/", true),
            ("+/+", "/finance", true),
            ("/+", "/finance", true),
            ("+", "/finance", false),
            ("#", "$SYS/broker", false),
            ("+/monitor/Clients", "$SYS/monitor/Clients", false),
            ("$SYS/#", "$SYS/broker", true),
            ("$SYS/monitor/+", "$SYS/monitor/Clients", true),
            ("a/#", "ab", false),
            ("ACCOUNTS", "Accounts", false),
        ];
        for (filter, topic, expected) in cases {
            assert_eq!(matches(filter, topic), expected, "{filter} {topic}");
        }
    }

    #[test]
    fn wildcards_occupy_whole_levels() {
        for filter in ["#", "+", "/", "a", "+/+/#", "a/+/b", "/#", "$SYS/#", "a b"] {
            assert!(is_valid_filter(filter), "{filter}");
        }
        for filter in [
            "", "a#", "#/a", "a/#/b", "+a", "a+", "a/b+/c", "##", "++", "a\0",
        ] {
            assert!(!is_valid_filter(filter), "{filter}");
        }
        assert!(is_valid_name("a//b "));
        for name in ["", "a/+", "#", "a\0b"] {
            assert!(!is_valid_name(name), "{name}");
        }
        assert!(is_valid_name(&"t".repeat(MAX_LENGTH)));
        assert!(!is_valid_name(&"t".repeat(MAX_LENGTH + 1)));
        assert!(!is_valid_filter(&"t".repeat(MAX_LENGTH + 1)));
    }

    /// Section 4.7 spelled out on lists, without regard to speed.
    fn naive(filter: &[&str], topic: &[&str]) -> bool {
        match (filter, topic) {
            (["#"], _) => true,
            ([], []) => true,
            (["+", filter @ ..], [_, topic @ ..]) => naive(filter, topic),
            ([f, filter @ ..], [t, topic @ ..]) => f == t && naive(filter, topic),
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn matcher_agrees_with_a_naive_one(
            filter in "(\\+|[ab$]{0,2})(/(\\+|[ab]{0,1})){0,3}(/#)?",
            topic in "[ab$]{0,2}(/[ab]{0,1}){0,3}",
        ) {
            prop_assume!(is_valid_filter(&filter) && is_valid_name(&topic));
            let (f, t): (Vec<_>, Vec<_>) = (filter.split('/').collect(), topic.split('/').collect());
            let hidden = t[0].starts_with('$') && (f[0] == "+" || f[0] == "#");
            prop_assert_eq!(matches(&filter, &topic), !hidden && naive(&f, &t));
            if matches(&filter, &topic) {
                prop_assert!(topic.starts_with(literal_prefix(&filter)));
            }
        }
    }
}
