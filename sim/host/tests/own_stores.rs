//! Stores that each tenant has for itself, and keys of its own in one that all share. Small worlds worked
//! out by hand.

mod common;

use common::{figure, run_under};
use seatrial_record::Record;

const POLICIES: &str = "tick = \"15 s\"\n[[policies]]\nkind = \"spread\"";

/// Twenty quiet tenants and one that is not, all awake for an hour.
fn fleet(rest: &str) -> Record {
    let tier = |name: &str, tenants: u32| {
        format!(
            "[[tiers]]\nname = \"{name}\"\nstack = \"app\"\nstart = \"awake\"\ntenants = {tenants}\n\
             sessions = {{ gap = \"3 h\", length = \"1 s\" }}\n"
        )
    };
    let text = format!(
        "title = \"own\"\nduration = \"1 h\"\nwaking = {{ start_time = \"0 s\" }}\n\
         [[stacks]]\nname = \"app\"\n[[stacks.parts]]\nname = \"web\"\nmemory = \"1 GiB\"\n{}{}\
         [[pools]]\nname = \"workers\"\ncount = 1\nprice = \"$1/h\"\nstarts_at_once = 1000\n\
         machine = {{ cpu = \"16 cores\", memory = \"640 GiB\" }}\n{rest}",
        tier("quiet", 20),
        tier("loud", 1)
    );
    let mut found = run_under(&text, Some(POLICIES), &[11, 11]);
    assert_eq!(found[0], found[1], "the same seed finds the same");
    found.remove(0)
}

/// A database of one core, with what else there is to say of it.
fn database(more: &str) -> String {
    format!("[[databases]]\nname = \"d\"\ncores = 1\nconnecting = \"0 s\"\n{more}\n")
}

/// Calls of a tier, as often as that, which take so long alone.
fn calls(tier: &str, every: &str, takes: &str) -> String {
    format!(
        "[[traffic]]\nname = \"{tier}\"\n\
         arrivals = {{ kind = \"tenants\", when = \"awake\", every = {every}, tiers = [\"{tier}\"] }}\n\
         queries = [{{ at = \"d\", service_time = \"{takes}\" }}]\n"
    )
}

fn is(record: &Record, metric: &str, expected: f64) {
    let found = figure(record, metric);
    assert!((found - expected).abs() < 1e-6, "{metric}: {found}, expected {expected}");
}

#[test]
fn whoever_has_a_server_for_itself_feels_nobody_else() {
    // Half a second of work each ten seconds, and the loud one's four seconds each five.
    let both = calls("quiet", "\"10 s\"", "500 ms") + &calls("loud", "\"5 s\"", "4 s");
    let found = fleet(&(database("one_per = \"tenant\"") + &both));
    is(&found, "servers.d", 21.0);
    is(&found, "response_max.quiet", 0.5);
    is(&found, "response_max.loud", 4.0);
    is(&found, "active_most.d", 1.0);
    is(&found, "connections_most.d", 1.0);
    // 20 with a twentieth of a core, one with four fifths; a little less, since the first call comes late.
    let (mean, most) = (figure(&found, "utilisation.d"), figure(&found, "utilisation_most.d"));
    assert!((0.99..=1.0).contains(&(mean / (1.8 / 21.0))), "{mean}");
    assert!((0.99..=1.0).contains(&(most / 0.8)), "{most}");
    is(&found, "queries.d", figure(&found, "answered.quiet") + figure(&found, "answered.loud"));
    // One core for all has too much to do: 1.8 seconds of work each second.
    let shared = fleet(&(database("") + &both));
    assert!(figure(&shared, "response_p95.quiet") > 60.0);
}

#[test]
fn connections_run_out_for_their_own_tenant_only() {
    // One connection each. The loud one asks each second for five.
    let both = calls("quiet", "\"10 s\"", "5 s") + &calls("loud", "\"1 s\"", "4500 ms");
    let found = fleet(&(database("one_per = \"tenant\"\nmax_connections = 4") + &both));
    is(&found, "failed.quiet", 0.0);
    is(&found, "connections_refused.d", figure(&found, "failed.loud"));
    // One of five finds it free.
    let failed = figure(&found, "prob_failed.loud");
    assert!((failed - 0.8).abs() < 0.01, "{failed}");
}

#[test]
fn a_server_that_crashes_takes_only_its_own_tenant_along() {
    let memory = "one_per = \"tenant\"\nmemory = \"110 MiB\"\nshared_memory = \"60 MiB\"\n\
                  memory_per_connection = \"10 MiB\"\nrecovery = \"10 s\"";
    let both = calls("quiet", "\"10 s\"", "5 s") + &calls("loud", "\"1 s\"", "100 s");
    let found = fleet(&(database(memory) + &both));
    // Five fit, the sixth crashes it: so it goes on, every fifteen or sixteen seconds.
    let crashes = figure(&found, "crashes.d");
    assert!((220.0..=245.0).contains(&crashes), "{crashes}");
    is(&found, "answered.loud", 0.0);
    is(&found, "failed.quiet", 0.0);
    is(&found, "memory_most.d", f64::from(120 << 20));
}

/// A cache in front of a database that answers at once, and calls of the quiet ones that ask it.
fn cached(cache: &str, keys: &str) -> Record {
    fleet(&format!(
        "{}[[caches]]\nname = \"c\"\nservice_time = \"1 ms\"\npolicy = \"lru\"\n{cache}\n{}\
         cache = {{ name = \"c\", objects = 50, zipf = 0.8, entry = \"1 KiB\"{keys} }}\n",
        database(""),
        calls("quiet", "{ kind = \"exponential\", mean = \"10 s\" }", "1 ms"),
    ))
}

#[test]
fn each_tenants_keys_are_its_own() {
    let own = cached("maxmemory = \"10 MiB\"", ", keys_per = \"tenant\"");
    let common = cached("maxmemory = \"10 MiB\"", "");
    // Nothing is pushed out, so the first to ask for an object lacks it: everybody alone, or all together.
    // (Two that ask for the same within two milliseconds both do.)
    let misses = figure(&common, "misses.c");
    assert!((50.0..=53.0).contains(&misses), "{misses} of 50");
    let misses = figure(&own, "misses.c");
    assert!((950.0..=1_000.0).contains(&misses), "{misses} of 20 × 50");
    is(&own, "evictions.c", 0.0);
}

#[test]
fn caches_apart_and_keys_apart_in_one_find_the_same_where_there_is_room() {
    let shared = cached("maxmemory = \"10 MiB\"", ", keys_per = \"tenant\"");
    let apart = cached("maxmemory = \"1 MiB\"\none_per = \"tenant\"", "");
    for metric in ["hits.c", "misses.c", "entries_mean.c", "memory_mean.c", "response_mean.quiet"] {
        is(&apart, metric, figure(&shared, metric));
    }
    is(&apart, "caches.c", 20.0);
}

#[test]
fn a_cache_of_its_own_holds_what_fits_in_it() {
    let apart = cached("maxmemory = \"10 KiB\"\none_per = \"tenant\"", "");
    is(&apart, "memory_most.c", f64::from(10 << 10));
    let entries = figure(&apart, "entries_mean.c");
    // 20 × 10 entries, less while they fill.
    assert!((180.0..=200.0).contains(&entries), "{entries}");
    // As many as there are, in one: a tenant that asks for more of different objects takes more of it. All ask
    // alike, so that it makes next to no difference.
    let shared = cached("maxmemory = \"200 KiB\"", ", keys_per = \"tenant\"");
    let (own, one) = (figure(&apart, "hit_ratio.c"), figure(&shared, "hit_ratio.c"));
    assert!((own - one).abs() < 0.03, "{own} apart, {one} in one");
}
