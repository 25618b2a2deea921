//! A school day by chance: who joins, leaves, moves and looks at what, all from one number.

use tongke::sfu::command::{SessionId, UplinkFeedback, Wish};
use tongke::wire::codec::Codec;

use crate::chance::Chance;
use crate::net::{Line, Link};
use crate::publisher::Publishing;
use crate::school::{School, ms};
use crate::watcher::Watching;

/// Who is there.
#[derive(Default)]
struct Cast {
    leads: Vec<SessionId>,
    rooms: Vec<(SessionId, usize)>,
}

/// Plays a short day.
pub(crate) fn play(seed: u64) -> School {
    let mut school = School::with_seed(seed);
    let mut chance = Chance::new(seed ^ 0x7363_7269_7074);
    let mut cast = Cast::default();
    cast.lead(&mut school, &mut chance);
    for _ in 0..=chance.below(2) {
        cast.room(&mut school, &mut chance);
    }
    for _ in 0..4 + chance.below(8) {
        school.run_for(ms(chance.below(900)));
        cast.act(&mut school, &mut chance);
    }
    school.run_for(ms(500 + chance.below(1_500)));
    school
}

impl Cast {
    fn act(&mut self, school: &mut School, chance: &mut Chance) {
        match chance.below(16) {
            0 | 1 if self.leads.len() < 2 => self.lead(school, chance),
            2 | 3 if self.rooms.len() < 4 => self.room(school, chance),
            4 => self.one_leaves(school, chance),
            5 | 6 => self.one_moves(school, chance),
            7 => self.one_restarts(school, chance),
            8 | 9 => self.one_wishes(school, chance),
            10..=12 => self.one_looks_elsewhere(school, chance),
            13 => self.a_layer_goes_or_comes(school, chance),
            14 => self.one_begs(school, chance),
            _ => self.one_begins_anew(school, chance),
        }
    }

    fn lead(&mut self, school: &mut School, chance: &mut Chance) {
        let feedback = [UplinkFeedback::TransportCc, UplinkFeedback::Remb, UplinkFeedback::ReportsOnly];
        let kind = Publishing {
            codec: if chance.happens(0.5) { Codec::Vp8 } else { Codec::H264 },
            simulcast: chance.happens(0.7),
            repair: chance.happens(0.7),
            named: chance.happens(0.5),
            feedback: feedback[chance.below(3) as usize],
        };
        let line = line(chance, false);
        self.leads.push(school.publish(kind, line));
    }

    fn room(&mut self, school: &mut School, chance: &mut Chance) {
        const SLOTS: &[&[bool]] = &[&[true, false, true], &[true, false], &[true, false, true, true, false]];
        let slots = SLOTS[chance.below(3) as usize];
        let kind = Watching { repair: chance.happens(0.7), estimates: chance.happens(0.7), slots };
        let Some(lead) = pick(&self.leads, chance) else { return };
        let line = line(chance, kind.estimates);
        let room = school.room_like(Watching { slots: &slots[..slots.len().min(3)], ..kind }, lead, line);
        self.rooms.push((room, slots.len().min(3)));
    }

    fn one_leaves(&mut self, school: &mut School, chance: &mut Chance) {
        if chance.happens(0.3) && self.leads.len() > 1 {
            let place = chance.below(self.leads.len() as u64) as usize;
            school.leave(self.leads.remove(place));
        } else if self.rooms.len() > 1 {
            let place = chance.below(self.rooms.len() as u64) as usize;
            school.leave(self.rooms.remove(place).0);
        }
    }

    fn anyone(&self, chance: &mut Chance) -> Option<SessionId> {
        let rooms = self.rooms.iter().map(|(room, _)| *room);
        let all: Vec<_> = rooms.chain(self.leads.iter().copied()).collect();
        pick(&all, chance)
    }

    fn one_moves(&self, school: &mut School, chance: &mut Chance) {
        if let Some(session) = self.anyone(chance) {
            let before = school.move_away(session);
            if chance.happens(0.3) {
                school.run_for(ms(chance.below(1_500)));
                school.move_back(session, before);
            }
        }
    }

    fn one_restarts(&self, school: &mut School, chance: &mut Chance) {
        if let Some(session) = self.anyone(chance) {
            school.restart_ice(session);
            if chance.happens(0.5) {
                school.move_away(session);
            }
        }
    }

    fn one_wishes(&self, school: &mut School, chance: &mut Chance) {
        if let Some((room, slots)) = pick(&self.rooms, chance) {
            let wishes = [Wish::Off, Wish::UpTo(0), Wish::UpTo(1), Wish::UpTo(2), Wish::UpTo(2)];
            school.wish(room, chance.below(slots as u64) as usize, wishes[chance.below(5) as usize]);
        }
    }

    fn one_looks_elsewhere(&self, school: &mut School, chance: &mut Chance) {
        let (Some((room, slots)), Some(lead)) = (pick(&self.rooms, chance), pick(&self.leads, chance)) else { return };
        let slot = chance.below(slots as u64) as usize;
        // Pictures in a picture's slot: camera and screen may change places.
        let track = if slot == 1 { 1 } else { [0, 2][chance.below(2) as usize] };
        school.fill(room, slot, chance.happens(0.85).then_some((lead, track)));
    }

    fn a_layer_goes_or_comes(&self, school: &mut School, chance: &mut Chance) {
        if let Some(lead) = pick(&self.leads, chance) {
            let (layer, on) = (1 + chance.below(2) as usize, chance.happens(0.5));
            school.publisher(lead).switch_layer(layer, on);
        }
    }

    fn one_begs(&self, school: &mut School, chance: &mut Chance) {
        if let Some((room, _)) = pick(&self.rooms, chance) {
            school.watcher(room).begs = chance.happens(0.7);
        }
    }

    fn one_begins_anew(&self, school: &mut School, chance: &mut Chance) {
        if let Some(lead) = pick(&self.leads, chance) {
            school.publisher(lead).rename_streams(chance);
        }
    }
}

fn pick<T: Copy>(among: &[T], chance: &mut Chance) -> Option<T> {
    if among.is_empty() { None } else { Some(among[chance.below(among.len() as u64) as usize]) }
}

fn line(chance: &mut Chance, estimates: bool) -> Line {
    let link = |chance: &mut Chance| Link {
        delay: ms(1 + chance.below(80)),
        jitter: ms(chance.below(20)),
        loss: [0.0, 0.0, 0.01, 0.05][chance.below(4) as usize],
        duplicates: [0.0, 0.01][chance.below(2) as usize],
        late: [0.0, 0.02][chance.below(2) as usize],
        ..Link::good()
    };
    let mut line = Line { up: link(chance), down: link(chance) };
    if estimates && chance.happens(0.2) {
        line.down.bps = Some(500_000 + chance.below(2_000_000));
    }
    line
}
