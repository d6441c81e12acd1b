// Commands for what we send and receive.

import { canShare, stopShare } from './capture.js';
import { CommandError, memberCalled } from './commands.js';
import { canPlayFiles, choosePlayed } from './played-files.js';
import { me, shares } from './store.js';
import { offerFiles, pickFiles } from './transfers.js';
import { restartMedia, share } from './actions.js';
import { t } from './i18n.js';

/** @type {import('./commands.js').Command[]} */
export const MEDIA = [
  { name: 'sharescreen', needs: ['present'], available: canShare, help: 'command.sharescreen', run: share },
  {
    name: 'unsharescreen', needs: ['present'], help: 'command.unsharescreen',
    run: () => { for (const s of shares.value) stopShare(s); },
  },
  {
    name: 'presentfile', needs: ['present'], available: canPlayFiles, help: 'command.presentfile',
    run: choosePlayed,
  },
  {
    name: 'sendfile', args: ['user'], needs: ['message'], help: 'command.sendfile',
    run: async (name) => {
      const user = memberCalled(name);
      if (user.id === me.value.id) throw new CommandError(t('command.notSelf'));
      offerFiles(user, await pickFiles());
    },
  },
  { name: 'renegotiate', help: 'command.renegotiate', run: restartMedia },
];
