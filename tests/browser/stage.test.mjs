// A room is called on stage in real Chromium: seen and heard by the teacher and the other room, and quiet again on one key.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { room, SHOTS, slot, startBrowser, startServer, until } from './lib/all.mjs';

const NAMES = ['清水镇中心小学', '石桥教学点'];
let server, browsers, teacher, rooms;

before(async () => {
  server = await startServer();
  browsers = await Promise.all([startBrowser(1366, 768), startBrowser(1920, 1080), startBrowser(1920, 1080)]);
  teacher = await browsers[0].open(server.link('teacher'));
  await teacher.getByTestId('start').click();
  await until('the lesson is live', () => server.figure('tongke_received_keyframes_total'), (count) => count > 0);
  rooms = await Promise.all([0, 1].map((n) => browsers[n + 1].open(server.link('room', n))));
  for (const page of rooms) await until('a picture', () => room(page), (said) => said?.firstPictureMs != null);
});

after(async () => {
  await Promise.all(browsers?.map((browser) => browser.stop()) ?? []);
  await server?.stop();
});

/** Audio packets and energy that a page has received by the voice slot of a place. */
const heard = (page, place) =>
  page.evaluate(async (mid) => {
    const watching = window.keptConnections.filter((pc) => pc.connectionState === 'connected' && pc.getReceivers().length > 4).pop();
    const all = watching ? [...(await watching.getStats()).values()] : [];
    const found = all.find((entry) => entry.type === 'inbound-rtp' && entry.kind === 'audio' && entry.mid === mid);
    return { packets: found?.packetsReceived ?? 0, energy: found?.totalAudioEnergy ?? 0 };
  }, String(place));

/** Frames a page shows of a place on stage. */
const frames = (page, place) =>
  page.evaluate((n) => document.querySelector(`video[data-slot=stage${n}]`)?.getVideoPlaybackQuality().totalVideoFrames ?? 0, place);
const teacherFrames = (name) =>
  teacher.evaluate((id) => document.querySelector(`[data-room="${id}"] video`)?.getVideoPlaybackQuality().totalVideoFrames ?? 0, name);

/** Waits without sleeping long; gives how long it took. */
async function within(what, ms, from, look, holds) {
  await until(what, look, holds, 5_000);
  const took = Date.now() - from;
  assert.ok(took <= ms, `${what}: ${took} ms`);
  return took;
}

/** A voice arrives right now. */
async function flows(page, place) {
  const { packets } = await heard(page, place);
  await until('a voice that flows', () => heard(page, place), (said) => said.packets > packets + 3, 1_000);
}

/** From when on nothing more arrives, at the latest: looked at often, for a second. */
async function falls(page, place, from) {
  let [last, packets] = [from, (await heard(page, place)).packets];
  while (Date.now() < from + 1_500) {
    const now = (await heard(page, place)).packets;
    if (now !== packets) [last, packets] = [Date.now(), now];
  }
  return last - from;
}

test('a hand that is called with N is seen and heard by the teacher and the other room within a second', async (t) => {
  await rooms[0].keyboard.press('F5');
  await teacher.getByTestId('hands').getByText(NAMES[0]).waitFor({ timeout: 5_000 });
  const called = Date.now();
  await teacher.keyboard.press('n');
  const looks = [
    within('the teacher hears', 1_000, called, () => heard(teacher, 1), (said) => said.packets > 5 && said.energy > 0),
    within('the other room hears', 1_000, called, () => heard(rooms[1], 1), (said) => said.packets > 5 && said.energy > 0),
    within('the other room sees', 1_000, called, () => frames(rooms[1], 1), (count) => count > 0),
    within('the teacher sees', 1_000, called, () => teacherFrames('qingshui-1'), (count) => count > 0),
  ];
  t.diagnostic(`heard by the teacher, heard and seen by the other room, seen by the teacher after ${(await Promise.all(looks)).join(', ')} ms`);
  await rooms[0].getByTestId('stage-banner').getByText('请发言').waitFor({ timeout: 1_000 });
  assert.equal(await teacher.getByTestId('hands').getByText(NAMES[0]).count(), 0, 'the hand is down');
});

test('a room never gets its own voice or picture back', async () => {
  assert.equal((await heard(rooms[0], 1)).packets, 0);
  const own = (await room(rooms[0])).slots.find((one) => one.slot === 'stage1');
  assert.equal(own.source, null);
  assert.equal(await heard(teacher, 0).then((said) => said.packets), 0, 'nor does the teacher');
});

test('the teacher sees the own picture as it comes back', async () => {
  const back = () => teacher.evaluate(() => document.querySelector('[data-testid=back] video').getVideoPlaybackQuality().totalVideoFrames);
  await until('the picture that comes back', back, (count) => count > 10);
});

test('the next room that is called closes the first one’s microphone within 200 ms', async (t) => {
  await rooms[1].keyboard.press('F5');
  await teacher.getByTestId('hands').getByText(NAMES[1]).waitFor({ timeout: 5_000 });
  await flows(rooms[1], 1);
  const called = Date.now();
  await teacher.keyboard.press('n');
  const quiet = await falls(rooms[1], 1, called);
  t.diagnostic(`the first room's voice stops after ${quiet} ms`);
  assert.ok(quiet <= 200, `${quiet} ms`);
  const other = await until('the first room hears the second', () => heard(rooms[0], 2), (said) => said.packets > 5 && said.energy > 0, 5_000);
  t.diagnostic(`${other.packets} packets of the second by then`);
  await rooms[0].getByTestId('stage-banner').getByText('话筒已关闭').waitFor({ timeout: 1_000 });
  await until('both stay on stage', () => frames(rooms[1], 1), (count) => count > 0);
  await rooms[0].screenshot({ path: path.join(SHOTS, 'classroom-stage.png') });
  await teacher.screenshot({ path: path.join(SHOTS, 'teacher-stage.png') });
});

test('a room closes its own microphone, and cannot open one that the teacher closed', async (t) => {
  await rooms[1].keyboard.press('.');
  await rooms[1].getByTestId('stage-banner').getByText('话筒已关闭').waitFor({ timeout: 1_000 });
  await rooms[1].keyboard.press('.');
  await rooms[1].getByTestId('stage-banner').getByText('请发言').waitFor({ timeout: 1_000 });
  await flows(teacher, 2);
  const cut = Date.now();
  await teacher.keyboard.press('c');
  const quiet = await falls(teacher, 2, cut);
  t.diagnostic(`a cut microphone is quiet after ${quiet} ms`);
  assert.ok(quiet <= 300, `${quiet} ms`);
  await rooms[1].keyboard.press('.');
  await rooms[1].getByTestId('stage-banner').getByText('话筒由老师打开').waitFor({ timeout: 1_000 });
  assert.equal((await falls(teacher, 2, Date.now())), 0, 'nothing more is heard');
});

test('Esc takes rooms off stage, and their cameras are let go', async () => {
  for (const count of [1, 0]) {
    await teacher.keyboard.press('Escape');
    await until('one fewer on stage', () => teacher.locator('[data-testid=on-stage] [data-room]').count(), (left) => left === count, 2_000);
  }
  for (const page of rooms) {
    await page.getByTestId('stage-banner').waitFor({ state: 'detached', timeout: 2_000 });
    const sends = () => page.evaluate(() => window.keptConnections.filter((pc) => pc.connectionState === 'connected' && pc.getReceivers().length <= 4).length);
    await until('nothing is sent any more', sends, (open) => open === 0, 3_000);
    assert.equal((await room(page)).state, 'watching', 'the lesson goes on');
  }
  for (const page of [teacher, ...rooms]) assert.deepEqual(page.problems, []);
});

test('a room that is called without a hand comes on stage by itself', async (t) => {
  const called = Date.now();
  await teacher.getByTestId('rooms').locator('li', { hasText: NAMES[1] }).getByRole('button', { name: '点名' }).click();
  const took = await within('the other room hears', 1_000, called, () => heard(rooms[0], 1), (said) => said.packets > 5 && said.energy > 0);
  t.diagnostic(`heard after ${took} ms`);
});
