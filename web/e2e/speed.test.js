/** How soon people see each other: from the click on Accept to the first decoded frame. Measured and told, never judged. */

import { after, before, test } from 'node:test';

import { startBrowser } from './support/browser.js';
import { Person } from './support/person.js';
import { startServer } from './support/server.js';

/** @import { Page } from 'playwright-core' */

const CALLS = Number(process.env.E2E_CALLS ?? 3);
const FRAME_WITHIN_MS = 30_000;

/** @type {Awaited<ReturnType<typeof startServer>>} */
let server;
/** @type {Awaited<ReturnType<typeof startBrowser>>} */
let chromium;

before(async () => {
  server = await startServer();
  chromium = await startBrowser();
});

after(async () => {
  await chromium?.close();
  await server?.stop();
});

test(`accept to first decoded remote frame, over ${CALLS} calls`, async (context) => {
  const anna = await Person.registers(chromium.browser, server.url, 'Anna');
  const boris = await Person.registers(chromium.browser, server.url, 'Boris');
  await anna.befriends(boris);
  /** @type {number[]} */
  const callee = [];
  /** @type {number[]} */
  const caller = [];
  for (let call = 0; call < CALLS; call += 1) {
    await anna.calls(boris, 'Video');
    const measured = Promise.all([clickedAt(boris.page), firstFrameAt(boris.page), firstFrameAt(anna.page)]);
    await boris.button('Accept').click();
    const [at, seenByBoris, seenByAnna] = await measured;
    callee.push(seenByBoris - at);
    caller.push(seenByAnna - at);
    await anna.endsCallWith(boris);
  }
  context.diagnostic(`accept to first frame at the callee: ${summary(callee)}`);
  context.diagnostic(`accept to first frame at the caller: ${summary(caller)}`);
});

/**
 * Asked for between calls: closed connections have no statistics, so the first frames there are belong to the next call.
 * @param {Page} page
 * @returns {Promise<number>} when the page has decoded a frame, UTC milliseconds
 */
function firstFrameAt(page) {
  return page.evaluate(async (within) => {
    const { peerConnections } = /** @type {{ peerConnections: RTCPeerConnection[] }} */ (/** @type {unknown} */ (globalThis));
    const end = performance.now() + within;
    while (performance.now() < end) {
      const open = peerConnections.filter(({ connectionState }) => connectionState !== 'closed');
      const reports = await Promise.all(open.map((connection) => connection.getStats()));
      const stats = reports.flatMap((report) => [...report.values()]);
      if (stats.some(({ type, framesDecoded }) => type === 'inbound-rtp' && framesDecoded > 0)) {
        return performance.timeOrigin + performance.now();
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`no frame within ${within} ms`);
  }, FRAME_WITHIN_MS);
}

/**
 * @param {Page} page
 * @returns {Promise<number>} when the page is clicked next, UTC milliseconds
 */
function clickedAt(page) {
  return page.evaluate(
    () =>
      new Promise((resolve) => {
        addEventListener('click', () => resolve(performance.timeOrigin + performance.now()), { capture: true, once: true });
      }),
  );
}

/** @param {number[]} times */
function summary(times) {
  const sorted = [...times].sort((one, other) => one - other);
  /** @param {number} share */
  const at = (share) => Math.round(sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? NaN);
  return `p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, max ${at(1)} ms`;
}
