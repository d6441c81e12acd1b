package whip

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"galene/group/leaktest"
)

func TestCredentialsOfTheSessionComeFirst(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	f, err := readFragment("a=ice-ufrag:abcd\na=ice-pwd:0123456789012345678901\nm=audio 9 RTP/AVP 0\na=ice-ufrag:efgh\n" +
		"a=ice-pwd:1111111111111111111111\na=mid:0\na=candidate:1 1 udp 1 192.0.2.1 9 typ host\nm=video 9 RTP/AVP 0\na=mid:1\na=candidate:2\n")
	if err != nil {
		t.Fatal(err)
	}
	if f.ufrag != "abcd" || f.pwd != "0123456789012345678901" {
		t.Errorf("credentials %q %q", f.ufrag, f.pwd)
	}
	want := []candidate{{"candidate:1 1 udp 1 192.0.2.1 9 typ host", "0"}, {"candidate:2", "1"}}
	if !slices.Equal(f.candidates, want) {
		t.Errorf("candidates %q", f.candidates)
	}
}

func TestLinksTellOfICEServers(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	servers := []ICEServer{
		{URLs: []string{"stun:stun.example:3478"}},
		{URLs: []string{"turn:198.51.100.7:1194", "turns:turn.example"}, Username: `a"b`, Credential: `c\d`},
		{URLs: []string{"turn:without.example", "http://other.example"}},
	}
	h := make(http.Header)
	addLinks(h, servers, true)
	want := []string{
		`<stun:stun.example:3478>; rel="ice-server"`,
		`<turn:198.51.100.7:1194>; rel="ice-server"; username="a\"b"; credential="c\\d"; credential-type="password"`,
		`<turns:turn.example>; rel="ice-server"; username="a\"b"; credential="c\\d"; credential-type="password"`,
	}
	if got := h.Values("Link"); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	h = make(http.Header)
	addLinks(h, servers, false)
	if got := h.Values("Link"); !slices.Equal(got, want[:1]) {
		t.Errorf("to anybody: %q", got)
	}
}

// FuzzFragment checks that what is read can be put into a description without
// adding lines to it.
func FuzzFragment(f *testing.F) {
	leaktest.Check(f)
	for _, s := range []string{
		"a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\nm=audio 9 RTP/AVP 0\r\na=mid:0\r\na=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n",
		"a=mid:0", "m=", "a=candidate", "a=ice-ufrag:", "\r\r\n", "=", "v=0\n\n",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		fragment, err := readFragment(text)
		if err != nil {
			return
		}
		for _, c := range append(fragment.candidates, candidate{fragment.ufrag, fragment.pwd}) {
			if strings.ContainsAny(c.text+c.mid, "\n") {
				t.Errorf("%q", c)
			}
		}
		if (fragment.ufrag == "") != (fragment.pwd == "") {
			t.Errorf("half of the credentials: %+v", fragment)
		}
	})
}
