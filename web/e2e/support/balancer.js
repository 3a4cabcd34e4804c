/** What people reach nodes by: a plain TCP load balancer, which keeps nobody to the node they were at before. */

import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/** @import { Socket } from 'node:net' */
/** @import { Running } from './server.js' */

const LOOPBACK = '127.0.0.1';
const READY_WITHIN_MS = 1000;

/** @typedef {{ url: string, signalling: (node: Running) => number, skip: () => void, stop: () => Promise<void> }} Balancer */

/**
 * @param {() => readonly Running[]} nodes those there are at the moment
 * @returns {Promise<Balancer>} `signalling` tells how many people's WebSockets go to a node,
 *   `skip` passes one over as a connection of somebody else would
 */
export async function startBalancer(nodes) {
  let turn = 0;
  /** @type {Map<Socket, Running>} */
  const people = new Map();
  /** @type {Set<Socket>} */
  const clients = new Set();

  const choose = async () => {
    const all = nodes();
    turn += 1;
    for (let step = 0; step < all.length; step += 1) {
      const node = all[(turn + step) % all.length];
      if (node && (await isReady(node))) return node;
    }
    return null;
  };
  const server = createServer({ pauseOnConnect: true }, async (client) => {
    clients.add(client);
    client.on('error', () => client.destroy());
    client.once('close', () => {
      clients.delete(client);
      people.delete(client);
    });
    const node = await choose();
    if (!node || client.destroyed) {
      client.destroy();
      return;
    }
    const { hostname, port } = new URL(node.url);
    const upstream = connect(Number(port), hostname);
    upstream.on('error', () => client.destroy());
    // What the node said before it closed is passed on.
    upstream.once('close', () => client.destroySoon());
    client.once('close', () => upstream.destroy());
    client.once('data', (first) => {
      if (first.toString('latin1').startsWith('GET /v1/ws')) people.set(client, node);
    });
    client.pipe(upstream);
    upstream.pipe(client);
  });
  server.listen(0, LOOPBACK);
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('no port');
  return {
    url: `http://${LOOPBACK}:${address.port}`,
    signalling: (node) => [...people.values()].filter((at) => at === node).length,
    skip: () => {
      turn += 1;
    },
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const client of clients) client.destroy();
      await closed;
    },
  };
}

/**
 * @param {Running} node
 * @returns {Promise<boolean>} whether it is to be sent people
 */
export async function isReady(node) {
  try {
    return (await fetch(`${node.admin}/readyz`, { signal: AbortSignal.timeout(READY_WITHIN_MS) })).ok;
  } catch {
    return false;
  }
}
