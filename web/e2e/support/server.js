/** The real server, on free ports of the loopback, with its data in a temporary folder. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const BINARY = process.env.SWITCHBOARD_BIN ?? fileURLToPath(new URL('../../../target/debug/switchboard', import.meta.url));
const LOOPBACK = '127.0.0.1';
const START_WITHIN_MS = 20_000;
const STOP_WITHIN_MS = 20_000;

/** @typedef {{ url: string, stop: () => Promise<void> }} Server */

/** @returns {Promise<Server>} */
export async function startServer() {
  const data = mkdtempSync(join(tmpdir(), 'switchboard-e2e-'));
  const listeners = ['--listen', `${LOOPBACK}:0`, '--admin-listen', `${LOOPBACK}:0`];
  const media = ['--media-udp', '0', '--media-ip', LOOPBACK];
  const child = spawn(BINARY, ['serve', ...listeners, ...media, '--data-dir', data], { stdio: ['ignore', 'pipe', 'pipe'] });
  // Nothing is left behind, however the test run ends.
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  /** @type {string[]} */
  const output = [];
  createInterface({ input: child.stderr }).on('line', (line) => output.push(line));

  const url = await new Promise((resolve, reject) => {
    const fail = (/** @type {string} */ why) => reject(new Error(`${BINARY}: ${why}\n${output.join('\n')}`));
    const timer = setTimeout(() => fail('does not listen'), START_WITHIN_MS);
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code) => fail(`ended with status ${code}`));
    createInterface({ input: child.stdout }).on('line', (line) => {
      output.push(line);
      const [, address] = /^listening on (http:\/\/\S+)$/.exec(line) ?? [];
      if (!address) return;
      clearTimeout(timer);
      resolve(address);
    });
  });

  const stop = async () => {
    const exit = once(child, 'exit', { signal: AbortSignal.timeout(STOP_WITHIN_MS) });
    child.kill('SIGTERM');
    const [code, signal] = await exit;
    process.off('exit', kill);
    rmSync(data, { recursive: true, force: true });
    assert.deepEqual({ code, signal }, { code: 0, signal: null }, `the server did not stop cleanly:\n${output.slice(-40).join('\n')}`);
  };
  return { url, stop };
}
