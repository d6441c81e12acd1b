// What stands before the cameras of the tour: drawn people, instead of the pattern of the browser's fake camera, which looks like
// nobody and costs more to encode than the rest of the tour together. This is no module: it runs in the page before its own scripts.

const WIDTH = 640;
const HEIGHT = 360;
/** Pictures per second: with fewer, the page would call the connection a weak one. */
const RATE = 12;
const LOOKS = [
  { wall: ['#d9d0c5', '#a89c8e'], things: [['#6f9467', 90, 150, 80], ['#82a67a', 40, 240, 70], ['#c9a98b', 110, 330, 50]], skin: ['#f6d3b6', '#d8a684'], hair: '#4a2c1d', shirt: '#2a557c', long: true },
  { wall: ['#d6c6a8', '#a08a66'], things: [['#7e4b3a', 100, 80, 46], ['#3f5e7a', 210, 70, 40], ['#b8903f', 470, 90, 50], ['#5c6d58', 560, 220, 56], ['#8a5a48', 60, 250, 50]], skin: ['#9a684a', '#6d442d'], hair: '#1d1512', shirt: '#b87a25', full: true },
  { wall: ['#cdd6dd', '#8997a3'], things: [['#4d76a4', 120, 110, 90], ['#4d76a4', 540, 110, 80], ['#39434d', 80, 320, 60]], skin: ['#f0c79d', '#cf9b70'], hair: '#17181c', shirt: '#3d424a', glasses: true },
  { wall: ['#c9d3cf', '#93a39d'], things: [['#c46a45', 120, 110, 34], ['#f3e2b6', 520, 120, 70]], skin: ['#f6d8c2', '#d3a387'], hair: '#c9c4bd', shirt: '#6a3f55', long: true, glasses: true },
];
/** Which of the people it is, and whether they are talking: said by the script before this one. @type {{look: number, speaks: boolean}} */
const { look, speaks } = Object(globalThis).standing;
const wishes = LOOKS[look % LOOKS.length];

/** @param {number} width @param {number} height */
const sheet = (width, height) => {
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  return { canvas, pen: /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d')) };
};
/** @param {CanvasRenderingContext2D} pen @param {string | CanvasGradient} color @param {number} x @param {number} y @param {number} rx @param {number} ry */
const oval = (pen, color, x, y, rx, ry = rx) => {
  pen.fillStyle = color;
  pen.beginPath();
  pen.ellipse(x, y, rx, ry, 0, 0, 2 * Math.PI);
  pen.fill();
};
/** @param {CanvasRenderingContext2D} pen @param {string[]} colors */
const shade = (pen, colors) => {
  const gradient = pen.createLinearGradient(220, 80, 430, 320);
  colors.forEach((color, i) => gradient.addColorStop(i, color));
  return gradient;
};

/** The room and the person in it, with the mouth shut. */
const portrait = () => {
  const { canvas, pen } = sheet(WIDTH, HEIGHT);
  pen.fillStyle = shade(pen, wishes.wall);
  pen.fillRect(0, 0, WIDTH, HEIGHT);
  pen.filter = 'blur(12px)';
  for (const [color, x, y, r] of wishes.things) oval(pen, String(color), Number(x), Number(y), Number(r));
  pen.filter = 'blur(.7px)';
  if (wishes.full) for (let a = 0; a < 12; a++) oval(pen, wishes.hair, 320 + 76 * Math.cos(a / 6 * Math.PI), 165 + 76 * Math.sin(a / 6 * Math.PI), 36);
  oval(pen, wishes.hair, 320, 165, 84, 100);
  if (wishes.long) {
    pen.fillRect(236, 165, 168, 150);
    oval(pen, wishes.hair, 320, 310, 84, 30);
  }
  oval(pen, wishes.shirt, 320, 410, 180, 118);
  pen.fillStyle = wishes.skin[1] ?? '';
  pen.fillRect(291, 235, 58, 60);
  oval(pen, wishes.skin[1] ?? '', 320, 295, 29, 22);
  oval(pen, shade(pen, wishes.skin), 320, 185, 68, 88);
  // The fringe.
  pen.fillStyle = wishes.hair;
  pen.beginPath();
  pen.moveTo(250, 175);
  pen.quadraticCurveTo(262, 122, 330, 112);
  pen.quadraticCurveTo(382, 124, 390, 175);
  pen.quadraticCurveTo(398, 84, 320, 76);
  pen.quadraticCurveTo(242, 84, 250, 175);
  pen.fill();
  for (const side of [-1, 1]) {
    const x = 320 + side * 27;
    oval(pen, '#ffffff', x, 182, 11, 7);
    oval(pen, '#241a16', x, 182, 6);
    pen.strokeStyle = wishes.hair === '#c9c4bd' ? '#8f8a83' : wishes.hair;
    pen.lineWidth = 5;
    pen.lineCap = 'round';
    pen.beginPath();
    pen.moveTo(x - 13, 165);
    pen.quadraticCurveTo(x, 158, x + 13, 165);
    pen.stroke();
    if (!wishes.glasses) continue;
    pen.strokeStyle = '#23272c';
    pen.lineWidth = 3;
    pen.beginPath();
    pen.roundRect(x - 21, 168, 42, 30, 10);
    pen.stroke();
  }
  pen.strokeStyle = wishes.skin[1] ?? '';
  pen.lineWidth = 4;
  pen.beginPath();
  pen.moveTo(322, 190);
  pen.quadraticCurveTo(314, 216, 326, 214);
  pen.stroke();
  return canvas;
};

/** What somebody explains. @param {CanvasRenderingContext2D} pen */
const slide = (pen) => {
  pen.fillStyle = '#ffffff';
  pen.fillRect(0, 0, 1280, 720);
  pen.fillStyle = '#15191e';
  pen.font = '600 48px sans-serif';
  pen.fillText('Two waves, slightly different', 80, 120);
  pen.font = '24px sans-serif';
  pen.fillStyle = '#55606c';
  pen.fillText('Superposition of neighbouring frequencies gives a beat.', 80, 170);
  ['Add the two displacements', 'The envelope moves slowly', 'Two beats per second'].forEach((text, i) => {
    oval(pen, '#0b5fd0', 88, 252 + i * 64, 6);
    pen.fillStyle = '#15191e';
    pen.fillText(text, 112, 260 + i * 64);
  });
  [['#0b5fd0', 1, 0, 300], ['#1a744a', 1.15, 0, 420], ['#15191e', 1, 1.15, 580]].forEach(([color, a, b, y]) => {
    pen.strokeStyle = String(color);
    pen.lineWidth = 4;
    pen.beginPath();
    for (let x = 0; x <= 700; x += 4) pen.lineTo(520 + x, Number(y) - 44 * Math.sin(x / 14 * Number(a)) - (b ? 44 * Math.sin(x / 14 * Number(b)) : 0));
    pen.stroke();
  });
};

/**
 * A track that shows what is drawn again and again.
 * @param {number} width @param {number} height @param {(pen: CanvasRenderingContext2D, n: number) => void} draw
 */
const film = (width, height, draw) => {
  const { canvas, pen } = sheet(width, height);
  let n = 0;
  draw(pen, n);
  const track = /** @type {MediaStreamTrack} */ (canvas.captureStream(RATE).getVideoTracks()[0]);
  const timer = setInterval(() => {
    if (track.readyState === 'ended') clearInterval(timer);
    else draw(pen, ++n);
  }, 1000 / RATE);
  return track;
};
const camera = () => {
  const still = portrait();
  return film(WIDTH, HEIGHT, (pen, n) => {
    pen.drawImage(still, 0, 0);
    oval(pen, '#a3463f', 320, 238, 20, speaks ? 4 + 5 * (n >> 2 & 1) : 4);
    // No two pictures are the same: those that are might not be sent.
    oval(pen, n % 2 ? '#ffffff' : '#f4f4f4', 349, 180, 2);
  });
};
/** As the browser gives it: where there is no loudspeaker, Firefox makes no sound of its own, but its fake microphone beeps. */
const heard = navigator.mediaDevices?.getUserMedia.bind(navigator.mediaDevices);
const microphone = async () => {
  if (/Firefox/.test(navigator.userAgent)) return /** @type {MediaStreamTrack} */ ((await heard({ audio: true })).getAudioTracks()[0]);
  const context = new AudioContext();
  const end = context.createMediaStreamDestination();
  const gain = context.createGain();
  const tone = context.createOscillator();
  gain.gain.value = speaks ? 0.3 : 0;
  tone.connect(gain).connect(end);
  tone.start();
  return /** @type {MediaStreamTrack} */ (end.stream.getAudioTracks()[0]);
};
/** The device that a track says it is of. @param {string} deviceId @param {MediaStreamTrack} track */
const of = (deviceId, track) => Object.assign(track, { getSettings: () => ({ deviceId }) });
const devices = [
  ['audioinput', 'Headset (USB audio)'], ['audioinput', 'Built-in microphone'], ['videoinput', 'Integrated camera'], ['videoinput', 'Document camera'],
  ['audiooutput', 'Headset (USB audio)'], ['audiooutput', 'Built-in speakers'],
].map(([kind, label], i) => ({ kind, label, deviceId: `device-${i}`, groupId: '' }));
// A page that is still empty has none in Firefox.
if (navigator.mediaDevices) Object.assign(navigator.mediaDevices, {
  /** @param {MediaStreamConstraints} wish */
  getUserMedia: async (wish) => new MediaStream([...(wish.audio ? [of('device-0', await microphone())] : []), ...(wish.video ? [of('device-2', camera())] : [])]),
  getDisplayMedia: async () => new MediaStream([film(1280, 720, (pen, n) => {
    slide(pen);
    oval(pen, n % 2 ? '#0b5fd0' : '#5aa2ff', 1220, 660, 4);
  })]),
  enumerateDevices: async () => devices,
});
