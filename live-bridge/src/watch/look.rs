//! Looks at every source in a task of its own, so that one that hangs delays nobody else.

use crate::clock::Timeline;
use crate::drivers::Source;
use crate::sighting::Sighting;
use crate::wire::WireError;
use seatrial_contract::units::Moment;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::Sender;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

/// What came of one look.
pub(super) struct Looked {
    /// At what.
    pub(super) source: String,
    /// When it was over.
    pub(super) at: Moment,
    /// What was seen, or why nothing was.
    pub(super) seen: Result<Sighting, WireError>,
}

/// Tasks that look until they are dropped.
pub(super) struct Looking(JoinSet<()>);

impl Looking {
    pub(super) fn abort(mut self) {
        self.0.abort_all();
    }
}

pub(super) fn look_after(
    sources: Vec<Source>,
    sender: &Sender<Looked>,
    time: &Arc<Timeline>,
) -> Looking {
    let mut tasks = JoinSet::new();
    for source in sources {
        tasks.spawn(look_on(source, sender.clone(), Arc::clone(time)));
    }
    Looking(tasks)
}

async fn look_on(mut source: Source, sender: Sender<Looked>, time: Arc<Timeline>) {
    let mut turns = interval(Duration::from_nanos(source.every().0));
    turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        turns.tick().await;
        let seen = source.look().await;
        let looked = Looked { source: source.to_string(), at: time.now(), seen };
        if sender.send(looked).await.is_err() {
            return; // Nobody listens any more.
        }
    }
}
