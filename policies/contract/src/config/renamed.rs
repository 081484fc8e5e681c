//! Keys and words that files used to have, and what they are called now. Reads nothing.

/// What was written, and what it may be called now: where a key meant several things, each has a name of
/// its own.
const RENAMED: &[(&str, &[&str])] = &[
    ("apart", &["pool_per"]),
    ("each", &["one_per", "keys_per"]),
    ("each_bot", &["per_bot"]),
    ("each_tenant", &["per_tenant"]),
    ("ends_within", &["grace_period"]),
    ("flow", &["sampled"]),
    ("idles", &["idle_timeout"]),
    ("keeps", &["min_pool_size"]),
    ("nobody", &["database"]),
    ("servers", &["concurrency"]),
    ("service", &["service_time"]),
    ("starts_in", &["start_time"]),
    ("takes", &["service_time", "start_time", "lasts"]),
    ("waits", &["wait_timeout"]),
];

/// Every key and word that files used to have, with what it may be called now.
#[must_use]
pub const fn renamed_keys() -> &'static [(&'static str, &'static [&'static str])] {
    RENAMED
}

/// The word among these that an old one is called now.
pub(super) fn renamed<'a>(
    old: &str,
    words: impl Iterator<Item = &'a str> + Clone,
) -> Option<&'a str> {
    let (_, new) = RENAMED.iter().find(|(was, _)| *was == old)?;
    new.iter().find_map(|new| words.clone().find(|word| word == new))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_that_files_used_to_have_is_told_its_new_one() {
        for (old, new) in [
            ("apart", "pool_per"),
            ("each", "one_per"),
            ("each", "keys_per"),
            ("each_bot", "per_bot"),
            ("each_tenant", "per_tenant"),
            ("ends_within", "grace_period"),
            ("flow", "sampled"),
            ("idles", "idle_timeout"),
            ("keeps", "min_pool_size"),
            ("nobody", "database"),
            ("servers", "concurrency"),
            ("service", "service_time"),
            ("starts_in", "start_time"),
            ("takes", "service_time"),
            ("takes", "start_time"),
            ("takes", "lasts"),
            ("waits", "wait_timeout"),
        ] {
            assert_eq!(renamed(old, ["other", new].into_iter()), Some(new), "{old}");
        }
    }

    #[test]
    fn an_old_key_is_told_its_new_name_where_that_may_stand() {
        let words = ["name", "lasts", "one_per"];
        assert_eq!(renamed("takes", words.into_iter()), Some("lasts"));
        assert_eq!(renamed("each", words.into_iter()), Some("one_per"));
        assert_eq!(renamed("apart", words.into_iter()), None);
        assert_eq!(renamed("name", words.into_iter()), None);
    }
}
