package kinds

import (
	"slices"
	"strings"
)

const (
	// unreserved is the concurrency that an account must keep for functions without a reservation, of the 1000 that it has at first
	// (https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html).
	concurrency, unreserved = 1000, 100
	// mostEnvironment is the size of all environment variables together, in bytes
	// (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html).
	mostEnvironment = 4096
)

// keptVariables are names that Lambda sets itself
// (https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime).
var keptVariables = []string{
	"_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV", "AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
	"AWS_LAMBDA_FUNCTION_VERSION", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
	"AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR",
}

func lambdaRefuses(name string, broken func(d *Draft) *Refusal) Rule {
	return Rule{Name: name, Stage: AtApply, Code: "InvalidParameterValueException", Broken: broken}
}

func functionRules() []Rule {
	return slices.Concat([]Rule{
		lambdaRefuses("an image of this Region", func(d *Draft) *Refusal {
			image := functionImage.FindStringSubmatch(d.Text("imageUri"))
			if d.Has("imageUri") && (image == nil || image[2] != d.Region) {
				return Refuse("imageUri", "Source image %s is not valid. Provide a valid source image.", d.Text("imageUri"))
			}
			return nil
		}),
		lambdaRefuses("no runtime in an image", func(d *Draft) *Refusal {
			if d.Has("runtime") || d.Has("handler") {
				return Refuse("runtime", "Please don't provide Handler or Runtime or Layer when the intended function PackageType is Image.")
			}
			return nil
		}),
		lambdaRefuses("a role that Lambda may assume", functionRole), lambdaRefuses("a role that may use the VPC", functionNetworkRole),
		lambdaRefuses("subnets that exist", missingNetwork("vpcConfig.subnetIds", "DescribeSubnets", "InvalidSubnetID.NotFound", "The subnet ID '%s' does not exist", Subnet)),
		lambdaRefuses("security groups that exist", missingNetwork("vpcConfig.securityGroupIds", "DescribeSecurityGroups", "InvalidGroup.NotFound",
			"The security group '%s' does not exist", SecurityGroup, DefaultSecurityGroup)),
		lambdaRefuses("one VPC", functionVPC),
	}, environmentRules(), accountRules())
}

// environmentRules are about a function's environment variables and the key that encrypts them.
func environmentRules() []Rule {
	return []Rule{
		lambdaRefuses("a key that exists", func(d *Draft) *Refusal {
			if id := d.Text("kmsKeyArn"); unusableKey(d, id) {
				return Refuse("kmsKeyArn", "Lambda was unable to configure access to your environment variables because the KMS key is invalid for CreateGrant. Please check your KMS key settings. KMS Exception: NotFoundException (%s)", id)
			}
			return nil
		}),
		lambdaRefuses("variables that Lambda keeps", func(d *Draft) *Refusal {
			for _, name := range d.At("environment.variables").Keys() {
				if slices.Contains(keptVariables, name) {
					return Refuse("environment.variables", "Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification. Reserved keys used in this request: %s", name)
				}
			}
			return nil
		}),
		lambdaRefuses("size of the variables", func(d *Draft) *Refusal {
			variables, size := d.At("environment.variables"), 0
			for _, name := range variables.Keys() {
				size += len(name) + len(variables.Key(name).Text())
			}
			if size > mostEnvironment {
				return Refuse("environment.variables", "Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the 4KB limit.")
			}
			return nil
		}),
	}
}

// accountRules are about what the account has already.
func accountRules() []Rule {
	return []Rule{
		{Name: "concurrency that the account has", Stage: AtApply, Code: "InvalidParameterValueException", Operation: "PutFunctionConcurrency", Broken: func(d *Draft) *Refusal {
			reserved := max(0, d.Int("reservedConcurrentExecutions"))
			for _, other := range d.Others(Function) {
				reserved += max(0, other.At("reservedConcurrentExecutions").Int())
			}
			if reserved > concurrency-unreserved {
				return Refuse("reservedConcurrentExecutions", "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [%d].", unreserved)
			}
			return nil
		}},
		{Name: "name taken", Stage: AtApply, When: OnCreate, Code: "ResourceConflictException", Broken: func(d *Draft) *Refusal {
			if d.Find(Function, d.Text("name")) != nil {
				return Refuse("name", "Function already exist: %s", d.Text("name"))
			}
			return nil
		}},
	}
}

func functionRole(d *Draft) *Refusal {
	arn := d.Text("role")
	if !isARN(arn) {
		return nil // refused for that
	}
	role := d.FindBy(Role, "arn", arn)
	if role == nil || !keyAllows(role.Text("assumeRolePolicy"), byService("lambda.amazonaws.com"), []string{"sts:AssumeRole"}, keyContext{"aws:sourceaccount": d.Account}) {
		return Refuse("role", "The role defined for the function cannot be assumed by Lambda.")
	}
	return nil
}

// functionNetworkRole is Lambda's own look at whether the role may make network interfaces: it asks before it makes the function, so that
// the role's policies must stand before.
// Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
func functionNetworkRole(d *Draft) *Refusal {
	role := d.FindBy(Role, "arn", d.Text("role"))
	if role == nil || !d.Has("vpcConfig") || len(d.UsedBy(RolePolicyAttachment, "role", role.ID)) > 0 {
		return nil // a managed policy is not the sandbox's to read
	}
	policies := []string{}
	for _, inline := range role.At("inlinePolicies").List() {
		policies = append(policies, inline.At("policy").Text())
	}
	for _, policy := range d.UsedBy(RolePolicy, "role", role.ID) {
		policies = append(policies, policy.Text("policy"))
	}
	for _, action := range []string{"CreateNetworkInterface", "DescribeNetworkInterfaces", "DeleteNetworkInterface"} {
		if !roleAllows(policies, "ec2:"+action) {
			return Refuse("role", "The provided execution role does not have permissions to call %s on EC2", action)
		}
	}
	return nil
}

// roleAllows says whether identity policies allow an action of a request that carries nothing which a condition could look at.
func roleAllows(policies []string, action string) bool {
	allowed := false
	for _, policy := range policies {
		statements, _ := readPolicy(policy)
		for _, statement := range statements {
			if !statement.covers(action) || !statement.meets(keyContext{}) {
				continue
			}
			if statement.Effect == "Deny" {
				return false
			}
			allowed = true
		}
	}
	return allowed
}

func missingNetwork(path, operation, code, message string, tokens ...string) func(d *Draft) *Refusal {
	return func(d *Draft) *Refusal {
		for _, id := range d.Texts(path) {
			if !slices.ContainsFunc(tokens, func(token string) bool { return d.Find(token, id) != nil }) {
				return Refuse(path, "Error occurred while "+operation+". EC2 Error Code: "+code+". EC2 Error Message: "+strings.Replace(message, "%s", "%[1]s", 1), id)
			}
		}
		return nil
	}
}

func functionVPC(d *Draft) *Refusal {
	var vpcs []string
	for _, id := range d.Texts("vpcConfig.subnetIds") {
		if subnet := d.Find(Subnet, id); subnet != nil {
			vpcs = append(vpcs, subnet.Text("vpcId"))
		}
	}
	for _, id := range d.Texts("vpcConfig.securityGroupIds") {
		if group := securityGroup(d, id); group != nil {
			vpcs = append(vpcs, group.Text("vpcId"))
		}
	}
	slices.Sort(vpcs)
	if vpcs = slices.Compact(vpcs); len(vpcs) > 1 {
		return Refuse("vpcConfig", "The subnets and security groups of a function must be in one VPC: they are in %s.", strings.Join(vpcs, " and "))
	}
	return nil
}
