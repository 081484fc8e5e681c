//! The crew of the cluster in a box: tenants' work, the login gateway, the recording proxy.
//! Uses nothing but std, so that one static file is a whole container image; knows no engine.

mod gate;
mod port;
mod proxy;
mod requests;
mod work;

use std::io;
use std::path::Path;
use std::process::ExitCode;

const HELP: &str = "\
crew work STEER_DIR                             burn what the file `load` there says
crew gate DIR --listen 127.0.0.1:PORT           serve /metrics of the tenants in DIR/tenants
crew proxy LISTEN_SOCKET TO_SOCKET RECORD_FILE  pass everything on, and record each request
crew port [COUNT]                               print so many free ports of 127.0.0.1";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match words[..] {
        ["work", steer] => work::run(Path::new(steer)),
        ["gate", folder, "--listen", address] => gate::run(Path::new(folder), address),
        ["proxy", listen, to, record] => {
            proxy::run(Path::new(listen), Path::new(to), Path::new(record))
        }
        ["port"] => port::print(1),
        ["port", count] => match count.parse() {
            Ok(count) => port::print(count),
            Err(_) => return misused(),
        },
        _ => return misused(),
    };
    done.map_or_else(failed, |()| ExitCode::SUCCESS)
}

fn misused() -> ExitCode {
    eprintln!("{HELP}");
    ExitCode::from(2)
}

fn failed(error: io::Error) -> ExitCode {
    eprintln!("crew: {error}");
    ExitCode::from(3)
}
