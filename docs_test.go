package main

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"galene/group"
	"galene/group/leaktest"
)

// taggedBlocks returns the fenced blocks of a page that begin with ```json KIND.
func taggedBlocks(t *testing.T, path, kind string) (list []string) {
	t.Helper()
	text := readDocument(t, path)
	for _, m := range regexp.MustCompile("(?s)```json "+kind+"\n(.*?)```").FindAllStringSubmatch(text, -1) {
		list = append(list, m[1])
	}
	if len(list) == 0 {
		t.Errorf("%s has no block of %s", path, kind)
	}
	return list
}

func readDocument(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// tableFields returns the names in the first column of tables whose header
// begins with the given word.
func tableFields(text, header string) map[string]bool {
	names := make(map[string]bool)
	inside := false
	for line := range strings.Lines(text) {
		first, _, isRow := strings.Cut(strings.TrimPrefix(line, "|"), "|")
		switch {
		case !strings.HasPrefix(line, "|") || !isRow:
			inside = false
		case strings.TrimSpace(first) == header:
			inside = true
		case inside:
			for _, m := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(first, -1) {
				names[m[1]] = true
			}
		}
	}
	return names
}

func TestEveryFieldHasAnExampleThatIsRead(t *testing.T) {
	leaktest.Check(t)
	const page = "docs/configuration.md"
	used := map[string]map[string]bool{"config": {}, "group": {}}
	parse := map[string]func(string) error{
		"config": func(s string) error { _, err := group.ParseConfig([]byte(s)); return err },
		"group":  func(s string) error { _, err := group.ParseDescription([]byte(s)); return err },
	}
	for kind, read := range parse {
		for _, block := range taggedBlocks(t, page, kind) {
			if err := read(block); err != nil {
				t.Errorf("%s: %v in\n%s", page, err, block)
			}
			var object map[string]json.RawMessage
			if err := json.Unmarshal([]byte(block), &object); err != nil {
				t.Fatal(err)
			}
			for key := range object {
				used[kind][key] = true
			}
		}
	}
	for kind, documented := range map[string]map[string]bool{
		"config": tableFields(readDocument(t, "data/README.md"), "Key"),
		"group":  tableFields(readDocument(t, "groups/README.md")[strings.Index(readDocument(t, "groups/README.md"), "## Fields"):], "field"),
	} {
		if len(documented) < 8 {
			t.Errorf("only %d fields of %s are documented", len(documented), kind)
		}
		for key := range documented {
			if !used[kind][key] {
				t.Errorf("%s has no example of %s in %s files", page, key, kind)
			}
		}
		obsolete := []string{"admin", "op", "presenter", "other", "allow-subgroups"}
		for key := range used[kind] {
			if !documented[key] && !strings.Contains(strings.Join(obsolete, " "), key) {
				t.Errorf("%s of %s files is in no table", key, kind)
			}
		}
	}
}

// Rows of docs/features.md: id, feature, status, proof.
var featureRow = regexp.MustCompile(`^\| (F\d{3}) \| (.+) \| (done|todo) \| (.*) \|$`)

// testName is what a proof may be called: a Go test, or a file of tests of the
// client.
var testName = regexp.MustCompile("`([^`]+)`")

func TestFeaturesAreProvedByTestsThatExist(t *testing.T) {
	leaktest.Check(t)
	tests := make(map[string]bool)
	function := regexp.MustCompile(`(?m)^func (Test\w+|Fuzz\w+|Benchmark\w+)\(`)
	walkSources(t, func(path string) {
		switch {
		case strings.HasSuffix(path, "_test.go"):
			for _, m := range function.FindAllStringSubmatch(readDocument(t, path), -1) {
				tests[m[1]] = true
			}
		case strings.HasSuffix(path, ".test.js"):
			tests[strings.TrimPrefix(path, "static/")] = true
		}
	})
	firefox := testsInFirefox(t)
	rows := 0
	for line := range strings.Lines(readDocument(t, "docs/features.md")) {
		if !strings.HasPrefix(line, "| F") {
			continue
		}
		m := featureRow.FindStringSubmatch(strings.TrimSpace(line))
		if m == nil {
			t.Errorf("no row of a feature: %s", line)
			continue
		}
		rows++
		names := testName.FindAllStringSubmatch(m[4], -1)
		_, there, _ := strings.Cut(m[4], "in Firefox: ")
		inFirefox := testName.FindAllStringSubmatch(there, -1)
		if m[1] >= "F193" && m[1] <= "F220" && len(inFirefox) == 0 {
			t.Errorf("%s is of the client, and no test of it runs in Firefox", m[1])
		}
		for _, name := range inFirefox {
			if !firefox[name[1]] {
				t.Errorf("%s: nothing in %s runs in Firefox", m[1], name[1])
			}
		}
		if m[3] == "done" && len(names) == 0 {
			t.Errorf("%s is done, says nothing and nobody", m[1])
		}
		for _, name := range names {
			if !tests[name[1]] {
				t.Errorf("%s: there is no test %s", m[1], name[1])
			}
		}
	}
	if rows != 224 {
		t.Errorf("%d features, not 224", rows)
	}
}

// testsInFirefox are the files of the client's tests that have tests which run
// in Firefox.
func testsInFirefox(t *testing.T) map[string]bool {
	t.Helper()
	found := make(map[string]bool)
	starts := regexp.MustCompile(`(?m)^everywhere\(|\bstartFirefox(With)?\(`)
	walkSources(t, func(path string) {
		if strings.HasSuffix(path, ".test.js") && starts.MatchString(readDocument(t, path)) {
			found[strings.TrimPrefix(path, "static/")] = true
		}
	})
	return found
}
