// The messages of the room and the field to write one.

import { chat, may, me } from '../app/store.js';
import { grouped, withLinks } from '../app/chat.js';
import { h, useLayoutEffect, useMemo, useRef, useState } from '../third-party/preact.js';
import { hue, initials } from '../app/identity.js';
import { t, timeText } from '../app/i18n.js';
import { ChatInput } from './chat-input.js';
import { Icon } from './icon.js';

/** @typedef {import('../app/chat.js').ChatGroup} ChatGroup */
/** @typedef {import('../app/store.js').ChatEntry} ChatEntry */

/** So close to the end, CSS pixels, the newest message counts as being read. */
const AT_END = 40;

export function Chat() {
  return [
    h(Log, { key: 'log' }),
    may('message') ? h(ChatInput, { key: 'input' }) : h('p', { key: 'none', class: 'mayNot' }, t('chat.mayNot')),
  ];
}

function Log() {
  const log = useRef(/** @type {HTMLDivElement | null} */ (null));
  const atEnd = useRef(true);
  const [behind, setBehind] = useState(0);
  const entries = chat.value;
  const groups = useMemo(() => grouped(entries), [entries]);

  function toEnd() {
    log.current?.scrollTo({ top: log.current.scrollHeight });
    setBehind(0);
  }
  useLayoutEffect(() => {
    if (atEnd.current || entries.at(-1)?.own) toEnd();
    else setBehind((n) => n + 1);
  }, [entries]);
  function scrolled() {
    const el = log.current;
    if (!el) return;
    atEnd.current = el.scrollHeight - el.scrollTop - el.clientHeight < AT_END;
    if (atEnd.current) setBehind(0);
  }

  const said = entries.some((e) => e.kind !== 'event');
  return h('div', { class: 'logbox' },
    h('div', { ref: log, class: 'log', role: 'log', 'aria-label': t('chat.log'), tabIndex: 0, onScroll: scrolled },
      !said && h('p', { class: 'none' }, t('chat.empty')),
      groups.map((g) => h(Group, { key: g.key, group: g }))),
    behind > 0 && h('button', { class: 'btn primary s newer', type: 'button', onClick: toEnd }, t('chat.newer', { count: behind })));
}

/** @param {{group: ChatGroup}} props */
function Group({ group }) {
  const { first, entries } = group;
  if (first.kind === 'event') return h('p', { class: 'ev' }, first.text);
  if (first.kind === 'server') {
    return h('div', { class: 'notice' }, h(Icon, { name: 'info' }), h('b', {}, t('chat.server')), h('p', {}, h(Text, { text: first.text })));
  }
  const name = first.username || t('people.anonymous');
  if (first.kind === 'me') return h('p', { class: 'third', dir: 'auto' }, h('b', {}, name), ' ', h(Text, { text: first.text }));
  return h('div', { class: `grp ${first.own ? 'own' : ''} ${first.private ? 'priv' : ''}` },
    h('span', { class: 'av', 'aria-hidden': 'true', style: { '--h': hue(first.username) } }, initials(first.username)),
    h('div', {},
      h('p', { class: 'who' },
        h('span', { class: 'cut', dir: 'auto' }, first.own && first.source === me.value.id ? t('chat.you') : name),
        first.private && h('span', { class: 'only' }, h(Icon, { name: 'lock' }), t('chat.private')),
        h('time', { dateTime: isoTime(first.time) }, timeText(new Date(first.time)))),
      entries.map((e) => h('p', { key: e.id, class: 'bub', dir: 'auto' }, h(Text, { text: e.text })))));
}

/**
 * Plain text with its web addresses as links.
 * @param {{text: string}} props
 */
function Text({ text }) {
  return withLinks(text).map((piece, i) => (piece.href
    ? h('a', { key: i, href: piece.href, target: '_blank', rel: 'noopener noreferrer' }, piece.text)
    : piece.text));
}

/** @param {number} ms */
function isoTime(ms) {
  return Number.isFinite(ms) ? new Date(ms).toISOString() : undefined;
}
