// `window.tongke`: what this page is doing, for tests and for whoever stands before a screen with a laptop. Read only.

import type { Store } from '../lib/store';
import { troubleOf, type RoomState } from './state';

export interface Exposed {
  /** `pairing`, `entering`, `standby`, `soon` (joined, class not begun), `watching`, `reconnecting`, `waiting` (teacher cut), `ended`, `replaced`. */
  readonly state: string;
  /** From the page's start to the lesson's welcome, ms; `null` before. */
  readonly joinedMs: number | null;
  /** From the page's start to the first picture on the screen, ms; `null` before. */
  readonly firstPictureMs: number | null;
  readonly slots: readonly ExposedSlot[];
}

export interface ExposedSlot {
  readonly slot: string;
  readonly source: string | null;
  readonly layer: string | null;
  /** The decoded picture's size and how many frames were shown; 0 for a voice. */
  readonly width: number;
  readonly height: number;
  readonly frames: number;
}

declare global {
  interface Window {
    tongke?: Exposed;
  }
}

export function expose(store: Store<RoomState>): void {
  window.tongke = {
    get state() {
      return stateWord(store.now);
    },
    get joinedMs() {
      return store.now.joinedMs;
    },
    get firstPictureMs() {
      return store.now.firstPictureMs;
    },
    get slots() {
      return store.now.slots.map(({ slot, source, layer }) => ({ slot, source, layer, ...pictureOf(slot) }));
    },
  };
}

function stateWord(state: RoomState): string {
  if (state.phase !== 'lesson') return state.phase;
  const trouble = troubleOf(state);
  if (trouble === 'quiet') return 'waiting';
  if (trouble !== null) return 'reconnecting';
  return state.lesson?.state === 'live' ? 'watching' : 'soon';
}

function pictureOf(slot: string): { width: number; height: number; frames: number } {
  const video = document.querySelector<HTMLVideoElement>(`video[data-slot="${slot}"]`);
  if (!video) return { width: 0, height: 0, frames: 0 };
  return { width: video.videoWidth, height: video.videoHeight, frames: video.getVideoPlaybackQuality().totalVideoFrames };
}
