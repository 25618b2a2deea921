// Watching a lesson: recvonly sections, each a slot, and one report of what was decoded.

import { Door } from './door';
import { PeerSession, type PeerEvents } from './peer';

/** A slot's name and its kind, in the order of the offer. */
export const CLASSROOM_SLOTS = [
  { slot: 'voice', kind: 'audio' },
  { slot: 'camera', kind: 'video' },
  { slot: 'screen', kind: 'video' },
] as const;

export type SlotName = (typeof CLASSROOM_SLOTS)[number]['slot'];
export type SlotTracks = Partial<Record<SlotName, MediaStreamTrack>>;

/** Opens a WHEP session; `tracks` is called with the slots' tracks of every new connection. */
export function watch(
  lesson: string,
  token: () => string,
  events: Omit<PeerEvents, 'prepare'>,
  tracks: (pc: RTCPeerConnection, tracks: SlotTracks) => void,
): PeerSession {
  const door = new Door(`/whep/${encodeURIComponent(lesson)}`, token, false);
  return new PeerSession(door, {
    ...events,
    prepare: (pc) => {
      const made: SlotTracks = {};
      for (const { slot, kind } of CLASSROOM_SLOTS) {
        made[slot] = pc.addTransceiver(kind, { direction: 'recvonly' }).receiver.track;
      }
      tracks(pc, made);
    },
  });
}
