package kinds

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/globalaccelerator"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// mostPortRanges is in the API reference.
const mostPortRanges = 10

// Source: https://docs.aws.amazon.com/global-accelerator/latest/api/API_CreateListener.html and API_DeleteListener.html
// beside it.
var _ = register(&Kind{
	Token:         AcceleratorListener,
	Args:          globalaccelerator.ListenerArgs{},
	Resource:      &globalaccelerator.Listener{},
	RequiredLists: []string{"portRanges"},
	Global:        true,
	API: API{Service: globalAccelerator, Noun: globalAccelerator + " Listener", Create: "CreateListener", Update: "UpdateListener",
		Delete: "DeleteListener"},
	Defaults: []Default{{Path: "clientAffinity", Value: Text("NONE")}},
	References: []Reference{{Path: "acceleratorArn", To: []string{Accelerator}, Code: "AcceleratorNotFoundException",
		Message: "The accelerator %s that you specified doesn't exist."}},
	Rules: []Rule{
		OneOf("clientAffinity", "NONE", "SOURCE_IP"), OneOf("protocol", "TCP", "UDP"),
		InRange("portRanges[].fromPort", 1, highestPort), InRange("portRanges[].toPort", 1, highestPort),
		{Name: "number of port ranges", Broken: func(d *Draft) *Refusal {
			if ranges := len(d.Each("portRanges[]")); !d.At("portRanges").Unknown() && (ranges < 1 || ranges > mostPortRanges) {
				return Refuse("portRanges", "a listener has from 1 to %d port ranges, not %d", mostPortRanges, ranges)
			}
			return nil
		}},
		{Name: "ports of its own", Stage: AtApply, Code: "InvalidPortRangeException", Broken: portsTwice},
	},
	DeleteRules: []DeleteRule{
		{Name: "endpoint groups", Code: "AssociatedEndpointGroupFoundException", Blocked: func(d *Draft) string {
			if len(d.UsedBy(EndpointGroup, "listenerArn", d.ID())) == 0 {
				return ""
			}
			return "The listener that you specified has an endpoint group associated with it. You must remove all dependent resources from a listener before you can delete it."
		}},
	},
	Replaces: []string{"acceleratorArn"},
	Sets:     []string{"portRanges"},
	ID:       func(d *Draft) string { return d.Output("arn").Text() },
	Computed: []Output{
		{Name: "arn", Value: func(d *Draft) resource.PropertyValue {
			return Text(d.Text("acceleratorArn") + "/listener/" + d.Hex("arn", 8))
		}},
	},
})

// portsTwice refuses a range that ends before it begins, and one that overlaps another of the listener or of the accelerator's
// other listeners with the same protocol.
func portsTwice(d *Draft) *Refusal {
	taken := [][2]int{}
	for _, other := range d.UsedBy(AcceleratorListener, "acceleratorArn", d.Text("acceleratorArn")) {
		if other.Text("protocol") == d.Text("protocol") {
			for _, ports := range other.At("portRanges").List() {
				taken = append(taken, [2]int{ports.At("fromPort").Int(), ports.At("toPort").Int()})
			}
		}
	}
	for _, ports := range d.Each("portRanges[]") {
		from, to := ports.At("fromPort").Int(), ports.At("toPort").Int()
		wrong := from > to
		for _, other := range taken {
			wrong = wrong || from <= other[1] && other[0] <= to
		}
		if wrong {
			return Refuse(ports.Path(), "The port numbers that you specified are not valid numbers or are not unique for this accelerator. (%d to %d)", from, to)
		}
		taken = append(taken, [2]int{from, to})
	}
	return nil
}
