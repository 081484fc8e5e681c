//! The platform's login gateway, as Prometheus sees it: metrics read from the tenants' files.
//! Lets nobody in; serves nothing but /metrics, one request a connection.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};

/// What the files of a tenant say.
struct Tenant {
    name: String,
    tier: String,
    last_login: Option<f64>,
    sessions: u64,
    requests_per_second: f64,
}

/// Serves until it is killed; says first where it listens.
pub fn run(folder: &Path, address: &str) -> io::Result<()> {
    let listener = TcpListener::bind(address)?;
    println!("listening on {}", listener.local_addr()?);
    let mut counters = Counters::default();
    let mut counted_at = Instant::now();
    for connection in listener.incoming() {
        let tenants = tenants(&folder.join("tenants"));
        let now = Instant::now();
        counters.advance(&tenants, now - counted_at);
        counted_at = now;
        // A caller who goes away or stays silent is no reason to stop.
        if let Err(error) = connection.and_then(|stream| answer(stream, &tenants, &counters)) {
            eprintln!("a caller went away: {error}");
        }
    }
    Ok(())
}

/// Requests so far, by tenant.
#[derive(Default)]
struct Counters(BTreeMap<String, f64>);

impl Counters {
    fn advance(&mut self, tenants: &[Tenant], passed: Duration) {
        for tenant in tenants {
            let total = self.0.entry(tenant.name.clone()).or_default();
            *total += tenant.requests_per_second * passed.as_secs_f64();
        }
    }
}

fn tenants(folder: &Path) -> Vec<Tenant> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<Tenant> = entries
        .filter(|entry| entry.path().is_dir())
        .map(|entry| tenant(entry.file_name().to_string_lossy().into_owned(), &entry.path()))
        .collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

fn tenant(name: String, folder: &Path) -> Tenant {
    let word = |file: &str| {
        let text = std::fs::read_to_string(folder.join(file)).ok()?;
        Some(text.trim().to_owned()).filter(|word| !word.is_empty())
    };
    let number = |file: &str| word(file)?.parse::<f64>().ok().filter(|number| number.is_finite());
    Tenant {
        name,
        tier: word("tier").unwrap_or_default(),
        last_login: number("last-login"),
        sessions: word("sessions").and_then(|word| word.parse().ok()).unwrap_or_default(),
        requests_per_second: number("requests-per-second").unwrap_or_default().max(0.0),
    }
}

fn answer(mut stream: TcpStream, tenants: &[Tenant], counters: &Counters) -> io::Result<()> {
    // 1 s: Prometheus gives a scrape no longer here.
    stream.set_read_timeout(Some(Duration::from_secs(1)))?;
    let mut reader = BufReader::new((&stream).take(16 * 1024));
    let mut request = String::new();
    reader.read_line(&mut request)?;
    let mut header = String::new();
    while reader.read_line(&mut header)? > 2 {
        header.clear();
    }
    let (status, body) = match request.split(' ').take(2).collect::<Vec<_>>()[..] {
        ["GET", "/metrics"] => ("200 OK", page(tenants, counters)),
        _ => ("404 Not Found", "only GET /metrics is answered\n".to_owned()),
    };
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

/// The page in Prometheus' text format.
fn page(tenants: &[Tenant], counters: &Counters) -> String {
    let mut page = String::new();
    // Writing to a string cannot fail. `{:?}` of a name quotes and escapes as the format wants.
    let _ = writeln!(page, "# TYPE tenant_last_login_timestamp_seconds gauge");
    for Tenant { name, tier, last_login, .. } in tenants {
        if let Some(at) = last_login {
            let labels = format!("{{tenant={name:?},tier={tier:?}}}");
            let _ = writeln!(page, "tenant_last_login_timestamp_seconds{labels} {at}");
        }
    }
    let _ = writeln!(page, "# TYPE tenant_sessions gauge");
    for Tenant { name, sessions, .. } in tenants {
        let _ = writeln!(page, "tenant_sessions{{tenant={name:?}}} {sessions}");
    }
    let _ = writeln!(page, "# TYPE tenant_requests_total counter");
    for Tenant { name, .. } in tenants {
        let total = counters.0.get(name).copied().unwrap_or_default();
        let _ = writeln!(page, "tenant_requests_total{{tenant={name:?}}} {total:.3}");
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tenant(name: &str) -> Tenant {
        Tenant {
            name: name.to_owned(),
            tier: "free".to_owned(),
            last_login: None,
            sessions: 0,
            requests_per_second: 0.0,
        }
    }

    #[test]
    fn who_never_logged_in_has_no_last_login() {
        let seen = Tenant { last_login: Some(1_700_000_000.25), ..tenant("b") };
        let page = page(&[tenant("a"), seen], &Counters::default());
        assert!(!page.contains("tenant_last_login_timestamp_seconds{tenant=\"a\""));
        assert!(page.contains(
            "tenant_last_login_timestamp_seconds{tenant=\"b\",tier=\"free\"} 1700000000.25\n"
        ));
    }

    #[test]
    fn requests_grow_by_their_rate() {
        let mut counters = Counters::default();
        let busy = Tenant { requests_per_second: 2.5, ..tenant("a") };
        counters.advance(&[busy], Duration::from_secs(4));
        counters.advance(&[tenant("a")], Duration::from_secs(60));
        // 2.5/s for 4 s, then at rest = 10
        assert!(page(&[tenant("a")], &counters).contains("tenant_requests_total{tenant=\"a\"} 10"));
    }

    #[test]
    fn a_tenant_without_files_is_at_rest() {
        let found = super::tenant("a".to_owned(), Path::new("/nowhere"));
        assert_eq!((found.sessions, found.last_login), (0, None));
        let page = page(&[found], &Counters::default());
        assert!(page.contains("tenant_sessions{tenant=\"a\"} 0\n"), "{page}");
    }

    #[test]
    fn answers_metrics_and_nothing_else() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let served = std::thread::spawn(move || {
            for stream in listener.incoming().take(2) {
                answer(stream.unwrap(), &[tenant("a")], &Counters::default()).unwrap();
            }
        });
        for (path, status) in [("/metrics", "200 OK"), ("/", "404 Not Found")] {
            let mut stream = TcpStream::connect(address).unwrap();
            write!(stream, "GET {path} HTTP/1.1\r\nHost: gate\r\n\r\n").unwrap();
            let mut text = String::new();
            stream.read_to_string(&mut text).unwrap();
            assert!(text.starts_with(&format!("HTTP/1.1 {status}\r\n")), "{text}");
        }
        served.join().unwrap();
    }
}
