//! The contention curve beside published measurements: `pgbench` on Azure's machines of eight
//! processors, in two regions (TUNA, EuroSys 2025). Says so where there is no reference data.

use seatrial_contract::config::Located;
use seatrial_format::scenario;
use seatrial_traffic::Contention;
use serde_json::Value;
use std::path::Path;

const CORES: u32 = 8;
const CLIENTS: u32 = 25;

/// Curves found in one region must tell the other's throughput from its lone client's. The worst is
/// the burstable machine at its disk's limit, which a slower lone client does not lower.
const TOLERANCE: f64 = 0.10;

#[test]
fn a_curve_found_in_one_region_holds_in_another() {
    let Some(reference) = reference() else { return };
    for (machine, test) in [
        ("D8s_v5", "Scaling Factor: 25 - Clients: # - Mode: Read Only"),
        ("D8s_v5", "Scaling Factor: 2500 - Clients: # - Mode: Read Only"),
        ("D8s_v5", "Scaling Factor: 25 - Clients: # - Mode: Read Write (TPC-B Like)"),
        ("D8s_v5", "Scaling Factor: 2500 - Clients: # - Mode: Read Write (TPC-B Like)"),
        ("B8ms", "Scaling Factor: 25 - Clients: # - Mode: Read Only"),
        ("B8ms", "Scaling Factor: 2500 - Clients: # - Mode: Read Only"),
    ] {
        let median = |region: &str, clients: u32| -> f64 {
            let test = test.replace('#', &clients.to_string());
            let row = reference["rows"].as_array().expect("rows").iter().find(|row| {
                row["test"] == test.as_str()
                    && row["sku"] == machine
                    && row["region"] == region
                    && row["lifespan"] == "long"
            });
            row.unwrap_or_else(|| panic!("no {test}"))["median"].as_f64().expect("a figure")
        };
        let found = found(median("eastus", CLIENTS) / median("eastus", 1));
        let speed = Contention::new(&found, CORES).speed(CLIENTS);
        let (predicted, measured) = (median("westus2", 1) * speed, median("westus2", CLIENTS));
        let error = predicted / measured - 1.0;
        println!(
            "{machine} {test}: per core {:.3}, predicted {predicted:.0}/s, measured {measured:.0}/s, \
             {:+.1} %",
            found.per_core.value,
            error * 100.0
        );
        assert!(error.abs() <= TOLERANCE, "{machine} {test}: {:.1} % away", error * 100.0);
    }
}

#[test]
fn clients_are_throughput_times_latency() {
    let Some(reference) = reference() else { return };
    let rows = reference["rows"].as_array().expect("rows");
    let mut count = 0;
    for rate in rows.iter().filter(|row| row["suite"] == "PostgreSQL" && row["unit"] == "TPS") {
        let name = rate["test"].as_str().expect("a name");
        let latency = rows.iter().find(|row| {
            row["test"] == format!("{name} - Average Latency")
                && ["region", "sku", "lifespan"].iter().all(|key| row[key] == rate[key])
        });
        let figure = |row: &Value| row["median"].as_f64().expect("a figure");
        let clients = if name.contains("Clients: 25") { 25.0 } else { 1.0 };
        let latency = latency.map(figure).expect("a latency");
        let busy = figure(rate) * latency / 1e3;
        // A median of 0.034 ms is known to a sixty-eighth.
        let within = 0.01 + 0.000_5 / latency;
        assert!((busy / clients - 1.0).abs() <= within, "{name}: {busy} of {clients} clients");
        count += 1;
    }
    assert!(count >= 40, "{count} rows");
}

/// The usual curve with the plateau that gives this speed.
fn found(speed: f64) -> scenario::Contention {
    let (mut low, mut high) = (0.01, 100.0);
    let mut curve = scenario::Contention::default();
    for _ in 0..60 {
        curve.per_core = Located::nowhere(f64::midpoint(low, high));
        let is_below = Contention::new(&curve, CORES).speed(CLIENTS) < speed;
        *(if is_below { &mut low } else { &mut high }) = curve.per_core.value;
    }
    curve
}

fn reference() -> Option<Value> {
    let path = "../../../shared/reference/db_limits/azure_pg_redis_measured.json";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let Ok(text) = std::fs::read_to_string(path) else {
        println!("skipped: no reference data");
        return None;
    };
    Some(serde_json::from_str(&text).expect("the reference is JSON"))
}
