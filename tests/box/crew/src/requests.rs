//! Reads the requests off a stream of HTTP/1.1 bytes. Keeps no body; guesses at nothing: what it
//! cannot read for certain it calls unreadable, and so is all that follows.

/// What stands in for requests that cannot be read.
pub const UNREADABLE: &str = "UNREADABLE";

// Far above the engine's longest calls, far below the 1 MiB at which its own server refuses.
const LINE_MOST: usize = 64 * 1024;

/// A reader of one connection.
#[derive(Default)]
pub struct Requests {
    state: State,
    line: Vec<u8>,
    head: Head,
}

#[derive(Clone, Copy, Default)]
enum State {
    #[default]
    RequestLine,
    Header,
    Body(u64),
    ChunkSize,
    Chunk(u64),
    /// The empty line behind a chunk.
    ChunkEnd,
    Trailer,
    /// Asked to speak something else: what follows is no HTTP/1.1, or cannot be known to be.
    Upgraded,
    Unreadable,
}

#[derive(Default)]
struct Head {
    request: String,
    length: Option<u64>,
    chunked: bool,
    upgrade: bool,
}

struct Malformed;

impl Requests {
    /// Takes the next bytes; returns `METHOD PATH` of each request whose head ended in them.
    pub fn feed(&mut self, mut bytes: &[u8]) -> Vec<String> {
        let mut found = Vec::new();
        while !bytes.is_empty() {
            let read = match self.state {
                State::Unreadable => break,
                State::Upgraded => Err(Malformed),
                State::Body(left) => {
                    let left = skip(&mut bytes, left);
                    self.state = if left == 0 { State::RequestLine } else { State::Body(left) };
                    Ok(())
                }
                State::Chunk(left) => {
                    let left = skip(&mut bytes, left);
                    self.state = if left == 0 { State::ChunkEnd } else { State::Chunk(left) };
                    Ok(())
                }
                State::RequestLine
                | State::Header
                | State::ChunkSize
                | State::ChunkEnd
                | State::Trailer => self.take_line(&mut bytes, &mut found),
            };
            if read.is_err() {
                self.state = State::Unreadable;
                found.push(UNREADABLE.to_owned());
            }
        }
        found
    }

    fn take_line(&mut self, bytes: &mut &[u8], found: &mut Vec<String>) -> Result<(), Malformed> {
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let (part, rest) = bytes.split_at(end.map_or(bytes.len(), |end| end + 1));
        *bytes = rest;
        self.line.extend_from_slice(part);
        if self.line.len() > LINE_MOST {
            return Err(Malformed);
        }
        if end.is_none() {
            return Ok(());
        }
        let line = std::mem::take(&mut self.line);
        // Go's server takes a bare line feed for a line end, so it is one here too.
        let line = line.strip_suffix(b"\n").unwrap_or(&line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        self.state = self.after(std::str::from_utf8(line).map_err(|_| Malformed)?, found)?;
        Ok(())
    }

    /// The state behind a whole line.
    fn after(&mut self, line: &str, found: &mut Vec<String>) -> Result<State, Malformed> {
        match (self.state, line) {
            // Servers pass over empty lines before a request (RFC 9112, 2.2).
            (State::RequestLine, "") => Ok(State::RequestLine),
            (State::RequestLine, _) => {
                self.head = Head { request: request(line)?, ..Head::default() };
                Ok(State::Header)
            }
            (State::Header, "") => {
                let head = std::mem::take(&mut self.head);
                let next = head.body()?;
                found.push(head.request);
                Ok(next)
            }
            (State::Header, _) => self.head.note(line).map(|()| State::Header),
            (State::ChunkSize, _) => match chunk_size(line)? {
                0 => Ok(State::Trailer),
                size => Ok(State::Chunk(size)),
            },
            (State::ChunkEnd, "") => Ok(State::ChunkSize),
            (State::Trailer, "") => Ok(State::RequestLine),
            (State::Trailer, _) => Ok(State::Trailer),
            _ => Err(Malformed),
        }
    }
}

impl Head {
    fn note(&mut self, line: &str) -> Result<(), Malformed> {
        let (name, value) = line.split_once(':').ok_or(Malformed)?;
        // A name with a space around it is read differently by different servers.
        if name.is_empty() || name.contains(char::is_whitespace) {
            return Err(Malformed);
        }
        let value = value.trim();
        match name.to_ascii_lowercase().as_str() {
            "content-length" if self.length.is_some() => return Err(Malformed),
            "content-length" => self.length = Some(number(value, 10)?),
            "transfer-encoding" if value.eq_ignore_ascii_case("chunked") && !self.chunked => {
                self.chunked = true;
            }
            "transfer-encoding" => return Err(Malformed),
            "upgrade" => self.upgrade = true,
            _ => {}
        }
        Ok(())
    }

    fn body(&self) -> Result<State, Malformed> {
        match (self.upgrade, self.chunked, self.length) {
            (_, true, Some(_)) => Err(Malformed),
            (true, _, _) => Ok(State::Upgraded),
            (_, true, None) => Ok(State::ChunkSize),
            (_, false, None | Some(0)) => Ok(State::RequestLine),
            (_, false, Some(length)) => Ok(State::Body(length)),
        }
    }
}

/// `METHOD PATH` of a request line.
fn request(line: &str) -> Result<String, Malformed> {
    let [method, path, "HTTP/1.1" | "HTTP/1.0"] = line.split(' ').collect::<Vec<_>>()[..] else {
        return Err(Malformed);
    };
    let named = !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_uppercase());
    let placed = path.starts_with('/') && path.bytes().all(|byte| byte.is_ascii_graphic());
    if named && placed { Ok(format!("{method} {path}")) } else { Err(Malformed) }
}

fn chunk_size(line: &str) -> Result<u64, Malformed> {
    let (digits, _extension) = line.split_once(';').unwrap_or((line, ""));
    number(digits.trim_end(), 16)
}

/// Digits only: no sign, which `from_str_radix` would take.
fn number(digits: &str, radix: u32) -> Result<u64, Malformed> {
    if !digits.chars().all(|digit| digit.is_digit(radix)) {
        return Err(Malformed);
    }
    u64::from_str_radix(digits, radix).map_err(|_| Malformed)
}

/// Passes over what is left of a body; returns what is still to come.
fn skip(bytes: &mut &[u8], left: u64) -> u64 {
    let here = usize::try_from(left).map_or(bytes.len(), |left| left.min(bytes.len()));
    *bytes = &bytes[here..];
    left - here as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<String> {
        Requests::default().feed(text.as_bytes())
    }

    const THREE: &str = "GET /_ping HTTP/1.1\r\nHost: engine\r\n\r\n\
        POST /containers/a/stop?t=0 HTTP/1.1\r\ncontent-length: 24\r\n\r\nDELETE /not/me HTTP/1.1\n\
        GET /v1.41/info HTTP/1.1\r\nHost: engine\r\n\r\n";
    const THREE_READ: [&str; 3] = ["GET /_ping", "POST /containers/a/stop?t=0", "GET /v1.41/info"];

    const CHUNKED: &str = "POST /build HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n\r\n\
        a;why=not\r\nGET / HTTP\r\n2\r\n\r\n\r\n0\r\nTrailer: x\r\n\r\n\
        GET /after HTTP/1.1\r\n\r\n";
    const CHUNKED_READ: [&str; 2] = ["POST /build", "GET /after"];

    #[test]
    fn a_post_between_two_gets_hides_nothing_and_adds_nothing() {
        assert_eq!(read(THREE), THREE_READ);
    }

    #[test]
    fn chunks_are_passed_over() {
        assert_eq!(read(CHUNKED), CHUNKED_READ);
    }

    #[test]
    fn any_split_into_reads_finds_the_same() {
        for (text, expected) in [(THREE, &THREE_READ[..]), (CHUNKED, &CHUNKED_READ)] {
            for size in 1..text.len() {
                let mut requests = Requests::default();
                let parts = text.as_bytes().chunks(size);
                let found: Vec<String> = parts.flat_map(|part| requests.feed(part)).collect();
                assert_eq!(found, expected, "in reads of {size}");
            }
        }
    }

    #[test]
    fn a_request_is_known_before_its_last_byte_is_passed_on() {
        let mut requests = Requests::default();
        assert!(requests.feed(b"POST /x HTTP/1.1\r\nContent-Length: 1\r\n\r").is_empty());
        assert_eq!(requests.feed(b"\n"), ["POST /x"]);
    }

    #[test]
    fn what_cannot_be_read_for_certain_is_unreadable_once() {
        for text in [
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            "get / HTTP/1.1\r\n\r\n",
            "GET /a b HTTP/1.1\r\n\r\n",
            "GET /\r\n\r\n",
            "\u{16}\u{3}\u{1}\n",
            "POST / HTTP/1.1\r\nContent-Length: +1\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            "POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length : 1\r\n\r\n",
            "GET / HTTP/1.1\r\nA: b\r\n folded\r\n\r\n",
        ] {
            assert_eq!(read(&format!("{text}GET / HTTP/1.1\r\n\r\n")), [UNREADABLE], "{text:?}");
        }
    }

    #[test]
    fn a_chunk_that_does_not_end_is_unreadable() {
        let text = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n";
        assert_eq!(read(text), ["POST /", UNREADABLE]);
    }

    #[test]
    fn what_follows_an_upgrade_is_unreadable() {
        let head = "POST /exec/1/start HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n";
        assert_eq!(read(head), ["POST /exec/1/start"]);
        assert_eq!(read(&format!("{head}x")), ["POST /exec/1/start", UNREADABLE]);
    }

    #[test]
    fn a_head_without_end_is_unreadable() {
        assert_eq!(read(&"A".repeat(LINE_MOST + 1)), [UNREADABLE]);
    }
}
