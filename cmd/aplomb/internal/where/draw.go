package where

import (
	"fmt"
	"strings"

	"github.com/aplomb-iac/aplomb/stacks"
)

// Paint colors a piece of text, or leaves it as it is where there is no color.
type Paint struct {
	Strong, Faint, Good, Bad func(string) string
}

// Plain paints nothing.
func Plain() Paint {
	same := func(text string) string { return text }
	return Paint{Strong: same, Faint: same, Good: same, Bad: same}
}

const (
	labelWidth = 13
	zoneWidth  = 22 // an id such as nat-0123456789abcdef0 has 21 characters
)

// Draw is the map as text, zones as columns, within 80 columns for three zones. outputs may be nil; they hold what AWS does not, such as the
// instances a service needs at its peak.
func (m *Map) Draw(outputs *stacks.Outputs, paint Paint) string {
	canvas := &canvas{paint: paint}
	var heads []string
	for _, zone := range m.Zones {
		heads = append(heads, paint.Strong(pad(zone, zoneWidth)))
	}
	canvas.row("", heads)
	canvas.line(paint.Faint(strings.Repeat("─", labelWidth+zoneWidth*len(m.Zones))))
	canvas.heading("network", m.VPC.CIDR+"  "+m.VPC.ID)
	for _, tier := range m.Tiers {
		canvas.cells("  "+strings.ToLower(tier.Name), tier.CIDRs)
	}
	canvas.cells("  way out", m.waysOut())
	for _, service := range m.Services {
		canvas.service(service, outputs)
	}
	canvas.line(paint.Faint(strings.Repeat("─", labelWidth+zoneWidth*len(m.Zones))))
	canvas.line(m.totals())
	return canvas.text.String()
}

func (m *Map) waysOut() []string {
	cells := make([]string, len(m.Zones))
	for i, nat := range m.WayOut {
		switch {
		case nat.Gateway == "":
			cells[i] = "none"
		case nat.Zone != m.Zones[i]:
			cells[i] = "via " + nat.Zone
		default:
			cells[i] = nat.Gateway
		}
	}
	return cells
}

func (m *Map) totals() string {
	fleet := 0
	for _, service := range m.Services {
		fleet += service.Fleet
	}
	return fmt.Sprintf("%s with %s over %s: %s, %d of them AWS's", count(len(m.Services), "service"), count(fleet, "instance"),
		count(len(m.Zones), "zone"), count(m.All, "resource"), m.Resources)
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

type canvas struct {
	text  strings.Builder
	paint Paint
}

func (c *canvas) line(text string) { c.text.WriteString(strings.TrimRight(text, " ") + "\n") }

// row is a label and cells that are padded already.
func (c *canvas) row(label string, cells []string) {
	c.line(pad(label, labelWidth) + strings.Join(cells, ""))
}

func (c *canvas) heading(name, about string) {
	c.line(c.paint.Strong(pad(name, labelWidth)) + c.paint.Faint(about))
}

func (c *canvas) cells(label string, texts []string) {
	cells := make([]string, len(texts))
	for i, text := range texts {
		if text == "" {
			text = "none"
		}
		cells[i] = pad(text, zoneWidth)
		if text == "none" {
			cells[i] = c.paint.Bad(cells[i])
		}
	}
	c.row(label, cells)
}

func (c *canvas) service(service Service, outputs *stacks.Outputs) {
	exposure := "internet-facing"
	if service.Internal {
		exposure = "internal"
	}
	about := exposure
	if outputs != nil {
		if known, exists := outputs.Services[service.Name]; exists {
			about = fmt.Sprintf("%s, needs %d at its peak, keeps %d without any one zone",
				exposure, known.PeakInstances, service.LeftWithoutOneZone())
		}
	}
	c.heading(service.Name, about)
	c.marks("  balancer", service.Nodes, "● node")
	low, high := service.PerZone()
	c.marks("  instances", service.Spread, instances(low, high))
	if service.Fleet > service.Least {
		c.row("", []string{fmt.Sprintf("runs %d now, %d at least", service.Fleet, service.Least)})
	}
	if len(service.Types) > 0 {
		c.row("", []string{c.paint.Faint(strings.Join(service.Types, ", else "))})
	}
}

func (c *canvas) marks(label string, there []bool, mark string) {
	cells := make([]string, len(there))
	for i, is := range there {
		if is {
			cells[i] = c.paint.Good(pad(mark, zoneWidth))
		} else {
			cells[i] = c.paint.Bad(pad("none", zoneWidth))
		}
	}
	c.row(label, cells)
}

// mostSquares is how many instances are drawn one by one.
const mostSquares = 8

func instances(low, high int) string {
	number := fmt.Sprint(low)
	if high > low {
		number = fmt.Sprintf("%d or %d", low, high)
	}
	if low == 0 || high > mostSquares {
		return number
	}
	return strings.Repeat("■", low) + " " + number
}

// pad fills a text up with spaces and never cuts it.
func pad(text string, width int) string {
	missing := width - len([]rune(text))
	if missing <= 0 {
		return text + " "
	}
	return text + strings.Repeat(" ", missing)
}
