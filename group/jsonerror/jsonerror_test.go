package jsonerror_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"galene/group/jsonerror"
	"galene/group/leaktest"
)

func TestErrorsAreInTheWordsOfJSON(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	var target struct {
		Flag   *bool            `json:"flag"`
		Text   string           `json:"text"`
		Count  int              `json:"count"`
		List   []string         `json:"list"`
		Object map[string]int64 `json:"object"`
		Inner  struct {
			Text string `json:"text"`
		} `json:"inner"`
	}
	for data, want := range map[string]string{
		`{"flag": "yes"}`:        `key "flag": string where true or false is needed`,
		`{"text": 1}`:            `key "text": number where a string is needed`,
		`{"count": 1.5}`:         `key "count": number 1.5 where a whole number is needed`,
		`{"list": {}}`:           `key "list": object where an array is needed`,
		`{"object": []}`:         `key "object": array where an object is needed`,
		`{"inner": {"text": 1}}`: `key "inner.text": number where a string is needed`,
		`[]`:                     `array where an object is needed`,
	} {
		if err := jsonerror.Plain(json.Unmarshal([]byte(data), &target)); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", data, err, want)
		}
	}
	other := errors.New("x")
	if jsonerror.Plain(other) != other || jsonerror.Plain(nil) != nil {
		t.Error("another error has changed")
	}
}

func TestPositions(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	data := []byte("ab\nc\n")
	for offset, want := range map[int64][2]int{-1: {1, 1}, 0: {1, 1}, 1: {1, 2}, 3: {2, 1}, 5: {3, 1}, 9: {3, 1}} {
		if line, column := jsonerror.Position(data, offset); [2]int{line, column} != want {
			t.Errorf("byte %d is at %d:%d, want %v", offset, line, column, want)
		}
	}
}

func TestFrequentMistakesAreSaidInPlainWords(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for data, want := range map[string]string{
		"{\"a\": 1,\n}":        "2:1 there is a comma too many before this",
		"[1, 2, ]":             "1:8 there is a comma too many before this",
		"{\"a\": 1\n\"b\": 2}": "2:1 there is a comma missing before this",
		"[{}\n{}]":             "2:1 there is a comma missing before this",
		"{\n// note\n}":        "2:1 there are no comments in JSON",
		"# note\n{}":           "1:1 there are no comments in JSON",
		"{'a': 1}":             `1:2 text stands in quotation marks like ", not '`,
		"{“a”: 1}":             `1:2 text stands in quotation marks like ", not “`,
		"{\"a\": \"b\n}":       `1:9 the text before this has no " at its end`,
		// What nobody knows how to say better.
		"{\"a\" 1}": "1:6 invalid character '1' after object key",
		"}":         "1:1 invalid character '}' looking for beginning of value",
		"[1 2]":     "1:4 invalid character '2' after array element",
	} {
		var value any
		err := json.Unmarshal([]byte(data), &value)
		var syntax *json.SyntaxError
		if !errors.As(err, &syntax) {
			t.Errorf("%q: %v", data, err)
			continue
		}
		line, column := jsonerror.Position([]byte(data), syntax.Offset-1)
		if got := fmt.Sprintf("%d:%d %v", line, column, jsonerror.Syntax(err, []byte(data), syntax.Offset-1)); got != want {
			t.Errorf("%q: got %s, want %s", data, got, want)
		}
	}
	other := errors.New("x")
	if jsonerror.Syntax(other, []byte("{}"), 0) != other || jsonerror.Syntax(nil, nil, 0) != nil {
		t.Error("another error has changed")
	}
}

func TestEncodings(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for _, tt := range []struct {
		name, data string
		unmarked   string
		refused    bool
		invalid    int64
	}{
		{"UTF-8", "{\"é\": 1}", "{\"é\": 1}", false, -1},
		{"the mark of Notepad", "\ufeff{}", "{}", false, -1},
		{"a mark further behind", "{\ufeff}", "{\ufeff}", false, -1},
		{"UTF-16, little end first", "\xff\xfe{\x00}\x00", "\xff\xfe{\x00}\x00", true, 0},
		{"UTF-16, big end first", "\xfe\xff\x00{\x00}", "\xfe\xff\x00{\x00}", true, 0},
		{"UTF-16 without a mark", "{\x00}\x00", "{\x00}\x00", true, -1},
		{"Latin-1", "{\"caf\xe9\": 1}", "{\"caf\xe9\": 1}", false, 5},
		{"a replacement character", "\ufffd", "\ufffd", false, -1},
		{"nothing", "", "", false, -1},
		{"a byte", "{", "{", false, -1},
	} {
		data := []byte(tt.data)
		if got := string(jsonerror.Unmarked(data)); got != tt.unmarked {
			t.Errorf("%s: without a mark it is %q", tt.name, got)
		}
		if err := jsonerror.Encoding(data); (err != nil) != tt.refused {
			t.Errorf("%s: %v", tt.name, err)
		}
		if got := jsonerror.Invalid(data); got != tt.invalid {
			t.Errorf("%s: the first byte that is wrong is %d, want %d", tt.name, got, tt.invalid)
		}
	}
}
