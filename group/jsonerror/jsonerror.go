// Package jsonerror says what is wrong with JSON in the words of JSON, for
// people who write it by hand and know nothing of Go, and where. It knows
// nothing of what the JSON is about.
package jsonerror

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
)

// Plain returns an error of encoding/json in plain words; every other error is
// returned as it is.
func Plain(err error) error {
	var mismatch *json.UnmarshalTypeError
	switch {
	case errors.As(err, &mismatch):
		text := fmt.Sprintf("%s where %s is needed", mismatch.Value, typeName(mismatch.Type))
		if mismatch.Field != "" {
			text = fmt.Sprintf("key %q: %s", mismatch.Field, text)
		}
		return errors.New(text)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("unexpected end")
	}
	return err
}

// typeName says what a value of a type is decoded from.
func typeName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		return "a string"
	case reflect.Slice, reflect.Array:
		return "an array"
	case reflect.Struct, reflect.Map:
		return "an object"
	case reflect.Pointer:
		return typeName(t.Elem())
	}
	return "a whole number"
}

// Position returns the line and the column of a byte of data, which count from
// 1; a column is a byte.
func Position(data []byte, offset int64) (line, column int) {
	before := data[:min(max(offset, 0), int64(len(data)))]
	return 1 + bytes.Count(before, []byte("\n")), len(before) - bytes.LastIndexByte(before, '\n')
}
