// What the browser measures of a stream.

import { whileOpen } from './peer.js';

/** @typedef {import('./downstream.js').DownStream} DownStream */

/**
 * @typedef {object} Received counts of one track that comes in, since it began
 * @property {'audio' | 'video'} kind
 * @property {number} packets received in time, retransmissions excluded
 * @property {number} lost packets that are missing in the numbers, wherever they got lost
 * @property {number} bytes
 * @property {number} jitter s
 * @property {number} nacks packets asked for again
 * @property {number} frames decoded
 * @property {number} frozen s that the picture stood still
 * @property {number} samples of sound played
 * @property {number} concealed samples that were made up, silence excluded
 * @property {number} width of the picture, pixels; 0 if unknown
 * @property {number} height
 * @property {number} energy of the sound
 * @property {number | null} sent packets that the server says it has sent; null if it has not said yet
 * @property {number} sentAt when it said so, ms
 * @property {string} codec such as VP8; empty if unknown
 */

/**
 * @typedef {object} Sent counts of one encoding that goes out, since it began
 * @property {'audio' | 'video'} kind
 * @property {string} rid empty for the only one
 * @property {boolean} active
 * @property {number} bytes
 * @property {number} frames encoded
 * @property {number} width
 * @property {number} height
 * @property {boolean} limited the picture is worse than it could be for want of bandwidth
 * @property {number} lost share of the packets that did not reach the server, 0 to 1, in its last report
 * @property {string} codec
 * @property {string} layers such as L1T2; empty if unknown
 */

/**
 * @typedef {object} Sample the state of one peer connection at one moment
 * @property {number} time ms
 * @property {number | null} roundTrip s between here and the server; null if unknown
 * @property {'' | 'udp' | 'tcp'} protocol
 * @property {boolean} relayed by way of a TURN server
 * @property {Received[]} received
 * @property {Sent[]} sent
 */

/** @typedef {Record<string, any>} Entry of a report */

/**
 * Reads everything there is about a peer connection, at once.
 * @param {RTCPeerConnection} pc
 * @returns {Promise<Sample>}
 */
export async function takeSample(pc) {
  /** @type {ReadonlyMap<string, Entry>} */
  const report = await whileOpen(pc, pc.getStats());
  const all = [...report.values()];
  const transport = all.find((s) => s['type'] === 'transport');
  const pair = report.get(transport?.['selectedCandidatePairId']) ?? all.find((s) => s['type'] === 'candidate-pair' && (s['selected'] || s['nominated']));
  const local = report.get(pair?.['localCandidateId']);
  const protocol = local?.['relayProtocol'] ?? local?.['protocol'] ?? '';
  return {
    time: all[0]?.['timestamp'] ?? 0,
    roundTrip: pair?.['currentRoundTripTime'] ?? null,
    protocol: protocol === 'tls' ? 'tcp' : protocol,
    relayed: local?.['candidateType'] === 'relay',
    received: all.filter((s) => s['type'] === 'inbound-rtp').map((s) => received(s, report)),
    sent: all.filter((s) => s['type'] === 'outbound-rtp').map((s) => sent(s, report)),
  };
}

/**
 * @param {Entry} s
 * @param {ReadonlyMap<string, Entry>} report
 * @returns {Received}
 */
function received(s, report) {
  const remote = report.get(s['remoteId']);
  return {
    kind: s['kind'], packets: (s['packetsReceived'] ?? 0) - (s['retransmittedPacketsReceived'] ?? 0), lost: s['packetsLost'] ?? 0,
    bytes: s['bytesReceived'] ?? 0, jitter: s['jitter'] ?? 0, nacks: s['nackCount'] ?? 0, frames: s['framesDecoded'] ?? 0, frozen: s['totalFreezesDuration'] ?? 0,
    samples: s['totalSamplesReceived'] ?? 0, concealed: (s['concealedSamples'] ?? 0) - (s['silentConcealedSamples'] ?? 0),
    width: s['frameWidth'] ?? 0, height: s['frameHeight'] ?? 0, energy: s['totalAudioEnergy'] ?? 0,
    sent: remote?.['packetsSent'] ?? null, sentAt: remote?.['timestamp'] ?? 0, codec: codecOf(s, report),
  };
}

/**
 * @param {Entry} s
 * @param {ReadonlyMap<string, Entry>} report
 * @returns {Sent}
 */
function sent(s, report) {
  return {
    kind: s['kind'], rid: s['rid'] ?? '', active: s['active'] ?? true, bytes: s['bytesSent'] ?? 0, frames: s['framesEncoded'] ?? 0, width: s['frameWidth'] ?? 0, height: s['frameHeight'] ?? 0,
    limited: s['qualityLimitationReason'] === 'bandwidth', lost: report.get(s['remoteId'])?.['fractionLost'] ?? 0,
    codec: codecOf(s, report), layers: s['scalabilityMode'] ?? '',
  };
}

/**
 * @param {Entry} s
 * @param {ReadonlyMap<string, Entry>} report
 * @returns {string}
 */
function codecOf(s, report) {
  return String(report.get(s['codecId'])?.['mimeType'] ?? '').split('/')[1] ?? '';
}

/**
 * How loud a stream of somebody else is now, where the packets say so (RFC 6464).
 * @param {DownStream} stream
 * @returns {number | null} 0 to 1 of full scale, 0 without sound; null where they do not, or the browser does not tell
 */
export function audioLevel(stream) {
  let level = 0;
  for (const receiver of audioReceivers(stream)) {
    const sources = receiver.getSynchronizationSources?.() ?? [{}];
    for (const { audioLevel: loud } of /** @type {{audioLevel?: number}[]} */ (sources)) {
      if (loud === undefined) return null;
      level = Math.max(level, loud);
    }
  }
  return level;
}

/**
 * How loud it was since its beginning, as numbers of which the difference counts. Takes much longer than audioLevel.
 * @param {DownStream} stream
 * @returns {Promise<{energy: number, duration: number}>} duration in s; energy over it is the mean square of the level
 */
export async function audioEnergy(stream) {
  const sum = { energy: 0, duration: 0 };
  for (const receiver of audioReceivers(stream)) {
    (await whileOpen(stream.pc, receiver.getStats())).forEach((s) => {
      if (s.type !== 'inbound-rtp') return;
      sum.energy += s.totalAudioEnergy ?? 0;
      sum.duration += s.totalSamplesDuration ?? 0;
    });
  }
  return sum;
}

/** @param {DownStream} stream */
function audioReceivers(stream) {
  return stream.pc.getReceivers().filter((r) => r.track.kind === 'audio');
}
