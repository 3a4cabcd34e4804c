/** Several servers that are nodes of one, behind a load balancer; they come and go. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { isReady, startBalancer } from './balancer.js';
import { startGround } from './ground.js';
import { start } from './server.js';
import { until } from './until.js';

/** @import { Balancer } from './balancer.js' */
/** @import { Ground } from './ground.js' */
/** @import { Running, Signal } from './server.js' */

const LOOPBACK = '127.0.0.1';

export class Fleet {
  /** Those that people are sent to. @type {Running[]} */
  nodes = [];
  #data = mkdtempSync(join(tmpdir(), 'switchboard-nodes-'));
  /** Of all that there ever were: no two have the same. @type {Map<Running, string>} */
  #names = new Map();
  /** @type {Ground | undefined} */
  #ground;
  /** @type {Balancer | undefined} */
  #balancer;

  /** @param {number} count of nodes to begin with */
  async start(count) {
    this.#ground = await startGround();
    for (let made = 0; made < count; made += 1) await this.joins();
    this.#balancer = await startBalancer(() => this.nodes);
  }

  /** Where people reach them. */
  get url() {
    if (!this.#balancer) throw new Error('not started');
    return this.#balancer.url;
  }

  /** @returns {number[]} how many people's signalling goes to each node */
  people() {
    return this.nodes.map((node) => this.#balancer?.signalling(node) ?? 0);
  }

  /** Whoever comes next is sent to another node than they would have been. */
  skip() {
    this.#balancer?.skip();
  }

  /** Another node begins to serve. */
  async joins() {
    const name = `node-${this.#names.size + 1}`;
    const own = ['--listen', `${LOOPBACK}:0`, '--media-udp', '0', '--node-id', name, '--data-dir', join(this.#data, name)];
    const node = await start([...(this.#ground?.flags ?? []), ...own]);
    this.#names.set(node, name);
    this.nodes.push(node);
    await until(`${name} is ready`, () => isReady(node));
  }

  /**
   * A node ends; people are sent to it for as long as it says that it is ready.
   * @param {Running} node
   * @param {Signal} signal
   */
  async ends(node, signal) {
    await node.end(signal);
    this.nodes = this.nodes.filter((other) => other !== node);
  }

  /** @returns {Promise<Running>} the node that controls the calls */
  async controller() {
    const [one] = this.nodes;
    /** @type {{ nodes: { node: string, controls_calls?: number }[] }} */
    const { nodes } = await (await fetch(`${one?.admin}/v1/admin/nodes`)).json();
    const name = nodes.find(({ controls_calls: epoch }) => epoch !== undefined)?.node;
    const found = this.nodes.find((node) => this.#names.get(node) === name);
    if (!found) throw new Error(`who controls the calls? ${JSON.stringify(nodes)}`);
    return found;
  }

  /** Ends everything, however far it has come. */
  async stop() {
    try {
      await this.#balancer?.stop();
      await Promise.all(this.nodes.map((node) => node.end('SIGTERM')));
    } finally {
      await this.#ground?.stop();
      rmSync(this.#data, { recursive: true, force: true });
    }
  }
}
