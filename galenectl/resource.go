package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// object is a JSON object, whose members are kept as they are.
type object map[string]any

// resource is something that the interface lets one read and write as a JSON
// object.
type resource struct {
	// name is what it is called in messages, as in `group "city"`.
	name string
	// path is that of the interface.
	path string
	// missing says in words that it, or what it is in, is not there; exists
	// that it is there already.
	missing, exists string
}

func (r resource) request(verb string) request {
	return request{path: r.path, what: verb + " " + r.name, notFound: r.missing}
}

// get reads the resource.
func (r resource) get(ctx context.Context, c *connection) (value object, tag string, err error) {
	q := r.request("show")
	tag, err = c.getJSON(ctx, q, &value)
	if err == nil && value == nil {
		err = errors.New(q.what + ": the answer is no JSON object")
	}
	return value, tag, err
}

// show prints the resource.
func (r resource) show(ctx context.Context, i *invocation) error {
	value, _, err := r.get(ctx, i.connection)
	if err != nil {
		return err
	}
	return printJSON(i.stdout, value)
}

// create makes it if it is not there.
func (r resource) create(ctx context.Context, c *connection, value object) error {
	q := r.request("create")
	q.ifNoneMatch, q.conflict = "*", r.exists
	return c.putJSON(ctx, q, value)
}

// update changes it, unless somebody else does at the same time.
func (r resource) update(ctx context.Context, c *connection, change func(object) error) error {
	value, tag, err := r.get(ctx, c)
	if err != nil {
		return err
	}
	if err := change(value); err != nil {
		return err
	}
	q := r.request("update")
	q.ifMatch = tag
	return c.putJSON(ctx, q, value)
}

// remove deletes it.
func (r resource) remove(ctx context.Context, c *connection) error {
	return c.remove(ctx, r.request("delete"))
}

// readTemplate reads the JSON object that -json takes from standard input.
func readTemplate(stdin io.Reader) (object, error) {
	d := json.NewDecoder(stdin)
	d.UseNumber()
	var template object
	if err := d.Decode(&template); err != nil {
		return nil, fmt.Errorf("read the JSON object on standard input: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the JSON object on standard input")
	}
	if template == nil {
		return nil, errors.New("standard input holds no JSON object")
	}
	return template, nil
}

// apply merges a template into the value: members replace those of the same
// name, null deletes.
func (o object) apply(template object) {
	for name, value := range template {
		if value == nil {
			delete(o, name)
		} else {
			o[name] = value
		}
	}
}
