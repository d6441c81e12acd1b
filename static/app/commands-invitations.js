// Commands about invitations.

import { addLine } from './chat.js';
import { CommandError } from './commands.js';
import { dateText, t } from './i18n.js';
import { DAY, extendInvitation, isExpired, linkOf, listInvitations, makeInvitation, parseExpiration, revokeInvitation, tokenOf } from './invitations.js';

/** @typedef {import('./invitations.js').Token} Token */

/** @type {import('./commands.js').Command[]} */
export const INVITATIONS = [
  {
    name: 'invite', args: ['name', 'time'], required: 0, needs: ['token'], help: 'command.invite',
    run: async (username, time) => addLine('output', described(await answered(makeInvitation({ username, expires: expiration(time) })))),
  },
  {
    name: 'reinvite', args: ['link', 'time'], required: 1, needs: ['op', 'token'], help: 'command.reinvite',
    run: async (link, time) => addLine('output', described(await answered(extendInvitation(tokenOf(link), expiration(time))))),
  },
  {
    name: 'revoke', args: ['link'], needs: ['op', 'token'], help: 'command.revoke',
    run: async (link) => addLine('output', described(await answered(revokeInvitation(tokenOf(link))))),
  },
  {
    name: 'listtokens', needs: ['op', 'token'], help: 'command.listtokens',
    run: async () => {
      const list = await answered(listInvitations());
      addLine('output', list.length > 0 ? list.map(described).join('\n\n') : t('invite.none'));
    },
  },
];

/** @param {string} text */
function expiration(text) {
  const date = text === '' ? new Date(Date.now() + DAY) : parseExpiration(text);
  if (!date) throw new CommandError(t('command.badTime', { text }));
  return date;
}

/**
 * @template T
 * @param {Promise<T>} answer
 * @returns {Promise<T>}
 */
async function answered(answer) {
  try {
    return await answer;
  } catch (e) {
    throw new CommandError(e instanceof Error ? e.message : String(e));
  }
}

/** @param {Token} token */
function described(token) {
  const lines = [
    token.username ? t('invite.for', { name: token.username }) : t('invite.forAnybody'),
    token.issuedBy && token.issuedAt && t('invite.issued', { name: token.issuedBy, time: dateText(new Date(token.issuedAt)) }),
    token['not-before'] && t('invite.from', { time: dateText(new Date(token['not-before'])) }),
    isExpired(token) ? t('invite.expired') : t('invite.until', { time: dateText(new Date(token.expires ?? '')) }),
    linkOf(token),
  ];
  return lines.filter(Boolean).join('\n');
}
