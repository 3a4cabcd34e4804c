/** Debian's Chromium with a file as camera, and pages whose media can be looked at from outside. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

/** @import { Browser, BrowserContextOptions, Page } from 'playwright-core' */

const EXECUTABLE = process.env.CHROMIUM ?? '/usr/bin/chromium';
const ARTIFACTS = process.env.ARTIFACTS ?? fileURLToPath(new URL('../../../artifacts', import.meta.url));
const WAIT_MS = 20_000;

export const DESKTOP = Object.freeze({ width: 1280, height: 800 });
export const PHONE = Object.freeze({ width: 390, height: 844 });

/**
 * What the cameras give: frames a second, few because several pages share two cores; their size; and `easy`, a picture that
 * takes less to encode and to send. `screens` answers the question which screen to share.
 * @typedef {{ fps?: number | undefined, size?: string | undefined, easy?: boolean | undefined, screens?: boolean | undefined }} BrowserOptions
 */

/**
 * @param {BrowserOptions} [options]
 * @returns {Promise<{ browser: Browser, close: () => Promise<void> }>}
 */
export async function startBrowser({ fps = 15, size = '640x360', easy = false, screens = false } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'switchboard-camera-'));
  const camera = join(folder, 'camera.y4m');
  const picture = ['-f', 'lavfi', '-i', `${easy ? 'testsrc' : 'testsrc2'}=size=${size}:rate=${fps}`, '-t', '4', '-pix_fmt', 'yuv420p'];
  execFileSync('ffmpeg', ['-v', 'error', ...picture, camera]);
  const browser = await chromium.launch({
    executablePath: EXECUTABLE,
    headless: true,
    chromiumSandbox: false,
    args: [
      `--use-fake-device-for-media-stream=fps=${fps}`,
      `--use-file-for-fake-video-capture=${camera}`,
      '--allow-loopback-in-peer-connection',
      '--autoplay-policy=no-user-gesture-required',
      '--mute-audio',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
      '--disable-background-timer-throttling',
      '--disable-renderer-backgrounding',
      '--disable-backgrounding-occluded-windows',
      ...(screens ? ['--use-fake-ui-for-media-stream', '--auto-select-desktop-capture-source=Entire screen'] : []),
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
    ],
  });
  const close = async () => {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { browser, close };
}

/**
 * How a page is opened: as Playwright does it, with a script that runs before the page's own, and with a port that its media
 * goes to in place of the server's.
 * @typedef {BrowserContextOptions & { script?: () => void, mediaPort?: number }} PageOptions
 */

/**
 * A page of somebody's own: a context with its own cookies and permissions.
 * @param {Browser} browser
 * @param {string} url
 * @param {PageOptions} [options]
 * @returns {Promise<Page>}
 */
export async function openPage(browser, url, { script, mediaPort, ...options } = {}) {
  const context = await browser.newContext({ locale: 'en-US', viewport: DESKTOP, permissions: ['camera', 'microphone'], ...options });
  context.setDefaultTimeout(WAIT_MS);
  await context.addInitScript(collectPeerConnections);
  if (mediaPort !== undefined) await context.addInitScript(divertMedia, mediaPort);
  if (script) await context.addInitScript(script);
  const page = await context.newPage();
  await page.goto(url);
  return page;
}

/**
 * What a page must never do, gathered while a test runs: break the content security policy, or throw.
 * @param {Page} page
 * @returns {string[]} grows as things happen
 */
export function watchFaults(page) {
  /** @type {string[]} */
  const faults = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) faults.push(message.text());
  });
  return faults;
}

/**
 * Keeps a picture of the page as an artefact of the test run.
 * @param {Page} page
 * @param {string} name
 */
export async function keepPicture(page, name) {
  mkdirSync(ARTIFACTS, { recursive: true });
  await page.screenshot({ path: join(ARTIFACTS, `${name}.png`) });
}

export function collectPeerConnections() {
  /** @type {RTCPeerConnection[]} */
  const made = [];
  Object.assign(globalThis, {
    peerConnections: made,
    RTCPeerConnection: class extends RTCPeerConnection {
      /** @param {RTCConfiguration} [configuration] */
      constructor(configuration) {
        super(configuration);
        made.push(this);
      }
    },
  });
}

/** @param {number} port by UDP alone */
function divertMedia(port) {
  const prototype = RTCPeerConnection.prototype;
  const { setRemoteDescription } = prototype;
  prototype.setRemoteDescription = function (/** @type {RTCSessionDescriptionInit} */ { type, sdp = '' }) {
    const byUdp = sdp.replace(/^a=candidate:\S+ \d+ tcp .*\r\n/gim, '');
    const diverted = byUdp.replace(/^(a=candidate:\S+ \d+ udp \d+ \S+) \d+ /gim, `$1 ${port} `);
    return Reflect.apply(setRemoteDescription, this, [{ type, sdp: diverted }]);
  };
}
