package rtpconn

import (
	"slices"
	"time"
)

// wheel spreads what is done for each line once in a lineInterval over the ticks
// of that time: a tick touches the memory of a tenth of the lines. The worker's
// lock guards it. The zero value is empty.
type wheel struct {
	slots [lineInterval / tickInterval][]*line
	// turned counts the slots that have had their turn, the empty ones too.
	turned int64
}

// add puts a line where there are fewest.
func (w *wheel) add(l *line) {
	for i := range w.slots {
		if len(w.slots[i]) < len(w.slots[l.slot]) {
			l.slot = i
		}
	}
	w.slots[l.slot] = append(w.slots[l.slot], l)
}

func (w *wheel) remove(l *line) {
	w.slots[l.slot] = slices.DeleteFunc(w.slots[l.slot], func(o *line) bool { return o == l })
}

// turn looks at the lines whose time has come; at each once, however late it is.
func (w *wheel) turn(now time.Duration) {
	due := int64(now / tickInterval)
	for w.turned = max(w.turned, due-int64(len(w.slots))); w.turned < due; w.turned++ {
		for _, l := range w.slots[w.turned%int64(len(w.slots))] {
			l.tick(now)
		}
	}
}
