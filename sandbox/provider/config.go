package provider

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/stats"
	"google.golang.org/grpc/status"

	"github.com/aplomb-iac/aplomb/sandbox/kinds"
	"github.com/aplomb-iac/aplomb/sandbox/schema"
)

// DefaultAccount is the account of a provider instance that allows no account in particular.
const DefaultAccount = "123456789012"

// config is one provider instance: where it works, and the tags that it puts on everything.
type config struct {
	place kinds.Place
	tags  map[string]string
}

// perConnection gives every connection a slot for its configuration: the engine opens one for each provider instance, and
// no other request says which instance it belongs to.
type perConnection struct{}

type slotKey struct{}

type slot struct {
	mu     sync.Mutex
	config *config
}

func (perConnection) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context {
	return context.WithValue(ctx, slotKey{}, &slot{})
}
func (perConnection) HandleConn(context.Context, stats.ConnStats)                     {}
func (perConnection) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context { return ctx }
func (perConnection) HandleRPC(context.Context, stats.RPCStats)                       {}

func slotOf(ctx context.Context) (*slot, error) {
	found, has := ctx.Value(slotKey{}).(*slot)
	if !has {
		return nil, status.Error(codes.Internal, "the sandbox's gRPC server was made without provider.Options")
	}
	return found, nil
}

func configOf(ctx context.Context) (*config, error) {
	mine, err := slotOf(ctx)
	if err != nil {
		return nil, err
	}
	mine.mu.Lock()
	defer mine.mu.Unlock()
	if mine.config == nil {
		return nil, status.Error(codes.FailedPrecondition, "the provider is not configured yet")
	}
	return mine.config, nil
}

// CheckConfig validates the configuration of a provider instance.
func (s *Server) CheckConfig(_ context.Context, request *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	given, err := fromEngine("config", request.GetNews())
	if err != nil {
		return nil, refused(err)
	}
	_, failures := readConfig(given)
	return &pulumirpc.CheckResponse{Inputs: request.GetNews(), Failures: failures}, nil
}

// DiffConfig compares two configurations. Another account or Region makes another provider: what it managed stays where it
// was, so that everything of it is replaced.
func (s *Server) DiffConfig(_ context.Context, request *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	before, err := fromEngine("old config", request.GetOlds())
	if err != nil {
		return nil, refused(err)
	}
	after, err := fromEngine("new config", request.GetNews())
	if err != nil {
		return nil, refused(err)
	}
	response := &pulumirpc.DiffResponse{Changes: pulumirpc.DiffResponse_DIFF_NONE}
	for _, name := range []resource.PropertyKey{"allowedAccountIds", "defaultTags", "region"} {
		if before[name].DeepEquals(after[name]) {
			continue
		}
		response.Changes = pulumirpc.DiffResponse_DIFF_SOME
		response.Diffs = append(response.Diffs, string(name))
		was, _ := readConfig(before)
		will, failures := readConfig(after)
		if len(failures) == 0 && !after[name].ContainsUnknowns() && was.place != will.place {
			response.Replaces = append(response.Replaces, string(name))
		}
	}
	return response, nil
}

// Configure remembers the configuration of the connection.
func (s *Server) Configure(ctx context.Context, request *pulumirpc.ConfigureRequest) (*pulumirpc.ConfigureResponse, error) {
	given, err := fromEngine("config", request.GetArgs())
	if err != nil {
		return nil, refused(err)
	}
	read, failures := readConfig(given)
	if len(failures) > 0 {
		return nil, status.Errorf(codes.InvalidArgument, "%s: %s", failures[0].GetProperty(), failures[0].GetReason())
	}
	mine, err := slotOf(ctx)
	if err != nil {
		return nil, err
	}
	mine.mu.Lock()
	defer mine.mu.Unlock()
	mine.config = read
	return &pulumirpc.ConfigureResponse{AcceptSecrets: true, SupportsPreview: true}, nil
}

// engineKeys are in every configuration and are none of AWS's.
var engineKeys = []resource.PropertyKey{"version", "pluginDownloadURL", "__internal"}

var accountPattern = regexp.MustCompile(`^[0-9]{12}$`)

// readConfig reads and validates a configuration. A default provider gets everything that is no text as JSON in a text,
// an explicit one as it is.
func readConfig(given resource.PropertyMap) (*config, []*pulumirpc.CheckFailure) {
	shape := schema.OfPlain(aws.ProviderArgs{}.ElementType())
	values := resource.PropertyMap{}
	for key, value := range given {
		if !slices.Contains(engineKeys, key) {
			values[key] = parsed(shape, string(key), value)
		}
	}
	var failures []*pulumirpc.CheckFailure
	for _, problem := range shape.Check(values) {
		failures = append(failures, &pulumirpc.CheckFailure{Property: problem.Path, Reason: problem.Reason})
	}
	if len(failures) > 0 {
		return &config{}, failures
	}
	root := kinds.ValueOf(values)
	read := &config{place: kinds.Place{Account: DefaultAccount, Region: root.At("region").Text()}, tags: map[string]string{}}
	fail := func(property, format string, args ...any) {
		failures = append(failures, &pulumirpc.CheckFailure{Property: property, Reason: fmt.Sprintf(format, args...)})
	}
	switch region := root.At("region"); {
	case region.Unknown():
	case read.place.Region == "":
		fail("region", "missing required configuration: set aws:region or the provider's region, such as eu-central-1")
	case !kinds.KnownRegion(read.place.Region):
		fail("region", "invalid AWS Region: %s%s", read.place.Region, didYouMean(read.place.Region))
	}
	for index, account := range root.At("allowedAccountIds").List() {
		if !account.Unknown() && !accountPattern.MatchString(account.Text()) {
			fail("allowedAccountIds", "%q is no AWS account number: 12 digits", account.Text())
		}
		if index == 0 {
			read.place.Account = account.Text()
		}
	}
	if slices.Contains(root.At("forbiddenAccountIds").Texts(), read.place.Account) {
		fail("forbiddenAccountIds", "AWS account ID not allowed: %s", read.place.Account)
	}
	tags := root.At("defaultTags").At("tags")
	for _, key := range tags.Keys() {
		read.tags[key] = tags.Key(key).Text()
	}
	return read, failures
}

func didYouMean(region string) string {
	if nearest := schema.Nearest(region, kinds.RegionNames()); nearest != "" {
		return "; did you mean " + nearest + "?"
	}
	return "; known are " + strings.Join(kinds.RegionNames(), ", ")
}

// parsed reads JSON in a text where the SDK says that the property is no text.
func parsed(shape *schema.Type, name string, value resource.PropertyValue) resource.PropertyValue {
	field, known := shape.Field(name)
	if value.IsSecret() {
		return resource.MakeSecret(parsed(shape, name, value.SecretValue().Element))
	}
	if !known || field.Type.Shape == schema.Text || !value.IsString() {
		return value
	}
	var plain any
	if err := json.Unmarshal([]byte(value.StringValue()), &plain); err != nil {
		return value
	}
	return resource.NewPropertyValue(plain)
}
