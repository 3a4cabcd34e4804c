/**
 * The media connection of a call. This side always offers and the server always answers, once; what is sent later changes
 * by replacing tracks, what is received by the server's word, so there is never a second negotiation.
 */

import { chooseCodecs, nameTracks, planLines } from './plan.js';
import { withFastStart } from './start_bitrate.js';

/** @import { Log } from '../log.js' */
/** @import { Offer } from '../protocol.js' */
/** @import { Line } from './plan.js' */

/** @typedef {'up' | 'interrupted' | 'failed'} PeerState */

/** Enough for 720p in VP8; congestion control goes below it where the path is narrower. */
const CAMERA_BPS = 1_800_000;

export class Peer {
  #connection;
  #log;
  /** @type {Line[]} */
  #lines;
  /** @type {RTCRtpTransceiver[]} */
  #transceivers;
  /** @type {Map<string, MediaStream>} */
  #streams = new Map();
  /** @type {Promise<Offer> | null} */
  #offer = null;
  /** @type {(state: PeerState) => void} */
  #onState = () => {};

  /**
   * @param {number} others how many people there are besides this one
   * @param {Log} log
   * @throws where the browser has no WebRTC
   */
  constructor(others, log) {
    this.#log = log;
    this.#connection = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    this.#lines = planLines(others);
    this.#transceivers = this.#lines.map((line) => this.#add(line));
    this.#connection.addEventListener('iceconnectionstatechange', () => {
      log.note('media', `ICE ${this.#connection.iceConnectionState}`);
    });
    this.#connection.addEventListener('connectionstatechange', () => {
      const state = this.#connection.connectionState;
      log.note('media', `connection ${state}`);
      if (state === 'connected') this.#onState('up');
      else if (state === 'disconnected') this.#onState('interrupted');
      else if (state === 'failed') this.#onState('failed');
    });
  }

  /** @param {(state: PeerState) => void} onState is told at once where the connection is up already */
  follow(onState) {
    this.#onState = onState;
    if (this.#connection.connectionState === 'connected') onState('up');
  }

  /** @returns {number} how many people can be seen at once */
  get slots() {
    return this.#lines.filter(({ role }) => role === 'video_slot').length;
  }

  /** @returns {Promise<RTCStatsReport>} */
  stats() {
    return this.#connection.getStats();
  }

  /** @returns {Promise<Offer>} the same each time */
  offer() {
    this.#offer ??= this.#makeOffer();
    return this.#offer;
  }

  /** @param {string} sdp */
  async answer(sdp) {
    await this.#connection.setRemoteDescription({ type: 'answer', sdp: withFastStart(sdp) });
  }

  /**
   * Sends `track` from here on, or nothing.
   * @param {'microphone' | 'camera'} role
   * @param {MediaStreamTrack | null} track
   */
  async send(role, track) {
    const at = this.#lines.findIndex((line) => line.role === role);
    await this.#transceivers[at]?.sender.replaceTrack(track);
    this.#log.note('media', `${role} ${track ? `sends ${track.label || 'a track'}` : 'sends nothing'}`);
  }

  /**
   * What arrives in a slot; the same stream each time, whoever is in it.
   * @param {string} mid
   * @returns {MediaStream | null}
   */
  stream(mid) {
    const known = this.#streams.get(mid);
    if (known) return known;
    const transceiver = this.#transceivers.find((candidate) => candidate.mid === mid);
    if (!transceiver) return null;
    const stream = new MediaStream([transceiver.receiver.track]);
    this.#streams.set(mid, stream);
    return stream;
  }

  /** @returns {MediaStream[]} everything heard, whoever speaks */
  heard() {
    return this.#lines.flatMap(({ role }, at) => {
      const mid = role === 'audio_slot' ? this.#transceivers[at]?.mid : null;
      const stream = mid ? this.stream(mid) : null;
      return stream ? [stream] : [];
    });
  }

  close() {
    this.#connection.close();
  }

  /** @returns {Promise<Offer>} */
  async #makeOffer() {
    await this.#connection.setLocalDescription(await this.#connection.createOffer());
    const sdp = this.#connection.localDescription?.sdp ?? '';
    return { sdp, tracks: nameTracks(this.#lines, this.#transceivers) };
  }

  /**
   * @param {Line} line
   * @returns {RTCRtpTransceiver}
   */
  #add({ role, kind, direction }) {
    /** @type {RTCRtpTransceiverInit} */
    const init = role === 'camera' ? { direction, sendEncodings: [{ maxBitrate: CAMERA_BPS }] } : { direction };
    const transceiver = this.#connection.addTransceiver(kind, init);
    const codecs = chooseCodecs(kind, RTCRtpReceiver.getCapabilities(kind)?.codecs ?? []);
    if (codecs.length > 0) transceiver.setCodecPreferences(codecs);
    return transceiver;
  }
}
