// Command schemajson prints the provider's schema in the form of "terraform providers schema -json", by asking the
// provider itself. The documentation is generated from it, on any machine and without Terraform. It knows what
// this provider uses, attributes, nested attributes and blocks, and refuses anything else rather than leave it out.
// Deprecated attributes that are nothing but a refusal of a wrong name are left out.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/batchd/terraform-provider-batch/internal/provider"
)

func main() {
	if err := write(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "schemajson:", err)
		os.Exit(1)
	}
}

// document and the types below mirror the JSON that Terraform prints.
type document struct {
	FormatVersion string            `json:"format_version"`
	Providers     map[string]schema `json:"provider_schemas"`
}

type schema struct {
	Provider    versioned            `json:"provider"`
	Resources   map[string]versioned `json:"resource_schemas,omitempty"`
	DataSources map[string]versioned `json:"data_source_schemas,omitempty"`
	Identities  map[string]identity  `json:"resource_identity_schemas,omitempty"`
}

type versioned struct {
	Version int64 `json:"version"`
	Block   block `json:"block"`
}

type block struct {
	Attributes      map[string]attribute   `json:"attributes,omitempty"`
	Blocks          map[string]nestedBlock `json:"block_types,omitempty"`
	Description     string                 `json:"description,omitempty"`
	DescriptionKind string                 `json:"description_kind,omitempty"`
	Deprecated      bool                   `json:"deprecated,omitempty"`
}

type nestedBlock struct {
	NestingMode string `json:"nesting_mode"`
	Block       block  `json:"block"`
	MinItems    int64  `json:"min_items,omitempty"`
	MaxItems    int64  `json:"max_items,omitempty"`
}

type attribute struct {
	Type            tftypes.Type `json:"type,omitempty"`
	NestedType      *nested      `json:"nested_type,omitempty"`
	Description     string       `json:"description,omitempty"`
	DescriptionKind string       `json:"description_kind,omitempty"`
	Deprecated      bool         `json:"deprecated,omitempty"`
	Required        bool         `json:"required,omitempty"`
	Optional        bool         `json:"optional,omitempty"`
	Computed        bool         `json:"computed,omitempty"`
	Sensitive       bool         `json:"sensitive,omitempty"`
	WriteOnly       bool         `json:"write_only,omitempty"`
}

type nested struct {
	Attributes  map[string]attribute `json:"attributes"`
	NestingMode string               `json:"nesting_mode"`
}

type identity struct {
	Version    int64                        `json:"version"`
	Attributes map[string]identityAttribute `json:"attributes"`
}

type identityAttribute struct {
	Type              tftypes.Type `json:"type"`
	Description       string       `json:"description,omitempty"`
	RequiredForImport bool         `json:"required_for_import,omitempty"`
	OptionalForImport bool         `json:"optional_for_import,omitempty"`
}

// write asks the provider for its schemas and prints them to w.
func write(ctx context.Context, w io.Writer) error {
	server := providerserver.NewProtocol6(provider.New("docs")())()
	schemas, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return fmt.Errorf("asking for the schemas: %w", err)
	}
	identities, err := server.GetResourceIdentitySchemas(ctx, &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		return fmt.Errorf("asking for the identities: %w", err)
	}
	if err := refused(append(schemas.Diagnostics, identities.Diagnostics...)); err != nil {
		return err
	}
	if n := len(schemas.Functions) + len(schemas.EphemeralResourceSchemas) + len(schemas.ListResourceSchemas) + len(schemas.ActionSchemas); n > 0 {
		return fmt.Errorf("the provider has %d functions, ephemeral resources, list resources or actions, which schemajson does not print yet", n)
	}
	own, err := convert(schemas)
	if err != nil {
		return err
	}
	own.Identities = identitiesOf(identities)
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(document{FormatVersion: "1.0", Providers: map[string]schema{"batch": own}})
}

func convert(schemas *tfprotov6.GetProviderSchemaResponse) (schema, error) {
	s := schema{Resources: map[string]versioned{}, DataSources: map[string]versioned{}}
	var err error
	if s.Provider, err = versionedOf(schemas.Provider); err != nil {
		return s, fmt.Errorf("provider: %w", err)
	}
	for name, resource := range schemas.ResourceSchemas {
		if s.Resources[name], err = versionedOf(resource); err != nil {
			return s, fmt.Errorf("resource %s: %w", name, err)
		}
	}
	for name, source := range schemas.DataSourceSchemas {
		if s.DataSources[name], err = versionedOf(source); err != nil {
			return s, fmt.Errorf("data source %s: %w", name, err)
		}
	}
	return s, nil
}

func versionedOf(s *tfprotov6.Schema) (versioned, error) {
	b, err := blockOf(s.Block)
	return versioned{Version: s.Version, Block: b}, err
}

func blockOf(b *tfprotov6.SchemaBlock) (block, error) {
	attributes, err := attributesOf(b.Attributes)
	if err != nil {
		return block{}, err
	}
	below := map[string]nestedBlock{}
	for _, t := range b.BlockTypes {
		mode, ok := blockModes[t.Nesting]
		if !ok {
			return block{}, fmt.Errorf("block %s: unknown nesting %v", t.TypeName, t.Nesting)
		}
		inner, err := blockOf(t.Block)
		if err != nil {
			return block{}, fmt.Errorf("block %s: %w", t.TypeName, err)
		}
		below[t.TypeName] = nestedBlock{NestingMode: mode, Block: inner, MinItems: t.MinItems, MaxItems: t.MaxItems}
	}
	return block{
		Attributes: attributes, Blocks: below, Deprecated: b.Deprecated,
		Description: b.Description, DescriptionKind: kind(b.DescriptionKind),
	}, nil
}

func attributesOf(list []*tfprotov6.SchemaAttribute) (map[string]attribute, error) {
	attributes := map[string]attribute{}
	for _, a := range list {
		if a.Deprecated {
			continue // it stands for a wrong name and is always refused
		}
		converted := attribute{
			Type: a.Type, Description: a.Description, DescriptionKind: kind(a.DescriptionKind), Deprecated: a.Deprecated,
			Required: a.Required, Optional: a.Optional, Computed: a.Computed, Sensitive: a.Sensitive, WriteOnly: a.WriteOnly,
		}
		if a.NestedType != nil {
			mode, ok := nestingModes[a.NestedType.Nesting]
			if !ok {
				return nil, fmt.Errorf("attribute %s: unknown nesting %v", a.Name, a.NestedType.Nesting)
			}
			below, err := attributesOf(a.NestedType.Attributes)
			if err != nil {
				return nil, fmt.Errorf("attribute %s: %w", a.Name, err)
			}
			converted.NestedType = &nested{Attributes: below, NestingMode: mode}
		}
		attributes[a.Name] = converted
	}
	return attributes, nil
}

func identitiesOf(response *tfprotov6.GetResourceIdentitySchemasResponse) map[string]identity {
	identities := map[string]identity{}
	for name, s := range response.IdentitySchemas {
		attributes := map[string]identityAttribute{}
		for _, a := range s.IdentityAttributes {
			attributes[a.Name] = identityAttribute{
				Type: a.Type, Description: a.Description,
				RequiredForImport: a.RequiredForImport, OptionalForImport: a.OptionalForImport,
			}
		}
		identities[name] = identity{Version: s.Version, Attributes: attributes}
	}
	return identities
}

var nestingModes = map[tfprotov6.SchemaObjectNestingMode]string{
	tfprotov6.SchemaObjectNestingModeSingle: "single",
	tfprotov6.SchemaObjectNestingModeList:   "list",
	tfprotov6.SchemaObjectNestingModeSet:    "set",
	tfprotov6.SchemaObjectNestingModeMap:    "map",
}

var blockModes = map[tfprotov6.SchemaNestedBlockNestingMode]string{
	tfprotov6.SchemaNestedBlockNestingModeSingle: "single",
	tfprotov6.SchemaNestedBlockNestingModeList:   "list",
}

func kind(k tfprotov6.StringKind) string {
	if k == tfprotov6.StringKindMarkdown {
		return "markdown"
	}
	return "plain"
}

// refused turns the provider's complaints into one error.
func refused(diagnostics []*tfprotov6.Diagnostic) error {
	var all []error
	for _, d := range diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			all = append(all, fmt.Errorf("%s: %s", d.Summary, d.Detail))
		}
	}
	return errors.Join(all...)
}
