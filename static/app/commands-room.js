// Commands of operators about the whole room.

import { askForSubgroups, clearHistory, lockRoom, muteEveryone, record, unlockRoom, warn } from './moderation.js';

/** @type {import('./commands.js').Command[]} */
export const ROOM = [
  { name: 'lock', args: ['message'], required: 0, needs: ['op'], help: 'command.lock', run: lockRoom },
  { name: 'unlock', needs: ['op'], help: 'command.unlock', run: unlockRoom },
  { name: 'clear', needs: ['op'], help: 'command.clear', run: () => clearHistory() },
  { name: 'record', needs: ['record'], help: 'command.record', run: () => record(true) },
  { name: 'unrecord', needs: ['record'], help: 'command.unrecord', run: () => record(false) },
  { name: 'subgroups', needs: ['op'], help: 'command.subgroups', run: askForSubgroups },
  { name: 'muteall', needs: ['op'], help: 'command.muteall', run: muteEveryone },
  { name: 'wall', args: ['message'], needs: ['op'], help: 'command.wall', run: (message) => warn('', message) },
];
