// Which mark belongs to which state of the protocol.

import type { SeatState, UplinkState } from '../protocol';
import type { Meaning } from './mark';

const SEAT: Record<SeatState, Meaning> = { absent: 'none', joining: 'busy', watching: 'good', weak: 'weak', lost: 'bad' };
const UPLINK: Record<UplinkState, Meaning> = { good: 'good', weak: 'weak', bad: 'bad', none: 'none' };

export const seatMeaning = (state: SeatState): Meaning => SEAT[state] ?? 'none';
export const uplinkMeaning = (state: UplinkState): Meaning => UPLINK[state] ?? 'none';
