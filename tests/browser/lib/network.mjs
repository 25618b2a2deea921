// Another computer on this machine: a network namespace with one cable to us. Needs root, as a test run in CI has.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const run = (...words) => execFileSync(words[0], words.slice(1), { stdio: ['ignore', 'ignore', 'inherit'] });

/** A school with a line to this machine: `here` is our address on it, `chromium` a program that runs inside. */
export function layLine(name) {
  const space = `tongke-${name}-${process.pid}`;
  const [ours, theirs] = [`tk${process.pid}a`, `tk${process.pid}b`];
  run('ip', 'netns', 'add', space);
  const inside = (...words) => run('ip', 'netns', 'exec', space, ...words);
  run('ip', 'link', 'add', ours, 'type', 'veth', 'peer', 'name', theirs, 'netns', space);
  // A network for tests (RFC 2544 §11.4.1), in this machine only.
  run('ip', 'addr', 'add', '198.18.77.1/30', 'dev', ours);
  run('ip', 'link', 'set', ours, 'up');
  inside('ip', 'addr', 'add', '198.18.77.2/30', 'dev', theirs);
  inside('ip', 'link', 'set', theirs, 'up');
  inside('ip', 'link', 'set', 'lo', 'up');
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tongke-line-'));
  const chromium = path.join(folder, 'chromium');
  const real = process.env.CHROMIUM ?? '/usr/bin/chromium';
  fs.writeFileSync(chromium, `#!/bin/sh\nexec ip netns exec ${space} ${real} "$@"\n`, { mode: 0o755 });
  return {
    here: '198.18.77.1',
    chromium,
    /** As a school's filter does: every UDP packet is refused. */
    blockUdp: () => inside('ip', 'rule', 'add', 'pref', '10', 'ipproto', 'udp', 'prohibit'),
    cut: () => run('ip', 'link', 'set', ours, 'down'),
    mend: () => run('ip', 'link', 'set', ours, 'up'),
    remove() {
      run('ip', 'netns', 'del', space);
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
}
