// A school that has nothing but IPv6.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { room, slot, startBrowser, startServer, statistics, until } from './lib/all.mjs';

let server, lead, rural;

before(async () => {
  server = await startServer('127.0.0.1:0', '[media]\naddresses = ["::1"]\n');
  [lead, rural] = [await startBrowser(1366, 768), await startBrowser(1920, 1080)];
});

after(async () => {
  await Promise.all([lead?.stop(), rural?.stop()]);
  await server?.stop();
});

test('teacher and room meet over IPv6 alone', async () => {
  const teacher = await lead.open(server.link('teacher'));
  await teacher.getByTestId('start').click();
  const classroom = await rural.open(server.link('room'));
  await until('the teacher', () => room(classroom), (said) => slot(said, 'camera')?.frames >= 20, 15_000);
  for (const page of [teacher, classroom]) {
    const entries = await statistics(page);
    const { selectedCandidatePairId } = entries.find((entry) => entry.type === 'transport');
    const pair = entries.find((entry) => entry.id === selectedCandidatePairId);
    assert.equal(entries.find((entry) => entry.id === pair.remoteCandidateId).address, '::1');
  }
});
