// The table of statistics: rooms, in them people, of those the tracks.

import { h, useState } from '../third-party/preact.js';
import { history, SLOTS, summary, totals, tracksOfMember } from '../app/statistics.js';
import { Icon } from './icon.js';
import { numberText, t } from '../app/i18n.js';
import { spark } from '../layout/spark.js';

/** @typedef {import('../app/statistics.js').Room} Room */
/** @typedef {import('../app/statistics.js').Member} Member */
/** @typedef {import('../app/statistics.js').Track} Track */
/** @typedef {import('../app/statistics.js').TrackEntry} TrackEntry */

/** From where on a value is shown as a warning: a share, and ms. */
const MUCH_LOSS = 0.03;
const LONG_RTT = 300;
/** Up to how many people everything is open at first. */
const FEW_PEOPLE = 12;
/** Why a picture is no better, but where it is the best that there is. @type {Record<string, string>} */
const REASONS = { line: 'stats.whyLine', held: 'stats.whyHeld', keyframe: 'stats.whyKeyframe', unsent: 'stats.whyUnsent', asked: 'stats.whyAsked' };
/** The size of a plot. */
const WIDTH = 96;
const HEIGHT = 20;

/** @param {{list: Room[]}} props */
export function StatisticsTable({ list }) {
  const [toggled, setToggled] = useState(/** @type {Record<string, boolean>} */ ({}));
  const few = totals(list).people <= FEW_PEOPLE;
  /** @type {Tree} */
  const tree = {
    isOpen: (key, first) => toggled[key] ?? first,
    toggle: (key, open) => setToggled((old) => ({ ...old, [key]: open })),
    few,
  };
  return h('div', { class: 'card scroll', tabIndex: 0, role: 'region', 'aria-label': t('stats.title') },
    h('table', { class: 'stats' },
      h('thead', {}, h('tr', {},
        h('th', { scope: 'col' }, t('stats.name')), h('th', { scope: 'col' }, t('stats.direction')), h('th', { scope: 'col' }, t('stats.codec')),
        h('th', { scope: 'col' }, t('stats.layer')), h('th', { scope: 'col' }, t('stats.last')),
        ['stats.rate', 'stats.loss', 'stats.rtt', 'stats.jitter'].map((key) => h('th', { key, scope: 'col', class: 'r' }, t(key))))),
      h('tbody', {}, list.map((room) => h(RoomRows, { key: room.name, room, tree })))));
}

/**
 * @typedef {object} Tree which rows are open
 * @property {(key: string, first: boolean) => boolean} isOpen
 * @property {(key: string, open: boolean) => void} toggle
 * @property {boolean} few
 */

/** @param {{room: Room, tree: Tree}} props */
function RoomRows({ room, tree }) {
  const members = room.clients ?? [];
  const sum = totals([room]);
  const open = tree.isOpen(room.name, tree.few);
  return [
    h('tr', { class: 'lv0' },
      h('th', { scope: 'rowgroup' }, h(Toggle, { name: room.displayName || room.name, open, onToggle: () => tree.toggle(room.name, !open), empty: members.length === 0 })),
      h('td', { colSpan: 4, class: 'dim' }, t('stats.both', {
        people: t('stats.peopleIn', { count: members.length }), streams: t('stats.streamsIn', { count: sum.streamsIn + sum.streamsOut }),
      })),
      h('td', { class: 'r num' }, rateText(sum.received + sum.sent)), h('td', { colSpan: 3 })),
    open && members.map((member) => h(MemberRows, { key: member.id, room, member, tree })),
  ];
}

/** @param {{room: Room, member: Member, tree: Tree}} props */
function MemberRows({ room, member, tree }) {
  const key = JSON.stringify([room.name, member.id]);
  const entries = tracksOfMember(room.name, member);
  const open = tree.isOpen(key, tree.few);
  const name = member.username || t('people.anonymous');
  const head = h('th', { scope: 'rowgroup' }, h(Toggle, { name, open, onToggle: () => tree.toggle(key, !open), empty: entries.length === 0 }));
  if (!open && entries.length > 0) return h(Folded, { head, streams: (member.up ?? []).length + (member.down ?? []).length, entries });
  return [
    h('tr', { class: 'lv1' }, head, h('td', { colSpan: 8, class: 'dim' }, entries.length === 0 && t('stats.streamsIn', { count: 0 }))),
    open && entries.map((entry) => h(TrackRow, { key: entry.key, room, entry })),
  ];
}

/**
 * The row of a person whose tracks are not shown.
 * @param {{head: import('../third-party/preact.js').ComponentChildren, streams: number, entries: TrackEntry[]}} props
 */
function Folded({ head, streams, entries }) {
  const { codecs, lowest, figures, past } = summary(entries);
  return h('tr', { class: `lv1 folded ${troubled(figures) ? 'warnrow' : ''}` }, head,
    h('td', { class: 'dim' }, t('stats.streamsIn', { count: streams })),
    h('td', { class: 'dim', 'data-label': t('stats.codec') }, codecs.map(codecName).join(', ') || t('stats.none')),
    h('td', { class: 'num dim', 'data-label': t('stats.layer') }, layerText(lowest)),
    h('td', { 'data-label': t('stats.last') }, h(Plot, { values: past })),
    h(Figures, figures));
}

/** @param {{name: string, open: boolean, empty: boolean, onToggle: () => void}} props */
function Toggle({ name, open, empty, onToggle }) {
  if (empty) return h('span', { class: 'tree leaf' }, name);
  return h('button', { class: 'tree', type: 'button', 'aria-expanded': open, onClick: onToggle },
    h(Icon, { name: open ? 'chevron-down' : 'chevron-right', class: 'i-s' }), name);
}

/** @param {{room: Room, entry: TrackEntry}} props */
function TrackRow({ room, entry }) {
  const { connection, track, down } = entry;
  return h('tr', { class: `lv2 ${troubled(track) ? 'warnrow' : ''}` },
    h('th', { scope: 'row' }, h('span', { class: 'tree' }, trackName(room, entry))),
    h('td', { class: 'long', 'data-label': t('stats.direction') }, h('span', { class: 'row' }, h(Icon, { name: down ? 'arrow-up' : 'arrow-down', class: 'i-s' }), t(down ? 'stats.out' : 'stats.in'),
      // That of all tracks together is told once.
      connection.maxBitrate && connection.tracks[0] === track && h('span', { class: 'dim num' }, `≤ ${rateText(connection.maxBitrate, { digits: 1 })}`))),
    h('td', { 'data-label': t('stats.codec') }, codecName(track.codec)),
    h('td', { class: 'num long', 'data-label': t('stats.layer') }, h('span', { class: 'row' }, layerText(track), h(Why, { reason: track.reason }))),
    h('td', { 'data-label': t('stats.last') }, h(Plot, { values: history(entry.key) })),
    h(Figures, track));
}

/** @param {{reason?: string}} props */
function Why({ reason = '' }) {
  const key = REASONS[reason];
  return key && h('span', { class: 'dim' }, t(key));
}

/** @typedef {Pick<Track, 'bitrate' | 'maxBitrate' | 'loss' | 'rtt' | 'jitter'>} FigureProps */

/** @param {FigureProps} props */
function troubled({ loss, rtt = 0 }) {
  return loss > MUCH_LOSS || rtt > LONG_RTT;
}

/** @param {FigureProps} props */
function Figures({ bitrate, maxBitrate, loss, rtt, jitter }) {
  return [
    h(Value, { label: t('stats.rate'), text: rateText(bitrate, { limit: maxBitrate }), long: true }),
    h(Value, { label: t('stats.loss'), text: t('stats.percent', { value: numberText(100 * loss, 1) }), bad: loss > MUCH_LOSS }),
    h(Value, { label: t('stats.rtt'), text: msText(rtt), bad: (rtt ?? 0) > LONG_RTT }),
    h(Value, { label: t('stats.jitter'), text: msText(jitter) }),
  ];
}

/**
 * @param {{label: string, text: string, bad?: boolean, long?: boolean}} props label: where the headings of the columns have no room, and what is
 *   long has a line of its own
 */
function Value({ label, text, bad = false, long = false }) {
  if (!bad) return h('td', { class: `r num ${long ? 'long' : ''}`, 'data-label': label }, text);
  return h('td', { class: 'r num bad', 'data-label': label }, h('span', { class: 'row' }, h(Icon, { name: 'triangle-alert', class: 'i-s' }), h('span', { class: 'sr' }, t('stats.warning')), text));
}

/** @param {{values: number[]}} props */
function Plot({ values }) {
  const { line, area } = spark(values, SLOTS, WIDTH, HEIGHT);
  return h('svg', { class: 'spark', viewBox: `0 0 ${WIDTH} ${HEIGHT}`, 'aria-hidden': 'true' },
    h('path', { class: 'fill', d: area }), h('path', { d: line }));
}

/**
 * What a track shows: of one's own, the kind of stream; of what one gets, whose it is, and that it is a screen.
 * @param {Room} room
 * @param {TrackEntry} entry
 */
function trackName(room, { connection, track, down }) {
  const kinds = /** @type {Record<string, string>} */ ({ camera: t('stats.camera'), screenshare: t('stats.screen') });
  const owner = down ? (room.clients ?? []).find((m) => (m.up ?? []).some((up) => up.id === connection.id)) : undefined;
  const label = owner?.up?.find((up) => up.id === connection.id)?.label ?? connection.label ?? '';
  const kind = kinds[label] || label || t('stats.stream');
  const what = !owner?.username ? kind : label === 'screenshare' ? `${owner.username} · ${kind}` : owner.username;
  return t(track.kind === 'audio' ? 'stats.audio' : 'stats.video', { what });
}

/** @param {string} [codec] in lower case */
function codecName(codec) {
  if (!codec) return t('stats.none');
  return codec === 'opus' ? 'Opus' : codec.toUpperCase();
}

/** @param {Track} track */
function layerText({ sid, maxSid, tid, maxTid }) {
  if (sid === undefined && tid === undefined) return t('stats.none');
  /**
   * @param {number} [s]
   * @param {number} [u]
   */
  const pair = (s, u) => [s !== undefined && `s${s}`, u !== undefined && `t${u}`].filter(Boolean).join(' / ');
  return `${pair(sid, tid)} (${pair(maxSid, maxTid)})`;
}

/**
 * @param {number} rate bit/s
 * @param {{limit?: number | undefined, digits?: number}} [options] limit: bit/s, absent if not known; digits: those of Mbit/s after the point
 */
function rateText(rate, { limit, digits = 2 } = {}) {
  const large = Math.max(rate, limit ?? 0) >= 1e6;
  const number = (/** @type {number} */ x) => (large ? numberText(x / 1e6, digits) : numberText(x / 1e3, 0));
  return t(large ? 'stats.mbit' : 'stats.kbit', { value: limit ? `${number(rate)} / ${number(limit)}` : number(rate) });
}

/** @param {number} [ms] */
function msText(ms) {
  return ms === undefined ? t('stats.none') : t('stats.ms', { value: numberText(ms, 0) });
}
