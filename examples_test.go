package main

import (
	"os"
	"regexp"
	"testing"

	"galene/group"
	"galene/group/leaktest"
)

// jsonBlocks are the examples of a manual.
var jsonBlocks = regexp.MustCompile("(?s)```json\n(.*?)```")

func TestExamplesOfTheManualsAreValid(t *testing.T) {
	leaktest.Check(t)
	check := func(path string, parse func([]byte) (*group.DecodeError, []*group.DecodeError)) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		examples := jsonBlocks.FindAllSubmatch(text, -1)
		if len(examples) == 0 {
			t.Errorf("%s has no examples", path)
		}
		for _, e := range examples {
			if fault, warnings := parse(e[1]); fault != nil || len(warnings) > 0 {
				t.Errorf("%s: %v %v\n%s", path, fault, warnings, e[1])
			}
		}
	}
	check("groups/README.md", group.CheckDescription)
	check("data/README.md", group.CheckConfig)
}
