//! Reasons that a policy declares for itself, beside those that the contract has: a word, a sentence, and facts
//! by name. Knows no policy.
//!
//! ```
//! use seatrial_contract::units::Moment;
//! use seatrial_contract::{Reason, reasons};
//!
//! reasons! {
//!     /// So many of the tier live in the zone already.
//!     pub ZoneFull = "zone-full": "{there} of the tier live in the zone, the limit is {limit}" {
//!         there: u32,
//!         limit: u32,
//!     }
//! }
//!
//! let reason = Reason::from(ZoneFull { there: 5, limit: 5 });
//! assert_eq!(reason.word(), "zone-full");
//! assert_eq!(reason.sentence(Moment::START), "5 of the tier live in the zone, the limit is 5");
//! ```

use crate::units::{Bytes, MilliCores, Moment, Ppm, Span};
use crate::{NodeId, Reason, Stage, TierId, ZoneId};
use alloc::format;
use alloc::string::{String, ToString};
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

/// A reason can have so many facts.
pub const FACTS_MOST: usize = 4;

/// What a policy declares of one of its reasons.
#[derive(Debug, PartialEq, Eq)]
pub struct Declared {
    /// The word for it in tables and files.
    pub word: &'static str,
    /// The sentence for people, with `{name}` where a fact goes.
    pub sentence: &'static str,
    /// The facts that go with it, by name.
    pub facts: &'static [(&'static str, FactKind)],
}

/// A reason that a policy has declared, with its facts.
#[derive(Clone, Copy, Debug)]
pub struct OwnReason {
    declared: &'static Declared,
    facts: [u64; FACTS_MOST],
}

/// What a fact is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactKind {
    /// A number of things.
    Count,
    /// A share.
    Share,
    /// A length of time.
    Span,
    /// A moment.
    Moment,
    /// Processors.
    Cpu,
    /// Memory.
    Memory,
    /// A machine.
    Node,
    /// A zone.
    Zone,
    /// A tier.
    Tier,
    /// A stage of sleep.
    Stage,
}

/// A type that a fact can have.
pub trait Fact: Copy {
    /// Which.
    const KIND: FactKind;
    /// Its number.
    fn number(self) -> u64;
}

macro_rules! facts {
    ($($kind:ident: $type:ty, $number:expr, $back:expr;)*) => {
        $(impl Fact for $type {
            const KIND: FactKind = FactKind::$kind;
            fn number(self) -> u64 {
                let number: fn(Self) -> u64 = $number;
                number(self)
            }
        })*

        impl FactKind {
            /// The fact as a program reads it.
            fn write(self, number: u64) -> Value {
                match self {
                    $(Self::$kind => {
                        let back: fn(u64) -> $type = $back;
                        serde_json::to_value(back(number)).unwrap_or_default()
                    })*
                }
            }

            /// The number of a fact that was written.
            fn read(self, value: &Value) -> Option<u64> {
                match self {
                    $(Self::$kind => <$type>::deserialize(value).ok().map(Fact::number),)*
                }
            }
        }
    };
}

fn small<T: TryFrom<u64> + Default>(number: u64) -> T {
    T::try_from(number).unwrap_or_default()
}

facts! {
    Count: u32, u64::from, small;
    Share: Ppm, |of| u64::from(of.0), |of| Ppm(small(of));
    Span: Span, |of| of.0, Span;
    Moment: Moment, |of| of.0, Moment;
    Cpu: MilliCores, |of| of.0, MilliCores;
    Memory: Bytes, |of| of.0, Bytes;
    Node: NodeId, |of| u64::from(of.0), |of| NodeId(small(of));
    Zone: ZoneId, |of| u64::from(of.0), |of| ZoneId(small(of));
    Tier: TierId, |of| u64::from(of.0), |of| TierId(small(of));
    Stage: Stage, |of| u64::from(of.0), |of| Stage(small(of));
}

/// The names of what facts are about.
pub trait FactNames {
    /// A machine's.
    fn node(&self, node: NodeId) -> String {
        format!("machine {}", node.0)
    }
    /// A zone's.
    fn zone(&self, zone: ZoneId) -> String {
        format!("zone {}", zone.0)
    }
    /// A tier's.
    fn tier(&self, tier: TierId) -> String {
        format!("tier {}", tier.0)
    }
    /// A stage's.
    fn stage(&self, stage: Stage) -> String {
        format!("stage {} of sleep", stage.0)
    }
}

/// Numbers where nobody knows names.
pub struct Nameless;

impl FactNames for Nameless {}

impl OwnReason {
    /// A reason with these facts, in the order declared: what [`reasons!`](crate::reasons) makes.
    #[must_use]
    pub fn new(declared: &'static Declared, given: &[u64]) -> Self {
        let mut facts = [0; FACTS_MOST];
        facts.iter_mut().zip(given).for_each(|(fact, given)| *fact = *given);
        Self { declared, facts }
    }

    /// What its policy declares of it.
    #[must_use]
    pub const fn declared(&self) -> &'static Declared {
        self.declared
    }

    /// Its facts: name, kind and number.
    pub fn facts(&self) -> impl Iterator<Item = (&'static str, FactKind, u64)> + '_ {
        let named = self.declared.facts.iter().zip(self.facts);
        named.map(|((name, kind), number)| (*name, *kind, number))
    }

    /// Reads one that was written, if it is one of these.
    #[must_use]
    pub fn read(value: &Value, known: &[&'static Declared]) -> Option<Self> {
        let map = value.as_object()?;
        let word = map.get("why")?.as_str()?;
        let declared = known.iter().find(|of| of.word == word)?;
        if map.len() != declared.facts.len() + 1 {
            return None;
        }
        let mut facts = [0; FACTS_MOST];
        for (fact, (name, kind)) in facts.iter_mut().zip(declared.facts) {
            *fact = kind.read(map.get(*name)?)?;
        }
        Some(Self { declared, facts })
    }

    /// Its sentence at the moment it was given, with names.
    #[must_use]
    pub fn sentence(&self, now: Moment, names: &dyn FactNames) -> String {
        let mut said = self.declared.sentence.to_string();
        for (name, kind, number) in self.facts() {
            let told = match kind {
                FactKind::Count => number.to_string(),
                FactKind::Share => format!("{:#}", Ppm(small(number))),
                FactKind::Span => format!("{:#}", Span(number)),
                FactKind::Moment if number > now.0 => {
                    format!("{:#} from then", Moment(number).since(now))
                }
                FactKind::Moment => format!("{:#} before", now.since(Moment(number))),
                FactKind::Cpu => MilliCores(number).to_string(),
                FactKind::Memory => Bytes(number).to_string(),
                FactKind::Node => names.node(NodeId(small(number))),
                FactKind::Zone => names.zone(ZoneId(small(number))),
                FactKind::Tier => names.tier(TierId(small(number))),
                FactKind::Stage => names.stage(Stage(small(number))),
            };
            said = said.replace(&format!("{{{name}}}"), &told);
        }
        said
    }
}

impl PartialEq for OwnReason {
    fn eq(&self, other: &Self) -> bool {
        self.declared == other.declared && self.facts == other.facts
    }
}

impl Eq for OwnReason {}

impl From<OwnReason> for Reason {
    fn from(own: OwnReason) -> Self {
        Self::Own(own)
    }
}

impl Serialize for OwnReason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.declared.facts.len() + 1))?;
        map.serialize_entry("why", self.declared.word)?;
        for (name, kind, number) in self.facts() {
            map.serialize_entry(name, &kind.write(number))?;
        }
        map.end()
    }
}

/// Declares reasons that a policy gives: a struct each, which turns into a [`Reason`](crate::Reason), and
/// `REASONS`, which lists them for the catalog. Types of facts are those with [`Fact`](crate::Fact).
#[macro_export]
macro_rules! reasons {
    ($(
        $(#[$meta:meta])*
        $seen:vis $reason:ident = $word:literal : $sentence:literal {
            $($fact:ident : $type:ty),* $(,)?
        }
    )*) => {
        $(
            $(#[$meta])*
            #[derive(Clone, Copy, Debug, PartialEq, Eq)]
            $seen struct $reason {
                $(
                    #[doc = concat!("What `{", stringify!($fact), "}` stands for in its sentence.")]
                    pub $fact: $type,
                )*
            }

            impl $reason {
                /// What is declared of it.
                pub const DECLARED: &'static $crate::Declared = &$crate::Declared {
                    word: $word,
                    sentence: $sentence,
                    facts: &[$((stringify!($fact), <$type as $crate::Fact>::KIND)),*],
                };
                const _FIT: () = assert!(Self::DECLARED.facts.len() <= $crate::FACTS_MOST);
            }

            impl From<$reason> for $crate::Reason {
                fn from(given: $reason) -> Self {
                    let () = $reason::_FIT;
                    $crate::OwnReason::new(
                        $reason::DECLARED,
                        &[$($crate::Fact::number(given.$fact)),*],
                    ).into()
                }
            }
        )*

        /// The reasons declared here.
        pub const REASONS: &[&$crate::Declared] = &[$($reason::DECLARED),*];
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::{cores, gib};

    reasons! {
        /// All kinds of facts.
        Four = "four-facts": "{cpu} and {memory} on {node}, {left} left" {
            cpu: MilliCores,
            memory: Bytes,
            node: NodeId,
            left: Ppm,
        }
        /// Time.
        Timely = "timely": "{ago}, {soon}, for {lasts} at {stage}" {
            ago: Moment,
            soon: Moment,
            lasts: Span,
            stage: Stage,
        }
        /// Who.
        Who = "who": "{count} of {tier} in {zone}" { count: u32, tier: TierId, zone: ZoneId }
    }

    fn all() -> [Reason; 3] {
        let moment = |minutes: u64| Moment::START.after(Span::minutes(minutes));
        [
            Four { cpu: cores(2), memory: gib(3), node: NodeId(7), left: Ppm(250_000) }.into(),
            Timely { ago: moment(50), soon: moment(65), lasts: Span::hours(1), stage: Stage(2) }
                .into(),
            Who { count: 3, tier: TierId(1), zone: ZoneId(2) }.into(),
        ]
    }

    #[test]
    fn they_are_told_with_their_facts() {
        let now = Moment::START.after(Span::hours(1));
        assert_eq!(
            all().map(|reason| reason.sentence(now)),
            [
                "2 cores and 3 GiB on machine 7, 25.0 % left",
                "10 min before, 5 min from then, for 1 h at stage 2 of sleep",
                "3 of tier 1 in zone 2",
            ]
        );
    }

    #[test]
    fn what_is_written_is_read_back_by_who_knows_them() {
        for reason in all() {
            let written = serde_json::to_value(reason).unwrap();
            let read = OwnReason::read(&written, REASONS).map(Reason::from);
            assert_eq!(read, Some(reason), "{written}");
            assert_eq!(OwnReason::read(&written, &[]), None, "nobody declares it");
        }
    }

    #[test]
    fn what_is_not_as_declared_is_not_read() {
        let wrong = [
            serde_json::json!({ "why": "who", "count": 3, "tier": 1 }),
            serde_json::json!({ "why": "who", "count": 3, "tier": 1, "zone": 2, "more": 1 }),
            serde_json::json!({ "why": "who", "count": -3, "tier": 1, "zone": 2 }),
            serde_json::json!({ "why": "who", "count": 3, "tier": 70_000, "zone": 2 }),
            serde_json::json!({ "why": 3 }),
            serde_json::json!([]),
        ];
        for value in wrong {
            assert_eq!(OwnReason::read(&value, REASONS), None, "{value}");
        }
    }
}
