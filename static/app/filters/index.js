// Changes a camera's picture before it is sent: mirrors it, turns it, or blurs the background. The work is done in a worker.

import { rootUrl } from '../paths.js';

/** The names of the filters, as they are stored; empty for none. */
export const FILTERS = ['', 'background-blur', 'mirror-h', 'mirror-v', 'rotate'];

/** Frames a second, as long as it is not known how many the camera gives, and where the browser has no streams of frames. */
const FRAME_RATE = 30;
/** How long a filter may take until its first picture, ms: on a slow line it has to be loaded. */
const START_TIMEOUT = 60_000;

/**
 * @typedef {object} Filtered
 * @property {MediaStreamTrack} track the changed picture
 * @property {() => void} stop ends it; the camera is the caller's
 */
/**
 * @typedef {object} Pictures what the worker says where there are no streams of frames
 * @property {() => void} due it is time for a picture
 * @property {(picture: ImageBitmap) => void} got one is done
 */
/**
 * @typedef {object} Told
 * @property {() => void} slow this machine is too slow for it, and gives fewer pictures than the camera; told again as long as that is so
 * @property {() => void} failed it has begun, and does not go on
 */
/**
 * @param {MediaStreamTrack} camera
 * @param {string} name
 * @param {Told} told
 * @returns {Promise<Filtered>} rejected if the filter cannot be had
 */
export async function filterTrack(camera, name, told) {
  if (!FILTERS.includes(name)) throw new Error(`no filter ${name}`);
  const worker = new Worker(rootUrl('app/filters/worker.js'), { type: 'module' });
  /** @type {Filtered & Partial<Pictures>} */
  const how = streamsOfFrames() ? throughStreams(camera, name, worker) : throughPictures(camera, name, worker);
  const stop = () => {
    how.stop();
    how.track.stop();
    worker.terminate();
  };
  try {
    await started(worker, how, told);
  } catch (e) {
    stop();
    throw e;
  }
  return { track: how.track, stop };
}

/**
 * @param {Worker} worker
 * @param {Partial<Pictures>} how
 * @param {Told} told
 * @returns {Promise<void>} settles with the worker's first word
 */
function started(worker, how, { slow, failed }) {
  return new Promise((resolve, reject) => {
    const timeout = setTimeout(() => reject(new Error('timeout')), START_TIMEOUT);
    let ready = false;
    /** @param {string} why */
    const fail = (why) => (ready ? failed() : reject(new Error(why)));
    worker.onerror = () => fail('the worker cannot be loaded');
    worker.onmessage = ({ data }) => {
      if (data.ready || data.error) clearTimeout(timeout);
      if (data.picture) how.got?.(data.picture);
      else if (data.due) how.due?.();
      else if (data.ready) {
        ready = true;
        resolve();
      } else if (data.error) fail(data.error);
      else if (data.slow) slow();
    };
  });
}

/** The browser can hand the frames of a track to a worker, and make a track of what that gives back. */
function streamsOfFrames() {
  return 'MediaStreamTrackProcessor' in globalThis && 'MediaStreamTrackGenerator' in globalThis;
}

/**
 * Frame by frame, without this thread.
 * @param {MediaStreamTrack} camera
 * @param {string} name
 * @param {Worker} worker
 */
function throughStreams(camera, name, worker) {
  const { MediaStreamTrackProcessor, MediaStreamTrackGenerator } = Object(globalThis);
  // The processor drops frames that nobody is ready for.
  const { readable } = new MediaStreamTrackProcessor({ track: camera, maxBufferSize: 1 });
  const generator = new MediaStreamTrackGenerator({ kind: 'video' });
  const { writable } = generator;
  worker.postMessage({ name, readable, writable }, [readable, writable]);
  return { track: /** @type {MediaStreamTrack} */ (generator), stop() {} };
}

/**
 * Picture by picture: one is taken whenever the worker has none and the time for one has come.
 * @param {MediaStreamTrack} camera
 * @param {string} name
 * @param {Worker} worker
 */
function throughPictures(camera, name, worker) {
  const video = document.createElement('video');
  video.muted = video.playsInline = true;
  video.srcObject = new MediaStream([camera]);
  void video.play().catch(() => {});
  const canvas = document.createElement('canvas');
  const { width = 640, height = 480, frameRate = FRAME_RATE } = camera.getSettings();
  Object.assign(canvas, { width, height });
  const context = canvas.getContext('2d');
  const track = canvas.captureStream(frameRate).getVideoTracks()[0];
  if (!track || !context) throw new Error('no track');
  let busy = false;
  worker.postMessage({ name, rate: frameRate });
  return {
    track,
    async due() {
      if (busy || video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return;
      busy = true;
      const picture = await createImageBitmap(video).catch(() => null);
      if (picture) worker.postMessage({ picture }, [picture]);
      else busy = false;
    },
    /** @param {ImageBitmap} picture */
    got(picture) {
      busy = false;
      if (canvas.width !== picture.width || canvas.height !== picture.height) Object.assign(canvas, { width: picture.width, height: picture.height });
      context.drawImage(picture, 0, 0);
      picture.close();
    },
    stop() {
      video.srcObject = null;
    },
  };
}
