// Package statistics puts together what the server tells its administrators
// about groups, members, streams and tracks. It knows the JSON of that and no
// HTTP.
package statistics

import (
	"slices"
	"strings"
	"time"

	"galene/group"
	"galene/rtpconn"
)

// Group are the statistics of a group in memory.
type Group struct {
	Name string `json:"name"`
	// DisplayName is the name for people, if the group has one.
	DisplayName string `json:"displayName,omitempty"`
	// Clients are sorted by id.
	Clients []Client `json:"clients,omitempty"`
}

// Client are the statistics of a member.
type Client struct {
	ID       string `json:"id"`
	Username string `json:"username,omitempty"`
	// Up are the streams that the client sends, Down those that it gets, each
	// sorted by id.
	Up   []Connection `json:"up,omitempty"`
	Down []Connection `json:"down,omitempty"`
}

// Connection are the statistics of one stream in one direction.
type Connection struct {
	ID    string `json:"id"`
	Label string `json:"label,omitempty"`
	// MaxBitrate is in bit/s what the sender is asked not to exceed, or what
	// the line of who gets it is estimated to take; 0 if that is not known.
	MaxBitrate int64   `json:"maxBitrate,omitempty"`
	Tracks     []Track `json:"tracks"`
}

// Track are the statistics of one track.
type Track struct {
	// Kind is audio or video, Codec the name of the codec, in lower case.
	Kind  string `json:"kind"`
	Codec string `json:"codec,omitempty"`
	// Bitrate is in bit/s.
	Bitrate int64 `json:"bitrate"`
	// MaxBitrate is in bit/s how much of the track is of use, or how much of
	// it the line of who gets it could take; 0 if that is not known.
	MaxBitrate int64 `json:"maxBitrate,omitempty"`
	// Loss is the fraction of packets lost, from 0 to 1.
	Loss float64 `json:"loss"`
	// RTT and Jitter are in milliseconds, 0 if they are not known.
	RTT    float64 `json:"rtt,omitempty"`
	Jitter float64 `json:"jitter,omitempty"`
	// SID is the encoding that a subscriber gets where there are several, else
	// the spatial layer, TID the temporal layer; MaxSID and MaxTID are the best
	// that there are. They are absent where there is only one, SID and TID also
	// while the subscriber gets nothing.
	SID    *int `json:"sid,omitempty"`
	MaxSID *int `json:"maxSid,omitempty"`
	TID    *int `json:"tid,omitempty"`
	MaxTID *int `json:"maxTid,omitempty"`
	// Reason says why a subscriber's picture is no better: "line", "held",
	// "keyframe", "unsent" or "asked", and "top" if there is no better one.
	Reason string `json:"reason,omitempty"`
	// Encodings are those that the client sends, the best first, if it sends
	// several.
	Encodings []Encoding `json:"encodings,omitempty"`
}

// Encoding are the statistics of one encoding of a track.
type Encoding struct {
	RID     string  `json:"rid,omitempty"`
	Bitrate int64   `json:"bitrate"`
	Loss    float64 `json:"loss"`
	Jitter  float64 `json:"jitter,omitempty"`
}

// key names a member: client ids are unique in their group only.
type key struct{ group, client string }

// Collect returns the statistics of all groups in memory, by name. engine is
// nil where there is no media.
func Collect(registry *group.Registry, engine *rtpconn.Engine) []Group {
	var conns []rtpconn.ConnStats
	if engine != nil {
		conns = engine.Stats()
	}
	return collect(registry.Groups(), conns)
}

func collect(groups []*group.Group, conns []rtpconn.ConnStats) []Group {
	byMember := make(map[key][]rtpconn.ConnStats)
	for _, c := range conns {
		k := key{c.Group, c.Client}
		byMember[k] = append(byMember[k], c)
	}
	list := make([]Group, 0, len(groups))
	for _, g := range groups {
		s := Group{Name: g.Name(), DisplayName: g.Description().DisplayName}
		for _, m := range g.Members() {
			s.Clients = append(s.Clients, client(m, byMember[key{g.Name(), m.ID}]))
		}
		slices.SortFunc(s.Clients, func(a, b Client) int { return strings.Compare(a.ID, b.ID) })
		list = append(list, s)
	}
	return list
}

func client(m group.Member, conns []rtpconn.ConnStats) Client {
	c := Client{ID: m.ID, Username: m.Username}
	slices.SortFunc(conns, func(a, b rtpconn.ConnStats) int { return strings.Compare(a.ID, b.ID) })
	for _, conn := range conns {
		if conn.Down {
			c.Down = append(c.Down, connection(conn))
		} else {
			c.Up = append(c.Up, connection(conn))
		}
	}
	return c
}

func connection(conn rtpconn.ConnStats) Connection {
	c := Connection{ID: conn.ID, Label: conn.Label, MaxBitrate: conn.MaxBitrate, Tracks: make([]Track, 0, len(conn.Tracks))}
	for _, t := range conn.Tracks {
		_, codec, _ := strings.Cut(strings.ToLower(t.Codec.MimeType), "/")
		track := Track{
			Kind: t.Kind.String(), Codec: codec, Bitrate: t.Bitrate, MaxBitrate: t.MaxBitrate, Loss: t.Loss,
			RTT: milliseconds(t.RTT), Jitter: milliseconds(t.Jitter),
		}
		if conn.Down {
			track.setLayers(t)
			track.Reason = string(t.Reason)
		} else if len(t.Encodings) > 1 {
			for _, e := range t.Encodings {
				track.Encodings = append(track.Encodings, Encoding{e.RID, e.Bitrate, e.Loss, milliseconds(e.Jitter)})
			}
		}
		c.Tracks = append(c.Tracks, track)
	}
	return c
}

// setLayers tells which part of a publisher's track a subscriber gets.
func (t *Track) setLayers(s rtpconn.TrackStats) {
	sid, maxSID := int(s.Layers.SID), int(s.Highest.SID)
	if n := len(s.Encodings); n > 1 {
		// Layers are numbered from the lowest, encodings from the best.
		sid, maxSID = n-1-s.Encoding, n-1
	}
	tid, maxTID := int(s.Layers.TID), int(s.Highest.TID)
	if maxSID > 0 {
		t.SID, t.MaxSID = &sid, &maxSID
	}
	if maxTID > 0 {
		t.TID, t.MaxTID = &tid, &maxTID
	}
	if s.Encoding < 0 {
		t.SID, t.TID = nil, nil
	}
}

// milliseconds keeps microseconds, which are as precise as clocks are.
func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
