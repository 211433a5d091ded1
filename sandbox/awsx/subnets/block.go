package subnets

import (
	"fmt"
	"net/netip"
)

// addressCount is how many IPv4 addresses there are; positions are held in 64 bits so that running past the end shows.
const addressCount = uint64(1) << 32

// Block is an IPv4 CIDR block. Its address may have host bits, as AWS accepts 10.0.1.7/24 in a request; First and Last
// are those of the network.
type Block struct {
	address uint64
	bits    int
}

// ParseBlock reads a block such as 10.0.0.0/16. Anything but an IPv4 address with a mask of 0 to 32 is an error.
func ParseBlock(text string) (Block, error) {
	prefix, err := netip.ParsePrefix(text)
	if err != nil || !prefix.Addr().Is4() {
		return Block{}, fmt.Errorf("invalid CIDR block %q: want an IPv4 network such as 10.0.0.0/16", text)
	}
	var address uint64
	for _, octet := range prefix.Addr().As4() {
		address = address<<8 | uint64(octet)
	}
	return Block{address: address, bits: prefix.Bits()}, nil
}

// newBlock is the block at an address, which may have host bits. It is an error for the mask to be outside 0 to 32 or
// for the address to lie past 255.255.255.255.
func newBlock(address uint64, bits int) (Block, error) {
	if bits < 0 || bits > 32 {
		return Block{}, fmt.Errorf("invalid mask /%d: a netmask has 0 to 32 bits", bits)
	}
	if address >= addressCount {
		return Block{}, fmt.Errorf("a /%d block would lie past 255.255.255.255", bits)
	}
	return Block{address: address, bits: bits}, nil
}

// Bits is the length of the network mask.
func (b Block) Bits() int { return b.bits }

// Size is the number of addresses in the block.
func (b Block) Size() uint64 { return addressCount >> b.bits }

// First is the position of the network's first address.
func (b Block) First() uint64 { return b.address &^ (b.Size() - 1) }

// Last is the position of the network's last address.
func (b Block) Last() uint64 { return b.First() + b.Size() - 1 }

// Overlaps says whether the two blocks have an address in common.
func (b Block) Overlaps(other Block) bool {
	return b.First() <= other.Last() && other.First() <= b.Last()
}

// String is the block in CIDR notation, host bits as they were given.
func (b Block) String() string { return fmt.Sprintf("%s/%d", dotted(b.address), b.bits) }

// network is the block without host bits.
func (b Block) network() Block { return Block{address: b.First(), bits: b.bits} }

// next is the block of the given mask that begins at the first of its own boundaries after b.
func (b Block) next(bits int) (Block, error) {
	last, err := newBlock(b.Last(), bits)
	if err != nil {
		return Block{}, err
	}
	return newBlock(last.Last()+1, bits)
}

// split is the number-th block of bits more bits than b, counted from b's address as it is written.
func (b Block) split(bits, number int) (Block, error) {
	mask := b.bits + bits
	if mask > 32 {
		return Block{}, fmt.Errorf("requested %d new bits, but only %d are available", bits, 32-b.bits)
	}
	if mask < 0 {
		return Block{}, fmt.Errorf("invalid mask /%d: a netmask has 0 to 32 bits", mask)
	}
	return newBlock(b.address+(addressCount>>mask)*uint64(number), mask)
}

func dotted(address uint64) string {
	return netip.AddrFrom4([4]byte{byte(address >> 24), byte(address >> 16), byte(address >> 8), byte(address)}).String()
}
