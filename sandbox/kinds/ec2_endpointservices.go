package kinds

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
)

// The types of VPC endpoints that the sandbox has.
const (
	gatewayEndpoint   = "Gateway"
	interfaceEndpoint = "Interface"
)

// EndpointService is a service of AWS to which a VPC can have an endpoint.
type EndpointService struct {
	// Name is what an endpoint is asked for by, such as com.amazonaws.eu-central-1.ecr.api.
	Name string
	// Short is the end of it, such as ecr.api.
	Short string
	// ID is the end of what AWS calls it, vpce-svc-ID: 17 hexadecimal digits.
	ID string
	// Type is Gateway or Interface.
	Type string
	// PrivateName is the name that private DNS answers with the endpoint's addresses, such as
	// api.ecr.eu-central-1.amazonaws.com. Gateways have none.
	PrivateName string
	// Domain is what the endpoint's own names end in, such as api.ecr.eu-central-1.vpce.amazonaws.com.
	Domain string
	// Zones is the Availability Zones that offer the service.
	Zones []string
	// PrefixList is the id of the list of the service's addresses, or "".
	PrefixList string
}

// gatewayServices have gateway endpoints, and with them a list of their addresses.
// Source: https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html
var gatewayServices = []string{"dynamodb", "s3"}

// interfaceServices are those of AWS's services that a program of this kind may want to reach from a VPC without a way out.
// Every Region of the sandbox has all of them, which is more than some Regions of AWS have.
// Source: https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html
var interfaceServices = strings.Fields(`
	access-analyzer account acm acm-pca application-autoscaling application-signals appconfig appconfigdata appmesh
	appmesh-envoy-management apprunner appsync-api aps aps-workspaces athena autoscaling autoscaling-plans backup batch bedrock
	bedrock-runtime cassandra cloudformation cloudtrail codeartifact.api codeartifact.repositories codebuild codecommit
	codedeploy codedeploy-commands-secure codepipeline cognito-idp config databrew datasync dms dynamodb ebs ec2 ec2messages
	ecr.api ecr.dkr ecs ecs-agent ecs-telemetry eks eks-auth elasticache elasticbeanstalk elasticbeanstalk-health
	elasticfilesystem elasticloadbalancing elasticmapreduce email email-smtp events evidently execute-api fis fsx git-codecommit
	glue grafana grafana-workspace guardduty guardduty-data imagebuilder inspector2 internetmonitor kafka kinesis-firehose
	kinesis-streams kms lambda license-manager logs macie2 memory-db monitoring mq network-firewall networkmonitor organizations
	oam pi pipes ram rds rds-data redshift redshift-data rekognition resource-groups rolesanywhere rum rum-dataplane s3
	sagemaker.api sagemaker.runtime schemas secretsmanager securityhub servicecatalog servicediscovery sns sqs ssm ssm-contacts
	ssm-incidents ssmmessages states storagegateway sts swf sync-states synthetics tagging textract transcribe transfer
	transfer.server translate verifiedpermissions vpc-lattice wafv2 wellarchitected workspaces xray`)

// privateLabels are the names that private DNS takes over where they are not simply the service's name, the labels reversed.
var privateLabels = map[string]string{
	"ecr.dkr": "*.dkr.ecr", "execute-api": "*.execute-api", "s3": "*.s3", "codeartifact.repositories": "*.d.codeartifact",
	"kinesis-streams": "kinesis", "kinesis-firehose": "firehose",
}

// notPrivate are services whose interface endpoints offer no private DNS name.
// Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/privatelink-interface-endpoints.html
var notPrivate = []string{"dynamodb"}

// zonesWithout are zones, by id, in which AWS says that it does not offer a service.
// Source: https://docs.aws.amazon.com/ses/latest/dg/send-email-set-up-vpc-endpoints.html
var zonesWithout = map[string][]string{
	"email-smtp": {"use1-az2", "use1-az3", "use1-az5", "usw1-az2", "usw2-az4", "apne2-az4", "cac1-az3", "cac1-az4"},
}

// chinaServices have names of their own in the Regions of China: cn.com.amazonaws.REGION.NAME. The documentation names some
// of them; the command describe-vpc-endpoint-services is the authority.
// Source: https://docs.amazonaws.cn/en_us/vpc/latest/privatelink/aws-services-cross-region-privatelink-support.html
var chinaServices = strings.Fields(`
	application-autoscaling appmesh-envoy-management athena autoscaling backup batch cassandra cloudformation
	codedeploy-commands-secure databrew dms ebs ec2 ecr.api ecr.dkr eks elasticache elasticbeanstalk elasticfilesystem execute-api
	fsx imagebuilder kinesis-streams lambda license-manager monitoring rds redshift redshift-data s3 sagemaker.api
	sagemaker.runtime securityhub servicecatalog sqs states sts sync-states synthetics transfer xray`)

// EndpointServices is every service to which a VPC of a Region can have an endpoint. One that offers both types is in it twice.
func EndpointServices(region string) []EndpointService {
	here := RegionOf(region)
	var services []EndpointService
	for _, short := range gatewayServices {
		services = append(services, EndpointService{Name: "com.amazonaws." + region + "." + short, Short: short, Type: gatewayEndpoint,
			ID: serviceID(region, short, gatewayEndpoint), Zones: here.Zones(), PrefixList: managedPrefixList(region, short)})
	}
	for _, short := range interfaceServices {
		services = append(services, interfaceService(here, short))
	}
	return services
}

func interfaceService(here Region, short string) EndpointService {
	labels := strings.Split(short, ".")
	slices.Reverse(labels)
	reversed := strings.Join(labels, ".")
	service := EndpointService{Name: "com.amazonaws." + here.Name + "." + short, Short: short, Type: interfaceEndpoint,
		ID:          serviceID(here.Name, short, interfaceEndpoint),
		PrivateName: orElse(privateLabels[short], reversed) + "." + here.Name + "." + here.DNSSuffix,
		Domain:      reversed + "." + here.Name + ".vpce." + here.DNSSuffix}
	if here.Partition == "aws-cn" && slices.Contains(chinaServices, short) {
		service.Name = "cn." + service.Name
	}
	if slices.Contains(notPrivate, short) {
		service.PrivateName = ""
	}
	for _, zone := range here.Zones() {
		if !slices.Contains(zonesWithout[short], here.ZoneID(zone)) {
			service.Zones = append(service.Zones, zone)
		}
	}
	if slices.Contains(gatewayServices, short) && service.Name == "com.amazonaws."+here.Name+"."+short {
		service.PrefixList = managedPrefixList(here.Name, short)
	}
	return service
}

func serviceID(region, short, kind string) string { return "0" + madeUp(16, region, short, kind) }

// endpointService is the service of a name and a type, or nil.
func endpointService(region, name, kind string) *EndpointService {
	for _, service := range EndpointServices(region) {
		if service.Name == name && service.Type == kind {
			return &service
		}
	}
	return nil
}

// endpointTypes is the types of endpoints that a service offers.
func endpointTypes(region, name string) []string {
	var types []string
	for _, service := range EndpointServices(region) {
		if service.Name == name {
			types = append(types, service.Type)
		}
	}
	return types
}

// managedPrefixList is the id of the list of addresses that AWS keeps of a service in a Region. At AWS each Region has ids of
// its own, which are the same for every account; the sandbox makes up such ids, so that nobody takes them for AWS's.
// Source: https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html
func managedPrefixList(region, short string) string { return "pl-" + madeUp(8, region, short) }

// madeUp is digits hexadecimal digits that follow from the parts alone, so that they are the same on every machine.
func madeUp(digits int, parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:])[:digits]
}

// managedPrefixLists is the ids of all lists of addresses that AWS keeps in a Region and the sandbox knows.
func managedPrefixLists(region string) []string {
	var ids []string
	for _, short := range gatewayServices {
		ids = append(ids, managedPrefixList(region, short))
	}
	return ids
}

// prefixBlocks are the addresses of a list. They are for documentation (https://www.rfc-editor.org/rfc/rfc5737) and belong to
// nobody: addresses of AWS's change.
func prefixBlocks(short string) []string {
	if short == "s3" {
		return []string{"192.0.2.0/24"}
	}
	return []string{"198.51.100.0/24"}
}
