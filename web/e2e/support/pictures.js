/** The pictures of a call one by one: whose frames arrive, in which size, how often they stood still, and what is sent of one's own. */

import { until } from './until.js';

/** @import { Looked } from './media.js' */

/**
 * What the page has of somebody's picture; all 0 where there is none.
 * @typedef {{ frames: number, height: number, freezes: number, frozenMs: number }} Seen
 */
/** @type {Readonly<Seen>} */
const NOTHING = Object.freeze({ frames: 0, height: 0, freezes: 0, frozenMs: 0 });

/** A layer of one's own picture. @typedef {{ rid: string, frames: number, height: number }} SentLayer */

/**
 * @param {Looked} page
 * @param {string} label of the video
 * @returns {Promise<Seen>}
 */
export async function seen(page, label) {
  const [one = NOTHING] = await seenAll(page, [label]);
  return one;
}

/**
 * What `seen` tells of several pictures, for one look at the connection.
 * @param {Looked} page
 * @param {readonly string[]} labels of the videos
 * @returns {Promise<Seen[]>} in the order of `labels`
 */
export function seenAll(page, labels) {
  return page.evaluate(async (all) => {
    const { peerConnections } = /** @type {{ peerConnections: RTCPeerConnection[] }} */ (/** @type {unknown} */ (globalThis));
    const figures = [...((await peerConnections.at(-1)?.getStats()) ?? new Map()).values()].filter(({ type }) => type === 'inbound-rtp');
    return all.map((label) => {
      const video = document.querySelector(`video[aria-label="${label}"]`);
      const stream = video instanceof HTMLVideoElement ? video.srcObject : null;
      const [track] = stream instanceof MediaStream ? stream.getVideoTracks() : [];
      const { framesDecoded = 0, frameHeight = 0, freezeCount = 0, totalFreezesDuration = 0 } =
        figures.find(({ trackIdentifier }) => track && trackIdentifier === track.id) ?? {};
      return { frames: framesDecoded, height: frameHeight, freezes: freezeCount, frozenMs: Math.round(totalFreezesDuration * 1000) };
    });
  }, labels);
}

/** @param {string} name */
export const cameraOf = (name) => `Picture of ${name}`;
/** @param {string} name */
export const screenOf = (name) => `Screen of ${name}`;

/**
 * Waits until frames of a picture have been decoded since now: five, which a single keyframe is not.
 * @param {Looked} page
 * @param {string} label
 * @param {number} [within] ms
 */
export async function untilMoving(page, label, within) {
  const before = await seen(page, label);
  // Another slot counts from the beginning.
  const enough = (/** @type {Seen} */ { frames }) => frames >= before.frames + 5 || (frames >= 5 && frames < before.frames);
  await until(`frames arrive: ${label}`, () => seen(page, label), enough, within);
}

/**
 * Waits until a picture is so high.
 * @param {Looked} page
 * @param {string} label
 * @param {(height: number) => boolean} fits
 * @param {number} [within] ms
 * @returns {Promise<number>} how long that took, ms
 */
export async function untilHeight(page, label, fits, within) {
  const begin = Date.now();
  await until(`the height changes: ${label}`, () => seen(page, label), ({ height }) => fits(height), within);
  return Date.now() - begin;
}

/**
 * @param {Looked} page
 * @param {'camera' | 'screen'} source
 * @returns {Promise<SentLayer[]>} those that were ever sent, over the last connection the page has made
 */
export function sentLayers(page, source) {
  return page.evaluate(async (wanted) => {
    const { peerConnections } = /** @type {{ peerConnections: RTCPeerConnection[] }} */ (/** @type {unknown} */ (globalThis));
    const connection = peerConnections.at(-1);
    const senders = (connection?.getTransceivers() ?? []).filter(({ direction, sender }) => direction === 'sendonly' && sender.getParameters().encodings.length > 1);
    const mid = senders[wanted === 'camera' ? 0 : 1]?.mid;
    /** @type {SentLayer[]} */
    const layers = [];
    for (const stats of ((await connection?.getStats()) ?? new Map()).values()) {
      if (stats.type !== 'outbound-rtp' || stats.mid !== mid || !stats.framesEncoded) continue;
      layers.push({ rid: stats.rid, frames: stats.framesEncoded, height: stats.frameHeight ?? 0 });
    }
    return layers.toSorted((one, other) => one.height - other.height);
  }, source);
}

/**
 * @param {Looked} page
 * @param {'camera' | 'screen'} source
 * @returns {Promise<string[]>} those the server has agreed to take over the last connection the page has made, by their names
 */
export function takenLayers(page, source) {
  return page.evaluate((wanted) => {
    const { peerConnections } = /** @type {{ peerConnections: RTCPeerConnection[] }} */ (/** @type {unknown} */ (globalThis));
    const senders = (peerConnections.at(-1)?.getTransceivers() ?? []).filter(({ direction, sender }) => direction === 'sendonly' && sender.getParameters().encodings.length > 1);
    return senders[wanted === 'camera' ? 0 : 1]?.sender.getParameters().encodings.map(({ rid = '' }) => rid) ?? [];
  }, source);
}

/**
 * Waits until several layers of the camera are sent side by side: each has had some frames since now.
 * @param {Looked} page
 * @param {number} count
 * @param {number} [within] ms
 * @returns {Promise<SentLayer[]>} those layers
 */
export async function untilSendingLayers(page, count, within) {
  const before = new Map((await sentLayers(page, 'camera')).map(({ rid, frames }) => [rid, frames]));
  const look = async () => {
    const layers = await sentLayers(page, 'camera');
    return layers.filter(({ rid, frames }) => frames >= (before.get(rid) ?? 0) + 5);
  };
  return until(`${count} layers are sent`, look, ({ length }) => length >= count, within);
}

/**
 * Waits until a layer of the camera is sent no more, for a second, while another is.
 * @param {Looked} page
 * @param {string} rid
 */
export async function untilStopped(page, rid) {
  const frames = (/** @type {SentLayer[]} */ layers, /** @type {boolean} */ ofIt) =>
    layers.filter((layer) => (layer.rid === rid) === ofIt).reduce((sum, layer) => sum + layer.frames, 0);
  let before = await sentLayers(page, 'camera');
  let since = Date.now();
  const look = async () => {
    const layers = await sentLayers(page, 'camera');
    if (frames(layers, true) !== frames(before, true)) {
      before = layers;
      since = Date.now();
    }
    return { forMs: Date.now() - since, others: frames(layers, false) - frames(before, false) };
  };
  await until(`layer ${rid} is sent no more, and another is`, look, ({ forMs, others }) => forMs >= 1000 && others > 0);
}
