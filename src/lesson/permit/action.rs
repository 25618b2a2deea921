//! What can be done, at the doors and in a live class.

/// Something one may or may not do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// Open the teacher's page.
    OpenTeach,
    /// Open the classroom page.
    OpenClassroom,
    /// Open the operators' page.
    OpenOps,
    /// Open the administrators' pages.
    OpenAdmin,
    /// Change a key, a device's credential or a login for a token.
    Enter,
    /// Take a place in the lesson: its messages come and go.
    Join,
    /// Send media.
    Publish,
    /// Receive media.
    Watch,
    /// Begin the class.
    StartLesson,
    /// End the class.
    EndLesson,
    /// Put one's own hand up or down.
    RaiseHand,
    /// Put another's hand down.
    LowerHand,
    /// Call a room on stage, take it off, close its microphone.
    CallOn,
    /// Open and close one's own microphone on stage.
    Speak,
    /// Say which sources are on.
    SaySource,
    /// Say how large a picture is worth sending.
    WishLayer,
    /// Say what the decoder did.
    Report,
    /// Say something to the grown-up in a room that nobody else hears.
    Whisper,
    /// Hear what is whispered.
    HearWhisper,
    /// Make notes on a lesson's time line.
    TakeNotes,
    /// Fill in a form about a lesson.
    Evaluate,
    /// Tick or flag a period on the patrol wall.
    Patrol,
    /// Add and change districts.
    ManageDistricts,
    /// Add and change schools.
    ManageSchools,
    /// Add and change rooms.
    ManageRooms,
    /// Add and change people, their accounts and what those may do.
    ManagePeople,
    /// Pair schools and rooms.
    ManagePairings,
    /// Plan, move and cancel lessons.
    ManageTimetable,
    /// Give a room its device, by the code on its screen.
    PairDevice,
    /// Take back a key, a device, an account or what one may do.
    Revoke,
    /// Read schools, rooms, people and pairings.
    ReadPlan,
    /// Read the timetable that hangs on the wall.
    ReadTimetable,
    /// Take lists away as files.
    Export,
    /// Read who came, saw and changed what.
    ReadAudit,
    /// Read the figures of all lessons.
    ReadFigures,
    /// Say what the network and the clock did.
    TellFacts,
}

impl Action {
    /// All of them.
    pub const ALL: [Self; 36] = [
        Self::OpenTeach,
        Self::OpenClassroom,
        Self::OpenOps,
        Self::OpenAdmin,
        Self::Enter,
        Self::Join,
        Self::Publish,
        Self::Watch,
        Self::StartLesson,
        Self::EndLesson,
        Self::RaiseHand,
        Self::LowerHand,
        Self::CallOn,
        Self::Speak,
        Self::SaySource,
        Self::WishLayer,
        Self::Report,
        Self::Whisper,
        Self::HearWhisper,
        Self::TakeNotes,
        Self::Evaluate,
        Self::Patrol,
        Self::ManageDistricts,
        Self::ManageSchools,
        Self::ManageRooms,
        Self::ManagePeople,
        Self::ManagePairings,
        Self::ManageTimetable,
        Self::PairDevice,
        Self::Revoke,
        Self::ReadPlan,
        Self::ReadTimetable,
        Self::Export,
        Self::ReadAudit,
        Self::ReadFigures,
        Self::TellFacts,
    ];

    /// Whether the school of a room that only listens to a lesson counts as one that the lesson belongs to: for looking
    /// it does, for changing anything it does not.
    pub const fn is_looking(self) -> bool {
        matches!(
            self,
            Self::Enter
                | Self::Join
                | Self::Watch
                | Self::WishLayer
                | Self::Whisper
                | Self::HearWhisper
                | Self::TakeNotes
                | Self::Evaluate
                | Self::Patrol
                | Self::ReadPlan
                | Self::ReadTimetable
                | Self::Export
        )
    }
}
