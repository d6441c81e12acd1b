// Entry module of the page of administrators.

import { Admin } from '../ui/admin.js';
import { followTheme } from '../app/theme.js';
import { h, render } from '../third-party/preact.js';
import { loadPageMessages, t } from '../app/i18n.js';

followTheme();
await loadPageMessages();
document.title = `${t('admin.title')}, ${t('site.name')}`;
const root = document.getElementById('app');
if (root) render(h(Admin, {}), root);
