package recorder

import (
	"fmt"
	"maps"
	"regexp"
	"strings"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/structpb"
)

var tokenSyntax = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]*:[A-Za-z0-9_/-]+:[A-Za-z][A-Za-z0-9_]*$`)

const providerPrefix = "pulumi:providers:"

// monitor answers the SDK and keeps what it was asked. The SDK calls it from many goroutines at once.
type monitor struct {
	settings settings
	// context is the program's, for what a plugin would register.
	context *pulumi.Context

	mutex     sync.Mutex
	resources []*Resource
	byURN     map[string]*Resource
	inside    map[string]bool
	exports   map[string]export
	problems  []string
}

func newMonitor(s settings) *monitor {
	return &monitor{settings: s, byURN: map[string]*Resource{}, inside: map[string]bool{}, exports: map[string]export{}}
}

// NewResource implements pulumi.MockResourceMonitor.
func (m *monitor) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	if id, outputs, inside := m.answerInside(args); inside {
		return id, outputs, nil
	}
	r, err := m.read(args)
	if err != nil {
		return "", nil, err
	}
	if err := m.record(r); err != nil {
		return "", nil, err
	}
	if m.settings.preview {
		known, err := m.previewed(r)
		return "", knownOnly(r.Inputs, known), err
	}
	id, computed, err := m.answer(r)
	if err != nil {
		return "", nil, fmt.Errorf("%s: %w", r.URN, err)
	}
	if args.ID != "" {
		id = args.ID
	}
	m.mutex.Lock()
	r.ID = id
	m.mutex.Unlock()
	outputs := r.Inputs.Copy()
	for key, value := range computed {
		outputs[key] = value
	}
	return id, outputs, nil
}

// read turns a registration into a Resource.
func (m *monitor) read(args pulumi.MockResourceArgs) (*Resource, error) {
	r := &Resource{Type: args.TypeToken, Name: args.Name, Custom: args.Custom, Provider: args.Provider, Inputs: args.Inputs}
	if read := args.ReadRPC; read != nil {
		r.Custom, r.Read = true, true
		r.Parent, r.DependsOn, r.Version = read.GetParent(), read.GetDependencies(), read.GetVersion()
		return m.finish(r, read.GetProperties())
	}
	request := args.RegisterRPC
	if request == nil {
		return nil, fmt.Errorf("the SDK registered %s %s without its request", args.TypeToken, args.Name)
	}
	r.Parent = request.GetParent()
	r.Remote = request.GetRemote()
	r.Providers = m.inherit(request)
	r.DependsOn = request.GetDependencies()
	r.PropertyDependencies = propertyDependencies(request.GetPropertyDependencies())
	r.Protect = request.GetProtect()
	r.RetainOnDelete = request.GetRetainOnDelete()
	r.DeleteBeforeReplace = request.GetDeleteBeforeReplace()
	r.IgnoreChanges = request.GetIgnoreChanges()
	r.ReplaceOnChanges = request.GetReplaceOnChanges()
	r.AdditionalSecretOutputs = request.GetAdditionalSecretOutputs()
	r.Version = request.GetVersion()
	return m.finish(r, request.GetObject())
}

// finish reads the inputs again, with the unknown ones that Pulumi's mocks leave out.
func (m *monitor) finish(r *Resource, object *structpb.Struct) (*Resource, error) {
	inputs, err := plugin.UnmarshalProperties(object, plugin.MarshalOptions{KeepUnknowns: true, KeepSecrets: true, KeepResources: true})
	if err != nil {
		return nil, fmt.Errorf("inputs of %s %s: %w", r.Type, r.Name, err)
	}
	r.Inputs = inputs
	r.URN = m.urn(r)
	return r, nil
}

// urn is built as the engine does: from the types of the parents and the name.
func (m *monitor) urn(r *Resource) string {
	parent := tokens.Type("")
	if urn := resource.URN(r.Parent); urn != "" && urn.QualifiedType() != resource.RootStackType {
		parent = urn.QualifiedType()
	}
	return string(resource.NewURN(tokens.QName(m.settings.stack), tokens.PackageName(m.settings.project), parent, tokens.Type(r.Type), r.Name))
}

// inherit gives a component the providers of its parent component where it has none of its own, as the engine does.
func (m *monitor) inherit(request *pulumirpc.RegisterResourceRequest) map[string]string {
	providers := map[string]string{}
	m.mutex.Lock()
	parent := m.byURN[request.GetParent()]
	m.mutex.Unlock()
	if parent != nil && !request.GetCustom() {
		maps.Copy(providers, parent.Providers)
	}
	maps.Copy(providers, request.GetProviders())
	return providers
}

func (m *monitor) record(r *Resource) error {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if !tokenSyntax.MatchString(r.Type) {
		m.problem("%s %s: the type is not a token of the form package:module:Type", r.Type, r.Name)
	}
	if _, taken := m.byURN[r.URN]; taken {
		m.problem("duplicate URN %s: two resources of one type, name and chain of parent types; derive the name from the component's", r.URN)
		return fmt.Errorf("duplicate URN %s", r.URN)
	}
	m.byURN[r.URN] = r
	m.resources = append(m.resources, r)
	return nil
}

// answer is the id and the computed outputs of a resource that has been created.
func (m *monitor) answer(r *Resource) (string, resource.PropertyMap, error) {
	if output, declared := m.settings.outputs[r.Type]; declared {
		return output(r)
	}
	if !r.Custom && !r.Remote {
		return "", nil, nil
	}
	place := m.place(r)
	if strings.HasPrefix(r.Type, providerPrefix) {
		return place.uuid(), nil, nil
	}
	if r.Type == awsxVPCToken {
		return m.builtVPC(place)
	}
	if output, known := computed[r.Type]; known {
		return output(place)
	}
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.problem("%s: the recorder does not know the computed outputs of %s, which the program would read as empty; declare them with recorder.Output", r.URN, r.Type)
	return place.uuid(), nil, nil
}

// Call implements pulumi.MockResourceMonitor: it answers a provider function.
func (m *monitor) Call(args pulumi.MockCallArgs) (resource.PropertyMap, error) {
	if answer, answered := m.settings.answers[args.Token]; answered {
		return answer(args.Args)
	}
	if answer, known := answered[args.Token]; known {
		return answer(m.placeOf(args.Provider), args.Args)
	}
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.problem("nobody answers the function %s; answer it with recorder.Answer", args.Token)
	return nil, fmt.Errorf("nobody answers the function %s", args.Token)
}

// MethodCall implements pulumi.MockResourceMonitorWithMethodCall: no resource of the program has methods.
func (m *monitor) MethodCall(args pulumi.MockCallArgs) (resource.PropertyMap, error) {
	return m.Call(args)
}

// strays are the resources that no component holds: custom resources without a component among their ancestors, and children
// of something that was never registered. The mutex is held.
func (m *monitor) strays() []string {
	var strays []string
	for _, r := range m.resources {
		if !r.Custom || strings.HasPrefix(r.Type, providerPrefix) || m.settings.roots[r.Type] {
			continue
		}
		if !m.held(r) {
			strays = append(strays, fmt.Sprintf("%s: no component is among its parents; pass pulumi.Parent", r.URN))
		}
	}
	return strays
}

func (m *monitor) held(r *Resource) bool {
	for parent := m.byURN[r.Parent]; parent != nil; parent = m.byURN[parent.Parent] {
		if !parent.Custom {
			return true
		}
	}
	return false
}

func propertyDependencies(given map[string]*pulumirpc.RegisterResourceRequest_PropertyDependencies) map[string][]string {
	urns := make(map[string][]string, len(given))
	for key, dependencies := range given {
		urns[key] = dependencies.GetUrns()
	}
	return urns
}

// knownOnly leaves out every property that holds something unknown anywhere, so that the SDK takes it as unknown.
func knownOnly(groups ...resource.PropertyMap) resource.PropertyMap {
	known := resource.PropertyMap{}
	for _, group := range groups {
		for key, value := range group {
			if !value.ContainsUnknowns() {
				known[key] = value
			}
		}
	}
	return known
}
