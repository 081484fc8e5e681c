//! Which shard of a plan this process runs: told by an option, or by the cluster that started it.

use crate::exit::Stop;
use clap::Args;
use std::num::NonZeroUsize;

/// Which part of a plan is run.
#[derive(Args)]
pub struct Part {
    /// Run this part of so many, from 1: `--shard 2/8`.
    #[arg(long, value_name = "I/N", value_parser = shard)]
    shard: Option<Shard>,
    /// There are so many parts, and JOB_COMPLETION_INDEX (Kubernetes) or SLURM_ARRAY_TASK_ID (Slurm) says which is
    /// run; both count from 0.
    ///
    /// Where it is left out, SLURM_ARRAY_TASK_COUNT says how many there are.
    #[arg(long, value_name = "N", conflicts_with = "shard")]
    shards: Option<NonZeroUsize>,
}

/// A part of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// Which, from 0.
    pub index: usize,
    /// Of how many.
    pub count: usize,
}

const ALL: Shard = Shard { index: 0, count: 1 };

fn shard(text: &str) -> Result<Shard, String> {
    let number = |text: &str| text.trim().parse::<usize>().ok().filter(|number| *number > 0);
    let parts = text.split_once('/').and_then(|(of, count)| Some((number(of)?, number(count)?)));
    let (of, count) = parts.ok_or("write it such as 2/8: the second of eight")?;
    if of > count {
        return Err(format!(
            "there is no part {of} of {count}; they are 1/{count} to {count}/{count}"
        ));
    }
    Ok(Shard { index: of - 1, count })
}

impl Part {
    /// The part that is meant, all of it where nothing says so.
    pub fn meant(&self) -> Result<Shard, Stop> {
        self.by(&|name| std::env::var(name).ok().filter(|value| !value.trim().is_empty()))
    }

    fn by(&self, variable: &dyn Fn(&str) -> Option<String>) -> Result<Shard, Stop> {
        if let Some(shard) = self.shard {
            return Ok(shard);
        }
        let named = |name: &'static str| variable(name).map(|value| (name, value));
        let index = named("JOB_COMPLETION_INDEX").or_else(|| named("SLURM_ARRAY_TASK_ID"));
        let Some((name, index)) = index else {
            return match self.shards {
                None => Ok(ALL),
                Some(count) => {
                    let what = format!(
                        "neither JOB_COMPLETION_INDEX nor SLURM_ARRAY_TASK_ID says which of {count}; name it: --shard \
                         1/{count}"
                    );
                    Err(Stop::Argument { name: "--shards", what })
                }
            };
        };
        let number = |name, text: &str| {
            text.trim().parse::<usize>().map_err(|_| {
                let what = format!("`{text}` is no number from 0 on; name the part: --shard 1/8");
                Stop::Argument { name, what }
            })
        };
        let index = number(name, &index)?;
        let count = match (self.shards, name) {
            (Some(count), _) => count.get(),
            (None, "SLURM_ARRAY_TASK_ID") => {
                let of = "SLURM_ARRAY_TASK_COUNT";
                number(of, &variable(of).unwrap_or_default())?
            }
            (None, _) => {
                let what = "it says which part, and nothing says of how many: give --shards N, or --shard 1/1 for all";
                return Err(Stop::Argument { name, what: what.to_owned() });
            }
        };
        if index >= count {
            let what = format!(
                "there is no part {index} of {count}: they count from 0 (for Slurm --array=0-{}); or name the part: \
                 --shard 1/{count}",
                count.saturating_sub(1)
            );
            return Err(Stop::Argument { name, what });
        }
        Ok(Shard { index, count })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meant(
        option: Option<&str>,
        shards: Option<usize>,
        variables: &[(&str, &str)],
    ) -> Result<Shard, String> {
        let part = Part {
            shard: option.map(|text| shard(text).unwrap()),
            shards: shards.and_then(NonZeroUsize::new),
        };
        let variable = |name: &str| {
            variables.iter().find(|(of, _)| *of == name).map(|(_, value)| (*value).to_owned())
        };
        part.by(&variable).map_err(|stop| stop.to_string())
    }

    const INDEX: &str = "JOB_COMPLETION_INDEX";
    const TASK: &str = "SLURM_ARRAY_TASK_ID";
    const COUNT: &str = "SLURM_ARRAY_TASK_COUNT";

    #[test]
    fn a_part_is_named_from_one_and_clusters_count_from_zero() {
        let third = Ok(Shard { index: 2, count: 8 });
        assert_eq!(meant(Some("3/8"), None, &[(INDEX, "5")]), third);
        assert_eq!(meant(None, Some(8), &[(INDEX, "2")]), third);
        assert_eq!(meant(None, Some(8), &[(TASK, "2"), (COUNT, "3")]), third);
        assert_eq!(meant(None, None, &[(TASK, "2"), (COUNT, "8")]), third);
        assert_eq!(meant(None, None, &[]), Ok(ALL));
    }

    #[test]
    fn what_says_no_part_is_told_with_what_to_do() {
        for (shards, variables, told) in [
            (Some(4), &[][..], "--shard 1/4"),
            (Some(4), &[(INDEX, "4")][..], "they count from 0"),
            (None, &[(INDEX, "1")][..], "give --shards N"),
            (None, &[(TASK, "1")][..], "SLURM_ARRAY_TASK_COUNT: `` is no number"),
            (None, &[(TASK, "4"), (COUNT, "4")][..], "--array=0-3"),
            (Some(4), &[(TASK, "x")][..], "SLURM_ARRAY_TASK_ID: `x` is no number"),
        ] {
            let said = meant(None, shards, variables).unwrap_err();
            assert!(said.contains(told), "no {told} in {said}");
        }
        for text in ["0/4", "5/4", "1", "a/b", "1/0", "-1/4"] {
            assert!(shard(text).is_err(), "{text}");
        }
    }
}
