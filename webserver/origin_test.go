package webserver_test

import (
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"galene/group/leaktest"
	"galene/group/logtest"
	"galene/webserver"
	"galene/webserver/wstest"
)

// It is what people forget who put a proxy in front of the server.
func TestLogSaysThatTheAddressOfTheProxyIsNotConfigured(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for _, tt := range []struct {
		name, config, scheme string
		insecure, told       bool
	}{
		{"no proxyURL", `{}`, "https", true, true},
		{"proxyURL of another scheme", `{"proxyURL": "http://HOST/"}`, "https", true, true},
		{"proxyURL", `{"proxyURL": "https://HOST/"}`, "https", true, false},
		{"proxyURL that is a scheme", `{"proxyURL": "https:"}`, "https", true, false},
		{"no proxy", `{}`, "http", true, false},
		{"TLS of our own", `{}`, "https", false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var log logtest.Buffer
			s := newSite(t, func(o *webserver.Options) {
				o.Logger, o.Insecure = slog.New(slog.NewTextHandler(&log, nil)), tt.insecure
			})
			_, host, _ := strings.Cut(s.URL, "://")
			s.write(s.options.DataDirectory, "config.json", strings.ReplaceAll(tt.config, "HOST", host))
			for range 3 {
				c, _, err := wstest.DialHeader(t, "ws"+strings.TrimPrefix(s.URL, "http")+"/ws", http.Header{"Origin": {tt.scheme + "://" + host}})
				if err != nil {
					t.Fatal(err)
				}
				c.Close()
			}
			told := strings.Count(log.String(), "begin with http: say where it is as proxyURL")
			if want := map[bool]int{true: 1}[tt.told]; told != want || tt.told && !strings.Contains(log.String(), "proxyURL=https://"+host+"/") {
				t.Errorf("told %d times, want %d:\n%s", told, want, &log)
			}
		})
	}
}
