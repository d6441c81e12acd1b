package sdpedit

import (
	"testing"

	"galene/group/leaktest"
)

func TestDTLSOfADescription(t *testing.T) {
	leaktest.Check(t)
	tests := map[string]struct {
		sdp  string
		want DTLS
	}{
		"of the session": {
			"v=0\r\na=fingerprint:sha-256 AA:BB\r\na=setup:active\r\nm=audio 9 RTP/SAVPF 111\r\n",
			DTLS{Hash: "sha-256", Fingerprint: "AA:BB"},
		},
		"of the sections": {
			"v=0\r\nm=audio 9 RTP/SAVPF 111\r\na=setup:passive\r\na=fingerprint:SHA-1 aa:bb\r\nm=video 9 RTP/SAVPF 96\r\na=setup:active\r\n",
			DTLS{Hash: "SHA-1", Fingerprint: "aa:bb", Passive: true},
		},
		"either may begin": {"v=0\na=setup:actpass\na=fingerprint:sha-256 AA\n", DTLS{Hash: "sha-256", Fingerprint: "AA"}},
		"nothing":          {"v=0\r\n", DTLS{}},
		"half of it":       {"a=fingerprint:sha-256\r\n", DTLS{Hash: "sha-256"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			leaktest.Check(t)
			if got := ReadDTLS(test.sdp); got != test.want {
				t.Errorf("%+v", got)
			}
		})
	}
}
