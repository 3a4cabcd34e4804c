import assert from 'node:assert/strict';
import { test } from 'node:test';

import { withFastStart } from '../app/js/call/start_bitrate.js';

test('every VP8 line of an answer starts fast, and nothing else changes', () => {
  const answer = ['m=audio 9 X 111', 'a=rtpmap:111 opus/48000/2', 'm=video 9 X 96 97', 'a=rtpmap:96 VP8/90000', 'a=rtpmap:97 rtx/90000', ''];
  const expected = [...answer.slice(0, 4), 'a=fmtp:96 x-google-start-bitrate=1000', ...answer.slice(4)];
  assert.equal(withFastStart(answer.join('\r\n')), expected.join('\r\n'));
});

test('an answer without VP8 stays as it is', () => {
  const answer = 'm=audio 9 X 111\r\na=rtpmap:111 opus/48000/2\r\n';
  assert.equal(withFastStart(answer), answer);
});
