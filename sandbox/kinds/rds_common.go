package kinds

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// The engines of clusters. Those of aurora share one storage over three zones; the others are RDS Multi-AZ DB clusters.
const (
	auroraPostgres = "aurora-postgresql"
	auroraMySQL    = "aurora-mysql"
	postgres       = "postgres"
	mySQL          = "mysql"
)

var clusterEngines = []string{auroraPostgres, auroraMySQL, postgres, mySQL}

// codeParameter is how RDS refuses a value, codeCombination how it refuses values that do not go together.
// Source: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/CommonErrors.html
const (
	codeParameter   = "InvalidParameterValue"
	codeCombination = "InvalidParameterCombination"
)

var (
	// Source: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBCluster.html
	dbIdentifier  = regexp.MustCompile(`^[a-z]([a-z0-9]|-[a-z0-9])*$`)
	dbGroupName   = regexp.MustCompile(`^[0-9a-z_.-]+$`)
	dbName        = regexp.MustCompile(`^[A-Za-z_][0-9A-Za-z_]{0,62}$`)
	dbVersion     = regexp.MustCompile(`^[0-9]+(\.[0-9A-Za-z_.-]+)?$`)
	dailyWindow   = regexp.MustCompile(`^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$`)
	weeklyWindow  = regexp.MustCompile(`^(mon|tue|wed|thu|fri|sat|sun):([01][0-9]|2[0-3]):[0-5][0-9]-(mon|tue|wed|thu|fri|sat|sun):([01][0-9]|2[0-3]):[0-5][0-9]$`)
	weekdays      = []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}
	minutesOfWeek = len(weekdays) * minutesOfDay
)

const minutesOfDay = 24 * 60

// databaseNames are the rules of an identifier at a path.
func databaseNames(path, prefix string, longest int) []Rule {
	return []Rule{
		LengthIn(path, 1, longest), Conflicting(path, prefix),
		Matching(path, dbIdentifier, "only lowercase alphanumeric characters and single hyphens allowed, a letter first, no hyphen at the end"),
	}
}

// groupNames are the rules of the name of a subnet group or parameter group.
func groupNames() []Rule {
	return []Rule{
		LengthIn("name", 1, 255), Conflicting("name", "namePrefix"),
		Matching("name", dbGroupName, "only lowercase alphanumeric characters, hyphens, underscores and periods allowed"),
		{Name: "a name that AWS keeps", Broken: func(d *Draft) *Refusal {
			if d.Text("name") == "default" {
				return Refuse("name", "\"default\" is not allowed as \"name\"")
			}
			return nil
		}},
	}
}

func toSubnetGroup(path string) Reference {
	return Reference{Path: path, To: []string{DBSubnetGroup}, By: "name", Code: "DBSubnetGroupNotFoundFault", Message: "DB subnet group '%s' does not exist."}
}

func toDatabaseSecurityGroup() Reference {
	return Reference{Path: "vpcSecurityGroupIds[]", To: []string{SecurityGroup, DefaultSecurityGroup}, Code: codeParameter,
		Message: "Invalid security group , groupId= %s, groupName=."}
}

func toParameterGroup(path, token, code string) Reference {
	return Reference{Path: path, To: []string{token}, By: "name", Code: code, Message: "DBParameterGroup not found: %s",
		Skip: func(name string) bool { return strings.HasPrefix(name, "default.") }}
}

// windowRules are the rules of the two windows, of which AWS chooses those that are not given.
// Source: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithAutomatedBackups.BackupWindow.html and
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_UpgradeDBInstance.Maintenance.html
func windowRules(backup, maintenance string) []Rule {
	return []Rule{
		Matching(backup, dailyWindow, "must satisfy the format of \"hh24:mi-hh24:mi\""),
		Matching(maintenance, weeklyWindow, "must satisfy the format of \"ddd:hh24:mi-ddd:hh24:mi\""),
		{Name: "length of the windows", Stage: AtApply, Code: codeParameter, Broken: func(d *Draft) *Refusal {
			for _, path := range []string{backup, maintenance} {
				if begin, length, ok := window(d.Text(path)); ok && length < 30 {
					return Refuse(path, "The window must be at least 30 minutes. (%s, minute %d)", d.Text(path), begin)
				}
			}
			return nil
		}},
		{Name: "windows that overlap", Stage: AtApply, Code: codeParameter, Broken: func(d *Draft) *Refusal {
			daily, length, hasDaily := window(d.Text(backup))
			weekly, weeklyLength, hasWeekly := window(d.Text(maintenance))
			for day := range weekdays {
				begin := day*minutesOfDay + daily
				if hasDaily && hasWeekly && (mod(weekly-begin, minutesOfWeek) < length || mod(begin-weekly, minutesOfWeek) < weeklyLength) {
					return Refuse(backup, "The backup window and maintenance window must not overlap.")
				}
			}
			return nil
		}},
	}
}

// window is the first minute of a window, of the day or of the week from Monday, and its length in minutes.
func window(text string) (begin, length int, ok bool) {
	from, to, _ := strings.Cut(text, "-")
	switch {
	case dailyWindow.MatchString(text):
		return minute(from), mod(minute(to)-minute(from), minutesOfDay), true
	case weeklyWindow.MatchString(text):
		begin = slices.Index(weekdays, from[:3])*minutesOfDay + minute(from[4:])
		end := slices.Index(weekdays, to[:3])*minutesOfDay + minute(to[4:])
		return begin, mod(end-begin, minutesOfWeek), true
	default:
		return 0, 0, false
	}
}

func minute(clock string) int {
	hours, _ := strconv.Atoi(clock[:2]) // the pattern has two digits there
	minutes, _ := strconv.Atoi(clock[3:])
	return hours*60 + minutes
}

func mod(value, by int) int { return ((value % by) + by) % by }

// masterRules are the rules of the master user: a password of the program's or a secret of AWS's, and a name that the engine leaves free.
// Source: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html
func masterRules(user, password string) []Rule {
	return []Rule{
		{Name: "a password and a managed one", Broken: func(d *Draft) *Refusal {
			if d.Has(password) && d.Bool("manageMasterUserPassword") {
				return Refuse(password, "%q: conflicts with manageMasterUserPassword", password)
			}
			return nil
		}},
		{Name: "a password", Stage: AtApply, When: OnCreate, Code: codeParameter, Broken: func(d *Draft) *Refusal {
			if !d.Has(password) && !d.Bool("manageMasterUserPassword") && !d.Has("snapshotIdentifier") && !d.Has("restoreToPointInTime") {
				return Refuse(password, "The parameter MasterUserPassword must be provided and must not be blank.")
			}
			return nil
		}},
		{Name: "a user that the engine keeps", Stage: AtApply, Code: codeParameter, Broken: func(d *Draft) *Refusal {
			if name := d.Text(user); slices.Contains([]string{"admin", "rdsadmin", "rdsrepladmin", "rds_superuser"}, name) {
				return Refuse(user, "MasterUsername %s cannot be used as it is a reserved word used by the engine", name)
			}
			return nil
		}},
	}
}

// keyRules are the rules of the keys: usable ones of this Region, and a key for storage only where storage is encrypted.
func keyRules() []Rule {
	return []Rule{
		{Name: "keys that exist", Stage: AtApply, Code: "KMSKeyNotAccessibleFault", Broken: func(d *Draft) *Refusal {
			for _, path := range []string{"kmsKeyId", "masterUserSecretKmsKeyId", "performanceInsightsKmsKeyId"} {
				if id := d.Text(path); unusableKey(d, id) {
					return Refuse(path, "The specified KMS key [%s] does not exist, is not enabled or you do not have permissions to access it.", id)
				}
			}
			return nil
		}},
		{Name: "a key without encryption", Stage: AtApply, Code: codeCombination, Broken: func(d *Draft) *Refusal {
			if d.Has("kmsKeyId") && d.Has("storageEncrypted") && !d.Bool("storageEncrypted") {
				return Refuse("kmsKeyId", "Cannot create an unencrypted database with a KMS key.")
			}
			return nil
		}},
	}
}

// monitoringRules are the rules of enhanced monitoring and of Performance Insights.
// Source: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Monitoring.OS.Enabling.html and USER_PerfInsights.Overview.cost.html beside it.
func monitoringRules() []Rule {
	return []Rule{
		NumberOneOf("monitoringInterval", 0, 1, 5, 10, 15, 30, 60),
		{Name: "months of Performance Insights", Broken: func(d *Draft) *Refusal {
			days := d.Int("performanceInsightsRetentionPeriod")
			if !d.Has("performanceInsightsRetentionPeriod") || d.At("performanceInsightsRetentionPeriod").Unknown() || days == 7 || days == 731 || days > 0 && days < 731 && days%31 == 0 {
				return nil
			}
			return Refuse("performanceInsightsRetentionPeriod", "expected performanceInsightsRetentionPeriod to be 7, 731 or a multiple of 31, got %d", days)
		}},
		{Name: "a role for monitoring", Stage: AtApply, Code: codeCombination, Broken: func(d *Draft) *Refusal {
			role := d.FindBy(Role, "arn", d.Text("monitoringRoleArn"))
			if d.Int("monitoringInterval") > 0 && role == nil {
				return Refuse("monitoringRoleArn", "A MonitoringRoleARN value is required if you specify a MonitoringInterval value other than 0.")
			}
			return nil
		}},
	}
}

// networkOf refuses security groups of another VPC than the subnet group's.
func networkOf(subnetGroup string) Rule {
	return Rule{Name: "security group of another VPC", Stage: AtApply, Code: codeCombination, Broken: func(d *Draft) *Refusal {
		group := d.FindBy(DBSubnetGroup, "name", d.Text(subnetGroup))
		if group == nil {
			return nil
		}
		for _, id := range d.Texts("vpcSecurityGroupIds") {
			if other := d.Find(SecurityGroup, id); other != nil && other.Text("vpcId") != group.Text("vpcId") {
				return Refuse("vpcSecurityGroupIds", "The DB instance and EC2 security group are in different VPCs. The DB instance is in %s and the EC2 security group is in %s",
					group.Text("vpcId"), other.Text("vpcId"))
			}
		}
		return nil
	}}
}

// zonesOfGroup are the zones of a subnet group's subnets, each once.
func zonesOfGroup(d *Draft, name string) []string {
	group := d.FindBy(DBSubnetGroup, "name", name)
	if group == nil {
		return nil
	}
	var zones []string
	for _, id := range group.At("subnetIds").Texts() {
		if subnet := d.Find(Subnet, id); subnet != nil && !slices.Contains(zones, subnet.Text("availabilityZone")) {
			zones = append(zones, subnet.Text("availabilityZone"))
		}
	}
	slices.Sort(zones)
	return zones
}

// finalSnapshot is the provider's own refusal, protection AWS's.
func databaseDeleteRules(noun string) []DeleteRule {
	return []DeleteRule{
		{Name: "deletion protection", Code: codeCombination, Blocked: func(d *Draft) string {
			if d.Output("deletionProtection").Bool() {
				return fmt.Sprintf("Cannot delete protected %s, please disable deletion protection and try again.", noun)
			}
			return ""
		}},
		{Name: "a name for the final snapshot", Code: codeCombination, Blocked: func(d *Draft) string {
			if !d.Output("skipFinalSnapshot").Bool() && d.Output("finalSnapshotIdentifier").Text() == "" {
				return "FinalSnapshotIdentifier is required unless SkipFinalSnapshot is specified."
			}
			return ""
		}},
	}
}

// masterSecret is the secret that RDS makes and rotates when it is asked to manage the password.
func masterSecret(kind string) Output {
	return Output{Name: "masterUserSecrets", Value: func(d *Draft) resource.PropertyValue {
		if !d.Bool("manageMasterUserPassword") {
			return List()
		}
		return List(Object(resource.PropertyMap{
			"secretArn":    Text(d.ARN("secretsmanager", "secret:rds!"+kind+"-"+d.UUID("secret")+"-"+d.Hex("secret suffix", 6))),
			"secretStatus": Text("active"), "kmsKeyId": Text(orElse(d.Text("masterUserSecretKmsKeyId"), d.ARN("kms", "alias/aws/secretsmanager"))),
		}))
	}}
}

// databaseDomain ends the names of databases of one account and Region.
func databaseDomain(d *Draft) string {
	return "c" + d.Hex("endpoint", 11) + "." + d.Region + ".rds." + d.DNSSuffix()
}

func portOf(engine string) int {
	if strings.Contains(engine, mySQL) {
		return 3306
	}
	return 5432
}
