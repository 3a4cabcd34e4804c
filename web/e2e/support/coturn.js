/** Debian's coturn, on a free port of the loopback; the service that its package brings is not needed. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const LOOPBACK = '127.0.0.1';
const START_WITHIN_MS = 20_000;
const STOP_WITHIN_MS = 10_000;
const BINARY = process.env.TURNSERVER ?? '/usr/bin/turnserver';

/** @typedef {{ host: string, flags: string[], log: () => string, stop: () => Promise<void> }} Coturn */

/** @returns {Promise<Coturn>} `flags` are those of `switchboard serve` that make it known */
export async function startCoturn() {
  const secret = 'shared between the two';
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'switchboard-turn-'));
  const child = spawn(
    BINARY,
    [
      ...['-n', '--listening-ip', LOOPBACK, '--relay-ip', LOOPBACK, '--listening-port', String(port), '--use-auth-secret'],
      ...['--static-auth-secret', secret, '--realm', 'switchboard.test', '--fingerprint', '--allow-loopback-peers', '--no-cli'],
      ...['--no-tls', '--no-dtls', '--log-file', 'stdout', '--verbose', '--pidfile', join(folder, 'pid'), '--userdb', join(folder, 'db')],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], cwd: folder },
  );
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  /** @type {string[]} */
  const output = [];
  await new Promise((resolve, reject) => {
    const fail = (/** @type {string} */ why) => reject(new Error(`${BINARY}: ${why}\n${output.join('\n')}`));
    const timer = setTimeout(() => fail('does not listen'), START_WITHIN_MS);
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code) => fail(`ended with status ${code}`));
    const hear = (/** @type {string} */ line) => {
      output.push(line);
      // By UDP, the last that it opens.
      if (!/IPv4\. UDP listener opened/.test(line)) return;
      clearTimeout(timer);
      resolve(undefined);
    };
    createInterface({ input: child.stdout }).on('line', hear);
    createInterface({ input: child.stderr }).on('line', hear);
  });
  return {
    host: `${LOOPBACK}:${port}`,
    flags: ['--turn-url', `turn:${LOOPBACK}:${port},turn:${LOOPBACK}:${port}?transport=tcp`, '--turn-secret', secret],
    log: () => output.join('\n'),
    stop: async () => {
      const exit = once(child, 'exit', { signal: AbortSignal.timeout(STOP_WITHIN_MS) });
      child.kill('SIGTERM');
      await exit;
      process.off('exit', kill);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** @returns {Promise<number>} a port that was free a moment ago */
async function freePort() {
  const server = createServer();
  server.listen(0, LOOPBACK);
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || !address) throw new Error('no port');
  return address.port;
}
