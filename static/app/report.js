// A text for whoever is to find out what goes wrong: of the browser, the connection and what the page has said last. It is English,
// since not the person reads it who copies it, and it names nobody: texts that were shown are told by their keys.

import { camera, joinedAt, mic, notices, phase, shares, streams, suspended, users } from './store.js';
import { keyOfText, languageTag } from './i18n.js';
import { measured, qualities, currentStreams } from './measuring.js';
import { currentConnection } from './session.js';
import { pastNotices } from './notices.js';
import { ROOT } from './paths.js';
import { settings } from './settings.js';

/** @typedef {import('./measuring.js').Measured} Measured */

/** Settings that say what a device is called, or by which keys it is used. */
const PRIVATE = ['audio', 'video', 'speaker', 'keys'];

/** @returns {Promise<string>} */
export async function makeReport() {
  const { userAgent = '', hardwareConcurrency = 0, onLine = true } = globalThis.navigator ?? {};
  const chosen = Object.entries(settings.value).filter(([key]) => !PRIVATE.includes(key)).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  return [
    `Page: ${await pageVersion()}, protocol 2`,
    `Server: ${currentConnection()?.serverVersion || 'does not say its version'}`,
    `Time: ${new Date().toISOString()}`,
    `Browser: ${userAgent}`,
    `Window: ${globalThis.innerWidth}x${globalThis.innerHeight}, density ${globalThis.devicePixelRatio}, ${hardwareConcurrency} cores, language ${languageTag()}, ${onLine ? 'online' : 'offline'}`,
    `Call: ${phase.value}${suspended.value ? ', suspended' : ''}, ${joinedAt.value ? Math.round((Date.now() - joinedAt.value) / 1000) : 0} s, ${users.value.size} people, ${streams.value.size} streams received`,
    `Devices: microphone ${stateOf(mic.value)}, camera ${stateOf(camera.value)}, ${shares.value.length} shares`,
    `Settings: ${chosen.join(' ')}`,
    'Streams:',
    ...currentStreams().map(({ id, own, label, asked, state }, i) =>
      `  ${i + 1} ${own ? 'sent' : 'received'} ${label || 'without label'}, ${state}${asked && `, asked for ${asked}`}: ${numbersOf(measured.value.get(id))}${verdict(id)}`),
    'Notices:',
    ...pastNotices().map(({ time, level, text }) => `  ${new Date(time).toISOString().slice(11, 19)} ${level} ${keyOfText(text) || 'of the server or a person'}`),
    ...(notices.value.length === 0 ? [] : [`  ${notices.value.length} of them still shown`]),
  ].join('\n');
}

/** @param {import('./store.js').Device} device */
function stateOf({ on, busy, error }) {
  return [on ? 'on' : 'off', busy && 'busy', error].filter(Boolean).join(' ');
}

/** @param {Measured | undefined} found */
function numbersOf(found) {
  if (!found) return 'not measured';
  const { sample, progress: p } = found;
  const pictures = [...sample.received, ...sample.sent].filter((s) => s.width > 0).map((s) => `${s.width}x${s.height} ${s.codec}`);
  const percent = (/** @type {number} */ x) => `${(100 * x).toFixed(1)} %`;
  return [
    `${sample.relayed ? 'relay' : 'direct'} ${sample.protocol}`, p.roundTrip !== null && `round trip ${Math.round(p.roundTrip * 1000)} ms`,
    `lost ${percent(p.loss)}`, p.lineLoss !== null && `of these behind the server ${percent(p.lineLoss)}`, `jitter ${Math.round(p.jitter * 1000)} ms`,
    `concealed ${percent(p.concealed)}`, p.frames !== null && `${p.frames.toFixed(1)} frames/s`, `stood ${percent(p.stood)}`, `${p.nacks.toFixed(1)} NACKs/s`,
    `${Math.round(p.down / 1000)} kbit/s down`, `${Math.round(p.up / 1000)} kbit/s up`, ...pictures,
  ].filter(Boolean).join(', ');
}

/** @param {string} id */
function verdict(id) {
  const quality = qualities.value.get(id);
  return quality ? `, ${quality.level} (${quality.cause})${quality.frozen ? ', frozen' : ''}` : '';
}

/** @returns {Promise<string>} what the server calls the state of its client */
async function pageVersion() {
  try {
    const { headers } = await fetch(`${ROOT}pages/group.js`, { method: 'HEAD' });
    return headers.get('etag') ?? '?';
  } catch {
    return 'not reachable';
  }
}
