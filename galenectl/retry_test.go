package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"galene/group/leaktest"
)

func TestBusyServerIsAskedAgain(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for _, test := range []struct {
		name     string
		code     int
		after    string
		busy     int32
		status   int
		requests int32
	}{
		{"until it is not busy", 503, "0", 3, 0, 4},
		{"for good", 503, "0", 100, 1, 1 + maxRetries},
		{"at a time that is past", 503, "Fri, 01 Jan 2016 00:00:00 GMT", 1, 0, 2},
		{"when it does not say when", 503, "", 1, 1, 1},
		{"when it speaks nonsense", 503, "soon", 1, 1, 1},
		{"with another error", 500, "0", 1, 1, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var requests atomic.Int32
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if requests.Add(1) <= test.busy {
					if test.after != "" {
						w.Header().Set("Retry-After", test.after)
					}
					http.Error(w, "too many logins", test.code)
					return
				}
				fmt.Fprint(w, `["city"]`)
			}))
			defer server.Close()
			var stdout, stderr bytes.Buffer
			status := run(t.Context(), []string{"-config", "", "-server", server.URL, "list-groups"}, strings.NewReader(""), &stdout, &stderr)
			if status != test.status || requests.Load() != test.requests || (status == 0) != (stdout.String() == "city\n") {
				t.Errorf("status %d after %d requests: %q, %q", status, requests.Load(), &stdout, &stderr)
			}
			said := strings.Count(stderr.String(), "(too many logins); trying again in 0s")
			if said != int(test.requests)-1 {
				t.Errorf("told %d times: %q", said, &stderr)
			}
		})
	}
}

func TestWhenToTryAgain(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	now := time.Date(2030, 1, 2, 9, 0, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"2": 2 * time.Second, "3600": maxRetryAfter, "Wed, 02 Jan 2030 09:00:07 GMT": 7 * time.Second, "Thu, 03 Jan 2030 09:00:00 GMT": maxRetryAfter,
	} {
		answer := &http.Response{StatusCode: 503, Header: http.Header{"Retry-After": {value}}}
		if got, ok := retryAfter(answer, now); got != want || !ok {
			t.Errorf("%q: %v, %v", value, got, ok)
		}
	}
}
