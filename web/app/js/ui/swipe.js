/** A finger that wipes sideways. */

/** So far it has to go, in CSS pixels, and that much more sideways than up or down. */
const FAR = 50;
const SIDEWAYS = 2;

/**
 * @param {HTMLElement} element
 * @param {(step: 1 | -1) => void} onStep 1 is on, the finger going to the left
 */
export function onSwipe(element, onStep) {
  /** @type {PointerEvent | null} */
  let from = null;
  element.addEventListener('pointerdown', (event) => {
    from = event.pointerType === 'mouse' || !event.isPrimary ? null : event;
  });
  element.addEventListener('pointercancel', () => (from = null));
  element.addEventListener('pointerup', (event) => {
    if (!from || event.pointerId !== from.pointerId) return;
    const across = event.clientX - from.clientX;
    const along = Math.abs(event.clientY - from.clientY);
    from = null;
    if (Math.abs(across) > FAR && Math.abs(across) > SIDEWAYS * along) onStep(across < 0 ? 1 : -1);
  });
}
