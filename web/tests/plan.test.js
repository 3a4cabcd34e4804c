import assert from 'node:assert/strict';
import { test } from 'node:test';

import { backoff } from '../app/js/signal/backoff.js';
import { chooseCodecs, nameTracks, planLines } from '../app/js/call/plan.js';

/** @param {number} others @param {string} role */
const count = (others, role) => planLines(others).filter((line) => line.role === role).length;

test('a call to one person has what this device sends first, and room for two more people', () => {
  assert.deepEqual(planLines(1).slice(0, 2).map(({ role }) => role), ['microphone', 'camera']);
  assert.deepEqual([count(1, 'audio_slot'), count(1, 'video_slot'), count(1, 'screen_slot')], [3, 3, 1]);
});

test('a group has a slot for each person up to eight', () => {
  assert.deepEqual([count(5, 'audio_slot'), count(5, 'video_slot'), count(5, 'screen_slot')], [5, 5, 1]);
  assert.deepEqual([count(32, 'audio_slot'), count(32, 'video_slot')], [8, 8]);
});

test('every line is named by its mid', () => {
  const lines = planLines(1);
  const transceivers = lines.map((_, at) => ({ mid: String(at) }));
  assert.deepEqual(nameTracks(lines, transceivers)[2], { mid: '2', role: 'audio_slot' });
  assert.deepEqual(nameTracks(lines, []), []);
});

test('vp8 with retransmission and opus are offered, and the browser decides where it has neither', () => {
  const codecs = ['video/H264', 'video/rtx', 'video/VP8', 'video/VP9', 'audio/opus', 'audio/red'].map((mimeType) => ({ mimeType }));
  assert.deepEqual(chooseCodecs('video', codecs).map(({ mimeType }) => mimeType), ['video/VP8', 'video/rtx']);
  assert.deepEqual(chooseCodecs('audio', codecs).map(({ mimeType }) => mimeType), ['audio/opus']);
  assert.deepEqual(chooseCodecs('video', [{ mimeType: 'video/H264' }]), []);
});

test('pauses grow, stay bounded and are spread', () => {
  assert.deepEqual([0, 1, 2, 3].map((attempt) => backoff(attempt, 1)), [500, 1000, 2000, 4000]);
  assert.equal(backoff(500, 1), 15_000);
  assert.equal(backoff(0, 0), 250);
});
