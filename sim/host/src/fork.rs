//! Other policies take over in the middle of a run; chance stays what it is. Decides nothing.

use crate::World;
use crate::world::Fork;
use seatrial_contract::units::Moment;
use seatrial_policies::{Pilot, PolicyFile, digest};

/// The world, in which other policies decide after a moment. Those that are the same go on with what they remember;
/// others remember nothing, and know what is in flight, as where they are rolled out.
#[must_use]
pub fn forking(mut world: World, at: Moment, policies: &PolicyFile) -> World {
    world.setting.fork = Some(Box::new(Fork { at, policies: policies.clone() }));
    world
}

/// Others take over, if it is time.
pub(crate) fn fork(world: &mut World) {
    let now = world.fleet.now();
    let Some(fork) = world.setting.fork.take_if(|fork| now > fork.at) else { return };
    let Some(before) = &world.pilot else { return };
    let Fork { policies, .. } = *fork;
    let mut pilot = Pilot::taking_over(&policies, before);
    if digest(&policies) == world.setting.policy_digest {
        let restored = pilot.restore(&before.save());
        debug_assert!(restored.is_ok(), "what the same policies saved is their own");
    } else {
        world.view.touch_all();
        // What those before them saved is nothing to them.
        world.saved.memory = world.saved.memory.is_some().then(|| pilot.save());
        let words = world.setting.policy_words.len();
        world.log.before = u8::try_from(words).unwrap_or(u8::MAX);
        world.setting.policy_words.extend(policies.names());
        world.setting.tick = policies.tick.0;
    }
    world.pilot = Some(Box::new(pilot));
}
