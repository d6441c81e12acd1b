// Something to play.

/** Runs in the page: a short film with sound, in base64. */
export async function film() {
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d');
  const media = canvas.captureStream(20);
  // In Firefox, sounds that are made are silent where there is no loudspeaker. Microphones that are fakes beep everywhere.
  for (const track of (await navigator.mediaDevices.getUserMedia({ audio: true })).getTracks()) media.addTrack(track);
  const { MediaRecorder, FileReader } = Object(globalThis);
  const recorder = new MediaRecorder(media, { mimeType: 'video/webm;codecs=vp8,opus' });
  /** @type {Blob[]} */
  const parts = [];
  recorder.ondataavailable = (/** @type {{data: Blob}} */ e) => parts.push(e.data);
  recorder.start();
  for (let i = 0; i < 120; i++) {
    if (context) context.fillStyle = `hsl(${i * 3} 80% 50%)`;
    context?.fillRect(0, 0, canvas.width, canvas.height);
    await new Promise((resolve) => { setTimeout(resolve, 50); });
  }
  await new Promise((resolve) => {
    recorder.onstop = resolve;
    recorder.stop();
  });
  for (const track of media.getTracks()) track.stop();
  const reader = new FileReader();
  reader.readAsDataURL(new Blob(parts));
  await new Promise((resolve) => { reader.onload = resolve; });
  return String(reader.result).split(',')[1] ?? '';
}
