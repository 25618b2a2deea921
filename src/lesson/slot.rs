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
    Stage(Stage),
    /// The voice of a room on stage.
    StageVoice(Stage),
}

/// A place on stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// The first.
    One,
    /// The second.
    Two,
    /// The third; more than three interacting rooms hurt teaching.
    Three,
}

impl Slot {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Picture,
        Self::Camera,
        Self::Screen,
        Self::Voice,
        Self::Stage(Stage::One),
        Self::Stage(Stage::Two),
        Self::Stage(Stage::Three),
        Self::StageVoice(Stage::One),
        Self::StageVoice(Stage::Two),
        Self::StageVoice(Stage::Three),
    ];

    /// Its name in messages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Picture => "picture",
            Self::Camera => "camera",
            Self::Screen => "screen",
            Self::Voice => "voice",
            Self::Stage(Stage::One) => "stage1",
            Self::Stage(Stage::Two) => "stage2",
            Self::Stage(Stage::Three) => "stage3",
            Self::StageVoice(Stage::One) => "stage1_voice",
            Self::StageVoice(Stage::Two) => "stage2_voice",
            Self::StageVoice(Stage::Three) => "stage3_voice",
        }
    }

    /// The slot of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|slot| slot.as_str() == name)
    }

    /// The slots of a watcher that offers `count` pictures, in their order; none for pictures that have no slot.
    pub fn of_pictures(count: usize) -> Option<&'static [Self]> {
        const NAMED: [Slot; 5] =
            [Slot::Camera, Slot::Screen, Slot::Stage(Stage::One), Slot::Stage(Stage::Two), Slot::Stage(Stage::Three)];
        if count == 1 { Some(&[Self::Picture]) } else { NAMED.get(..count) }
    }

    /// The slots of a watcher that offers `count` voices, in their order; none for voices that have no slot.
    pub fn of_voices(count: usize) -> Option<&'static [Self]> {
        const NAMED: [Slot; 4] =
            [Slot::Voice, Slot::StageVoice(Stage::One), Slot::StageVoice(Stage::Two), Slot::StageVoice(Stage::Three)];
        NAMED.get(..count)
    }
}

/// What belongs in `slot` while `sources` are on.
pub fn fill(slot: Slot, sources: Sources) -> Option<Source> {
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
        assert_eq!(fill(Slot::Picture, sources), Some(Source::Camera));
        assert!(sources.turn(Source::Screen, true));
        assert_eq!(fill(Slot::Picture, sources), Some(Source::Screen));
        assert_eq!(fill(Slot::Camera, sources), Some(Source::Camera), "the teacher stays beside the slides");
        assert!(sources.turn(Source::Camera, false) && sources.turn(Source::Screen, false));
        assert_eq!(fill(Slot::Picture, sources), None);
        assert_eq!(fill(Slot::Voice, sources), Some(Source::Voice), "the voice outlives every picture");
    }

    #[test]
    fn the_order_of_an_offer_names_its_slots() {
        assert_eq!(Slot::of_pictures(1), Some(&[Slot::Picture][..]));
        assert_eq!(Slot::of_pictures(2), Some(&[Slot::Camera, Slot::Screen][..]));
        assert_eq!(Slot::of_pictures(5).and_then(|slots| slots.last()).map(|slot| slot.as_str()), Some("stage3"));
        assert_eq!(Slot::of_pictures(6), None);
        assert_eq!(Slot::of_voices(0), Some(&[][..]));
        assert_eq!(Slot::of_voices(5), None);
    }

    #[test]
    fn every_name_is_read_as_what_it_names() {
        assert!(Slot::ALL.into_iter().all(|slot| Slot::parse(slot.as_str()) == Some(slot)));
        assert!(Source::ALL.into_iter().all(|source| Source::parse(source.as_str()) == Some(source)));
        assert!(Layer::ALL.into_iter().all(|layer| Layer::parse(layer.as_str()) == Some(layer)));
    }
}
