package components

import (
	"fmt"

	"github.com/aplomb-iac/aplomb/internal/iampolicy"
	"github.com/aplomb-iac/aplomb/internal/naming"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const (
	topicSlot = "topic"
	// noCondition is why EventBridge publishes without one.
	noCondition = "EventBridge carries no condition key to SNS or KMS, so that a condition would lose every event: " +
		"https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services"
	// impact and nights are how the names of alarms end that page: users are affected, and three nights are without a backup.
	impact = "impact"
	nights = "three-nights"
)

// alertedTopic is a topic with its policy.
type alertedTopic struct{ name, arn pulumi.StringOutput }

// place is one of the Regions of the alerting. Its provider is nil at home.
type alertingPlace struct {
	home
	provider pulumi.ProviderResource
}

func (a *AlertingStack) homePlace(ctx *pulumi.Context) alertingPlace {
	return alertingPlace{home: homeOf(ctx, a.args.AccountID, a.args.Region)}
}

func (a *AlertingStack) recoveryPlace(ctx *pulumi.Context) alertingPlace {
	return alertingPlace{home: homeOf(ctx, a.args.AccountID, a.args.RecoveryRegion), provider: a.args.RecoveryProvider}
}

func (a *AlertingStack) hasRecovery() bool { return a.args.RecoveryRegion != "" }

// buildKeys builds the key of each Region: a key does not leave its own.
func (a *AlertingStack) buildKeys(ctx *pulumi.Context) (err error) {
	if a.built.key, err = a.alertingKey(ctx, a.name, a.homePlace(ctx)); err != nil || !a.hasRecovery() {
		return err
	}
	a.built.recoveryKey, err = a.alertingKey(ctx, a.name+"-recovery", a.recoveryPlace(ctx))
	return err
}

// alertingKey lets those use the key who publish, each for messages only: AWS's own key of SNS admits none of them
// (https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services).
func (a *AlertingStack) alertingKey(ctx *pulumi.Context, name string, at alertingPlace) (*kms.Key, error) {
	encrypt := []iampolicy.Action{"kms:Decrypt", "kms:GenerateDataKey*"}
	statements := []iampolicy.Statement{at.accountAdministers(), {
		Sid: "AlarmsEncrypt", Effect: iampolicy.Allow, Principals: []iampolicy.Principal{iampolicy.Service("cloudwatch.amazonaws.com")},
		Actions: encrypt, Resources: []iampolicy.Resource{iampolicy.Any},
		Conditions: []iampolicy.Condition{iampolicy.When(iampolicy.StringEquals, "aws:SourceAccount", at.account)},
	}, {
		Sid: "EventsEncrypt", Effect: iampolicy.Allow, Principals: []iampolicy.Principal{iampolicy.Service("events.amazonaws.com")},
		Actions: encrypt, Resources: []iampolicy.Resource{iampolicy.Any}, Reason: noCondition,
	}}
	if a.Paging && at.provider == nil {
		statements = append(statements, iampolicy.Statement{
			Sid: "DeadLettersEncrypt", Effect: iampolicy.Allow, Principals: []iampolicy.Principal{iampolicy.Service("sns.amazonaws.com")},
			Actions: encrypt, Resources: []iampolicy.Resource{iampolicy.Any},
			Reason: "AWS documents no condition for SNS that fills a dead-letter queue; which topic may, the queue's policy says: " +
				"https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html",
		})
	}
	return newKey(ctx, keySpec{
		parent: a, provider: at.provider, name: name, alias: at.alias("alerting", name),
		description: "Encrypts what alarms and events of " + a.name + " say", statements: statements,
		protect: a.args.Protect, tags: a.args.Tags, transform: a.args.Transform.Key,
	})
}

// buildTickets builds the topics of tickets, and who reads them.
func (a *AlertingStack) buildTickets(ctx *pulumi.Context) (err error) {
	if a.built.ticket, err = a.ticketTopic(ctx, "", a.homePlace(ctx), a.built.key); err != nil || !a.hasRecovery() {
		return err
	}
	a.built.recoveryTicket, err = a.ticketTopic(ctx, "-recovery", a.recoveryPlace(ctx), a.built.recoveryKey)
	return err
}

func (a *AlertingStack) ticketTopic(ctx *pulumi.Context, where string, at alertingPlace, key *kms.Key) (*alertedTopic, error) {
	topic, err := a.topic(ctx, a.name+"-ticket"+where, at, key, alarmsPublish(at, "*"), iampolicy.Statement{
		Sid: "EventsPublish", Effect: iampolicy.Allow, Principals: []iampolicy.Principal{iampolicy.Service("events.amazonaws.com")},
		Actions: []iampolicy.Action{"sns:Publish"}, Resources: []iampolicy.Resource{iampolicy.Slot(topicSlot, "")}, Reason: noCondition,
	})
	if err != nil {
		return nil, err
	}
	for _, email := range a.args.TicketEmails {
		if _, err := sns.NewTopicSubscription(ctx, a.name+"-ticket-"+email+where, transformed(&sns.TopicSubscriptionArgs{
			Topic: topic.arn, Protocol: pulumi.String("email"), Endpoint: pulumi.String(email),
		}, a.args.Transform.Subscription), childOf(a, at.provider)...); err != nil {
			return nil, err
		}
	}
	return topic, nil
}

// alarmsPublish admits the account's alarms in the Region whose names match one of the patterns.
func alarmsPublish(at alertingPlace, names ...string) iampolicy.Statement {
	var sources []string
	for _, name := range names {
		sources = append(sources, naming.ARN(naming.Partition(at.region), "cloudwatch", at.region, at.account, "alarm:"+name))
	}
	return iampolicy.Statement{
		Sid: "AlarmsPublish", Effect: iampolicy.Allow, Principals: []iampolicy.Principal{iampolicy.Service("cloudwatch.amazonaws.com")},
		Actions: []iampolicy.Action{"sns:Publish"}, Resources: []iampolicy.Resource{iampolicy.Slot(topicSlot, "")},
		Conditions: []iampolicy.Condition{
			iampolicy.When(iampolicy.StringEquals, "aws:SourceAccount", at.account),
			iampolicy.When(iampolicy.ARNLike, "aws:SourceArn", sources...),
		},
	}
}

// topic builds an encrypted topic that is published to over TLS only, and by those alone whom the statements admit. The account's own people
// are admitted by their identity policies.
func (a *AlertingStack) topic(
	ctx *pulumi.Context, name string, at alertingPlace, key *kms.Key, publishers ...iampolicy.Statement,
) (*alertedTopic, error) {
	topic, err := sns.NewTopic(ctx, name, transformed(&sns.TopicArgs{
		KmsMasterKeyId: key.Arn, Tags: tagsNamed(a.args.Tags, name),
	}, a.args.Transform.Topic), stateful(a, a.args.Protect, at.provider)...)
	if err != nil {
		return nil, err
	}
	document := iampolicy.ResourceBased(append(publishers, iampolicy.Statement{
		Sid: "OnlyOverTLS", Effect: iampolicy.Deny, Principals: []iampolicy.Principal{iampolicy.Anyone()},
		Actions: []iampolicy.Action{"sns:Publish"}, Resources: []iampolicy.Resource{iampolicy.Slot(topicSlot, "")},
		Conditions: []iampolicy.Condition{iampolicy.When(iampolicy.Bool, "aws:SecureTransport", "false")},
	})...)
	if err := document.Check(); err != nil {
		return nil, fmt.Errorf("policy of topic %s: %w", name, err)
	}
	policy, err := sns.NewTopicPolicy(ctx, name, &sns.TopicPolicyArgs{
		Arn: topic.Arn, Policy: filled(document, pulumi.StringMap{topicSlot: topic.Arn}),
	}, childOf(a, at.provider)...)
	if err != nil {
		return nil, err
	}
	a.built.policies = append(a.built.policies, policy)
	// Whoever is given the topic's ARN waits until its policy admits them.
	return &alertedTopic{name: topic.Name, arn: policy.Arn}, nil
}
