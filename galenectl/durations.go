package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// longUnits are the units beyond those of Go, as chat commands have them.
var longUnits = []struct {
	suffix string
	length time.Duration
}{
	{"mon", 31 * 24 * time.Hour},
	{"min", time.Minute},
	{"yr", 365 * 24 * time.Hour},
	{"d", 24 * time.Hour},
}

// parseDuration reads a duration as Go writes it ("90m", "1h30m"), or a number
// of days, months or years ("2d", "1mon", "1yr").
func parseDuration(s string) (time.Duration, error) {
	if d, err := time.ParseDuration(s); err == nil {
		return d, nil
	}
	for _, unit := range longUnits {
		number, ok := strings.CutSuffix(s, unit.suffix)
		if !ok {
			continue
		}
		n, err := strconv.ParseInt(number, 10, 32)
		if err != nil || time.Duration(n)*unit.length/unit.length != time.Duration(n) {
			break
		}
		return time.Duration(n) * unit.length, nil
	}
	return 0, fmt.Errorf("%q is not a duration, such as 90m, 24h, 2d or 1mon", s)
}

// durationValue is a flag.Value of such a duration.
type durationValue struct{ d *time.Duration }

func (v durationValue) Set(s string) (err error) {
	*v.d, err = parseDuration(s)
	return err
}

func (v durationValue) String() string {
	if v.d == nil || *v.d == 0 {
		return ""
	}
	return strings.TrimSuffix(strings.TrimSuffix(v.d.String(), "0s"), "0m")
}
