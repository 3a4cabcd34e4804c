/** Small functions that make and change elements. Everything goes in as text or attribute, never as markup. */

/** @typedef {Node | string | null} Child */
/** @typedef {Record<string, string | number | boolean | null | undefined>} Attributes */
/**
 * @template Item
 * @typedef {{ element: HTMLElement, update: (item: Item) => void }} View
 */

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes} [attributes] `true` sets an empty one; `false`, `null` and `undefined` leave it out
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) attribute(element, name, value);
  element.append(...children.filter((child) => child !== null));
  return element;
}

/**
 * @param {Element} element
 * @param {string} name
 * @param {Attributes[string]} value
 */
export function attribute(element, name, value) {
  if (value === false || value === null || value === undefined) element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(value === true ? '' : value)) {
    element.setAttribute(name, value === true ? '' : String(value));
  }
}

/**
 * Changes text only where it differs, so that a live region speaks only of what is new.
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * @param {string} name a symbol of `icons.svg`
 * @returns {SVGSVGElement}
 */
export function icon(name) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS('http://www.w3.org/2000/svg', 'use');
  use.setAttribute('href', `/icons.svg#${name}`);
  svg.append(use);
  return svg;
}

/**
 * @param {SVGSVGElement} svg made by `icon`
 * @param {string} name
 */
export function setIcon(svg, name) {
  const use = svg.firstElementChild;
  if (use) attribute(use, 'href', `/icons.svg#${name}`);
}

/**
 * A button with words.
 * @param {string} words
 * @param {string} style a class of `controls.css`
 * @param {() => void} onClick
 * @param {Attributes} [attributes]
 * @returns {HTMLButtonElement}
 */
export function button(words, style, onClick, attributes = {}) {
  const element = h('button', { type: 'button', class: `button ${style}`, ...attributes }, words);
  element.addEventListener('click', onClick);
  return element;
}

/**
 * A round button with a picture; its words are its name and its tooltip.
 * @param {string} name a symbol of `icons.svg`
 * @param {string} words
 * @param {string} style a class of `controls.css`
 * @param {() => void} onClick
 * @returns {HTMLButtonElement}
 */
export function iconButton(name, words, style, onClick) {
  const element = h('button', { type: 'button', class: `icon-button ${style}`, 'aria-label': words, title: words }, icon(name));
  element.addEventListener('click', onClick);
  return element;
}

/**
 * Keeps the children of `parent` in step with a list. An item that stays keeps its element, and with it the focus.
 * @template Item
 * @param {Element} parent
 * @param {(item: Item) => string} keyOf
 * @param {(item: Item) => View<Item>} create
 * @returns {(items: readonly Item[]) => void}
 */
export function keyedChildren(parent, keyOf, create) {
  /** @type {Map<string, View<Item>>} */
  let views = new Map();
  return (items) => {
    const next = new Map(items.map((item) => [keyOf(item), views.get(keyOf(item)) ?? create(item)]));
    for (const [key, view] of views) if (!next.has(key)) view.element.remove();
    views = next;
    let place = parent.firstElementChild;
    for (const item of items) {
      const view = views.get(keyOf(item));
      if (!view) continue;
      if (view.element === place) place = place.nextElementSibling;
      else parent.insertBefore(view.element, place);
      view.update(item);
    }
  };
}

/**
 * Puts the focus on something that is not a control, so that a screen reader begins reading there.
 * @param {HTMLElement} element
 */
export function focusOn(element) {
  if (!element.hasAttribute('tabindex')) element.tabIndex = -1;
  element.focus({ preventScroll: true });
}

let lastId = 0;

/**
 * @param {string} stem
 * @returns {string} an id nothing else on the page has
 */
export function uniqueId(stem) {
  lastId += 1;
  return `${stem}-${lastId}`;
}
