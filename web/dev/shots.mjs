// Opens every state of every page in Chromium, checks what must hold, and leaves pictures in dev/shots/.
// Usage: node dev/shots.mjs [part of a name]

import { mkdirSync } from 'node:fs';
import * as make from './fixtures.mjs';
import { launch, mediaServer, serve, World } from './world.mjs';

const SHOTS = new URL('./shots/', import.meta.url).pathname;
const LAPTOP = { width: 1366, height: 768 };
const SCREEN = { width: 1920, height: 1080 };
const only = process.argv[2] ?? '';
const stories = [];
const story = (name, act) => name.includes(only) && stories.push([name, act]);
const sleep = (ms) => new Promise((kept) => setTimeout(kept, ms));
const must = (holds, what) => {
  if (!holds) throw new Error(`must hold: ${what}`);
};

mkdirSync(SHOTS, { recursive: true });
const deleted = []; // Goodbyes of a closing page pass by the routes and reach the server itself.
const { base, close } = await serve((method, path) => method === 'DELETE' && deleted.push(path));
const context = await launch();
const media = await mediaServer(context, base);
await context.grantPermissions(['camera', 'microphone'], { origin: base });

async function open(path, world, size, prepare) {
  const page = await context.newPage();
  page.on('pageerror', (error) => console.log('  page error:', error.message));
  page.on('console', (line) => line.type() === 'error' && !/Failed to load resource/.test(line.text()) && console.log('  console:', line.text()));
  await page.setViewportSize(size);
  await world.attach(page);
  if (prepare) await prepare(page);
  await page.goto(`${base}/${path}`);
  return page;
}
const shot = (page, name) => page.screenshot({ path: `${SHOTS}${name}.png` });
const room = (change) => new World(media, make.entered('room', change));
const teacher = (change) => new World(media, make.entered('teacher', change));
const tongke = (page) => page.evaluate(() => ({ state: tongke.state, joinedMs: tongke.joinedMs, firstPictureMs: tongke.firstPictureMs, slots: tongke.slots }));
const ready = (page) => page.waitForFunction(() => tongke.firstPictureMs !== null, null, { timeout: 8000 });

story('teach-before', async (name) => {
  const world = teacher({ lesson: make.lesson({ state: 'planned', starts_ms: Date.now() + 260_000 }) });
  world.roster = make.rooms(3);
  const page = await open('teach?key=k', world, LAPTOP);
  await page.waitForSelector('video');
  await sleep(1200);
  await shot(page, name);
  await page.setViewportSize(SCREEN);
  await shot(page, `${name}-1080`);
  await page.close();
});

for (const [kind, error] of [['denied', 'NotAllowedError'], ['nothing', 'NotFoundError'], ['busy', 'NotReadableError']]) {
  story(`teach-trouble-${kind}`, async (name) => {
    const world = teacher({ lesson: make.lesson({ state: 'planned', starts_ms: Date.now() - 20_000 }) });
    const page = await open('teach?key=k', world, LAPTOP, (one) =>
      one.addInitScript((e) => {
        const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
        navigator.mediaDevices.getUserMedia = (w) => (e === 'NotReadableError' && !w.video ? real(w) : Promise.reject(new DOMException('', e)));
      }, error),
    );
    await page.waitForSelector('[data-testid=device-problem]');
    await sleep(300);
    await shot(page, name);
    await page.close();
  });
}

story('teach-live', async (name) => {
  const world = teacher({ lesson: make.lesson({ state: 'planned', starts_ms: Date.now() - 20_000 }) });
  world.sources = { camera: false, voice: false, screen: false };
  world.roster = make.rooms(20, 3);
  const page = await open('teach?key=k', world, LAPTOP, (one) =>
    one.addInitScript(() => {
      window.pcs = [];
      const Real = window.RTCPeerConnection;
      window.RTCPeerConnection = class extends Real { constructor(c) { super(c); pcs.push(this); } };
      navigator.mediaDevices.getDisplayMedia = async () => {
        const canvas = Object.assign(document.createElement('canvas'), { width: 1920, height: 1080 });
        const g = canvas.getContext('2d');
        setInterval(() => { g.fillStyle = '#fff'; g.fillRect(0, 0, 1920, 1080); g.fillStyle = '#12543d'; g.font = '90px sans-serif'; g.fillText('分数的初步认识 ' + (Date.now() % 1000), 160, 300); }, 100);
        return canvas.captureStream(10);
      };
    }),
  );
  await page.waitForSelector('video');
  await page.keyboard.press('Enter');
  await page.waitForSelector('[data-testid=live]');
  await page.waitForFunction(() => !document.querySelector('.uplink-busy') || true);
  await sleep(2500);
  world.tell({ type: 'uplink', state: 'good', bps: 3_100_000, loss: 0.004, rtt_ms: 31, unwatched: [] });
  await sleep(300);
  const said = (type) => world.heard.filter((one) => one.type === type);
  must(said('lesson')[0]?.action === 'start', 'Enter starts the class');
  must(said('session').some((one) => one.location.startsWith('/whip/l1/')), 'the WHIP location is told');
  must(said('source').some((one) => one.kind === 'camera' && one.on), 'the camera is told');
  await shot(page, name);
  const layers = await page.evaluate(async () => {
    const rids = [];
    (await pcs[pcs.length - 1].getStats()).forEach((s) => s.type === 'outbound-rtp' && rids.push(`${s.rid ?? s.kind}:${s.frameWidth ?? ''}:${s.active}:${s.packetsSent}`));
    return rids;
  });
  console.log('   sent:', layers.join(' '));
  await page.keyboard.press('s');
  await sleep(1500);
  must(said('source').some((one) => one.kind === 'screen' && one.on), 'the screen is told');
  world.tell({ type: 'uplink', state: 'weak', bps: 480_000, loss: 0.082, rtt_ms: 131, unwatched: ['f'] });
  await page.keyboard.press('m');
  await sleep(400);
  await shot(page, `${name}-sharing`);
  const sizes = await media.evaluate(async () => { let n = 0; (await newest('whip').getStats()).forEach((s) => (n += s.type === 'inbound-rtp' && s.packetsReceived > 0 ? 1 : 0)); return n; });
  console.log(`  streams received of the teacher: ${sizes}`);
  must(sizes >= 3, 'voice, camera and screen arrive');
  await page.setViewportSize(SCREEN);
  await sleep(300);
  await shot(page, `${name}-sharing-1080`);
  await page.setViewportSize(LAPTOP);
  world.tell({ type: 'stage', stage: make.stage('r1', 'r2', 'r4') });
  await sleep(1200);
  await shot(page, `${name}-stage-sharing`);
  await page.setViewportSize(SCREEN);
  await sleep(300);
  await shot(page, `${name}-stage-1080`);
  await page.setViewportSize(LAPTOP);
  await page.keyboard.press('c');
  await page.keyboard.press('Escape');
  must(said('cut')[0]?.room === 'r4' && said('dismiss')[0]?.room === 'r4', 'keys are about the room that is heard');
  await page.keyboard.press('n');
  must(said('call')[0]?.room === 'r1', 'N calls who has waited longest');
  world.tell({ type: 'stage', stage: [] });
  world.tell({ type: 'roster', rooms: [] });
  world.tell({ type: 'uplink', state: 'bad', bps: 180_000, loss: 0.22, rtt_ms: 431, unwatched: [] });
  world.tell({ type: 'refused', code: 'not_permitted', title: 'No.', title_zh: '这个教室不在本节课的名单里。' });
  await sleep(300);
  await shot(page, `${name}-norooms`);
  world.tell({ type: 'roster', rooms: make.rooms(1, 1) });
  await sleep(300);
  await page.getByRole('button', { name: '看到了' }).click();
  must(said('lower_hand')[0]?.room === 'r1', 'a seen hand is lowered');
  world.calls.length = 0;
  await media.evaluate(() => newest('whip').close());
  await page.waitForFunction(() => document.querySelector('[data-testid=uplink]').textContent.includes('网络断开'), null, { timeout: 15000 });
  await shot(page, `${name}-cut`);
  await page.waitForFunction(() => !document.querySelector('[data-testid=uplink]').textContent.includes('网络断开'), null, { timeout: 15000 });
  must(world.calls[0]?.startsWith('PATCH') && world.calls.some((one) => one.startsWith('POST') && one.endsWith('take_over=1')), 'a cut is answered by PATCH, then POST');
  const end = page.getByTestId('end');
  await end.click();
  must(said('lesson').every((one) => one.action !== 'end'), 'a short press ends nothing');
  await end.hover();
  await page.mouse.down();
  await sleep(800);
  await shot(page, `${name}-holding`);
  await sleep(800);
  await page.mouse.up();
  must(said('lesson').some((one) => one.action === 'end'), 'a held press ends the class');
  await page.waitForSelector('[data-testid=ended]');
  await shot(page, 'teach-ended');
  await page.close();
});

story('teach-takeover', async (name) => {
  const world = teacher();
  world.refuse.whip = { status: 409, code: 'already_publishing', title: 'Another page is live.', title_zh: '另一个页面正在上课。' };
  const page = await open('teach?key=k&lang=en', world, LAPTOP);
  await page.waitForSelector('.veil');
  await shot(page, name);
  world.refuse = {};
  await page.keyboard.press('Enter');
  await page.waitForSelector('.veil', { state: 'detached' });
  await sleep(1500);
  must(world.calls.some((one) => one.endsWith('take_over=1')), 'taking over is asked for');
  world.tell({ type: 'uplink', state: 'weak', bps: 480_000, loss: 0.082, rtt_ms: 131, unwatched: [] });
  world.tell({ type: 'roster', rooms: make.rooms(6, 2) });
  await sleep(1500);
  await shot(page, 'teach-live-en');
  for (const socket of world.sockets) socket.close({ code: 4409 });
  await page.waitForSelector('[data-testid=notice]');
  await shot(page, 'teach-replaced-en');
  await page.goto(`${base}/blank`);
  await page.evaluate(() => localStorage.clear());
  await page.close();
});

story('teach-reload', async (name) => {
  const world = teacher({ lesson: make.lesson({ state: 'planned' }) });
  const page = await open('teach?key=k', world, LAPTOP);
  await page.waitForSelector('video');
  await page.keyboard.press('Enter');
  await page.waitForSelector('[data-testid=live]');
  await sleep(1500);
  world.entered.lesson.state = 'live';
  world.calls.length = 0;
  await page.reload();
  await page.waitForSelector('[data-testid=live]');
  await sleep(1500);
  must(deleted.some((path) => path.startsWith('/whip/l1/')), 'a page that goes says goodbye');
  must(world.calls.some((one) => one === 'POST /whip/l1?take_over=1'), 'a reloaded page goes on without a key press');
  await shot(page, name);
  await page.close();
});

story('teach-refused', async (name) => {
  const world = teacher();
  world.refuse.enter = { status: 401, code: 'token_expired', title: 'The token has expired.', title_zh: '凭证已过期,请重新打开链接。' };
  const page = await open('teach?key=k', world, LAPTOP);
  await sleep(400);
  await shot(page, name);
  world.refuse = {};
  world.entered = make.entered('teacher', { token: null, lesson: null, today: make.today() });
  await page.goto(`${base}/teach`);
  await page.waitForSelector('[data-testid=teach-today]');
  await shot(page, 'teach-waiting');
  await page.close();
});

story('classroom-standby', async (name) => {
  const world = room({ lesson: null });
  const page = await open('classroom?key=k', world, SCREEN);
  await page.waitForSelector('[data-testid=countdown]');
  await shot(page, name);
  await page.setViewportSize(LAPTOP);
  await shot(page, `${name}-768`);
  await page.setViewportSize({ width: 1024, height: 768 });
  await shot(page, `${name}-4x3`);
  await page.close();
  const none = await open('classroom?key=k', room({ lesson: null, today: [] }), SCREEN);
  await sleep(500);
  await shot(none, `${name}-none`);
  await none.close();
  const down = room();
  down.down = true;
  const off = await open('classroom?key=k', down, SCREEN);
  await sleep(1500);
  await shot(off, `${name}-offline`);
  down.down = false;
  down.refuse.enter = { status: 401, code: 'token_expired', title: 'The token has expired.', title_zh: '凭证已过期,请重新打开链接。' };
  await sleep(3500);
  await shot(off, `${name}-expired`);
  await off.close();
});

story('classroom-soon', async (name) => {
  const world = room({ lesson: make.lesson({ state: 'planned', starts_ms: Date.now() + 95_000 }) });
  world.sources = { camera: false, voice: false, screen: false };
  const page = await open('classroom?key=k', world, SCREEN);
  await page.waitForSelector('[data-testid=soon]');
  await sleep(800);
  await shot(page, name);
  must((await tongke(page)).state === 'soon', 'a room waits for its teacher');
  await page.close();
});

story('classroom-lesson', async (name) => {
  const world = room();
  const page = await open('classroom?key=k', world, SCREEN);
  await ready(page);
  await sleep(1500);
  console.log('  ', JSON.stringify(await tongke(page)));
  await shot(page, name);
  for (const layout of ['teacher', 'side', 'only']) {
    await page.keyboard.press('PageDown');
    await sleep(layout === 'teacher' ? 500 : 3000);
    must((await page.getAttribute('[data-testid=lesson]', 'data-layout')) === layout, `PageDown shows ${layout}`);
    await shot(page, `${name}-${layout}`);
  }
  await page.keyboard.press('PageDown');
  const wishes = world.heard.filter((one) => one.type === 'wish' && one.slot === 'camera').map((one) => one.layer);
  console.log('   camera wishes', wishes.join(' '));
  await page.keyboard.press('F5');
  await sleep(3000);
  must(world.heard.some((one) => one.type === 'hand' && one.up), 'F5 raises the hand');
  await shot(page, `${name}-hand`);
  world.tell({ type: 'roster', rooms: make.rooms(2) });
  await sleep(400);
  await shot(page, `${name}-handseen`);
  world.tell({ type: 'sources', sources: { camera: true, voice: false, screen: false } });
  await sleep(600);
  await shot(page, `${name}-camera`);
  await page.setViewportSize(LAPTOP);
  world.tell({ type: 'sources', sources: { camera: true, voice: true, screen: true } });
  await sleep(600);
  await shot(page, `${name}-768`);
  await page.setViewportSize(SCREEN);
  world.calls.length = 0;
  world.down = true;
  await media.evaluate(() => newest('whep').close());
  await page.waitForSelector('[data-testid=trouble]', { timeout: 12000 });
  await sleep(2500);
  await shot(page, `${name}-cut`);
  world.down = false;
  const from = Date.now();
  await page.waitForFunction(() => tongke.state === 'watching', null, { timeout: 20000 });
  await sleep(600);
  console.log(`   back after ${Date.now() - from} ms; ${world.calls.join(', ')}`);
  must(world.heard.some((one) => one.type === 'report'), 'reports are sent');
  console.log('  ', JSON.stringify(world.heard.filter((one) => one.type === 'report').at(-1)));
  await shot(page, `${name}-back`);
  world.entered.lesson = { ...world.entered.lesson, state: 'ended' };
  world.tell({ type: 'lesson', lesson: world.entered.lesson });
  await sleep(500);
  must((await tongke(page)).state === 'ended', 'the end is shown');
  await shot(page, 'classroom-ended');
  await page.close();
});

story('classroom-stage', async (name) => {
  const world = room();
  const page = await open('classroom?key=k', world, SCREEN);
  await ready(page);
  world.tell({ type: 'stage', stage: make.stage('r1') });
  await page.getByText('请发言').waitFor({ timeout: 2000 });
  await sleep(2500);
  await shot(page, name);
  await page.keyboard.press('.');
  must(world.heard.some((one) => one.type === 'mic' && !one.open), 'a full stop closes the microphone');
  world.tell({ type: 'stage', stage: make.stage('r1', 'r2', 'r4') });
  await sleep(1200);
  await shot(page, `${name}-three`);
  await page.keyboard.press('PageDown');
  await page.keyboard.press('PageDown');
  await sleep(2800);
  await shot(page, `${name}-side`);
  world.tell({ type: 'sources', sources: { camera: true, voice: true, screen: false } });
  await sleep(600);
  await shot(page, `${name}-camera`);
  world.tell({ type: 'stage', stage: make.stage('r2') });
  await page.keyboard.press('F5');
  await sleep(600);
  await shot(page, `${name}-others`);
  await page.close();
  const deaf = await open('classroom?key=k&lang=en', world, LAPTOP, (one) =>
    one.addInitScript(() => (navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotFoundError')))),
  );
  await ready(deaf);
  world.tell({ type: 'stage', stage: make.stage('r1') });
  await sleep(1200);
  await shot(deaf, `${name}-nomic-en`);
  await deaf.close();
});

story('classroom-restart', async () => {
  const world = room();
  const page = await open('classroom?key=k', world, SCREEN);
  await ready(page);
  world.calls.length = 0;
  await page.evaluate(() => window.dispatchEvent(new Event('online')));
  await sleep(2500);
  must(world.calls.join() === 'PATCH ' + world.calls[0]?.slice(6) && (await tongke(page)).state === 'watching', 'an ICE restart is enough');
  console.log('   fragment:', world.fragment.replace(/\r\n/g, ' | '));
  await page.close();
});

story('classroom-sound', async (name) => {
  const world = room();
  // The driver's own looks into a page count as a person's touch, so the refusal is played.
  const page = await open('classroom?key=k', world, SCREEN, (one) =>
    one.addInitScript(() => {
      let touched = false;
      addEventListener('keydown', () => (touched = true), true);
      const real = HTMLAudioElement.prototype.play;
      HTMLAudioElement.prototype.play = function () {
        return touched ? real.call(this) : Promise.reject(new DOMException('', 'NotAllowedError'));
      };
    }),
  );
  await ready(page);
  await page.waitForSelector('[data-testid=sound-prompt]');
  await shot(page, name);
  await page.keyboard.press('a');
  await page.waitForSelector('[data-testid=sound-prompt]', { state: 'detached' });
  await page.close();
});

story('classroom-quiet', async (name) => {
  const world = room();
  const page = await open('classroom?key=k', world, SCREEN);
  await ready(page);
  await sleep(1500);
  await media.evaluate(() => newest('whep').getSenders().forEach((one) => one.replaceTrack(null)));
  await page.waitForSelector('[data-testid=trouble]', { timeout: 9000 });
  await shot(page, name);
  must((await tongke(page)).state === 'waiting', 'a silent teacher is not our cut');
  await page.close();
});

story('classroom-replaced', async (name) => {
  const world = room();
  const page = await open('classroom?key=k', world, SCREEN);
  await ready(page);
  for (const socket of world.sockets) socket.close({ code: 4409 });
  await sleep(400);
  await shot(page, name);
  await page.close();
});

story('classroom-en', async (name) => {
  const world = room();
  const page = await open('classroom?key=k&lang=en', world, SCREEN);
  await ready(page);
  await sleep(1000);
  await page.keyboard.press('F5');
  await sleep(600);
  await shot(page, name);
  await page.close();
});

story('login', async (name) => {
  const world = new World(media, make.entered('ops'));
  const page = await open('login', world, LAPTOP);
  await page.waitForSelector('input[name=user]');
  must(await page.evaluate(() => document.activeElement.name === 'user'), 'one may type at once');
  await shot(page, name);
  world.refuse.login = { status: 429, code: 'too_many', title: 'Too many tries.', title_zh: '尝试过于频繁,请稍候再试。' };
  await page.keyboard.type('wang-min');
  await page.keyboard.press('Tab');
  await page.keyboard.type('a secret');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.querySelector('[role=alert]').textContent.includes('32'));
  await shot(page, `${name}-wait`);
  world.refuse = {};
  world.me = make.me({ must_change: true });
  await page.keyboard.press('Enter');
  await page.waitForSelector('input[name=again]');
  await page.locator('input[name=new]').fill('four words do well');
  await page.locator('input[name=again]').fill('four words do better');
  await shot(page, `${name}-new`);
  world.me = make.me();
  await page.reload();
  await page.waitForSelector('[data-testid=home]');
  await shot(page, `${name}-home`);
  await page.setViewportSize(SCREEN);
  await shot(page, `${name}-home-1080`);
  await page.goto(`${base}/login?lang=en`);
  await page.waitForSelector('[data-testid=home]');
  await shot(page, `${name}-home-en-1080`);
  world.me = null;
  await page.reload();
  await page.waitForSelector('input[name=user]');
  await shot(page, `${name}-en-1080`);
  await page.goto(`${base}/blank`);
  await page.evaluate(() => localStorage.clear());
  await page.close();
});

story('devices', async (name) => {
  const world = new World(media, make.entered('ops'));
  for (const [n, size] of [[0, LAPTOP], [1, LAPTOP], [20, LAPTOP], [404, SCREEN]]) {
    world.devices = make.devices(n);
    const page = await open('devices', world, size);
    await page.waitForSelector('[data-testid=devices]');
    await sleep(300);
    if (n === 20) {
      await page.locator('[data-room=r1]').getByRole('button').first().click();
      await page.locator('[data-room=r2]').getByRole('button').last().click();
    }
    await shot(page, `${name}-${n}`);
    await page.close();
  }
});

story('classroom-pairing', async (name) => {
  const world = room({ lesson: null });
  world.code = '482913';
  const page = await open('classroom', world, SCREEN);
  await page.waitForFunction(() => document.querySelector('[data-testid=code]')?.textContent === '482 913');
  await shot(page, name);
  await page.setViewportSize(LAPTOP);
  await shot(page, `${name}-768`);
  world.paired = true;
  await page.waitForSelector('[data-testid=standby]', { timeout: 5000 });
  world.paired = false;
  await page.waitForSelector('[data-testid=pairing]', { timeout: 5000 });
  await page.close();
  world.down = true;
  const off = await open('classroom?lang=en', world, SCREEN);
  await sleep(800);
  await shot(off, `${name}-offline-en`);
  await off.evaluate(() => localStorage.clear());
  await off.close();
});

story('ops', async (name) => {
  const world = new World(media, make.entered('ops'));
  world.ops = make.ops([6, 1, 0]);
  const page = await open('ops?key=k', world, LAPTOP);
  for (let i = 0; i < 12; i++) {
    world.ops = make.ops([6, 1, 0]);
    await sleep(500);
  }
  await shot(page, name);
  world.ops = make.ops([20, 6, 1]);
  await page.setViewportSize(SCREEN);
  await sleep(2500);
  await page.screenshot({ path: `${SHOTS}${name}-1080.png`, fullPage: true });
  world.ops = make.ops([]);
  await sleep(1500);
  await page.setViewportSize(LAPTOP);
  await shot(page, `${name}-none`);
  world.down = true;
  await page.getByRole('button', { name: 'English' }).click();
  await sleep(4500);
  await shot(page, `${name}-stale-en`);
  await page.evaluate(() => localStorage.clear());
  await page.close();
});

story('timetable', async (name) => {
  const world = new World(media, make.entered('ops'));
  world.schools = make.schools(404);
  const page = await open('timetable', world, LAPTOP);
  await page.waitForSelector('[data-testid=schools] a');
  await shot(page, `${name}-schools`);
  world.week = make.week(6);
  await page.keyboard.type('于田');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.waitForSelector('table');
  must(new URL(page.url()).searchParams.get('school') === 's3', 'the address names the school');
  await shot(page, name);
  await page.screenshot({ path: `${SHOTS}${name}-whole.png`, fullPage: true });
  await page.setViewportSize(SCREEN);
  await shot(page, `${name}-1080`);
  await page.emulateMedia({ media: 'print' });
  await page.setViewportSize({ width: 1047, height: 718 });
  await page.screenshot({ path: `${SHOTS}${name}-print.png`, fullPage: true });
  await page.emulateMedia({ media: null });
  await page.setViewportSize(LAPTOP);
  await page.getByRole('link', { name: '下一周' }).click();
  must(new URL(page.url()).searchParams.get('from') === '2026-11-30', 'the address names the week');
  await page.goBack();
  must(!new URL(page.url()).searchParams.has('from'), 'the browser goes back a week');
  world.week = make.week(2, 7);
  await page.goto(`${base}/timetable?school=s3&from=2026-11-26&lang=en`);
  await page.waitForSelector('table');
  must((await page.locator('thead th').count()) === 8, 'a weekend with lessons is shown');
  await shot(page, `${name}-weekend-en`);
  world.week = make.week(0);
  await page.goto(`${base}/timetable?school=s3&lang=zh`);
  await page.waitForSelector('[data-testid=week] p');
  await shot(page, `${name}-0`);
  world.week = null;
  await page.goto(`${base}/timetable?school=gone`);
  await page.waitForSelector('[data-testid=notice] a');
  await shot(page, `${name}-unknown`);
  await page.evaluate(() => localStorage.clear());
  await page.close();
});
story('plan', async (name) => {
  const world = new World(media, make.entered('ops'));
  world.imported = make.imported(false);
  for (const [n, size] of [[0, LAPTOP], [8, LAPTOP], [900, SCREEN]]) {
    world.plan = make.plan(n);
    const page = await open('plan', world, size);
    await page.waitForFunction(() => document.querySelector('[data-testid=day]').getAttribute('aria-busy') === 'false');
    await shot(page, `${name}-${n}`);
    if (n === 8) await planning(page, world, name);
    await page.close();
  }
});
async function planning(page, world, name) {
  const said = () => world.heard.filter((one) => one.type === 'plan').map((one) => one.path);
  const keep = page.getByRole('button', { name: '导入', exact: true });
  const choose = () => page.locator('input[type=file]').setInputFiles({ name: 'week.xlsx', mimeType: 'application/octet-stream', buffer: Buffer.from('PK') });
  await choose();
  must(await keep.isDisabled(), 'nothing is imported untried');
  world.refuse.sheets = make.faulty(30);
  await page.getByRole('button', { name: '试运行' }).click();
  await page.waitForSelector('[data-testid=faults]');
  must(await keep.isDisabled(), 'nothing faulty is imported');
  await shot(page, `${name}-faults`);
  delete world.refuse.sheets;
  await page.getByRole('button', { name: '试运行' }).click();
  await page.getByText('没有问题，还没有导入').waitFor();
  await shot(page, `${name}-clean`);
  await choose();
  must(await keep.isDisabled(), 'another file must be tried itself');
  await page.getByRole('button', { name: '试运行' }).click();
  await keep.click();
  await page.getByText('已导入').waitFor();
  must(said().at(-1) === '/api/plan/import?name=week.xlsx&dry_run=false', 'the file is imported');
  const row = page.locator('[data-lesson=p4]');
  await page.locator('[data-lesson=p3]').getByRole('button', { name: /^调课/ }).click();
  await row.getByRole('button', { name: /^停课/ }).click();
  must(await page.evaluate(() => document.activeElement.name === 'reason'), 'one may type the reason at once');
  await page.keyboard.type('道路结冰');
  world.refuse.change = { status: 409, code: 'teacher_busy', title: 'No.', title_zh: '这节课已经开始,不能停课。' };
  await page.keyboard.press('Enter');
  await row.locator('[role=alert]').waitFor();
  await page.locator('[data-lesson=p5]').getByRole('button', { name: /^代课/ }).click();
  await page.screenshot({ path: `${SHOTS}${name}-changing.png`, fullPage: true });
  delete world.refuse.change;
  await row.getByRole('button', { name: '确定停课' }).click();
  await page.getByText('已停课：').waitFor();
  must(world.heard.at(-1).body === '{"what":"cancel","reason":"道路结冰"}', 'the reason is sent');
  await page.getByRole('button', { name: 'English' }).click();
  await page.screenshot({ path: `${SHOTS}${name}-en.png`, fullPage: true });
  await page.evaluate(() => localStorage.clear());
}
story('refused', async (name) => {
  const page = await context.newPage();
  await page.setViewportSize(LAPTOP);
  await page.goto(`${base}/refused`);
  await page.evaluate(() => {
    document.body.innerHTML = document.body.innerHTML
      .replace('{{title_zh}}', '凭证已过期,请重新打开链接。').replace('{{title}}', 'The token has expired.').replace('{{code}}', 'token_expired');
  });
  await shot(page, name);
  await page.close();
});

let failed = 0;
for (const [name, act] of stories) {
  console.log(name);
  try {
    await act(name);
  } catch (error) {
    failed++;
    console.log(`  FAILED ${error.message.split('\n')[0]}`);
  }
}
await Promise.race([context.close(), sleep(5000)]);
close();
process.exit(failed ? 1 : 0);
