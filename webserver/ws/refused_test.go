package ws_test

import (
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"galene/group/leaktest"
	"galene/group/logtest"
	"galene/webserver/ws"
)

// A proxy that is set up wrongly keeps everybody out, and browsers tell nobody why.
func TestLogSaysWhyAProxyKeepsEverybodyOut(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	wanted := http.Header{"Sec-Websocket-Version": {"13"}, "Sec-Websocket-Key": {"AAAAAAAAAAAAAAAAAAAAAA=="}, "Origin": {"https://meet.example.org"}}
	upgrade := http.Header{"Connection": {"Upgrade"}, "Upgrade": {"websocket"}}
	for _, tt := range []struct {
		name    string
		headers []http.Header
		status  int
		want    string
	}{
		{"no upgrade", []http.Header{wanted}, http.StatusBadRequest, "pass websockets on, as INSTALL says"},
		{"another origin", []http.Header{wanted, upgrade}, http.StatusForbidden, "pass on Host as it is, or name the page's origin"},
		{"a scanner", nil, http.StatusBadRequest, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var log logtest.Buffer
			s := newServerOf(t, nil, map[string]string{"g": `{}`}, ws.Options{
				Logger: slog.New(slog.NewTextHandler(&log, nil)), AllowOrigin: func(*http.Request) bool { return false },
			})
			for range 3 {
				r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL, nil)
				if err != nil {
					t.Fatal(err)
				}
				for _, headers := range tt.headers {
					for name, values := range headers {
						r.Header[name] = values
					}
				}
				answer, err := http.DefaultClient.Do(r)
				if err != nil {
					t.Fatal(err)
				}
				answer.Body.Close()
				if answer.StatusCode != tt.status {
					t.Errorf("%s", answer.Status)
				}
			}
			http.DefaultClient.CloseIdleConnections()
			told := strings.Count(log.String(), "websocket refused")
			if tt.want == "" && told > 0 || tt.want != "" && (told != 1 || !strings.Contains(log.String(), tt.want) || !strings.Contains(log.String(), "origin=https://meet.example.org")) {
				t.Errorf("the log is:\n%s", &log)
			}
		})
	}
}
