package provider

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

func schemasOf(t *testing.T) *tfprotov6.GetProviderSchemaResponse {
	t.Helper()
	server, err := factories["batch"]()
	if err != nil {
		t.Fatal(err)
	}
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	return schemas
}

// TestNothingThatIsWrittenByNameIsANestedAttribute wants every member that has a name of ours in a block: Terraform drops
// what a nested attribute or an object does not have, and so would swallow a typo.
func TestNothingThatIsWrittenByNameIsANestedAttribute(t *testing.T) {
	schemas := schemasOf(t)
	noNestedAttribute(t, "provider", schemas.Provider.Block)
	for name, s := range schemas.ResourceSchemas {
		noNestedAttribute(t, name, s.Block)
	}
	for name, s := range schemas.DataSourceSchemas {
		noNestedAttribute(t, "data."+name, s.Block)
	}
}

func noNestedAttribute(t *testing.T, at string, b *tfprotov6.SchemaBlock) {
	t.Helper()
	for _, a := range b.Attributes {
		written := a.Required || a.Optional
		if written && (a.NestedType != nil || hasObject(a.Type)) {
			t.Errorf("%s.%s is a nested attribute; make it a block", at, a.Name)
		}
	}
	for _, inner := range b.BlockTypes {
		noNestedAttribute(t, at+"."+inner.TypeName, inner.Block)
	}
}

func hasObject(t tftypes.Type) bool {
	switch t := t.(type) {
	case tftypes.Object:
		return true
	case tftypes.Map:
		return hasObject(t.ElementType)
	case tftypes.List:
		return hasObject(t.ElementType)
	case tftypes.Set:
		return hasObject(t.ElementType)
	}
	return false
}

// TestATypoIsRefusedAtEveryLevel writes an argument that does not exist into every block of every schema.
func TestATypoIsRefusedAtEveryLevel(t *testing.T) {
	needTerraform(t)
	schemas := schemasOf(t)
	var resources strings.Builder
	var typos []string
	for _, name := range slices.Sorted(maps.Keys(schemas.ResourceSchemas)) {
		fmt.Fprintf(&resources, "resource %q \"x\" {\n", name)
		typos = append(typos, misspelled(&resources, name, schemas.ResourceSchemas[name].Block)...)
		resources.WriteString("}\n")
	}
	for _, name := range slices.Sorted(maps.Keys(schemas.DataSourceSchemas)) {
		fmt.Fprintf(&resources, "data %q \"x\" {\n", name)
		typos = append(typos, misspelled(&resources, "data_"+name, schemas.DataSourceSchemas[name].Block)...)
		resources.WriteString("}\n")
	}
	wantErrors(t, nowhere+resources.String(), typos)

	var block strings.Builder
	block.WriteString("provider \"batch\" {\n")
	typos = misspelled(&block, "provider", schemas.Provider.Block)
	block.WriteString("}\nresource \"batch_job_queue\" \"x\" {\n  name = \"x\"\n  compute_environments = [\"x\"]\n}\n")
	wantErrors(t, block.String(), typos)
}

// misspelled writes a typo into a block and the blocks in it, and returns the names that it made up.
func misspelled(text *strings.Builder, at string, b *tfprotov6.SchemaBlock) []string {
	name := "typo_in_" + at
	names := []string{name}
	fmt.Fprintf(text, "%s = 1\n", name)
	for _, inner := range b.BlockTypes {
		fmt.Fprintf(text, "%s {\n", inner.TypeName)
		names = append(names, misspelled(text, at+"_"+inner.TypeName, inner.Block)...)
		text.WriteString("}\n")
	}
	return names
}

// TestNamesKnownFromElsewhereAreRefusedWithAdvice gives every wrong name that the schemas know a value.
func TestNamesKnownFromElsewhereAreRefusedWithAdvice(t *testing.T) {
	needTerraform(t)
	schemas := schemasOf(t)
	var text strings.Builder
	var want []string
	for _, name := range slices.Sorted(maps.Keys(schemas.ResourceSchemas)) {
		var body strings.Builder
		advice := misnamed(&body, schemas.ResourceSchemas[name].Block)
		if len(advice) == 0 {
			continue
		}
		fmt.Fprintf(&text, "resource %q \"x\" {\n%s}\n", name, body.String())
		want = append(want, advice...)
	}
	if len(want) == 0 {
		t.Fatal("no schema knows a wrong name")
	}
	wantErrors(t, nowhere+text.String(), want)
}

// misnamed writes what a block requires, and its wrong names; it returns the advice that they must give.
func misnamed(text *strings.Builder, b *tfprotov6.SchemaBlock) []string {
	var advice []string
	for _, a := range b.Attributes {
		switch {
		case a.Deprecated:
			fmt.Fprintf(text, "%s = 1\n", a.Name)
			advice = append(advice, a.Description)
		case a.Required, a.Name == "name":
			fmt.Fprintf(text, "%s = \"x\"\n", a.Name)
		case strings.HasPrefix(a.Description, "Required. "):
			fmt.Fprintf(text, "%s = 100\n", a.Name)
		}
	}
	for _, inner := range b.BlockTypes {
		if inner.Nesting == tfprotov6.SchemaNestedBlockNestingModeSingle {
			fmt.Fprintf(text, "%s {\n", inner.TypeName)
			advice = append(advice, misnamed(text, inner.Block)...)
			text.WriteString("}\n")
		}
	}
	return advice
}

// TestAWrongNameIsOneError writes one wrong name into a block, alone, for each that the schemas know, however deep: the advice
// is all that is said, also where the member that it advises is required.
func TestAWrongNameIsOneError(t *testing.T) {
	needTerraform(t)
	var text strings.Builder
	var want []string
	for name, s := range schemasOf(t).ResourceSchemas {
		for _, b := range s.Block.BlockTypes {
			for _, wrong := range wrongNamesIn(b) {
				want = append(want, wrong.advice)
				fmt.Fprintf(&text, "resource %q \"x%d\" {\n%s%s}\n", name, len(want), neededBeside(name, b.TypeName), wrong.block)
			}
		}
	}
	refused := refusalOf(t, nowhere+text.String())
	for _, advice := range want {
		if !strings.Contains(refused, advice) {
			t.Errorf("nothing says %q in: %s", advice, refused)
		}
	}
	if n := errorsIn(refused); n != len(want) {
		t.Errorf("%d wrong names are %d errors: %s", len(want), n, refused)
	}
}

// misnamedBlock is the text of a block with one wrong name in it, and the advice that this must give.
type misnamedBlock struct{ block, advice string }

// wrongNamesIn returns a block with one wrong name for each that b and the single blocks in it know.
func wrongNamesIn(b *tfprotov6.SchemaNestedBlock) []misnamedBlock {
	var all []misnamedBlock
	add := func(body, advice string) {
		all = append(all, misnamedBlock{b.TypeName + " {\n" + body + "}\n", advice})
	}
	for _, a := range b.Block.Attributes {
		if a.Deprecated {
			add(a.Name+" = 5\n", a.Description)
		}
	}
	for _, inner := range b.Block.BlockTypes {
		if inner.Nesting != tfprotov6.SchemaNestedBlockNestingModeSingle {
			continue
		}
		beside := ""
		if b.TypeName == "container_properties" {
			beside = "command = [\"true\"]\n"
		}
		for _, wrong := range wrongNamesIn(inner) {
			add(beside+wrong.block, wrong.advice)
		}
	}
	return all
}

// neededBeside is what a resource needs beside one of its blocks.
func neededBeside(resource, block string) string {
	text := "name = \"x\"\n"
	switch {
	case resource == "batch_job":
		text += "job_queue = \"x\"\njob_definition = \"x\"\n"
	case resource == "batch_job_definition" && block != "container_properties":
		text += "container_properties {\ncommand = [\"true\"]\n}\n"
	}
	return text
}

// wantErrors wants terraform to refuse a configuration with errors that contain all of these texts.
func wantErrors(t *testing.T, config string, texts []string) {
	t.Helper()
	refused := refusalOf(t, config)
	for _, text := range texts {
		if !strings.Contains(refused, text) {
			t.Errorf("nothing says %q in: %s", text, refused)
		}
	}
}
