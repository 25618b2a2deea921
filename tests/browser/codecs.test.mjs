// Codecs pass through: whatever the teacher's browser sends is what the room decodes.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { room, slot, startBrowser, startServer, statistics, until } from './lib/all.mjs';

let rural;

before(async () => {
  rural = await startBrowser(1920, 1080);
});

after(() => rural?.stop());

for (const codec of ['video/VP8', 'video/VP9', 'video/AV1']) {
  test(`a lesson in ${codec} is seen`, async () => {
    const [server, lead] = [await startServer(), await startBrowser(1366, 768)];
    try {
      // The page likes H.264 best; a browser without it would send this.
      await lead.context.addInitScript((wanted) => {
        const native = RTCRtpTransceiver.prototype.setCodecPreferences;
        RTCRtpTransceiver.prototype.setCodecPreferences = function only(codecs) {
          const some = codecs.filter((one) => one.mimeType === wanted || /rtx/.test(one.mimeType));
          return native.call(this, some.some((one) => one.mimeType === wanted) ? some : codecs);
        };
      }, codec);
      const teacher = await lead.open(server.link('teacher'));
      await teacher.getByTestId('start').click();
      const classroom = await rural.open(server.link('room'));
      await until(codec, () => room(classroom), (said) => slot(said, 'camera')?.frames >= 40, 20_000);
      const entries = await statistics(classroom);
      const video = entries.find((entry) => entry.type === 'inbound-rtp' && entry.kind === 'video' && entry.framesDecoded);
      assert.equal(entries.find((entry) => entry.id === video.codecId).mimeType, codec);
      await classroom.close();
    } finally {
      await lead.stop();
      await server.stop();
    }
  });
}
