//! What happened at one moment of a run, and why: the run is replayed up to there, and nothing of it is stored. Decides
//! nothing.

mod forked;
mod moment;
mod story;

use crate::Trial;
use forked::forked;
use moment::Looking;
use seatrial_contract::units::{Moment, Span};
use seatrial_host::{BrokenInvariant, Ticked, Watch, look_on};
use seatrial_policies::{Clock, PolicyFile, Teller, digest};
use seatrial_record::{EXPLAINED_VERSION, Explained};
use std::cell::RefCell;
use std::rc::Rc;
pub use story::Subject;

/// What is asked.
pub struct Question<'a> {
    /// The run: its first seed.
    pub trial: &'a Trial<'a>,
    /// The moment, as people write it.
    pub at: &'a str,
    /// Whose story is wished for.
    pub subject: Option<Subject>,
    /// Other policies that take over after the moment, and what they are called.
    pub fork: Option<(&'a str, &'a PolicyFile)>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum Unexplained {
    /// Nobody decides anything.
    #[error("no policy runs in it, so nothing was decided; give it `[policies]`")]
    NoPolicies,
    /// The moment is none.
    #[error("`{0}` is no moment of a run; write it as `26 h` or `1 d 02:00:00`")]
    NoMoment(String),
    /// The run is over before it.
    #[error("the run is over after {0}; ask about a moment before that")]
    TooLate(Span),
    /// Nobody has looked yet.
    #[error("no policy has looked by then; the first time is after {0}")]
    TooEarly(Span),
    /// There is nobody of that name by then.
    #[error("there is no {kind} `{name}` by then{some}")]
    Nobody {
        /// `tenant`, `node` or `service`.
        kind: &'static str,
        /// The name.
        name: String,
        /// Some that there are.
        some: String,
    },
    /// A bug of ours.
    #[error(transparent)]
    Broken(#[from] BrokenInvariant),
}

/// Answers.
///
/// # Errors
/// What is asked is not there, or an invariant is broken.
pub fn explain(question: &Question<'_>, watch: &dyn Watch) -> Result<Explained, Unexplained> {
    let trial = question.trial;
    let policies = trial.policies.ok_or(Unexplained::NoPolicies)?;
    let starts = seatrial_host::starts(trial.scenario);
    let clock = Clock::Run { starts };
    let no_moment = || Unexplained::NoMoment(question.at.to_owned());
    let at = clock.read(question.at).ok_or_else(no_moment)?;
    let duration = trial.scenario.duration.value;
    if at.since(starts) > duration {
        return Err(Unexplained::TooLate(duration));
    }
    let looking = |at| look(question, at, policies.tick.0, watch);
    let mut found = looking(at)?;
    if let (None, Some(last)) = (&found.moment, found.last_tick) {
        // They did not look at the tick before it: their process was down.
        found = looking(last)?;
    }
    let Looking { moment: Some(moment), story, .. } = found else {
        return Err(Unexplained::TooEarly(policies.tick.0));
    };
    let subject = story.map(|story| story.told(moment.document)).transpose()?;
    let fork = question.fork.map(|fork| forked(trial, at, fork, watch)).transpose()?;
    Ok(Explained {
        version: EXPLAINED_VERSION,
        scenario: trial.scenario.title.clone(),
        seed: trial.seed,
        policies: digest(policies),
        at: at.since(starts).0,
        looked: moment.looked,
        seen: moment.seen,
        decided: moment.decided,
        flights: moment.flights,
        subject,
        fork,
    })
}

/// Knows what all that is seen at a tick is called.
fn teller<'a>(ticked: &'a Ticked<'_>) -> Teller<'a> {
    Teller { words: ticked.words, names: ticked.names, view: ticked.view }
}

/// Runs up to a moment.
fn look(
    question: &Question<'_>,
    until: Moment,
    tick: Span,
    watch: &dyn Watch,
) -> Result<Looking, BrokenInvariant> {
    let starts = seatrial_host::starts(question.trial.scenario);
    let looking = Looking::new(question.subject.clone(), starts, until, tick);
    let looking = Rc::new(RefCell::new(looking));
    let onlooker = Rc::clone(&looking);
    let world = question.trial.world(question.trial.seed);
    let onlooker = Box::new(move |ticked: &Ticked<'_>| onlooker.borrow_mut().tick(ticked));
    look_on(world, until, onlooker, watch)?;
    Ok(looking.take())
}
