package mux

import (
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"testing"
	"time"

	"galene/group/leaktest"
)

func TestClosedViewLeavesNothingBehind(t *testing.T) {
	leaktest.Check(t)
	n := newNetwork(t)
	a := n.member(t, "aaaa")
	peer := netip.MustParseAddrPort("127.0.0.1:40000")
	n.check(t, a, "aaaa", peer)
	if _, err := a.conn.WriteTo(bindingRequest(t, "peer:aaaa").Raw, net.UDPAddrFromAddrPort(peer)); err != nil {
		t.Fatal(err)
	}
	if err := a.view.Close(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := a.conn.ReadFrom(make([]byte, 1500)); err == nil {
		// Datagrams that were queued may still be read; then it ends.
		for err == nil {
			_, _, err = a.conn.ReadFrom(make([]byte, 1500))
		}
	}
	if got := n.arrive(media, peer); len(got) != 0 {
		t.Error("media is routed to a closed view")
	}
	table := &n.mux.table
	if left := len(table.claims) + len(table.ufrags) + len(table.transactions); left != 0 {
		t.Errorf("%d entries left", left)
	}
}

// What the library does on its way out leads nobody to a view that is closed.
func TestClosedViewComesBackByNothing(t *testing.T) {
	leaktest.Check(t)
	n := newNetwork(t)
	a := n.member(t, "aaaa")
	peer := netip.MustParseAddrPort("127.0.0.1:40000")
	request := bindingRequest(t, "aaaa:peer")
	n.arrive(request.Raw, peer)
	if err := a.view.Close(); err != nil {
		t.Fatal(err)
	}
	a.view.write(bindingSuccess(t, request.TransactionID).Raw, peer)
	a.view.write(bindingRequest(t, "peer:aaaa").Raw, peer)
	if _, err := a.view.GetConn("bbbb", a.view.GetListenAddresses()[0]); err == nil {
		t.Error("it gives a conn")
	}
	table := &n.mux.table
	if left := len(table.claims) + len(table.ufrags) + len(table.transactions); left != 0 {
		t.Errorf("%d entries left", left)
	}
}

// What leads to others stays, whichever of two views has a name last.
func TestClosedViewTakesNothingOfOthersAlong(t *testing.T) {
	leaktest.Check(t)
	n := newNetwork(t)
	a, b := n.member(t, "aaaa"), n.member(t, "bbbb")
	if _, err := b.view.GetConn("aaaa", b.view.GetListenAddresses()[0]); err != nil {
		t.Fatal(err)
	}
	peer := netip.MustParseAddrPort("127.0.0.1:40000")
	request := bindingRequest(t, "peer:bbbb")
	if _, err := b.conn.WriteTo(request.Raw, net.UDPAddrFromAddrPort(peer)); err != nil {
		t.Fatal(err)
	}
	if err := a.view.Close(); err != nil {
		t.Fatal(err)
	}
	table := &n.mux.table
	if len(table.ufrags) != 2 || table.ufrags["aaaa"] != b.view || len(table.transactions) != 1 {
		t.Errorf("%d names and %d requests left", len(table.ufrags), len(table.transactions))
	}
	b.view.RemoveConnByUfrag("aaaa")
	if len(table.ufrags) != 1 {
		t.Errorf("%d names after one was removed", len(table.ufrags))
	}
	if err := b.view.Close(); err != nil {
		t.Fatal(err)
	}
	if left := len(table.ufrags) + len(table.transactions); left != 0 {
		t.Errorf("%d entries left", left)
	}
}

// While a view is closed nothing is routed: that must not take longer the more there are.
func BenchmarkClose(b *testing.B) {
	for _, views := range []int{10, 1000} {
		b.Run(fmt.Sprintf("views=%d", views), func(b *testing.B) {
			m := New(nil, func() time.Duration { return 0 })
			id := uint64(0)
			open := func() *View {
				v := m.NewView(&nobody{})
				id++
				m.table.addUfrag(fmt.Sprint(id), v)
				for range maxTransactions {
					id++
					var transaction transactionID
					binary.BigEndian.PutUint64(transaction[:], id)
					m.table.addTransaction(transaction, v, 0)
				}
				return v
			}
			for range views {
				open()
			}
			for b.Loop() {
				b.StopTimer()
				v := open()
				b.StartTimer()
				_ = v.Close() // never fails
			}
		})
	}
}
