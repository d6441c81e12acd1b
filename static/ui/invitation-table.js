// The invitations of a room: who they are for, until when, and what can be done with them.

import { copyText } from './clipboard.js';
import { DAY, extendInvitation, isExpired, linkOf, listInvitations, revokeInvitation } from '../app/invitations.js';
import { dateText, listText, t } from '../app/i18n.js';
import { dialog } from '../app/store.js';
import { h, useEffect, useState } from '../third-party/preact.js';
import { Icon } from './icon.js';
import { permissionText } from './permission-texts.js';

/** @typedef {import('../app/invitations.js').Token} Token */

export function InvitationTable() {
  const [list, setList] = useState(/** @type {Token[] | null} */ (null));
  const [problem, setProblem] = useState('');
  /** @param {Promise<unknown>} [change] */
  async function load(change) {
    try {
      await change;
      setList(await listInvitations());
      setProblem('');
    } catch (e) {
      setProblem(e instanceof Error ? e.message : String(e));
    }
  }
  useEffect(() => void load(), []);
  return h('section', { class: 'invitations', 'aria-labelledby': 'invitations' },
    h('div', { class: 'row' },
      h('h3', { id: 'invitations', class: 'grow' }, t('invite.list')),
      h('button', { class: 'btn s', type: 'button', onClick: () => { dialog.value = { kind: 'invite' }; } }, h(Icon, { name: 'user-plus' }), t('people.invite'))),
    problem && h('p', { class: 'msg', role: 'alert' }, h(Icon, { name: 'circle-alert' }), h('span', {}, problem), ' ',
      h('button', { class: 'linkbtn', type: 'button', onClick: () => void load() }, t('landing.retry'))),
    !list && !problem && h('div', { class: 'waiting', 'aria-busy': 'true' }),
    list?.length === 0 && h('p', { class: 'mid dim' }, t('invite.none')),
    list && list.length > 0 && h('div', { class: 'scroll', tabIndex: 0, role: 'group', 'aria-labelledby': 'invitations' }, h('table', {},
      h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, t('invite.who')), h('th', { scope: 'col' }, t('invite.may')), h('th', { scope: 'col' }, t('invite.expires')),
        h('th', { scope: 'col' }, h('span', { class: 'sr' }, t('invite.actions'))))),
      h('tbody', {}, list.map((token) => h(Row, { key: token.token, token, load }))))));
}

/** @param {{token: Token, load: (change: Promise<unknown>) => void}} props */
function Row({ token, load }) {
  const name = token.username ?? t('invite.anybody');
  const secret = token.token ?? '';
  const expired = isExpired(token);
  const notBefore = token['not-before'];
  const begins = notBefore ? new Date(notBefore) : null;
  return h('tr', { class: expired ? 'dim' : '' },
    h('th', { scope: 'row' }, h('span', { dir: 'auto' }, name),
      token.issuedBy && h('span', { class: 'small dim block' }, token.issuedAt
        ? t('invite.issued', { name: token.issuedBy, time: dateText(new Date(token.issuedAt)) }) : t('invite.by', { name: token.issuedBy }))),
    h('td', {}, listText((token.permissions ?? []).map(permissionText)) || t('permission.none')),
    h('td', {}, expired ? t('invite.expired') : dateText(new Date(token.expires ?? ''), { alone: true }),
      !expired && begins && h('span', { class: 'small dim block' }, t('invite.from', { time: dateText(begins) }))),
    h('td', { class: 'r' }, h('span', { class: 'row' },
      !expired && h('button', { class: 'btn s', type: 'button', onClick: () => void copyText(linkOf(token), t('invite.copied')) }, t('invite.copyLink')),
      h('button', {
        class: 'btn s', type: 'button', title: t('invite.extendHelp'), onClick: () => load(extendInvitation(secret, extended(token))),
      }, t('invite.extend')),
      !expired && h('button', { class: 'btn s', type: 'button', onClick: () => load(revokeInvitation(secret)) }, t('invite.revoke')))));
}

/** One day more than now, or than it was. @param {Token} token */
function extended(token) {
  return new Date(Math.max(Date.now(), new Date(token.expires ?? 0).getTime() || 0) + DAY);
}
