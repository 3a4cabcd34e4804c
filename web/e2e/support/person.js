/** Somebody in front of a page, who does what people do: by names and roles, never by the page's insides. */

import { openPage, watchFaults } from './browser.js';

/** @import { Browser, Locator, Page } from 'playwright-core' */
/** @import { PageOptions } from './browser.js' */

export const PASSWORD = 'correct horse';
let lastNumber = 0;

export class Person {
  /**
   * @param {Page} page
   * @param {string} name
   * @param {string} phone
   */
  constructor(page, name, phone) {
    this.page = page;
    this.name = name;
    this.phone = phone;
    this.faults = watchFaults(page);
  }

  /**
   * Opens a page and makes an account in it.
   * @param {Browser} browser
   * @param {string} url
   * @param {string} name
   * @param {PageOptions} [options]
   * @returns {Promise<Person>}
   */
  static async registers(browser, url, name, options) {
    lastNumber += 1;
    const page = await openPage(browser, url, options);
    const person = new Person(page, name, `+7900${String(5_550_000 + lastNumber)}`);
    await person.button('New here? Create an account').click();
    await page.getByLabel('Your name').fill(name);
    await person.fillCredentials(PASSWORD);
    await person.button('Create account').click();
    await person.untilHome();
    return person;
  }

  /**
   * The same person at another device: a page of its own, logged in to the same account.
   * @param {Browser} browser
   * @param {string} url
   * @param {PageOptions} [options]
   * @returns {Promise<Person>}
   */
  async alsoAt(browser, url, options) {
    const device = new Person(await openPage(browser, url, options), this.name, this.phone);
    await device.fillCredentials(PASSWORD);
    await device.button('Log in').click();
    await device.untilHome();
    return device;
  }

  /** @param {string} password */
  async fillCredentials(password) {
    await this.page.getByLabel('Phone number').fill(this.phone);
    await this.page.getByLabel('Password', { exact: true }).fill(password);
  }

  async untilHome() {
    await this.page.getByRole('heading', { name: 'Contacts', level: 1 }).waitFor();
  }

  /** @param {string} name @returns {Locator} */
  button(name) {
    return this.page.getByRole('button', { name, exact: true });
  }

  /** @param {string} words @returns {Locator} */
  words(words) {
    return this.page.getByText(words, { exact: true });
  }

  /** @param {string} words */
  async sees(words) {
    await this.words(words).first().waitFor();
  }

  /** @param {Person} other */
  async befriends(other) {
    await this.page.getByLabel('Their phone number').fill(other.phone);
    await this.button('Find').click();
    await this.button('Invite').click();
    await other.button(`Accept the invitation of ${this.name}`).click();
    await this.button(`Video call to ${other.name}`).waitFor();
    await other.button(`Video call to ${this.name}`).waitFor();
  }

  /**
   * @param {Person} other
   * @param {'Audio' | 'Video'} kind
   */
  async calls(other, kind) {
    await this.button(`${kind} call to ${other.name}`).click();
    await other.page.getByRole('dialog', { name: `Incoming ${kind.toLowerCase()} call` }).waitFor();
  }

  /** Calls several at once, with pictures. @param {readonly { name: string }[]} others contacts of this person */
  async callsTogether(others) {
    await this.button('Group call').click();
    for (const { name } of others) await this.page.getByRole('checkbox', { name: `Call ${name} too` }).check();
    await this.button('Video call to those chosen').click();
  }

  /** Goes to a section of the page. @param {'Contacts' | 'Messages' | 'Calls' | 'Settings'} section */
  async opens(section) {
    await this.page.getByRole('navigation', { name: 'Sections' }).getByRole('button', { name: section }).click();
    await this.page.getByRole('heading', { name: section, level: 1 }).waitFor();
  }

  /** The overlay of a call with these people. @param {string} names @returns {Locator} */
  call(names) {
    return this.page.getByRole('dialog', { name: `Call with ${names}` });
  }

  /**
   * Closes the last words of a call, which also go by themselves: whichever comes first.
   */
  async closes() {
    const gone = this.page.getByRole('dialog').waitFor({ state: 'detached' });
    const closed = this.button('Close').click({ timeout: 1000 });
    await Promise.race([closed.catch(() => {}), gone]);
    await gone;
  }

  /**
   * Hangs up; all these people are told that the call has ended.
   * @param {...Person} others
   */
  async endsCallWith(...others) {
    // Watched for from before: the words stay only some seconds.
    const told = Promise.all([this, ...others].map((person) => person.sees('The call has ended')));
    await this.button('Hang up').click();
    await told;
    await Promise.all([this, ...others].map((person) => person.closes()));
  }

  async leaves() {
    await this.page.context().close();
  }
}
