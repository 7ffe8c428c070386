package wire

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

// TestEveryMemberOfTheExtensionIsForSomeType: a member whose types nobody has said would be refused for all of them.
func TestEveryMemberOfTheExtensionIsForSomeType(t *testing.T) {
	var members []string
	for _, field := range reflect.VisibleFields(reflect.TypeFor[ComputeResourceExtension]()) {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		members = append(members, name)
	}
	if slices.Sort(members); !slices.Equal(members, sorted(extensionTypes)) {
		t.Errorf("the members are %v, and extensionTypes has %v", members, sorted(extensionTypes))
	}
}
