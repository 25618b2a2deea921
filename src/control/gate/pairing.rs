//! Rooms' devices: a code on the screen, typed by an administrator, makes the screen the room's.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use super::view::{CodeView, DeviceView, DevicesView};
use super::{Gate, LoggedIn, line, may, school_of};
use crate::control::refused::Refused;
use crate::control::secret::{fresh, random, trace};
use crate::control::view::ms;
use crate::io::clock;
use crate::lesson::register::{Device, RegisterChange};
use crate::lesson::{Action, Belongs, DeviceId, Refusal, RoomId};
use crate::store::AuditLine;

/// A screen that waits for a change is answered after so long in any case: no box on the way keeps silent connections
/// for longer than half a minute.
const WAIT_MAX: Duration = Duration::from_secs(20);

impl Gate {
    /// A screen asks for a code: what it shows, and the secret that its browser keeps. Once the code was typed, that is
    /// the device's.
    ///
    /// # Errors
    /// [`Refusal::TooMany`] with a wait; [`Refusal::Busy`] if too many screens show a code.
    pub fn show_code(&self, before: Option<&str>, from: IpAddr) -> Result<(String, CodeView), Refused> {
        let now = clock::now();
        self.tries().code(now, from)?;
        let secret = fresh();
        let before = before.map(device_id);
        let chance = || u32::from_be_bytes(random());
        let shown = self.codes().show(now, device_id(&secret), before.as_ref(), chance);
        let (code, until) = shown.ok_or(Refusal::Busy)?;
        Ok((secret, CodeView { code: code.to_string(), expires_ms: ms(until), now_ms: ms(now) }))
    }

    /// Whether a browser is a room's device. Answered when that is no longer as `known` says, or after a while.
    pub async fn device_state(&self, secret: &str, known: Option<bool>) -> bool {
        let device = device_id(secret);
        let mut changes = self.changed.subscribe();
        let is_paired = || self.school.read(|_, register| register.device(&device).is_some());
        let waiting = async { while Some(is_paired()) == known && changes.changed().await.is_ok() {} };
        let _nothing_new = tokio::time::timeout(WAIT_MAX, waiting).await;
        is_paired()
    }

    /// The device behind a browser's secret.
    pub fn device(&self, secret: &str) -> DeviceId {
        device_id(secret)
    }

    /// An administrator types the code that a screen shows: it is the room's device from now on, and what the room had
    /// before is over.
    ///
    /// # Errors
    /// [`Refusal::CodeUnknown`], [`Refusal::NotThere`], [`Refusal::NotPermitted`] or [`Refusal::TooMany`].
    pub async fn pair(&self, who: &LoggedIn, room: &RoomId, code: &str) -> Result<(), Refused> {
        let now = clock::now();
        self.tries().pairing(now, &who.account.id)?;
        let digits: String = code.chars().filter(char::is_ascii_digit).collect();
        let code: u32 = digits.parse().map_err(|_| Refusal::CodeUnknown)?;
        let thing = self.room(room)?;
        may(&who.powers, Action::PairDevice, &thing)?;
        let id = self.codes().try_code(now, code).ok_or(Refusal::CodeUnknown)?;
        let device = Device { id, room: room.clone(), since: now, paired_by: who.account.id.clone() };
        let line = AuditLine { school: school_of(&thing), ..line(&who.account.id, "device_paired", room.as_str()) };
        self.keep(vec![RegisterChange::Pair(device)], line).await?;
        self.codes().done(code);
        Ok(())
    }

    /// Takes a room's device back.
    ///
    /// # Errors
    /// [`Refusal::NotThere`] if it has none; [`Refusal::NotPermitted`].
    pub async fn unpair(&self, who: &LoggedIn, room: &RoomId) -> Result<(), Refused> {
        let thing = self.room(room)?;
        may(&who.powers, Action::Revoke, &thing)?;
        if self.school.read(|_, register| register.device_of(room).is_none()) {
            return Err(Refusal::NotThere.into());
        }
        let line = AuditLine { school: school_of(&thing), ..line(&who.account.id, "device_revoked", room.as_str()) };
        self.keep(vec![RegisterChange::Unpair(room.clone())], line).await
    }

    /// The rooms that somebody may give a device, and which have one.
    pub fn devices(&self, who: &LoggedIn) -> DevicesView {
        self.school.read(|alliance, register| {
            let may = |room: &RoomId| may(&who.powers, Action::PairDevice, &alliance.belongs_room(room)).is_ok();
            let devices: BTreeMap<_, _> = register.devices().map(|device| (&device.room, device)).collect();
            let rooms = alliance.rooms().filter(|room| may(&room.id));
            let rooms = rooms.map(|room| DeviceView::of(room, devices.get(&room.id).copied(), alliance));
            DevicesView { rooms: rooms.collect() }
        })
    }

    fn room(&self, room: &RoomId) -> Result<Belongs, Refusal> {
        self.school
            .read(|alliance, _| alliance.room(room).map(|room| alliance.belongs_room(&room.id)))
            .ok_or(Refusal::NotThere)
    }
}

fn device_id(secret: &str) -> DeviceId {
    DeviceId::new(&trace(secret)).expect("hexadecimal digits are an id")
}
