//! The week of a run is the week of its moments: who comes on Wednesdays at eleven comes when a
//! moment says Wednesday, eleven, whatever weekday the run starts on.

use crate::World;
use crate::event::Event::World as InWorld;
use seatrial_contract::units::{Moment, Span};
use seatrial_faults::Event::Fleet;
use seatrial_fleet as fleet;
use seatrial_format::Style;

const WEEKDAYS: [&str; 7] =
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

fn world(starts_on: &str) -> World {
    let text = format!(
        r#"
        title = "Wednesdays at eleven"
        duration = "15 d"
        starts_on = "{starts_on}"
        [[rhythms]]
        name = "eleven"
        hours = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        days = [0, 0, 1, 0, 0, 0, 0]
        [[stacks]]
        name = "app"
        [[stacks.parts]]
        name = "web"
        cpu = "0.5 cores"
        memory = "512 MiB"
        [[tiers]]
        name = "free"
        tenants = 20
        stack = "app"
        sessions = {{ gap = {{ kind = "exponential", mean = "1 d" }}, rhythm = "eleven", length = "1 s" }}
        [growth]
        signups = "3/d"
        rhythm = "eleven"
        mix = {{ free = 1 }}
        [[pools]]
        name = "workers"
        count = 1
        machine = {{ cpu = "16 cores", memory = "32 GiB" }}
        price = "$1/h"
        [[services]]
        name = "desk"
        concurrency = 1
        service_time = "1 s"
        [[traffic]]
        name = "calls"
        service = "desk"
        arrivals = {{ kind = "poisson", rate = "10/d", rhythm = "eleven" }}
        "#
    );
    let opened = crate::open_text(&text, Some("[[policies]]\nkind = \"spread\""));
    let opened = opened.unwrap_or_else(|failure| panic!("{}", failure.render(Style::default())));
    World::new(&opened.scenario, None, 5)
}

#[test]
fn the_hour_of_a_rhythm_is_the_hour_of_the_moment() {
    for (day, starts_on) in WEEKDAYS.iter().enumerate() {
        let mut world = world(starts_on);
        let starts = world.fleet.schedule.starts;
        assert_eq!(starts.of_week(), Span::days(day as u64), "{starts_on} is day {day}");
        world.begin();
        let mut met = [0; 3];
        while let Some((at, event)) = world.fleet.schedule.agenda.next(world.fleet.schedule.ends_at)
        {
            let kinds = [
                matches!(event, InWorld(Fleet(fleet::Event::Login(_)))),
                matches!(event, InWorld(Fleet(fleet::Event::SignUp))),
                matches!(event, InWorld(Fleet(fleet::Event::Calls(_)))),
            ];
            if let Some(kind) = kinds.iter().position(|is| *is) {
                met[kind] += 1;
                // Wednesday, 11:00 to 12:00; an hour is over with its last nanosecond.
                let eleven = Span::hours(2 * 24 + 11)..=Span::hours(2 * 24 + 12);
                assert!(eleven.contains(&at.of_week()), "{starts_on}: {:?}", at.of_week());
            }
            world.handle(event);
        }
        assert!(met.iter().all(|count| *count > 5), "{starts_on}: {met:?}");
        assert_eq!(Moment(starts.0 - starts.of_week().0).of_week(), Span::ZERO);
    }
}
