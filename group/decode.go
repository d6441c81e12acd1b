package group

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"galene/group/jsonerror"
)

// A DecodeError says what is wrong with a file, and where.
type DecodeError struct {
	// Line and Column count from 1; a column is a byte.
	Line, Column int
	Err          error
}

// Error implements error, as "line:column: text".
func (e *DecodeError) Error() string { return fmt.Sprintf("%d:%d: %v", e.Line, e.Column, e.Err) }

// Unwrap returns what is wrong.
func (e *DecodeError) Unwrap() error { return e.Err }

// fields maps the keys that an object may have to pointers for their values.
type fields map[string]any

// name returns the one of the keys that is meant by what an object has. Galene never
// minded capitals, so there are files that mix them up.
func (f fields) name(key string) (name string, ok bool) {
	if _, ok := f[key]; ok {
		return key, true
	}
	for name := range f {
		if strings.EqualFold(name, key) {
			return name, true
		}
	}
	return "", false
}

// strictDecoder is a value that decodes itself, so as to be as strict inside as
// the object it stands in. base is where data begins in the file; data is one
// well-formed JSON value.
type strictDecoder interface {
	decodeStrict(data []byte, base int64) error
}

// offsetError is an error at a byte of the file.
type offsetError struct {
	offset int64
	err    error
}

func (e *offsetError) Error() string { return e.err.Error() }
func (e *offsetError) Unwrap() error { return e.err }

// decodeFile decodes a file that holds one JSON object and nothing else. Unlike
// encoding/json it refuses keys that it does not know and those that stand twice, and
// says where.
func decodeFile(data []byte, known fields) error {
	return decodeLenient(data, known, unknownKey)
}

// unknownKey is what strictness says to a key.
func unknownKey(key string, _ []byte) error {
	if isNote(key) {
		return nil
	}
	return fmt.Errorf("unknown key %q", key)
}

// isNote tells whether a key is the administrator's, to do with as he likes.
func isNote(key string) bool { return strings.HasPrefix(key, "_") || strings.HasPrefix(key, "$") }

// ignoreUnknown is what leniency says.
func ignoreUnknown(string, []byte) error { return nil }

// decodeLenient is decodeFile, but that unknown is given the keys that are not
// known with their values, and they are ignored when it has no error. Objects inside are
// as strict as ever.
func decodeLenient(data []byte, known fields, unknown func(key string, value []byte) error) error {
	data = jsonerror.Unmarked(data)
	if err := jsonerror.Encoding(data); err != nil {
		return place(&offsetError{0, err}, data)
	}
	return place(decodeWhole(data, known, unknown), data)
}

// place turns the offset of an error in data into line and column.
func place(err error, data []byte) error {
	if err == nil {
		return nil
	}
	var at *offsetError
	if !errors.As(err, &at) {
		return err
	}
	line, column := jsonerror.Position(data, at.offset)
	return &DecodeError{Line: line, Column: column, Err: jsonerror.Syntax(at.err, data, at.offset)}
}

func decodeWhole(data []byte, known fields, unknown func(string, []byte) error) error {
	value, at, err := only(data)
	if err != nil {
		return err
	}
	return decodeMembers(value, at, known, unknown)
}

// only returns the one JSON value that data is, and where it begins.
func only(data []byte) (value json.RawMessage, at int64, err error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	if err := dec.Decode(&value); err != nil {
		return nil, 0, located(err, 0, int64(len(data)))
	}
	end := dec.InputOffset()
	if rest := bytes.TrimLeft(data[end:], " \t\r\n"); len(rest) > 0 {
		return nil, 0, &offsetError{int64(len(data) - len(rest)), errors.New("something follows the object")}
	}
	return value, end - int64(len(value)), nil
}

// decodeObject decodes data, which begins at base, key by key.
func decodeObject(data []byte, base int64, known fields) error {
	return decodeMembers(data, base, known, unknownKey)
}

func decodeMembers(data []byte, base int64, known fields, unknown func(string, []byte) error) error {
	given := make(map[string]bool)
	return eachMember(data, base, func(key string, at int64, value []byte, valueAt int64) error {
		name, ok := known.name(key)
		if !ok {
			if err := unknown(key, value); err != nil {
				return &offsetError{at, err}
			}
			return nil
		}
		if given[name] {
			return &offsetError{at, standsTwice(key)}
		}
		given[name] = true
		err := decodeValue(value, valueAt, known[name])
		var where *offsetError
		if errors.As(err, &where) {
			return &offsetError{where.offset, fmt.Errorf("key %q: %w", key, where.err)}
		}
		return err
	})
}

func standsTwice(key string) error { return fmt.Errorf("key %q stands twice", key) }

// eachMember calls f for the members of the object data, which begins at base.
func eachMember(data []byte, base int64, f func(key string, at int64, value []byte, valueAt int64) error) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	token, err := dec.Token()
	if err != nil {
		return located(err, base, int64(len(data)))
	}
	if token != json.Delim('{') {
		return &offsetError{base, errors.New("not an object")}
	}
	seen := make(map[string]bool)
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return located(err, base, int64(len(data)))
		}
		key, _ := token.(string)
		end := dec.InputOffset()
		at := base + int64(bytes.LastIndexByte(data[:end-1], '"'))
		if seen[key] {
			return &offsetError{at, standsTwice(key)}
		}
		seen[key] = true
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return located(err, base, int64(len(data)))
		}
		if err := f(key, at, value, base+dec.InputOffset()-int64(len(value))); err != nil {
			return err
		}
	}
	return nil
}

// eachElement calls f for the elements of the array data, which begins at base;
// null is an empty one.
func eachElement(data []byte, base int64, f func(value []byte, at int64) error) error {
	if data[0] == 'n' {
		return nil
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	token, err := dec.Token()
	if err != nil {
		return located(err, base, int64(len(data)))
	}
	if token != json.Delim('[') {
		return &offsetError{base, errors.New("not an array")}
	}
	for dec.More() {
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return located(err, base, int64(len(data)))
		}
		if err := f(value, base+dec.InputOffset()-int64(len(value))); err != nil {
			return err
		}
	}
	return nil
}

// decodeValue decodes data, which begins at base, into what target points to.
func decodeValue(data []byte, base int64, target any) error {
	if strict, ok := target.(strictDecoder); ok {
		return strict.decodeStrict(data, base)
	}
	return located(json.Unmarshal(data, target), base, int64(len(data)))
}

// located gives an error of encoding/json its place in the file; length is that
// of what was decoded, at whose end a premature end is.
func located(err error, base, length int64) error {
	var syntax *json.SyntaxError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &syntax):
		// The offset is behind the offending byte.
		return &offsetError{base + syntax.Offset - 1, err}
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return &offsetError{base + length, errors.New("unexpected end of file")}
	}
	return &offsetError{base, jsonerror.Plain(err)}
}
