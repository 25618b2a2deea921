// Every message and answer of docs/protocol.md, as types. Nothing here does anything except read one message.

export type Rid = 'q' | 'h' | 'f';
export type Layer = Rid | 'off';
export type SourceKind = 'camera' | 'voice' | 'screen';
export type Road = 'udp' | 'tcp';
export type LessonState = 'planned' | 'live' | 'ended';
export type Cause = 'lead_uplink' | 'relay' | 'room_downlink' | 'room_device' | 'permission';

/** The body of every refusal (`application/problem+json`). */
export interface Problem {
  status: number;
  code: string;
  title: string;
  title_zh: string;
  detail?: string;
  /** Where it is there, both are sentences for people. */
  detail_zh?: string;
}

export interface Lesson {
  id: string;
  title: string;
  subject: string;
  teacher: string;
  school: string;
  starts_ms: number;
  ends_ms: number;
  state: LessonState;
}

/** Answer of `POST /api/enter`. */
export interface Entered {
  /** `null` for a teacher who has logged in and whose next lesson is not near yet. */
  token: string | null;
  expires_ms: number;
  now_ms: number;
  role: 'teacher' | 'room' | 'ops';
  school: string;
  room: { id: string; name: string } | null;
  person: { id: string; name: string } | null;
  lesson: Lesson | null;
  today: Lesson[];
  /** Rooms on stage at once. */
  stage_places: number;
}

/** Answer of `POST /api/login` and `GET /api/me`. */
export interface Me {
  account: string;
  person: { id: string; name: string } | null;
  school: string | null;
  must_change: boolean;
  until_ms: number;
  grants: { id: string; role: string; scope: string; until_ms: number | null }[];
  pages: ('teach' | 'devices' | 'plan' | 'ops')[];
}

/** A room and the screen that is its, of `GET /api/devices`. */
export interface RoomDevice {
  room: string;
  name: string;
  school: string;
  since_ms: number | null;
  paired_by: string | null;
}

/** Answer of `GET /api/timetable`: every school, for everybody. */
export interface Schools {
  today: string;
  schools: { id: string; name: string; district: string | null }[];
}

/** How a lesson differs from the plan. */
export type ChangeKind = 'moved' | 'substitute' | 'cancelled';

/** One lesson in the week of a school. */
export interface WeekLesson {
  id: string;
  day: string;
  starts: string;
  ends: string;
  title: string;
  subject: string;
  teacher: string;
  lead: string;
  rooms: { name: string; school: string }[];
}

export interface WeekChange {
  day: string;
  title: string;
  kind: ChangeKind;
  reason: string;
}

/** Answer of `GET /api/timetable/{school}`; `from` is a Monday. */
export interface Week {
  school: { id: string; name: string };
  from: string;
  lessons: WeekLesson[];
  changes: WeekChange[];
}

/** A word that the server sends in both languages. */
export interface Both {
  zh: string;
  en: string;
}

/** Answer of `POST /api/plan/import`. `kept` is false after a dry run. */
export interface Imported {
  kept: boolean;
  rows: (Both & { rows: number })[];
  lessons: number;
  overruns: Both[];
}

/** One fault of a sheet, and where it is. */
export interface SheetFault extends Both {
  place: string;
  row: number | null;
  column: Both | null;
}

/** The refusal `sheets_faulty`; `more` faults were left out. */
export interface SheetsFaulty extends Problem {
  faults: SheetFault[];
  more: number;
}

export interface PlanTeacher {
  id: string;
  name: string;
  school: string;
}

/** One lesson of a day, for those who plan. */
export interface PlanLesson {
  id: string;
  title: string;
  subject: string;
  teacher: { id: string; name: string };
  school: string;
  starts: string;
  ends: string;
  state: LessonState;
  change: 'moved' | 'substitute' | null;
  reason: string | null;
}

export interface CancelledLesson {
  id: string;
  title: string;
  reason: string;
}

/** Answer of `GET /api/plan/lessons`. */
export interface PlanDay {
  day: string;
  lessons: PlanLesson[];
  cancelled: CancelledLesson[];
  teachers: PlanTeacher[];
}

/** Body of `POST /api/lessons/{id}/change`. */
export type LessonChange =
  | { what: 'cancel'; reason: string }
  | { what: 'move'; day: string; period: number; reason: string }
  | { what: 'substitute'; teacher: string; reason: string }
  | { what: 'restore' };

export type SeatState = 'absent' | 'joining' | 'watching' | 'weak' | 'lost';

/** One room as the lesson sees it. `hand_ms` is when the hand went up. */
export interface Seat {
  room: string;
  name: string;
  school: string;
  state: SeatState;
  hand_ms: number | null;
  loss: number | null;
  rtt_ms: number | null;
  layer: Rid | null;
  problem: string | null;
}

export type Sources = Record<SourceKind, boolean>;

/** A room on stage; `place` counts from 1 and names its slots. */
export interface OnStage {
  place: number;
  room: string;
  name: string;
  school: string;
  mic: boolean;
  /** It may open and close its own microphone. */
  floor: boolean;
  since_ms: number;
}

/** What fills one slot of this watcher; `room` is `null` for the teacher. */
export interface SlotFill {
  slot: string;
  source: string | null;
  room: string | null;
  layer: Rid | null;
}

export type UplinkState = 'good' | 'weak' | 'bad' | 'none';

export interface Uplink {
  state: UplinkState;
  bps: number;
  loss: number;
  rtt_ms: number;
  unwatched: Rid[];
}

export type RoomProblem = 'no_media' | 'autoplay' | 'decoder' | 'no_camera' | 'no_microphone';

export interface Report {
  picture_ms: number | null;
  fps: number;
  freezes: number;
  concealed: number;
  problem: RoomProblem | null;
}

export type FromPage =
  | { type: 'hello'; token: string }
  | { type: 'renew'; token: string }
  | { type: 'session'; location: string }
  | { type: 'wish'; slot: string; layer: Layer }
  | { type: 'hand'; up: boolean }
  | { type: 'source'; kind: SourceKind; on: boolean }
  | { type: 'lesson'; action: 'start' | 'end' }
  | { type: 'lower_hand' | 'call' | 'dismiss' | 'cut'; room: string }
  | { type: 'mic'; open: boolean }
  | ({ type: 'report' } & Report)
  | { type: 'ping'; n: number };

export type FromServer =
  | { type: 'welcome'; you: unknown; lesson: Lesson; sources: Sources; roster: Seat[]; stage: OnStage[]; slots: SlotFill[] }
  | { type: 'roster'; rooms: Seat[] }
  | { type: 'lesson'; lesson: Lesson }
  | { type: 'sources'; sources: Sources }
  | { type: 'stage'; stage: OnStage[] }
  | { type: 'slots'; slots: SlotFill[] }
  | { type: 'session_lost'; location: string }
  | ({ type: 'uplink' } & Uplink)
  | { type: 'refused'; code: string; title: string; title_zh: string }
  | { type: 'pong'; n: number };

/** Close codes of the lesson's WebSocket. */
export const CLOSE = { TOKEN: 4401, NOT_PERMITTED: 4403, LESSON_UNKNOWN: 4404, NO_HELLO: 4408, REPLACED: 4409 } as const;

export interface OpsRoom {
  id: string;
  name: string;
  school: string;
  state: SeatState;
  bps: number | null;
  loss: number | null;
  rtt_ms: number | null;
  layer: Rid | null;
  road: Road | null;
  freezes: number | null;
  cause: Cause | null;
}

export interface OpsLesson {
  id: string;
  title: string;
  school: string;
  teacher: string;
  state: LessonState;
  starts_ms: number;
  ends_ms: number;
  uplink: { state: UplinkState; bps: number; loss: number; rtt_ms: number; road: Road } | null;
  rooms: OpsRoom[];
}

export interface OpsThread {
  index: number;
  port: number;
  packets_in_per_s: number;
  packets_out_per_s: number;
  peers: number;
}

export interface OpsTotals {
  lessons_live: number;
  rooms_online: number;
  packets_in_per_s: number;
  packets_out_per_s: number;
  bps_in: number;
  bps_out: number;
  discards_per_s: number;
}

/** Answer of `GET /api/ops`. */
export interface OpsFigures {
  now_ms: number;
  version: string;
  uptime_s: number;
  totals: OpsTotals;
  threads: OpsThread[];
  lessons: OpsLesson[];
}

const KNOWN = new Set(['welcome', 'roster', 'lesson', 'sources', 'stage', 'slots', 'session_lost', 'uplink', 'refused', 'pong']);

/** Reads one message of the server. A message of a later version is `null`, and is left alone. */
export function readMessage(text: unknown): FromServer | null {
  if (typeof text !== 'string') return null;
  try {
    const value = JSON.parse(text) as { type?: unknown } | null;
    return value && typeof value.type === 'string' && KNOWN.has(value.type) ? (value as FromServer) : null;
  } catch {
    return null;
  }
}
