// Entry module of the page of recordings, which the server makes and which works without it.

import { DateOrder, DeleteQuestion, Finder, Player, PlayButton, RecordingsHeader } from '../ui/recordings.js';
import { followAppearance } from '../app/theme.js';
import { effect } from '../third-party/signals.js';
import { h, render } from '../third-party/preact.js';
import { loadPageMessages, t } from '../app/i18n.js';
import { Icon } from '../ui/icon.js';
import { localize } from '../ui/localize.js';
import { Stills } from '../ui/stills.js';

/** Where is noted, for the next page, that something has been deleted. */
const DELETED = 'galene.deleted';

/** @param {(storage: Storage) => void} act not done where the browser refuses storage */
function withStorage(act) {
  try {
    act(sessionStorage);
  } catch {
    return;
  }
}

followAppearance();
await loadPageMessages();
effect(localize);

/** @param {string} id */
const place = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const rows = /** @type {HTMLElement[]} */ ([...document.querySelectorAll('tr[data-file]')]);
const layer = place('layer');
const close = () => render(null, layer);

const room = /** @type {HTMLAnchorElement} */ (document.querySelector('.headrow a'));
render(h(RecordingsHeader, { room: { href: room.href, text: room.textContent ?? '' } }), place('head'));
render(h(Finder, { rows }), place('find'));
const heading = document.getElementById('started');
if (heading) {
  // From here on it says itself what it is.
  delete heading.dataset['l10n'];
  heading.textContent = '';
  render(h(DateOrder, { heading, rows }), heading);
}
const stills = new Stills();
for (const row of rows) {
  const name = row.dataset['file'] ?? '';
  const form = row.querySelector('form');
  const button = form?.querySelector('button');
  const link = row.querySelector('a');
  const play = row.querySelector('.play');
  if (!form || !button || !link || !play) continue;
  if ('playable' in row.dataset) {
    render(h(PlayButton, { name, onPlay: () => render(h(Player, { name, url: link.href, onClose: close }), layer) }), play);
    const still = row.querySelector('.still');
    if (still) stills.add(still, link.href);
  }
  let sure = false;
  form.addEventListener('submit', (e) => {
    if (sure) return;
    e.preventDefault();
    const onDelete = () => {
      sure = true;
      withStorage((storage) => storage.setItem(DELETED, '1'));
      form.requestSubmit(button);
    };
    render(h(DeleteQuestion, { name, onDelete, onClose: close }), layer);
  });
}
const corner = document.createElement('p');
corner.className = 'corner';
corner.setAttribute('role', 'status');
document.body.append(corner);
withStorage((storage) => {
  if (!storage.getItem(DELETED)) return;
  storage.removeItem(DELETED);
  render([h(Icon, { name: 'check' }), t('recordings.deleted')], corner);
  setTimeout(() => render(null, corner), 4000);
});
