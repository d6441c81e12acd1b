package whip

import (
	"net/url"

	"galene/group/media"
	"galene/rtpconn"
)

// defaultLabel is that of the streams that are played rather than others.
const defaultLabel = "camera"

// source finds the stream that a player receives. It belongs to the goroutine
// of its session.
type source struct {
	play *rtpconn.PlayConn
	// username and label are what is asked for, nil if anything will do.
	username, label *string
	// current is what is being played, nil if nothing is.
	current media.Publication
}

// openPlayer makes the connection of a session that receives.
func (s *session) openPlayer(query url.Values) error {
	play, err := s.handler.options.Engine.NewPlayConn(rtpconn.PlayOptions{
		DownOptions: rtpconn.DownOptions{
			Group: s.group.Name(), SubscriberID: s.id, OnFailed: s.end, OnBroken: s.end,
		},
		Codecs: s.group.Description().MediaCodecs(),
	})
	if err != nil {
		return err
	}
	s.conn = play
	s.source = &source{play: play, username: parameter(query, "username"), label: parameter(query, "label")}
	// What there is to play is looked at as soon as the session runs.
	s.signal()
	return nil
}

// parameter returns a parameter of a query, nil if it is not there.
func parameter(query url.Values, name string) *string {
	if !query.Has(name) {
		return nil
	}
	value := query.Get(name)
	return &value
}

// follow plays what there is to be played now.
func (f *source) follow(s *session) error {
	f.current = f.choose(s.group.Publications(s))
	return f.play.Play(f.current)
}

// choose picks the stream to play: the same as before; one that the same member
// sends under the same label, which has most likely replaced it; any other.
func (f *source) choose(publications []media.Publication) media.Publication {
	var best media.Publication
	quality := -1
	for _, p := range publications {
		owner, username := p.Owner()
		if f.username != nil && *f.username != username || f.label != nil && *f.label != p.Label() {
			continue
		}
		q := 0
		if p.Label() == defaultLabel {
			q = 1
		}
		if f.current != nil {
			if before, _ := f.current.Owner(); before == owner {
				q += 2
				if f.current.Label() == p.Label() {
					q += 2
				}
			}
			if p == f.current {
				q = 10
			}
		}
		if q > quality {
			best, quality = p, q
		}
	}
	return best
}
