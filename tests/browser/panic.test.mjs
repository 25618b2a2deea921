// A media thread that panics in the middle of a class: the class is cut, and comes back by itself.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { room, slot, startBrowser, startServer, until } from './lib/all.mjs';

let server, lead, rural, teacher, classroom;

before(async () => {
  server = await startServer('127.0.0.1:0', '[media]\nthreads = 1\n');
  [lead, rural] = [await startBrowser(1366, 768), await startBrowser(1920, 1080)];
  teacher = await lead.open(server.link('teacher'));
  await teacher.getByTestId('start').click();
  classroom = await rural.open(server.link('room'));
  await until('the teacher', () => room(classroom), (said) => slot(said, 'camera')?.frames >= 20, 15_000);
});

after(async () => {
  await Promise.all([lead?.stop(), rural?.stop()]);
  await server?.stop();
});

/** How many connections a page has made, and what the newest has decoded. */
const newest = (page) => page.evaluate(async () => {
  const made = window.keptConnections;
  const entries = [...(await made.at(-1).getStats()).values()].filter((entry) => entry.type === 'inbound-rtp');
  const sum = (kind, count) => entries.filter((entry) => entry.kind === kind).reduce((all, entry) => all + (entry[count] ?? 0), 0);
  return { made: made.length, frames: sum('video', 'framesDecoded'), heard: sum('audio', 'packetsReceived') };
});

for (const time of ['once', 'twice']) {
  test(`a class is seen and heard again within 2 s of a panic, ${time}, without a key or a reload`, async (t) => {
    const { made } = await newest(classroom);
    // In builds with the robot, this is how a panic is asked for.
    server.process.kill('SIGUSR1');
    const panicked = Date.now();
    await until('new pictures and sound', () => newest(classroom), (now) => now.made > made && now.frames > 0 && now.heard > 0);
    const back = Date.now() - panicked;
    t.diagnostic(`seen and heard again ${back} ms after the panic`);
    assert.ok(back <= 2_000, `${back} ms`);
    await until('the words are gone', () => room(classroom), (said) => said.state === 'watching', 5_000);
    const [madeNow, frames] = [(await newest(classroom)).made, slot(await room(classroom), 'camera').frames];
    await new Promise((done) => setTimeout(done, 3_000));
    assert.equal((await newest(classroom)).made, madeNow, 'it does not connect again and again');
    assert.ok(slot(await room(classroom), 'camera').frames > frames + 20, 'the picture on the screen moves');
  });
}

test('the panics were counted, and nobody ran into an error', async () => {
  assert.equal(await server.figure('tongke_media_thread_restarts_total'), 2);
  for (const page of [teacher, classroom]) assert.deepEqual(page.problems, []);
});
