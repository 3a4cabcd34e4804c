/** In which sizes a picture is sent: simulcast layers, by their `rid`. Pure. */

/** The smallest first, as the server takes them. @typedef {'q' | 'h' | 'f'} Rid */

/** What a sender has to be told of one layer. @typedef {{ rid: string, active: boolean, scaleResolutionDownBy: number }} Layer */

/**
 * `by` is how many times smaller than the capture each layer is; `bps` is enough for it in VP8, and congestion control goes
 * below it where the path is narrower.
 * @type {Readonly<Record<'camera' | 'screen', readonly { rid: Rid, by: number, bps: number }[]>>}
 */
const LAYERS = Object.freeze({
  camera: [
    { rid: 'q', by: 4, bps: 150_000 },
    { rid: 'h', by: 2, bps: 500_000 },
    { rid: 'f', by: 1, bps: 1_700_000 },
  ],
  // Letters at half their size can be guessed at; at a quarter they are dirt.
  screen: [
    { rid: 'q', by: 2, bps: 400_000 },
    { rid: 'f', by: 1, bps: 2_500_000 },
  ],
});

/** A page is read, not watched. */
const SCREEN_FPS = 15;

/**
 * From so many pixels up a camera's picture is worth this many layers. Chromium sends no more of a smaller one, and leaves
 * out the last ones, whatever their size.
 */
const WORTH = Object.freeze([
  { pixels: 960 * 540, layers: 3 },
  { pixels: 480 * 270, layers: 2 },
]);

/**
 * What a source is offered with: all layers it may ever have.
 * @param {'camera' | 'screen'} source
 * @returns {(RTCRtpEncodingParameters & { scalabilityMode: string })[]}
 */
export function encodingsOf(source) {
  const more = source === 'screen' ? { maxFramerate: SCREEN_FPS } : {};
  return LAYERS[source].map(({ rid, by, bps }, at) => ({
    rid,
    active: true,
    scaleResolutionDownBy: by,
    maxBitrate: bps,
    // Frames can be left out by halves (RFC 7741, §4.2: TID), so that a narrow path loses smoothness before sharpness.
    scalabilityMode: 'L1T3',
    ...more,
    // Of the whole sender: Chromium takes it at the first layer only.
    ...(source === 'screen' && at === 0 ? { priority: /** @type {const} */ ('high') } : {}),
  }));
}

/**
 * How a capture is sent. One too small for all layers has the first of them, the last of these in the capture's own size.
 * @param {'camera' | 'screen'} source
 * @param {{ width?: number, height?: number } | null} capture its size; without, it is taken for large
 * @param {readonly string[] | null} wanted by the server, by `rid`; `null` when it has not said
 * @returns {Layer[]} all layers that were offered
 */
export function layersOf(source, capture, wanted) {
  const layers = LAYERS[source];
  const fitting = layers.slice(0, source === 'camera' ? worth(capture) : layers.length);
  const largest = fitting.at(-1);
  const named = fitting.filter(({ rid }) => wanted?.includes(rid) ?? true);
  // What the server wants of a larger picture it means of this one, too.
  const active = named.length === 0 && wanted?.length && largest ? [largest] : named;
  return layers.map((layer) => ({
    rid: layer.rid,
    active: active.includes(layer),
    scaleResolutionDownBy: Math.max(1, layer.by / (largest?.by ?? 1)),
  }));
}

/** @param {{ width?: number, height?: number } | null} capture */
function worth(capture) {
  const { width, height } = capture ?? {};
  if (!width || !height) return LAYERS.camera.length;
  return WORTH.find(({ pixels }) => width * height >= pixels)?.layers ?? 1;
}
