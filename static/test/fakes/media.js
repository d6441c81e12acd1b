// Tracks and streams without devices.

export class FakeTrack extends EventTarget {
  enabled = true;
  readyState = 'live';
  /** @type {((e: Event) => void) | null} */
  onended = null;

  /** @param {'audio' | 'video'} kind */
  constructor(kind) {
    super();
    this.kind = kind;
    this.addEventListener('ended', (e) => this.onended?.(e));
  }

  stop() {
    this.readyState = 'ended';
  }

  getSettings() {
    return {};
  }
}

export class FakeMediaStream {
  /** @type {Set<FakeTrack>} */ #tracks;

  /** @param {FakeTrack[]} [tracks] */
  constructor(tracks = []) {
    this.#tracks = new Set(tracks);
  }

  getTracks() {
    return [...this.#tracks];
  }

  getAudioTracks() {
    return this.getTracks().filter((t) => t.kind === 'audio');
  }

  getVideoTracks() {
    return this.getTracks().filter((t) => t.kind === 'video');
  }

  /** @param {FakeTrack} track */
  addTrack(track) {
    this.#tracks.add(track);
  }

  /** @param {FakeTrack} track */
  removeTrack(track) {
    this.#tracks.delete(track);
  }
}
