package recorder

import (
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// ofGroup is a subnet group or a parameter group of RDS, whose ids are their names.
func ofGroup(kind string) func(place) (string, resource.PropertyMap, error) {
	return func(p place) (string, resource.PropertyMap, error) {
		name := p.autoName("name")
		return name, outputs{"arn": p.arn("rds", kind+":"+name), "name": name}.properties(), nil
	}
}

// databaseHost ends the host names of databases.
func (p place) databaseHost() string {
	return "c" + p.hex("rds "+p.region, 11) + "." + p.region + ".rds.amazonaws.com"
}

// masterSecret is the secret that RDS makes for the master user when it is asked to.
func (p place) masterSecret(kind string) resource.PropertyValue {
	return resource.NewProperty([]resource.PropertyValue{resource.NewProperty(resource.PropertyMap{
		"secretArn":    resource.NewProperty(p.arn("secretsmanager", "secret:rds!"+kind+"-"+p.uuid()+"-"+p.hex("secret", 6))),
		"secretStatus": resource.NewProperty("active"), "kmsKeyId": resource.NewProperty(p.text("masterUserSecretKmsKeyId")),
	})})
}

func cluster(p place) (string, resource.PropertyMap, error) {
	id := p.text("clusterIdentifier")
	if id == "" {
		id = "tf-" + p.digits("name", 26)
	}
	answer := outputs{
		"arn": p.arn("rds", "cluster:"+id), "clusterIdentifier": id, "clusterResourceId": "cluster-" + strings.ToUpper(p.hex("resource", 26)),
		"endpoint": id + ".cluster-" + p.databaseHost(), "readerEndpoint": id + ".cluster-ro-" + p.databaseHost(),
	}.properties()
	answer["masterUserSecrets"] = p.masterSecret("cluster")
	return id, answer, nil
}

func clusterInstance(p place) (string, resource.PropertyMap, error) {
	id := p.text("identifier")
	if id == "" {
		id = "tf-" + p.digits("name", 26)
	}
	return id, outputs{"arn": p.arn("rds", "db:"+id), "identifier": id, "endpoint": id + "." + p.databaseHost()}.properties(), nil
}

// instance has AWS's resource id for its id.
func instance(p place) (string, resource.PropertyMap, error) {
	name, id := p.autoName("identifier"), "db-"+strings.ToUpper(p.hex("resource", 26))
	answer := outputs{
		"arn": p.arn("rds", "db:"+name), "identifier": name, "resourceId": id, "address": name + "." + p.databaseHost(), "endpoint": name + "." + p.databaseHost() + ":5432",
	}.properties()
	answer["masterUserSecrets"] = p.masterSecret("db")
	return id, answer, nil
}

func backupsReplication(p place) (string, resource.PropertyMap, error) {
	return p.arn("rds", "auto-backup:ab-"+p.hex("backup", 26)), nil, nil
}

// proxy has its name for its id, and another one in its ARN, which policies of IAM name.
func proxy(p place) (string, resource.PropertyMap, error) {
	name := p.autoName("name")
	return name, outputs{
		"arn": p.arn("rds", "db-proxy:prx-0"+p.hex("proxy", 16)), "name": name, "endpoint": name + ".proxy-" + p.databaseHost(),
	}.properties(), nil
}

func proxyTargetGroup(p place) (string, resource.PropertyMap, error) {
	return p.text("dbProxyName"), outputs{"arn": p.arn("rds", "target-group:prx-tg-0"+p.hex("target group", 16)), "name": "default"}.properties(), nil
}

func proxyTarget(p place) (string, resource.PropertyMap, error) {
	kind, of := "TRACKED_CLUSTER", p.text("dbClusterIdentifier")
	if of == "" {
		kind, of = "RDS_INSTANCE", p.text("dbInstanceIdentifier")
	}
	id := p.text("dbProxyName") + "/" + p.text("targetGroupName") + "/" + kind + "/" + of
	return id, outputs{"type": kind, "rdsResourceId": of}.properties(), nil
}

func proxyEndpoint(p place) (string, resource.PropertyMap, error) {
	name := p.text("dbProxyEndpointName")
	return p.text("dbProxyName") + "/" + name, outputs{
		"arn": p.arn("rds", "db-proxy-endpoint:prx-endpoint-0"+p.hex("endpoint", 16)), "endpoint": name + ".endpoint.proxy-" + p.databaseHost(),
	}.properties(), nil
}
