// Layer: sandbox (the real engine and the real program, on the sandbox).
package deploy_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aplomb-iac/aplomb/deploy"
	"github.com/aplomb-iac/aplomb/sandbox"
	"github.com/aplomb-iac/aplomb/sandbox/cloud"
	"github.com/aplomb-iac/aplomb/stacks"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

// dashboard is a stack of this repository in a project folder and a sandbox of its own.
type dashboard struct {
	name, dir string
	target    *sandbox.Target
	logged    bytes.Buffer
	events    []deploy.Event
	// first is what brought it up, when it was brought up already.
	first *deploy.Result
}

// newDashboard is one that does not stand yet.
func newDashboard(t *testing.T, name string) *dashboard {
	t.Helper()
	t.Parallel()
	d := dashboardIn(t.TempDir(), name)
	writeProject(t, d.dir, name, name)
	return d
}

func dashboardIn(dir, name string) *dashboard {
	return &dashboard{name: name, dir: dir, target: sandbox.New(filepath.Join(dir, ".aplomb", "sandbox"))}
}

func (d *dashboard) open(t *testing.T) *deploy.Stack {
	t.Helper()
	stack, err := deploy.Open(deploy.Options{
		Stack: d.name, Dir: d.dir, Target: d.target, Pulumi: pulumiDir(t), SkipCheckpoints: true,
		Progress: func(event deploy.Event) {
			text, _ := json.Marshal(event)
			d.logged.Write(text)
			d.events = append(d.events, event)
		},
	})
	require.NoError(t, err)
	return stack
}

func (d *dashboard) up(t *testing.T) *deploy.Result {
	t.Helper()
	result, err := d.open(t).Up(context.Background(), deploy.UpOptions{})
	require.NoError(t, err)
	return result
}

func (d *dashboard) preview(t *testing.T) *deploy.Preview {
	t.Helper()
	preview, err := d.open(t).Preview(context.Background())
	require.NoError(t, err)
	return preview
}

// change rewrites aplomb:config of the stack.
func (d *dashboard) change(t *testing.T, edit func(config map[string]any)) {
	t.Helper()
	path := filepath.Join(d.dir, stacks.StackFile(d.name))
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	var file map[string]map[string]any
	require.NoError(t, yaml.Unmarshal(text, &file))
	edit(file["config"][stacks.KeyConfig].(map[string]any))
	text, err = yaml.Marshal(file)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, text, 0o600))
}

func (d *dashboard) cloudFile(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(d.target.CloudPath())
	require.NoError(t, err)
	return string(text)
}

// standing is everything in the cloud, and the cloud to edit it in.
func (d *dashboard) standing(t *testing.T) (*cloud.Cloud, []cloud.Resource) {
	t.Helper()
	opened, err := d.target.Cloud()
	require.NoError(t, err)
	resources, err := opened.List()
	require.NoError(t, err)
	return opened, resources
}

func serviceOf(config map[string]any, name string) map[string]any {
	for _, service := range config["services"].([]any) {
		if service.(map[string]any)["name"] == name {
			return service.(map[string]any)
		}
	}
	return nil
}

func (d *dashboard) state(t *testing.T) *deploy.State {
	t.Helper()
	return stateIn(t, filepath.Join(d.target.Directory(), "state"), d.name)
}

func TestProdComesUpStaysChangesInPlaceAndGoesWhenUnlocked(t *testing.T) {
	d := broughtUp(t, "prod")
	first := d.first
	require.Equal(t, deploy.Changes{Create: first.Changes.Create}, first.Changes)
	require.Greater(t, first.Changes.Create, 120)

	before := d.cloudFile(t)
	again := d.up(t)
	require.Equal(t, deploy.Changes{Same: first.Changes.Create}, again.Changes)
	require.Equal(t, before, d.cloudFile(t))

	d.change(t, func(config map[string]any) { serviceOf(config, "tickets")["peakInstances"] = 8 })
	changed := d.up(t)
	require.Equal(t, 2, changed.Changes.Update, "the group grows in place, and the alarm that counts its instances knows")
	require.Zero(t, changed.Changes.Create+changed.Changes.Replace+changed.Changes.Delete)
	require.Equal(t, 12, changed.Outputs.Services["tickets"].FleetSize)

	before = d.cloudFile(t)
	_, err := d.open(t).Destroy(context.Background(), deploy.DestroyOptions{})
	var refused *deploy.ProtectedError
	require.ErrorAs(t, err, &refused)
	require.Equal(t, before, d.cloudFile(t))

	_, err = d.open(t).Destroy(context.Background(), deploy.DestroyOptions{Unlock: []string{"all"}})
	require.NoError(t, err)
	_, left := d.standing(t)
	require.Empty(t, left)
}

func TestAProductionStackIsDestroyedThoughItsConfigurationNoLongerFits(t *testing.T) {
	d := broughtUp(t, "small")
	d.change(t, func(config map[string]any) { config["network"].(map[string]any)["cidr"] = "10.99.0.0/16" })
	_, err := d.open(t).Destroy(context.Background(), deploy.DestroyOptions{Unlock: []string{"all"}})
	require.NoError(t, err)
	_, left := d.standing(t)
	require.Empty(t, left)
	require.Equal(t, 2, strings.Count(d.logged.String(), `"Phase":"lift protection","Component":"`)-1, "the load balancers and no more")
}

func TestADestroyCarriesOutNoneOfTheChangesThatWait(t *testing.T) {
	d := broughtUp(t, "small")
	d.change(t, func(config map[string]any) { serviceOf(config, "web")["peakInstances"] = 8 })
	d.events = nil
	_, err := d.open(t).Destroy(context.Background(), deploy.DestroyOptions{Unlock: []string{"all"}})
	require.NoError(t, err)
	var lifted []string
	for _, event := range d.events {
		if event.Phase == deploy.PhaseLift && event.Op == deploy.OpUpdate {
			lifted = append(lifted, event.Resource)
		}
	}
	require.ElementsMatch(t, []string{"web-alb", "search-alb"}, lifted)
	_, left := d.standing(t)
	require.Empty(t, left)
}

func TestDroppingAServiceWithProtectedThingsIsRefusedWithNothingDone(t *testing.T) {
	d := broughtUp(t, "small")
	before := d.cloudFile(t)
	d.change(t, func(config map[string]any) {
		config["services"] = config["services"].([]any)[1:]
		serviceOf(config, "search")["peakInstances"] = 9
	})
	_, err := d.open(t).Up(context.Background(), deploy.UpOptions{})
	var refused *deploy.ProtectedError
	require.ErrorAs(t, err, &refused)
	require.NotEmpty(t, refused.Refused)
	require.Equal(t, before, d.cloudFile(t), "not even what was not protected has changed")
}

func TestAServiceIsRetiredInTwoStepsAndLeavesNothing(t *testing.T) {
	d := broughtUp(t, "small")
	d.change(t, func(config map[string]any) { serviceOf(config, "web")["retiring"] = true })
	first := d.up(t)
	require.Equal(t, 1, first.Changes.Update, "the load balancer's deletion protection")
	require.Zero(t, first.Changes.Create+first.Changes.Replace+first.Changes.Delete)
	d.change(t, func(config map[string]any) { config["services"] = config["services"].([]any)[1:] })
	second := d.up(t)
	require.Positive(t, second.Changes.Delete)
	require.Zero(t, second.Changes.Create+second.Changes.Update+second.Changes.Replace)
	_, left := d.standing(t)
	for _, each := range left {
		require.NotContains(t, each.URN, "::web", "nothing of the service is left in the cloud")
	}
}

func TestAZoneAppendedRenumbersNoSubnetAndReplacesNothing(t *testing.T) {
	d := broughtUp(t, "dev")
	before := d.subnets(t)
	require.Len(t, before, 6, "public, private and isolated in two zones")
	d.change(t, func(config map[string]any) {
		config["zones"] = append(config["zones"].([]any), "eu-central-1c")
	})
	changes := d.preview(t).Changes
	require.Zero(t, changes.Replace+changes.Delete)
	d.up(t)
	after := d.subnets(t)
	require.Len(t, after, 9)
	for id, block := range before {
		require.Equal(t, block, after[id], id)
	}
}

// subnets are the address ranges of the subnets in the cloud by their ids.
func (d *dashboard) subnets(t *testing.T) map[string]string {
	t.Helper()
	blocks := map[string]string{}
	_, resources := d.standing(t)
	for _, each := range resources {
		if each.Type == "aws:ec2/subnet:Subnet" {
			blocks[each.ID] = each.Outputs["cidrBlock"].StringValue()
		}
	}
	return blocks
}

func TestAServiceMoreCreatesItsOwnAndTouchesNoOther(t *testing.T) {
	d := broughtUp(t, "dev")
	d.change(t, func(config map[string]any) {
		added := maps.Clone(serviceOf(config, "search"))
		added["name"] = "reports"
		delete(added, "jobs")      // each is one service's
		delete(added, "databases") // a grant is the database's
		config["services"] = append([]any{added}, config["services"].([]any)...)
	})
	preview := d.preview(t)
	require.Positive(t, preview.Changes.Create)
	require.Zero(t, preview.Changes.Update+preview.Changes.Replace+preview.Changes.Delete)
	for _, component := range preview.Components {
		switch component.Name {
		case "reports":
		case "alerting":
			require.Equal(t, 9, component.Changes.Create, "six signals, one for each of two zones, and what calls somebody")
		default:
			require.Zero(t, component.Changes.Create, component.Name)
		}
	}
}

// TestAServiceThatIsMovedToTheInternetKeepsItsTargetGroup needs the old listener gone before the new one comes: a target group
// belongs to one load balancer at a time.
func TestAServiceThatIsMovedToTheInternetKeepsItsTargetGroup(t *testing.T) {
	d := broughtUp(t, "dev")
	d.change(t, func(config map[string]any) {
		web := serviceOf(config, "web")
		web["exposure"], web["clientCIDRs"] = "internet-facing", []string{"0.0.0.0/0"}
	})
	moved := d.up(t)
	require.Equal(t, 2, moved.Changes.Replace, "the load balancer and its listener")
	require.Equal(t, deploy.Changes{Same: d.preview(t).Changes.Same}, d.preview(t).Changes)
}

// TestARefusalOfAWSIsToldOnceWithoutWhatTheEngineDidNotComeTo deletes a VPC's subnet behind the engine's back, so that the next
// group cannot be made.
func TestARefusalOfAWSIsToldOnceWithoutWhatTheEngineDidNotComeTo(t *testing.T) {
	d := broughtUp(t, "dev")
	standing, resources := d.standing(t)
	for _, each := range resources {
		if strings.HasSuffix(each.URN, "::network-private-1") && each.Type == "aws:ec2/subnet:Subnet" {
			require.NoError(t, standing.Remove(context.Background(), each.Key))
		}
	}
	d.change(t, func(config map[string]any) {
		added := maps.Clone(serviceOf(config, "search"))
		added["name"] = "reports"
		delete(added, "jobs")      // each is one service's
		delete(added, "databases") // a grant is the database's
		config["services"] = append(config["services"].([]any), added)
	})
	_, err := d.open(t).Up(context.Background(), deploy.UpOptions{})
	var failed *deploy.EngineError
	require.ErrorAs(t, err, &failed)
	require.NotErrorIs(t, err, deploy.ErrDiffers)
	require.NotEmpty(t, failed.Diagnostics)
	for _, each := range failed.Diagnostics {
		require.Regexp(t, `api error (SubnetNotFound|InvalidSubnetID.NotFound): The subnet ID`, each.Message)
	}
}

func TestWhatAWSRefusesToDeleteStays(t *testing.T) {
	d := broughtUp(t, "dev")
	standing, resources := d.standing(t)
	var balancer cloud.Key
	for _, each := range resources {
		if strings.HasSuffix(each.URN, "::web-alb") && each.Type == "aws:lb/loadBalancer:LoadBalancer" {
			balancer = each.Key
		}
	}
	require.NoError(t, standing.Edit(context.Background(), balancer, func(each *cloud.Resource) error {
		each.Inputs["enableDeletionProtection"] = resource.NewBoolProperty(true)
		each.Outputs["enableDeletionProtection"] = resource.NewBoolProperty(true)
		return nil
	}))
	_, err := d.open(t).Destroy(context.Background(), deploy.DestroyOptions{})
	require.ErrorContains(t, err, "api error OperationNotPermitted")
	require.NotContains(t, err.Error(), "destroy failed")
	_, err = standing.Get(balancer)
	require.NoError(t, err)
}

func TestChangingThePortOfAProtectedServiceIsRefused(t *testing.T) {
	d := broughtUp(t, "small")
	before := d.cloudFile(t)
	d.change(t, func(config map[string]any) { serviceOf(config, "web")["port"] = 8081 })
	_, err := d.open(t).Up(context.Background(), deploy.UpOptions{})
	var refused *deploy.ProtectedError
	require.ErrorAs(t, err, &refused)
	require.Len(t, refused.Refused, 1)
	require.Equal(t, "web-tg", refused.Refused[0].Name)
	require.Equal(t, before, d.cloudFile(t))
}

func TestARefreshSeesWhatWasDoneBehindTheEnginesBack(t *testing.T) {
	d := broughtUp(t, "dev")
	standing, resources := d.standing(t)
	var shrunk, lost cloud.Key
	for _, each := range resources {
		switch {
		case strings.HasSuffix(each.URN, "::tickets-asg"):
			shrunk = each.Key
		case strings.HasSuffix(each.URN, "::web-http"):
			lost = each.Key
		}
	}
	require.NoError(t, standing.Edit(context.Background(), shrunk, func(group *cloud.Resource) error {
		group.Outputs["minSize"] = resource.NewNumberProperty(1)
		return nil
	}))
	require.NoError(t, standing.Remove(context.Background(), lost))

	refreshed, err := d.open(t).Refresh(context.Background())
	require.NoError(t, err)
	require.Equal(t, 1, refreshed.Changes.Update)
	require.Equal(t, 1, refreshed.Changes.Delete)
	healed := d.up(t)
	require.Equal(t, 1, healed.Changes.Update)
	require.Equal(t, 1, healed.Changes.Create)
	now, err := standing.Get(shrunk)
	require.NoError(t, err)
	require.Equal(t, 2.0, now.Outputs["minSize"].NumberValue())
}

func TestNoSecretStandsInClearAnywhere(t *testing.T) {
	d := broughtUp(t, "prod")
	config, err := stacks.ReadStack(d.dir, "prod")
	require.NoError(t, err)
	require.Len(t, config.SecretKeys(), 3)
	for _, key := range config.SecretKeys() {
		secret, known := d.target.Placeholder(key)
		require.True(t, known)
		require.NotContains(t, d.logged.String(), secret)
		files := 0
		require.NoError(t, filepath.WalkDir(d.dir, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			files++
			text, err := os.ReadFile(path)
			require.NotContains(t, string(text), secret, path)
			return err
		}))
		require.Greater(t, files, 5, "state, cloud file, private copy and record must have been looked at")
	}
}

func TestTheExportedStateLooksLikeAWS(t *testing.T) {
	d := broughtUp(t, "prod")
	shapes := map[string]string{
		"aws:lb/loadBalancer:LoadBalancer":      `^arn:aws:elasticloadbalancing:eu-central-1:210987654321:loadbalancer/app/(web|tickets|search)-alb-[0-9a-f]{7}/[0-9a-f]{16}$`,
		"aws:lb/targetGroup:TargetGroup":        `^arn:aws:elasticloadbalancing:eu-central-1:210987654321:targetgroup/(web|tickets|search)-tg-[0-9a-f]{7}/[0-9a-f]{16}$`,
		"aws:ec2/subnet:Subnet":                 `^subnet-0[0-9a-f]{16}$`,
		"aws:ec2/securityGroup:SecurityGroup":   `^sg-0[0-9a-f]{16}$`,
		"aws:ec2/launchTemplate:LaunchTemplate": `^lt-0[0-9a-f]{16}$`,
		"aws:ec2/natGateway:NatGateway":         `^nat-0[0-9a-f]{16}$`,
		"aws:kms/key:Key":                       `^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`,
		"aws:iam/role:Role":                     `^[a-z-]+-[0-9a-f]{7}$`,
		"aws:acm/certificate:Certificate":       `^arn:aws:acm:eu-central-1:210987654321:certificate/[0-9a-f-]{36}$`,
		"aws:route53/record:Record":             `^Z0123456789ABCDEFGHIJ_[a-z0-9._]+_(A|CNAME)$`,
		"aws:autoscaling/group:Group":           `^(web|tickets|search)-asg-[0-9a-f]{7}$`,
		"aws:cloudwatch/logGroup:LogGroup":      `^(/aplomb/prod/(service|flow-logs)/[a-z]+|/aws/rds/cluster/aplomb-prod-tickets-db/postgresql)$`,
		"aws:secretsmanager/secret:Secret":      `^arn:aws:secretsmanager:eu-central-1:210987654321:secret:.+-[A-Za-z0-9]{6}$`,
	}
	seen := map[string]int{}
	text, err := d.open(t).Export(context.Background())
	require.NoError(t, err)
	exported, err := deploy.ParseState(text)
	require.NoError(t, err)
	for _, resource := range exported.Resources {
		if shape, listed := shapes[resource.Type]; listed {
			require.Regexp(t, shape, resource.ID, resource.URN)
			seen[resource.Type]++
		}
	}
	require.ElementsMatch(t, slices.Collect(maps.Keys(shapes)), slices.Collect(maps.Keys(seen)))
}
