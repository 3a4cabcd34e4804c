/** How fast a camera's first picture leaves. Pure. */

/**
 * What the sender takes the path to bear before it has measured it, in kbit/s. Chromium assumes 300, and spreads a first
 * keyframe over a quarter of a second by it; with this it leaves within a few frames' time, and a path that bears less is
 * measured, and kept to, within the first second.
 */
const START_KBPS = 1_000;

/**
 * An answer by which Chromium starts faster; other browsers pass the line over.
 * @param {string} sdp
 * @returns {string}
 */
export function withFastStart(sdp) {
  return sdp.replace(/^a=rtpmap:(\d+) VP8\/90000\r?\n/gim, (line, type) => `${line}a=fmtp:${type} x-google-start-bitrate=${START_KBPS}\r\n`);
}
