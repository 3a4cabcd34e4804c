/** Firefox beside Chromium: another library drives it, so its people do no more than what one call needs. */

import { launch } from 'puppeteer-core';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { collectPeerConnections } from './browser.js';
import { PASSWORD } from './person.js';
import { until } from './until.js';

/** @import { Browser, Page } from 'puppeteer-core' */

const EXECUTABLE = process.env.FIREFOX ?? '/usr/bin/firefox-esr';

/** Fake devices without a question, media over the loopback, sound without a tap, and no word to anybody outside. */
const PREFERENCES = Object.freeze({
  'media.navigator.streams.fake': true,
  // As many frames as the cameras beside it give: each one is decoded by everybody, on the same two cores.
  'media.navigator.video.default_fps': 10,
  'media.navigator.permission.disabled': true,
  'permissions.default.camera': 1,
  'permissions.default.microphone': 1,
  'media.peerconnection.ice.loopback': true,
  'media.peerconnection.ice.obfuscate_host_addresses': false,
  'media.peerconnection.ice.link_local': false,
  'media.autoplay.default': 0,
  'media.autoplay.blocking_policy': 0,
  'media.volume_scale': '0.0',
  'intl.accept_languages': 'en-US',
  'dom.ipc.processPrelaunch.enabled': false,
  'media.gmp-manager.updateEnabled': false,
  'media.gmp-provider.enabled': false,
  'app.update.enabled': false,
  'app.normandy.enabled': false,
  'toolkit.telemetry.enabled': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'dom.push.connection.enabled': false,
  'browser.safebrowsing.malware.enabled': false,
  'browser.safebrowsing.phishing.enabled': false,
  'browser.safebrowsing.downloads.enabled': false,
  'extensions.update.enabled': false,
  'geo.enabled': false,
});

/** @returns {Promise<{ browser: Browser, close: () => Promise<void> }>} */
export async function startFirefox() {
  const home = mkdtempSync(join(tmpdir(), 'switchboard-firefox-'));
  const browser = await launch({
    browser: 'firefox',
    protocol: 'webDriverBiDi',
    executablePath: EXECUTABLE,
    headless: true,
    extraPrefsFirefox: PREFERENCES,
    env: { ...process.env, HOME: home },
  });
  const close = async () => {
    await browser.close();
    rmSync(home, { recursive: true, force: true });
  };
  return { browser, close };
}

export class FirefoxPerson {
  /**
   * @param {Page} page
   * @param {string} name
   * @param {string} phone
   */
  constructor(page, name, phone) {
    this.page = page;
    this.name = name;
    this.phone = phone;
  }

  /**
   * Opens a page and makes an account in it.
   * @param {Browser} browser
   * @param {string} url
   * @param {{ name: string, phone: string }} who
   */
  static async registers(browser, url, { name, phone }) {
    const page = await browser.newPage();
    await page.setViewport({ width: 640, height: 480 });
    await page.evaluateOnNewDocument(collectPeerConnections);
    await page.goto(url);
    const person = new FirefoxPerson(page, name, phone);
    await person.clicks('New here? Create an account');
    await person.fills('Your name', name);
    await person.fills('Phone number', phone);
    await person.fills('Password', PASSWORD);
    await person.clicks('Create account');
    await person.untilPressable('Find');
    return person;
  }

  /** Clicks a button by its name, once it is there. @param {string} name */
  async clicks(name) {
    await this.untilPressable(name);
    await this.page.evaluate((wanted) => {
      const named = [...document.querySelectorAll('button')].find((button) => (button.getAttribute('aria-label') ?? button.textContent).trim() === wanted);
      named?.click();
    }, name);
  }

  /** @param {string} name of a button */
  async untilPressable(name) {
    const isThere = () =>
      this.page.evaluate(
        (wanted) =>
          [...document.querySelectorAll('button')].some(
            (button) => !button.disabled && button.checkVisibility() && (button.getAttribute('aria-label') ?? button.textContent).trim() === wanted,
          ),
        name,
      );
    await until(`${this.name} can press "${name}"`, isThere);
  }

  /** @param {string} label @param {string} text */
  async fills(label, text) {
    await this.page.evaluate(
      (wanted, value) => {
        const labels = [...document.querySelectorAll('label')].filter(({ textContent }) => textContent.trim().startsWith(wanted));
        const field = labels.map(({ control }) => control).find((control) => control?.checkVisibility());
        if (!(field instanceof HTMLInputElement)) throw new Error(`no field "${wanted}"`);
        field.value = value;
        field.dispatchEvent(new Event('input', { bubbles: true }));
      },
      label,
      text,
    );
  }
}
