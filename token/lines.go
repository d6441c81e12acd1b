package token

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"galene/group/jsonerror"
)

// maxSpread is how far a token may spread over lines, in bytes.
const maxSpread = 64 << 10

// line is a piece of a file of tokens: usually a line.
type line struct {
	// raw is how it stands there, without the end of the line.
	raw []byte
	// token is nil if it is no token.
	token *Stateful
}

// A LineError says what is wrong with a line, which counts from 1.
type LineError struct {
	Line int
	Err  error
}

// Error implements error.
func (e LineError) Error() string { return fmt.Sprintf("%d: %v", e.Line, e.Err) }

// Unwrap returns what is wrong.
func (e LineError) Unwrap() error { return e.Err }

// Check returns what is wrong with a file of tokens.
func Check(data []byte) []LineError {
	_, faults := parseLines(data)
	return faults
}

// parseLines takes a file of tokens apart. Somebody may have put several tokens
// on a line, or one on several lines. Nothing is lost: what is no token is in
// lines as well, but for empty ones.
func parseLines(data []byte) (lines []line, faults []LineError) {
	data = jsonerror.Unmarked(data)
	for number := 1; len(data) > 0; {
		space := len(data) - len(bytes.TrimLeft(data, " \t\r\n"))
		number += bytes.Count(data[:space], []byte("\n"))
		data = data[space:]
		if len(data) == 0 {
			break
		}
		raw, t, err := parseToken(data)
		if err != nil {
			if encoding := jsonerror.Encoding(raw); encoding != nil {
				err = encoding
			}
			faults = append(faults, LineError{number, err})
		}
		lines = append(lines, line{raw, t})
		number += bytes.Count(data[:len(raw)], []byte("\n"))
		data = data[len(raw):]
	}
	return lines, faults
}

// parseToken takes the first token off data, or else the first line.
func parseToken(data []byte) (raw []byte, t *Stateful, err error) {
	first := data
	if i := bytes.IndexByte(data, '\n'); i >= 0 {
		first = data[:i]
	}
	first = bytes.TrimRight(first, " \t\r")
	value, end, err := firstValue(first)
	if err != nil {
		var spread error
		value, end, spread = firstValue(data[:min(len(data), maxSpread)])
		if spread != nil {
			return first, nil, err
		}
	}
	t = &Stateful{}
	err = json.Unmarshal(value, t)
	if err == nil && t.Token == "" {
		err = errors.New("it has no name")
	}
	if err != nil {
		return data[:end], nil, err
	}
	return data[:end], t, nil
}

func firstValue(data []byte) (value json.RawMessage, end int64, err error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	err = decoder.Decode(&value)
	return value, decoder.InputOffset(), jsonerror.Plain(err)
}
