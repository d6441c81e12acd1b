// What the stage says while there is nobody to see on it.

import { copyText } from './clipboard.js';
import { dialog, may, phase } from '../app/store.js';
import { h } from '../third-party/preact.js';
import { Icon } from './icon.js';
import { people } from '../app/roster.js';
import { roomLink } from '../app/invitations.js';
import { settings } from '../app/settings.js';
import { shownTiles, tiles } from '../app/tiles.js';
import { t } from '../app/i18n.js';

export function AloneCard() {
  if (phase.value !== 'joined') return null;
  return people.value.length > 1 ? h(EmptyStage, {}) : h(Alone, {});
}

/** Others are there, and none of them shows anything, or nothing that we have asked for. */
function EmptyStage() {
  if (shownTiles.value.length > 0 || tiles.value.some((tile) => tile.video)) return null;
  const all = settings.value.request.startsWith('everything');
  return h('div', { class: 'empty-stage', 'data-theme': 'dark' }, h('p', {}, t(all ? 'stage.empty' : 'stage.unasked')),
    !all && h('button', { class: 'btn s', type: 'button', onClick: () => { dialog.value = { kind: 'settings', tab: 'network' }; } }, t('toolbar.settings')));
}

/** Nobody else is in the room. */
function Alone() {
  const link = roomLink();
  return h('section', { class: 'alone-card', 'aria-labelledby': 'alone' },
    h('h2', { id: 'alone' }, t('alone.title')),
    h('p', {}, t('alone.text')),
    h('div', { class: 'copyrow' }, h('span', { class: 'cut' }, link.replace(/^https?:\/\//, ''))),
    h('button', { class: 'btn primary', type: 'button', onClick: () => void copyText(link, t('invite.copied')) }, h(Icon, { name: 'copy' }), t('alone.copy')),
    may('token') && h('button', { class: 'btn', type: 'button', onClick: () => { dialog.value = { kind: 'invite' }; } }, h(Icon, { name: 'user-plus' }), t('people.invite')));
}
