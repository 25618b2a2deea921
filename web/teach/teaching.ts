// What the teacher's page does: devices, the lesson's socket, and publishing, joined into one state.

import { pause } from '../lib/backoff';
import { keyFromAddress, Pass } from '../lib/enter';
import { t } from '../lib/i18n';
import { IdleLayers } from '../lib/idle-layers';
import { LessonSocket, lessonSocketUrl, type SocketState } from '../lib/lesson-socket';
import type { MediaState } from '../lib/peer';
import { Refused, sentence, UNREACHABLE } from '../lib/problem';
import type { Entered, FromServer, Lesson, Problem } from '../lib/protocol';
import { Store } from '../lib/store';
import { Publisher, type LocalTracks } from '../lib/whip';
import { capture, captureScreen, listDevices, rememberChoice, rememberedChoice, type Chosen } from '../lib/devices';
import { AT_FIRST, lastCalled, raisedHands, type TeachState } from './state';
import { WatchingBack } from './watching-back';

const SAID_FOR_MS = 5000;

/** How often somebody whose lesson is not near yet is looked for in the timetable. */
const ASK_AGAIN_MS = 5_000;

export class Teaching {
  readonly store = new Store<TeachState>({ ...AT_FIRST, ...rememberedChoice() });
  private readonly pass = new Pass(keyFromAddress(), 'teacher', (entered) => this.socket?.renew(entered.token ?? ''));
  private socket: LessonSocket | null = null;
  private publisher: Publisher | null = null;
  private back: WatchingBack | null = null;
  private idle = new IdleLayers();
  private saidTimer: ReturnType<typeof setTimeout> | undefined;
  /** Said while the socket was away; said again after its next welcome. */
  private lateStart = false;
  private lateEnd = false;

  /** Opens the page: enter, devices, socket. A class that is live already goes on by itself. */
  async begin(): Promise<void> {
    const entered = await this.enterUntilLesson();
    if (!entered?.lesson) return;
    const lesson = entered.lesson;
    this.store.set({ places: entered.stage_places, school: entered.school, person: entered.person?.name ?? lesson.teacher, lesson });
    if (lesson.state === 'ended') return this.store.set({ phase: 'ended' });
    this.store.set({ phase: 'before' });
    this.connect(lesson.id);
    await this.useDevices({});
    if (this.store.now.lesson?.state === 'live') await this.startClass(taughtHere() === lesson.id);
  }

  serverNow(): number {
    return this.pass.serverNow();
  }

  /** Takes other devices (or tries the same again). */
  async useDevices(change: Partial<Chosen>): Promise<void> {
    const chosen = { camera: this.store.now.camera, microphone: this.store.now.microphone, ...change };
    for (const track of this.store.now.stream?.getTracks() ?? []) track.stop();
    this.store.set({ ...chosen, stream: null });
    const { stream, problem } = await capture(chosen);
    const used = (track?: MediaStreamTrack): string => track?.getSettings().deviceId ?? '';
    const camera = used(stream?.getVideoTracks()[0]) || chosen.camera;
    const microphone = used(stream?.getAudioTracks()[0]) || chosen.microphone;
    if (stream) rememberChoice({ camera, microphone });
    this.store.set({ stream, deviceProblem: problem, camera, microphone });
    this.store.set({ devices: await listDevices() });
  }

  /** A device was plugged in or out. */
  async devicesChanged(): Promise<void> {
    const { phase, deviceProblem } = this.store.now;
    const gone = this.store.now.stream?.getTracks().some((track) => track.readyState === 'ended') ?? false;
    const worthTrying = gone || (deviceProblem !== null && deviceProblem !== 'insecure');
    if (!worthTrying) return this.store.set({ devices: await listDevices() });
    if (phase === 'before' || phase === 'live') await this.useDevices({});
    if (phase === 'live') await this.sendDevices();
  }

  /** `takeOver` replaces another page that publishes: this tab's own past self, or one the teacher chose to stop. */
  async startClass(takeOver = false): Promise<void> {
    const { stream, lesson, phase } = this.store.now;
    if (!stream || !lesson || phase !== 'before') return;
    this.store.set({ phase: 'live', startedMs: this.serverNow(), mediaProblem: null });
    rememberTaught(lesson.id);
    this.lateStart = !this.socket?.send({ type: 'lesson', action: 'start' });
    this.publisher = new Publisher(lesson.id, () => this.pass.token, 'teacher', tracksOf(stream), {
      opened: (location) => void this.socket?.send({ type: 'session', location }),
      state: (media, problem) => this.mediaChanged(media, problem),
      reenter: async () => void (await this.pass.enter()),
    });
    this.watchBack(lesson.id);
    await this.publisher.session.start(takeOver);
  }

  private watchBack(lesson: string): void {
    this.back?.close();
    this.back = new WatchingBack(lesson, this.store.now.places, {
      token: () => this.pass.token,
      reenter: async () => void (await this.pass.enter()),
      send: (message) => void this.socket?.send(message),
      tracks: (back) => this.store.set({ back }),
    });
  }

  /** Replaces the other page of this teacher that is live. */
  async takeOver(): Promise<void> {
    this.publisher?.session.close();
    this.store.set({ phase: 'before' });
    await this.startClass(true);
  }

  endClass(): void {
    this.lateEnd = !this.socket?.send({ type: 'lesson', action: 'end' });
    this.finish();
  }

  toggleMute(): void {
    const track = this.store.now.stream?.getAudioTracks()[0];
    if (!track) return;
    track.enabled = !track.enabled;
    this.store.set({ muted: !track.enabled });
    this.tellSources();
  }

  async toggleShare(): Promise<void> {
    if (this.store.now.screen) return this.stopShare();
    const track = await captureScreen();
    if (!track) return this.say(t('teach.share.none'));
    track.onended = () => void this.stopShare();
    await this.publisher?.share(track);
    this.store.set({ screen: track });
    this.tellSources();
  }

  handSeen(room: string): void {
    this.socket?.send({ type: 'lower_hand', room });
  }

  call(room: string): void {
    this.socket?.send({ type: 'call', room });
  }

  /** Calls the hand that has waited longest. */
  callNext(): void {
    const next = raisedHands(this.store.now.roster)[0];
    if (next) this.call(next.room);
  }

  dismiss(room = lastCalled(this.store.now.stage)?.room): void {
    if (room) this.socket?.send({ type: 'dismiss', room });
  }

  cut(room = lastCalled(this.store.now.stage)?.room): void {
    if (room) this.socket?.send({ type: 'cut', room });
  }

  /** The page is being closed: say goodbye so that no ghost stays. */
  leave(): void {
    this.publisher?.session.close();
    this.back?.close();
    this.socket?.close();
  }

  /** The class goes on with the devices there are now, muted if it was muted. */
  private async sendDevices(): Promise<void> {
    const local = tracksOf(this.store.now.stream);
    if (local.voice) local.voice.enabled = !this.store.now.muted;
    await this.publisher?.use(local);
    this.tellSources();
  }

  private async stopShare(): Promise<void> {
    this.store.now.screen?.stop();
    this.store.set({ screen: null });
    this.tellSources();
    await this.publisher?.share(null);
  }

  /** Somebody who has logged in may be here before their lesson is near. */
  private async enterUntilLesson(): Promise<Entered | null> {
    for (;;) {
      const entered = await this.enterUntilThere();
      if (!entered || entered.lesson) return entered;
      this.store.set({ phase: 'waiting', today: entered.today, school: entered.school, person: entered.person?.name ?? '' });
      await pause(ASK_AGAIN_MS);
    }
  }

  private async enterUntilThere(): Promise<Entered | null> {
    for (;;) {
      try {
        return await this.pass.enter();
      } catch (error) {
        const problem = error instanceof Refused ? error.problem : UNREACHABLE;
        this.store.set({ problem, phase: problem.status >= 400 && problem.status < 500 ? 'refused' : 'entering' });
        if (this.store.now.phase === 'refused') return null;
        await pause((error instanceof Refused && error.retryAfterMs) || 3000);
      }
    }
  }

  private connect(lesson: string): void {
    this.socket = new LessonSocket(lessonSocketUrl(lesson), {
      token: () => this.pass.token,
      reenter: async () => void (await this.pass.enter()),
      message: (message) => this.hear(message),
      state: (socket) => this.socketChanged(socket),
    });
    this.socket.connect();
    window.addEventListener('online', () => {
      this.socket?.hurry();
      void this.publisher?.session.recover();
      this.back?.recover();
    });
  }

  private hear(message: FromServer): void {
    switch (message.type) {
      case 'welcome':
        this.store.set({ roster: message.roster, stage: message.stage });
        this.lessonSaid(message.lesson);
        return this.welcomed();
      case 'roster':
        return this.store.set({ roster: message.rooms });
      case 'lesson':
        return this.lessonSaid(message.lesson);
      case 'stage':
        return this.store.set({ stage: message.stage });
      case 'session_lost':
        this.back?.lost(message.location);
        return void this.publisher?.session.lost(message.location);
      case 'uplink':
        this.store.set({ uplink: message });
        return void this.publisher?.rest(this.idle.hear(message.unwatched ?? []));
      case 'refused':
        return this.say(sentence(message));
    }
  }

  /** After every hello the lesson is told again what this page is doing. */
  private welcomed(): void {
    if (this.lateEnd) return this.sayEnd();
    if (this.store.now.phase !== 'live') return;
    if (this.lateStart) this.lateStart = !this.socket?.send({ type: 'lesson', action: 'start' });
    const location = this.publisher?.session.location;
    if (location) this.socket?.send({ type: 'session', location });
    this.back?.welcomed();
    this.tellSources();
  }

  private lessonSaid(lesson: Lesson): void {
    this.store.set({ lesson });
    if (lesson.state === 'ended' && this.store.now.phase !== 'ended') this.finish();
  }

  private mediaChanged(media: MediaState, problem: Problem | null): void {
    this.store.set({ media, mediaProblem: problem });
    if (media === 'connected') this.tellSources();
  }

  private socketChanged(socket: SocketState): void {
    this.store.set({ socket });
    if (socket !== 'replaced') return;
    this.publisher?.session.close();
    this.back?.close();
    this.stopDevices();
    this.store.set({ phase: 'replaced' });
  }

  private tellSources(): void {
    if (this.store.now.phase !== 'live') return;
    const { stream, muted, screen } = this.store.now;
    const on = { camera: !!stream?.getVideoTracks().length, voice: !!stream?.getAudioTracks().length && !muted, screen: !!screen };
    this.back?.show(on.screen);
    for (const kind of ['camera', 'voice', 'screen'] as const) this.socket?.send({ type: 'source', kind, on: on[kind] });
  }

  private finish(): void {
    this.publisher?.session.close();
    this.back?.close();
    this.stopDevices();
    this.pass.stop();
    this.store.set({ phase: 'ended', endedMs: this.serverNow() });
    if (!this.lateEnd) setTimeout(() => this.socket?.close(), 1000);
  }

  private sayEnd(): void {
    this.lateEnd = !this.socket?.send({ type: 'lesson', action: 'end' });
    setTimeout(() => this.socket?.close(), 1000);
  }

  private stopDevices(): void {
    this.store.now.screen?.stop();
    for (const track of this.store.now.stream?.getTracks() ?? []) track.stop();
    this.store.set({ stream: null, screen: null });
  }

  private say(said: string): void {
    clearTimeout(this.saidTimer);
    this.store.set({ said });
    this.saidTimer = setTimeout(() => this.store.set({ said: '' }), SAID_FOR_MS);
  }
}

const tracksOf = (stream: MediaStream | null): LocalTracks => ({
  voice: stream?.getAudioTracks()[0] ?? null,
  camera: stream?.getVideoTracks()[0] ?? null,
});

const TAUGHT = 'tongke.taught';

/** The lesson this tab was teaching before it was reloaded; such a tab goes on without asking. */
const taughtHere = (): string | null => sessionStorage.getItem(TAUGHT);
const rememberTaught = (lesson: string): void => sessionStorage.setItem(TAUGHT, lesson);
