// Stills of recordings, which the browser takes from the files themselves.

/** Where in a recording, in seconds: the very first picture is often a black one. */
const AT = 1;
/** How many files are read at a time. */
const AT_ONCE = 2;
/** How long a file may take, ms. */
const PATIENCE = 10_000;

/** Shows stills where they can be seen: files are read when their places come into view, and no further than to the still. */
export class Stills {
  /** @type {Map<Element, string>} addresses of the files, by places that are still to be filled */
  #files = new Map();
  /** @type {Set<Element>} places that are in view and have to wait */
  #waiting = new Set();
  #busy = 0;
  #view = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) this.#waiting.add(target);
      else this.#waiting.delete(target);
    }
    this.#next();
  });

  /**
   * @param {Element} place what stands in it stays where the file has no picture
   * @param {string} url of the file
   */
  add(place, url) {
    // Who has asked for as little traffic as possible does without.
    if (Object(navigator).connection?.saveData) return;
    this.#files.set(place, url);
    this.#view.observe(place);
  }

  #next() {
    for (const place of this.#waiting) {
      if (this.#busy >= AT_ONCE) return;
      this.#waiting.delete(place);
      this.#view.unobserve(place);
      void this.#fill(place);
    }
  }

  /** @param {Element} place */
  async #fill(place) {
    this.#busy++;
    const still = await stillOf(this.#files.get(place) ?? '', place);
    if (still) place.replaceChildren(still);
    this.#busy--;
    this.#next();
  }
}

/**
 * @param {string} url
 * @param {Element} place how large the still is to be
 * @returns {Promise<HTMLCanvasElement | null>} null if there is no picture, or none that the browser can show
 */
async function stillOf(url, place) {
  const video = document.createElement('video');
  video.muted = true;
  video.playsInline = true;
  video.preload = 'metadata';
  video.src = url;
  try {
    await reached(video, 'loadedmetadata');
    if (video.videoWidth === 0) return null;
    video.currentTime = Math.min(AT, video.duration / 2);
    await reached(video, 'seeked');
    return drawn(video, place.clientWidth, place.clientHeight);
  } catch {
    return null;
  } finally {
    // Ends the request, whose rest nobody needs.
    video.removeAttribute('src');
    video.load();
  }
}

/**
 * @param {HTMLVideoElement} video
 * @param {'loadedmetadata' | 'seeked'} event
 * @returns {Promise<void>}
 */
function reached(video, event) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the file takes too long')), PATIENCE);
    video.addEventListener(event, () => {
      clearTimeout(timer);
      resolve();
    }, { once: true });
    video.addEventListener('error', () => {
      clearTimeout(timer);
      reject(new Error('the file cannot be played'));
    }, { once: true });
  });
}

/**
 * The middle of the picture, as much of it as has the shape that is wanted.
 * @param {HTMLVideoElement} video
 * @param {number} width CSS pixels
 * @param {number} height CSS pixels
 */
function drawn(video, width, height) {
  const canvas = document.createElement('canvas');
  canvas.width = width * devicePixelRatio;
  canvas.height = height * devicePixelRatio;
  const scale = Math.max(canvas.width / video.videoWidth, canvas.height / video.videoHeight);
  const [w, h] = [video.videoWidth * scale, video.videoHeight * scale];
  const context = canvas.getContext('2d');
  context?.drawImage(video, (canvas.width - w) / 2, (canvas.height - h) / 2, w, h);
  return canvas;
}
