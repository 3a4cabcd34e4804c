/** One of three has a path that gets narrow and wide again: their pictures get small and large again, and nobody else notices. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { DESKTOP } from './support/browser.js';
import { received, untilHearing } from './support/media.js';
import { cameraOf, seen, seenAll, untilMoving } from './support/pictures.js';
import { startRelay } from './support/relay.js';
import { meet, useStage } from './support/stage.js';
import { until } from './support/until.js';

/** @import { Person } from './support/person.js' */
/** @import { Seen } from './support/pictures.js' */

/** Audio and the smallest pictures go through, no more. */
const NARROW_KBPS = 300;
/** A path is found to be wide again by probing it: 15 s in simulation, and a little more where a machine is busy with the pages. */
const WIDE_WITHIN_MS = 20_000;
/** How often it is looked at while it is narrow; each look takes as long as five frames, and a beep of the fake microphone. */
const NARROW_LOOKS = 5;
/** Of all these looks at the pictures of the others: estimates dip for a moment on a machine with too much to do. */
const SMALLER_LOOKS_AT_MOST = 2;
/** Of each of their pictures; a frame that is 200 ms late is one, at ten in a second. */
const FREEZES_AT_MOST = 1;
const LARGE = 360;
const SEEN_BY_BORIS = [cameraOf('Anna'), cameraOf('Clara')];

/** @type {Awaited<ReturnType<typeof startRelay>>} */
let relay;
/** @type {Person} */
let boris;
const stage = useStage(
  { anna: { viewport: DESKTOP }, clara: { viewport: DESKTOP } },
  {
    fps: 10,
    ready: async ({ enters, people: { anna }, server }) => {
      relay = await startRelay(server.mediaPort);
      boris = await enters('Boris', { viewport: DESKTOP, mediaPort: relay.port });
      await anna.befriends(boris);
    },
    done: async () => relay?.close(),
  },
);

/** The pictures that nothing stands in the way of. */
const others = () => [
  { page: stage.people.anna.page, label: cameraOf('Clara') },
  { page: stage.people.clara.page, label: cameraOf('Anna') },
  { page: stage.people.anna.page, label: cameraOf('Boris') },
];
const seenByOthers = () => Promise.all(others().map(({ page, label }) => seen(page, label)));
const seenByBoris = () => seenAll(boris.page, SEEN_BY_BORIS);

test('three in a call see large pictures, one of them by way of a relay', async () => {
  const { anna, clara } = stage.people;
  await meet(anna, [boris, clara]);
  const heights = async () => [...(await seenByOthers()), ...(await seenByBoris())].map(({ height }) => height);
  await until('all see large pictures', heights, (all) => all.every((height) => height === LARGE), WIDE_WITHIN_MS);
});

test('on a narrow path pictures get small or are paused, sound goes on, and the others notice nothing', async (context) => {
  const before = await seenByOthers();
  const wide = await seenByBoris();
  const begin = Date.now();
  relay.limit(NARROW_KBPS);
  const smaller = async () => {
    const paused = await boris.words('Poor connection').filter({ visible: true }).count();
    return { heights: (await seenByBoris()).map(({ height }) => height), paused };
  };
  const small = await until('a picture gets small or is paused', smaller, ({ heights, paused }) => paused > 0 || heights.some((height) => height < LARGE));
  context.diagnostic(`down after ${Date.now() - begin} ms: ${JSON.stringify(small)}`);
  let less = 0;
  for (let look = 0; look < NARROW_LOOKS; look += 1) {
    await Promise.all([untilHearing(boris.page), ...others().map(({ page, label }) => untilMoving(page, label))]);
    less += (await seenByOthers()).filter(({ height }) => height < LARGE).length;
  }
  const all = async () => ({ others: await seenByOthers(), here: await smaller() });
  const { others: after } = await until('the others see large pictures while the path is narrow', all, ({ others: theirs, here }) => {
    const narrow = here.paused > 0 || here.heights.some((height) => height < LARGE);
    return narrow && theirs.every(({ height }) => height === LARGE);
  });
  context.diagnostic(`the others saw a smaller picture in ${less} of ${NARROW_LOOKS * before.length} looks`);
  const stood = after.map(({ freezes }, at) => freezes - (before[at]?.freezes ?? 0));
  context.diagnostic(`the others froze ${stood.join(', ')} times; the relay dropped ${relay.dropped()} packets`);
  (await seenByBoris()).forEach(({ freezes, frozenMs, height }, at) => {
    const { freezes: count, frozenMs: ms } = wide[at] ?? { freezes: 0, frozenMs: 0 };
    context.diagnostic(`narrow: ${height} lines, froze ${freezes - count} times for ${frozenMs - ms} ms in ${Date.now() - begin} ms`);
  });
  context.diagnostic(`sound: ${JSON.stringify(await received(boris.page))}`);
  assert.ok(less <= SMALLER_LOOKS_AT_MOST, `the others saw a smaller picture in ${less} looks`);
  assert.ok(stood.every((count) => count <= FREEZES_AT_MOST), `the others froze ${stood.join(', ')} times`);
});

test('on a path that is wide again the pictures get large by themselves', async (context) => {
  const begin = Date.now();
  relay.limit(null);
  const untilLarge = async (/** @type {string} */ label) => {
    // One that stands still has the height it had last.
    const before = await seen(boris.page, label);
    const large = (/** @type {Seen} */ { frames, height }) => frames > before.frames && height === LARGE;
    await until(`large again: ${label}`, () => seen(boris.page, label), large, WIDE_WITHIN_MS);
    context.diagnostic(`${label}: large again after ${Date.now() - begin} ms`);
    await untilMoving(boris.page, label);
  };
  await Promise.all(SEEN_BY_BORIS.map(untilLarge));
  assert.deepEqual(boris.faults, []);
});
