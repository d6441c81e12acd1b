// The menu of what is needed less often.

import { dialog, may, shares, users } from '../app/store.js';
import { copyText } from './clipboard.js';
import { h, useState } from '../third-party/preact.js';
import { LayoutChoices } from './layout-menu.js';
import { Menu, MenuItem, MenuLine } from './menu.js';
import { notify } from '../app/notices.js';
import { people, recording } from '../app/roster.js';
import { canFloat, phone, toggleFullScreen, toggleWindow } from '../app/viewport.js';
import { pickFiles, sendFiles } from '../app/transfers.js';
import { record } from '../app/moderation.js';
import { t } from '../app/i18n.js';
import { roomLink } from '../app/invitations.js';
import { mayChangePassword, openPasswordPage, share, toggleBlur, togglePanel } from '../app/actions.js';
import { canPlayFiles, choosePlayed } from '../app/played-files.js';
import { settings } from '../app/settings.js';

/** @param {{close: () => void}} props */
export function MoreMenu({ close }) {
  /** @param {() => unknown} act */
  const then = (act) => () => { close(); act(); };
  /** @param {'settings' | 'shortcuts' | 'invite' | 'room' | 'connection' | 'report'} kind */
  const show = (kind) => then(() => { dialog.value = { kind }; });
  const [part, setPart] = useState(/** @type {'' | 'layout'} */ (''));
  if (part) return h(Menu, { key: part, label: t('layout.label'), onClose: close }, h(LayoutChoices, { close }));
  return h(Menu, { label: t('toolbar.more'), onClose: close },
    phone.value && h(MenuItem, { icon: 'users', onClick: then(() => togglePanel('people')) }, t('toolbar.people'),
      h('span', { class: 'k' }, people.value.length)),
    may('present') && h(MenuItem, { icon: 'user', onClick: then(toggleBlur) }, t(settings.value.filter === 'background-blur' ? 'toolbar.noBlur' : 'toolbar.blur')),
    may('present') && shares.value.length > 0 && h(MenuItem, { icon: 'screen-share', onClick: then(share) }, t('toolbar.shareMore')),
    may('present') && canPlayFiles() && h(MenuItem, { icon: 'play', onClick: then(choosePlayed) }, t('toolbar.playFile')),
    phone.value && h(MenuItem, { icon: 'layout-grid', onClick: () => setPart('layout') }, t('layout.label')),
    h(MenuItem, { icon: 'maximize', onClick: then(() => toggleFullScreen()) }, t('top.fullScreen')),
    canFloat() && h(MenuItem, { icon: 'picture-in-picture-2', onClick: then(floatMain) }, t('tile.window')),
    h(MenuLine, {}),
    may('message') && users.value.size > 1 &&
      h(MenuItem, { icon: 'paperclip', onClick: then(async () => sendFiles(await pickFiles())) }, t('people.file')),
    may('token') && h(MenuItem, { icon: 'user-plus', onClick: show('invite') }, t('people.invite')),
    h(MenuItem, { icon: 'copy', onClick: then(() => void copyText(roomLink(), t('invite.copied'))) }, t('alone.copy')),
    may('record') && h(MenuItem, { icon: 'circle-dot', onClick: then(() => record(!recording.value)) }, t(recording.value ? 'room.stopRecording' : 'room.record')),
    may('op') && h(MenuItem, { icon: 'lock', onClick: show('room') }, t('toolbar.room')),
    h(MenuLine, {}),
    mayChangePassword() && h(MenuItem, { icon: 'key', onClick: then(openPasswordPage) }, t('toolbar.password')),
    h(MenuItem, { icon: 'signal', onClick: show('connection') }, t('connection.title')),
    h(MenuItem, { icon: 'clipboard', onClick: show('report') }, t('report.title')),
    h(MenuItem, { icon: 'settings', onClick: show('settings') }, t('toolbar.settings')),
    !phone.value && h(MenuItem, { icon: 'keyboard', onClick: show('shortcuts') }, t('toolbar.shortcuts')));
}

/** The largest picture of somebody else gets a window of its own. */
async function floatMain() {
  const area = (/** @type {Element} */ e) => e.clientWidth * e.clientHeight;
  const [largest] = [...document.querySelectorAll('.tile:not(.away, .me) > video:not(.nopicture)')].sort((a, b) => area(b) - area(a));
  if (!(largest instanceof HTMLVideoElement) || !await toggleWindow(largest)) notify('warning', t('tile.noWindow'));
}
