package kinds

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ssm"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// mostDocument is how large a document may be, in bytes
// (https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_CreateDocument.html).
const mostDocument = 64 * 1024

var (
	documentName     = regexp.MustCompile(`^[0-9A-Za-z_.-]+$`)
	documentReserved = []string{"aws", "amazon", "amzn"}
)

// Source: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_CreateDocument.html and API_UpdateDocument.html beside it.
var _ = register(&Kind{
	Token:    Document,
	Args:     ssm.DocumentArgs{},
	Resource: &ssm.Document{},
	API:      API{Service: "SSM", Noun: "SSM Document", Create: "CreateDocument", Update: "UpdateDocument", Delete: "DeleteDocument"},
	Name:     &AutoName{Property: "name", Max: 128},
	Defaults: []Default{{Path: "documentFormat", Value: Text("JSON")}},
	Rules: []Rule{
		LengthIn("name", 3, 128), Matching("name", documentName, "must contain only alphanumeric, underscore, hyphen, or period characters"),
		OneOf("documentFormat", "YAML", "JSON", "TEXT"), LengthIn("versionName", 3, 128),
		Matching("versionName", documentName, "must contain only alphanumeric, underscore, hyphen, or period characters"),
		lacking("documents with attachments, for other accounts or for instances", "attachmentsSources[].key", "permissions.type", "targetType"),
		{Name: "runbooks only", Broken: func(d *Draft) *Refusal {
			if kind := d.At("documentType"); !kind.Unknown() && kind.Text() != "Automation" {
				return Refuse("documentType", "documentType: the sandbox has no documents of the type %q", kind.Text())
			}
			return nil
		}},
		{Name: "prefixes that AWS keeps", Stage: AtApply, When: OnCreate, Code: "ValidationException", Broken: func(d *Draft) *Refusal {
			name := strings.ToLower(d.Text("name"))
			if slices.ContainsFunc(documentReserved, func(prefix string) bool { return strings.HasPrefix(name, prefix) }) {
				return Refuse("name", "Invalid document name %s: names that begin with aws, amazon or amzn are reserved.", d.Text("name"))
			}
			return nil
		}},
		{Name: "name taken", Stage: AtApply, When: OnCreate, Code: "DocumentAlreadyExists", Broken: func(d *Draft) *Refusal {
			if d.Find(Document, d.Text("name")) != nil {
				return Refuse("name", "Document with same name %s already exists", d.Text("name"))
			}
			return nil
		}},
		{Name: "size of the content", Stage: AtApply, Code: "MaxDocumentSizeExceeded", Broken: func(d *Draft) *Refusal {
			if size := len(d.Text("content")); size > mostDocument {
				return Refuse("content", "The size limit of a document is 64 KB.")
			}
			return nil
		}},
		runbookRefuses("content that can be read", "InvalidDocumentContent", func(d *Draft) string { _, problem := readRunbook(d); return problem }),
		runbookRefuses("schema version", "InvalidDocumentSchemaVersion", ofRunbook(runbook.schemaProblem)),
		runbookRefuses("parameters", "InvalidDocumentContent", ofRunbook(runbook.parameterProblem)),
		runbookRefuses("steps", "InvalidDocumentContent", ofRunbook(runbook.stepsProblem)),
		runbookRefuses("inputs of actions", "InvalidDocumentContent", ofRunbook(runbook.inputsProblem)),
		runbookRefuses("what the steps refer to", "InvalidDocumentContent", ofRunbook(runbook.referenceProblem)),
		{Name: "version names", Stage: AtApply, When: OnUpdate, Code: "DuplicateDocumentVersionName", Broken: func(d *Draft) *Refusal {
			if d.Has("versionName") && !d.Changed("versionName") && d.Changed("content") {
				return Refuse("versionName", "The version name %s has already been used in this document.", d.Text("versionName"))
			}
			return nil
		}},
	},
	DeleteRules: []DeleteRule{{Name: "associations", Code: "AssociatedInstances", Blocked: func(d *Draft) string {
		if len(d.UsedBy(Association, "name", d.ID())) > 0 {
			return "Document is associated with targets. Delete the associations first."
		}
		return ""
	}}},
	Replaces: []string{"name"},
	ID:       func(d *Draft) string { return d.Output("name").Text() },
	Computed: documentOutputs(),
})

func runbookRefuses(name, code string, problem func(d *Draft) string) Rule {
	return Rule{Name: name, Stage: AtApply, Code: code, Broken: func(d *Draft) *Refusal {
		if said := problem(d); said != "" {
			return Refuse("content", "%s", said)
		}
		return nil
	}}
}

// ofRunbook asks a question of a runbook that can be read; one that cannot is refused for that.
func ofRunbook(problem func(r runbook) string) func(d *Draft) string {
	return func(d *Draft) string {
		read, unreadable := readRunbook(d)
		if unreadable != "" {
			return ""
		}
		return problem(read)
	}
}

// documentVersion rises with every change of the content, and becomes the default at once: the provider asks for both.
// Source: https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/ssm/document.go
func documentVersion(name string) Output {
	return Output{Name: name, Fresh: contentChanged, Value: func(d *Draft) resource.PropertyValue {
		if d.old == nil {
			return Text("1")
		}
		version, err := strconv.Atoi(d.old.Text("latestVersion"))
		if err != nil {
			version = 1
		}
		if contentChanged(d) {
			version++
		}
		return Text(strconv.Itoa(version))
	}}
}

func contentChanged(d *Draft) bool { return d.Changed("content") || d.Changed("documentFormat") }

func documentOutputs() []Output {
	return []Output{
		{Name: "arn", Value: func(d *Draft) resource.PropertyValue { return Text(d.ARN("ssm", "document/"+d.Output("name").Text())) }},
		{Name: "createdDate", Value: func(d *Draft) resource.PropertyValue { return Text(d.Created().Format(time.RFC3339)) }},
		documentVersion("defaultVersion"), documentVersion("latestVersion"), documentVersion("documentVersion"),
		{Name: "description", Value: func(d *Draft) resource.PropertyValue { read, _ := readRunbook(d); return Text(read.Description) }},
		{Name: "hash", Fresh: contentChanged, Value: func(d *Draft) resource.PropertyValue {
			sum := sha256.Sum256([]byte(d.Text("content")))
			return Text(hex.EncodeToString(sum[:]))
		}},
		fixed("hashType", Text("Sha256")),
		{Name: "owner", Value: func(d *Draft) resource.PropertyValue { return Text(d.Account) }},
		{Name: "parameters", Fresh: contentChanged, Value: documentParameters},
		fixed("platformTypes", Texts("Windows", "Linux", "MacOS")), fixed("schemaVersion", Text(automationSchema)), fixed("status", Text("Active")),
	}
}

func documentParameters(d *Draft) resource.PropertyValue {
	read, _ := readRunbook(d)
	var names []string
	for name := range read.Parameters {
		names = append(names, name)
	}
	sort.Strings(names)
	var parameters []resource.PropertyValue
	for _, name := range names {
		parameter := resource.PropertyMap{"name": Text(name), "type": Text(read.Parameters[name].Type), "description": Text(read.Parameters[name].Description)}
		if standard, isText := read.Parameters[name].Default.(string); isText {
			parameter["defaultValue"] = Text(standard)
		}
		parameters = append(parameters, Object(parameter))
	}
	return List(parameters...)
}
