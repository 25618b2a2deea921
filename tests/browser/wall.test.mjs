// An administrator imports a week from files and cancels a lesson; everybody reads it on the wall.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import path from 'node:path';
import { SHOTS, startBrowser, startServer, until } from './lib/all.mjs';

/** All of China keeps one hour. */
const day = (after) => new Date(Date.now() + 8 * 3_600_000 + after * 86_400_000).toISOString().slice(0, 10);
const TOMORROW = day(1);
const WEEKDAY = new Date(`${TOMORROW}T00:00Z`).getUTCDay() || 7;
const WEEKLY = 'w';
const LESSON = `${WEEKLY}-${TOMORROW.replaceAll('-', '')}`;

let server;
let desk;
let hall;
let admin;

before(async () => {
  server = await startServer();
  desk = await startBrowser(1366, 768);
  hall = await startBrowser(1920, 1080);
});

after(async () => {
  await desk?.stop();
  await hall?.stop();
  await server?.stop();
});

const part = () => admin.getByTestId('import');
const choose = async (name, text) => {
  await part().locator('input[name=sheets]').setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });
  await part().getByRole('button', { name: '试运行' }).click();
};

async function imported(name, text) {
  await choose(name, text);
  await part().getByText('检查完毕，没有问题').waitFor({ timeout: 5_000 });
  await part().getByRole('button', { name: '导入', exact: true }).click();
  await part().getByText(`已导入「${name}」`).waitFor({ timeout: 5_000 });
}

test('a faulty file is shown fault by fault, and cannot be imported', async () => {
  admin = await desk.open(`${server.base}/login`);
  await admin.locator('input[name=user]').fill('admin');
  await admin.locator('input[name=password]').fill('tongke-demo');
  await admin.keyboard.press('Enter');
  await admin.getByRole('link', { name: '课程安排' }).click();
  await choose('教室.csv', '编号,学校,名称\nq-9,nowhere,九班\n');
  const faults = admin.getByTestId('faults');
  await until('the cell is named', () => faults.innerText(), (text) => text.includes('学校') && text.includes('nowhere'), 5_000);
  assert.ok(await part().getByRole('button', { name: '导入', exact: true }).isDisabled());
  await admin.screenshot({ path: path.join(SHOTS, 'plan-faults-768.png') });
});

test('a week is tried and imported, and a lesson of tomorrow is cancelled with its reason', async () => {
  await imported('人员.csv', '编号,学校,名称\nli-na,shiyan,李娜\n');
  await imported('学期.csv', `编号,名称,第一天,周数\nt,学期,${day(0)},3\n`);
  await imported('作息.csv', '学校,节次,上课时间,分钟\n,1,08:20,40\n');
  const columns = '编号,学期,星期,节次,课题,学科,教师,牵头校,听讲教室';
  await imported('课程表.csv', `${columns}\n${WEEKLY},t,${WEEKDAY},1,光的传播,科学,li-na,shiyan,qingshui-1\n`);
  await admin.locator('input[name=day]').fill(TOMORROW);
  const row = admin.locator(`[data-lesson=${LESSON}]`);
  await row.getByRole('button', { name: '停课' }).click();
  await admin.keyboard.type('大雪封路');
  await admin.keyboard.press('Enter');
  await admin.getByText('已停课：光的传播').waitFor({ timeout: 5_000 });
  await admin.screenshot({ path: path.join(SHOTS, 'plan-768.png'), fullPage: true });
});

test('everybody reads it on the wall, without a login', async () => {
  const wall = await hall.open(`${server.base}/timetable`);
  await wall.getByRole('link', { name: /清水/ }).click();
  const week = wall.getByTestId('week');
  if (!(await week.innerText()).includes('停课')) await wall.goto(`${server.base}/timetable?school=qingshui&from=${TOMORROW}`);
  await until('the reason is there', () => week.innerText(), (text) => text.includes('停课') && text.includes('大雪封路'), 5_000);
  await wall.screenshot({ path: path.join(SHOTS, 'timetable-1080.png') });
  await admin.getByRole('button', { name: '恢复' }).click();
  await admin.locator(`[data-lesson=${LESSON}]`).waitFor({ timeout: 5_000 });
  await wall.goto(`${server.base}/timetable?school=qingshui&from=${TOMORROW}`);
  await until('it is taught again', () => week.innerText(), (text) => text.includes('光的传播') && text.includes('李娜'), 5_000);
  for (const page of [wall, admin]) assert.deepEqual(page.problems, []);
});
