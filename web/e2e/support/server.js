/** The real server, on free ports of the loopback, with its data in a temporary folder. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const BINARY = process.env.SWITCHBOARD_BIN ?? fileURLToPath(new URL('../../../target/debug/switchboard', import.meta.url));
const LOOPBACK = '127.0.0.1';
const START_WITHIN_MS = 20_000;
const STOP_WITHIN_MS = 20_000;

/** @typedef {'SIGTERM' | 'SIGKILL'} Signal */
/** A server and its admin listener. @typedef {{ url: string, admin: string, end: (signal: Signal) => Promise<void> }} Running */
/** @typedef {{ url: string, mediaPort: number, restart: (signal: Signal) => Promise<void>, stop: () => Promise<void> }} Server */

/**
 * @param {string[]} flags of `switchboard serve`, beside those that keep it to the loopback
 * @returns {Promise<Server>}
 */
export async function startServer(flags) {
  const data = mkdtempSync(join(tmpdir(), 'switchboard-e2e-'));
  const mediaPort = await freeMediaPort();
  const kept = [...flags, '--data-dir', data, '--media-udp', String(mediaPort)];
  let running = await start(['--listen', `${LOOPBACK}:0`, ...kept]);
  const { url } = running;
  return {
    url,
    mediaPort,
    // The same data and the same ports, as a service manager would.
    restart: async (signal) => {
      await running.end(signal);
      running = await start(['--listen', new URL(url).host, ...kept]);
    },
    stop: async () => {
      await running.end('SIGTERM');
      rmSync(data, { recursive: true, force: true });
    },
  };
}

/**
 * A server whose ports and data are the caller's to choose.
 * @param {string[]} flags
 * @returns {Promise<Running>}
 */
export async function start(flags) {
  const mediaIp = flags.includes('--media-ip') ? [] : ['--media-ip', LOOPBACK];
  const loopback = ['--admin-listen', `${LOOPBACK}:0`, ...mediaIp];
  const child = spawn(BINARY, ['serve', ...loopback, ...flags], { stdio: ['ignore', 'pipe', 'pipe'] });
  // Nothing is left behind, however the test run ends.
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  /** @type {string[]} */
  const output = [];
  createInterface({ input: child.stderr }).on('line', (line) => output.push(line));

  let url = '';
  const admin = await new Promise((resolve, reject) => {
    const fail = (/** @type {string} */ why) => reject(new Error(`${BINARY}: ${why}\n${output.join('\n')}`));
    const timer = setTimeout(() => fail('does not listen'), START_WITHIN_MS);
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code) => fail(`ended with status ${code}`));
    createInterface({ input: child.stdout }).on('line', (line) => {
      output.push(line);
      const [, what, address] = /^(listening|admin) on (http:\/\/\S+)$/.exec(line) ?? [];
      if (!address) return;
      if (what === 'listening') {
        url = address;
        return;
      }
      clearTimeout(timer);
      resolve(address);
    });
  });

  /** @param {Signal} signal */
  const end = async (signal) => {
    const exit = once(child, 'exit', { signal: AbortSignal.timeout(STOP_WITHIN_MS) });
    child.kill(signal);
    const [code, by] = await exit;
    process.off('exit', kill);
    const expected = signal === 'SIGTERM' ? { code: 0, by: null } : { code: null, by: signal };
    assert.deepEqual({ code, by }, expected, `the server did not stop cleanly:\n${output.slice(-40).join('\n')}`);
  };
  return { url, admin, end };
}

/** @returns {Promise<number>} a port that was free a moment ago, by UDP and by TCP, and is kept over a restart */
async function freeMediaPort() {
  const socket = createSocket('udp4');
  socket.bind(0, LOOPBACK);
  await once(socket, 'listening');
  const { port } = socket.address();
  const free = await isFreeByTcp(port);
  socket.close();
  await once(socket, 'close');
  return free ? port : freeMediaPort();
}

/**
 * @param {number} port
 * @returns {Promise<boolean>}
 */
async function isFreeByTcp(port) {
  const server = createServer();
  try {
    server.listen(port, LOOPBACK);
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
