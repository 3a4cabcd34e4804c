/** Whether a page rings, even if only for a moment that nobody looks at. */

/** @import { Page } from 'playwright-core' */

/**
 * Watches from here on.
 * @param {Page} page
 * @returns {Promise<() => Promise<number>>} how often it has rung since
 */
export async function countRings(page) {
  const rings = await page.evaluateHandle(() => {
    const counted = { rings: 0 };
    const isRing = (/** @type {Node} */ node) => node instanceof HTMLElement && /Incoming (audio|video) call/.test(node.textContent ?? '');
    new MutationObserver((changes) => {
      for (const { addedNodes } of changes) counted.rings += [...addedNodes].filter(isRing).length;
    }).observe(document.body, { childList: true, subtree: true });
    return counted;
  });
  return () => rings.evaluate((counted) => counted.rings);
}
