/** The sounds of waiting: rings, the ringback and busy tones of a telephone, and a knock within a call. Made, not recorded. */

/** @typedef {'none' | 'incoming' | 'waiting' | 'ringback' | 'busy'} Tone */
/** @typedef {{ hertz: number, at: number, lasts: number, gain: number }} Note */
/** `every` is the seconds between the beginnings of two rounds; after `rounds` of them it is silent. */
/** @typedef {{ notes: readonly Note[], every: number, rounds: number }} Melody */

/** @type {Readonly<Record<Exclude<Tone, 'none'>, Melody>>} */
const MELODIES = Object.freeze({
  // E5 and G5 twice: rising, soft, unlike any alarm.
  incoming: {
    notes: [0, 1].flatMap((round) => [
      { hertz: 659.3, at: round * 0.9, lasts: 0.35, gain: 0.16 },
      { hertz: 784, at: round * 0.9 + 0.25, lasts: 0.5, gain: 0.16 },
    ]),
    every: 4,
    rounds: Infinity,
  },
  // Two short knocks, quiet beside a voice.
  waiting: {
    notes: [0, 0.3].map((at) => ({ hertz: 587.3, at, lasts: 0.18, gain: 0.05 })),
    every: 5,
    rounds: Infinity,
  },
  // ITU-T E.180: 425 Hz, one second on, four off in most of Europe and Russia.
  ringback: { notes: [{ hertz: 425, at: 0, lasts: 1, gain: 0.06 }], every: 5, rounds: Infinity },
  // The same tone, 0.35 s on and off; nobody listens to it longer than this.
  busy: { notes: [0, 0.7].map((at) => ({ hertz: 425, at, lasts: 0.35, gain: 0.06 })), every: 1.4, rounds: 3 },
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
    this.#silence();
    if (tone === 'none' || !('AudioContext' in globalThis)) return;
    const { notes, every, rounds } = MELODIES[tone];
    const context = new AudioContext();
    this.#context = context;
    let left = rounds;
    const next = () => {
      left -= 1;
      if (left < 0) this.#silence();
      else round(context, notes);
    };
    next();
    this.#timer = setInterval(next, every * 1000);
  }

  #silence() {
    clearInterval(this.#timer);
    this.#context?.close().catch(() => {});
    this.#context = null;
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
