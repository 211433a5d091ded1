package recorder

import (
	"context"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/internals"
)

const routeTableToken = "aws:ec2/routeTable:RouteTable"

// insideTable is a route table that the awsx plugin would build inside its component.
type insideTable struct{ pulumi.CustomResourceState }

// routeTables are the route tables of awsx:ec2:Vpc: as its plugin would build them, one for each subnet, zone after zone, tagged
// with the subnet's name and type. A program reads them as resources, and Pulumi's mocks give out only what was registered
// through their context: so the tables are registered there, and kept out of the recording, which is of what the program
// asked for.
func (m *monitor) routeTables(r *Resource, vpcID string) (resource.PropertyValue, error) {
	at := m.place(r)
	zones, err := at.zones()
	if err != nil {
		return resource.PropertyValue{}, err
	}
	specs, err := at.specs(len(zones))
	if err != nil {
		return resource.PropertyValue{}, err
	}
	tables := []resource.PropertyValue{}
	for zone := range zones {
		for _, spec := range specs {
			if spec.kind == "Unused" {
				continue
			}
			table, err := m.routeTable(subnetName(r.Name, spec, zone), spec.kind, vpcID)
			if err != nil {
				return resource.PropertyValue{}, err
			}
			tables = append(tables, table)
		}
	}
	return resource.NewProperty(tables), nil
}

// routeTable registers one table and returns the reference to it. Without a VPC, as in a preview, its id is unknown.
func (m *monitor) routeTable(name, kind, vpcID string) (resource.PropertyValue, error) {
	inputs := pulumi.Map{"tags": pulumi.StringMap{"Name": pulumi.String(name), "SubnetType": pulumi.String(kind)}}
	if vpcID != "" {
		inputs["vpcId"] = pulumi.String(vpcID)
	}
	m.mutex.Lock()
	m.inside[routeTableToken+" "+name] = true
	m.mutex.Unlock()
	table := &insideTable{}
	if err := m.context.RegisterResource(routeTableToken, name, inputs, table); err != nil {
		return resource.PropertyValue{}, err
	}
	urn, err := internals.UnsafeAwaitOutput(context.Background(), table.URN())
	if err != nil {
		return resource.PropertyValue{}, err
	}
	id, err := internals.UnsafeAwaitOutput(context.Background(), table.ID())
	if err != nil {
		return resource.PropertyValue{}, err
	}
	known := pulumi.ID("")
	if id.Known {
		known = id.Value.(pulumi.ID)
	}
	return resource.MakeCustomResourceReference(resource.URN(urn.Value.(pulumi.URN)), resource.ID(known), ""), nil
}

// answerInside answers for what a plugin builds inside its component.
func (m *monitor) answerInside(args pulumi.MockResourceArgs) (id string, outputs resource.PropertyMap, inside bool) {
	m.mutex.Lock()
	inside = m.inside[args.TypeToken+" "+args.Name]
	m.mutex.Unlock()
	if !inside {
		return "", nil, false
	}
	if m.settings.preview {
		return "", args.Inputs, true
	}
	at := place{Resource: &Resource{URN: args.TypeToken + "::" + args.Name}}
	return at.ec2ID("rtb"), args.Inputs, true
}
