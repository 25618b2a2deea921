//! What a teacher sends, what a watcher has places for, and which goes where.

/// One thing a teacher's page sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// The picture of the teacher.
    Camera,
    /// The teacher's microphone.
    Voice,
    /// The courseware.
    Screen,
}

impl Source {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Camera, Self::Voice, Self::Screen];

    /// Its name in messages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Camera => "camera",
            Self::Voice => "voice",
            Self::Screen => "screen",
        }
    }

    /// The source of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.as_str() == name)
    }
}

/// Which sources are on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sources {
    /// The camera runs.
    pub camera: bool,
    /// The microphone is open.
    pub voice: bool,
    /// A screen is shared.
    pub screen: bool,
}

impl Sources {
    /// Whether `source` is on.
    pub const fn is_on(self, source: Source) -> bool {
        match source {
            Source::Camera => self.camera,
            Source::Voice => self.voice,
            Source::Screen => self.screen,
        }
    }

    /// Turns `source` on or off; whether that changed anything.
    pub const fn turn(&mut self, source: Source, on: bool) -> bool {
        let place = match source {
            Source::Camera => &mut self.camera,
            Source::Voice => &mut self.voice,
            Source::Screen => &mut self.screen,
        };
        let changed = *place != on;
        *place = on;
        changed
    }
}

/// A size of a source that is sent in several at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    /// A quarter of the width and height.
    Quarter,
    /// Half of the width and height.
    Half,
    /// As large as it was taken, or the only size there is.
    Full,
}

impl Layer {
    /// All of them, the smallest first.
    pub const ALL: [Self; 3] = [Self::Quarter, Self::Half, Self::Full];

    /// Its name in messages and offers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Quarter => "q",
            Self::Half => "h",
            Self::Full => "f",
        }
    }

    /// The layer of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|layer| layer.as_str() == name)
    }
}

/// One place of a watcher, the same for its whole life whatever fills it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slot {
    /// The only picture of a plain player.
    Picture,
    /// The teacher.
    Camera,
    /// The courseware.
    Screen,
    /// The teacher's voice.
    Voice,
    /// The picture of a room on stage.
    Stage(Place),
    /// The voice of a room on stage.
    StageVoice(Place),
}

/// A place on stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "they are numbers")]
pub enum Place {
    One,
    Two,
    Three,
    Four,
    Five,
    Six,
}

impl Place {
    /// All of them. More than three interacting rooms hurt teaching: the others are for research sessions.
    pub const ALL: [Self; 6] = [Self::One, Self::Two, Self::Three, Self::Four, Self::Five, Self::Six];

    /// Counted from one.
    pub const fn number(self) -> u8 {
        self as u8 + 1
    }
}

/// Every slot and its name in messages.
#[rustfmt::skip]
const NAMES: [(Slot, &str); 16] = [
    (Slot::Picture, "picture"),
    (Slot::Camera, "camera"),
    (Slot::Screen, "screen"),
    (Slot::Voice, "voice"),
    (Slot::Stage(Place::One), "stage1"),
    (Slot::Stage(Place::Two), "stage2"),
    (Slot::Stage(Place::Three), "stage3"),
    (Slot::Stage(Place::Four), "stage4"),
    (Slot::Stage(Place::Five), "stage5"),
    (Slot::Stage(Place::Six), "stage6"),
    (Slot::StageVoice(Place::One), "stage1_voice"),
    (Slot::StageVoice(Place::Two), "stage2_voice"),
    (Slot::StageVoice(Place::Three), "stage3_voice"),
    (Slot::StageVoice(Place::Four), "stage4_voice"),
    (Slot::StageVoice(Place::Five), "stage5_voice"),
    (Slot::StageVoice(Place::Six), "stage6_voice"),
];

/// Slots of pictures, and of voices, in the order of an offer's sections.
const PICTURES: [Slot; 8] = [
    Slot::Camera,
    Slot::Screen,
    Slot::Stage(Place::One),
    Slot::Stage(Place::Two),
    Slot::Stage(Place::Three),
    Slot::Stage(Place::Four),
    Slot::Stage(Place::Five),
    Slot::Stage(Place::Six),
];
const VOICES: [Slot; 7] = [
    Slot::Voice,
    Slot::StageVoice(Place::One),
    Slot::StageVoice(Place::Two),
    Slot::StageVoice(Place::Three),
    Slot::StageVoice(Place::Four),
    Slot::StageVoice(Place::Five),
    Slot::StageVoice(Place::Six),
];

impl Slot {
    /// Its name in messages.
    ///
    /// # Panics
    /// Never: a test asks each for its name.
    pub fn as_str(self) -> &'static str {
        NAMES.iter().find(|(slot, _)| *slot == self).expect("every slot has a name").1
    }

    /// The slot of that name.
    pub fn parse(name: &str) -> Option<Self> {
        NAMES.iter().find(|(_, known)| *known == name).map(|(slot, _)| *slot)
    }

    /// The slots of a watcher that offers `count` pictures, in their order; none for pictures beyond the last slot.
    pub fn of_pictures(count: usize) -> &'static [Self] {
        if count == 1 { &[Self::Picture] } else { &PICTURES[..count.min(PICTURES.len())] }
    }

    /// The slots of a watcher that offers `count` voices, in their order; none for voices beyond the last slot.
    pub fn of_voices(count: usize) -> &'static [Self] {
        &VOICES[..count.min(VOICES.len())]
    }
}

/// What of the teacher's belongs in `slot` while `sources` are on.
pub(super) fn of_teacher(slot: Slot, sources: Sources) -> Option<Source> {
    let source = match slot {
        Slot::Picture if sources.screen => Source::Screen,
        Slot::Picture | Slot::Camera => Source::Camera,
        Slot::Screen => Source::Screen,
        Slot::Voice => Source::Voice,
        Slot::Stage(_) | Slot::StageVoice(_) => return None,
    };
    sources.is_on(source).then_some(source)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_picture_is_the_screen_while_one_is_shared() {
        let mut sources = Sources { camera: true, voice: true, screen: false };
        assert_eq!(of_teacher(Slot::Picture, sources), Some(Source::Camera));
        assert!(sources.turn(Source::Screen, true));
        assert_eq!(of_teacher(Slot::Picture, sources), Some(Source::Screen));
        assert_eq!(of_teacher(Slot::Camera, sources), Some(Source::Camera), "the teacher stays beside the slides");
        assert!(sources.turn(Source::Camera, false) && sources.turn(Source::Screen, false));
        assert_eq!(of_teacher(Slot::Picture, sources), None);
        assert_eq!(of_teacher(Slot::Voice, sources), Some(Source::Voice), "the voice outlives every picture");
    }

    #[test]
    fn the_order_of_an_offer_names_its_slots() {
        let names = |slots: &[Slot]| slots.iter().map(|slot| slot.as_str()).collect::<Vec<_>>();
        assert_eq!(Slot::of_pictures(1), [Slot::Picture]);
        assert_eq!(Slot::of_pictures(2), [Slot::Camera, Slot::Screen]);
        assert_eq!(names(Slot::of_pictures(5)), ["camera", "screen", "stage1", "stage2", "stage3"]);
        assert_eq!(Slot::of_pictures(9).len(), 8, "two of the teacher and six places on stage");
        assert_eq!(names(Slot::of_voices(2)), ["voice", "stage1_voice"]);
        assert_eq!((Slot::of_voices(0).len(), Slot::of_voices(9).len()), (0, 7));
    }

    #[test]
    fn every_name_is_read_as_what_it_names() {
        let slots = PICTURES.into_iter().chain(VOICES).chain([Slot::Picture]);
        assert!(slots.clone().all(|slot| Slot::parse(slot.as_str()) == Some(slot)));
        assert_eq!(slots.count(), NAMES.len());
        assert!(Source::ALL.into_iter().all(|source| Source::parse(source.as_str()) == Some(source)));
        assert!(Layer::ALL.into_iter().all(|layer| Layer::parse(layer.as_str()) == Some(layer)));
    }
}
