// The films that people show in a measurement: what a browser makes of a camera, encoded once and then sent by a program that
// costs little.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { writeFile } from 'node:fs/promises';

/** What our page sends of a camera: three encodings, each with three temporal layers. */
const ENCODINGS = [{ width: 1280, height: 720, bitrate: 700_000 }, { width: 640, height: 360, bitrate: 350_000 }, { width: 320, height: 180, bitrate: 100_000 }];
const TEMPORAL_LAYERS = 3;
/** Pictures a second, and how many there are. */
const RATE = 30;
const LENGTH = 10 * RATE;

/**
 * Runs in a page.
 * @param {{width: number, height: number, bitrate: number, rate: number, length: number}} film
 * @returns {Promise<string[]>} its frames in Base64
 */
async function encode({ width, height, bitrate, rate, length }) {
  const canvas = new OffscreenCanvas(width, height);
  const room = new OffscreenCanvas(width, height);
  const [on, wall] = [canvas, room].map((c) => /** @type {OffscreenCanvasRenderingContext2D} */ (c.getContext('2d')));
  // Somebody who nods before a wall on which a little moves in the noise of a camera.
  for (let y = 0; y < height; y += 4) {
    for (let x = 0; x < width; x += 4) {
      wall.fillStyle = `hsl(${200 + 60 * x / width} 30% ${35 + 20 * Math.sin(x / 40) * Math.cos(y / 30) + 8 * Math.random()}%)`;
      wall.fillRect(x, y, 4, 4);
    }
  }
  /** @param {number} i */
  const draw = (i) => {
    const s = i / rate;
    on.drawImage(room, 0, 0);
    on.fillStyle = 'hsl(20 40% 30%)';
    on.fillRect(width * (0.28 + 0.02 * Math.sin(s)), height * 0.7, width * 0.44, height * 0.3);
    on.fillStyle = 'hsl(25 50% 65%)';
    on.beginPath();
    on.ellipse(width * (0.5 + 0.05 * Math.sin(1.3 * s)), height * (0.45 + 0.04 * Math.sin(2.1 * s)), width * 0.13, height * 0.28, 0.1 * Math.sin(s), 0, 7);
    on.fill();
    on.fillStyle = 'hsl(0 40% 35%)';
    on.beginPath();
    on.ellipse(width * (0.5 + 0.05 * Math.sin(1.3 * s)), height * (0.58 + 0.04 * Math.sin(2.1 * s)), width * 0.05, height * 0.03 * (1.2 + Math.sin(9 * s)), 0, 0, 7);
    on.fill();
    for (let n = 0; n < 60; n++) {
      on.fillStyle = `hsl(0 0% ${100 * Math.random()}% / 12%)`;
      on.fillRect(width * Math.random(), height * Math.random(), width / 24, height / 24);
    }
  };
  /** @type {string[]} */
  const frames = [];
  const layers = /** @type {number[]} */ ([]);
  /** @type {unknown} */
  let failure;
  const encoder = new globalThis.VideoEncoder({
    output: (chunk, about) => {
      const bytes = new Uint8Array(chunk.byteLength);
      chunk.copyTo(bytes);
      frames.push(btoa(Array.from(bytes, (b) => String.fromCharCode(b)).join('')));
      layers.push(/** @type {any} */ (about)?.svc?.temporalLayerId ?? 0);
    },
    error: (e) => { failure = e; },
  });
  encoder.configure({ codec: 'vp8', width, height, bitrate, framerate: rate, scalabilityMode: 'L1T3', latencyMode: 'realtime' });
  for (let i = 0; i < length && !failure; i++) {
    draw(i);
    const frame = new VideoFrame(canvas, { timestamp: Math.round(i * 1e6 / rate) });
    encoder.encode(frame, { keyFrame: i === 0 });
    frame.close();
    while (encoder.encodeQueueSize > 2 && !failure) await new Promise((resolve) => { setTimeout(resolve, 5); });
  }
  if (!failure) await encoder.flush();
  if (failure) throw failure;
  if (layers.some((layer, i) => layer !== [0, 2, 1, 2][i % 4])) throw new Error(`this browser has another order of layers: ${layers.slice(0, 12)}`);
  return frames;
}

/**
 * @param {number} width
 * @param {number} height
 * @param {string[]} frames in Base64
 */
function ivf(width, height, frames) {
  const header = Buffer.alloc(32);
  header.write('DKIF\0\0 \0VP80', 'latin1');
  header.writeUInt16LE(width, 12);
  header.writeUInt16LE(height, 14);
  header.writeUInt32LE(RATE, 16);
  header.writeUInt32LE(1, 20);
  header.writeUInt32LE(frames.length, 24);
  const parts = frames.flatMap((base64, i) => {
    const frame = Buffer.from(base64, 'base64');
    const before = Buffer.alloc(12);
    before.writeUInt32LE(frame.length, 0);
    before.writeUInt32LE(i, 4);
    return [before, frame];
  });
  return Buffer.concat([header, ...parts]);
}

/**
 * Makes a film.
 * @param {import('playwright-core').Page} page in a secure context
 * @param {string} path where to
 * @param {{width: number, height: number, bitrate: number, length?: number}} film length: how many pictures
 */
export async function makeFilm(page, path, { length = LENGTH, ...encoding }) {
  const frames = await page.evaluate(encode, { ...encoding, rate: RATE, length });
  await writeFile(path, ivf(encoding.width, encoding.height, frames));
}

/**
 * Makes the films of a camera.
 * @param {import('playwright-core').Page} page in a secure context
 * @param {string} dir where to
 * @returns {Promise<string[]>} paths of IVF files, the best one first
 */
export async function makeFilms(page, dir) {
  const paths = [];
  for (const encoding of ENCODINGS) {
    const path = join(dir, `${encoding.height}.ivf`);
    await makeFilm(page, path, encoding);
    paths.push(path);
  }
  return paths;
}

/**
 * Builds the program that shows films.
 * @param {string} dir where to
 * @returns {string} its path
 */
export function buildProjector(dir) {
  const program = join(dir, 'galenectl');
  execFileSync('go', ['build', '-o', program, './galenectl'], { cwd: new URL('../../..', import.meta.url).pathname, stdio: 'inherit', env: { ...process.env, CGO_ENABLED: '0' } });
  return program;
}

/**
 * Lets people who show films into a group; they leave with the test.
 * @param {{after: (f: () => unknown) => void}} t
 * @param {string} program that shows films
 * @param {{server: string, films: string[], members: number, group?: string}} show server: its URL; members: how many people
 * @returns {() => void} throws if they have left
 */
export function showFilms(t, program, { server, films, members, group = 'example' }) {
  const child = spawn('nice', ['-n', '5', program, '-server', server, '-insecure', 'load-test', '-group', group, '-username', 'Person', '-password', 'x', '-mode', 'cameras', '-members', String(members),
    '-films', films.join(), '-temporal-layers', String(TEMPORAL_LAYERS), '-duration', '10m'], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (d) => { said += d; });
  t.after(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  });
  return () => {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`the people have left:\n${said}`);
  };
}
