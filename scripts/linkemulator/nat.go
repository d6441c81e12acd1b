//go:build linux

package main

import (
	"encoding/binary"
	"sync"
)

const (
	protocolUDP = 17
	// step is how far apart the ports of one generation are from those of the
	// next.
	step = 1013
	// firstPort and ports bound the ports that are handed out.
	firstPort, ports = 30_000, 32_000
)

// nat translates the UDP ports of the client, in IPv4 packets. It begins by
// leaving them as they are.
type nat struct {
	// mu guards generation, of which each has other ports.
	mu         sync.Mutex
	generation uint32
}

// rebind forgets all translations and makes others.
func (n *nat) rebind() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.generation++
}

func (n *nat) current() uint32 {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.generation
}

// outbound translates a packet of the client's.
func (n *nat) outbound(packet []byte) {
	g := n.current()
	if udp := payloadOfUDP(packet); udp != nil && g > 0 {
		put(udp, 0, translate(binary.BigEndian.Uint16(udp), g))
	}
}

// inbound translates a packet to the client.
func (n *nat) inbound(packet []byte) {
	g := n.current()
	if udp := payloadOfUDP(packet); udp != nil && g > 0 {
		put(udp, 2, restore(binary.BigEndian.Uint16(udp[2:]), g))
	}
}

// translate gives a port its number in a generation. Low ones stay.
func translate(port uint16, generation uint32) uint16 {
	if port < firstPort || port >= firstPort+ports {
		return port
	}
	return uint16(firstPort + (uint32(port)-firstPort+generation*step)%ports)
}

// restore is the inverse. A port of an earlier generation becomes one that
// nobody has.
func restore(port uint16, generation uint32) uint16 {
	if port < firstPort || port >= firstPort+ports {
		return port
	}
	back := (uint32(port) - firstPort + ports - generation*step%ports) % ports
	return uint16(firstPort + back)
}

// put writes a port and takes the checksum away, which IPv4 allows.
func put(udp []byte, at int, port uint16) {
	binary.BigEndian.PutUint16(udp[at:], port)
	binary.BigEndian.PutUint16(udp[6:], 0)
}

// payloadOfUDP returns the UDP datagram in an IPv4 packet, nil if it holds none,
// nor the beginning of one.
func payloadOfUDP(packet []byte) []byte {
	const offset = 0x1fff // of a fragment
	if len(packet) < 20 || packet[0]>>4 != 4 || packet[9] != protocolUDP || binary.BigEndian.Uint16(packet[6:])&offset != 0 {
		return nil
	}
	size := 4 * int(packet[0]&0x0f)
	if len(packet) < size+8 {
		return nil
	}
	return packet[size:]
}
