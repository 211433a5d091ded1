package components

import (
	"fmt"
	"strings"

	"github.com/aplomb-iac/aplomb/internal/dbusers"
	"github.com/aplomb-iac/aplomb/internal/iampolicy"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Connection is what a service needs in its environment to find the database and to heal fast, under the names that libpq and pgx read
// (https://www.postgresql.org/docs/current/libpq-envars.html). Put it into ResilientServiceArgs.Environment. It grants nothing;
// GrantConnect does. The password is a token that the application makes with its role before each connection and that lasts 15 minutes.
//
//   - PGSSLMODE verify-full: the certificate must be the endpoint's. The bundle of AWS's certificate authorities must be in the image, at
//     PGSSLROOTCERT, /etc/ssl/certs/rds-global-bundle.pem
//     (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL.html).
//   - PGCONNECT_TIMEOUT 3 s, for each address of the endpoint.
//   - PGTARGETSESSIONATTRS read-write: a client that reaches the old writer while DNS still names it goes on looking.
//   - PGOPTIONS statement_timeout 10 s: what the server still does for a client that has gone ends. It does not help a client whose server
//     has gone: every query needs a deadline in the application.
//
// A user behind the proxy connects to the proxy's endpoint. Its certificate is of AWS Certificate Manager
// (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy.howitworks.html#rds-proxy-security.tls), so PGSSLROOTCERT is system, the
// authorities of the image, which pgx knows and libpq since version 16. PGOPTIONS is left out: RDS Proxy takes no command-line options and
// refuses the connection. A statement_timeout that is set by SET would pin the connection
// (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy-pinning.html).
func (d *MultiAZDatabase) Connection(user string) map[string]pulumi.StringInput {
	variables := map[string]pulumi.StringInput{
		"PGHOST": d.Endpoint, "PGPORT": pulumi.Sprintf("%d", d.Port), "PGDATABASE": pulumi.String(d.args.DatabaseName), "PGUSER": pulumi.String(user),
		"PGSSLMODE": pulumi.String("verify-full"), "PGSSLROOTCERT": pulumi.String("/etc/ssl/certs/rds-global-bundle.pem"),
		"PGCONNECT_TIMEOUT": pulumi.String("3"), "PGTARGETSESSIONATTRS": pulumi.String("read-write"),
		"PGOPTIONS": pulumi.String("-c statement_timeout=10000"),
	}
	if d.args.proxied(user) {
		variables["PGHOST"], variables["PGSSLROOTCERT"] = d.ProxyEndpoint, pulumi.String("system")
		delete(variables, "PGOPTIONS")
	}
	return variables
}

// GrantConnect lets the service's instances connect to this database as one user, and as no other, and has the user made: one more policy
// on the service's role, two security group rules, and an association of Systems Manager that makes the user with these rights, at once, and
// makes it again every day. An update does not end before the user is there, and fails when it cannot be made; a service that starts before
// tries again until it can connect. Whatever else the database holds stays.
//
// A user behind the proxy is made by the SQLRunner, with a password that the runner makes and puts into the user's secret, and the service may
// connect to the proxy as that user and not to the database. A user is either behind the proxy or not, for every service.
//
// Two services may be granted one user with the same rights. Granting the same user to a service twice, one user with different rights, or
// across accounts, Regions, or VPCs that are both plain text, is an error. Between two VPCs whose ids arrive late, AWS refuses the
// security group rule. Where a grant is taken away, the user stays in the database, and nobody may connect as it:
// who ever connected did so by a permission of a role, and that is gone. Rights that were changed hold for sessions that begin afterwards.
func (d *MultiAZDatabase) GrantConnect(service *ResilientService, user string, rights DatabaseRights) error {
	if err := d.checkGrant(service, user, rights); err != nil {
		return err
	}
	way, open := service.name, d.connect
	if d.args.proxied(user) {
		way, open = service.name+"//", d.connectThroughProxy
	}
	first := !d.granted[way]
	d.granted[way], d.granted[service.name+"/"+user] = true, true
	at := d.home(d.ctx)
	policy := iampolicy.Identity(iampolicy.Statement{
		Sid: "Connect", Effect: iampolicy.Allow, Actions: []iampolicy.Action{"rds-db:connect"},
		Resources: []iampolicy.Resource{iampolicy.Slot(usersSlot, "/"+user)},
	})
	name := d.name + "-as-" + strings.ReplaceAll(user, "_", "-") + "-for-" + service.name
	granted, err := newGrant(d.ctx, d, service, name, policy, pulumi.StringMap{usersSlot: d.connectTo(at, user)})
	if err != nil {
		return err
	}
	if !d.args.proxied(user) { // the id of the proxy stays whatever it leads to
		d.built.grants = append(d.built.grants, databaseGrant{
			service: service.name, user: user, role: granted.Role, policy: granted.Name, text: granted.Policy,
		})
	}
	if _, made := d.users[user]; !made {
		d.users[user] = rights
		if err := d.makeUser(user, rights); err != nil {
			return err
		}
	}
	if !first {
		return nil // the way is open already
	}
	return open(service)
}

const usersSlot = "users"

// connect opens the one port between the two security groups.
func (d *MultiAZDatabase) connect(service *ResilientService) error {
	in := d.name + "-database-from-" + service.name
	if _, err := vpc.NewSecurityGroupIngressRule(d.ctx, in, &vpc.SecurityGroupIngressRuleArgs{
		SecurityGroupId: d.built.securityGroup.ID(), ReferencedSecurityGroupId: service.built.instanceGroup.ID(),
		IpProtocol: pulumi.String(string(TCP)), FromPort: pulumi.Int(postgresPort), ToPort: pulumi.Int(postgresPort),
		Description: pulumi.String("Connections of service " + service.name), Tags: tagsNamed(d.args.Tags, in),
	}, pulumi.Parent(d)); err != nil {
		return err
	}
	out := service.name + "-instances-to-database-" + d.name
	_, err := vpc.NewSecurityGroupEgressRule(d.ctx, out, &vpc.SecurityGroupEgressRuleArgs{
		SecurityGroupId: service.built.instanceGroup.ID(), ReferencedSecurityGroupId: d.built.securityGroup.ID(),
		IpProtocol: pulumi.String(string(TCP)), FromPort: pulumi.Int(postgresPort), ToPort: pulumi.Int(postgresPort),
		Description: pulumi.String("Connections to database " + d.name), Tags: tagsNamed(service.args.Tags, out),
	}, pulumi.Parent(service))
	return err
}

// UserProblem says why nobody can be granted the database user of that name, and nothing when one can.
func UserProblem(user string) string {
	if user == masterUser {
		return "may do everything"
	}
	return dbusers.UserProblem(user)
}

func (d *MultiAZDatabase) checkGrant(service *ResilientService, user string, rights DatabaseRights) error {
	if service == nil {
		return fmt.Errorf("grant of database %s: no service is given; pass the service that connects", d.name)
	}
	there, here := service.args.Placement, d.args.Placement
	before := d.users[user]
	switch {
	case UserProblem(user) != "":
		return fmt.Errorf("grant of database %s to %s: user %q %s; grant a user of the service's own", d.name, service.name, user, UserProblem(user))
	case d.built.recovered:
		return fmt.Errorf("grant of database %s to %s comes after its recovery, which would not grant it again after a restore; grant first", d.name, service.name)
	case oneOf(rights, AllDatabaseRights()) != "":
		return fmt.Errorf("grant of database %s to %s as %s: rights %q %s; choose one", d.name, service.name, user, string(rights), oneOf(rights, AllDatabaseRights()))
	case before != "" && before != rights:
		return fmt.Errorf("grant of database %s to %s as %s with %s: the user has %s already, by another grant; give both the same rights, or each a user of its own",
			d.name, service.name, user, rights, before)
	case d.granted[service.name+"/"+user]:
		return fmt.Errorf("grant of database %s to %s as %s is made already; remove one", d.name, service.name, user)
	case there.AccountID != here.AccountID:
		return fmt.Errorf("grant of database %s to %s crosses accounts %s and %s; build both in one", d.name, service.name, here.AccountID, there.AccountID)
	case there.region() != here.region():
		return fmt.Errorf("grant of database %s to %s crosses Regions %s and %s; build both in one", d.name, service.name, here.region(), there.region())
	case plainlyDiffer(there.VPCID, here.VPCID):
		return fmt.Errorf("grant of database %s to %s crosses VPCs %v and %v; build both in one", d.name, service.name, here.VPCID, there.VPCID)
	}
	return nil
}

// plainlyDiffer says whether both inputs are known now, and are not one.
func plainlyDiffer(a, b pulumi.StringInput) bool {
	here, known := a.(pulumi.String)
	there, alsoKnown := b.(pulumi.String)
	return known && alsoKnown && here != there
}
