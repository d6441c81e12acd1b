// Numbers of one stream: how it goes over the network, and what it shows.

import { h } from '../third-party/preact.js';
import { listText, numberText, t, unitText } from '../app/i18n.js';

/** @typedef {import('../app/measuring.js').Measured} Measured */
/** @typedef {import('../lib/stats.js').Received} Received */
/** @typedef {import('../lib/stats.js').Sent} Sent */

/**
 * Names and values in two columns.
 * @param {{measured: Measured | undefined, asked?: string}} props asked: what was asked of a stream of somebody else
 */
export function StreamNumbers({ measured, asked = '' }) {
  if (!measured) return h('p', { class: 'small dim' }, t('connection.measuring'));
  return h('dl', { class: 'numbers' }, rowsOf(measured, asked).map(([name, value]) => [h('dt', { key: name }, name), h('dd', {}, value)]));
}

/**
 * @param {Measured} measured
 * @param {string} asked
 * @returns {[string, string][]}
 */
function rowsOf({ sample, progress: p }, asked) {
  const comes = sample.received.length > 0;
  const picture = sample.received.find((r) => r.kind === 'video' && r.width > 0);
  const loss = comes ? p.loss : Math.max(0, ...sample.sent.map((s) => s.lost));
  const layers = sample.sent.filter((s) => s.kind === 'video' && s.active && s.width > 0);
  /** @type {[string, string | false | undefined][]} */
  const rows = [
    [t('connection.roundTrip'), p.roundTrip === null ? '–' : unitText(p.roundTrip * 1000, 'millisecond')],
    [t('connection.loss'), unitText(loss * 100, 'percent', 1)],
    [t('connection.jitter'), comes && unitText(p.jitter * 1000, 'millisecond')],
    [t('connection.down'), comes && rateText(p.down)],
    [t('connection.up'), !comes && rateText(p.up)],
    [t('connection.picture'), picture && sizeOf(picture) + (p.frames === null ? '' : `, ${t('connection.rate', { rate: numberText(p.frames, 0) })}`)],
    [t('connection.picture'), layers.length > 0 && listText(layers.map(sizeOf))],
    [t('connection.layer'), comes && picture && t(asked.includes('video-low') ? 'connection.small' : 'connection.full')],
    [t('connection.codec'), codecsOf([...sample.received, ...sample.sent])],
    [t('connection.way'), wayOf(sample)],
  ];
  return rows.flatMap(([name, value]) => (value ? [/** @type {[string, string]} */ ([name, value])] : []));
}

/** @param {{width: number, height: number, layers?: string}} picture */
function sizeOf({ width, height, layers }) {
  return `${width}×${height}${layers && layers !== 'L1T1' ? ` ${layers}` : ''}`;
}

/** @param {number} rate bit/s @returns {string} */
export function rateText(rate) {
  return t('tile.rate', { rate: numberText(rate / 1000, 0) });
}

/** @param {{codec: string}[]} tracks */
function codecsOf(tracks) {
  return [...new Set(tracks.map((track) => track.codec).filter(Boolean))].join(', ');
}

/** @param {Measured['sample']} sample @returns {string} */
export function wayOf({ protocol, relayed }) {
  return t(relayed ? 'connection.relayed' : 'connection.direct', { protocol: protocol.toUpperCase() || '?' });
}
