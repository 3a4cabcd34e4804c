/** A picture is sent in the sizes somebody draws, and in no others. */

import { test } from 'node:test';

import { DESKTOP } from './support/browser.js';
import { cameraOf, untilHeight, untilMoving, untilStopped } from './support/pictures.js';
import { useStage } from './support/stage.js';

/**
 * A new path is probed for what it carries, a little at a time: 3 to 6 s where nothing disturbs it, and half a second where it is
 * known. On a machine that is busy with something else packets come late, as if the path were full; then no larger picture is tried
 * for some seconds, and for twice as many after each try that fails. Simulation allows 15 s for the way back to the top.
 */
const LARGE_WITHIN_MS = 15_000;
const TINY = Object.freeze({ width: 320, height: 260 });

const stage = useStage({ anna: { viewport: TINY }, boris: { viewport: DESKTOP } }, { fps: 10, size: '960x540' });

test('a large tile is sent the large picture', async (context) => {
  const { anna, boris } = stage.people;
  await anna.calls(boris, 'Video');
  await boris.button('Accept').click();
  await untilMoving(boris.page, cameraOf('Anna'));
  const took = await untilHeight(boris.page, cameraOf('Anna'), (height) => height === 540, LARGE_WITHIN_MS);
  context.diagnostic(`the large picture ${took} ms after the first`);
});

test('a tile that gets small is sent a smaller one, and what is larger stops at its sender', async (context) => {
  const { anna, boris } = stage.people;
  const begin = Date.now();
  await boris.page.setViewportSize(TINY);
  const took = await untilHeight(boris.page, cameraOf('Anna'), (height) => height < 540);
  await untilStopped(anna.page, 'f');
  context.diagnostic(`a smaller picture after ${took} ms, the largest was stopped, and that for a second, after ${Date.now() - begin} ms`);
});

test('a tile that gets large again is sent the large picture again', async (context) => {
  const { anna, boris } = stage.people;
  await boris.page.setViewportSize(DESKTOP);
  const took = await untilHeight(boris.page, cameraOf('Anna'), (height) => height === 540, LARGE_WITHIN_MS);
  context.diagnostic(`the large picture after ${took} ms`);
  await untilMoving(boris.page, cameraOf('Anna'));
  await anna.endsCallWith(boris);
});
