/** The sounds of waiting: a gentle ring for an incoming call, the ringback tone for the caller. Made, not recorded. */

/** @typedef {'none' | 'incoming' | 'ringback'} Tone */
/** @typedef {{ hertz: number, at: number, lasts: number, gain: number }} Note */

/** Seconds between the beginnings of two rounds. */
const EVERY = 4;

/** @type {Readonly<Record<Exclude<Tone, 'none'>, readonly Note[]>>} */
const NOTES = Object.freeze({
  // E5 and G5 twice: rising, soft, unlike any alarm.
  incoming: [0, 1].flatMap((round) => [
    { hertz: 659.3, at: round * 0.9, lasts: 0.35, gain: 0.16 },
    { hertz: 784, at: round * 0.9 + 0.25, lasts: 0.5, gain: 0.16 },
  ]),
  // ITU-T E.180: 425 Hz, one second on, four off in most of Europe and Russia.
  ringback: [{ hertz: 425, at: 0, lasts: 1, gain: 0.06 }],
});

export class Tones {
  /** @type {Tone} */
  #tone = 'none';
  /** @type {AudioContext | null} */
  #context = null;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;

  /** @param {Tone} tone */
  play(tone) {
    if (tone === this.#tone) return;
    this.#tone = tone;
    clearInterval(this.#timer);
    this.#context?.close().catch(() => {});
    this.#context = null;
    if (tone === 'none' || !('AudioContext' in globalThis)) return;
    const context = new AudioContext();
    this.#context = context;
    round(context, NOTES[tone]);
    this.#timer = setInterval(() => round(context, NOTES[tone]), EVERY * 1000);
  }
}

/** A page nobody has touched may not make a sound; a round that could not begin within this time is left out. */
const LATEST_MS = 500;

/**
 * @param {AudioContext} context
 * @param {readonly Note[]} notes
 */
async function round(context, notes) {
  const asked = performance.now();
  try {
    await context.resume();
  } catch {
    return;
  }
  if (performance.now() - asked > LATEST_MS || context.state !== 'running') return;
  for (const note of notes) sound(context, note);
}

/**
 * @param {AudioContext} context
 * @param {Note} note
 */
function sound(context, { hertz, at, lasts, gain }) {
  const begin = context.currentTime + at;
  const oscillator = new OscillatorNode(context, { type: 'sine', frequency: hertz });
  const volume = new GainNode(context, { gain: 0 });
  volume.gain.setValueAtTime(0, begin);
  volume.gain.linearRampToValueAtTime(gain, begin + 0.03);
  volume.gain.setValueAtTime(gain, begin + lasts * 0.6);
  volume.gain.linearRampToValueAtTime(0, begin + lasts);
  oscillator.connect(volume).connect(context.destination);
  oscillator.start(begin);
  oscillator.stop(begin + lasts);
}
