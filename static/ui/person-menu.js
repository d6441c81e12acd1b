// What can be done with a person.

import { askToUnmute, moderate, mutePerson } from '../app/moderation.js';
import { canPlayFiles, choosePlayed } from '../app/played-files.js';
import { copyText } from './clipboard.js';
import { dialog, may, pinned } from '../app/store.js';
import { DotsMenu, MenuItem, MenuLine } from './menu.js';
import { h, useState } from '../third-party/preact.js';
import { offerFiles, pickFiles } from '../app/transfers.js';
import { mayChangePassword, openPasswordPage, restartMedia, toggleHand, writeTo } from '../app/actions.js';
import { roomLink } from '../app/invitations.js';
import { sending } from '../app/roster.js';
import { settings } from '../app/settings.js';
import { hiddenTiles, keyOfPerson, setHidden, togglePin } from '../app/view.js';
import { t } from '../app/i18n.js';
import { tiles } from '../app/tiles.js';
import { VolumePopover } from './volume.js';

/** @typedef {import('../app/roster.js').Person} Person */

/** @param {{person: Person, name: string}} props */
export function PersonMenu({ person, name }) {
  const [open, setOpen] = useState(false);
  const [loud, setLoud] = useState(false);
  const close = () => setOpen(false);
  return h('span', { class: 'menubox' },
    h(DotsMenu, { label: t('people.menu', { name }), open, setOpen },
      open && (person.self ? h(Own, { person, close }) : [h(Seen, { person, close, setLoud }), h(Others, { person, close })])),
    loud && h(VolumePopover, { who: person.user, name, onClose: () => setLoud(false) }));
}

/**
 * @param {() => void} close
 * @returns {(act: () => unknown) => () => void}
 */
const closing = (close) => (act) => () => { close(); act(); };

/**
 * How we see and hear somebody.
 * @param {{person: Person, close: () => void, setLoud: (open: boolean) => void}} props
 */
function Seen({ person, close, setLoud }) {
  const key = keyOfPerson(person.user.id);
  const then = closing(close);
  const away = hiddenTiles.value.has(key);
  if (!tiles.value.some((tile) => tile.key === key)) return null;
  return [
    h(MenuItem, { icon: pinned.value === key ? 'pin-off' : 'pin', onClick: then(() => togglePin(key)) }, t(pinned.value === key ? 'tile.unpin' : 'tile.pin')),
    h(MenuItem, { icon: away ? 'eye' : 'eye-off', onClick: then(() => setHidden(key, !away)) }, t(away ? 'tile.showAgain' : 'tile.hide')),
    h(MenuItem, { icon: 'volume-2', onClick: then(() => setLoud(true)) }, t('volume.change')),
    (may('op') || may('message')) && h(MenuLine, {}),
  ];
}

/** @param {{person: Person, close: () => void}} props */
function Own({ person, close }) {
  const then = closing(close);
  return [
    h(MenuItem, { icon: 'hand', onClick: then(toggleHand) }, t(person.hand > 0 ? 'people.lowerHand' : 'people.raiseHand')),
    may('token') && h(MenuItem, { icon: 'user-plus', onClick: then(() => { dialog.value = { kind: 'invite' }; }) }, t('people.invite')),
    h(MenuItem, { icon: 'copy', onClick: then(() => void copyText(roomLink(), t('invite.copied'))) }, t('alone.copy')),
    may('present') && canPlayFiles() && h(MenuItem, { icon: 'play', onClick: then(choosePlayed) }, t('toolbar.playFile')),
    h(MenuItem, { icon: 'rotate-ccw', onClick: then(restartMedia) }, t('people.restart')),
    mayChangePassword() && h(MenuItem, { icon: 'key', onClick: then(openPasswordPage) }, t('toolbar.password')),
  ];
}

/**
 * What can be done with somebody else.
 * @param {{person: Person, close: () => void}} props
 */
export function Others({ person, close }) {
  const { user } = person;
  const then = closing(close);
  /** @param {string} name */
  const has = (name) => user.permissions.includes(name);
  return [
    may('message') && h(MenuItem, { icon: 'message-square', onClick: then(() => writeTo(user)) }, t('people.message')),
    may('message') && h(MenuItem, { icon: 'paperclip', onClick: then(async () => offerFiles(user, await pickFiles())) }, t('people.file')),
    may('op') && [
      may('message') && h(MenuLine, {}),
      // Who receives nothing does not know who sends.
      (sending(user).audio || !settings.value.request) && h(MenuItem, { icon: 'mic-off', onClick: then(() => mutePerson(user.id)) }, t('people.mute')),
      !sending(user).audio && has('present') && h(MenuItem, { icon: 'mic', onClick: then(() => askToUnmute(user.id)) }, t('people.ask')),
      has('present')
        ? h(MenuItem, { icon: 'video-off', onClick: then(() => moderate(user.id, 'unpresent')) }, t('people.unpresent'))
        : h(MenuItem, { icon: 'video', onClick: then(() => moderate(user.id, 'present')) }, t('people.present')),
      has('message')
        ? h(MenuItem, { icon: 'message-square', onClick: then(() => moderate(user.id, 'shutup')) }, t('people.shutup'))
        : h(MenuItem, { icon: 'message-square', onClick: then(() => moderate(user.id, 'unshutup')) }, t('people.unshutup')),
      has('op')
        ? h(MenuItem, { icon: 'users', onClick: then(() => moderate(user.id, 'unop')) }, t('people.unmakeOp'))
        : h(MenuItem, { icon: 'user-plus', onClick: then(() => moderate(user.id, 'op')) }, t('people.makeOp')),
      h(MenuItem, { icon: 'info', onClick: then(() => moderate(user.id, 'identify')) }, t('people.identify')),
      h(MenuItem, { icon: 'megaphone', onClick: then(() => { dialog.value = { kind: 'warn', user }; }) }, t('people.warn')),
      h(MenuLine, {}),
      h(MenuItem, { icon: 'door-open', onClick: then(() => { dialog.value = { kind: 'remove', user }; }) }, t('people.remove')),
    ],
  ];
}
