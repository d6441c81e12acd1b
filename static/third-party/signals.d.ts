export { signal, computed, effect, batch, untracked, Signal } from '@preact/signals-core';
