package kinds

import "sort"

// registered holds every Kind by token. It is filled while the package initialises and only read afterwards.
var registered = map[string]*Kind{}

// register adds a Kind. Every file of a Kind says var _ = register(&Kind{...}).
func register(kind *Kind) *Kind {
	if _, twice := registered[kind.Token]; twice {
		panic("two kinds of " + kind.Token) // a mistake in this package, found by any test of it
	}
	registered[kind.Token] = kind
	return kind
}

// Of is the Kind of a token.
func Of(token string) (*Kind, bool) {
	kind, known := registered[token]
	return kind, known
}

// All is every Kind, by token.
func All() []*Kind {
	all := make([]*Kind, 0, len(registered))
	for _, kind := range registered {
		all = append(all, kind)
	}
	sort.Slice(all, func(i, j int) bool { return all[i].Token < all[j].Token })
	return all
}

// RuleNames is the names of everything that may refuse a draft or a deletion, in the order in which it is asked.
func (k *Kind) RuleNames() []string {
	var names []string
	for _, reference := range k.References {
		names = append(names, reference.RuleName())
	}
	for _, rule := range k.Rules {
		names = append(names, rule.Name)
	}
	for _, rule := range k.DeleteRules {
		names = append(names, rule.Name)
	}
	return names
}

// Without is a copy of the Kind that lacks one rule, reference or delete rule. Tests use it to see that the rule, and
// nothing else, refuses.
func (k *Kind) Without(name string) *Kind {
	copied := *k
	copied.References, copied.Rules, copied.DeleteRules = nil, nil, nil
	for _, reference := range k.References {
		if reference.RuleName() != name {
			copied.References = append(copied.References, reference)
		}
	}
	for _, rule := range k.Rules {
		if rule.Name != name {
			copied.Rules = append(copied.Rules, rule)
		}
	}
	for _, rule := range k.DeleteRules {
		if rule.Name != name {
			copied.DeleteRules = append(copied.DeleteRules, rule)
		}
	}
	return &copied
}
