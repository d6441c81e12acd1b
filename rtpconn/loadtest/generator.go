package loadtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"fmt"
	"io"
	"time"

	"galene/rtpconn/ending"

	"github.com/pion/dtls/v2"
	"github.com/pion/ice/v2"
	"github.com/pion/interceptor"
	"github.com/pion/logging"
	piontransport "github.com/pion/transport/v2"
	"github.com/pion/transport/v2/stdnet"
	"github.com/pion/webrtc/v3"
)

// Profile is how media packets are protected (RFC 3711, RFC 7714).
type Profile string

// The profiles, by the names that getStats has for them.
const (
	AES128GCM     Profile = "AEAD_AES_128_GCM"
	AES128CMSHA80 Profile = "AES_CM_128_HMAC_SHA1_80"
)

// Options are what all clients of a Generator have in common.
type Options struct {
	// Profile is the only one that clients offer, and so what the server
	// uses; empty means AES128GCM.
	Profile Profile
	// Video is what publishers send besides sound; empty means VP8.
	Video Video
	// Bitrate of a publisher's video payloads in bits/s, 30 frames a second;
	// 50,000 to 100,000,000, unless there is no video. It is that of all layers
	// together, and in simulcast that of the best encoding.
	Bitrate int
	// Films are what publishers show instead, in one encoding or, from the best
	// one down, in two or three of simulcast. Then they are silent, and nothing
	// that they send says when it was sent.
	Films []*Film
}

// dtlsRetransmission is when a message of the DTLS handshake is sent again;
// browsers begin at 50 ms, pion by itself at a second.
const dtlsRetransmission = 100 * time.Millisecond

const (
	// minBitrate leaves each frame more than its headers.
	minBitrate = 50_000
	// maxBitrate is more than any camera's.
	maxBitrate = 100_000_000
)

// Generator makes clients, which share a certificate, a list of network
// interfaces and a clock. Its methods may be called from any goroutine.
type Generator struct {
	options     Options
	settings    webrtc.SettingEngine
	net         piontransport.Net
	certificate webrtc.Certificate
	// epoch is what the times of sending in payloads are relative to.
	epoch time.Time
}

// New returns a Generator. There is nothing to close but its clients.
func New(o Options) (*Generator, error) {
	switch len(o.Films) {
	case 0:
	case 1:
		o.Video = VP8
	case 2, 3:
		o.Video = Simulcast
	default:
		return nil, fmt.Errorf("%d films are too many, three encodings are the most", len(o.Films))
	}
	switch o.Video {
	case "":
		o.Video = VP8
	case VP8, VP9SVC, Simulcast, NoVideo:
	default:
		return nil, fmt.Errorf("unknown video %q", o.Video)
	}
	if made := o.Video != NoVideo && len(o.Films) == 0; made && o.Bitrate < minBitrate {
		return nil, fmt.Errorf("%d bit/s are too few for video, %d are the least", o.Bitrate, minBitrate)
	} else if made && o.Bitrate > maxBitrate {
		return nil, fmt.Errorf("%d bit/s are too many for video, %d are the most", o.Bitrate, maxBitrate)
	}
	profiles := map[Profile]dtls.SRTPProtectionProfile{
		"":            dtls.SRTP_AEAD_AES_128_GCM,
		AES128GCM:     dtls.SRTP_AEAD_AES_128_GCM,
		AES128CMSHA80: dtls.SRTP_AES128_CM_HMAC_SHA1_80,
	}
	profile, ok := profiles[o.Profile]
	if !ok {
		return nil, fmt.Errorf("unknown SRTP profile %q", o.Profile)
	}
	shared, err := stdnet.NewNet()
	if err != nil {
		return nil, fmt.Errorf("list the interfaces of this machine: %w", err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	certificate, err := webrtc.GenerateCertificate(key)
	if err != nil {
		return nil, fmt.Errorf("make a DTLS certificate: %w", err)
	}
	g := &Generator{options: o, net: shared, certificate: *certificate, epoch: time.Now()}
	g.settings.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	g.settings.SetIncludeLoopbackCandidate(true)
	g.settings.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	g.settings.SetSRTPProtectionProfiles(profile)
	g.settings.SetDTLSRetransmissionInterval(dtlsRetransmission)
	// Packets that come twice are to be counted, not hidden.
	g.settings.DisableSRTPReplayProtection(true)
	g.settings.LoggerFactory = &logging.DefaultLoggerFactory{Writer: io.Discard, DefaultLogLevel: logging.LogLevelDisabled}
	return g, nil
}

// now returns the time since the epoch, on the monotonic clock.
func (g *Generator) now() time.Duration { return time.Since(g.epoch) }

// The header extensions that browsers use towards servers (RFC 6464, RFC 9143,
// RFC 8852, draft-holmer-rmcat-transport-wide-cc-extensions-01).
const (
	extensionMID         = "urn:ietf:params:rtp-hdrext:sdes:mid"
	extensionRID         = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
	extensionAudioLevel  = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
	extensionTransportCC = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
)

// newConnection makes a peer connection with the given codecs; arrivals, if
// it is not nil, hears when packets come.
func (g *Generator) newConnection(codecs []webrtc.RTPCodecParameters, a *arrivals, interceptors ...interceptor.Factory) (*client, error) {
	settings := g.settings
	network := g.net
	if a != nil {
		network = timedNet{network, a, g.epoch}
	}
	var sockets ending.Sockets
	settings.SetNet(sockets.Net(network))
	engine := &webrtc.MediaEngine{}
	for _, c := range codecs {
		kind := webrtc.RTPCodecTypeVideo
		if c.MimeType == webrtc.MimeTypeOpus {
			kind = webrtc.RTPCodecTypeAudio
		}
		if err := engine.RegisterCodec(c, kind); err != nil {
			return nil, err
		}
	}
	for uri, kinds := range map[string][]webrtc.RTPCodecType{
		extensionMID:         {webrtc.RTPCodecTypeVideo, webrtc.RTPCodecTypeAudio},
		extensionTransportCC: {webrtc.RTPCodecTypeVideo, webrtc.RTPCodecTypeAudio},
		extensionRID:         {webrtc.RTPCodecTypeVideo},
		extensionAudioLevel:  {webrtc.RTPCodecTypeAudio},
	} {
		for _, kind := range kinds {
			if err := engine.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{URI: uri}, kind); err != nil {
				return nil, err
			}
		}
	}
	registry := &interceptor.Registry{}
	for _, i := range interceptors {
		registry.Add(i)
	}
	api := webrtc.NewAPI(webrtc.WithMediaEngine(engine), webrtc.WithSettingEngine(settings), webrtc.WithInterceptorRegistry(registry))
	pc, err := api.NewPeerConnection(webrtc.Configuration{Certificates: []webrtc.Certificate{g.certificate}})
	if err != nil {
		return nil, err
	}
	return newClient(pc, ending.Of(pc, &sockets)), nil
}

// publishedCodecs are those that a publisher offers.
func (g *Generator) publishedCodecs() []webrtc.RTPCodecParameters {
	codecs := []webrtc.RTPCodecParameters{{RTPCodecCapability: audioCapability(), PayloadType: 111}}
	if g.options.Video != NoVideo {
		codecs = append(codecs, webrtc.RTPCodecParameters{RTPCodecCapability: g.videoCapability(), PayloadType: videoType})
	}
	return codecs
}

const (
	// videoType is the payload type of video.
	videoType = 96
	// repairType is that of video that is sent again.
	repairType = 97
)

// subscribedCodecs are those that a subscriber takes: the same, and what is
// sent again in a stream of its own (RFC 4588).
func (g *Generator) subscribedCodecs() []webrtc.RTPCodecParameters {
	codecs := g.publishedCodecs()
	if g.options.Video != NoVideo {
		codecs = append(codecs, webrtc.RTPCodecParameters{
			RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: "video/rtx", ClockRate: videoClockRate, SDPFmtpLine: fmt.Sprintf("apt=%d", videoType)},
			PayloadType:        repairType,
		})
	}
	return codecs
}

func (g *Generator) videoCapability() webrtc.RTPCodecCapability {
	c := webrtc.RTPCodecCapability{
		MimeType: webrtc.MimeTypeVP8, ClockRate: videoClockRate,
		RTCPFeedback: []webrtc.RTCPFeedback{
			{Type: "goog-remb"}, {Type: "transport-cc"}, {Type: "nack"}, {Type: "nack", Parameter: "pli"}, {Type: "ccm", Parameter: "fir"},
		},
	}
	if g.options.Video == VP9SVC {
		c.MimeType, c.SDPFmtpLine = webrtc.MimeTypeVP9, "profile-id=0"
	}
	return c
}

func audioCapability() webrtc.RTPCodecCapability {
	return webrtc.RTPCodecCapability{
		MimeType: webrtc.MimeTypeOpus, ClockRate: audioClockRate, Channels: 2,
		SDPFmtpLine: "minptime=10;useinbandfec=1", RTCPFeedback: []webrtc.RTCPFeedback{{Type: "transport-cc"}, {Type: "nack"}},
	}
}
