package components

import (
	"slices"

	"github.com/aplomb-iac/aplomb/internal/iampolicy"
	"github.com/aplomb-iac/aplomb/internal/naming"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// buildRole builds the role that the workload runs with, and the instance profile that hands it to instances.
func (s *ResilientService) buildRole(ctx *pulumi.Context) (err error) {
	at := s.home(ctx)
	images, err := s.images()
	if err != nil {
		return err
	}
	slots := pulumi.StringMap{vpcSlot: s.args.Placement.VPCID}
	for key, secret := range s.built.secrets {
		slots[secretSlot(key)] = secret.Arn
	}
	if len(s.built.secrets) > 0 {
		slots[keySlot] = s.built.key.Arn
	}
	role, policy, err := newRole(ctx, roleSpec{
		parent: s, name: s.name, description: "What instances of service " + s.name + " may do",
		trust:  instanceTrust(at.region),
		policy: s.policy(at, images),
		slots:  slots, tags: s.args.Tags, transform: s.args.Transform.Role,
	})
	if err != nil {
		return err
	}
	s.built.role = role
	s.built.beforeLaunch = append(s.built.beforeLaunch, policy)
	s.built.profile, err = iam.NewInstanceProfile(ctx, s.name, &iam.InstanceProfileArgs{
		Role: role.Name, Tags: tagsNamed(s.args.Tags, s.name),
	}, pulumi.Parent(s))
	return err
}

const keySlot = "key"

func secretSlot(key string) string { return "secret-" + key }

// instanceTrust admits EC2, which takes no condition on who launches: an instance profile is protected by iam:PassRole
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_switch-role-ec2.html).
func instanceTrust(region string) iampolicy.Document {
	principal := "ec2.amazonaws.com"
	if naming.Partition(region) == "aws-cn" {
		principal = "ec2.amazonaws.com.cn"
	}
	return iampolicy.Trust(iampolicy.Statement{
		Sid: "Instances", Effect: iampolicy.Allow,
		Principals: []iampolicy.Principal{iampolicy.Service(principal)}, Actions: []iampolicy.Action{"sts:AssumeRole"},
	})
}

// policy is all that the service may do: write its log, pull its images, read its secrets, and let people with the right to it open
// a session; all of it from its own instances only.
func (s *ResilientService) policy(at home, images []naming.Image) iampolicy.Document {
	logGroup := at.logGroup("service", s.name)
	statements := []iampolicy.Statement{{
		Sid: "WriteLog", Effect: iampolicy.Allow,
		Actions:   []iampolicy.Action{"logs:CreateLogStream", "logs:PutLogEvents"},
		Resources: []iampolicy.Resource{iampolicy.ARN(naming.LogGroupARN(at.region, at.account, logGroup) + ":*")},
	}}
	statements = append(statements, pullStatements(images)...)
	statements = append(statements, secretStatements(at, sortedKeys(s.built.secrets))...)
	if !s.args.NoSessions {
		statements = append(statements, sessionStatements(at)...)
	}
	return iampolicy.Identity(append(statements, perimeterStatements(at.region)...)...)
}

// images are what instances pull: the container's image and the probe's.
func (s *ResilientService) images() ([]naming.Image, error) {
	references := []string{s.args.Image}
	if s.args.Probe != nil {
		references = append(references, s.args.Probe.Image)
	}
	var images []naming.Image
	for _, each := range references {
		image, err := naming.ParseImage(each)
		if err != nil {
			return nil, err
		}
		images = append(images, image)
	}
	return images, nil
}

// pullStatements are what aplomb-pull and Docker need to pull these repositories
// (https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policy-examples.html).
func pullStatements(images []naming.Image) []iampolicy.Statement {
	var repositories []iampolicy.Resource
	for _, image := range images {
		if arn := iampolicy.ARN(image.RepositoryARN()); image.IsECR() && !slices.Contains(repositories, iampolicy.Resource(arn)) {
			repositories = append(repositories, arn)
		}
	}
	if len(repositories) == 0 {
		return nil
	}
	return []iampolicy.Statement{{
		Sid: "PullImage", Effect: iampolicy.Allow,
		Actions:   []iampolicy.Action{"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"},
		Resources: repositories,
	}, {
		Sid: "LogInToRegistry", Effect: iampolicy.Allow,
		Actions: []iampolicy.Action{"ecr:GetAuthorizationToken"}, Resources: []iampolicy.Resource{iampolicy.Any},
		Reason: "the action has no resource-level support; the token opens only what PullImage names",
	}}
}

// secretStatements let the workload read its secrets, and use the key for nothing but that.
func secretStatements(at home, secrets []string) []iampolicy.Statement {
	if len(secrets) == 0 {
		return nil
	}
	var resources []iampolicy.Resource
	for _, key := range secrets {
		resources = append(resources, iampolicy.Slot(secretSlot(key), ""))
	}
	return []iampolicy.Statement{{
		Sid: "ReadSecrets", Effect: iampolicy.Allow,
		Actions: []iampolicy.Action{"secretsmanager:GetSecretValue"}, Resources: resources,
	}, {
		Sid: "DecryptSecrets", Effect: iampolicy.Allow,
		Actions: []iampolicy.Action{"kms:Decrypt"}, Resources: []iampolicy.Resource{iampolicy.Slot(keySlot, "")},
		Conditions: []iampolicy.Condition{
			iampolicy.When(iampolicy.StringEquals, "kms:ViaService", naming.ServiceEndpoint("secretsmanager", at.region)),
		},
	}}
}
