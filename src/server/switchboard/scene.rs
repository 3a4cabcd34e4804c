//! What everyone in a call is told of the others' media: who speaks, and whose connection is not good.
//!
//! The media thread tells it of legs; the people are told of each other. Who comes later is told what stands.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use switchboard_ids::{CallId, DeviceId, UserId};
use switchboard_protocol::{ConnectionQuality, Event, PersonQuality};

use super::actor::Actor;
use super::translate;
use crate::media_driver::{GroupId, LegId, Quality};

/// What stands in one call.
#[derive(Debug, Default)]
pub(super) struct Scene {
    /// The legs that speak, the loudest first.
    speaking: Vec<LegId>,
    /// The legs whose connection is not good.
    qualities: BTreeMap<LegId, Quality>,
    /// Who speaks, as everyone was told last.
    speakers: Vec<UserId>,
    /// Whose connection is not good, as everyone was told last.
    people: BTreeMap<UserId, ConnectionQuality>,
}

impl Scene {
    fn people(&self) -> Vec<PersonQuality> {
        self.people.iter().map(|(&user, &quality)| PersonQuality { user, quality }).collect()
    }
}

impl Actor {
    /// The media thread says who speaks.
    pub(super) fn hear_speakers(&mut self, group: GroupId, legs: Vec<LegId>) {
        let Some(call) = self.legs.call_of(group) else { return };
        if let Some(party) = self.legs.party_mut(call) {
            party.scene.speaking = legs;
            self.heard.insert(call);
        }
    }

    /// The media thread says whose connection became better or worse.
    pub(super) fn hear_quality(&mut self, group: GroupId, changes: Vec<(LegId, Quality)>) {
        let Some(call) = self.legs.call_of(group) else { return };
        let Some(party) = self.legs.party_mut(call) else { return };
        for (leg, quality) in changes {
            match quality {
                Quality::Good => party.scene.qualities.remove(&leg),
                worse => party.scene.qualities.insert(leg, worse),
            };
        }
        self.heard.insert(call);
    }

    /// Tells everyone in a call what is new to them. What is known of a leg ends with it, and nothing is told of people who
    /// left: their seats say so.
    pub(super) fn show_scene(&mut self, call: CallId) {
        let seated = self.seated(call);
        let users: BTreeMap<LegId, UserId> = seated.iter().map(|seated| (seated.leg, seated.user)).collect();
        let Self { legs, .. } = self;
        let gone: Vec<LegId> = match legs.party(call) {
            Some(party) => party.scene.qualities.keys().copied().filter(|leg| legs.get(*leg).is_none()).collect(),
            None => return,
        };
        let Some(scene) = legs.party_mut(call).map(|party| &mut party.scene) else { return };
        scene.qualities.retain(|leg, _| !gone.contains(leg));

        let speakers: Vec<UserId> = scene.speaking.iter().filter_map(|leg| users.get(leg).copied()).collect();
        let quality = |(leg, quality): (&LegId, &Quality)| Some((*users.get(leg)?, translate::quality(*quality)));
        let people: BTreeMap<UserId, ConnectionQuality> = scene.qualities.iter().filter_map(quality).collect();

        let present: BTreeSet<UserId> = users.into_values().collect();
        let better = scene.people.keys().filter(|user| present.contains(user) && !people.contains_key(user));
        let better = better.map(|user| PersonQuality { user: *user, quality: ConnectionQuality::Good });
        let worse = people.iter().filter(|(user, quality)| scene.people.get(user) != Some(quality));
        let changes: Vec<_> = better.chain(worse.map(|(&user, &quality)| PersonQuality { user, quality })).collect();

        let speakers = (scene.speakers != speakers).then(|| scene.speakers.clone_from(&speakers)).map(|()| speakers);
        let speakers = speakers.map(|users| Arc::new(Event::Speakers { call, users }));
        let quality = (!changes.is_empty()).then(|| Arc::new(Event::Quality { call, people: changes }));
        scene.people = people;
        for seated in seated {
            for event in speakers.iter().chain(&quality) {
                self.tell(seated.device, event.clone());
            }
        }
    }

    /// Tells a device that has just come into a call what stands; nothing where nobody speaks and all is good.
    pub(super) fn show_newcomer(&mut self, call: CallId, device: DeviceId) {
        let Some(scene) = self.legs.party(call).map(|party| &party.scene) else { return };
        let (users, people) = (scene.speakers.clone(), scene.people());
        if !users.is_empty() {
            self.tell(device, Event::Speakers { call, users });
        }
        if !people.is_empty() {
            self.tell(device, Event::Quality { call, people });
        }
    }
}
