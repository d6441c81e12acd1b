package precondition

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"galene/group/leaktest"
)

func TestEvaluate(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for _, tt := range []struct {
		method, match, noneMatch, tag string
		want                          Result
	}{
		{"GET", "", "", "1", Proceed},
		{"PUT", `"1"`, "", "1", Proceed},
		{"PUT", `"2"`, "", "1", Failed},
		{"PUT", `"2", "1"`, "", "1", Proceed},
		{"PUT", `"2" ,"1"`, "", "1", Proceed},
		{"PUT", `W/"1"`, "", "1", Failed},
		{"PUT", `W/"1", "1"`, "", "1", Proceed},
		{"PUT", `junk, "1"`, "", "1", Failed},
		{"PUT", `"2" "1"`, "", "1", Failed},
		{"PUT", `"1`, "", "1", Failed},
		{"PUT", `1`, "", "1", Failed},
		{"PUT", `*`, "", "1", Proceed},
		{"PUT", `*`, "", "", Failed},
		{"PUT", `""`, "", "", Failed},
		{"PUT", "", `*`, "", Proceed},
		{"PUT", "", `*`, "1", Failed},
		{"PUT", "", `"1"`, "1", Failed},
		{"PUT", "", `"2"`, "1", Proceed},
		{"GET", "", `"1"`, "1", NotModified},
		{"HEAD", "", `"2", "1"`, "1", NotModified},
		{"GET", "", `W/"1"`, "1", Proceed},
		{"GET", `"2"`, `"1"`, "1", Failed},
		{"DELETE", `"1"`, `"1"`, "1", Failed},
	} {
		r := httptest.NewRequest(tt.method, "/", nil)
		for name, value := range map[string]string{"If-Match": tt.match, "If-None-Match": tt.noneMatch} {
			if value != "" {
				r.Header.Set(name, value)
			}
		}
		if got := Evaluate(r, tt.tag); got != tt.want {
			t.Errorf("%s with If-Match %s, If-None-Match %s and tag %q: got %d, want %d", tt.method, tt.match, tt.noneMatch, tt.tag, got, tt.want)
		}
	}
	r := httptest.NewRequest(http.MethodPut, "/", nil)
	r.Header["If-Match"] = []string{`"2"`, `"1"`}
	if got := Evaluate(r, "1"); got != Proceed {
		t.Errorf("two headers: got %d", got)
	}
}

func FuzzMatches(f *testing.F) {
	leaktest.Check(f)
	for _, seed := range []string{`"1"`, `*`, `W/"1", "2"`, `"`, `,,"1"`, `"1" x`, "\x00"} {
		f.Add(seed, "1")
	}
	f.Fuzz(func(t *testing.T, header, tag string) {
		if matches([]string{header}, tag) && tag == "" {
			t.Errorf("%q matches what does not exist", header)
		}
	})
}
