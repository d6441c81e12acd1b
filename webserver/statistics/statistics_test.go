package statistics

import (
	"encoding/json"
	"testing"
	"testing/fstest"
	"time"

	"galene/group"
	"galene/group/grouptest"
	"galene/group/media"
	"galene/rtpconn"
)

func TestJSON(t *testing.T) {
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
	vp8 := media.Codec{MimeType: "video/VP8"}
	got, err := json.Marshal(collect(registry.Groups(), []rtpconn.ConnStats{
		{Group: "a", Client: "c1", ID: "s2", Label: "camera", Tracks: []rtpconn.TrackStats{
			{Kind: media.Video, Codec: vp8, Bitrate: 431200, Jitter: 2400 * time.Microsecond, Encodings: 2},
		}},
		{Group: "a", Client: "c1", ID: "s1"},
		{Group: "other", Client: "c1", ID: "s3"},
		{Group: "a", Client: "c2", ID: "s2", Label: "camera", Down: true, Tracks: []rtpconn.TrackStats{
			{Kind: media.Video, Codec: vp8, Loss: 0.25, RTT: 12 * time.Millisecond, Encodings: 2, Encoding: 1},
			{Kind: media.Audio, Encodings: 1},
		}},
	}))
	if err != nil {
		t.Fatal(err)
	}
	want := `[{"name":"a","displayName":"A room","clients":[` +
		`{"id":"c1","username":"ada","up":[{"id":"s1","tracks":[]},{"id":"s2","label":"camera","tracks":[` +
		`{"kind":"video","codec":"vp8","bitrate":431200,"loss":0,"jitter":2.4}]}]},` +
		`{"id":"c2","username":"ada","down":[{"id":"s2","label":"camera","tracks":[` +
		`{"kind":"video","codec":"vp8","bitrate":0,"loss":0.25,"rtt":12,"sid":0,"maxSid":1},` +
		`{"kind":"audio","bitrate":0,"loss":0}]}]}]},` +
		`{"name":"empty"}]`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
