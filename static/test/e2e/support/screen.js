// Screens to share, with sound.

/**
 * Runs before the page's own scripts. Of a machine without a loudspeaker there is no sound to share: where it is asked for, that of a microphone comes with
 * the screen. Firefox without a display has no screens either: there it is a drawn one that is never still.
 */
export function drawScreens() {
  const { mediaDevices } = navigator;
  if (!location.protocol.startsWith('http') || !mediaDevices) return;
  const real = mediaDevices.getDisplayMedia.bind(mediaDevices);
  const drawn = () => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 1280, height: 720 });
    const context = canvas.getContext('2d');
    let n = 0;
    const timer = setInterval(() => {
      n++;
      for (let i = 0; context && i < 40; i++) {
        context.fillStyle = `hsl(${(i * 37 + n * 5) % 360} 80% 40%)`;
        context.fillRect((i * 97 + n * 7) % canvas.width, (i * 61 + n * 3) % canvas.height, 120, 90);
      }
    }, 50);
    const media = canvas.captureStream(20);
    media.getTracks()[0]?.addEventListener('ended', () => clearInterval(timer));
    return media;
  };
  mediaDevices.getDisplayMedia = async (wish) => {
    const media = /Firefox/.test(navigator.userAgent) ? drawn() : await real({ ...wish, audio: false });
    if (wish?.audio) for (const track of (await mediaDevices.getUserMedia({ audio: true })).getTracks()) media.addTrack(track);
    return media;
  };
}
