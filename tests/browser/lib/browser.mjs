// Real Chromium with a camera, a microphone and a screen that need nobody to click.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { chromium } from 'playwright-core';

const FLAGS = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream',
  '--autoplay-policy=no-user-gesture-required', '--auto-select-desktop-capture-source=Entire screen',
];

/** Kept by the test run, to be looked at. */
export const SHOTS = path.join(import.meta.dirname, '..', 'shots');
fs.mkdirSync(SHOTS, { recursive: true });

/** A browser of its own, as another computer has one; `chromiumPath` may start it elsewhere. */
export async function startBrowser(width, height, chromiumPath = process.env.CHROMIUM ?? '/usr/bin/chromium') {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tongke-profile-'));
  const context = await chromium.launchPersistentContext(folder, {
    executablePath: chromiumPath,
    headless: true,
    args: FLAGS,
    ignoreDefaultArgs: ['--enable-unsafe-swiftshader'],
    viewport: { width, height },
  });
  await context.addInitScript(keepConnections);
  return {
    context,
    open: (url) => openPage(context, url),
    async stop() {
      // Chromium sometimes does not answer its own closing.
      await Promise.race([context.close(), new Promise((done) => setTimeout(done, 5_000))]);
      fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    },
  };
}

async function openPage(context, url) {
  const page = await context.newPage();
  page.problems = [];
  page.on('pageerror', (error) => page.problems.push(error.message));
  await page.goto(url);
  return page;
}

/** Runs in the page: remembers its connections, so that a story can ask what they did. */
function keepConnections() {
  const Native = window.RTCPeerConnection;
  window.keptConnections = [];
  window.RTCPeerConnection = class extends Native {
    constructor(...args) {
      super(...args);
      window.keptConnections.push(this);
    }
  };
}

/** The statistics of the page's newest connection, one list. */
export async function statistics(page) {
  return page.evaluate(async () => {
    const open = window.keptConnections.filter((kept) => kept.connectionState === 'connected').pop();
    return open ? [...(await open.getStats()).values()] : [];
  });
}

/** What a classroom says of itself (web/classroom documents it). */
export const room = (page) => page.evaluate(() => window.tongke);

/** Waits until `holds` of what `look` sees; gives what it saw. */
export async function until(what, look, holds, ms = 10_000) {
  const end = Date.now() + ms;
  for (;;) {
    const seen = await look();
    if (holds(seen)) return seen;
    if (Date.now() > end) throw new Error(`${what}: not within ${ms} ms; last seen ${JSON.stringify(seen)}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

/** The slot of that name in what a room says. */
export const slot = (said, name) => said?.slots.find((one) => one.slot === name);
