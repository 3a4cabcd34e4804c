/** What is really seen and heard in a page: decoded frames, sound energy, and the pixels of a picture. */

import { until } from './until.js';

/** @import { Page } from 'playwright-core' */

/** A page of whichever browser. @typedef {{ evaluate: Page['evaluate'] }} Looked */

/** @typedef {{ packets: number, framesDecoded: number, audioEnergy: number }} Received */

/** Looks that must find nothing before it is called silence: half a second, in which a call has dozens of packets. */
const SILENT_LOOKS = 10;

/**
 * @param {Looked} page
 * @param {number} [from] how many of the first are left out
 * @returns {Promise<Received>} over all media connections the page has made
 */
export function received(page, from = 0) {
  return page.evaluate(async (first) => {
    const { peerConnections } = /** @type {{ peerConnections: RTCPeerConnection[] }} */ (/** @type {unknown} */ (globalThis));
    const sum = { packets: 0, framesDecoded: 0, audioEnergy: 0 };
    for (const connection of peerConnections.slice(first)) {
      for (const stats of (await connection.getStats()).values()) {
        if (stats.type !== 'inbound-rtp') continue;
        sum.packets += stats.packetsReceived ?? 0;
        sum.framesDecoded += stats.framesDecoded ?? 0;
        sum.audioEnergy += stats.totalAudioEnergy ?? 0;
      }
    }
    return sum;
  }, from);
}

/**
 * @param {Looked} page
 * @returns {Promise<number>} how many media connections the page has made
 */
export function connections(page) {
  return page.evaluate(() => /** @type {{ peerConnections: RTCPeerConnection[] }} */ (/** @type {unknown} */ (globalThis)).peerConnections.length);
}

/**
 * Waits until frames have been decoded since now: five of them, which a single keyframe is not.
 * @param {Looked} page
 */
export async function untilSeeing(page) {
  const before = await received(page);
  await until('frames are decoded', () => received(page), ({ framesDecoded }) => framesDecoded >= before.framesDecoded + 5);
}

/**
 * Waits until sound has arrived since now. Silence has next to no energy, the fake microphone beeps every second.
 * @param {Looked} page
 */
export async function untilHearing(page) {
  const before = await received(page);
  await until('sound is heard', () => received(page), ({ audioEnergy }) => audioEnergy > before.audioEnergy + 1e-4);
}

/**
 * Waits until nothing arrives any more.
 * @param {Looked} page
 */
export async function untilSilent(page) {
  let last = -1;
  let looks = 0;
  const look = async () => {
    const { packets } = await received(page);
    looks = packets === last ? looks + 1 : 0;
    last = packets;
    return looks;
  };
  await until('nothing arrives', look, (count) => count >= SILENT_LOOKS);
}

/**
 * Waits until the picture of `name` is one: neither black nor flat.
 * @param {Page} page
 * @param {string} name
 */
export async function untilPictureOf(page, name) {
  const video = page.getByLabel(`Picture of ${name}`, { exact: true });
  await until(
    `the picture of ${name} shows something`,
    () => video.evaluate(contrast),
    ({ mean, deviation }) => mean > 20 && deviation > 20,
  );
}

/**
 * @param {HTMLElement | SVGElement} element a video
 * @returns {{ mean: number, deviation: number }} of the brightness, 0 to 255
 */
function contrast(element) {
  const canvas = new OffscreenCanvas(64, 36);
  const drawing = canvas.getContext('2d');
  if (!drawing || !(element instanceof HTMLVideoElement)) return { mean: 0, deviation: 0 };
  drawing.drawImage(element, 0, 0, canvas.width, canvas.height);
  const { data } = drawing.getImageData(0, 0, canvas.width, canvas.height);
  const bright = Array.from({ length: data.length / 4 }, (_, at) => {
    const [red = 0, green = 0, blue = 0] = data.subarray(at * 4, at * 4 + 3);
    return (red + green + blue) / 3;
  });
  const mean = bright.reduce((sum, value) => sum + value, 0) / bright.length;
  const deviation = Math.sqrt(bright.reduce((sum, value) => sum + (value - mean) ** 2, 0) / bright.length);
  return { mean, deviation };
}
