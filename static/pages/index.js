// Entry module of the landing page.

import { h, render } from '../third-party/preact.js';
import { effect } from '../third-party/signals.js';
import { followAppearance } from '../app/theme.js';
import { Landing } from '../ui/landing.js';
import { loadMessages, t } from '../app/i18n.js';
import { watchRooms } from '../app/rooms.js';

followAppearance();
await loadMessages();
effect(() => { document.title = t('site.name'); });
watchRooms();
const root = document.getElementById('app');
if (root) render(h(Landing, {}), root);
