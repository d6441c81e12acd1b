// A file on its way, as an entry of the chat.

import { h } from '../third-party/preact.js';
import { Icon } from './icon.js';
import { numberText, sizeText, t } from '../app/i18n.js';
import { transfers } from '../app/transfers.js';

/** @typedef {import('../app/transfers.js').FileCard} FileCard */

/** @param {{id: string}} props key of the transfer */
export function FileEntry({ id }) {
  const card = transfers.value.get(id);
  if (!card) return null;
  const { file, state, moved } = card;
  const over = state === 'done' || state === 'cancelled';
  const offered = !file.up && state === 'inviting';
  const percent = file.size === 0 ? 100 : Math.floor((100 * moved) / file.size);
  /**
   * The button goes away with what it does: who used the keyboard goes on in the log.
   * @param {() => unknown} act
   */
  const then = (act) => (/** @type {{currentTarget: HTMLElement}} */ { currentTarget }) => {
    const log = currentTarget.closest('.log');
    if (log instanceof HTMLElement) log.focus();
    act();
  };
  const underWay = state === 'connecting' || state === 'connected';
  return h('div', { class: 'xfer', role: 'group', 'aria-label': file.name },
    h('div', { class: 'top2' },
      h('span', { class: 'fi' }, h(Icon, { name: state === 'done' ? 'check' : state === 'cancelled' ? 'circle-alert' : 'file-text' })),
      h('div', { class: 'grow' },
        h('b', { class: 'cut', dir: 'auto', title: file.name }, file.name),
        h('span', { class: 'small dim num' }, described(card, percent))),
      !over && !offered &&
        h('button', { class: 'btn s', type: 'button', onClick: then(() => file.cancel()) }, t('file.cancel'))),
    offered && [
      h('p', { key: 'note', class: 'small dim' }, t('file.address')),
      h('div', { key: 'choice', class: 'row' },
        h('button', { class: 'btn primary s', type: 'button', onClick: then(() => file.receive()) }, t('file.accept')),
        h('button', { class: 'btn s', type: 'button', onClick: then(() => file.cancel()) }, t('file.decline'))),
    ],
    underWay && h('div', { class: 'bar', role: 'progressbar', 'aria-label': file.name, 'aria-valuenow': percent }, h('i', { style: { width: `${percent}%` } })));
}

/**
 * @param {FileCard} card
 * @param {number} percent
 */
function described({ file, name, state, moved, reason }, percent) {
  const size = sizeText(file.size);
  switch (state) {
    case 'inviting':
      return file.up ? t('file.waiting', { name, size }) : t('file.wants', { name, size });
    case 'connecting':
      return t('file.connecting', { name });
    case 'connected':
      return t(file.up ? 'file.sending' : 'file.receiving', { name, moved: sizeText(moved), size, percent: numberText(percent, 0) });
    case 'done':
      if (file.up) return t('file.sent', { name, size });
      return t(file.verified ? 'file.receivedWhole' : 'file.received', { name, size });
    default:
      return problemOf(reason, file.up, name);
  }
}

/**
 * @param {FileCard['reason']} reason
 * @param {boolean} up we are the sender
 * @param {string} name
 */
function problemOf(reason, up, name) {
  switch (reason) {
    case 'refused': return t('file.refused', { name });
    case 'left': return t('file.left', { name });
    case 'damaged': return t('file.damaged');
    case 'unreadable': return t('file.unreadable');
    case 'version': return t('file.version', { name });
    case 'connection': return t('file.failed', { name });
    default: return t(up ? 'file.cancelledOut' : 'file.cancelledIn', { name });
  }
}
