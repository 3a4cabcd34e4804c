/** What carries messages to the server and back: a WebSocket, or events and posted requests. */

/**
 * What a link tells. After `closed` it tells nothing more.
 * @typedef {object} Hearer
 * @property {() => void} opened
 * @property {(text: string) => void} heard a message
 * @property {() => void} pinged the server asks for a sign of life
 * @property {(code: number, reason: string) => void} closed
 */

/**
 * One connection.
 * @typedef {object} Link
 * @property {(text: string, device: string | null) => void} send
 * @property {(code: number, reason: string) => void} drop ends it so that the device may come back
 * @property {(device: string | null) => void} leave ends it for good
 */

/**
 * @typedef {object} Transport
 * @property {string} name
 * @property {(resume: Resume | null, hearer: Hearer) => Link} open may throw where the browser has no such thing
 */

/** The device to go on as, and the number of the last event it has seen. @typedef {{ device: string, after: number }} Resume */

/**
 * @param {Resume | null} resume
 * @returns {string} empty, or with its question mark
 */
export function queryOf(resume) {
  return resume ? `?device=${encodeURIComponent(resume.device)}&after=${resume.after}` : '';
}
