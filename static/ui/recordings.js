// What a script adds to the page of recordings, which the server makes: the head, finding, playing, and
// a question before something is deleted.

import { closeDialog, Dialog } from './dialog.js';
import { h, useEffect, useLayoutEffect, useState } from '../third-party/preact.js';
import { Icon } from './icon.js';
import { PageHeader } from './site-header.js';
import { t } from '../app/i18n.js';

/** @param {{room: {href: string, text: string}}} props the link to the room */
export function RecordingsHeader({ room }) {
  return h(PageHeader, { links: [room, { href: '', text: t('recordings.title') }] });
}

/** @param {{rows: HTMLElement[]}} props rows of the table, which show themselves or not */
export function Finder({ rows }) {
  const [words, setWords] = useState('');
  const wanted = words.trim().toLowerCase();
  // Who looks for a date means also today's.
  const found = rows.filter((row) => `${row.textContent} ${row.querySelector('time')?.title}`.toLowerCase().includes(wanted));
  useEffect(() => rows.forEach((row) => { row.hidden = !found.includes(row); }));
  if (rows.length < 2) return null;
  return [
    h('label', { class: 'input find' }, h(Icon, { name: 'search', class: 'i-s' }), h('span', { class: 'sr' }, t('recordings.find')),
      h('input', { type: 'search', placeholder: t('recordings.find'), onInput: (/** @type {Event} */ e) => setWords(/** @type {HTMLInputElement} */ (e.currentTarget).value) })),
    h('p', { class: 'small dim', role: 'status' }, found.length === 0 && t('recordings.noneFound')),
  ];
}

/**
 * What orders the rows by their time, the newest first until somebody wants it otherwise.
 * @param {{heading: HTMLElement, rows: HTMLElement[]}} props the heading of the column, which says the order
 */
export function DateOrder({ heading, rows }) {
  const [newestFirst, setNewestFirst] = useState(true);
  // Before anybody sees them in another order.
  useLayoutEffect(() => {
    heading.setAttribute('aria-sort', newestFirst ? 'descending' : 'ascending');
    /** @param {HTMLElement} row */
    const time = (row) => Date.parse(row.querySelector('time')?.dateTime ?? '');
    const ordered = [...rows].sort((a, b) => newestFirst ? time(b) - time(a) : time(a) - time(b));
    rows[0]?.parentElement?.append(...ordered);
  });
  return h('button', { class: 'order', type: 'button', onClick: () => setNewestFirst(!newestFirst) },
    t('recordings.started'), h(Icon, { name: newestFirst ? 'arrow-down' : 'arrow-up', class: 'i-s' }));
}

/** @param {{name: string, onPlay: () => void}} props */
export function PlayButton({ name, onPlay }) {
  return h('button', { class: 'btn s', type: 'button', 'aria-haspopup': 'dialog', 'aria-label': `${t('recordings.play')} ${name}`, onClick: onPlay },
    h(Icon, { name: 'play' }), t('recordings.play'));
}

/** @param {{name: string, url: string, onClose: () => void}} props */
export function Player({ name, url, onClose }) {
  const [failed, setFailed] = useState(false);
  return h(Dialog, {
    title: name, class: 'player', onClose,
    footer: failed && h('a', { class: 'btn primary', href: url, download: true }, t('recordings.download')),
  }, failed ? h('p', { role: 'alert' }, t('recordings.notPlayed'))
      : h('video', { src: url, controls: true, autoPlay: true, onError: () => setFailed(true) }));
}

/** @param {{name: string, onDelete: () => void, onClose: () => void}} props */
export function DeleteQuestion({ name, onDelete, onClose }) {
  return h(Dialog, {
    title: t('recordings.delete', { name }), onSubmit: onDelete, onClose,
    footer: [
      h('button', { key: 'keep', class: 'btn', type: 'button', onClick: closeDialog }, t('recordings.keep')),
      h('button', { key: 'delete', class: 'btn danger', type: 'submit' }, t('recordings.deleteNow')),
    ],
  }, h('p', {}, t('recordings.deleteText')));
}
