//! The agenda at work on the loads that other event kernels were measured with: see
//! `sim/kernel/benches/README.md`. Prints one JSON line a run. Knows no cluster.
//!
//! ```text
//! kernel w1 <pending> <events> [increments]      hold: each event schedules itself again
//! kernel w2 <customers>                          ten servers at 0.9 load
//! kernel w3 <tenants> <nodes> <time-out> <events>
//! kernel w2-hand | w3-hand ...                   the same, as loops written for them alone
//! kernel shapes                                  loads that make other queues collapse
//! ```

#[path = "kernel/by_hand.rs"]
mod by_hand;
#[path = "kernel/chance.rs"]
mod chance;
#[path = "kernel/hold.rs"]
mod hold;
#[path = "kernel/measure.rs"]
mod measure;
#[path = "kernel/shapes.rs"]
mod shapes;
#[path = "kernel/station.rs"]
mod station;
#[path = "kernel/tenants.rs"]
mod tenants;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let number = |place: usize| -> u64 {
        words
            .get(place)
            .and_then(|word| word.parse().ok())
            .unwrap_or_else(|| panic!("argument {place} must be a number; see the file's head"))
    };
    match words.first().map(String::as_str) {
        Some("w1") => hold::run(number(1), number(2), words.get(3).map_or("table", |word| word)),
        Some("w2") => station::run(number(1)),
        Some("w3") => tenants::run(number(1), number(2), number(3), number(4)),
        Some("w2-hand") => by_hand::station(number(1)),
        Some("w3-hand") => by_hand::tenants(number(1), number(2), number(3), number(4)),
        Some("shapes") => shapes::run(),
        _ => panic!("say w1, w2, w3, w2-hand, w3-hand or shapes; see the file's head"),
    }
}
