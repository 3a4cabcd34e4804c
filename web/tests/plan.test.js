import assert from 'node:assert/strict';
import { test } from 'node:test';

import { backoff } from '../app/js/signal/backoff.js';
import { chooseCodecs, nameTracks, planLines } from '../app/js/call/plan.js';
import { writeClientMessage } from '../app/js/protocol.js';

/** @param {number} others @param {string} role */
const count = (others, role) => planLines(others).filter((line) => line.role === role).length;

test('a call to one person has what this device sends first, and room for two more people', () => {
  assert.deepEqual(planLines(1).slice(0, 3).map(({ role }) => role), ['microphone', 'camera', 'screen']);
  assert.deepEqual([count(1, 'audio_slot'), count(1, 'video_slot'), count(1, 'screen_slot')], [3, 3, 1]);
});

test('a group has room by steps for as many as a page shows, and hears the loudest five', () => {
  const slots = [3, 4, 8, 9, 200].map((others) => [count(others, 'video_slot'), count(others, 'audio_slot')]);
  assert.deepEqual(slots, [[3, 3], [8, 5], [8, 5], [24, 5], [24, 5]]);
  assert.equal(count(200, 'screen_slot'), 1);
});

/** What browsers write for a line in JSON, in bytes: Chromium 156 and Firefox 153, the larger of the two, and what comes before the lines. */
const WRITTEN = { microphone: 960, camera: 2242, screen: 2050, audio_slot: 802, video_slot: 1664, screen_slot: 1667 };
const HEAD = 386;
/** The protocol's `MAX_MESSAGE_BYTES`. */
const MOST = 64 * 1024;

test('the offer of the largest call that is placed to the most people fits into a message', () => {
  const lines = planLines(200);
  const tracks = lines.map(({ role }, at) => ({ mid: String(at), role }));
  const callees = Array.from({ length: 32 }, () => '01900000-0000-7000-8000-000000000002');
  const around = writeClientMessage(1e9, { type: 'place', callees, kind: 'video', offer: { sdp: '', tracks } }).length;
  const sdp = lines.reduce((sum, { role }) => sum + WRITTEN[role], HEAD);
  assert.ok(around + sdp < MOST, `${around + sdp} of ${MOST} bytes`);
});

test('every line is named by its mid', () => {
  const lines = planLines(1);
  const transceivers = lines.map((_, at) => ({ mid: String(at) }));
  assert.deepEqual(nameTracks(lines, transceivers)[2], { mid: '2', role: 'screen' });
  assert.deepEqual(nameTracks(lines, []), []);
});

test('vp8 with retransmission and opus with redundancy are offered, and the browser decides where it has neither', () => {
  const codecs = ['video/H264', 'video/rtx', 'video/VP8', 'video/VP9', 'audio/opus', 'audio/red'].map((mimeType) => ({ mimeType }));
  assert.deepEqual(chooseCodecs('video', codecs).map(({ mimeType }) => mimeType), ['video/VP8', 'video/rtx']);
  assert.deepEqual(chooseCodecs('audio', codecs).map(({ mimeType }) => mimeType), ['audio/red', 'audio/opus']);
  assert.deepEqual(chooseCodecs('video', [{ mimeType: 'video/H264' }]), []);
});

test('pauses grow, stay bounded and are spread', () => {
  assert.deepEqual([0, 1, 2, 3].map((attempt) => backoff(attempt, 1)), [500, 1000, 2000, 4000]);
  assert.equal(backoff(500, 1), 15_000);
  assert.equal(backoff(0, 0), 250);
});
