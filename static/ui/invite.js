// Inviting somebody by a link.

import { closeDialog, Dialog } from './dialog.js';
import { copyText } from './clipboard.js';
import { dateText, t } from '../app/i18n.js';
import { DAY, defaultPermissions, linkOf, makeInvitation } from '../app/invitations.js';
import { groupTitle, me } from '../app/store.js';
import { h, useId, useRef, useState } from '../third-party/preact.js';
import { Icon } from './icon.js';
import { QrCode } from './qr-code.js';
import { Segments } from './choice.js';

/** @typedef {'present' | 'watch' | 'op'} Role */
/** @typedef {'hour' | 'day' | 'week' | 'custom'} Period */

const HOUR = DAY / 24;
/** Fields for times have no seconds: this minute is not over. */
const MINUTE = HOUR / 60;
/** What a custom period begins with, ms. */
const CUSTOM = 2 * DAY;
/** @type {Record<Exclude<Period, 'custom'>, number>} ms */
const PERIODS = { hour: HOUR, day: DAY, week: 7 * DAY };

export function InviteDialog() {
  const [role, setRole] = useState(/** @type {Role} */ (rolesToGive()[0]?.value ?? 'watch'));
  const [period, setPeriod] = useState(/** @type {Period} */ ('day'));
  const [until, setUntil] = useState(localTime(new Date(Date.now() + CUSTOM)));
  const [from, setFrom] = useState('');
  const [link, setLink] = useState('');
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);
  const name = useRef(/** @type {HTMLInputElement | null} */ (null));
  const id = useId();
  const expires = period === 'custom' ? new Date(until) : new Date(Date.now() + PERIODS[period]);

  async function create() {
    const notBefore = period === 'custom' && from ? new Date(from) : undefined;
    const wrong = period === 'custom' ? badTimes(expires, notBefore) : '';
    setProblem(wrong);
    if (wrong || busy) return;
    setBusy(true);
    try {
      const token = await makeInvitation({ username: name.current?.value.trim(), permissions: permissionsOf(role), expires, notBefore });
      setLink(linkOf(token));
    } catch (e) {
      setProblem(e instanceof Error ? e.message : String(e));
    }
    setBusy(false);
  }
  /** @param {() => void} change after which the link is another one */
  const changed = (change) => { change(); setLink(''); setProblem(''); };

  return h(Dialog, {
    title: t('invite.title', { room: groupTitle.value }), stays: true, onSubmit: () => void create(),
    footer: !link && [
      h('button', { key: 'cancel', class: 'btn', type: 'button', onClick: closeDialog }, t('remove.cancel')),
      h('button', { key: 'do', class: 'btn primary', type: 'submit', disabled: busy }, t('invite.create')),
    ],
  },
  h('div', { class: 'field' },
    h('label', { class: 'label', for: `${id}-name` }, t('invite.name'), ' ', h('span', { class: 'dim' }, t('remove.optional'))),
    h('span', { class: 'input' }, h('input', { id: `${id}-name`, ref: name, type: 'text', maxLength: 200, autoFocus: true, 'aria-describedby': `${id}-help`, onInput: () => changed(() => {}) })),
    h('p', { class: 'small dim', id: `${id}-help` }, t('invite.nameHelp'))),
  h('div', { class: 'field' }, h('p', { class: 'label', id: `${id}-role` }, t('invite.theyMay')),
    h(Segments, { labelledBy: `${id}-role`, value: role, choices: rolesToGive(), onChange: (r) => changed(() => setRole(/** @type {Role} */ (r))) })),
  h('div', { class: 'field' }, h('p', { class: 'label', id: `${id}-period` }, t('invite.validFor')),
    h(Segments, {
      labelledBy: `${id}-period`, value: period, onChange: (p) => changed(() => setPeriod(/** @type {Period} */ (p))),
      choices: [{ value: 'hour', label: t('invite.hour') }, { value: 'day', label: t('invite.day') }, { value: 'week', label: t('invite.week') }, { value: 'custom', label: t('invite.custom') }],
    }),
    period === 'custom'
      ? h('div', { class: 'two' },
        h(Time, { id: `${id}-from`, label: t('invite.notBefore'), value: from, onChange: (v) => changed(() => setFrom(v)) }),
        h(Time, { id: `${id}-until`, label: t('invite.expires'), value: until, onChange: (v) => changed(() => setUntil(v)) }))
      : h('p', { class: 'small dim' }, t('invite.until', { time: dateText(expires) }))),
  problem && h('p', { class: 'msg', role: 'alert' }, h(Icon, { name: 'circle-alert' }), h('span', {}, problem)),
  link && h(Result, { link }));
}

/** @param {{id: string, label: string, value: string, onChange: (value: string) => void}} props */
function Time({ id, label, value, onChange }) {
  return h('div', { class: 'field' }, h('label', { class: 'label', for: id }, label),
    h('span', { class: 'input' }, h('input', { id, type: 'datetime-local', value, onInput: (e) => onChange(e.currentTarget.value) })));
}

/** @param {{link: string}} props */
function Result({ link }) {
  const canShare = typeof navigator.share === 'function';
  return h('div', { class: 'result', role: 'status' },
    h('p', { class: 'label' }, h(Icon, { name: 'check', class: 'i-s ok' }), t('invite.created')),
    h('label', { class: 'input' }, h('span', { class: 'sr' }, t('invite.link')), h('input', { type: 'text', dir: 'ltr', readOnly: true, value: link, onFocus: (e) => e.currentTarget.select() })),
    h('div', { class: 'row' },
      h('button', { class: 'btn primary', type: 'button', autoFocus: true, onClick: () => void copyText(link, t('invite.copied')) }, h(Icon, { name: 'copy' }), t('invite.copyLink')),
      canShare && h('button', { class: 'btn', type: 'button', onClick: () => void navigator.share({ url: link }).catch(() => {}) }, h(Icon, { name: 'share-2' }), t('invite.share'))),
    h(QrCode, { text: link }));
}

/** Nobody can give what they do not have. @returns {{value: Role, label: string}[]} */
function rolesToGive() {
  /** @type {{value: Role, label: string}[]} */
  const all = [{ value: 'present', label: t('invite.present') }, { value: 'watch', label: t('invite.watch') }, { value: 'op', label: t('invite.op') }];
  return all.filter((r) => r.value === 'watch' || me.value.permissions.includes(r.value));
}

/** @param {Role} role */
function permissionsOf(role) {
  const usual = defaultPermissions();
  if (role === 'watch') return usual.filter((p) => p !== 'present');
  return role === 'op' ? ['op', ...usual] : usual;
}

/**
 * @param {Date} expires
 * @param {Date | undefined} notBefore
 * @returns {string} what is wrong with them
 */
function badTimes(expires, notBefore) {
  if (!(expires.getTime() > Date.now())) return t('invite.past');
  if (!notBefore) return '';
  if (notBefore.getTime() < Date.now() - MINUTE) return t('invite.begun');
  return notBefore.getTime() < expires.getTime() ? '' : t('invite.never');
}

/** @param {Date} date @returns {string} as fields for times have it: here and without a zone */
function localTime(date) {
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
