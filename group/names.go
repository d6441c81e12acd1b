package group

import (
	"path"
	"strings"
	"unicode/utf8"
)

// maxUsername is the longest user name, in bytes.
const maxUsername = 256

// maxName is the longest name of a group that there can be, in bytes: that of
// the longest path of Linux. It bounds how many names are above one.
const maxName = 4096

// ValidName tells whether a group may have this name: a clean, relative,
// slash-separated path in UTF-8 without backslashes, control characters, and
// components that begin with a dot.
func ValidName(name string) bool {
	if !pathlike(name) || !utf8.ValidString(name) {
		return false
	}
	return !hasControl(name) && name[0] != '.' && !strings.Contains(name, "/.")
}

// ValidUsername tells whether somebody may be called that: nothing, or a clean,
// relative, slash-separated path without backslashes and control characters, of
// at most 256 bytes. A user name ends up
// in the names of files, hence the likeness to group names.
func ValidUsername(name string) bool {
	if name == "" {
		return true
	}
	return len(name) <= maxUsername && pathlike(name) && !hasControl(name)
}

// NameFromPath returns the name of the group that a URL path below "/group/"
// means, and "" if it means none.
func NameFromPath(urlPath string) string {
	rest, ok := strings.CutPrefix(urlPath, "/group/")
	if !ok || rest == "" || rest[0] == '.' {
		return ""
	}
	name := path.Clean("/" + rest)[1:]
	if !ValidName(name) {
		return ""
	}
	return name
}

// pathlike tells whether name is a relative path that cleaning leaves as it is.
func pathlike(name string) bool {
	return name != "" && !strings.Contains(name, `\`) && path.Clean("/"+name) == "/"+name
}

func hasControl(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r < 0x20 || r == 0x7f })
}
