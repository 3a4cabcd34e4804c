/**
 * The media connection of a call. This side always offers and the server always answers, once; what is sent later changes
 * by replacing tracks, what is received by the server's word, so there is never a second negotiation.
 */

import { encodingsOf } from './encodings.js';
import { chooseCodecs, nameTracks, planLines } from './plan.js';
import { withFastStart } from './start_bitrate.js';
import { VideoSender } from './video_sender.js';

/** @import { Log } from '../log.js' */
/** @import { Offer, TrackRole } from '../protocol.js' */
/** @import { Mids } from './look.js' */
/** @import { Line } from './plan.js' */
/** @import { Wanted } from './video_sender.js' */

/** @typedef {'up' | 'interrupted' | 'failed'} PeerState */

export class Peer {
  #connection;
  #log;
  /** @type {Line[]} */
  #lines;
  /** @type {RTCRtpTransceiver[]} */
  #transceivers;
  /** @type {Record<'camera' | 'screen', VideoSender>} */
  #pictures;
  /** @type {Map<string, MediaStream>} */
  #streams = new Map();
  /** @type {Promise<Offer> | null} */
  #offer = null;
  /** @type {(state: PeerState) => void} */
  #onState = () => {};

  /**
   * @param {number} others how many people there are besides this one
   * @param {Log} log
   * @param {RTCIceServer[]} [iceServers] TURN, for those whom nothing else gets through
   * @throws where the browser has no WebRTC
   */
  constructor(others, log, iceServers = []) {
    this.#log = log;
    this.#connection = new RTCPeerConnection({ bundlePolicy: 'max-bundle', iceServers });
    this.#lines = planLines(others);
    this.#transceivers = this.#lines.map((line) => this.#add(line));
    this.#pictures = { camera: this.#picture('camera'), screen: this.#picture('screen') };
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

  /** @returns {Mids} the slots for pictures, once they have mids */
  get mids() {
    return { camera: this.#midsOf('video_slot'), screen: this.#midsOf('screen_slot') };
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
   * @param {'microphone' | 'camera' | 'screen'} role
   * @param {MediaStreamTrack | null} track
   */
  async send(role, track) {
    await (role === 'microphone' ? this.#sender(role).replaceTrack(track) : this.#pictures[role].send(track));
    this.#log.note('media', `${role} ${track ? `sends ${track.label || 'a track'}` : 'sends nothing'}`);
  }

  /**
   * Sends no other layers of a picture than the server wants.
   * @param {'camera' | 'screen'} source
   * @param {Wanted} wanted
   */
  async want(source, wanted) {
    await this.#pictures[source].want(wanted);
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
    return this.#midsOf('audio_slot').flatMap((mid) => this.stream(mid) ?? []);
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
    const init = role === 'camera' || role === 'screen' ? { direction, sendEncodings: encodingsOf(role) } : { direction };
    const transceiver = this.#connection.addTransceiver(kind, init);
    const codecs = chooseCodecs(kind, RTCRtpReceiver.getCapabilities(kind)?.codecs ?? []);
    if (codecs.length > 0) transceiver.setCodecPreferences(codecs);
    return transceiver;
  }

  /**
   * @param {TrackRole} role
   * @returns {string[]}
   */
  #midsOf(role) {
    return this.#lines.flatMap((line, at) => (line.role === role ? (this.#transceivers[at]?.mid ?? []) : []));
  }

  /**
   * @param {'microphone' | 'camera' | 'screen'} role
   * @returns {RTCRtpSender}
   */
  #sender(role) {
    const transceiver = this.#transceivers[this.#lines.findIndex((line) => line.role === role)];
    if (!transceiver) throw new Error(`no line for the ${role}`);
    return transceiver.sender;
  }

  /** @param {'camera' | 'screen'} source */
  #picture(source) {
    return new VideoSender(source, this.#sender(source), this.#log);
  }
}
