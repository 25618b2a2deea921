// Everything the teacher's page shows, as one value.

import type { MediaState } from '../lib/peer';
import type { Lesson, OnStage, Problem, Seat, Uplink } from '../lib/protocol';
import type { SlotTracks } from '../lib/whep';
import type { SocketState } from '../lib/lesson-socket';
import type { DeviceList, DeviceProblem } from '../lib/devices';

export type Phase = 'entering' | 'refused' | 'waiting' | 'before' | 'live' | 'ended' | 'replaced';

export interface TeachState {
  phase: Phase;
  problem: Problem | null;
  school: string;
  person: string;
  lesson: Lesson | null;
  /** The own lessons of the day, for somebody who has logged in. */
  today: Lesson[];
  devices: DeviceList;
  camera: string;
  microphone: string;
  deviceProblem: DeviceProblem | null;
  stream: MediaStream | null;
  screen: MediaStreamTrack | null;
  muted: boolean;
  socket: SocketState;
  media: MediaState | null;
  mediaProblem: Problem | null;
  uplink: Uplink | null;
  roster: Seat[];
  /** Who is on stage, who came first stands first; and how many there is room for. */
  stage: OnStage[];
  places: number;
  /** What comes back from the lesson: the rooms on stage, and the own pictures as the rooms see them. */
  back: SlotTracks;
  /** One sentence at the foot of the page; it goes by itself. */
  said: string;
  /** When this page's class began, in the server's ms. */
  startedMs: number;
  endedMs: number;
}

export const AT_FIRST: TeachState = {
  phase: 'entering',
  problem: null,
  school: '',
  person: '',
  lesson: null,
  today: [],
  devices: { cameras: [], microphones: [] },
  camera: '',
  microphone: '',
  deviceProblem: null,
  stream: null,
  screen: null,
  muted: false,
  socket: 'connecting',
  media: null,
  mediaProblem: null,
  uplink: null,
  roster: [],
  stage: [],
  places: 0,
  back: {},
  said: '',
  startedMs: 0,
  endedMs: 0,
};

/** Raised hands, the longest wait first. */
export const raisedHands = (roster: readonly Seat[]): Seat[] =>
  roster.filter((seat) => seat.hand_ms !== null).sort((a, b) => (a.hand_ms ?? 0) - (b.hand_ms ?? 0));

/** The room a key is about: who has the floor, else who came last. */
export const lastCalled = (stage: readonly OnStage[]): OnStage | undefined => stage.find((one) => one.mic) ?? stage[stage.length - 1];

const CARE: Record<Seat['state'], number> = { lost: 0, weak: 1, joining: 2, watching: 3, absent: 4 };

/** Rooms in the order they need care; within that, by school and name. */
export const roomsByCare = (roster: readonly Seat[]): Seat[] =>
  [...roster].sort(
    (a, b) => CARE[a.state] - CARE[b.state] || a.school.localeCompare(b.school, 'zh') || a.name.localeCompare(b.name, 'zh'),
  );

export const roomsHere = (roster: readonly Seat[]): number =>
  roster.filter((seat) => seat.state === 'watching' || seat.state === 'weak').length;
