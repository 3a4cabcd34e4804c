/** The page as a keyboard and a screen reader meet it. */

/** @import { Page } from 'playwright-core' */

/** More stops than any page here has. */
const MOST_TABS = 40;

/**
 * Presses Tab until the focus is on what has this name.
 * @param {Page} page
 * @param {string} name
 */
export async function tabTo(page, name) {
  /** @type {string[]} */
  const met = [];
  for (let pressed = 0; pressed < MOST_TABS; pressed += 1) {
    await page.keyboard.press('Tab');
    const focused = await page.evaluate(() => {
      const element = document.activeElement;
      return element?.getAttribute('aria-label') ?? element?.textContent ?? '';
    });
    if (focused.trim() === name) return;
    met.push(focused.trim().slice(0, 40));
  }
  throw new Error(`Tab never reaches "${name}", only ${JSON.stringify(met)}`);
}

/**
 * @param {Page} page
 * @returns {Promise<string[]>} the buttons a screen reader could only call "button"
 */
export async function namelessButtons(page) {
  const session = await page.context().newCDPSession(page);
  const { nodes } = await session.send('Accessibility.getFullAXTree');
  await session.detach();
  return nodes.filter(({ ignored, role, name }) => !ignored && role?.value === 'button' && !name?.value).map(({ nodeId }) => nodeId);
}
