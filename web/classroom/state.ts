// Everything the classroom's screen shows, as one value, and what it says when something is wrong.

import type { DeviceProblem } from '../lib/devices';
import type { Layout } from '../lib/layouts';
import type { SocketState } from '../lib/lesson-socket';
import type { MediaState } from '../lib/peer';
import type { Lesson, OnStage, Problem, SlotFill, Sources } from '../lib/protocol';
import type { Verdict } from '../lib/stall';
import type { SlotTracks } from '../lib/whep';

export type Phase = 'pairing' | 'entering' | 'standby' | 'lesson' | 'ended' | 'replaced';

export interface RoomState {
  phase: Phase;
  /** Why the server said no, or why it cannot be reached; the page keeps trying. */
  problem: Problem | null;
  /** The pairing code of a screen that is no room's. */
  code: string | null;
  school: string;
  room: string;
  roomId: string;
  lesson: Lesson | null;
  today: Lesson[];
  sources: Sources;
  /** Places on stage, and who has one. */
  places: number;
  stage: OnStage[];
  /** What this room shows of itself on stage, or why it cannot. */
  ownPicture: MediaStreamTrack | null;
  ownProblem: DeviceProblem | null;
  /** When the room asked for the microphone in vain; said for a moment. */
  micRefusedMs: number;
  slots: SlotFill[];
  tracks: SlotTracks;
  socket: SocketState;
  media: MediaState | null;
  verdict: Verdict;
  /** Since when media do not come as they should (server's ms), else 0. */
  troubleMs: number;
  layout: Layout;
  /** When the layout was changed; its name is shown for a moment. */
  layoutMs: number;
  handMs: number | null;
  handSeenMs: number;
  sound: boolean;
  /** A picture of this lesson has been on the screen. */
  pictured: boolean;
  endedMs: number;
  /** Milliseconds from the page's start. */
  joinedMs: number | null;
  firstPictureMs: number | null;
}

export const AT_FIRST: RoomState = {
  phase: 'entering',
  problem: null,
  code: null,
  school: '',
  room: '',
  roomId: '',
  lesson: null,
  today: [],
  sources: { camera: false, voice: false, screen: false },
  places: 0,
  stage: [],
  ownPicture: null,
  ownProblem: null,
  micRefusedMs: 0,
  slots: [],
  tracks: {},
  socket: 'connecting',
  media: null,
  verdict: 'fine',
  troubleMs: 0,
  layout: 'slides',
  layoutMs: 0,
  handMs: null,
  handSeenMs: 0,
  sound: true,
  pictured: false,
  endedMs: 0,
  joinedMs: null,
  firstPictureMs: null,
};

/** This room's place on stage, if it has one. */
export const onStage = (state: RoomState): OnStage | undefined => state.stage.find((one) => one.room === state.roomId);

export type Trouble = 'cut' | 'quiet' | 'server' | null;

/** What, if anything, is wrong with the media now. */
export function troubleOf(state: RoomState): Trouble {
  if (state.phase !== 'lesson') return null;
  if (state.media === 'refused') return 'server';
  if (state.media === 'recovering') return state.problem ? 'server' : 'cut';
  if (state.verdict === 'quiet' && state.lesson?.state === 'live') return 'quiet';
  return null;
}

export type NetLight = 'good' | 'connecting' | 'cut';

/** The network light of standby and class. */
export function netLight(state: RoomState): NetLight {
  const unreached = state.problem?.status === 0;
  if (state.phase === 'entering' && state.problem === null) return 'connecting';
  if (state.phase !== 'lesson') return unreached ? 'cut' : 'good';
  if (troubleOf(state) === 'cut') return 'cut';
  return state.media === 'connected' && state.socket === 'open' ? 'good' : 'connecting';
}

/** The lesson standby waits for: the first that has not ended. */
export const nextLesson = (today: readonly Lesson[], now: number): Lesson | null =>
  [...today].sort((a, b) => a.starts_ms - b.starts_ms).find((one) => one.state !== 'ended' && one.ends_ms > now) ?? null;
