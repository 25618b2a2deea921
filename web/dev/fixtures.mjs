// Lessons, rooms and figures for looking at the pages; names long and short.

const MINUTE = 60_000;

export const lesson = (change = {}) => ({
  id: 'l1', title: '分数的初步认识', subject: '数学', teacher: '王敏', school: '实验小学',
  starts_ms: Date.now() - 12 * MINUTE, ends_ms: Date.now() + 28 * MINUTE, state: 'live', ...change,
});

export const today = () => [
  lesson({ id: 'a', title: '古诗二首', subject: '语文', teacher: '李春华', starts_ms: Date.now() - 130 * MINUTE, ends_ms: Date.now() - 90 * MINUTE, state: 'ended' }),
  lesson({ id: 'b', title: 'Unit 3 My friends', subject: '英语', teacher: '陈静', starts_ms: Date.now() - 80 * MINUTE, ends_ms: Date.now() - 40 * MINUTE, state: 'ended' }),
  lesson({ id: 'l1', starts_ms: Date.now() + 7 * MINUTE, ends_ms: Date.now() + 47 * MINUTE, state: 'planned' }),
  lesson({ id: 'd', title: '中华民族大家庭里的多民族音乐欣赏与合唱', subject: '音乐', teacher: '欧阳晓岚', starts_ms: Date.now() + 60 * MINUTE, ends_ms: Date.now() + 100 * MINUTE, state: 'planned' }),
];

export const entered = (role, change = {}) => ({
  token: 'token', role, school: role === 'teacher' ? '实验小学' : '清水镇中心小学',
  room: role === 'room' ? { id: 'r1', name: '五年级1班' } : null,
  person: role === 'teacher' ? { id: 'p1', name: '王敏' } : null,
  lesson: role === 'ops' ? null : lesson(), today: role === 'room' ? today() : [], stage_places: 3, ...change,
});

const SCHOOLS = ['清水镇中心小学', '石门教学点', '红旗小学', '新疆维吾尔自治区和田地区于田县希吾勒乡中心小学', '大湾教学点'];
const STATES = ['watching', 'watching', 'watching', 'weak', 'watching', 'joining', 'watching', 'absent', 'lost', 'watching'];

export const rooms = (n, hands = 0) =>
  Array.from({ length: n }, (_, i) => ({
    room: `r${i + 1}`, name: `${'三四五六'[i % 4]}年级${(i % 3) + 1}班`, school: SCHOOLS[i % SCHOOLS.length], state: STATES[i % STATES.length],
    hand_ms: i < hands ? Date.now() - (hands - i) * 23_000 : null, loss: 0.01, rtt_ms: 40, layer: 'f', problem: i === 3 ? 'autoplay' : null,
  }));

export const me = (change = {}) => ({
  account: 'nu-er', person: { id: 'nu-er', name: '阿依努尔·买买提江' }, school: SCHOOLS[3], must_change: false, until_ms: Date.now() + 3_600_000, grants: [],
  pages: ['teach', 'devices', 'plan', 'ops'], ...change,
});

export const devices = (n) =>
  rooms(n).map(({ room, name, school }, i) => ({ room, name, school, since_ms: i % 3 ? Date.now() - i * 3_600_000 : null, paired_by: i % 3 ? 'admin' : null }));

const DISTRICTS = ['城区学区', '清水学区', '石门学区', '希吾勒学区'];

export const schools = (n) => ({
  today: '2026-11-25',
  schools: Array.from({ length: n }, (_, i) => ({
    id: `s${i}`, name: i % 9 === 3 ? SCHOOLS[3] : `${'清石红大新白'[i % 6]}${'水门旗湾庄河'[Math.floor(i / 6) % 6]}${i % 4 ? '小学' : '教学点'}${i}`, district: i % 5 === 4 ? null : DISTRICTS[i % 4],
  })),
});

const TITLES = ['分数的初步认识', '古诗二首', 'Unit 3 My friends', '中华民族大家庭里的多民族音乐欣赏与合唱(第二课时)', '观察物体'];
const SUBJECTS = ['数学', '语文', '英语', '音乐', '科学'];
const TEACHERS = ['王敏', '李春华', '陈静', '阿依努尔·买买提江', '欧阳晓岚'];
const STARTS = [['08:20', '09:00'], ['09:10', '09:50'], ['10:20', '11:00'], ['11:10', '11:50'], ['14:30', '15:10'], ['15:20', '16:00']];

/** `a_day` lessons on each of `days` days of the week from 23 November. */
export const week = (a_day, days = 5) => ({
  school: { id: 's3', name: SCHOOLS[3] }, from: '2026-11-23',
  lessons: Array.from({ length: a_day * days }, (_, i) => ({
    id: `w${i}`, day: `2026-11-${23 + Math.floor(i / a_day)}`, starts: STARTS[i % a_day % 6][0], ends: STARTS[i % a_day % 6][1],
    title: TITLES[i % 5], subject: SUBJECTS[i % 5], teacher: TEACHERS[i % 5], lead: i % 3 ? '实验小学' : SCHOOLS[3],
    rooms: rooms(1 + (i * 7) % 5).map(({ name, school }) => ({ name, school })),
  })),
  changes: a_day < 4 ? [] : [
    { day: '2026-11-24', title: TITLES[3], kind: 'moved', reason: '学校运动会' },
    { day: '2026-11-25', title: TITLES[0], kind: 'substitute', reason: '王敏老师外出参加市级教研活动,由李春华老师代课,课件不变,各听讲教室请提前准备学具' },
    { day: '2026-11-27', title: TITLES[1], kind: 'cancelled', reason: '道路结冰,学生在家' },
  ],
});

const CHANGES = [null, null, 'moved', null, 'substitute'];

export const plan = (n) => ({
  day: '2026-11-25',
  lessons: Array.from({ length: n }, (_, i) => ({
    id: `p${i}`, title: TITLES[i % 5], subject: SUBJECTS[i % 5], teacher: { id: `t${i % 5}`, name: TEACHERS[i % 5] }, school: SCHOOLS[(i * 3) % 5],
    starts: STARTS[i % 6][0], ends: STARTS[i % 6][1], state: i < 2 ? 'ended' : i < 4 ? 'live' : 'planned', change: CHANGES[i % 5], reason: CHANGES[i % 5] && '学校运动会',
  })),
  cancelled: n < 6 ? [] : [{ id: 'c1', title: TITLES[3], reason: '道路结冰,学生在家' }],
  teachers: Array.from({ length: Math.min(n, 40) }, (_, i) => ({ id: `t${i}`, name: TEACHERS[i % 5], school: SCHOOLS[i % 5] })),
});

export const imported = (kept) => ({
  kept, rows: [['学校', 'schools', 404], ['教师', 'teachers', 1310], ['教室', 'rooms', 1616], ['课程表', 'timetable', 120]].map(([zh, en, n]) => ({ zh, en, rows: n })), lessons: 11_400,
  overruns: [{ zh: `${SCHOOLS[3]} 周三第 3 节拖堂十分钟会碰到第 4 节`, en: 'On Wednesdays period 3 would run ten minutes into period 4' }],
});

export const faulty = (n) => ({
  status: 422, code: 'sheets_faulty', title: 'Sheets have faults.', title_zh: '表格有误。', more: 212,
  faults: Array.from({ length: n }, (_, i) => ({
    place: 'week.xlsx', row: i ? i * 7 : null, column: i ? { zh: '主讲教师', en: 'lead teacher' } : null,
    zh: i ? `「${TEACHERS[i % 5]}」不在教师表里,请先在教师表里加上这位老师,或改正姓名` : '缺少「课程表」', en: i ? 'This teacher is not in the sheet of teachers' : 'The sheet “timetable” is missing',
  })),
});

/** Rooms on stage; the last one is heard. */
export const stage = (...seats) =>
  rooms(5).filter((seat) => seats.includes(seat.room)).map(({ room, name, school }, i, all) => ({
    place: i + 1, room, name, school, mic: i === all.length - 1, floor: i === all.length - 1, since_ms: Date.now() - 20_000,
  }));

const CAUSES = { weak: 'room_downlink', lost: 'room_device' };

const opsRooms = (n) =>
  rooms(n).map((seat, i) => ({
    id: seat.room, name: seat.name, school: seat.school, state: seat.state, bps: seat.state === 'weak' ? 480_000 : 2_150_000 + i * 31_000,
    loss: seat.state === 'weak' ? 0.082 : 0.002 * (i % 3), rtt_ms: 38 + i, layer: seat.state === 'weak' ? 'q' : 'f', road: i % 4 === 3 ? 'tcp' : 'udp',
    freezes: i % 3, cause: CAUSES[seat.state] ?? null,
  }));

export const ops = (sizes) => ({
  now_ms: Date.now(), version: '0.1.0', uptime_s: 266_400,
  totals: { lessons_live: sizes.length, rooms_online: 17, packets_in_per_s: 3_120, packets_out_per_s: 21_640 + Math.random() * 900, bps_in: 6.4e6 + Math.random() * 4e5, bps_out: 43.2e6 + Math.random() * 4e6, discards_per_s: Math.round(Math.random() * 6) },
  threads: [0, 1].map((index) => ({ index, port: 7700 + index, packets_in_per_s: 1500 + index * 90, packets_out_per_s: 12_000 - index * 3000, peers: 9 - index })),
  lessons: sizes.map((n, i) => ({
    ...lesson({ id: `l${i}`, title: i === 2 ? '中华民族大家庭里的多民族音乐欣赏与合唱(第二课时)' : lesson().title }),
    uplink: n === 0 ? null : { state: i === 0 ? 'good' : 'weak', bps: 3_100_000, loss: 0.004, rtt_ms: 31, road: 'udp' }, rooms: opsRooms(n),
  })),
});
