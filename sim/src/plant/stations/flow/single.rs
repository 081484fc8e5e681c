//! Calls that stay single where all others are rates: those of tenants that start. What becomes of one
//! is drawn from what the flow finds at that moment.

use crate::kernel::agenda::Agenda;
use crate::plant::stations::Stations;
use crate::plant::stations::endings::StartCall;
use crate::plant::stations::requests::SourceId;
use crate::plant::{Event, WORLD};
use seatrial_contract::units::Span;
use seatrial_contract::{Purpose, TenantId};

const FATE: Purpose = Purpose::new("single call in a flow");

impl Stations {
    /// A tenant that starts calls; false where each call is an event anyway.
    pub(in super::super) fn start_flows(
        &mut self,
        id: TenantId,
        (tier, source): (usize, SourceId),
        turn: u32,
        agenda: &mut Agenda<Event>,
    ) -> bool {
        let Some(flow) = &mut self.flow else { return false };
        if let Some(zooms) = &mut flow.zooms
            && zooms.start(id, tier, turn, agenda.now())
        {
            return true;
        }
        let stream = &mut flow.streams[source.index()];
        stream.single += 1.0;
        let mut chance = self.dice.turn(u64::from(id.0), FATE, u64::from(turn));
        let (answered, after) = stream.fate(chance.unit(), chance.unit());
        #[expect(clippy::cast_possible_truncation, reason = "its low bits, as events have it")]
        let turn = turn as u16;
        let event =
            if answered { Event::StartAnswered(id, turn) } else { Event::StartRefused(id, turn) };
        let at = agenda.now().after(Span::from_seconds(after));
        if at <= self.ends_at {
            agenda.schedule(at, WORLD, event);
        }
        true
    }

    /// A start's call was answered, or was not.
    pub(crate) fn start_told(&mut self, tenant: TenantId, turn: u16, is_answered: bool) {
        self.starts.push(StartCall { tenant, turn, is_answered });
    }
}
