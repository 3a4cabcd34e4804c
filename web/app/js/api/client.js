/** Asks the REST interface under `/v1`: JSON there and back, refusals as errors with a stable code. */

/** @import { Log } from '../log.js' */

const ANSWER_WITHIN_MS = 15_000;
/** A voice clip of five minutes over a slow uplink. */
const UPLOAD_WITHIN_MS = 120_000;

/** A refusal by its stable code (`wrong_credentials`, …), or `offline`, or `timeout`. */
export class ApiError extends Error {
  /**
   * @param {string} code
   * @param {number} status 0 when there was no answer
   */
  constructor(code, status) {
    super(code);
    this.name = 'ApiError';
    this.code = code;
    this.status = status;
  }
}

/**
 * @param {unknown} error
 * @returns {string} `unknown` for what is no refusal
 */
export function codeOf(error) {
  return error instanceof ApiError ? error.code : 'unknown';
}

export class Client {
  #log;
  #fetch;

  /**
   * @param {Log} log
   * @param {typeof fetch} [fetcher]
   */
  constructor(log, fetcher = (...request) => fetch(...request)) {
    this.#log = log;
    this.#fetch = fetcher;
  }

  /**
   * @param {string} method
   * @param {string} path below `/v1`
   * @param {unknown} [body] a blob goes as it is, anything else as JSON
   * @returns {Promise<any>} rejected with an `ApiError`
   */
  async call(method, path, body) {
    const within = body instanceof Blob ? UPLOAD_WITHIN_MS : ANSWER_WITHIN_MS;
    /** @type {RequestInit} */
    const request = { method, credentials: 'same-origin', cache: 'no-store', signal: AbortSignal.timeout(within) };
    if (body instanceof Blob) {
      request.headers = { 'content-type': body.type || 'application/octet-stream' };
      request.body = body;
    } else if (body !== undefined) {
      request.headers = { 'content-type': 'application/json' };
      request.body = JSON.stringify(body);
    }
    const answer = await this.#send(path, request);
    this.#log.note('api', `${method} ${withoutQuery(path)} ${answer.status}`);
    if (answer.status === 204) return undefined;
    const content = await answer.json().catch(() => null);
    if (answer.ok && content !== null) return content;
    throw new ApiError(typeof content?.code === 'string' ? content.code : 'unknown', answer.status);
  }

  /**
   * @param {string} path
   * @param {RequestInit} request
   */
  async #send(path, request) {
    try {
      return await this.#fetch(`/v1${path}`, request);
    } catch (error) {
      this.#log.fault('api', `${request.method} ${withoutQuery(path)}`, error);
      throw new ApiError(error instanceof DOMException && error.name === 'TimeoutError' ? 'timeout' : 'offline', 0);
    }
  }
}

/**
 * @param {Record<string, string | number | null | undefined>} values those without a value are left out
 * @returns {string} empty, or with its question mark
 */
export function query(values) {
  const given = Object.entries(values).filter(([, value]) => value !== null && value !== undefined && value !== '');
  return given.length === 0 ? '' : `?${given.map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`).join('&')}`;
}

/**
 * A query holds the number that was searched for, which the log must not.
 * @param {string} path
 */
function withoutQuery(path) {
  return path.replace(/\?.*/, '?…');
}
