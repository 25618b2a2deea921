// What the classroom does by itself: stand by, join, watch, come back after every cut, and stand by again.

import { pause } from '../lib/backoff';
import { keyFromAddress, Pass } from '../lib/enter';
import { nextLayout } from '../lib/layouts';
import { LessonSocket, lessonSocketUrl, type SocketState } from '../lib/lesson-socket';
import type { MediaState, PeerSession } from '../lib/peer';
import { Refused, UNREACHABLE } from '../lib/problem';
import type { Entered, FromServer, Layer, Lesson, Problem, Seat } from '../lib/protocol';
import { Store } from '../lib/store';
import { watch, type SlotTracks } from '../lib/whep';
import { followDevice } from './device';
import { MediaWatch } from './media-watch';
import { Performing } from './performing';
import { AT_FIRST, onStage, type RoomState } from './state';

/** A change of the timetable is seen within five seconds: one for the server, and this with its chance. */
const ASK_AGAIN_MS = 3_000;
const FIRST_ASK_MS = 2000;
/** How soon a screen that has become a room's asks for its lesson. */
const PAIRED_LOOK_MS = 200;
/** How long 下课 stays on the screen. */
const GOODBYE_MS = 90_000;

export class Attending {
  readonly store = new Store<RoomState>(AT_FIRST);
  private readonly pass = new Pass(keyFromAddress(), 'room', (entered) => this.renewed(entered));
  private socket: LessonSocket | null = null;
  private session: PeerSession | null = null;
  private readonly watcher = new MediaWatch(this.store, {
    report: (report) => void this.socket?.send({ type: 'report', ...report }),
    recover: (how) => void this.session?.recover(how),
    serverNow: () => this.serverNow(),
  });
  private readonly performing = new Performing({
    token: () => this.pass.token,
    reenter: async () => void (await this.pass.enter()),
    opened: (location) => void this.socket?.send({ type: 'session', location }),
    own: (ownPicture, ownProblem) => this.store.set({ ownPicture, ownProblem }),
  });
  private wishes = new Map<string, Layer>();
  /** The lesson knows that our hand is up. */
  private handKnown = false;
  private opened = new WeakMap<RTCPeerConnection, SlotTracks>();

  serverNow(): number {
    return this.pass.serverNow();
  }

  /** Asks for the lesson for as long as the page is open; nothing here waits for a person. */
  async begin(): Promise<void> {
    window.addEventListener('online', () => this.hurry());
    if (!keyFromAddress()) void this.followDevice();
    while (this.store.now.phase !== 'replaced') {
      if (this.store.now.phase === 'pairing') {
        await pause(PAIRED_LOOK_MS);
        continue;
      }
      const known = await this.ask();
      await pause((known ? ASK_AGAIN_MS : FIRST_ASK_MS) * (0.8 + 0.4 * Math.random()));
    }
  }

  /** Without a key this screen is what an administrator says it is. */
  private async followDevice(): Promise<void> {
    this.store.set({ phase: 'pairing' });
    await followDevice({
      paired: () => this.store.set({ phase: 'entering', problem: null, code: null }),
      unpaired: (code) => {
        if (this.store.now.phase !== 'pairing') this.stopLesson();
        this.pass.stop();
        this.store.set({ ...FRESH, phase: 'pairing', lesson: null, problem: null, code });
      },
      reached: (yes) => this.store.now.phase === 'pairing' && this.store.set({ problem: yes ? null : UNREACHABLE }),
    });
  }

  changeLayout(step: 1 | -1): void {
    if (!this.store.now.sources.screen) return;
    this.store.set({ layout: nextLayout(this.store.now.layout, step), layoutMs: this.serverNow() });
  }

  toggleHand(): void {
    if (this.store.now.phase !== 'lesson') return;
    const up = this.store.now.handMs === null;
    if (!this.socket?.send({ type: 'hand', up })) return;
    this.store.set({ handMs: up ? this.serverNow() : null, handSeenMs: 0 });
  }

  /** On stage the room closes and opens its own microphone; whether it may, the lesson knows. */
  toggleMic(): void {
    const own = onStage(this.store.now);
    if (own) this.socket?.send({ type: 'mic', open: !own.mic });
  }

  /** The picture of `slot` is drawn this large now; asks for the layer it is worth. */
  wish(slot: string, layer: Layer): void {
    if (this.wishes.get(slot) === layer) return;
    if (this.socket?.send({ type: 'wish', slot, layer })) this.wishes.set(slot, layer);
  }

  pictureShown(): void {
    this.watcher.pictureShown();
    this.store.set({ pictured: true });
  }

  soundIs(on: boolean): void {
    this.store.set({ sound: on });
  }

  leave(): void {
    this.performing.stop();
    this.session?.close();
    this.socket?.close();
  }

  /** One question to the server; whether it answered. */
  private async ask(): Promise<boolean> {
    if (this.store.now.phase === 'lesson') return true;
    try {
      const entered = await this.pass.enter();
      // It may have been taken back while the answer was on its way.
      if (this.store.now.phase !== 'pairing') this.entered(entered);
      return true;
    } catch (error) {
      this.store.set({ problem: error instanceof Refused ? error.problem : UNREACHABLE });
      return false;
    }
  }

  private renewed(entered: Entered): void {
    this.socket?.renew(entered.token ?? '');
    this.store.set({ today: entered.today });
  }

  private entered(entered: Entered): void {
    this.store.set({ roomId: entered.room?.id ?? '', places: entered.stage_places });
    this.store.set({ problem: null, school: entered.school, room: entered.room?.name ?? '', today: entered.today });
    const lesson = entered.lesson;
    if (lesson && lesson.state !== 'ended') return this.join(lesson);
    const goodbye = this.store.now.phase === 'ended' && this.serverNow() - this.store.now.endedMs < GOODBYE_MS;
    if (!goodbye) this.store.set({ phase: 'standby', lesson: null });
  }

  /** Socket and media start side by side: neither waits for the other. */
  private join(lesson: Lesson): void {
    this.wishes.clear();
    this.store.set({ ...FRESH, phase: 'lesson', lesson });
    this.socket = new LessonSocket(lessonSocketUrl(lesson.id), {
      token: () => this.pass.token,
      reenter: async () => void (await this.pass.enter()),
      message: (message) => this.hear(message),
      state: (socket) => this.socketChanged(socket),
    });
    this.socket.connect();
    this.session = watch(
      lesson.id,
      this.store.now.places,
      () => this.pass.token,
      {
        opened: (location) => void this.socket?.send({ type: 'session', location }),
        state: (media, problem) => this.mediaChanged(media, problem),
        reenter: async () => void (await this.pass.enter()),
      },
      (pc, tracks) => this.opened.set(pc, tracks),
    );
    this.watcher.begin(() => this.session?.pc ?? null);
    void this.session.start();
  }

  private hear(message: FromServer): void {
    switch (message.type) {
      case 'welcome':
        this.store.set({ sources: message.sources, slots: message.slots, stage: message.stage, lesson: message.lesson });
        return this.welcomed(message.roster, message.lesson);
      case 'sources':
        this.watcher.sourcesSaid();
        return this.store.set({ sources: message.sources });
      case 'slots':
        return this.store.set({ slots: message.slots });
      case 'stage':
        this.store.set({ stage: message.stage });
        return this.takePart();
      case 'session_lost':
        this.performing.lost(message.location);
        return void this.session?.lost(message.location);
      case 'roster':
        return this.seatSaid(message.rooms);
      case 'lesson':
        return this.lessonSaid(message.lesson);
      case 'refused':
        return message.code === 'microphone_closed' ? this.store.set({ micRefusedMs: this.serverNow() }) : undefined;
    }
  }

  /** Becomes what the lesson says this room is. */
  private takePart(): void {
    const { lesson, phase } = this.store.now;
    if (!lesson || phase !== 'lesson') return;
    const own = onStage(this.store.now);
    this.performing.be(own ? 'performs' : this.handKnown ? 'asks' : 'listens', own?.mic ?? false, lesson.id);
  }

  private welcomed(roster: Seat[], lesson: Lesson): void {
    if (this.store.now.joinedMs === null) this.store.set({ joinedMs: Math.round(performance.now()) });
    for (const location of [this.session?.location, this.performing.location]) {
      if (location) this.socket?.send({ type: 'session', location });
    }
    const wishes = [...this.wishes];
    this.wishes.clear();
    for (const [slot, layer] of wishes) this.wish(slot, layer);
    this.seatSaid(roster);
    this.lessonSaid(lesson);
  }

  /** Our own hand as the lesson sees it: the teacher may have taken it down. */
  private seatSaid(rooms: Seat[]): void {
    const seat = rooms.find((one) => one.room === this.store.now.roomId);
    this.handKnown = seat?.hand_ms != null;
    this.takePart();
    if (!seat || seat.hand_ms === this.store.now.handMs) return;
    const seen = seat.hand_ms === null && this.store.now.handMs !== null;
    const justRaised = seen && this.serverNow() - (this.store.now.handMs ?? 0) < 1000;
    if (!justRaised) this.store.set({ handMs: seat.hand_ms, handSeenMs: seen ? this.serverNow() : 0 });
  }

  private lessonSaid(lesson: Lesson): void {
    this.store.set({ lesson });
    if (lesson.state !== 'ended' || this.store.now.phase !== 'lesson') return;
    this.stopLesson();
    this.store.set({ phase: 'ended', endedMs: this.serverNow() });
  }

  private mediaChanged(media: MediaState, problem: Problem | null): void {
    if (this.store.now.phase !== 'lesson') return;
    const pc = this.session?.pc;
    const tracks = pc ? this.opened.get(pc) : undefined;
    const news = media === 'connected' && tracks && tracks !== this.store.now.tracks;
    if (news) this.watcher.newConnection(tracks['camera']?.id ?? '');
    const bad = media === 'recovering' || media === 'refused';
    const since = bad ? this.store.now.troubleMs || this.serverNow() : 0;
    this.store.set({ media, problem, troubleMs: since, ...(news ? { tracks } : {}) });
    if (problem?.code === 'lesson_ended') this.lessonSaid({ ...this.store.now.lesson!, state: 'ended' });
    else if (media === 'refused') this.startOver();
  }

  private socketChanged(socket: SocketState): void {
    this.store.set({ socket });
    if (socket === 'replaced') {
      this.stopLesson();
      this.pass.stop();
      this.store.set({ phase: 'replaced' });
    }
    if (socket === 'refused') this.startOver();
  }

  /** The server wants nothing of this lesson from us: ask again what is on, shortly. */
  private startOver(): void {
    this.stopLesson();
    this.store.set({ phase: 'standby', lesson: null });
  }

  private stopLesson(): void {
    this.watcher.stop();
    this.performing.stop();
    this.handKnown = false;
    this.session?.close();
    this.socket?.close();
    this.session = null;
    this.socket = null;
  }

  private hurry(): void {
    this.socket?.hurry();
    this.performing.recover();
    if (this.store.now.media === 'connected') void this.session?.recover();
  }
}

/** What every joined lesson begins with. */
const FRESH: Partial<RoomState> = {
  sources: AT_FIRST.sources,
  stage: [],
  slots: [],
  tracks: {},
  socket: 'connecting',
  media: 'connecting',
  verdict: 'fine',
  troubleMs: 0,
  handMs: null,
  handSeenMs: 0,
  pictured: false,
  layout: 'slides',
};
