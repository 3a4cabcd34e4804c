/** What nodes share: a real Postgres and a real Redis of the test's own, reached by sockets in a temporary folder alone. */

import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { until } from './until.js';

const run = promisify(execFile);
const VERSIONS = '/usr/lib/postgresql';
const STOP_WITHIN_MS = 20_000;

/** Waits for the end of its standard input, which comes with the end of the test however it ends, and takes everything away. */
const GUARD = `
cat > /dev/null
kill -KILL "$3" 2> /dev/null
[ -f "$1/data/postmaster.pid" ] && $4 "$2/pg_ctl" --pgdata "$1/data" --mode immediate --wait stop > /dev/null 2>&1
rm -rf "$1"
`;

/** What makes it quick: nothing of it is to outlive the test. */
const POSTGRES = "-F -c listen_addresses='' -c synchronous_commit=off -c full_page_writes=off -c shared_buffers=32MB -c log_min_messages=fatal";

/** @typedef {{ flags: string[], stop: () => Promise<void> }} Ground */

/** @returns {Promise<Ground>} `flags` are those of `switchboard serve` that make a server a node on it */
export async function startGround() {
  const folder = mkdtempSync(join(tmpdir(), 'switchboard-ground-'));
  chmodSync(folder, 0o755);
  const programs = postgresPrograms();
  const as = owner();
  if (as) chownSync(folder, as.user, as.group);
  const socket = join(folder, 'redis.sock');
  const alone = ['--port', '0', '--unixsocket', socket, '--save', '', '--appendonly', 'no'];
  const redis = spawn('redis-server', alone, { cwd: folder, stdio: 'ignore' });
  /** @type {Error | null} */
  let failed = null;
  redis.once('error', (error) => (failed = error));
  const prefix = as ? `setpriv --reuid=${as.user} --regid=${as.group} --clear-groups --` : '';
  const guard = spawn('sh', ['-c', GUARD, 'guard', folder, programs, String(redis.pid ?? ''), prefix], {
    stdio: ['pipe', 'ignore', 'ignore'],
    cwd: '/',
    // Ctrl-C is for the test; its end is what the guard waits for.
    detached: true,
  });
  const stop = async () => {
    const exit = once(guard, 'exit', { signal: AbortSignal.timeout(STOP_WITHIN_MS) });
    guard.stdin.end();
    await exit;
  };
  const postgres = async (/** @type {string} */ program, /** @type {string[]} */ args) => {
    const [first = '', ...rest] = [...prefix.split(' ').filter(Boolean), join(programs, program), ...args];
    // Where the test runs may not be theirs to enter.
    await run(first, rest, { cwd: folder });
  };
  try {
    const data = join(folder, 'data');
    await postgres('initdb', ['--pgdata', data, '--username', 'switchboard', '--auth', 'trust', '--encoding', 'UTF8', '--no-sync']);
    const log = join(folder, 'log');
    await postgres('pg_ctl', ['--pgdata', data, '--options', `${POSTGRES} -k ${folder}`, '--log', log, '--wait', 'start']);
    await postgres('createdb', ['--host', folder, '--username', 'switchboard', 'nodes']);
    await until('Redis listens', () => {
      if (failed) throw failed;
      return listens(socket);
    });
  } catch (error) {
    await stop();
    throw error;
  }
  const clips = join(folder, 'clips');
  mkdirSync(clips);
  const database = `postgres://switchboard@localhost/nodes?host=${folder}`;
  return {
    flags: ['--database-url', database, '--redis-url', `redis+unix://${socket}`, '--clips-url', `file://${clips}`, '--cluster-listen', '127.0.0.1:0'],
    stop,
  };
}

/** @returns {string} the folder of the newest; Debian keeps them apart by version */
function postgresPrograms() {
  const versions = existsSync(VERSIONS) ? readdirSync(VERSIONS).sort((a, b) => Number(a) - Number(b)) : [];
  const found = versions.map((version) => join(VERSIONS, version, 'bin')).filter((folder) => existsSync(join(folder, 'initdb')));
  return found.at(-1) ?? execFileSync('pg_config', ['--bindir'], { encoding: 'utf8' }).trim();
}

/** Who Postgres runs as where that is not oneself: it does not run as root. @returns {{ user: number, group: number } | null} */
function owner() {
  if (process.getuid?.() !== 0) return null;
  const users = readFileSync('/etc/passwd', 'utf8').split('\n').map((line) => line.split(':'));
  const [, , user, group] = users.find(([name]) => name === 'postgres') ?? users.find(([name]) => name === 'nobody') ?? [];
  return { user: Number(user), group: Number(group) };
}

/** @param {string} path of a socket @returns {Promise<boolean>} */
function listens(path) {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}
