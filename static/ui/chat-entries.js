// What was said, one entry after the other.

import { grouped, withLinks } from '../app/chat.js';
import { h, useRef, useState } from '../third-party/preact.js';
import { hue, initials } from '../app/identity.js';
import { t, timeText } from '../app/i18n.js';
import { FileEntry } from './file-entry.js';
import { Icon } from './icon.js';
import { MessageMenu } from './message-menu.js';

/** @typedef {import('../app/chat.js').ChatGroup} ChatGroup */
/** @typedef {import('../app/store.js').ChatEntry} ChatEntry */

/** @param {{entries: ChatEntry[], myId: string}} props */
export function ChatEntries({ entries, myId }) {
  const last = entries.findLast((e) => e.kind === 'message' || e.kind === 'me')?.id;
  const before = useRef(/** @type {ReturnType<typeof draw>[]} */ ([]));
  const known = new Map(before.current.map((node) => [node.key, node]));
  /** @param {ChatGroup} group */
  const draw = (group) => h(Group, { key: group.key, group, myId, last: group.entries.some((e) => e.id === last) ? last : undefined });
  // What is as it was is not looked at again: there may be a thousand.
  before.current = grouped(entries).map((g) => {
    const [old, node] = [known.get(g.key), draw(g)];
    return old && same(old.props, node.props) ? old : node;
  });
  return before.current;
}

/** @typedef {{group: ChatGroup, myId: string, last?: string}} GroupProps last: id of the newest message, if it is in it */

/** @param {GroupProps} a @param {GroupProps} b */
function same(a, b) {
  const [old, now] = [a.group.entries, b.group.entries];
  return a.myId === b.myId && a.last === b.last && old.length === now.length && old.every((e, i) => e === now[i]);
}

/** @param {GroupProps} props */
function Group({ group, myId, last }) {
  const { first, entries } = group;
  const name = first.username || t('people.anonymous');
  const time = new Date(first.time);
  switch (first.kind) {
    case 'event':
      return h('p', { class: 'ev' }, first.text);
    case 'server':
      return h('div', { class: 'notice quiet' }, h(Icon, { name: 'info' }), h('b', {}, t('chat.server')), h('p', { dir: 'auto' }, h(Text, { text: first.text || t('chat.nothing') })));
    case 'notice':
      return h('div', { class: 'notice' }, h(Icon, { name: 'megaphone' }), h('b', {}, t('chat.noticeOf', { name })), h('p', { dir: 'auto' }, h(Text, { text: first.text })));
    case 'error':
      return h('p', { class: 'msg' }, h(Icon, { name: 'circle-alert' }), h('span', { dir: 'auto' }, first.text));
    case 'output':
      return h('p', { class: 'output', dir: 'auto' }, h(Text, { text: first.text }));
    case 'file':
      return h(FileEntry, { id: first.text });
    case 'me':
      return h(Line, { entry: first, tabbable: first.id === last },
        h('p', { class: 'third', dir: 'auto' }, h('b', { dir: 'auto' }, name), ' ', h(Text, { text: first.text })));
  }
  return h('div', { class: `grp ${first.own ? 'own' : ''} ${first.private ? 'priv' : ''}` },
    h('span', { class: 'av', 'aria-hidden': 'true', style: { '--h': hue(first.username) } }, initials(first.username)),
    h('div', {},
      h('p', { class: 'who' },
        h('span', { class: 'cut', dir: 'auto' }, first.own && first.source === myId ? t('chat.you') : name),
        first.private && h('span', { class: 'only' }, h(Icon, { name: 'lock' }),
          h('span', { class: 'cut' }, first.to ? t('chat.privateTo', { name: first.to }) : t('chat.private'))),
        h('time', { dateTime: time.toISOString() }, timeText(time))),
      entries.map((e) => h(Line, { key: e.id, entry: e, tabbable: e.id === last }, h('p', { class: 'bub', dir: 'auto' }, h(Text, { text: e.text }))))));
}

/**
 * A message and its menu, which a double click and a long press open too.
 * @param {{entry: ChatEntry, tabbable: boolean, children?: import('../third-party/preact.js').ComponentChildren}} props
 */
function Line({ entry, tabbable, children }) {
  const [open, setOpen] = useState(false);
  /** @param {MouseEvent} e */
  function asked(e) {
    if (e.type === 'contextmenu' && (e.target instanceof HTMLAnchorElement || !getSelection()?.isCollapsed)) return;
    e.preventDefault();
    setOpen(true);
  }
  return h('div', { class: 'line', onDblClick: asked, onContextMenu: asked }, children, h(MessageMenu, { entry, open, setOpen, tabbable }));
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
