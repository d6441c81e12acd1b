package loadtest

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"galene/rtpconn/loadtest"
)

// Mode is who sends to whom.
type Mode string

const (
	// Webinar is one publisher, and subscribers who do not publish.
	Webinar Mode = "webinar"
	// Meeting is members each of whom publishes and receives all others.
	Meeting Mode = "meeting"
	// Audio is a webinar without video.
	Audio Mode = "audio"
	// JoinStorm is a webinar into which many come within a second.
	JoinStorm Mode = "join-storm"
	// Cameras is members who show films and receive nothing, for whoever looks
	// at them with a browser.
	Cameras Mode = "cameras"
)

// Protocol is how the server is talked to.
type Protocol string

const (
	// Galene is the protocol of this server.
	Galene Protocol = "galene"
	// Janus is that of Janus's plugin VideoRoom over websockets, for
	// comparisons.
	Janus Protocol = "janus"
)

// Options say what to put load on, and how.
type Options struct {
	// Server is the server's URL. No other is talked to; media go where the
	// session descriptions of this one say.
	Server string
	// Protocol of the server; empty means Galene.
	Protocol Protocol
	// TLS says which certificates are accepted; nil means those that the system
	// trusts.
	TLS *tls.Config
	// Dial connects to the server, media excepted; nil means over TCP.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Group to join, for Janus the number of a room, and the credentials of all
	// members; those who publish need the permission to present.
	Group, Username, Password string
	// Mode is who sends to whom; empty means Webinar.
	Mode Mode
	// Subscribers is how many there are besides the publisher; at least 1.
	Subscribers int
	// Members of a meeting, at least 2, or cameras, at least 1.
	Members int
	// Joiners is how many come within a second in a join storm; at least 1.
	Joiners int
	// JoinInterval is the time from one subscriber's coming to the next one's.
	JoinInterval time.Duration
	// Video is what publishers send besides sound; empty means VP8.
	Video loadtest.Video
	// Bitrate of the video in bits/s: of all layers together, in simulcast of
	// the best encoding; without video of no account.
	Bitrate int
	// Films are what cameras show, in one encoding or, from the best one down,
	// in two or three of simulcast.
	Films []*loadtest.Film
	// Profile is how media are protected.
	Profile loadtest.Profile
	// Settle is how long nothing is measured after the last one has come, and
	// Duration how long it is then.
	Settle, Duration time.Duration
	// PID is the server's process, if it is on this machine; else 0, and CPU
	// time and memory are not told.
	PID int
	// Logger hears of progress; nil means that nobody does.
	Logger *slog.Logger
}

// complete fills in what has been left out, and tells what cannot be.
func (o *Options) complete() error {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Profile == "" {
		o.Profile = loadtest.AES128GCM
	}
	if o.Protocol == "" {
		o.Protocol = Galene
	}
	if o.Mode == "" {
		o.Mode = Webinar
	}
	if o.Video == "" {
		o.Video = loadtest.VP8
	}
	if o.Protocol != Galene && o.Protocol != Janus {
		return fmt.Errorf("unknown protocol %q", o.Protocol)
	}
	if o.Duration <= 0 {
		return errors.New("a load test needs a time to last")
	}
	if o.Settle < 0 || o.JoinInterval < 0 {
		return errors.New("nobody can wait for less than no time")
	}
	if (len(o.Films) > 0) != (o.Mode == Cameras) {
		return fmt.Errorf("films are for the mode %q, and that for films", Cameras)
	}
	if o.Mode == Audio {
		o.Video = loadtest.NoVideo
	}
	if o.Video == loadtest.NoVideo {
		o.Bitrate = 0
	}
	switch o.Mode {
	case Webinar, JoinStorm, Audio:
	case Meeting:
		if o.Members < 2 {
			return errors.New("a meeting needs at least two members")
		}
		o.Subscribers, o.Joiners = 0, 0
		return nil
	case Cameras:
		if o.Members < 1 {
			return errors.New("a load test needs at least one camera")
		}
		o.Subscribers, o.Joiners, o.Bitrate, o.Video = 0, 0, 0, loadtest.VP8
		if len(o.Films) > 1 {
			o.Video = loadtest.Simulcast
		}
		return nil
	default:
		return fmt.Errorf("unknown mode %q", o.Mode)
	}
	o.Members = 0
	if o.Subscribers < 1 {
		return errors.New("a load test needs at least one subscriber")
	}
	if o.Mode != JoinStorm {
		o.Joiners = 0
	} else if o.Joiners < 1 {
		return errors.New("a join storm needs at least one who joins")
	}
	return nil
}

// publishers is how many members send, and receivers to how many others each
// of them does, when all have come.
func (o *Options) publishers() int {
	if o.Mode == Meeting || o.Mode == Cameras {
		return o.Members
	}
	return 1
}

func (o *Options) receivers() int {
	if o.Mode == Meeting {
		return o.Members - 1
	}
	return o.Subscribers + o.Joiners
}
