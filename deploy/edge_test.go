// Layer: sandbox (the real engine and the real program, on the sandbox).
package deploy_test

import (
	"context"
	"testing"

	"github.com/aplomb-iac/aplomb/deploy"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/require"
)

// bring changes the configuration of the service web, brings the stack up, and requires that nothing is left to do.
func (d *dashboard) bring(t *testing.T, edit func(config, web map[string]any)) deploy.Changes {
	t.Helper()
	d.change(t, func(config map[string]any) { edit(config, serviceOf(config, "web")) })
	changed := d.up(t).Changes
	again := d.preview(t).Changes
	require.Equal(t, deploy.Changes{Same: again.Same}, again, "nothing is left to do")
	changed.Same = 0
	return changed
}

// texts are one output, in text, of everything of a type in the cloud.
func (d *dashboard) texts(t *testing.T, token, output string) []string {
	t.Helper()
	var found []string
	_, resources := d.standing(t)
	for _, each := range resources {
		if each.Type == token {
			found = append(found, each.Outputs[resource.PropertyKey(output)].StringValue())
		}
	}
	return found
}

// TestAServiceMovesToHTTPSChangesItsNameAndMovesBack needs each certificate issued before a listener takes it, and out of use before
// it is deleted: the sandbox refuses both otherwise.
func TestAServiceMovesToHTTPSChangesItsNameAndMovesBack(t *testing.T) {
	const certificate, record = "aws:acm/certificate:Certificate", "aws:route53/record:Record"
	d := broughtUp(t, "dev")

	secured := d.bring(t, func(config, web map[string]any) {
		config["dns"] = map[string]any{"zone": "example.com", "zoneID": "Z0123456789ABCDEFGHIJ"}
		web["hostName"] = "dev.example.com"
	})
	require.Equal(t, deploy.Changes{Create: 7, Update: 1}, secured,
		"certificate, proof, validation, name, listener, rule for 443 and the alarm of the certificate come; the listener on 80 redirects")
	require.Equal(t, []string{"dev.example.com"}, d.texts(t, certificate, "domainName"))
	require.Contains(t, d.texts(t, record, "fqdn"), "dev.example.com")

	renamed := d.bring(t, func(_, web map[string]any) { web["hostName"] = "desk.example.com" })
	require.Equal(t, deploy.Changes{Replace: 4, Update: 2}, renamed, "the listener takes the new certificate, and the alarm watches it, in place")
	require.Equal(t, []string{"desk.example.com"}, d.texts(t, certificate, "domainName"), "nothing of the old name is left")
	require.Contains(t, d.texts(t, record, "fqdn"), "desk.example.com")
	require.Len(t, d.texts(t, record, "fqdn"), 2)

	const own = "arn:aws:acm:eu-central-1:109876543210:certificate/5d0a3c1e-8f47-4b62-9d15-7ae2c30b94f8"
	brought := d.bring(t, func(_, web map[string]any) { web["certificateARN"] = own })
	require.Equal(t, deploy.Changes{Update: 2, Delete: 3}, brought)
	require.Equal(t, []string{"desk.example.com"}, d.texts(t, record, "fqdn"), "its name stays")

	plain := d.bring(t, func(config, web map[string]any) {
		delete(config, "dns")
		delete(web, "certificateARN")
		delete(web, "hostName")
	})
	require.Equal(t, deploy.Changes{Update: 1, Delete: 4}, plain, "name, listener, rule for 443 and alarm go; the listener on 80 serves")
	require.Empty(t, d.texts(t, record, "fqdn"))

	_, err := d.open(t).Destroy(context.Background(), deploy.DestroyOptions{})
	require.NoError(t, err)
	_, left := d.standing(t)
	require.Empty(t, left)
}

// TestWhatStandsBeforeAServiceComesAndGoes gives an accelerator up in the two steps that leave nobody at an address which is gone.
func TestWhatStandsBeforeAServiceComesAndGoes(t *testing.T) {
	const record = "aws:route53/record:Record"
	d := broughtUp(t, "small")

	added := d.bring(t, func(_, web map[string]any) {
		web["waf"], web["accelerator"] = map[string]any{"rateLimit": 2000}, map[string]any{}
		web["clientCIDRs"] = []string{"10.0.0.0/11", "198.51.100.0/24"}
	})
	require.Equal(t, deploy.Changes{Create: 7, Update: 2}, added,
		"web ACL and association, accelerator, listener and endpoint group, two rules come; and the name moves")
	outputs, err := d.open(t).Outputs(context.Background())
	require.NoError(t, err)
	addresses := outputs.Services["web"].Accelerator
	require.Len(t, addresses.Addresses, 2)
	require.Contains(t, d.aliases(t), addresses.DNSName)

	before := d.cloudFile(t)
	d.change(t, func(config map[string]any) { delete(serviceOf(config, "web"), "accelerator") })
	_, err = d.open(t).Up(context.Background(), deploy.UpOptions{})
	var refused *deploy.ProtectedError
	require.ErrorAs(t, err, &refused)
	require.Len(t, refused.Refused, 1)
	require.Equal(t, "web-accelerator", refused.Refused[0].Name)
	require.Equal(t, before, d.cloudFile(t), "its addresses are lost with it")

	standby := d.bring(t, func(_, web map[string]any) { web["accelerator"] = map[string]any{"standby": true} })
	require.Equal(t, deploy.Changes{Update: 1}, standby, "the name alone")
	require.NotContains(t, d.aliases(t), addresses.DNSName)

	d.change(t, func(config map[string]any) {
		delete(serviceOf(config, "web"), "accelerator")
		delete(serviceOf(config, "web"), "waf")
	})
	gone, err := d.open(t).Up(context.Background(), deploy.UpOptions{Unlock: []string{"web-accelerator"}})
	require.NoError(t, err)
	require.Equal(t, deploy.Changes{Same: gone.Changes.Same, Update: 1, Delete: 5}, gone.Changes)
	require.Len(t, d.texts(t, record, "fqdn"), 3)
}

// aliases are what the names of the stack lead to.
func (d *dashboard) aliases(t *testing.T) []string {
	t.Helper()
	var targets []string
	_, resources := d.standing(t)
	for _, each := range resources {
		if aliases := each.Outputs["aliases"]; each.Type == "aws:route53/record:Record" && aliases.IsArray() {
			for _, alias := range aliases.ArrayValue() {
				targets = append(targets, alias.ObjectValue()["name"].StringValue())
			}
		}
	}
	return targets
}
