//! `seatrial schema`

use crate::exit::{Exit, Stop, print};
use clap::{Args, ValueEnum};
use seatrial_contract::config::Element;
use seatrial_format::{json_schema, scenario::Scenario, suite::Suite};
use seatrial_policies::PolicyFile;

/// Print the JSON Schema of scenario files, policy files or suites, for editors.
#[derive(Args)]
#[command(after_help = "For completion in an editor that reads TOML schemas, save it beside your \
scenarios and begin each file with:\n\n    #:schema ./scenario.schema.json")]
pub struct Schema {
    /// Of which files.
    #[arg(value_enum, default_value = "scenario")]
    of: Of,
}

#[derive(Clone, Copy, ValueEnum)]
enum Of {
    /// Scenario files.
    Scenario,
    /// Policy files.
    Policies,
    /// Suites.
    Suite,
}

impl Schema {
    /// Runs the command.
    pub fn run(self) -> Result<Exit, Stop> {
        let schema = match self.of {
            Of::Scenario => {
                let shape = Scenario::shape_with(seatrial_faults::shape());
                json_schema("A Seatrial scenario", &shape)
            }
            Of::Policies => json_schema("A Seatrial policy file", &PolicyFile::shape()),
            Of::Suite => json_schema("A Seatrial suite", &Suite::shape()),
        };
        print(&format!("{}\n", serde_json::to_string_pretty(&schema).unwrap_or_default()))?;
        Ok(Exit::Fine)
    }
}
