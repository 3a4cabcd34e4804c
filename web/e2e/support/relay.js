/**
 * A narrow path between one page and the server's media port, in user space: what the server sends waits in a queue that is
 * let out at a rate, and is dropped where the queue is full, as at the end of a slow line.
 */

import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/** @import { RemoteInfo, Socket } from 'node:dgram' */

/** @typedef {{ port: number, limit: (kbps: number | null) => void, dropped: () => number, close: () => void }} Relay */

const LOOPBACK = '127.0.0.1';
/** As home routers queue: enough that a burst passes, and long enough that congestion is felt as delay first. */
const QUEUE_MS = 250;
/** Every socket is asked for this at once; a packet is let out no later than so. */
const TICK_MS = 5;

/**
 * @param {number} mediaPort of the server
 * @returns {Promise<Relay>} with nothing held back until `limit` says so; `null` lets everything through again
 */
export async function startRelay(mediaPort) {
  const near = createSocket('udp4');
  near.bind(0, LOOPBACK);
  await once(near, 'listening');
  /** To the server, each address of the page has a socket of its own, so that the server tells them apart. @type {Map<number, Socket>} */
  const far = new Map();
  /** @type {{ packet: Buffer, to: number }[]} */
  let queue = [];
  let waiting = 0;
  let dropped = 0;
  /** @type {number | null} */
  let bytesPerMs = null;
  let allowance = 0;
  let last = performance.now();

  /** @param {{ packet: Buffer, to: number }} one */
  const letOut = ({ packet, to }) => near.send(packet, to, LOOPBACK);

  /** @param {Buffer} packet @param {number} to a port of the page */
  const down = (packet, to) => {
    if (bytesPerMs === null) letOut({ packet, to });
    else if (waiting + packet.length > bytesPerMs * QUEUE_MS) dropped += 1;
    else {
      queue.push({ packet, to });
      waiting += packet.length;
    }
  };

  near.on('message', (/** @type {Buffer} */ packet, /** @type {RemoteInfo} */ { port }) => {
    let socket = far.get(port);
    if (!socket) {
      socket = createSocket('udp4');
      socket.bind(0, LOOPBACK);
      socket.on('message', (answer) => down(answer, port));
      far.set(port, socket);
    }
    socket.send(packet, mediaPort, LOOPBACK);
  });

  const timer = setInterval(() => {
    const now = performance.now();
    // What was not used while nothing waited is not saved up beyond one tick.
    allowance = Math.min(allowance, 0) + (bytesPerMs ?? 0) * (now - last);
    last = now;
    let out = 0;
    while (out < queue.length && allowance > 0) {
      const next = /** @type {(typeof queue)[number]} */ (queue[out]);
      allowance -= next.packet.length;
      waiting -= next.packet.length;
      letOut(next);
      out += 1;
    }
    queue = queue.slice(out);
  }, TICK_MS);

  return {
    port: near.address().port,
    dropped: () => dropped,
    limit: (kbps) => {
      bytesPerMs = kbps === null ? null : kbps / 8;
      if (bytesPerMs !== null) return;
      queue.forEach(letOut);
      queue = [];
      waiting = 0;
    },
    close: () => {
      clearInterval(timer);
      near.close();
      for (const socket of far.values()) socket.close();
    },
  };
}
