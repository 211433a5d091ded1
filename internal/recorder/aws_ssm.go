package recorder

import "github.com/pulumi/pulumi/sdk/v3/go/common/resource"

// document has its name for its id, and is at its first version.
func document(p place) (string, resource.PropertyMap, error) {
	name := p.autoName("name")
	return name, outputs{
		"arn": p.arn("ssm", "document/"+name), "name": name, "owner": p.account, "schemaVersion": "0.3", "status": "Active",
		"defaultVersion": "1", "documentVersion": "1", "latestVersion": "1",
	}.properties(), nil
}

func association(p place) (string, resource.PropertyMap, error) {
	id := p.uuid()
	return id, outputs{"arn": p.arn("ssm", "association/"+id), "associationId": id}.properties(), nil
}
