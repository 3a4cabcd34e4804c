import assert from 'node:assert/strict';
import { test } from 'node:test';

import { VideoSender } from '../app/js/call/video_sender.js';
import { Log } from '../app/js/log.js';

/** A sender as browsers have them: parameters may be set only once after they were read. */
class Sender {
  encodings = ['q', 'h', 'f'].map((rid, at) => ({ rid, active: true, scaleResolutionDownBy: 4 / 2 ** at }));
  /** What happened, in its order. @type {string[]} */
  did = [];
  refuses = false;
  /** How often one change began before the one before was done. */
  overlaps = 0;
  #read = false;
  #busy = false;
  getParameters() {
    if (this.#busy) this.overlaps += 1;
    this.#read = true;
    return { encodings: structuredClone(this.encodings) };
  }
  /** @param {{ encodings: { rid: string, active: boolean, scaleResolutionDownBy: number }[] }} parameters */
  async setParameters({ encodings }) {
    assert.ok(this.#read, 'set without having been read since');
    this.#read = false;
    this.#busy = true;
    await new Promise((resolve) => setImmediate(resolve));
    this.#busy = false;
    if (this.refuses) throw new Error('no');
    this.encodings = encodings;
    this.did.push(`layers ${this.sizes}`);
  }
  /** @param {unknown} track */
  async replaceTrack(track) {
    this.did.push(track ? 'track' : 'nothing');
  }
  /** @returns {string} the active ones, with how many times smaller than the capture they are */
  get sizes() {
    return this.encodings.flatMap(({ rid, active, scaleResolutionDownBy: by }) => (active ? `${rid}/${by}` : [])).join(' ');
  }
}

/** @param {number} width @param {number} height @returns {any} */
const track = (width, height) => ({ getSettings: () => ({ width, height }) });
const HD = track(1280, 720);

/** @param {Sender} sender */
const newVideo = (sender) => new VideoSender('camera', /** @type {any} */ (sender), new Log(() => 0));

test('a small capture is sent in fewer layers from its first frame on', async () => {
  const sender = new Sender();
  const video = newVideo(sender);
  await video.send(track(640, 360));
  assert.deepEqual(sender.did, ['layers q/2 h/1', 'track']);
  await video.send(HD);
  assert.equal(sender.sizes, 'q/4 h/2 f/1');
});

test('layers nobody wants are not sent, and what is wanted outlives another track', async () => {
  const sender = new Sender();
  const video = newVideo(sender);
  await video.send(HD);
  await video.want({ active: true, rids: ['q'] });
  assert.equal(sender.sizes, 'q/4');
  await video.send(null);
  await video.send(HD);
  assert.equal(sender.sizes, 'q/4');
  await video.want({ active: false, rids: [] });
  assert.equal(sender.sizes, '');
  await video.want({ active: true, rids: ['q', 'h', 'f'] });
  assert.equal(sender.sizes, 'q/4 h/2 f/1');
});

test('changes that come at once are made one after the other, and the last one stands', async () => {
  const sender = new Sender();
  const video = newVideo(sender);
  await Promise.all([
    video.send(HD),
    video.want({ active: true, rids: ['q'] }),
    video.want({ active: true, rids: ['q', 'h'] }),
    video.send(track(640, 360)),
  ]);
  assert.equal(sender.sizes, 'q/2 h/1');
  assert.equal(sender.did.at(-1), 'track');
  assert.equal(sender.overlaps, 0);
});

test('a browser that refuses to leave layers out still sends the track', async () => {
  const sender = new Sender();
  sender.refuses = true;
  const video = newVideo(sender);
  await video.send(track(320, 180));
  assert.deepEqual(sender.did, ['track']);
});

test('where there is one layer alone it is sent or not', async () => {
  const sender = new Sender();
  sender.encodings = [{ rid: '', active: true, scaleResolutionDownBy: 1 }];
  const video = newVideo(sender);
  await video.send(HD);
  await video.want({ active: true, rids: [] });
  assert.deepEqual(sender.did, ['track']);
  await video.want({ active: false, rids: [] });
  assert.equal(sender.encodings[0]?.active, false);
});
