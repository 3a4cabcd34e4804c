/** Why a request came to nothing: a code of the protocol, or `offline`, or `timeout`. */
export class SignalError extends Error {
  /**
   * @param {string} code
   * @param {string} [message]
   */
  constructor(code, message = code) {
    super(message);
    this.name = 'SignalError';
    this.code = code;
  }
}
