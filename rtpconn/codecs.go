package rtpconn

import (
	"slices"

	"galene/group/media"
	"galene/rtpconn/codec"
	"galene/rtpconn/forward"
	"galene/rtpconn/sdpedit"

	"github.com/pion/webrtc/v3"
)

// Header extensions that we understand (RFC 9143, RFC 8852, RFC 6464, RTP Payload
// Format For AV1, draft-holmer-rmcat-transport-wide-cc-extensions-01).
const (
	extensionDependency  = "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension"
	extensionAudioLevel  = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
	extensionMID         = "urn:ietf:params:rtp-hdrext:sdes:mid"
	extensionRID         = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
	extensionRepairedRID = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"
	extensionTransportCC = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
)

// upExtensions are the header extensions that publishers may use.
var upExtensions = map[media.Kind][]string{
	media.Audio: {extensionMID, extensionTransportCC, extensionAudioLevel},
	media.Video: {extensionMID, extensionRID, extensionRepairedRID, extensionTransportCC, extensionDependency},
}

// downExtensions are the header extensions that subscribers are offered of tracks
// that may be of these codecs.
func downExtensions(codecs []media.Codec) map[media.Kind][]string {
	x := map[media.Kind][]string{media.Audio: {extensionTransportCC}, media.Video: {extensionTransportCC}}
	if slices.ContainsFunc(codecs, needsDescriptor) {
		x[media.Video] = append(x[media.Video], extensionDependency)
	}
	return x
}

// needsDescriptor tells whether receivers of a codec need the dependency
// descriptor to tell its layers apart: the others say in the payload what is
// needed of it.
func needsDescriptor(c media.Codec) bool { return c.Name == "av1" }

// feedback lists the RTCP feedback that is offered and accepted for a kind.
func feedback(k media.Kind) []webrtc.RTCPFeedback {
	if k == media.Audio {
		return []webrtc.RTCPFeedback{{Type: "transport-cc"}, {Type: "nack"}}
	}
	return []webrtc.RTCPFeedback{
		{Type: "goog-remb"}, {Type: "transport-cc"}, {Type: "nack"}, {Type: "nack", Parameter: "pli"}, {Type: "ccm", Parameter: "fir"},
	}
}

func codecParameters(c media.Codec) webrtc.RTPCodecParameters {
	return webrtc.RTPCodecParameters{
		RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: c.MimeType, ClockRate: c.ClockRate, Channels: c.Channels,
			SDPFmtpLine: c.Fmtp, RTCPFeedback: feedback(c.Kind),
		},
		PayloadType: webrtc.PayloadType(c.PayloadType),
	}
}

func pionKind(k media.Kind) webrtc.RTPCodecType {
	if k == media.Audio {
		return webrtc.RTPCodecTypeAudio
	}
	return webrtc.RTPCodecTypeVideo
}

// newMediaEngine makes an engine that knows the given codecs only: every
// further one costs time at each join.
func newMediaEngine(codecs []media.Codec, extensions map[media.Kind][]string) (*webrtc.MediaEngine, error) {
	m := &webrtc.MediaEngine{}
	for _, c := range codecs {
		if err := m.RegisterCodec(codecParameters(c), pionKind(c.Kind)); err != nil {
			return nil, err
		}
	}
	for kind, uris := range extensions {
		for _, uri := range uris {
			capability := webrtc.RTPHeaderExtensionCapability{URI: uri}
			if err := m.RegisterHeaderExtension(capability, pionKind(kind)); err != nil {
				return nil, err
			}
		}
	}
	return m, nil
}

// subscriberCodec turns a payload type that a publisher may use into the codec
// that its subscribers are offered: the publisher's parameters under the fixed
// payload type. ok is false for a codec or a profile that is not allowed.
func subscriberCodec(p sdpedit.Payload, allowed []media.Codec) (c media.Codec, ok bool) {
	c, ok = p.Codec(allowed)
	if !ok {
		return media.Codec{}, false
	}
	c.Fmtp = p.Fmtp
	if c.Name == "opus" {
		c.Fmtp = sdpedit.Stereo(c.Fmtp)
	}
	return c, true
}

// formatOf tells forwarding what it has to know of a codec.
func formatOf(c media.Codec) forward.Format {
	f := forward.Format{ClockRate: c.ClockRate, Keyframes: c.Kind == media.Video && codec.KeyframesKnown(c.MimeType)}
	switch c.Name {
	case "vp8":
		f.Scaling = forward.SyncPoints
	case "vp9", "av1", "h264":
		f.Scaling = forward.UpSwitches
	}
	return f
}

// lowestThinned is what stands, in a ceiling, for the smallest part of the frames:
// the temporal layers from there to TopLayer are not layers, but say how many of
// the highest are left out.
const lowestThinned = forward.TopLayer - uint8(media.QuarterRate)

// ceiling is the best that a subscriber gets of a track who wants it so good.
func ceiling(t *UpTrack, w media.Wanted) forward.Target {
	target := forward.Target{Layers: forward.Layers{SID: forward.TopLayer, TID: forward.TopLayer - uint8(w.FrameRate)}}
	if w.Ceiling != media.Lowest {
		return target
	}
	target.Encoding = t.Encodings() - 1
	if target.Encoding == 0 {
		target.SID = 0
	}
	return target
}
