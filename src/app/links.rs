//! Links that carry keys, printed to be clicked.

use std::fmt::Write as _;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;

use serde_json::json;

use super::AppFault;
use super::doors::DoorAddresses;
use crate::config::Config;
use crate::config::cli::ServeArgs;
use crate::control::enter::Link;
use crate::lesson::{LessonId, Role};

/// Prints the links of a demonstration, and writes them to a file if asked to.
pub(super) fn announce(
    config: &Config,
    args: &ServeArgs,
    doors: &DoorAddresses,
    links: &[Link],
    addresses: &[IpAddr],
) -> Result<(), AppFault> {
    let (here, there) = bases(config, doors, addresses);
    if let Some(path) = &args.links_json {
        let listed: Vec<_> = links
            .iter()
            .map(|link| {
                let (role, lesson) = (link.role.as_str(), link.lesson.as_ref().map(LessonId::as_str));
                json!({ "role": role, "lesson": lesson, "name": link.name, "url": format!("{here}{}", link.path) })
            })
            .collect();
        let text = json!({ "base": here, "ops": format!("http://{}", doors.ops), "links": listed }).to_string();
        write_whole(path, &text).map_err(|source| AppFault::Links { path: path.display().to_string(), source })?;
    }
    if let Some(county) = config.county {
        println!(
            "\n同课 Tongke 已就绪 · ready: a county of {} lessons with {} rooms each; `--links-json FILE` lists its links.\n",
            county.lessons, county.rooms
        );
    } else if config.demo {
        println!("{}", text(links, &here, there.as_deref()));
    }
    Ok(())
}

/// Whoever waits for the file finds all of it.
fn write_whole(path: &Path, text: &str) -> io::Result<()> {
    let half = path.with_extension("new");
    std::fs::write(&half, text)?;
    std::fs::rename(&half, path)
}

/// The address for somebody at this machine, and the one for others.
fn bases(config: &Config, doors: &DoorAddresses, addresses: &[IpAddr]) -> (String, Option<String>) {
    let url = |scheme: &str, host: &str, door: SocketAddr| format!("{scheme}://{host}:{}", door.port());
    let lan = addresses.iter().find(|address| address.is_ipv4() && !address.is_loopback());
    let there = config.http.public_url.clone().or_else(|| Some(url("https", &lan?.to_string(), doors.tls?)));
    let here = match (doors.plain, doors.tls) {
        // Browsers give camera and microphone to plain http only at `localhost`.
        (Some(plain), _) if plain.ip().is_loopback() || plain.ip().is_unspecified() => url("http", "localhost", plain),
        (Some(plain), _) => url("http", &plain.ip().to_string(), plain),
        (None, Some(tls)) => url("https", "localhost", tls),
        (None, None) => String::new(),
    };
    (config.http.public_url.clone().unwrap_or(here), there)
}

fn text(links: &[Link], here: &str, there: Option<&str>) -> String {
    let mut text = String::from("\n同课 Tongke 已就绪,点开链接即可 · ready, open these links:\n");
    for link in links {
        let (zh, en) = match link.role {
            Role::Teacher => ("主讲端", "teacher"),
            Role::Room => ("教室端", "classroom"),
            _ => ("运维台", "ops"),
        };
        let _infallible = write!(text, "\n  {zh} {en} · {}\n    {here}{}\n", link.name, link.path);
    }
    if let Some(there) = there.filter(|there| *there != here) {
        let _infallible = write!(
            text,
            "\n其他电脑请把 {here} 换成 {there}(自签名证书,浏览器会提示一次)\n\
             On other computers replace {here} by {there} (self-signed certificate: the browser asks once).\n"
        );
    }
    let _infallible = write!(text, "\n  登录 log in · {here}/login\n");
    for (user, password, what) in super::demo_accounts::KNOWN {
        let _infallible = writeln!(text, "    {user} / {password} · {what}");
    }
    text.push_str("\n按 Ctrl-C 结束 · Ctrl-C stops it.\n");
    text
}
