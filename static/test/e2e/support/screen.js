// Screens to share where the browser has none: Firefox without a display.

/** Runs before the page's own scripts: whoever is asked for a screen gets a drawn one that is never still, with sound. */
export function drawScreens() {
  if (!/Firefox/.test(navigator.userAgent) || !location.protocol.startsWith('http')) return;
  navigator.mediaDevices.getDisplayMedia = async () => {
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
}
