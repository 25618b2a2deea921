// Starts the program on free ports with the demonstration's school, and ends it.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const START_MS = 15_000;

/** A running server: `link(role, n)`, `figure(name)`, `restart()`, `stop()`. `config` is TOML. */
export async function startServer(http = '127.0.0.1:0', config = '') {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tongke-browser-'));
  const file = path.join(folder, 'tongke.toml');
  fs.writeFileSync(file, config);
  const server = new Server(folder);
  await server.start(['--config', file, '--http', http, '--ops', '127.0.0.1:0', '--media-port', '0']);
  return server;
}

class Server {
  constructor(folder) {
    this.folder = folder;
    this.log = '';
  }

  async start(doors) {
    const program = process.env.TONGKE;
    if (!program) throw new Error('set TONGKE to the program to be tested');
    const links = path.join(this.folder, 'links.json');
    fs.rmSync(links, { force: true });
    const args = ['serve', '--demo', '--data-dir', this.folder, '--https', '', '--links-json', links, ...doors];
    this.process = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.process.stdout.on('data', (text) => { this.log += text; });
    this.process.stderr.on('data', (text) => { this.log += text; });
    const ended = new Promise((_, fail) => {
      this.process.once('exit', (code) => fail(new Error(`the server ended with ${code}:\n${this.log}`)));
    });
    ended.catch(() => {});
    await Promise.race([this.appears(links), ended]);
    const written = JSON.parse(fs.readFileSync(links, 'utf8'));
    this.base = written.base;
    this.ops = written.ops;
    this.links = written.links;
  }

  async appears(file) {
    const until = Date.now() + START_MS;
    while (!fs.existsSync(file) || fs.statSync(file).size === 0) {
      if (Date.now() > until) throw new Error(`the server did not start:\n${this.log}`);
      await new Promise((done) => setTimeout(done, 50));
    }
  }

  /** The `n`-th link of a role, for somebody who reaches us as `host`. */
  link(role, n = 0, host = 'localhost') {
    return this.links.filter((link) => link.role === role)[n].url.replace('localhost', host);
  }

  /** The sum of a metric over all its labels that hold `label`. */
  async figure(name, label = '') {
    const text = await (await fetch(`${this.ops}/metrics`)).text();
    const lines = text.split('\n').filter((line) => line.startsWith(name) && line.includes(label));
    return lines.reduce((sum, line) => sum + Number(line.split(' ').pop()), 0);
  }

  /** Ends the program and starts it again on the same doors and with the same data. */
  async restart() {
    await this.end('SIGKILL');
    const { port } = new URL(this.base);
    await this.start(['--http', `0.0.0.0:${port}`, '--ops', '127.0.0.1:0', '--media-port', '0']);
  }

  async end(signal) {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const gone = new Promise((done) => this.process.once('exit', done));
    this.process.kill(signal);
    await gone;
  }

  async stop() {
    await this.end('SIGTERM');
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}
