//! A planned sweep on a real Ray cluster of two nodes, one of which is killed on its way (`tests/ray/run`). It is never
//! skipped: where Python or Ray cannot be had, it fails.

use std::path::Path;
use std::process::Command;

#[test]
fn a_sweep_on_ray_comes_to_the_same_bytes_though_a_node_is_lost() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ray/run");
    let output = Command::new(script).arg(env!("CARGO_BIN_EXE_seatrial")).output().unwrap();
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    println!("{said}");
    assert!(output.status.success(), "{said}");
    // What would be told if it had ended too early to prove anything.
    assert!(said.contains("killed a node that ran shard"), "{said}");
    assert!(said.contains("merged, it is what one process finds"), "{said}");
}
