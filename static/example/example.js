// A whole client in one file: it joins a group, shows who is there and what they send, chats, and
// sends a camera. /protocol.js, which the page loads before, defines ServerConnection.

/** @type {ServerConnection | null} */
let sc = null;

const element = (id) => document.getElementById(id);

/** Says in words how things stand. */
function tell(text) {
  element('state').textContent = text;
}

/** Makes the buttons fit what can be done now. */
function updateButtons() {
  const mayPresent = sc !== null && sc.permissions.includes('present');
  const presenting = sc !== null && Object.keys(sc.up).length > 0;
  element('connect').disabled = sc !== null;
  element('leave').disabled = sc === null;
  element('show').disabled = !mayPresent || presenting;
  element('hide').disabled = !presenting;
}

/** The form was sent: connects, and joins as soon as the server has answered. */
async function start(event) {
  event.preventDefault();
  const group = element('group').value;
  const connection = new ServerConnection();
  sc = connection;
  updateButtons();
  connection.onconnected = () => connection.join(group, element('username').value, element('password').value);
  connection.onjoined = gotJoined;
  connection.onuser = showPeople;
  connection.onchat = gotChat;
  connection.onusermessage = gotUserMessage;
  connection.ondownstream = gotDownStream;
  connection.onerror = (e) => tell(e.message);
  connection.onclose = (code, reason) => {
    sc = null;
    element('pictures').replaceChildren();
    showPeople();
    updateButtons();
    tell(`Not connected. ${reason}`);
  };
  try {
    // Where the websocket is stands in the status of the group.
    const response = await fetch(`../group/${group}/.status`);
    if (!response.ok) throw new Error(response.status === 404 ? 'There is no such group.' : `The server said ${response.status}.`);
    await connection.connect((await response.json()).endpoint);
  } catch (e) {
    sc = null;
    updateButtons();
    tell(e.message);
  }
}

function gotJoined(kind, group, permissions, status, data, error, message) {
  switch (kind) {
    case 'join':
      tell(`In ${status.displayName || group}.`);
      // Without this nothing is sent to us.
      sc.request({ '': ['audio', 'video'] });
      break;
    case 'fail':
      tell(`You may not join: ${message}.`);
      sc.close();
      break;
    case 'redirect':
      document.location = message;
      break;
  }
  updateButtons();
}

/** Somebody has come, changed or gone. */
function showPeople() {
  element('people').replaceChildren(...Object.values(sc?.users ?? {}).map((user) => {
    const item = document.createElement('li');
    item.textContent = (user.username || '(anonymous)') + (user.data.raisehand ? ', hand raised' : '');
    return item;
  }));
}

function gotChat(id, source, dest, username, time, privileged, history, kind, message) {
  // Captions belong under the pictures, which this client has not got.
  if (kind === 'caption') return;
  const item = document.createElement('li');
  item.textContent = kind === 'me' ? `${username} ${message}` : `${username || '(anonymous)'}: ${message}`;
  element('chat').append(item);
}

function gotUserMessage(source, dest, username, time, privileged, kind, error, message) {
  // Anybody can send such a message; only those of operators and of the server count.
  if (privileged && ['error', 'warning', 'info', 'kicked'].includes(kind)) tell(message);
  if (privileged && kind === 'mute') {
    for (const stream of Object.values(sc.up)) {
      for (const track of stream.stream.getAudioTracks()) track.enabled = false;
    }
  }
}

/** Somebody sends a stream. */
function gotDownStream(stream) {
  const video = document.createElement('video');
  video.autoplay = true;
  video.playsInline = true;
  video.setAttribute('aria-label', stream.username);
  stream.ondowntrack = (track, transceiver, media) => {
    if (video.srcObject !== media) video.srcObject = media;
    if (!video.isConnected) element('pictures').append(video);
  };
  stream.onclose = () => video.remove();
}

/** Sends the camera and the microphone. */
async function showCamera() {
  try {
    const media = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
    const stream = sc.newUpStream();
    stream.label = 'camera';
    stream.onclose = () => {
      for (const track of media.getTracks()) track.stop();
      updateButtons();
    };
    stream.setStream(media);
  } catch (e) {
    tell(e.message);
  }
  updateButtons();
}

function hideCamera() {
  for (const stream of Object.values(sc.up)) stream.close();
}

function say(event) {
  event.preventDefault();
  const input = element('message');
  if (sc && input.value) sc.chat('', '', input.value);
  input.value = '';
}

element('join').addEventListener('submit', start);
element('say').addEventListener('submit', say);
element('show').addEventListener('click', showCamera);
element('hide').addEventListener('click', hideCamera);
element('leave').addEventListener('click', () => sc.close());
