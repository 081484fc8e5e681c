//! The sleep ladder, and who goes first.

use crate::words;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// How deeply a tenant sleeps; later is deeper. What the stages are called is said by the file that describes
/// the cluster: see [`Stages`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stage(pub u8);

/// What the stages of sleep are called, the lightest first; being awake is none of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Stages(Vec<String>);

words! {
    /// Who goes first when not all can be served; later is more urgent.
    pub enum Priority {
        /// Last.
        Low = "low",
        /// Before low.
        Medium = "medium",
        /// Before medium.
        High = "high",
        /// First.
        Critical = "critical",
    }
}

impl Stage {
    /// Everything runs.
    pub const AWAKE: Self = Self(0);
}

/// The stages of clusters described before stages had names of the writer's choosing: their logbooks and
/// the labels of their containers say these.
const FORMER: [&str; 3] = ["bots-stopped", "dashboard-stopped", "database-only"];

impl Default for Stages {
    fn default() -> Self {
        Self(FORMER.map(ToString::to_string).into())
    }
}

impl Stages {
    /// The word for the stage that is no sleep.
    pub const AWAKE: &'static str = "awake";
    /// More than anybody tells apart.
    pub const MOST: usize = 16;

    /// Those of these names, the lightest first.
    #[must_use]
    pub fn new(names: Vec<String>) -> Self {
        Self(names)
    }

    /// Their names, the lightest first.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.0
    }

    /// What a stage is called.
    #[must_use]
    pub fn name(&self, stage: Stage) -> &str {
        match stage.0.checked_sub(1) {
            None => Self::AWAKE,
            Some(index) => self.0.get(usize::from(index)).map_or("?", String::as_str),
        }
    }

    /// The stage of that name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<Stage> {
        if name == Self::AWAKE {
            return Some(Stage::AWAKE);
        }
        let index = self.0.iter().position(|one| one == name)?;
        u8::try_from(index + 1).ok().map(Stage)
    }

    /// The stage that a label on a container means: one of that name, or, where it is one that labels
    /// used to say, the one that stands in its place.
    #[must_use]
    pub fn of_label(&self, word: &str) -> Option<Stage> {
        let former = || {
            let place = FORMER.iter().position(|one| *one == word)?;
            let deepest = self.0.len().checked_sub(1)?;
            u8::try_from(place.min(deepest) + 1).ok().map(Stage)
        };
        self.find(word).filter(|stage| *stage != Stage::AWAKE).or_else(former)
    }

    /// All stages of sleep, the lightest first.
    pub fn all(&self) -> impl Iterator<Item = Stage> + use<> {
        (1..=self.0.len().min(usize::from(u8::MAX))).filter_map(|n| u8::try_from(n).ok().map(Stage))
    }
}

impl Serialize for Stage {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8(self.0)
    }
}

/// A number, or a word that logbooks used to have.
impl<'de> Deserialize<'de> for Stage {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumberOrWord)
    }
}

struct NumberOrWord;

impl Visitor<'_> for NumberOrWord {
    type Value = Stage;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a stage of sleep: its number, 0 where awake")
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Stage, E> {
        let number = u8::try_from(number).ok();
        number.map(Stage).ok_or_else(|| E::custom("no number of a stage of sleep"))
    }

    fn visit_str<E: Error>(self, word: &str) -> Result<Stage, E> {
        let stage = Stages::default().find(word);
        stage.ok_or_else(|| E::custom("no stage of sleep is called that"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn a_former_label_means_the_stage_in_its_place_or_the_deepest() {
        let two = Stages::new(vec!["nodding".into(), "bots-stopped".into()]);
        assert_eq!(two.of_label("nodding"), Some(Stage(1)));
        assert_eq!(two.of_label("bots-stopped"), Some(Stage(2)), "it is called so itself");
        assert_eq!(two.of_label("dashboard-stopped"), Some(Stage(2)));
        assert_eq!(two.of_label("database-only"), Some(Stage(2)), "none is deeper");
        for never in ["awake", "asleep", ""] {
            assert_eq!(two.of_label(never), None, "{never}");
        }
        let three = Stages::new(vec!["nap".into(), "doze".into(), "coma".into()]);
        let former = FORMER.map(|word| three.of_label(word));
        assert_eq!(former, [Some(Stage(1)), Some(Stage(2)), Some(Stage(3))]);
        assert_eq!(Stages::new(Vec::new()).of_label("bots-stopped"), None);
    }

    #[test]
    fn a_stage_is_read_as_its_number_and_as_its_former_word() {
        let read = |text: &str| serde_json::from_str::<Stage>(text).map_err(|why| why.to_string());
        assert_eq!(read("2"), Ok(Stage(2)));
        assert_eq!(read("\"dashboard-stopped\""), Ok(Stage(2)));
        assert_eq!(read("\"awake\""), Ok(Stage::AWAKE));
        assert!(read("256").is_err() && read("\"asleep\"").is_err() && read("-1").is_err());
        assert_eq!(serde_json::to_string(&Stage(3)).ok().as_deref(), Some("3"));
    }
}
