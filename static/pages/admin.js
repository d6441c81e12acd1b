// Entry module of the page of administrators.

import { Admin } from '../ui/admin.js';
import { changes } from '../app/admin.js';
import { effect } from '../third-party/signals.js';
import { followAppearance } from '../app/theme.js';
import { h, render } from '../third-party/preact.js';
import { loadPageMessages, t } from '../app/i18n.js';

followAppearance();
globalThis.addEventListener('beforeunload', (e) => {
  if (changes.value.length > 0) e.preventDefault();
});
await loadPageMessages();
effect(() => { document.title = `${t('admin.title')}, ${t('site.name')}`; });
const root = document.getElementById('app');
if (root) render(h(Admin, {}), root);
