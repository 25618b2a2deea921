// A screen shows a code, an administrator types it at a desk, and the screen stands by with no key press; and back again.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import path from 'node:path';
import { SHOTS, room, startBrowser, startServer, until } from './lib/all.mjs';

const ROOM = 'qingshui-1';
let server;
let school;
let desk;
let screen;
let admin;

before(async () => {
  server = await startServer();
  school = await startBrowser(1920, 1080);
  desk = await startBrowser(1366, 768);
});

after(async () => {
  await school?.stop();
  await desk?.stop();
  await server?.stop();
});

const state = async () => (await room(screen))?.state;
/** Time from now until the classroom says that it is so. */
const reached = async (wanted, ms) => {
  const began = Date.now();
  await until(`the screen is ${wanted}`, state, (said) => [wanted].flat().includes(said), ms);
  return Date.now() - began;
};

test('a screen without a key shows six digits, large', async () => {
  screen = await school.open(`${server.base}/classroom`);
  const code = screen.getByTestId('code');
  await until('a code is shown', () => code.innerText(), (text) => /^[1-9]\d\d \d{3}$/.test(text), 3_000);
  const { height } = await code.boundingBox();
  assert.ok(height >= 200, `the code is ${height} px high`);
  await screen.screenshot({ path: path.join(SHOTS, 'pairing-1080.png') });
});

test('an administrator logs in with the keyboard alone, and sees the rooms', async () => {
  admin = await desk.open(`${server.base}/devices`);
  await admin.getByRole('link', { name: /登录/ }).click();
  await admin.locator('input[name=user]:focus').waitFor({ timeout: 5_000 });
  await admin.keyboard.type('admin');
  await admin.keyboard.press('Tab');
  await admin.keyboard.type('wrong');
  await admin.keyboard.press('Enter');
  await until('a clear no', () => admin.getByTestId('login-problem').innerText(), (text) => text.includes('用户名或密码不对'), 3_000);
  await admin.screenshot({ path: path.join(SHOTS, 'login-wrong-768.png') });
  await admin.locator('input[name=password]').fill('tongke-demo');
  await admin.keyboard.press('Enter');
  await admin.getByTestId('home').waitFor({ timeout: 5_000 });
  await admin.getByRole('link', { name: '教室设备配对' }).click();
  await admin.locator(`[data-room=${ROOM}]`).waitFor({ timeout: 5_000 });
});

test('the code is typed at the desk, and the screen is the room’s with no key press', async (t) => {
  const row = admin.locator(`[data-room=${ROOM}]`);
  await row.getByRole('button', { name: '配对' }).click();
  await row.locator('input[name=code]').fill('111 111');
  await admin.keyboard.press('Enter');
  await until('a wrong code is said so', () => row.getByRole('alert').innerText(), (text) => text.includes('配对码无效'), 3_000);
  await row.locator('input[name=code]').fill(await screen.getByTestId('code').innerText());
  await admin.keyboard.press('Enter');
  // The demonstration's lesson is on, so the screen is in it as soon as it stands by.
  const took = await reached(['standby', 'soon', 'watching'], 3_000);
  t.diagnostic(`in its room ${took} ms after the code was typed`);
  await until('the desk shows it', () => row.innerText(), (text) => text.includes('由 admin 配对'), 3_000);
  await admin.screenshot({ path: path.join(SHOTS, 'devices-768.png') });
});

test('it is the room’s after a reload and after a restart of the server, with no key press', async () => {
  await screen.reload();
  await reached(['standby', 'soon', 'watching'], 5_000);
  await server.restart();
  await until('it comes back', () => server.figure('tongke_online_rooms'), (rooms) => rooms >= 1, 15_000);
});

test('no script of the page can read what makes it the room’s', async () => {
  assert.equal(await screen.evaluate(() => document.cookie), '');
  const cookie = (await screen.context().cookies()).find((one) => one.name === 'tongke_device');
  assert.ok(cookie.httpOnly && cookie.sameSite === 'Lax', JSON.stringify(cookie));
});

test('taken back, the screen shows a new code within a second', async (t) => {
  await admin.reload();
  const row = admin.locator(`[data-room=${ROOM}]`);
  await row.getByRole('button', { name: '解除配对' }).click();
  await admin.keyboard.press('Enter');
  const took = await reached('pairing', 1_000);
  t.diagnostic(`pairing screen ${took} ms after the key press at the desk`);
  await until('another code', () => screen.getByTestId('code').innerText(), (text) => /^\d{3} \d{3}$/.test(text), 3_000);
  for (const page of [screen, admin]) assert.deepEqual(page.problems, []);
});
