package group

import "time"

const (
	// historyEntries is the number of messages that a newcomer is shown.
	historyEntries = 50
	// historyBytes bounds what one group's history may take in memory.
	historyBytes = 4 << 20
)

// history holds the latest messages to all, oldest first.
type history struct {
	posts []Post
	bytes int
}

// add appends a post and forgets what is beyond the bounds.
func (h *history) add(p Post) {
	h.posts = append(h.posts, p)
	h.bytes += p.Size()
	for len(h.posts) > historyEntries || h.bytes > historyBytes {
		h.dropFirst()
	}
}

// has tells whether there is a post of this id.
func (h *history) has(id string) bool {
	for i := range h.posts {
		if h.posts[i].ID == id {
			return true
		}
	}
	return false
}

// since forgets what is older than the given time and returns a copy of the rest.
func (h *history) since(t time.Time) []Post {
	for len(h.posts) > 0 && h.posts[0].Time.Before(t) {
		h.dropFirst()
	}
	return append([]Post(nil), h.posts...)
}

// remove forgets the posts that match.
func (h *history) remove(match func(Post) bool) {
	kept := make([]Post, 0, len(h.posts))
	h.bytes = 0
	for _, p := range h.posts {
		if !match(p) {
			kept = append(kept, p)
			h.bytes += p.Size()
		}
	}
	h.posts = kept
}

func (h *history) dropFirst() {
	h.bytes -= h.posts[0].Size()
	h.posts[0] = Post{}
	h.posts = h.posts[1:]
}
