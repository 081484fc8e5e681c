//! Reads scenario files, and says what is wrong with them.
//!
//! A scenario is TOML that people write by hand. This crate turns it into a value and keeps, for
//! every key and value, the file and the bytes where it stands. *All* problems are told at once,
//! each with its place and with what to do about it.
//!
//! What a file may say is not decided here: any [`Element`] can be read. Here is a small one.
//!
//! ```
//! use seatrial_contract::config::{Name, element};
//! use seatrial_contract::units::Span;
//!
//! element! {
//!     /// A very small scenario.
//!     pub struct Small {
//!         /// How long it runs.
//!         duration: Span,
//!         /// Who is in it.
//!         pools: Vec<Pool>,
//!     }
//! }
//! element! {
//!     /// Machines of one shape.
//!     pub struct Pool {
//!         /// What others call it.
//!         name: Name,
//!         /// How many machines.
//!         count: u32 = 1,
//!     }
//! }
//!
//! let file = r#"
//! duration = "7 d"
//! [[pools]]
//! name = "worker-low"
//! "#;
//! let loaded = seatrial_format::read_text::<Small>("week.toml", file)?;
//! assert_eq!(loaded.value.pools[0].count, 1);
//!
//! // What is wrong is shown where it stands.
//! let failure = seatrial_format::read_text::<Small>("week.toml", "duration = 7 d").unwrap_err();
//! let text = failure.render(seatrial_format::Style::default());
//! assert!(text.contains("--> week.toml:1:12"));
//! assert!(text.contains("help: write \"7 d\": text and quantities stand in quotes"));
//! # Ok::<(), seatrial_format::Failure>(())
//! ```
//!
//! A file may say `extends = "base.toml"`: then it is laid over that file, tables key by key and
//! lists of named tables name by name. Of several files, `extends = ["users.toml", "requests.toml"]`,
//! each is laid over the one before. A command line may change single values with an
//! [`Override`]. Both keep the places, so a problem is shown in the file, or on the command line,
//! that caused it.
//!
//! ```
//! use seatrial_format::{InMemory, Override, load_tree};
//!
//! let files = InMemory::default()
//!     .with("base.toml", "seed = 1\npools = [{ name = \"a\", count = 1 }]")
//!     .with("week.toml", "extends = \"base.toml\"\npools = [{ name = \"b\", count = 2 }]");
//! let overrides = [Override::set("pools.a.count", "9")];
//! let loaded = load_tree(&files, "week.toml".as_ref(), &overrides)?;
//! let text = r#"{"seed":1,"pools":[{"name":"a","count":9},{"name":"b","count":2}]}"#;
//! assert_eq!(loaded.node.value.to_string(), text);
//! # Ok::<(), seatrial_format::Failure>(())
//! ```
//!
//! [`load_scenario`] reads a whole [`Scenario`](scenario::Scenario) and [checks](check()) what holds
//! across its sections: names that nobody has, amounts that do not fit together, worlds that cannot
//! be.
//!
//! ```
//! use seatrial_format::{InMemory, Style, load_scenario};
//!
//! let file = r#"
//! title = "A quiet day"
//! duration = "1 d"
//! warm_up = "2 d"
//! [[services]]
//! name = "login"
//! concurrency = 4
//! service_time = "20 ms"
//! [[traffic]]
//! name = "logins"
//! service = "logn"
//! arrivals = { kind = "poisson", rate = "9/s" }
//! "#;
//! let files = InMemory::default().with("day.toml", file);
//! let failure = load_scenario(&files, "day.toml".as_ref(), &[]).unwrap_err();
//! let text = failure.render(Style::default());
//! assert!(text.contains("warm_up: the warm-up (2 d) is not over before the run (1 d)"));
//! assert!(text.contains("traffic[0].service: no service `logn`"));
//! assert!(text.contains("help: did you mean `login`?"));
//! ```
//!
//! For machines there are the same problems as [`findings`], for editors [`json_schema`] describes what
//! a file may say, and for people [`mod@reference`] does.
//!
//! Knows no simulator, no policy, no clock. Only [`Disk`] touches the file system.
//!
//! [`Element`]: seatrial_contract::config::Element

pub mod axes;
mod bounds;
pub mod bridge;
mod check;
mod files;
mod findings;
mod json_tree;
mod load;
mod load_scenario;
mod merge;
mod overrides;
pub mod reference;
mod render;
pub mod scenario;
mod schema;
mod snippet;
mod sources;
mod steps;
pub mod suite;
mod syntax;
mod toml_tree;

pub use check::{check, check_names, check_place, check_policies, check_sleep, check_stages};
pub use files::{Disk, Files, InMemory, Unreadable};
pub use findings::{Finding, findings, warnings};
pub use json_tree::json_tree;
pub use load::{Failure, Loaded, load, load_from, load_tree, read_beside, read_text, text_beside};
pub use load_scenario::{Sound, join, load_scenario, named_policies, named_stages, sound_part};
pub use overrides::{Override, nothing_to_change};
pub use render::{Style, render, render_warnings};
pub use schema::json_schema;
pub use sources::{Origin, Source, Sources, Spot};
pub use toml_tree::parse;
