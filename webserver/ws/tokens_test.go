package ws_test

import (
	"testing"
	"time"

	"galene/group/leaktest"
	"galene/webserver/wstest"
)

const inviting = `{
	"users": {
		"op": {"password": "op", "permissions": "op"},
		"host": {"password": "host", "permissions": ["token", "present"]},
		"guest": {"password": "guest", "permissions": "present"}
	}
}`

func groupAction(kind string, value any) message {
	return message{"type": "groupaction", "kind": kind, "value": value}
}

func invitation(more message) message {
	m := message{"group": "g", "permissions": []string{"present"}, "expires": 60_000}
	for k, v := range more {
		if v == nil {
			delete(m, k)
		} else {
			m[k] = v
		}
	}
	return m
}

// expectToken expects the answer to a request for tokens, and returns its value.
func expectToken(c *wstest.Client, kind string) any {
	m := c.Expect(message{"type": "usermessage", "kind": kind, "privileged": true, "source": nil, "dest": nil, "error": nil})
	return m["value"]
}

func TestInvitationsThatAreRefused(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newServer(t, map[string]string{"g": inviting})
	host := s.join("g", "host", "host")
	guest := s.join("g", "guest", "guest")
	host.Await(message{"type": "user", "kind": "add", "username": "guest"})
	op := s.join("g", "op", "op")
	host.Await(message{"type": "user", "kind": "add", "username": "op"})
	guest.Await(message{"type": "user", "kind": "add", "username": "op"})
	for range 2 {
		op.Await(message{"type": "user", "kind": "add"})
	}
	for _, tt := range []struct {
		name        string
		client      *wstest.Client
		request     message
		kind        string
		error, text string
	}{
		{"without the permission", guest, groupAction("maketoken", invitation(nil)), "token", "not-authorised", "not authorised"},
		{"without the permission, malformed", guest, groupAction("maketoken", 7), "token", "not-authorised", "not authorised"},
		{"no value", host, groupAction("maketoken", nil), "token", "error", "bad token value"},
		{"value that is no object", host, groupAction("maketoken", []int{}), "token", "error", "bad token value"},
		{"group that is a number", host, groupAction("maketoken", invitation(message{"group": 7})), "token", "error", "bad string value"},
		{"username that is a number", host, groupAction("maketoken", invitation(message{"username": 7})), "token", "error", "bad string value"},
		{"permissions that are text", host, groupAction("maketoken", invitation(message{"permissions": "present"})), "token", "error", "bad string list"},
		{"permissions that are null", host, groupAction("maketoken", invitation(message{"permissions": []any{nil}})), "token", "error", "bad string list"},
		{"date that is no date", host, groupAction("maketoken", invitation(message{"expires": "tomorrow"})), "token", "error", "bad time value"},
		{"date beyond all measure", host, groupAction("maketoken", invitation(message{"not-before": 1e300})), "token", "error", "bad time value"},
		{"name of its own", host, groupAction("maketoken", invitation(message{"token": "x"})), "token", "error", "client specified token"},
		{"another group", host, groupAction("maketoken", invitation(message{"group": "h"})), "token", "error", "wrong group in token"},
		{"no group", host, groupAction("maketoken", invitation(message{"group": nil})), "token", "error", "wrong group in token"},
		{"groups below", host, groupAction("maketoken", invitation(message{"includeSubgroups": true})), "token", "error", "hierarchical token not allowed"},
		{"for good", host, groupAction("maketoken", invitation(message{"expires": nil})), "token", "error", "token doesn't expire"},
		{"name of a user", host, groupAction("maketoken", invitation(message{"username": "op"})), "token", "error", "that username is taken"},
		{"permission that the host lacks", host, groupAction("maketoken", invitation(message{"permissions": []string{"present", "op"}})), "token", "not-authorised", "not authorised"},
		{"edit without op", host, groupAction("edittoken", message{"token": "x"}), "token", "not-authorised", "not authorised"},
		{"list without op", host, groupAction("listtokens", nil), "tokenlist", "not-authorised", "not authorised"},
		{"edit of nothing", op, groupAction("edittoken", message{}), "token", "error", "no such token"},
		{"edit of an unknown token", op, groupAction("edittoken", message{"token": "x"}), "token", "error", "no such token"},
		{"edit of the permissions", op, groupAction("edittoken", message{"token": "x", "permissions": []string{}}), "token", "error", "this field cannot be edited"},
		{"edit of the group", op, groupAction("edittoken", message{"token": "x", "group": "g"}), "token", "error", "this field cannot be edited"},
		{"edit of the groups below", op, groupAction("edittoken", message{"token": "x", "includeSubgroups": true}), "token", "error", "this field cannot be edited"},
		{"edit that is no object", op, groupAction("edittoken", "x"), "token", "error", "bad token value"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.client.Send(tt.request)
			tt.client.Expect(message{"type": "usermessage", "kind": tt.kind, "privileged": true, "error": tt.error, "value": tt.text, "source": nil, "dest": nil})
		})
	}
	outside := s.shakeHands()
	outside.Send(groupAction("maketoken", invitation(nil)))
	outside.ExpectError("join a group first")
}

func TestInvitationsFromMakingToRevoking(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newServer(t, map[string]string{"g": inviting, "h": inviting})
	op := s.join("g", "op", "op")
	op.Send(groupAction("listtokens", nil))
	if list := expectToken(op, "tokenlist").([]any); len(list) != 0 {
		t.Errorf("at first there are %v", list)
	}
	// That it be for subgroups is not for clients to say.
	op.Send(groupAction("maketoken", invitation(message{"expires": 3_600_000, "includeSubgroups": false, "x": 1})))
	free, _ := expectToken(op, "token").(map[string]any)
	if free["group"] != "g" || free["includeSubgroups"] != nil || free["issuedBy"] != "op" || free["issuedAt"] == nil || free["username"] != nil {
		t.Errorf("got %v", free)
	}
	expires := time.Now().Add(time.Minute).UTC().Format(time.RFC3339)
	op.Send(groupAction("maketoken", invitation(message{"username": "carrot", "expires": expires})))
	named, _ := expectToken(op, "token").(map[string]any)
	if named["expires"] != expires || named["username"] != "carrot" {
		t.Errorf("got %v", named)
	}
	op.Send(groupAction("listtokens", nil))
	list, _ := expectToken(op, "tokenlist").([]any)
	if len(list) != 2 || list[0].(map[string]any)["token"] != named["token"] || list[1].(map[string]any)["token"] != free["token"] {
		t.Errorf("got %v", list)
	}

	join := func(token, username any) (*wstest.Client, message) {
		c := s.shakeHands()
		m := message{"type": "join", "kind": "join", "group": "g", "token": token, "username": username}
		if username == nil {
			delete(m, "username")
		}
		c.Send(m)
		return c, c.Await(message{"type": "joined"})
	}
	_, joined := join(free["token"], nil)
	if joined["kind"] != "fail" || joined["error"] != "need-username" || joined["value"] != "username required" {
		t.Errorf("without a name: %v", joined)
	}
	_, joined = join(free["token"], "guest")
	if joined["kind"] != "fail" || joined["error"] != "duplicate-username" || joined["value"] != "not authorised: this username is taken" {
		t.Errorf("by the name of a user: %v", joined)
	}
	ada, joined := join(free["token"], "ada")
	if joined["kind"] != "join" || joined["username"] != "ada" || len(joined["permissions"].([]any)) != 1 {
		t.Errorf("by a name of his own: %v", joined)
	}
	_, joined = join(named["token"], nil)
	if joined["kind"] != "join" || joined["username"] != "carrot" {
		t.Errorf("by the name in the token: %v", joined)
	}

	elsewhere := s.join("h", "op", "op")
	elsewhere.Send(groupAction("edittoken", message{"token": free["token"], "expires": -1000}))
	elsewhere.Expect(message{"type": "usermessage", "kind": "token", "error": "error", "value": "no such token"})

	op.Send(groupAction("edittoken", message{"token": free["token"], "expires": -1000}))
	m := op.Await(message{"type": "usermessage", "kind": "token", "error": nil})
	if revoked := m["value"].(map[string]any); revoked["token"] != free["token"] || revoked["issuedBy"] != "op" {
		t.Errorf("revoked: %v", revoked)
	}
	for _, username := range []any{"eve", nil} {
		_, joined = join(free["token"], username)
		if joined["kind"] != "fail" || joined["value"] != "not authorised" || joined["error"] != nil {
			t.Errorf("with a revoked token, as %v: %v", username, joined)
		}
	}
	ada.Send(message{"type": "ping"})
	ada.Await(message{"type": "pong"})
	op.Send(groupAction("edittoken", message{"token": free["token"], "expires": 60_000}))
	op.Await(message{"type": "usermessage", "kind": "token", "error": nil})
	if _, joined = join(free["token"], "eve"); joined["kind"] != "join" {
		t.Errorf("with a token that is valid again: %v", joined)
	}
}
