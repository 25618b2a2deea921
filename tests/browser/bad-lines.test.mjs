// What may go wrong between two schools: no UDP, a server that dies, a link that is not a key.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { layLine, room, SHOTS, slot, startBrowser, startServer, statistics, until } from './lib/all.mjs';

let line, server, lead, rural, teacher, classroom;

before(async () => {
  line = layLine('rural');
  line.blockUdp();
  server = await startServer('0.0.0.0:0');
  [lead, rural] = [await startBrowser(1366, 768), await startBrowser(1920, 1080, line.chromium)];
  teacher = await lead.open(server.link('teacher'));
  await teacher.getByTestId('start').click();
  await until('the lesson is live', () => server.figure('tongke_received_keyframes_total'), (count) => count > 0);
});

after(async () => {
  await Promise.all([lead?.stop(), rural?.stop()]);
  await server?.stop();
  line?.remove();
});

/** How many frames of the teacher were shown, once the room knows what fills its slots. */
const cameraFrames = async () => {
  const said = await until('the teacher', () => room(classroom), (said) => slot(said, 'camera')?.frames > 0);
  return slot(said, 'camera').frames;
};

test('a room whose school blocks UDP sees the lesson over TCP within 5 s', async (t) => {
  classroom = await rural.open(server.link('room', 1, line.here));
  const { firstPictureMs } = await until('a picture', () => room(classroom), (said) => said?.firstPictureMs != null);
  t.diagnostic(`first picture after ${firstPictureMs} ms`);
  assert.ok(firstPictureMs <= 5_000);
  const entries = await statistics(classroom);
  const transport = entries.find((entry) => entry.type === 'transport');
  const pair = entries.find((entry) => entry.id === transport.selectedCandidatePairId);
  assert.equal(entries.find((entry) => entry.id === pair.remoteCandidateId).protocol, 'tcp');
  await until('figures', () => server.figure('tongke_open_sessions', 'road="tcp"'), (count) => count === 1, 5_000);
});

test('a server that dies and comes back goes on with the same lesson, without a key', async (t) => {
  const before = await cameraFrames();
  await server.restart();
  const back = Date.now();
  await until('new pictures', () => room(classroom), (said) => {
    const camera = slot(said, 'camera');
    return said.state === 'watching' && camera?.frames > 0 && camera.frames !== before;
  }, 10_000);
  await until('the room is watching', () => server.figure('tongke_online_rooms'), (count) => count === 1, 10_000);
  t.diagnostic(`the room watches again ${Date.now() - back} ms after the server is back`);
  assert.ok(Date.now() - back <= 10_000);
});

test('while the server is away the last picture stays and words say what is wrong', async () => {
  await server.end('SIGKILL');
  await until('the room says so', () => room(classroom), (said) => said.state === 'reconnecting', 15_000);
  await new Promise((done) => setTimeout(done, 1_500));
  await classroom.screenshot({ path: path.join(SHOTS, 'classroom-reconnecting.png') });
  const colours = await classroom.getByTestId('picture-camera').evaluate((element) => {
    const video = element.matches('video') ? element : element.querySelector('video');
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [64, 36];
    const brush = canvas.getContext('2d');
    brush.drawImage(video, 0, 0, 64, 36);
    return new Set(brush.getImageData(0, 0, 64, 36).data.filter((_, n) => n % 4 === 1)).size;
  });
  assert.ok(colours > 3, `the picture has ${colours} greens`);
  assert.ok(await classroom.getByTestId('trouble').isVisible());
  await server.restart();
  await until('the lesson goes on', () => room(classroom), (said) => said.state === 'watching', 15_000);
});

test('a line that is cut for five seconds is back in three, with no key and no reload', async (t) => {
  await cameraFrames();
  line.cut();
  await new Promise((done) => setTimeout(done, 5_000));
  const frames = await cameraFrames();
  line.mend();
  const back = Date.now();
  await until('new pictures', () => room(classroom), (said) => slot(said, 'camera')?.frames !== frames, 10_000);
  t.diagnostic(`new pictures ${Date.now() - back} ms after the line is back`);
  assert.ok(Date.now() - back <= 3_000, `${Date.now() - back} ms`);
});

test('a link without a good key is refused in words, and no page is shown', async () => {
  for (const link of ['/teach', '/classroom?key=abc', '/ops', `/ops?key=${new URL(server.link('room')).searchParams.get('key')}`, '/']) {
    const page = await lead.context.newPage();
    const answer = await page.goto(server.base + link);
    assert.ok([401, 403].includes(answer.status()), `${link}: ${answer.status()}`);
    assert.match(await page.locator('body').innerText(), /[\u4e00-\u9fff]{4}/);
    await page.screenshot({ path: path.join(SHOTS, 'refused.png') });
    await page.close();
  }
});
