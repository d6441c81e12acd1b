package ws

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"galene/group"
	"galene/group/leaktest"
	"galene/rtpconn"
)

// TestWireForm holds everything that the server sends to its JSON, byte by
// byte.
func TestWireForm(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	name, empty, three, zero := "ada", "", 3, uint16(0)
	moment := time.Date(2030, 1, 2, 9, 0, 0, 123456789, time.FixedZone("", 3600))
	self := group.Member{
		ID: "A1", Username: name, Permissions: []string{"present", "message"},
		Data: group.Data{"raisehand": json.RawMessage("true")},
	}
	post := group.Post{
		ID: "q8", Kind: "me", Source: "A1", Username: name, Dest: "B7", Privileged: true, NoEcho: true,
		Time: moment, Value: json.RawMessage(`{"a":"<&>"}`),
	}
	tests := []struct {
		message *Message
		want    string
	}{
		{&Message{Type: "handshake", Version: []string{"2"}}, `{"type":"handshake","version":["2"]}`},
		{&Message{Type: "pong"}, `{"type":"pong"}`},
		{
			&Message{
				Type: "joined", Kind: "join", Group: "lab", Username: &name, Permissions: self.Permissions,
				Status: &group.Status{
					Name: "lab", DisplayName: "Lab", Description: "text", AuthServer: "https://a", AuthPortal: "https://p",
					Locked: true, ClientCount: &three, CanChangePassword: true,
				},
				Data: group.Data{"agenda": json.RawMessage(`"fractions"`)},
				RTCConfiguration: &RTCConfiguration{
					ICEServers: []ICEServer{{
						URLs: []string{"turn:198.51.100.7:1194"}, Username: "galene", Credential: json.RawMessage(`"k3"`), CredentialType: "password",
					}},
					ICETransportPolicy: "relay",
				},
			},
			`{"type":"joined","kind":"join","username":"ada","permissions":["present","message"],` +
				`"status":{"name":"lab","displayName":"Lab","description":"text","authServer":"https://a","authPortal":"https://p",` +
				`"locked":true,"clientCount":3,"canChangePassword":true},"data":{"agenda":"fractions"},"group":"lab",` +
				`"rtcConfiguration":{"iceServers":[{"urls":["turn:198.51.100.7:1194"],"username":"galene","credential":"k3",` +
				`"credentialType":"password"}],"iceTransportPolicy":"relay"}}`,
		},
		{
			&Message{
				Type: "joined", Kind: "change", Group: "lab", Username: &empty,
				Status: &group.Status{Name: "lab"}, Data: group.Data{}, RTCConfiguration: &RTCConfiguration{},
			},
			`{"type":"joined","kind":"change","username":"","status":{"name":"lab"},"group":"lab","rtcConfiguration":{}}`,
		},
		{
			&Message{Type: "joined", Kind: "fail", Group: "lab", Username: &name, Error: "need-username", Value: text("username required")},
			`{"type":"joined","kind":"fail","error":"need-username","username":"ada","group":"lab","value":"username required"}`,
		},
		{
			userMessage("add", self),
			`{"type":"user","kind":"add","id":"A1","username":"ada","permissions":["present","message"],"data":{"raisehand":true}}`,
		},
		{userMessage("change", group.Member{ID: "A1"}), `{"type":"user","kind":"change","id":"A1","username":""}`},
		{
			postMessage("chat", post),
			`{"type":"chat","kind":"me","id":"q8","source":"A1","dest":"B7","username":"ada","privileged":true,` +
				`"value":{"a":"<&>"},"noecho":true,"time":"2030-01-02T08:00:00Z"}`,
		},
		{
			postMessage("usermessage", group.Post{Time: moment, Value: json.RawMessage(`""`)}),
			`{"type":"usermessage","username":"","value":"","time":"2030-01-02T08:00:00Z"}`,
		},
		{
			&Message{Type: "offer", ID: "T2", Replace: "S9", Source: "B7", Username: &name, SDP: "v=0\r\n", Label: "camera"},
			`{"type":"offer","id":"T2","replace":"S9","source":"B7","username":"ada","sdp":"v=0\r\n","label":"camera"}`,
		},
		{
			&Message{Type: "ice", ID: "S9", Candidate: &rtpconn.Candidate{Candidate: "candidate:1", SDPMid: &empty, SDPMLineIndex: &zero}},
			`{"type":"ice","id":"S9","candidate":{"candidate":"candidate:1","sdpMid":"","sdpMLineIndex":0,"usernameFragment":null}}`,
		},
	}
	for _, tt := range tests {
		if got := string(encode(tt.message)); got != tt.want {
			t.Errorf("got\n%s\nwant\n%s", got, tt.want)
		}
	}
}

// TestWireNames holds the names of the members of a message to those of the
// protocol.
func TestWireNames(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	want := strings.Fields(`type version kind error id replace source dest username password token privileged permissions
		status data group value noecho time sdp candidate label request rtcConfiguration resume received encodings bitrate tryAgain server`)
	var got []string
	for _, field := range reflect.VisibleFields(reflect.TypeFor[Message]()) {
		if name, _, _ := strings.Cut(field.Tag.Get("json"), ","); field.IsExported() {
			got = append(got, name)
		}
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestDecode(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	m, err := decode([]byte(` {"type":"join","kind":"join","group":"g","username":null,"dest":null,"replace":null,` +
		`"password":null,"data":null,"status":null,"value":null,"request":null,"permissions":null,"noecho":null,` +
		`"candidate":null,"rtcConfiguration":7,"unknown":{"x":[]}}`))
	if err != nil {
		t.Fatal(err)
	}
	if want := (&Message{Type: "join", Kind: "join", Group: "g"}); !reflect.DeepEqual(m, want) {
		t.Errorf("got %+v, want %+v", m, want)
	}
	m, err = decode([]byte(`{"type":"chat","username":"","value":"","noecho":true,"request":[1]}`))
	if err != nil {
		t.Fatal(err)
	}
	if m.Username == nil || *m.Username != "" || string(m.Value) != `""` || !m.NoEcho || string(m.Request) != "[1]" {
		t.Errorf("got %+v", m)
	}
}

func TestTruncateKeepsCharactersWhole(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for s, want := range map[string]string{"": "", "abc": "abc", "abcdef": "abcd", "abcü": "abc", "aüü": "aü", "€€": "€"} {
		if got := truncate(s, 4); got != want {
			t.Errorf("truncate(%q) = %q, want %q", s, got, want)
		}
	}
}

// FuzzDecode checks that what a client sends is refused, or has a JSON form
// that is decoded to the same message.
func FuzzDecode(f *testing.F) {
	leaktest.Check(f)
	for _, s := range []string{
		`{"type":"handshake","version":["2"],"id":"0c51"}`,
		`{"type":"join","kind":"join","group":"a/b","username":"ada","password":"x","data":{"raisehand":true}}`,
		`{"type":"request","request":{"camera":["audio","video-low"],"":[]}}`,
		`{"type":"offer","id":"s","label":"camera","replace":null,"sdp":"v=0\r\n"}`,
		`{"type":"ice","id":"s","candidate":{"candidate":"","sdpMid":null,"sdpMLineIndex":0,"usernameFragment":"x"}}`,
		`{"type":"chat","value":[{"a":1e999}],"noecho":true}`, `null`, `[]`, `{"type":`, `{"Type":"ping","TYPE":"x"}`,
		"{\"type\":\"\xff\"}", `{"value": {"a" : 1} }`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := decode(data)
		if err != nil {
			return
		}
		encoded := encode(m)
		again, err := decode(encoded)
		if err != nil {
			t.Fatalf("%q became %q: %v", data, encoded, err)
		}
		if got := encode(again); string(got) != string(encoded) {
			t.Errorf("%q became %q, and then %q", data, encoded, got)
		}
	})
}

// TestGoldenClientMessages holds what clients send, as testdata/client.jsonl has
// it, to what is read of it: nothing is lost and nothing is added.
func TestGoldenClientMessages(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	data, err := os.ReadFile("testdata/client.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		line = strings.TrimRight(line, "\n")
		m, err := decode([]byte(line))
		if err != nil {
			t.Errorf("%s: %v", line, err)
			continue
		}
		if got := string(encode(m)); got != line {
			t.Errorf("got\n%s\nwant\n%s", got, line)
		}
	}
}
