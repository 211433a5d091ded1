package kinds

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/urn"
)

// Draft is one resource as it is about to be created, updated or deleted: what rules, defaults and outputs read.
type Draft struct {
	// Place is where the resource is or will be; its Region is set even when the type has none of its own.
	Place
	kind    *Kind
	urn     urn.URN
	serial  int
	inputs  resource.PropertyMap
	outputs resource.PropertyMap
	old     *Thing // nil while creating
	id      string
	tags    map[string]string // the provider's default tags
	world   World
	seen    *bool
}

// Creating is true for a new resource and false for an update or a deletion.
func (d *Draft) Creating() bool { return d.old == nil }

// LogicalName is the name in the program, such as web.
func (d *Draft) LogicalName() string { return d.urn.Name() }

// At is the input at a path, such as healthCheck.interval, with provider defaults filled in.
func (d *Draft) At(path string) Value {
	return Value{value: resource.NewObjectProperty(d.inputs), seen: d.seen}.At(path)
}

// Each is every input at a path in which [] stands for all indexes, such as subnetMappings[].subnetId.
func (d *Draft) Each(path string) []Value {
	return Value{value: resource.NewObjectProperty(d.inputs), seen: d.seen}.Each(path)
}

// Has is true when the input at a path is set; an unknown one is.
func (d *Draft) Has(path string) bool { return d.At(path).Exists() }

// Text is the string input at a path, or "".
func (d *Draft) Text(path string) string { return d.At(path).Text() }

// Int is the number input at a path, or 0.
func (d *Draft) Int(path string) int { return d.At(path).Int() }

// Bool is the boolean input at a path, or false.
func (d *Draft) Bool(path string) bool { return d.At(path).Bool() }

// Texts is the strings of the list input at a path.
func (d *Draft) Texts(path string) []string { return d.At(path).Texts() }

// Was is the input at a path before this update; nothing while creating.
func (d *Draft) Was(path string) Value {
	if d.old == nil {
		return Value{path: path}
	}
	return Value{value: resource.NewObjectProperty(d.old.Inputs)}.At(path)
}

// Changed is true when this update changes the input at a path, or makes it unknown. It is false while creating.
func (d *Draft) Changed(path string) bool {
	if d.old == nil {
		return false
	}
	return !reflect.DeepEqual(Bare(d.At(path).value), Bare(d.Was(path).value))
}

// ID is the resource's id; "" before it has one.
func (d *Draft) ID() string { return d.id }

// Output is an output: of this operation if it is already computed, otherwise of the last one.
func (d *Draft) Output(path string) Value {
	outputs := d.outputs
	if outputs == nil && d.old != nil {
		outputs = d.old.Outputs
	}
	return Value{value: resource.NewObjectProperty(outputs), seen: d.seen}.At(path)
}

// Find is the resource of a type with an id in the same account and Region, or nil.
func (d *Draft) Find(token, id string) *Thing {
	if id == "" {
		return nil
	}
	return d.world.Get(d.placeOf(token), token, id)
}

// FindBy is the resource of a type whose output has a value, such as its arn or its name, or nil.
func (d *Draft) FindBy(token, output, value string) *Thing {
	if value == "" {
		return nil
	}
	for _, thing := range d.world.All(d.placeOf(token), token) {
		if thing.Text(output) == value {
			return thing
		}
	}
	return nil
}

// Others is every other resource of a type in the same account and Region, by id.
func (d *Draft) Others(token string) []*Thing {
	var others []*Thing
	for _, thing := range d.world.All(d.placeOf(token), token) {
		if token != d.kind.Token || d.id == "" || thing.ID != d.id {
			others = append(others, thing)
		}
	}
	return others
}

// UsedBy is every other resource of a type that has value in its outputs at path, in which [] stands for all indexes:
// d.UsedBy(Subnet, "vpcId", d.ID()).
func (d *Draft) UsedBy(token, path, value string) []*Thing {
	var users []*Thing
	for _, thing := range d.Others(token) {
		for _, found := range (Value{value: resource.NewObjectProperty(thing.Outputs)}).Each(path) {
			if found.Text() == value {
				users = append(users, thing)
				break
			}
		}
	}
	return users
}

// Tags is the provider's default tags with the draft's own on top.
func (d *Draft) Tags() map[string]string {
	tags := make(map[string]string, len(d.tags))
	for key, value := range d.tags {
		tags[key] = value
	}
	own := d.At("tags")
	for _, key := range own.Keys() {
		tags[key] = own.step(key).Text()
	}
	return tags
}

// Hex is n hexadecimal characters that are the same on every machine and differ from every other resource's. label tells
// several such texts of one resource apart. n is at most 64.
func (d *Draft) Hex(label string, n int) string {
	return hex.EncodeToString(d.hash(label))[:n]
}

// Digits is like Hex, of decimal digits, the first of which is not 0. n is at most 32.
func (d *Draft) Digits(label string, n int) string {
	digits := make([]byte, n)
	for position, octet := range d.hash(label)[:n] {
		digits[position] = '0' + octet%10
	}
	if digits[0] == '0' {
		digits[0] = '7'
	}
	return string(digits)
}

// Octet is like Hex, a number from 0 to 255.
func (d *Draft) Octet(label string) int { return int(d.hash(label)[0]) }

// UUID is like Hex, in the shape of a UUID.
func (d *Draft) UUID(label string) string {
	h := d.Hex(label, 32)
	return strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-")
}

// EC2ID is an identifier as EC2 makes them: prefix, a hyphen, 0 and 16 hexadecimal characters, vpc-0a1b2c3d4e5f60718.
func (d *Draft) EC2ID(prefix string) string { return prefix + "-0" + d.Hex(prefix, 16) }

// Created is a point in time that is the same on every machine: the sandbox has no clock, so that two runs agree.
func (d *Draft) Created() time.Time {
	const year = 365 * 24 * 60 * 60
	h := d.hash("created")
	offset := (int(h[0])<<16 | int(h[1])<<8 | int(h[2])) * 2 % year
	return time.Date(2025, time.January, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(offset) * time.Second)
}

// ARN is arn:PARTITION:service:REGION:ACCOUNT:name.
func (d *Draft) ARN(service, name string) string {
	return fmt.Sprintf("arn:%s:%s:%s:%s:%s", d.Partition(), service, d.Region, d.Account, name)
}

// GlobalARN is arn:PARTITION:service::ACCOUNT:name, as IAM's are.
func (d *Draft) GlobalARN(service, name string) string {
	return fmt.Sprintf("arn:%s:%s::%s:%s", d.Partition(), service, d.Account, name)
}

// Partition is aws, aws-cn or aws-us-gov.
func (d *Draft) Partition() string { return RegionOf(d.Region).Partition }

// DNSSuffix is amazonaws.com or amazonaws.com.cn.
func (d *Draft) DNSSuffix() string { return RegionOf(d.Region).DNSSuffix }

// Zones is the names of the Region's Availability Zones, in order.
func (d *Draft) Zones() []string { return RegionOf(d.Region).Zones() }

func (d *Draft) hash(label string) []byte {
	sum := sha256.Sum256([]byte(fmt.Sprintf("%s\x00%d\x00%s\x00%s\x00%s", d.urn, d.serial, d.Account, d.Region, label)))
	return sum[:]
}

func (d *Draft) placeOf(token string) Place {
	if kind, known := Of(token); known && kind.Global {
		return Place{Account: d.Account}
	}
	return d.Place
}

// Bare takes every wrapper off a value, at any depth, so that two values can be compared.
func Bare(value resource.PropertyValue) resource.PropertyValue {
	value = unwrap(value)
	switch {
	case value.IsArray():
		elements := make([]resource.PropertyValue, 0, len(value.ArrayValue()))
		for _, element := range value.ArrayValue() {
			elements = append(elements, Bare(element))
		}
		return resource.NewArrayProperty(elements)
	case value.IsObject():
		fields := resource.PropertyMap{}
		for key, field := range value.ObjectValue() {
			if field = Bare(field); !field.IsNull() {
				fields[key] = field
			}
		}
		return resource.NewObjectProperty(fields)
	default:
		return value
	}
}
