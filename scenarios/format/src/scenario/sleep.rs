//! How deeply tenants may sleep, in words of the writer's choosing.

use seatrial_contract::Stages;
use seatrial_contract::config::{Located, Name, element};

element! {
    /// How deeply tenants may sleep.
    pub struct Sleep {
        /// The stages of sleep, the lightest first: parts of stacks say at which of them they stand still
        /// (`stops_at`), and ladders in policy files after how much idleness each is gone to.
        stages: Vec<Located<Name>> = vec![asleep()],
    }
}

fn asleep() -> Located<Name> {
    Located::nowhere(Name::new("asleep").unwrap_or_default())
}

impl Default for Sleep {
    fn default() -> Self {
        Self { stages: vec![asleep()] }
    }
}

impl Sleep {
    /// The stages by name.
    #[must_use]
    pub fn named(&self) -> Stages {
        Stages::new(self.stages.iter().map(|stage| stage.value.to_string()).collect())
    }
}
