// One lesson: its lead uplink in a line, and its rooms in a table, those that need care first.

import { percent, rate } from '../lib/figures';
import { t } from '../lib/i18n';
import type { OpsLesson, OpsRoom, SeatState } from '../lib/protocol';
import { clock } from '../lib/time';
import { Mark } from '../lib/ui/mark';
import { seatMeaning, uplinkMeaning } from '../lib/ui/states';
import { Sparkline } from './sparkline';
import type { History } from './watching';

const COLUMNS = ['room', 'state', 'cause', 'rate', 'loss', 'rtt', 'layer', 'road', 'freezes'] as const;
const CARE: Record<SeatState, number> = { lost: 0, weak: 1, joining: 2, watching: 3, absent: 4 };

export function LessonTable({ lesson, history }: { lesson: OpsLesson; history: History }) {
  const rooms = byCare(lesson.rooms);
  return (
    <section class="sheet lesson" data-testid="ops-lesson">
      <header>
        <h2>{lesson.title}</h2>
        <p>{[lesson.teacher, lesson.school, `${clock(lesson.starts_ms)}–${clock(lesson.ends_ms)}`].join(' · ')}</p>
        <span class="badge">
          <Mark meaning={lesson.state === 'live' ? 'good' : 'none'} /> {t(`ops.lesson.${lesson.state}`)}
        </span>
        <UplinkCell lesson={lesson} />
      </header>
      {rooms.length === 0 ? (
        <p class="empty">{t('ops.norooms')}</p>
      ) : (
        <table>
          <colgroup>{COLUMNS.map((column) => <col key={column} class={`col-${column}`} />)}</colgroup>
          <thead>
            <tr>{COLUMNS.map((column) => <th key={column}>{t(`ops.col.${column}`)}</th>)}</tr>
          </thead>
          <tbody>{rooms.map((room) => <RoomRow key={room.id} room={room} series={history.rooms.get(room.id) ?? []} />)}</tbody>
        </table>
      )}
    </section>
  );
}

const byCare = (rooms: OpsRoom[]): OpsRoom[] =>
  [...rooms].sort((a, b) => CARE[a.state] - CARE[b.state] || a.name.localeCompare(b.name, 'zh'));

function UplinkCell({ lesson }: { lesson: OpsLesson }) {
  const { uplink } = lesson;
  const state = uplink?.state ?? 'none';
  return (
    <span class="badge uplink-badge figures">
      <Mark meaning={uplinkMeaning(state)} /> {t('ops.uplink')} {t(`uplink.${state}`)}
      {uplink &&
        ` · ${rate(uplink.bps)} · ${t('ops.col.loss')} ${percent(uplink.loss)} · ${t('ops.ms', { n: Math.round(uplink.rtt_ms) })} · ${t(`road.${uplink.road}`)}`}
    </span>
  );
}

function RoomRow({ room, series }: { room: OpsRoom; series: number[] }) {
  const here = room.state === 'watching' || room.state === 'weak';
  const shown = (value: number | null, word: (value: number) => string): string => (here && value !== null ? word(value) : '—');
  return (
    <tr class={room.state}>
      <th scope="row">
        <strong>{room.name}</strong>
        <span>{room.school}</span>
      </th>
      <td><Mark meaning={seatMeaning(room.state)} /> {t(`seat.${room.state}`)}</td>
      <td>{room.cause ? t(`cause.${room.cause}`) : '—'}</td>
      <td class="rate figures">
        <span>{shown(room.bps, rate)}</span>
        {here && <Sparkline values={series} label={t('ops.col.rate')} />}
      </td>
      <td class="figures">{shown(room.loss, percent)}</td>
      <td class="figures">{shown(room.rtt_ms, (n) => t('ops.ms', { n: Math.round(n) }))}</td>
      <td>{here && room.layer ? t(`layer.${room.layer}`) : '—'}</td>
      <td>{here && room.road ? t(`road.${room.road}`) : '—'}</td>
      <td class="figures">{shown(room.freezes, String)}</td>
    </tr>
  );
}
