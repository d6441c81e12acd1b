package jsonerror_test

import (
	"encoding/json"
	"errors"
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
