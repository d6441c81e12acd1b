package jsonerror

import (
	"bytes"
	"errors"
	"unicode/utf8"
)

// mark is what some editors begin files of UTF-8 with (RFC 8259, section 8.1).
var mark = []byte("\xef\xbb\xbf")

// errUTF16 is said of what Windows calls Unicode.
var errUTF16 = errors.New("this is UTF-16; save the file as UTF-8")

// Unmarked returns a file without the mark that Notepad puts before its contents.
func Unmarked(data []byte) []byte { return bytes.TrimPrefix(data, mark) }

// Encoding returns an error if text is in an encoding in which there is no JSON.
func Encoding(data []byte) error {
	marked := bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff"))
	// The first characters of JSON are below 128, so that the other byte is 0.
	if marked || len(data) >= 2 && (data[0] == 0) != (data[1] == 0) {
		return errUTF16
	}
	return nil
}

// Invalid returns the offset of the first byte that is not UTF-8, such as an é that was
// saved as ANSI or Latin-1; -1 if there is none.
func Invalid(data []byte) int64 {
	if utf8.Valid(data) {
		return -1
	}
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size == 1 {
			return int64(i)
		}
		i += size
	}
	return -1
}
