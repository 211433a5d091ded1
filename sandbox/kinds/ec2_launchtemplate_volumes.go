package kinds

import (
	"slices"
	"sort"
	"strings"
)

// volumeType is what EBS allows of one type of volume: sizes in GiB, IOPS per volume and per GiB, and throughput in
// MiB/s. Zero IOPS or throughput means that it cannot be chosen.
// Source: https://docs.aws.amazon.com/ebs/latest/userguide/ebs-volume-types.html.
type volumeType struct {
	smallest, largest            int
	leastIOPS, mostIOPS          int
	iopsPerGiB                   int
	leastThroughput, mostThrough int
}

var volumeTypes = map[string]volumeType{
	// gp3 throughput is the range that this version of the provider lets through; EBS itself allows more.
	"gp3":      {smallest: 1, largest: 65536, leastIOPS: 3000, mostIOPS: 80000, iopsPerGiB: 500, leastThroughput: 125, mostThrough: 1000},
	"gp2":      {smallest: 1, largest: 16384},
	"io1":      {smallest: 4, largest: 16384, leastIOPS: 100, mostIOPS: 64000, iopsPerGiB: 50},
	"io2":      {smallest: 4, largest: 65536, leastIOPS: 100, mostIOPS: 256000, iopsPerGiB: 1000},
	"st1":      {smallest: 125, largest: 16384},
	"sc1":      {smallest: 125, largest: 16384},
	"standard": {smallest: 1, largest: 1024},
}

// gp3IOPSPerThroughput is how many IOPS a gp3 volume needs for each MiB/s: 0.25 MiB/s an IOPS.
const gp3IOPSPerThroughput = 4

const ebs = "blockDeviceMappings[].ebs"

// volumeRules are what EBS refuses of a launch template's volumes.
func volumeRules() []Rule {
	types := make([]string, 0, len(volumeTypes))
	for name := range volumeTypes {
		types = append(types, name)
	}
	sort.Strings(types)
	return append([]Rule{
		OneOf(ebs+".volumeType", types...),
		textFlag(ebs + ".encrypted"), textFlag(ebs + ".deleteOnTermination"),
		{Name: "key by ARN", Broken: func(d *Draft) *Refusal {
			for _, key := range d.Each(ebs + ".kmsKeyId") {
				if !key.Unknown() && !isARN(key.Text()) {
					return Refuse(key.Path(), "%q (%s) is an invalid ARN: arn: invalid prefix", key.Path(), key.Text())
				}
			}
			return nil
		}},
		{Name: "provider's range of throughput", Broken: func(d *Draft) *Refusal {
			for _, value := range d.Each(ebs + ".throughput") {
				if gp3 := volumeTypes["gp3"]; !value.Unknown() && (value.Int() < gp3.leastThroughput || value.Int() > gp3.mostThrough) {
					return Refuse(value.Path(), "expected %s to be in the range (%d - %d), got %d", value.Path(), gp3.leastThroughput, gp3.mostThrough, value.Int())
				}
			}
			return nil
		}},
		{Name: "a device once", Stage: AtApply, Code: "InvalidBlockDeviceMapping", Broken: func(d *Draft) *Refusal {
			var seen []string
			for _, device := range d.Each("blockDeviceMappings[].deviceName") {
				if slices.Contains(seen, device.Text()) {
					return Refuse(device.Path(), "the device '%s' is used in more than one block-device mapping", device.Text())
				}
				seen = append(seen, device.Text())
			}
			return nil
		}},
		{Name: "a key for encrypted volumes only", Stage: AtApply, Code: "InvalidParameterDependency", Broken: eachVolume(func(volume Value) *Refusal {
			if !volume.At("kmsKeyId").Exists() || volume.At("encrypted").Text() == "true" {
				return nil
			}
			return Refuse(volume.Path(), "The parameter KmsKeyId requires the parameter Encrypted to be set.")
		})},
	}, performanceRules()...)
}

// performanceRules are the limits of sizes, IOPS and throughput, and of their ratios.
func performanceRules() []Rule {
	return []Rule{
		{Name: "size of a volume", Stage: AtApply, Code: codeInvalidValue, Broken: eachVolume(volumeSize)},
		{Name: "IOPS of a volume", Stage: AtApply, Code: codeInvalidValue, Broken: eachVolume(volumeIOPS)},
		{Name: "IOPS where they can be chosen", Stage: AtApply, Code: codeInvalidCombination, Broken: eachVolume(func(volume Value) *Refusal {
			if kind, limits := typeOf(volume); volume.At("iops").Exists() && limits.mostIOPS == 0 {
				return Refuse(volume.Path(), "The parameter iops is not supported for %s volumes.", kind)
			}
			return nil
		})},
		{Name: "IOPS where they must be chosen", Stage: AtApply, Code: codeMissingParameter, Broken: eachVolume(func(volume Value) *Refusal {
			if kind, _ := typeOf(volume); strings.HasPrefix(kind, "io") && !volume.At("iops").Exists() {
				return Refuse(volume.Path(), "The request must contain the parameter iops for volume type %s.", kind)
			}
			return nil
		})},
		{Name: "throughput where it can be chosen", Stage: AtApply, Code: codeInvalidCombination, Broken: eachVolume(func(volume Value) *Refusal {
			if kind, _ := typeOf(volume); volume.At("throughput").Exists() && kind != "gp3" {
				return Refuse(volume.Path(), "The parameter throughput is not supported for %s volumes.", kind)
			}
			return nil
		})},
		{Name: "throughput within the IOPS", Stage: AtApply, Code: codeInvalidValue, Broken: eachVolume(func(volume Value) *Refusal {
			iops := max(volume.At("iops").Int(), volumeTypes["gp3"].leastIOPS)
			if kind, _ := typeOf(volume); kind == "gp3" && volume.At("throughput").Int()*gp3IOPSPerThroughput > iops {
				return Refuse(volume.Path(), "Throughput (MiBps) to iops ratio of %d to %d is too high; maximum is 0.250000 MiBps per iops.", volume.At("throughput").Int(), iops)
			}
			return nil
		})},
	}
}

func eachVolume(broken func(volume Value) *Refusal) func(d *Draft) *Refusal {
	return func(d *Draft) *Refusal {
		for _, volume := range d.Each(ebs) {
			if refusal := broken(volume); refusal != nil {
				return refusal
			}
		}
		return nil
	}
}

// typeOf is the volume's type, gp2 when none is given: that is EC2's default in a launch.
func typeOf(volume Value) (string, volumeType) {
	kind := volume.At("volumeType").Text()
	if kind == "" {
		kind = "gp2"
	}
	return kind, volumeTypes[kind]
}

func volumeSize(volume Value) *Refusal {
	kind, limits := typeOf(volume)
	size := volume.At("volumeSize")
	if !size.Exists() || size.Int() >= limits.smallest && size.Int() <= limits.largest {
		return nil
	}
	return Refuse(size.Path(), "Volume of %dGiB is outside what volume type %s allows: %d to %d GiB.", size.Int(), kind, limits.smallest, limits.largest)
}

// volumeIOPS looks at the limits of the type and, where a size is given, at those of the size.
func volumeIOPS(volume Value) *Refusal {
	_, limits := typeOf(volume)
	iops, size := volume.At("iops"), volume.At("volumeSize")
	if !iops.Exists() || limits.mostIOPS == 0 {
		return nil
	}
	switch {
	case iops.Int() < limits.leastIOPS:
		return Refuse(iops.Path(), "Volume iops of %d is too low; minimum is %d.", iops.Int(), limits.leastIOPS)
	case iops.Int() > limits.mostIOPS:
		return Refuse(iops.Path(), "Volume iops of %d is too high; maximum is %d.", iops.Int(), limits.mostIOPS)
	// The baseline is included in any gp3 volume, however small.
	case size.Exists() && iops.Int() > max(limits.iopsPerGiB*size.Int(), volumeTypes["gp3"].leastIOPS):
		return Refuse(iops.Path(), "Iops to volume size ratio of %d to %d is too high; maximum is %d.", iops.Int(), size.Int(), limits.iopsPerGiB)
	}
	return nil
}
