package recorder

import "github.com/pulumi/pulumi/sdk/v3/go/common/resource"

// function has its name for its id.
func function(p place) (string, resource.PropertyMap, error) {
	name := p.autoName("name")
	arn := p.arn("lambda", "function:"+name)
	return name, outputs{
		"arn": arn, "name": name, "qualifiedArn": arn + ":$LATEST", "version": "$LATEST",
		"invokeArn": "arn:" + p.partition + ":apigateway:" + p.region + ":lambda:path/2015-03-31/functions/" + arn + "/invocations",
	}.properties(), nil
}
