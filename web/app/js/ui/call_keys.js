/** The keys of a call: pages by arrows, the view by V, the statistics by S. By place on the keyboard, so that they serve in any script. */

/**
 * @param {HTMLElement} element hears keys only while it has the focus
 * @param {{ turn: (step: number) => void, toggleView: () => void, stats: { toggle: () => void, close: () => void, isOpen: () => boolean } }} hands
 */
export function onCallKeys(element, { turn, toggleView, stats }) {
  element.addEventListener('keydown', (event) => {
    const { target, code } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    const inside = target instanceof Element && target.closest('.stats') !== null;
    if (code === 'KeyV') toggleView();
    else if (code === 'KeyS') stats.toggle();
    else if (code === 'Escape' && stats.isOpen()) stats.close();
    else if (code === 'ArrowLeft' && !inside) turn(-1);
    else if (code === 'ArrowRight' && !inside) turn(1);
  });
}
