//! How a tenant is, from how its containers are: a real cluster keeps no stage of sleep, only
//! containers that run or do not. Pure; knows no view.

use seatrial_contract::view::{Phase, UnitState};
use seatrial_contract::{Stage, Stages};

/// The stage that a tenant's containers show, and whether what that stage lets run does run.
///
/// A stage is reached when all that stops at it, and at every lighter one, is down. So a tenant of
/// whom nothing but the database is left is at the deepest stage, however few containers it has;
/// and one of whom nothing is down is awake.
pub(crate) fn judge(units: &[(Option<Stage>, UnitState)], stages: &Stages) -> (Stage, Phase) {
    let stage = reached(units, stages);
    let told = |stops_at: Option<Stage>| stops_at.is_none_or(|at| stage < at);
    let states = units.iter().filter(|unit| told(unit.0)).map(|unit| unit.1);
    let phase = states.fold(Phase::Settled, |phase, state| match (phase, state) {
        (_, UnitState::Starting | UnitState::Killed) | (Phase::Starting, _) => Phase::Starting,
        (phase, UnitState::Running) => phase,
        (_, UnitState::Stopped | UnitState::Paused | UnitState::Gone) => Phase::Broken,
    });
    (stage, phase)
}

fn reached(units: &[(Option<Stage>, UnitState)], stages: &Stages) -> Stage {
    let mut stops = units.iter().filter_map(|unit| Some((unit.0?, unit.1)));
    if stops.clone().all(|unit| is_up(unit.1)) {
        return Stage::AWAKE;
    }
    let shallowest_up = stops.by_ref().filter(|unit| is_up(unit.1)).map(|unit| unit.0).min();
    let reached = stages.all().take_while(|stage| shallowest_up.is_none_or(|up| *stage < up));
    reached.last().unwrap_or(Stage::AWAKE)
}

/// Whether it runs, or is about to.
pub(crate) fn is_up(state: UnitState) -> bool {
    match state {
        UnitState::Running | UnitState::Starting | UnitState::Killed => true,
        UnitState::Stopped | UnitState::Paused | UnitState::Gone => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(units: &[(Option<Stage>, UnitState)]) -> (Stage, Phase) {
        super::judge(units, &Stages::default())
    }
    use UnitState::{Killed, Paused, Running, Starting, Stopped};

    const BOTS: Option<Stage> = Some(Stage(1));
    const BOARD: Option<Stage> = Some(Stage(2));

    #[test]
    fn what_runs_tells_how_deeply_a_tenant_sleeps() {
        let stack =
            |database, board, bots| judge(&[(None, database), (BOARD, board), (BOTS, bots)]);
        assert_eq!(stack(Running, Running, Running), (Stage::AWAKE, Phase::Settled));
        assert_eq!(stack(Running, Running, Stopped), (Stage(1), Phase::Settled));
        // Only the database is left, and that is what the deepest stage says.
        assert_eq!(stack(Running, Stopped, Stopped), (Stage(3), Phase::Settled));
        assert_eq!(stack(Running, Running, Paused), (Stage(1), Phase::Settled));
    }

    #[test]
    fn what_should_run_and_does_not_is_broken_or_on_its_way() {
        let stack =
            |database, board, bots| judge(&[(None, database), (BOARD, board), (BOTS, bots)]);
        // The dashboard is down while the bots, which stop before it, run: nobody meant that.
        assert_eq!(stack(Running, Stopped, Running), (Stage::AWAKE, Phase::Broken));
        assert_eq!(stack(Stopped, Stopped, Stopped), (Stage(3), Phase::Broken));
        assert_eq!(stack(Running, Running, Starting), (Stage::AWAKE, Phase::Starting));
        assert_eq!(stack(Killed, Stopped, Stopped), (Stage(3), Phase::Starting));
    }

    #[test]
    fn a_small_stack_sleeps_as_deeply_as_a_large_one() {
        let small = |bots| judge(&[(None, Running), (BOTS, bots)]);
        assert_eq!(small(Running), (Stage::AWAKE, Phase::Settled));
        assert_eq!(small(Stopped), (Stage(3), Phase::Settled));
    }

    #[test]
    fn who_has_nothing_that_stops_is_awake() {
        assert_eq!(judge(&[(None, Running)]), (Stage::AWAKE, Phase::Settled));
        assert_eq!(judge(&[(None, Stopped)]), (Stage::AWAKE, Phase::Broken));
    }
}
