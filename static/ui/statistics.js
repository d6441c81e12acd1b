// The page of statistics.

import { h, useState } from '../third-party/preact.js';
import { INTERVAL, paused, rooms, signIn, state, togglePause, totals } from '../app/statistics.js';
import { Icon } from './icon.js';
import { numberText, t } from '../app/i18n.js';
import { rootUrl } from '../app/paths.js';
import { SignIn } from './sign-in.js';
import { PageHeader } from './site-header.js';
import { StatisticsTable } from './statistics-table.js';

/** @typedef {import('../app/statistics.js').Room} Room */

export function Statistics() {
  const signedOut = state.value === 'signedOut' || state.value === 'wrong';
  return [
    h(PageHeader, { links: [{ href: rootUrl('admin/'), text: t('stats.rooms') }, { href: '', text: t('stats.title') }] }),
    h('main', { class: 'wrapw' },
      h('div', { class: 'headrow' },
        h('div', {}, h('h1', {}, t('stats.title')), !signedOut && h('p', { class: state.value === 'stale' ? 'warn' : 'dim', role: 'status' }, condition())),
        rooms.value && !signedOut && h(Buttons, { list: rooms.value })),
      signedOut ? h(SignIn, { explain: t('admin.explain'), problem: state.value === 'wrong' ? t('admin.wrong') : '', onSignIn: signIn })
        : rooms.value ? h(Live, { list: rooms.value }) : h('div', { class: 'card waiting', 'aria-busy': 'true' })),
  ];
}

/** What is to be thought of the figures. */
function condition() {
  if (state.value === 'stale') return t('stats.stale');
  if (!rooms.value) return '';
  return paused.value ? t('stats.paused') : t('stats.refreshed', { seconds: INTERVAL / 1000 });
}

/** @param {{list: Room[]}} props */
function Buttons({ list }) {
  const [said, setSaid] = useState('');
  async function copy() {
    try {
      await navigator.clipboard.writeText(JSON.stringify(list, null, 2));
      setSaid(t('stats.copied'));
    } catch {
      setSaid(t('stats.notCopied'));
    }
    setTimeout(() => setSaid(''), 4000);
  }
  return h('div', { class: 'row' },
    h('span', { class: 'small dim', role: 'status' }, said),
    h('button', { class: 'btn', type: 'button', onClick: togglePause },
      h(Icon, { name: paused.value ? 'play' : 'pause' }), t(paused.value ? 'stats.resume' : 'stats.pause')),
    h('button', { class: 'btn', type: 'button', onClick: copy }, h(Icon, { name: 'copy' }), t('stats.copy')));
}

/** @param {{list: Room[]}} props */
function Live({ list }) {
  const sum = totals(list);
  /** @param {number} rate */
  const mbit = (rate) => h(Measured, { unit: 'stats.mbit', value: rate / 1e6 });
  return [
    h('dl', { class: 'card nums' },
      h('div', {}, h('dt', {}, t('stats.rooms')), h('dd', {}, numberText(list.length, 0))),
      h('div', {}, h('dt', {}, t('stats.people')), h('dd', {}, numberText(sum.people, 0))),
      h('div', {}, h('dt', {}, t('stats.streams')), h('dd', {}, `${numberText(sum.streamsIn, 0)} / ${numberText(sum.streamsOut, 0)}`)),
      h('div', {}, h('dt', {}, t('stats.received')), mbit(sum.received)),
      h('div', {}, h('dt', {}, t('stats.sent')), mbit(sum.sent)),
      h('div', {}, h('dt', {}, t('stats.loss')), h(Measured, { unit: 'stats.percent', value: 100 * sum.loss }))),
    list.length > 0 ? h(StatisticsTable, { list: busyFirst(list) }) : h('p', { class: 'none dim' }, t('stats.empty')),
  ];
}

/**
 * A number, and smaller what it is a number of.
 * @param {{unit: string, value: number}} props unit: key of a text with a value in it
 */
function Measured({ unit, value }) {
  const [before, after] = t(unit, { value: '\n' }).split('\n');
  return h('dd', {}, h('small', {}, before), numberText(value, 1), h('small', {}, after));
}

/** Rooms with people in them before the empty ones. @param {Room[]} list */
function busyFirst(list) {
  const busy = (/** @type {Room} */ room) => Number((room.clients ?? []).length > 0);
  return [...list].sort((a, b) => busy(b) - busy(a));
}
