package catalogue

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// sets are the names that stand for several families, as AWS Batch has them since November 2025.
var sets = map[string][]string{
	"optimal":        {"m6i", "c6i", "r6i", "c7i"},
	"default_x86_64": {"m6i", "c6i", "r6i", "c7i"},
	"default_arm64":  {"m6g", "c6g", "r6g", "c7g"},
}

// Select returns the types that names stand for, by name: a name is a type ("c7i.large"), a family ("c7i"), "optimal", "default_x86_64" or
// "default_arm64". A family does not include its metal sizes. All types must have one architecture, because an environment has one image.
func Select(types []Type, names []string) ([]Type, error) {
	selected := map[string]Type{}
	first := map[Architecture]string{}
	for _, name := range names {
		found := matching(types, strings.ToLower(name))
		if len(found) == 0 {
			return nil, fmt.Errorf("computeResources.instanceTypes: %q is not an instance type or a family of this region; give for example \"c7i.large\", \"c7i\" or \"optimal\"", name)
		}
		for _, t := range found {
			selected[t.Name] = t
			if first[t.Architecture] == "" {
				first[t.Architecture] = name
			}
		}
	}
	if len(first) > 1 {
		return nil, fmt.Errorf("computeResources.instanceTypes: %q is %s and %q is %s; an environment has one architecture, so make one environment for each", first[X86], X86, first[ARM], ARM)
	}
	if len(selected) > maxTypes {
		return nil, fmt.Errorf("computeResources.instanceTypes: the names stand for %d types, and an environment may have %d; name fewer families", len(selected), maxTypes)
	}
	list := make([]Type, 0, len(selected))
	for _, t := range selected {
		list = append(list, t)
	}
	slices.SortFunc(list, func(a, b Type) int { return cmp.Compare(a.Name, b.Name) })
	return list, nil
}

func matching(types []Type, name string) (found []Type) {
	wanted, isSet := sets[name]
	if !isSet {
		wanted = []string{name}
	}
	for i := range types {
		t := &types[i]
		isOfFamily := slices.Contains(wanted, t.Family()) && !t.Metal()
		if isOfFamily || t.Name == name {
			found = append(found, *t)
		}
	}
	return found
}
