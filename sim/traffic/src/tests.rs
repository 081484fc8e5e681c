//! What holds of all stations, whatever they serve.

use super::*;
use crate::{callers, dispatch, invariants};

const TEXT: &str = include_str!("two_services.toml");

#[test]
fn nobody_is_lost() {
    let mut stations = Stations::new(&reading::scenario(TEXT), Dice::new(3), Moment::START, false);
    let mut agenda = Agenda::new();
    callers::begin(&mut stations, &mut agenda, Moment::START);
    while let Some((_, event)) = agenda.next(stations.clock.ends_at) {
        let event: Event = event;
        let is_plain = matches!(event, Event::Calls(_) | Event::Served(_) | Event::TimesOut(_));
        assert!(is_plain, "{event:?} at a station");
        dispatch::happen(&mut stations, event, &mut agenda);
        let sum = |of: fn(&measures::RequestStatistics) -> u64| -> u64 {
            stations.sources.iter().map(|source| of(&source.seen)).sum()
        };
        let present: u64 = stations
            .serving
            .replica_queues
            .iter()
            .map(|replica_queue| u64::from(replica_queue.present))
            .sum();
        assert_eq!(invariants::broken(&stations), None);
        assert_eq!(sum(|s| s.arrivals), sum(|s| s.refused + s.settled()) + present);
        // At the two replicas: four served and six waiting at the most.
        let front = &stations.serving.services[0].load;
        assert!(front.busy.value() <= 4 && front.waiting.value() <= 6);
    }
    assert_eq!(agenda.pending(), 0, "nothing is planned past the end");
    let web = &stations.sources[0].seen;
    assert!(web.refused > 30 && web.abandoned > 30 && web.sojourn.count() > 30, "{web:?}");
}
