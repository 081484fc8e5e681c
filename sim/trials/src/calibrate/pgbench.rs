//! A sweep from what `pgbench` printed. Runs nothing and reads no file.

use super::sweep::{Sweep, absurd, too_few};
use std::collections::BTreeMap;

/// The files of what `pgbench` printed, each by its name; one may hold several runs.
///
/// # Errors
/// All that is wrong with them, at once, each with its remedy.
pub fn from_pgbench(
    title: String,
    cores: u32,
    files: &[(String, String)],
) -> Result<Sweep, Vec<String>> {
    let mut wrong = Vec::new();
    let mut repeated: BTreeMap<u32, Vec<f64>> = BTreeMap::new();
    for (name, text) in files {
        match runs(text) {
            Ok(runs) => {
                for (clients, per_second) in runs {
                    repeated.entry(clients).or_default().push(per_second);
                }
            }
            Err(message) => wrong.push(format!("{name}: {message}")),
        }
    }
    if wrong.is_empty()
        && let Some((message, remedy)) = too_few(repeated.len())
    {
        wrong.push(format!("{message}: {remedy}"));
    }
    if wrong.is_empty() {
        Ok(Sweep::of(title, cores, repeated.into_iter().collect()))
    } else {
        Err(wrong)
    }
}

/// Clients and transactions per second of each run.
fn runs(text: &str) -> Result<Vec<(u32, f64)>, String> {
    let (mut runs, mut clients) = (Vec::new(), None);
    for (number, line) in text.lines().enumerate() {
        let wrong = |what: &str| format!("line {}: {what} in `{}`", number + 1, line.trim());
        if line.contains("aborted") {
            return Err(wrong("clients gave up") + ": raise max_connections, and measure again");
        }
        if let Some(count) = line.strip_prefix("number of clients: ") {
            clients = Some(count.trim().parse().map_err(|_| wrong("no number of clients"))?);
        }
        // Older ones also print a line that includes connecting.
        if let Some(rate) = line.strip_prefix("tps = ")
            && !line.contains("including connections establishing")
        {
            let rate = rate.split_whitespace().next().and_then(|word| word.parse::<f64>().ok());
            let rate = rate.filter(|rate| rate.is_finite() && *rate > 0.0);
            let rate = rate.ok_or_else(|| wrong("no transactions per second"))?;
            if let Some((message, _)) = absurd(rate) {
                return Err(wrong(&message));
            }
            let clients = clients.take().ok_or_else(|| wrong("no number of clients before it"))?;
            runs.push((clients, rate));
        }
    }
    if runs.is_empty() {
        return Err("no `tps =` in it: keep all that pgbench prints, and nothing else there".into());
    }
    Ok(runs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(clients: u32, rate: f64) -> String {
        format!(
            "pgbench (15.13)\nscaling factor: 2\nnumber of clients: {clients}\nnumber of threads: 1\n\
             latency average = 0.1 ms\ntps = {rate:.6} (without initial connection time)\n"
        )
    }

    #[test]
    fn runs_with_as_many_clients_are_repetitions() {
        let mut files: Vec<(String, String)> =
            [1, 2, 4, 8].map(|clients| (format!("{clients}.txt"), printed(clients, 100.0))).into();
        files.push(("16.txt".into(), printed(16, 300.0) + &printed(16, 500.0)));
        let sweep = from_pgbench("t".into(), 2, &files).unwrap();
        assert_eq!(sweep.points.len(), 5);
        assert_eq!((sweep.points[4].clients, sweep.points[4].per_second), (16, 400.0));
    }

    #[test]
    fn each_file_that_is_no_run_is_told() {
        let aborted = "number of clients: 8\npgbench: error: client 3 aborted in command 1\n";
        let files = [
            ("1.txt".into(), "could not connect".into()),
            ("8.txt".into(), aborted.into()),
            ("9.txt".into(), "tps = 9 (without initial connection time)".into()),
        ];
        let wrong = from_pgbench(String::new(), 2, &files).unwrap_err();
        assert_eq!(wrong.len(), 3, "{wrong:?}");
        assert!(wrong[1].contains("8.txt: line 2: clients gave up"), "{wrong:?}");
        let few = [("1.txt".into(), printed(1, 100.0))];
        assert!(
            from_pgbench(String::new(), 2, &few).unwrap_err()[0].contains("1 points are fewer")
        );
    }
}
