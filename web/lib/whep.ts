// Watching a lesson: recvonly sections, each a slot, and one report of what was decoded.

import { Door } from './door';
import { PeerSession, type PeerEvents } from './peer';

/** The tracks of a connection, by the names of their slots. */
export type SlotTracks = Readonly<Record<string, MediaStreamTrack | undefined>>;

export const stageSlot = (place: number): string => `stage${place}`;
export const stageVoice = (place: number): string => `stage${place}_voice`;

/** A slot's name and its kind, in the order of the offer. */
export function slotsOffered(places: number): { slot: string; kind: 'audio' | 'video' }[] {
  const stage = Array.from({ length: places }, (_, i) => i + 1);
  const voices = ['voice', ...stage.map(stageVoice)];
  const pictures = ['camera', 'screen', ...stage.map(stageSlot)];
  return [...voices.map((slot) => ({ slot, kind: 'audio' as const })), ...pictures.map((slot) => ({ slot, kind: 'video' as const }))];
}

/** Opens a WHEP session with room for so many on stage; `tracks` is called with the slots' tracks of every new connection. */
export function watch(
  lesson: string,
  places: number,
  token: () => string,
  events: Omit<PeerEvents, 'prepare'>,
  tracks: (pc: RTCPeerConnection, tracks: SlotTracks) => void,
): PeerSession {
  const door = new Door(`/whep/${encodeURIComponent(lesson)}`, token, false);
  return new PeerSession(door, {
    ...events,
    prepare: (pc) => {
      const made: Record<string, MediaStreamTrack> = {};
      for (const { slot, kind } of slotsOffered(places)) {
        made[slot] = pc.addTransceiver(kind, { direction: 'recvonly' }).receiver.track;
      }
      tracks(pc, made);
    },
  });
}
