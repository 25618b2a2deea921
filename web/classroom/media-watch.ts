// Looks at the media once a second: stalls are healed, and every five seconds the lesson is told what was decoded.

import type { RoomProblem, Report } from '../lib/protocol';
import { StallJudge } from '../lib/stall';
import { downTotals, NOTHING, since, type DownTotals } from '../lib/stats';
import type { Store } from '../lib/store';
import type { RoomState } from './state';

const LOOK_EVERY_MS = 1000;
const LOOKS_A_REPORT = 5;
/** Under this many camera frames a second in two reports, with packets coming, the device does not keep up. */
const STRUGGLE_FPS = 5;

export interface WatchActs {
  report(report: Report): void;
  recover(how: 'restart' | 'reopen'): void;
  serverNow(): number;
}

export class MediaWatch {
  private readonly judge = new StallJudge();
  private timer: ReturnType<typeof setInterval> | undefined;
  private looks = 0;
  private reported: DownTotals = NOTHING;
  private reportedAt = 0;
  private cameraTrack = '';
  private slow = 0;
  private pictureFrom = 0;
  private pictureMs: number | null = null;

  constructor(
    private readonly store: Store<RoomState>,
    private readonly acts: WatchActs,
  ) {}

  begin(connection: () => RTCPeerConnection | null): void {
    this.stop();
    this.pictureFrom = performance.now();
    this.pictureMs = null;
    this.timer = setInterval(() => void this.look(connection()), LOOK_EVERY_MS);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  newConnection(cameraTrack: string): void {
    this.cameraTrack = cameraTrack;
    this.reported = NOTHING;
    this.judge.begin(performance.now());
  }

  /** A first frame is on the screen. */
  pictureShown(): void {
    const now = performance.now();
    if (this.store.now.firstPictureMs === null) this.store.set({ firstPictureMs: Math.round(now) });
    this.pictureMs ??= Math.round(now - this.pictureFrom);
  }

  /** The wait for a picture counts from joining, or from when there was one to send. */
  sourcesSaid(): void {
    const { sources } = this.store.now;
    if (this.pictureMs === null && !sources.camera && !sources.screen) this.pictureFrom = performance.now();
  }

  private async look(pc: RTCPeerConnection | null): Promise<void> {
    if (!pc || pc.connectionState === 'closed') return;
    const stats = (await pc.getStats()) as unknown as Iterable<[string, unknown]>;
    const totals = downTotals(stats, this.cameraTrack);
    const { sources, media } = this.store.now;
    if (media === 'connected') this.judgeRoad(totals, sources.camera || sources.voice);
    if (++this.looks % LOOKS_A_REPORT === 0) this.tell(totals);
  }

  private judgeRoad(totals: DownTotals, expected: boolean): void {
    const verdict = this.judge.look(performance.now(), totals, expected);
    if (verdict === 'restart' || verdict === 'reopen') return this.acts.recover(verdict);
    const troubleMs = verdict === 'quiet' ? this.store.now.troubleMs || this.acts.serverNow() : 0;
    this.store.set({ verdict, troubleMs });
  }

  private tell(totals: DownTotals): void {
    const now = performance.now();
    const step = since(this.reported, totals);
    const seconds = Math.max(1, (now - this.reportedAt) / 1000);
    const fps = this.reportedAt === 0 ? 0 : Math.round(step.frames / seconds);
    this.reported = totals;
    this.reportedAt = now;
    const problem = this.problem(step.packets, fps);
    this.acts.report({ picture_ms: this.pictureMs, fps, freezes: step.freezes, concealed: step.concealed, problem });
  }

  private problem(packets: number, fps: number): RoomProblem | null {
    const { sound, sources, slots, ownProblem } = this.store.now;
    if (!sound) return 'autoplay';
    if (ownProblem !== null) return ownProblem === 'nocamera' || ownProblem === 'busy' ? 'no_camera' : 'no_microphone';
    if (packets === 0 && (sources.camera || sources.voice)) return 'no_media';
    const cameraComes = sources.camera && slots.some((slot) => slot.slot === 'camera' && slot.source !== null && slot.layer !== null);
    const struggles = cameraComes && packets > 0 && this.pictureMs !== null && fps < STRUGGLE_FPS;
    this.slow = struggles ? this.slow + 1 : 0;
    return this.slow >= 2 ? 'decoder' : null;
  }
}
