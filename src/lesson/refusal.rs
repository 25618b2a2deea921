//! Why a person may not: a code that never changes, and a sentence that says what to do.

/// One reason. The table is section 2 of `docs/protocol.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No key or token was sent.
    TokenMissing,
    /// The key or token is not signed by this server, or not readable.
    TokenInvalid,
    /// The key or token was good once.
    TokenExpired,
    /// Good, but not for this lesson, room or act.
    NotPermitted,
    /// There is no such account, or its password is another one.
    LoginWrong,
    /// The password has to be changed before anything else.
    PasswordExpired,
    /// The new password is too short, too long, the old one or the account's name.
    PasswordWeak,
    /// Too many tries or requests; later it may be.
    TooMany,
    /// There is no such pairing code, or it is over.
    CodeUnknown,
    /// There is no such room, account or grant.
    NotThere,
    /// Something of that name is there already.
    AlreadyThere,
    /// The plan cannot be that way.
    PlanRefused,
    /// There is something wrong in the sheets.
    SheetsFaulty,
    /// There is no such lesson.
    LessonUnknown,
    /// The lesson is over.
    LessonEnded,
    /// This room has no lesson at this hour.
    NoLessonNow,
    /// Another page of this teacher is live.
    AlreadyPublishing,
    /// The room that is called is not in the lesson now.
    RoomNotHere,
    /// The room's microphone was closed by the teacher.
    MicrophoneClosed,
    /// There is no such session, or it is gone.
    SessionUnknown,
    /// The offer could not be read.
    OfferUnreadable,
    /// The offer has nothing we can use.
    OfferUnusable,
    /// More was sent than is taken.
    BodyTooLarge,
    /// What was sent is of another kind than is taken here.
    ContentType,
    /// A message is of unknown shape.
    MessageUnreadable,
    /// The request did not arrive in time.
    TooSlow,
    /// A limit of this server is reached.
    Busy,
    /// Our fault; it is in the log.
    Internal,
}

impl Refusal {
    /// All of them, in the order of the protocol's table.
    pub const ALL: [Self; 28] = [
        Self::TokenMissing,
        Self::TokenInvalid,
        Self::TokenExpired,
        Self::NotPermitted,
        Self::LoginWrong,
        Self::PasswordExpired,
        Self::PasswordWeak,
        Self::TooMany,
        Self::CodeUnknown,
        Self::NotThere,
        Self::AlreadyThere,
        Self::PlanRefused,
        Self::SheetsFaulty,
        Self::LessonUnknown,
        Self::LessonEnded,
        Self::NoLessonNow,
        Self::AlreadyPublishing,
        Self::RoomNotHere,
        Self::MicrophoneClosed,
        Self::SessionUnknown,
        Self::OfferUnreadable,
        Self::OfferUnusable,
        Self::BodyTooLarge,
        Self::ContentType,
        Self::MessageUnreadable,
        Self::TooSlow,
        Self::Busy,
        Self::Internal,
    ];

    /// The code; programs may depend on it.
    pub const fn code(self) -> &'static str {
        self.words().0
    }

    /// The sentence in English.
    pub const fn title(self) -> &'static str {
        self.words().1
    }

    /// The sentence in Chinese.
    pub const fn title_zh(self) -> &'static str {
        self.words().2
    }

    #[rustfmt::skip]
    const fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::TokenMissing => ("token_missing", "No key was sent. Open the link you were given.", "缺少凭证,请用收到的链接打开。"),
            Self::TokenInvalid => ("token_invalid", "The key is not valid here. Ask for a new link.", "凭证无效,请向管理员索取新链接。"),
            Self::TokenExpired => ("token_expired", "The token has expired. Open the link again.", "凭证已过期,请重新打开链接。"),
            Self::NotPermitted => ("not_permitted", "This key does not allow that.", "此凭证没有这项权限。"),
            Self::LoginWrong => ("login_wrong", "The user name or the password is wrong.", "用户名或密码不对。"),
            Self::PasswordExpired => ("password_expired", "Set a new password first.", "请先设置新密码。"),
            Self::PasswordWeak => ("password_weak", "The new password needs 10 to 128 characters and must not be the old one or your name.", "新密码需 10 至 128 个字符,且不能与旧密码或用户名相同。"),
            Self::TooMany => ("too_many", "Too many tries. Wait a moment, then try again.", "尝试过于频繁,请稍候再试。"),
            Self::CodeUnknown => ("code_unknown", "That code is not valid. Type the one that the screen shows now.", "配对码无效,请输入屏幕上现在显示的配对码。"),
            Self::NotThere => ("not_there", "That is not there (any more).", "没有找到,可能已被删除。"),
            Self::AlreadyThere => ("already_there", "Something of that name is there already.", "同名的已经存在。"),
            Self::PlanRefused => ("plan_refused", "The plan cannot be changed that way.", "课程安排不能这样改。"),
            Self::SheetsFaulty => ("sheets_faulty", "There are mistakes in the file: nothing was imported.", "文件中有错误,未导入任何内容。"),
            Self::LessonUnknown => ("lesson_unknown", "There is no such lesson. Check the timetable.", "没有这节课,请核对课程表。"),
            Self::LessonEnded => ("lesson_ended", "The lesson is over.", "这节课已经下课。"),
            Self::NoLessonNow => ("no_lesson_now", "This room has no lesson at this hour.", "本教室现在没有课。"),
            Self::AlreadyPublishing => ("already_publishing", "Another page is teaching this lesson. Take over, or close it first.", "另一个页面正在上这节课,请接管或先关闭它。"),
            Self::RoomNotHere => ("room_not_here", "That room is not in the lesson now.", "这间教室现在不在课堂里。"),
            Self::MicrophoneClosed => ("microphone_closed", "The teacher has closed this microphone. Raise your hand to speak.", "话筒已由老师关闭,发言请先举手。"),
            Self::SessionUnknown => ("session_unknown", "The connection is gone. Connect again.", "连接已不存在,请重新连接。"),
            Self::OfferUnreadable => ("offer_unreadable", "The media offer could not be read.", "无法读懂媒体请求,请更新浏览器。"),
            Self::OfferUnusable => ("offer_unusable", "The media offer has nothing usable here: send H.264, VP8, VP9 or AV1, and Opus.", "没有可用的音视频格式,请用 H.264 视频和 Opus 音频。"),
            Self::BodyTooLarge => ("body_too_large", "The request is too large.", "请求内容过大。"),
            Self::ContentType => ("content_type", "The content type is not taken here.", "请求的内容类型不对。"),
            Self::MessageUnreadable => ("message_unreadable", "The message could not be understood. Reload the page.", "无法读懂消息,请刷新页面。"),
            Self::TooSlow => ("too_slow", "The request did not arrive in time. Try again.", "请求超时,请重试。"),
            Self::Busy => ("busy", "The server is full. Try again in a moment.", "服务器已满,请稍后再试。"),
            Self::Internal => ("internal", "The server has a fault. Tell the operators.", "服务器出错,请联系运维。"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_are_those_of_the_protocol_in_its_order() {
        let protocol = include_str!("../../docs/protocol.md");
        let table = protocol.split("## 2. Errors").nth(1).unwrap().split("## 3.").next().unwrap();
        let written: Vec<_> =
            table.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`')).map(|(code, _)| code).collect();
        assert_eq!(Refusal::ALL.map(Refusal::code).to_vec(), written);
    }

    #[test]
    fn advice_on_a_classroom_screen_fits_its_line() {
        for refusal in Refusal::ALL {
            assert!(refusal.title_zh().chars().count() <= 40, "{}", refusal.code());
            assert!(refusal.title_zh().ends_with('。') && refusal.title().ends_with('.'), "{}", refusal.code());
        }
    }
}
