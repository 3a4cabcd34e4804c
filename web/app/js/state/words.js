/** What a call says in words at each moment. Pure: it names keys, the page speaks them. */

import { waitingFor } from './call.js';

/** @import { Key } from '../i18n/index.js' */
/** @import { Call, DeviceProblems, OwnEndReason } from './call.js' */

/** Reasons that speak of the others, and so differ for one and for several. */
const ABOUT_OTHERS = new Set(['declined', 'busy', 'unreachable', 'connection_lost']);

/**
 * @param {Call} call running
 * @returns {Key}
 */
export function statusKey(call) {
  if (call.media === 'interrupted') return 'call.reconnecting';
  switch (call.phase) {
    case 'preparing':
      return call.direction === 'outgoing' ? 'call.preparing' : 'call.connecting';
    case 'connecting':
      return call.direction === 'outgoing' ? 'call.calling' : 'call.connecting';
    case 'waiting':
      return call.direction === 'outgoing' ? `call.${waitingFor(call)}` : 'call.connecting';
    default:
      return call.media === 'new' ? 'call.connecting' : 'call.in_call';
  }
}

/**
 * @param {OwnEndReason} reason
 * @param {number} others how many were called
 * @returns {Key}
 */
export function endingKey(reason, others) {
  const group = others > 1 && ABOUT_OTHERS.has(reason);
  return /** @type {Key} */ (group ? `end.${reason}_group` : `end.${reason}`);
}

/**
 * What is wrong with the devices, in as few sentences as say it.
 * @param {DeviceProblems} problems
 * @returns {Key[]}
 */
export function problemKeys({ microphone, camera }) {
  if (microphone === camera && (microphone === 'refused' || microphone === 'missing' || microphone === 'insecure')) {
    return [`device.both.${microphone}`];
  }
  /** @type {Key[]} */
  const keys = [];
  if (microphone) keys.push(`device.microphone.${microphone}`);
  if (camera) keys.push(`device.camera.${camera}`);
  return keys;
}
