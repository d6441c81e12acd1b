// The panel of the chat: what was said, and the field to say something.

import { chat, may, me, recipient } from '../app/store.js';
import { ChatEntries } from './chat-entries.js';
import { ChatInput } from './chat-input.js';
import { readBack } from '../app/chat.js';
import { h, useLayoutEffect, useRef, useState } from '../third-party/preact.js';
import { sendFiles } from '../app/transfers.js';
import { t } from '../app/i18n.js';
import { useFileDrop } from './files.js';

/** So close to the end, CSS pixels, the newest message counts as being read. */
const AT_END = 40;

export function Chat() {
  const [over, drop] = useFileDrop(may('message') && sendFiles);
  return h('div', { class: 'chatbox', ...drop },
    h(Log, {}),
    may('message') ? h(ChatInput, {}) : h('p', { class: 'mayNot' }, t('chat.mayNot')),
    over && h('p', { class: 'dropzone' }, recipient.value
      ? t('file.dropTo', { name: recipient.value.username || t('people.anonymous') }) : t('file.drop')));
}

function Log() {
  const log = useRef(/** @type {HTMLDivElement | null} */ (null));
  const atEnd = useRef(true);
  /** Where the log was, and how high it and all that was said were, when last looked at. */
  const seen = useRef({ top: 0, room: 0, all: 0 });
  const [behind, setBehind] = useState(0);
  const entries = chat.value;
  const before = useRef(entries);

  function look() {
    const { scrollTop: top = 0, clientHeight: room = 0, scrollHeight: all = 0 } = log.current ?? {};
    return seen.current = { top, room, all };
  }
  function toEnd() {
    log.current?.scrollTo({ top: log.current.scrollHeight });
    look();
    setBehind(0);
  }
  useLayoutEffect(() => {
    const old = new Set(before.current);
    before.current = entries;
    const fresh = entries.filter((e) => !old.has(e)).length;
    if (atEnd.current || fresh > 0 && entries.at(-1)?.own) toEnd();
    else setBehind((n) => n + fresh);
  }, [entries]);
  // Who reads the newest goes on doing so when suggestions or a keyboard take some of the room, and when messages turn out higher than they seemed.
  useLayoutEffect(() => {
    const observer = new ResizeObserver(() => { if (atEnd.current) toEnd(); });
    for (const part of [log.current, log.current?.firstElementChild]) if (part) observer.observe(part);
    return () => {
      observer.disconnect();
      readBack(false);
    };
  }, []);
  function scrolled() {
    const old = seen.current;
    const { top, room, all } = look();
    if (all - top - room < AT_END) atEnd.current = true;
    // Only who goes up leaves the end: what became higher or lower in the same moment moves things too.
    else if (old.top - top > Math.abs(room - old.room) + Math.abs(all - old.all)) atEnd.current = false;
    readBack(!atEnd.current);
    if (atEnd.current) setBehind(0);
  }
  /** The arrow keys go from the menu of one message to that of another. @param {KeyboardEvent} e */
  function key(e) {
    const step = { ArrowUp: -1, ArrowDown: 1 }[e.key];
    if (step === undefined || !(e.target instanceof HTMLElement) || !e.target.matches('.ofmsg > button')) return;
    const buttons = [...log.current?.querySelectorAll('.ofmsg > button') ?? []];
    const next = buttons[buttons.indexOf(e.target) + step];
    if (next instanceof HTMLElement) next.focus();
    e.preventDefault();
  }

  const said = entries.some((e) => e.kind !== 'event');
  return h('div', { class: 'logbox' },
    h('div', { ref: log, class: 'log', role: 'log', 'aria-label': t('chat.log'), tabIndex: 0, onScroll: scrolled, onKeyDown: key },
      h('div', { class: 'said' },
        !said && h('p', { class: 'none' }, t('chat.empty')),
        h(ChatEntries, { entries, myId: me.value.id }))),
    behind > 0 && h('button', { class: 'btn primary s newer', type: 'button', onClick: toEnd }, t('chat.newer', { count: behind })));
}
