package kinds

import (
	"regexp"
	"slices"
	"strconv"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ssm"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

var (
	associationVersion = regexp.MustCompile(`^(\$LATEST|\$DEFAULT|[1-9][0-9]*)$`)
	associationMost    = regexp.MustCompile(`^([1-9][0-9]*|[1-9][0-9]?%|100%)$`)
	associationErrors  = regexp.MustCompile(`^(0|[1-9][0-9]*|[0-9]%|[1-9][0-9]%|100%)$`)
)

// Source: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_CreateAssociation.html. When the association is made it runs
// at once; the provider then waits for it, when asked to, on creation and never on an update
// (https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/ssm/association.go). The sandbox runs no steps: of what
// they would do it knows only whether their role can be assumed.
var _ = register(&Kind{
	Token:      Association,
	Args:       ssm.AssociationArgs{},
	Resource:   &ssm.Association{},
	API:        API{Service: "SSM", Noun: "SSM Association", Create: "CreateAssociation", Update: "UpdateAssociation", Delete: "DeleteAssociation"},
	Name:       nil,
	References: []Reference{{Path: "name", To: []string{Document}, Code: "InvalidDocument", Message: "Document with name %s does not exist."}},
	Defaults:   []Default{{Path: "applyOnlyAtCronInterval", Value: Flag(false)}},
	Rules: []Rule{
		LengthIn("associationName", 3, 128), Matching("associationName", documentName, "must contain only alphanumeric, underscore, hyphen, or period characters"),
		LengthIn("automationTargetParameterName", 1, 50), OneOf("complianceSeverity", "CRITICAL", "HIGH", "MEDIUM", "LOW", "UNSPECIFIED"),
		OneOf("syncCompliance", "AUTO", "MANUAL"), Matching("documentVersion", associationVersion, "$LATEST, $DEFAULT or a number"),
		Matching("maxConcurrency", associationMost, "must be a valid number (e.g. 10) or percentage including the percent sign (e.g. 10%)"),
		Matching("maxErrors", associationErrors, "must be a valid number (e.g. 10) or percentage including the percent sign (e.g. 10%)"),
		LengthIn("scheduleExpression", 1, 256), lacking("associations with instances, nor buckets for what they print", "instanceId", "outputLocation.s3BucketName"),
		{Name: "targets that are values", Broken: func(d *Draft) *Refusal {
			for _, key := range d.Each("targets[].key") {
				if !key.Unknown() && key.Text() != parameterValues {
					return Refuse(key.Path(), "%s: the sandbox knows no targets but %s, not %q", key.Path(), parameterValues, key.Text())
				}
			}
			return nil
		}},
		{Name: "number of targets", Broken: func(d *Draft) *Refusal {
			if len(d.At("targets").List()) > 5 {
				return Refuse("targets", "Too many targets: at most 5 are allowed")
			}
			return nil
		}},
		{Name: "targets and their parameter", Stage: AtApply, Code: "ValidationException", Broken: func(d *Draft) *Refusal {
			if d.Has("automationTargetParameterName") != (len(d.At("targets").List()) > 0) {
				return Refuse("targets", "Must specify both Automation Target Parameter Name and Targets")
			}
			return nil
		}},
		// An association without targets is one that the provider cannot change: AWS gives it a target of its own, which the provider sends
		// back without the parameter (https://github.com/hashicorp/terraform-provider-aws/issues/41251).
		{Name: "an update without targets", Stage: AtApply, When: OnUpdate, Code: "ValidationException", Broken: func(d *Draft) *Refusal {
			if len(d.At("targets").List()) == 0 && !d.Has("automationTargetParameterName") && associationChanged(d) {
				return Refuse("targets", "Must specify both Automation Target Parameter Name and Targets")
			}
			return nil
		}},
		{Name: "version of the document", Stage: AtApply, Code: "InvalidDocumentVersion", Broken: func(d *Draft) *Refusal {
			version, err := strconv.Atoi(d.Text("documentVersion"))
			if document := d.Find(Document, d.Text("name")); err == nil && document != nil {
				if latest, _ := strconv.Atoi(document.Text("latestVersion")); version > latest {
					return Refuse("documentVersion", "Document version %d of %s does not exist.", version, d.Text("name"))
				}
			}
			return nil
		}},
		{Name: "a schedule", Stage: AtApply, Code: "InvalidSchedule", Broken: func(d *Draft) *Refusal {
			if text := d.Text("scheduleExpression"); d.Has("scheduleExpression") && !associationSchedule(text) {
				return Refuse("scheduleExpression", "Invalid schedule expression %s: a rate of 30 minutes at least, cron of six fields, or at.", text)
			}
			return nil
		}},
		{Name: "a rate that waits", Stage: AtApply, Code: "InvalidSchedule", Broken: func(d *Draft) *Refusal {
			if d.Bool("applyOnlyAtCronInterval") && rateSyntax.MatchString(d.Text("scheduleExpression")) {
				return Refuse("applyOnlyAtCronInterval", "ApplyOnlyAtCronInterval is not supported for rate expressions.")
			}
			return nil
		}},
		associationRefuses("parameters that the document has", associationUnknown), associationRefuses("parameters that the document needs", associationMissing),
		associationRefuses("values of the parameters", associationValues),
		{Name: "a run that succeeds", Stage: AtApply, When: OnCreate, Code: byProvider, Broken: associationRuns},
	},
	Replaces: []string{"name", "instanceId"},
	ID:       func(d *Draft) string { return d.UUID("association") },
	Computed: []Output{
		{Name: "associationId", Value: func(d *Draft) resource.PropertyValue { return Text(d.UUID("association")) }},
		{Name: "arn", Value: func(d *Draft) resource.PropertyValue { return Text(d.ARN("ssm", "association/"+d.UUID("association"))) }},
		fixed("documentVersion", Text("$DEFAULT")), fixed("parameters", Object(resource.PropertyMap{})), fixed("targets", List()),
	},
})

// parameterValues is the target whose values run the document, once each
// (https://docs.aws.amazon.com/systems-manager/latest/userguide/running-automations-map-targets.html).
const parameterValues = "ParameterValues"

var (
	rateSyntax = regexp.MustCompile(`^rate\(([1-9][0-9]*) (minute|minutes|hour|hours|day|days)\)$`)
	cronSyntax = regexp.MustCompile(`^cron\(\S+( \S+){5}\)$`)
	atSyntax   = regexp.MustCompile(`^at\([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\)$`)
)

// associationSchedule is true for what State Manager takes; it runs nothing more often than every 30 minutes.
// Source: https://docs.aws.amazon.com/systems-manager/latest/userguide/reference-cron-and-rate-expressions.html
func associationSchedule(text string) bool {
	rate := rateSyntax.FindStringSubmatch(text)
	if rate == nil {
		return cronSyntax.MatchString(text) || atSyntax.MatchString(text)
	}
	number, err := strconv.Atoi(rate[1])
	isOne := !slices.Contains([]string{"minutes", "hours", "days"}, rate[2])
	return err == nil && isOne == (number == 1) && (rate[2][0] != 'm' || number >= 30)
}

func associationChanged(d *Draft) bool {
	return slices.ContainsFunc([]string{"parameters", "documentVersion", "scheduleExpression", "associationName", "maxConcurrency", "maxErrors"}, d.Changed)
}

func associationRefuses(name string, problem func(d *Draft, read runbook) string) Rule {
	return Rule{Name: name, Stage: AtApply, Code: "InvalidParameters", Broken: func(d *Draft) *Refusal {
		read, found := associatedRunbook(d)
		if !found {
			return nil // refused for that
		}
		if said := problem(d, read); said != "" {
			return Refuse("parameters", "%s", said)
		}
		return nil
	}}
}

func associatedRunbook(d *Draft) (runbook, bool) {
	document := d.Find(Document, d.Text("name"))
	if document == nil {
		return runbook{}, false
	}
	read, problem := parseRunbook(document.Text("content"), document.Text("documentFormat"))
	return read, problem == ""
}

func associationUnknown(d *Draft, read runbook) string {
	for _, name := range append(d.At("parameters").Keys(), d.Text("automationTargetParameterName")) {
		if _, declared := read.Parameters[name]; name != "" && !declared {
			return "Parameter " + name + " is not supported by document " + d.Text("name") + "."
		}
	}
	return ""
}

func associationMissing(d *Draft, read runbook) string {
	given := append(d.At("parameters").Keys(), d.Text("automationTargetParameterName"))
	for _, name := range sortedKeys(read.Parameters) {
		if read.Parameters[name].Default == nil && !slices.Contains(given, name) {
			return "Parameter " + name + " of document " + d.Text("name") + " is required."
		}
	}
	return ""
}

func associationValues(d *Draft, read runbook) string {
	for _, name := range d.At("parameters").Keys() {
		if problem := read.Parameters[name].refuses(d.At("parameters").Key(name).Text()); problem != "" {
			return "Parameter " + name + " " + problem
		}
	}
	target := d.Text("automationTargetParameterName")
	for _, value := range d.Each("targets[].values[]") {
		if problem := read.Parameters[target].refuses(value.Text()); problem != "" {
			return "Parameter " + target + " " + problem
		}
	}
	return ""
}

// associationRuns fails a run that is waited for and whose role Automation cannot assume.
// Source: https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-setup-iam.html
func associationRuns(d *Draft) *Refusal {
	read, found := associatedRunbook(d)
	if !found || d.Int("waitForSuccessTimeoutSeconds") == 0 || read.AssumeRole == "" {
		return nil
	}
	arn := read.AssumeRole
	if name := runbookReference.FindStringSubmatch(arn); name != nil {
		arn = d.At("parameters").Key(name[1]).Text()
	}
	role := d.FindBy(Role, "arn", arn)
	context := keyContext{"aws:sourceaccount": d.Account, "aws:sourcearn": d.ARN("ssm", "automation-execution/"+d.UUID("execution"))}
	if arn != "" && (role == nil || !keyAllows(role.Text("assumeRolePolicy"), byService("ssm.amazonaws.com"), []string{"sts:AssumeRole"}, context)) {
		return Refuse("parameters", "waiting for SSM Association (%s) create: unexpected state 'Failed', wanted target 'Success'. last error: the assume role %s cannot be assumed",
			d.UUID("association"), arn)
	}
	return nil
}
