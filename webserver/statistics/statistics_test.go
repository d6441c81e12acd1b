package statistics

import (
	"encoding/json"
	"testing"
	"testing/fstest"
	"time"

	"galene/group"
	"galene/group/grouptest"
	"galene/group/leaktest"
	"galene/group/media"
	"galene/rtpconn"
	"galene/rtpconn/forward"
)

func TestJSON(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	registry := group.NewRegistry(group.RegistryOptions{Store: group.NewFileStore(fstest.MapFS{
		"a.json":     {Data: []byte(`{"displayName": "A room", "wildcard-user": {"password": {"type": "wildcard"}, "permissions": "present"}}`)},
		"empty.json": {Data: []byte(`{}`)},
	}, "groups", nil)})
	if _, err := registry.Get("empty"); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"c2", "c1"} {
		name := "ada"
		if _, err := registry.Join(t.Context(), group.JoinOptions{Group: "a", Client: grouptest.NewClient(id), Credentials: group.Credentials{Username: &name}}); err != nil {
			t.Fatal(err)
		}
	}
	two := make([]rtpconn.EncodingStats, 2)
	vp8 := media.Codec{MimeType: "video/VP8"}
	got, err := json.Marshal(collect(registry.Groups(), []rtpconn.ConnStats{
		{Group: "a", Client: "c1", ID: "s2", Label: "camera", Tracks: []rtpconn.TrackStats{
			{Kind: media.Video, Codec: vp8, Bitrate: 431200, MaxBitrate: 700000, Jitter: 2400 * time.Microsecond, Encodings: []rtpconn.EncodingStats{
				{RID: "h", Bitrate: 400000, Jitter: 2400 * time.Microsecond}, {RID: "l", Bitrate: 31200, Loss: 0.5},
			}},
		}},
		{Group: "a", Client: "c1", ID: "s1"},
		{Group: "other", Client: "c1", ID: "s3"},
		{Group: "a", Client: "c2", ID: "s2", Label: "camera", Down: true, MaxBitrate: 900000, Tracks: []rtpconn.TrackStats{
			{Kind: media.Video, Codec: vp8, Loss: 0.25, RTT: 12 * time.Millisecond, Encodings: two, Encoding: 1, Highest: forward.Layers{TID: 2}, Reason: rtpconn.ReasonAsked},
			{Kind: media.Audio, Encodings: two[:1]},
			{Kind: media.Video, Encodings: two[:1], Layers: forward.Layers{SID: 1, TID: 0}, Highest: forward.Layers{SID: 2, TID: 1}},
			{Kind: media.Video, Encodings: two, Encoding: forward.Nothing},
		}},
	}))
	if err != nil {
		t.Fatal(err)
	}
	want := `[{"name":"a","displayName":"A room","clients":[` +
		`{"id":"c1","username":"ada","up":[{"id":"s1","tracks":[]},{"id":"s2","label":"camera","tracks":[` +
		`{"kind":"video","codec":"vp8","bitrate":431200,"maxBitrate":700000,"loss":0,"jitter":2.4,"encodings":[` +
		`{"rid":"h","bitrate":400000,"loss":0,"jitter":2.4},{"rid":"l","bitrate":31200,"loss":0.5}]}]}]},` +
		`{"id":"c2","username":"ada","down":[{"id":"s2","label":"camera","maxBitrate":900000,"tracks":[` +
		`{"kind":"video","codec":"vp8","bitrate":0,"loss":0.25,"rtt":12,"sid":0,"maxSid":1,"tid":0,"maxTid":2,"reason":"asked"},` +
		`{"kind":"audio","bitrate":0,"loss":0},` +
		`{"kind":"video","bitrate":0,"loss":0,"sid":1,"maxSid":2,"tid":0,"maxTid":1},` +
		`{"kind":"video","bitrate":0,"loss":0,"maxSid":1}]}]}]},` +
		`{"name":"empty"}]`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
