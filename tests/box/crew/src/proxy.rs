//! The recording proxy: passes bytes both ways between a client and an engine, and writes down each
//! request before the engine has it whole. Changes nothing, answers nothing.

use crate::requests::Requests;
use std::fs::File;
use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread;

/// Who all connections write down their requests with.
type Record = Arc<Mutex<File>>;

/// Listens until it is killed.
pub fn run(listen: &Path, to: &Path, record: &Path) -> io::Result<()> {
    // The socket of a proxy that was killed is still there.
    match std::fs::remove_file(listen) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let record = Arc::new(Mutex::new(File::options().create(true).append(true).open(record)?));
    let listener = UnixListener::bind(listen)?;
    for client in listener.incoming() {
        let (client, to, record) = (client?, PathBuf::from(to), Arc::clone(&record));
        thread::Builder::new().spawn(move || {
            // An engine that is down, or a side that went away, ends this connection only.
            if let Err(error) = pass(client, &to, &record) {
                eprintln!("{}: {error}", to.display());
            }
        })?;
    }
    Ok(())
}

fn pass(client: UnixStream, to: &Path, record: &Record) -> io::Result<()> {
    let engine = UnixStream::connect(to)?;
    let (answers, asker) = (engine.try_clone()?, client.try_clone()?);
    let back = thread::Builder::new().spawn(move || {
        let done = io::copy(&mut &answers, &mut &asker);
        // The client learns of the engine's end; a client that is gone ends the engine's side.
        let _ = asker.shutdown(Shutdown::Write);
        if done.is_err() {
            let _ = answers.shutdown(Shutdown::Both);
        }
    })?;
    let done = forward(&client, &engine, record);
    let _ = engine.shutdown(Shutdown::Write);
    if done.is_err() {
        let _ = client.shutdown(Shutdown::Both);
        let _ = engine.shutdown(Shutdown::Both);
    }
    let _ = back.join();
    done
}

fn forward(mut client: &UnixStream, mut engine: &UnixStream, record: &Record) -> io::Result<()> {
    let mut requests = Requests::default();
    let mut buffer = [0; 16 * 1024];
    loop {
        let count = client.read(&mut buffer)?;
        if count == 0 {
            return Ok(());
        }
        let mut lines = String::new();
        for request in requests.feed(&buffer[..count]) {
            lines.push_str(&request);
            lines.push('\n');
        }
        if !lines.is_empty() {
            // In one write of a file opened for appending; a `File` has no buffer to flush.
            let mut record = record.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            record.write_all(lines.as_bytes())?;
        }
        engine.write_all(&buffer[..count])?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A proxy in a folder of its own, and the engine's end of it.
    fn proxy(name: &str) -> (PathBuf, PathBuf, UnixListener) {
        let folder = std::env::temp_dir().join(format!("crew-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let (listen, to, record) =
            (folder.join("listen"), folder.join("to"), folder.join("record"));
        let engine = UnixListener::bind(&to).unwrap();
        let (l, t, r) = (listen.clone(), to, record.clone());
        thread::spawn(move || run(&l, &t, &r));
        (listen, record, engine)
    }

    fn connect(to: &Path) -> UnixStream {
        loop {
            match UnixStream::connect(to) {
                Ok(stream) => return stream,
                Err(_) => thread::yield_now(),
            }
        }
    }

    #[test]
    fn requests_are_recorded_before_the_engine_has_them_and_answers_come_back() {
        let (listen, record, engine) = proxy("passes");
        let mut client = connect(&listen);
        let (mut served, _) = engine.accept().unwrap();
        for path in ["/one", "/two"] {
            let request = format!("GET {path} HTTP/1.1\r\n\r\n");
            client.write_all(request.as_bytes()).unwrap();
            let mut got = vec![0; request.len()];
            served.read_exact(&mut got).unwrap();
            assert_eq!(got, request.as_bytes());
            assert!(std::fs::read_to_string(&record).unwrap().ends_with(&format!("GET {path}\n")));
            served.write_all(b"ok").unwrap();
            let mut answer = [0; 2];
            client.read_exact(&mut answer).unwrap();
            assert_eq!(&answer, b"ok");
        }
        drop(served);
        assert_eq!(client.read(&mut [0; 1]).unwrap(), 0, "the client learns of the engine's end");
        std::fs::remove_dir_all(listen.parent().unwrap()).unwrap();
    }

    #[test]
    fn a_connection_to_an_engine_that_is_down_ends() {
        let (listen, _, engine) = proxy("down");
        drop(engine);
        let mut client = connect(&listen);
        let ended = client.read(&mut [0; 1]);
        assert!(matches!(ended, Ok(0) | Err(_)), "{ended:?}");
        std::fs::remove_dir_all(listen.parent().unwrap()).unwrap();
    }
}
