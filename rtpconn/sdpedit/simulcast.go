package sdpedit

import (
	"slices"
	"strings"
)

// lowest is the encoding that the web client always makes the smallest.
const lowest = "l"

// readRIDs lists the encodings that the offerer may send: those with an
// a=rid:X send line, in the order of a=simulcast (RFC 8853), or of the a=rid
// lines where that is missing.
func readRIDs(lines []string) []string {
	var declared []string
	for _, l := range lines {
		if name, value := attribute(l); name == "rid" {
			fields := strings.Fields(value)
			if len(fields) >= 2 && fields[1] == "send" && printable(fields[0]) && len(fields[0]) <= maxName {
				declared = append(declared, fields[0])
			}
		}
	}
	value, _ := find(lines, "simulcast")
	var rids []string
	for _, rid := range slices.Concat(sendStreams(value), declared) {
		if slices.Contains(declared, rid) && !slices.Contains(rids, rid) && len(rids) < maxRIDs {
			rids = append(rids, rid)
		}
	}
	if i := slices.Index(rids, lowest); i >= 0 {
		rids = append(slices.Delete(rids, i, i+1), lowest)
	}
	return rids
}

// sendStreams takes the list after "send" out of the value of an a=simulcast
// line, "send h;~l,m recv x", or in the form of older drafts, "send rid=h;l".
// Of alternatives, which a comma separates, it takes the first; "~", for
// paused, is dropped.
func sendStreams(value string) []string {
	fields := strings.Fields(value)
	i := slices.Index(fields, "send")
	if i < 0 || i+1 >= len(fields) {
		return nil
	}
	list := strings.TrimPrefix(fields[i+1], "rid=")
	var rids []string
	for alternatives := range strings.SplitSeq(list, ";") {
		rid, _, _ := strings.Cut(alternatives, ",")
		if rid = strings.TrimPrefix(rid, "~"); rid != "" {
			rids = append(rids, rid)
		}
	}
	return rids
}
