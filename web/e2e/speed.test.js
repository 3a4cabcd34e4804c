/**
 * How soon people see each other: from the click on Accept to the first frame shown, once the media of both has connected while
 * it rang. Measured and told, never judged.
 */

import { test } from 'node:test';

import { PHONE } from './support/browser.js';
import { useStage } from './support/stage.js';
import { until } from './support/until.js';

/** @import { Page } from 'playwright-core' */

const CALLS = Number(process.env.E2E_CALLS ?? 3);
/** What cameras give; at fewer frames a second the wait for the next one is longer. */
const CAMERA_FPS = Number(process.env.FPS ?? 30);
const FRAME_WITHIN_MS = 30_000;

// As large as a phone: without a graphics card, drawing a larger picture takes longer than all the rest.
const stage = useStage({ anna: { viewport: PHONE }, boris: { viewport: PHONE } }, { fps: CAMERA_FPS });

test(`accept to first remote frame, over ${CALLS} calls`, async (context) => {
  const { anna, boris } = stage.people;
  /** @type {number[]} */
  const callee = [];
  /** @type {number[]} */
  const caller = [];
  for (let call = 0; call < CALLS; call += 1) {
    await anna.calls(boris, 'Video');
    for (const { page } of [anna, boris]) await until('media connects while it rings', () => isConnected(page));
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

/** @param {Page} page @returns {Promise<boolean>} */
function isConnected(page) {
  return page.evaluate(() => {
    const { peerConnections } = /** @type {{ peerConnections: RTCPeerConnection[] }} */ (/** @type {unknown} */ (globalThis));
    return peerConnections.at(-1)?.connectionState === 'connected';
  });
}

/**
 * Watches the pictures of others; a frame is taken as the page shows it, since statistics are up to 50 ms old.
 * @param {Page} page
 * @returns {Promise<number>} when the page has shown the first frame of somebody else, UTC milliseconds
 */
function firstFrameAt(page) {
  return page.evaluate(
    (within) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`no frame within ${within} ms`)), within);
        /** @param {HTMLVideoElement} video */
        const watch = (video) =>
          video.requestVideoFrameCallback((_, { presentationTime }) => {
            clearTimeout(timer);
            observer.disconnect();
            resolve(performance.timeOrigin + presentationTime);
          });
        const seen = new Set();
        const look = () => {
          for (const video of document.querySelectorAll('.tile-video')) {
            if (video instanceof HTMLVideoElement && !seen.has(video)) watch(video);
            seen.add(video);
          }
        };
        const observer = new MutationObserver(look);
        observer.observe(document.body, { childList: true, subtree: true });
        look();
      }),
    FRAME_WITHIN_MS,
  );
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
