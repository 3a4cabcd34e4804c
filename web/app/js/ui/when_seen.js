/** Does something when an element comes into sight: the end of a list, where more of it is wanted. */

/**
 * @param {HTMLElement} element
 * @param {() => void} act
 */
export function whenSeen(element, act) {
  const observer = new IntersectionObserver((entries) => {
    if (entries.some(({ isIntersecting }) => isIntersecting)) act();
  });
  observer.observe(element);
}
