// Entry module of the page of statistics.

import { h, render } from '../third-party/preact.js';
import { effect } from '../third-party/signals.js';
import { followAppearance } from '../app/theme.js';
import { loadPageMessages, t } from '../app/i18n.js';
import { Statistics } from '../ui/statistics.js';
import { watchStatistics } from '../app/statistics.js';

followAppearance();
await loadPageMessages();
effect(() => { document.title = `${t('stats.title')}, ${t('site.name')}`; });
watchStatistics();
const root = document.getElementById('app');
if (root) render(h(Statistics, {}), root);
