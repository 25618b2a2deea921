//! What the robot shows and plays, as sources of ffmpeg's `lavfi`.

use std::fmt::Write as _;
use std::path::Path;

/// Where distributions keep a font with Chinese letters; fontconfig then finds it by name.
const CJK_FONTS: &[&str] = &[
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-sans-cjk-fonts/NotoSansCJK-Regular.ttc",
];
const FONT: &str = "font=Noto Sans CJK SC";

/// How long a slide stays.
const SLIDE_S: usize = 8;

/// One slide: its lines, the bar's parts, and how many of them are filled.
struct Slide {
    title: &'static str,
    line: &'static str,
    parts: usize,
    filled: usize,
}

const SLIDES: &[Slide] = &[
    Slide { title: "分数的初步认识", line: "三年级 数学", parts: 1, filled: 1 },
    Slide { title: "二分之一", line: "把一条彩带平均分成 2 份,取其中 1 份", parts: 2, filled: 1 },
    Slide { title: "四分之一", line: "把一条彩带平均分成 4 份,取其中 1 份", parts: 4, filled: 1 },
    Slide { title: "四分之三", line: "把一条彩带平均分成 4 份,取其中 3 份", parts: 4, filled: 3 },
    Slide { title: "想一想", line: "平均分的份数越多,每一份是大还是小?", parts: 8, filled: 1 },
];

/// Whether this machine can write Chinese into a picture.
pub(super) fn can_write() -> bool {
    CJK_FONTS.iter().any(|font| Path::new(font).exists())
}

/// The camera: the title, a clock, and something that moves.
pub(super) fn camera(title: &str, write: bool) -> String {
    if !write {
        // It has a clock of its own.
        return "testsrc2=size=1280x720:rate=25".to_owned();
    }
    let title = drawable(title);
    format!(
        "gradients=size=320x180:rate=25:n=4:speed=0.02:c0=0x12343b:c1=0x1d4e5f:c2=0x24435c:c3=0x2d3a5f,\
         scale=1280:720:flags=bilinear,\
         drawtext={FONT}:text='机器人老师 · {title}':fontsize=56:fontcolor=white:x=(w-tw)/2:y=80,\
         drawtext={FONT}:text='%{{localtime\\:%T}}':fontsize=150:fontcolor=white:x=(w-tw)/2:y=(h-th)/2,\
         drawtext={FONT}:text='●':fontsize=72:fontcolor=0xf2c14e:x='(w-tw)/2*(1+0.8*sin(t))':y='560-60*abs(sin(3*t))'"
    )
}

/// The screen: slides with a bar that is cut into parts.
pub(super) fn slides(write: bool) -> String {
    let mut graph = "color=color=0xfbf7ee:size=1280x720:rate=5".to_owned();
    for (number, slide) in SLIDES.iter().enumerate() {
        let turn = format!("enable='eq(mod(floor(t/{SLIDE_S}),{}),{number})'", SLIDES.len());
        let width = 1_080 / slide.parts;
        for part in 0..slide.parts {
            let (x, inner) = (100 + part * width, width - 8);
            let colour = if part < slide.filled { "0xd96c4f" } else { "0xe4dccb" };
            let _infallible = write!(graph, ",drawbox=x={x}:y=480:w={inner}:h=120:color={colour}:t=fill:{turn}");
        }
        if write {
            for (text, size, y) in [(slide.title, 120, 120), (slide.line, 52, 320)] {
                let _infallible = write!(
                    graph,
                    ",drawtext={FONT}:text='{text}':fontsize={size}:fontcolor=0x23313d:x=(w-tw)/2:y={y}:{turn}"
                );
            }
        }
    }
    graph
}

/// The voice: a soft melody of five notes, two a second.
pub(super) fn melody() -> String {
    // Notes start and end in silence, so that their change does not click.
    "aevalsrc='0.2*sin(2*PI*t*262*pow(2,floor(mod(floor(2*t)*3,5)*2.4+0.5)/12))*exp(-5*mod(t,0.5))*\
     min(1,mod(t,0.5)*80)':sample_rate=48000:channel_layout=stereo"
        .to_owned()
}

/// A title without what means something to ffmpeg.
fn drawable(title: &str) -> String {
    title.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '·' | '《' | '》' | '、' | '(' | ')')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_cannot_become_a_filter() {
        let graph = camera("a',drawtext=textfile=/etc/passwd:x='%{pts}\\", true);
        assert!(!graph.contains("textfile=") && !graph.contains("%{pts}"), "{graph}");
        assert!(camera("分数的初步认识", true).contains("机器人老师 · 分数的初步认识"));
    }

    #[test]
    fn a_machine_without_letters_still_has_pictures() {
        assert!(!camera("分数", false).contains("drawtext") && !slides(false).contains("drawtext"));
    }

    #[test]
    fn every_slide_has_its_turn() {
        let graph = slides(true);
        for number in 0..SLIDES.len() {
            assert!(graph.contains(&format!(",{}),{number})'", SLIDES.len())), "{graph}");
        }
    }
}
