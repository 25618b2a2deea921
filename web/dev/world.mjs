// A make-believe server for looking at the pages: serves dist/, answers the API, and lets a second browser page be the
// media server, so that real WebRTC runs between them. Never part of the build.

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { chromium } from 'playwright-core';

const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css' };
const DIST = new URL('../dist/', import.meta.url).pathname;
const FLAGS = [
  '--headless', '--no-sandbox', '--disable-gpu', '--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-features=WebRtcHideLocalIpsWithMdns',
  '--auto-select-desktop-capture-source=Entire screen',
];

/** Serves dist/ on a free port of this machine; `onRequest` hears what no route has caught. */
export async function serve(onRequest = () => {}) {
  const server = createServer(async (request, answer) => {
    const path = normalize(new URL(request.url, 'http://x').pathname);
    onRequest(request.method, path);
    const file = join(DIST, extname(path) ? path : `${path}/index.html`);
    const body = path === '/blank' ? '<!doctype html><title>blank</title>' : await readFile(file).catch(() => null);
    answer.writeHead(body === null ? 404 : 200, { 'Content-Type': TYPES[extname(file)] ?? 'text/plain' }).end(body ?? '');
  });
  await new Promise((kept) => server.listen(0, '127.0.0.1', kept));
  return { base: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

export const launch = (more = []) =>
  chromium.launchPersistentContext(mkdtempSync(join(tmpdir(), 'tongke-')), {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    args: [...FLAGS, ...more],
    ignoreDefaultArgs: ['--enable-unsafe-swiftshader'],
  });

/** A page that plays media server: it answers offers, shows a slide and a teacher, and agrees to ICE restarts. */
export async function mediaServer(context, base) {
  const page = await context.newPage();
  await page.goto(`${base}/blank`);
  await page.evaluate(MEDIA);
  return page;
}

const MEDIA = `(() => {
  const paint = (w, h, draw) => {
    const canvas = Object.assign(document.createElement('canvas'), { width: w, height: h });
    const g = canvas.getContext('2d');
    let n = 0;
    setInterval(() => draw(g, w, h, n++), 50);
    return canvas.captureStream(20).getVideoTracks()[0];
  };
  const slide = () => paint(1280, 720, (g, w, h, n) => {
    g.fillStyle = '#fff'; g.fillRect(0, 0, w, h);
    g.fillStyle = '#12543d'; g.fillRect(0, 0, w, 96);
    g.fillStyle = '#fff'; g.font = '52px "Noto Sans CJK SC"'; g.fillText('分数的初步认识', 48, 66);
    g.fillStyle = '#222'; g.font = '44px "Noto Sans CJK SC"';
    g.fillText('把一个月饼平均分成 2 份,', 80, 220); g.fillText('每份是它的二分之一。', 80, 290);
    for (let i = 0; i < 2; i++) { g.beginPath(); g.moveTo(900, 420); g.fillStyle = i ? '#f0b84a' : '#e08b3a'; g.arc(900, 420, 170, i * Math.PI, (i + 1) * Math.PI); g.fill(); }
    g.fillStyle = '#888'; g.font = '20px sans-serif'; g.fillText(String(n), 1200, 700);
  });
  const teacher = () => paint(1280, 720, (g, w, h, n) => {
    g.fillStyle = '#dfe7e2'; g.fillRect(0, 0, w, h); g.fillStyle = '#6f8f84'; g.fillRect(0, 560, w, 160);
    g.fillStyle = '#2f4c6e'; g.beginPath(); g.ellipse(640, 620, 260, 240, 0, 0, 7); g.fill();
    g.fillStyle = '#e9c19f'; g.beginPath(); g.arc(640 + 8 * Math.sin(n / 9), 290, 130, 0, 7); g.fill();
    g.fillStyle = '#2b211c'; g.beginPath(); g.arc(640 + 8 * Math.sin(n / 9), 250, 136, Math.PI, 0); g.fill();
  });
  const pupils = () => paint(640, 360, (g, w, h, n) => {
    g.fillStyle = '#e8e2cf'; g.fillRect(0, 0, w, h); g.fillStyle = '#8a6f4d'; g.fillRect(0, 250, w, 110);
    for (let i = 0; i < 6; i++) {
      g.fillStyle = ['#b5483a', '#2f6f9e', '#3d7d4f'][i % 3]; g.beginPath(); g.ellipse(70 + i * 100, 250, 42, 60, 0, 0, 7); g.fill();
      g.fillStyle = '#e9c19f'; g.beginPath(); g.arc(70 + i * 100, 165 + 4 * Math.sin(n / 8 + i), 30, 0, 7); g.fill();
    }
  });
  const silence = () => null;
  const voice = () => { const a = new AudioContext(); const o = a.createOscillator(); const d = a.createMediaStreamDestination(); o.connect(d); o.start(); return d.stream.getAudioTracks()[0]; };
  const gathered = (pc) => new Promise((kept) => { if (pc.iceGatheringState === 'complete') kept(); pc.onicegatheringstatechange = () => pc.iceGatheringState === 'complete' && kept(); setTimeout(kept, 1500); });
  window.sessions = [];
  window.newest = (kind) => sessions.filter((one) => one.kind === kind).pop();
  window.answer = async (kind, offer) => {
    const pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    await pc.setRemoteDescription({ type: 'offer', sdp: offer });
    if (kind === 'whep') {
      const make = { audio: [voice], video: [teacher, slide] };
      for (const one of pc.getTransceivers()) {
        const track = (make[one.receiver.track.kind].shift() ?? (one.receiver.track.kind === 'video' ? pupils : silence))();
        one.direction = 'sendonly';
        one.sender.replaceTrack(track);
      }
    }
    await pc.setLocalDescription(await pc.createAnswer());
    await gathered(pc);
    pc.kind = kind;
    sessions.push(pc);
    let sdp = pc.localDescription.sdp;
    if (kind === 'whip') sdp = sdp.replace(/(m=video[\\s\\S]*?)(?=m=video)/, (all) => all.includes('a=simulcast') ? all : all + 'a=rid:q recv\\r\\na=rid:h recv\\r\\na=rid:f recv\\r\\na=simulcast:recv q;h;f\\r\\n');
    return { id: sessions.length - 1, sdp };
  };
  window.restart = async (id, fragment) => {
    const pc = sessions[id];
    const pick = (text, name) => text.split('\\r\\n').find((line) => line.startsWith(name));
    let sdp = pc.remoteDescription.sdp.split('\\r\\n').map((l) => l.startsWith('a=ice-ufrag:') ? pick(fragment, 'a=ice-ufrag:') : l.startsWith('a=ice-pwd:') ? pick(fragment, 'a=ice-pwd:') : l).filter((l) => !l.startsWith('a=candidate')).join('\\r\\n');
    await pc.setRemoteDescription({ type: 'offer', sdp });
    await pc.setLocalDescription(await pc.createAnswer());
    await gathered(pc);
    const all = pc.localDescription.sdp.split('\\r\\n');
    return ['a=ice-ufrag:', 'a=ice-pwd:'].map((n) => all.find((l) => l.startsWith(n))).concat([...new Set(all.filter((l) => l.startsWith('a=candidate:')))]).join('\\r\\n') + '\\r\\n';
  };
})()`;

/** What the make-believe server knows; change it and `tell`. */
export class World {
  constructor(media, entered) {
    this.media = media;
    this.entered = entered;
    this.heard = [];
    this.calls = [];
    this.sources = { camera: true, voice: true, screen: true };
    this.roster = [];
    this.stage = [];
    this.sockets = [];
    this.ops = null;
    this.refuse = {};
    this.me = null;
    this.devices = [];
    this.schools = null;
    this.week = null;
    this.plan = null;
    this.imported = null;
    this.code = '';
    this.paired = false;
  }

  /** Answers this page's requests and its socket. */
  async attach(page) {
    await page.route('**/api/enter', (route) => this.enter(route));
    await page.route('**/api/ops', (route) => (this.down ? route.abort() : route.fulfill({ json: this.ops })));
    await page.route(/\/api\/(me|login|devices|pairing|device)(\?|$)/, (route) => this.desk(route));
    await page.route(/\/api\/(timetable|plan|lessons)(\/|\?|$)/, (route) => this.planning(route));
    await page.route(/\/(whip|whep)\//, (route) => this.door(route));
    await page.routeWebSocket(/\/lesson\//, (socket) => this.socket(socket));
  }

  tell(message) {
    for (const socket of this.sockets) socket.send(JSON.stringify(message));
  }

  async enter(route) {
    if (this.down) return route.abort();
    if (this.refuse.enter) return route.fulfill({ status: this.refuse.enter.status, json: this.refuse.enter });
    return route.fulfill({ json: { ...this.entered, now_ms: Date.now(), expires_ms: Date.now() + 600_000 } });
  }

  /** The doors of people and of screens. */
  async desk(route) {
    if (this.down) return route.abort();
    const url = new URL(route.request().url());
    const no = { status: 401, code: 'token_missing', title: 'No.', title_zh: '请先登录。' };
    if (url.pathname === '/api/devices') return route.fulfill({ json: { rooms: this.devices } });
    if (url.pathname === '/api/pairing') return route.fulfill({ json: { code: this.code, now_ms: Date.now(), expires_ms: Date.now() + 600_000 } });
    if (url.pathname === '/api/device') {
      const known = url.searchParams.get('paired');
      for (let i = 0; i < 50 && String(this.paired) === known; i++) await new Promise((kept) => setTimeout(kept, 100));
      return route.fulfill({ json: { paired: this.paired } }).catch(() => {});
    }
    if (url.pathname === '/api/login' && this.refuse.login) return route.fulfill({ status: 429, json: this.refuse.login, headers: { 'Retry-After': '32' } });
    return this.me ? route.fulfill({ json: this.me }) : route.fulfill({ status: 401, json: no });
  }

  /** The doors of the timetable and of those who plan. */
  async planning(route) {
    const request = route.request();
    const url = new URL(request.url());
    if (request.method() === 'POST') this.heard.push({ type: 'plan', path: url.pathname + url.search, body: request.postData() });
    if (url.pathname === '/api/timetable') return route.fulfill({ json: this.schools });
    if (url.pathname.startsWith('/api/timetable/')) return this.week ? route.fulfill({ json: this.week }) : route.fulfill({ status: 404, json: { status: 404, code: 'not_there', title: 'No such school.', title_zh: '没有这所学校。' } });
    if (url.pathname === '/api/plan/import') return this.refuse.sheets ? route.fulfill({ status: 422, json: this.refuse.sheets }) : route.fulfill({ json: { ...this.imported, kept: url.searchParams.get('dry_run') !== 'true' } });
    if (url.pathname === '/api/plan/lessons') return this.plan ? route.fulfill({ json: { ...this.plan, day: url.searchParams.get('day') } }) : route.fulfill({ status: 401, json: { status: 401, code: 'token_missing', title: 'No.', title_zh: '请先登录。' } });
    if (this.refuse.change) return route.fulfill({ status: 409, json: this.refuse.change });
    return route.fulfill({ status: 204 });
  }

  async door(route) {
    const request = route.request();
    const method = request.method();
    const kind = request.url().includes('/whip/') ? 'whip' : 'whep';
    this.calls.push(`${method} ${new URL(request.url()).pathname}${new URL(request.url()).search}`);
    if (this.down) return route.abort();
    if (method === 'DELETE') return route.fulfill({ status: 200 });
    if (method === 'PATCH') return this.patch(route);
    if (this.refuse[kind]) return route.fulfill({ status: this.refuse[kind].status, json: this.refuse[kind] });
    const { id, sdp } = await this.media.evaluate(([k, o]) => window.answer(k, o), [kind, request.postData()]);
    const headers = { Location: `/${kind}/${this.entered.lesson.id}/${id}`, ETag: '"1"', 'Content-Type': 'application/sdp' };
    return route.fulfill({ status: 201, headers, body: sdp });
  }

  async patch(route) {
    if (this.refuse.patch) return route.fulfill({ status: this.refuse.patch.status, json: this.refuse.patch });
    const id = Number(route.request().url().split('/').pop());
    this.fragment = route.request().postData();
    const body = await this.media.evaluate(([i, f]) => window.restart(i, f), [id, this.fragment]).catch(() => null);
    if (body === null) return route.fulfill({ status: 404, json: { status: 404, code: 'session_unknown', title: 'Gone.', title_zh: '会话已失效。' } });
    return route.fulfill({ status: 200, headers: { ETag: '"2"', 'Content-Type': 'application/trickle-ice-sdpfrag' }, body });
  }

  socket(socket) {
    if (this.down) return socket.close({ code: 1001 });
    this.sockets.push(socket);
    socket.onMessage((text) => {
      const message = JSON.parse(text);
      this.heard.push(message);
      if (message.type === 'hello') socket.send(JSON.stringify(this.welcome()));
      if (message.type === 'ping') socket.send(JSON.stringify({ type: 'pong', n: message.n }));
    });
    socket.onClose(() => (this.sockets = this.sockets.filter((one) => one !== socket)));
  }

  welcome() {
    const slots = ['voice', 'camera', 'screen'].map((slot) => ({ slot, source: this.sources[slot] ? slot : null, room: null, layer: slot === 'voice' ? null : 'f' }));
    return { type: 'welcome', you: {}, lesson: this.entered.lesson, sources: this.sources, roster: this.roster, stage: this.stage, slots };
  }
}
