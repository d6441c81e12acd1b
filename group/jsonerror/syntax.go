package jsonerror

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Syntax returns an error of encoding/json about the byte of data at offset in the
// words of whoever has made the mistake, if it is one that people make often, else as
// it is.
func Syntax(err error, data []byte, offset int64) error {
	var syntax *json.SyntaxError
	if !errors.As(err, &syntax) || offset < 0 || offset >= int64(len(data)) {
		return err
	}
	text := syntax.Error()
	r, _ := utf8.DecodeRune(data[offset:])
	value := strings.Contains(text, "looking for beginning of")
	switch before := bytes.TrimRight(data[:offset], " \t\r\n"); {
	case value && (r == '}' || r == ']') && bytes.HasSuffix(before, []byte(",")):
		return errors.New("there is a comma too many before this")
	case value && strings.ContainsRune("/#", r):
		return errors.New("there are no comments in JSON")
	case value && strings.ContainsRune("'‘’‚“”„«»", r):
		return fmt.Errorf(`text stands in quotation marks like ", not %c`, r)
	case strings.Contains(text, "after object key:value pair"), strings.Contains(text, "after array element"):
		if r == '"' || r == '{' || r == '[' {
			return errors.New("there is a comma missing before this")
		}
	case strings.Contains(text, "in string literal") && (r == '\n' || r == '\r'):
		return errors.New(`the text before this has no " at its end`)
	}
	return err
}
