package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	resourceschema "github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var _ datasource.DataSourceWithConfigure = (*jobDataSource)(nil)

type jobDataSource struct{ connected }

func newJobDataSource() datasource.DataSource { return &jobDataSource{} }

// jobDataModel is the data source batch_job as Terraform holds it.
type jobDataModel struct {
	Name             types.String `tfsdk:"name"`
	JobQueue         types.String `tfsdk:"job_queue"`
	JobDefinition    types.String `tfsdk:"job_definition"`
	Tags             types.Map    `tfsdk:"tags"`
	ResultBytesLimit types.Int64  `tfsdk:"result_bytes_limit"`
	outcome
}

// Metadata names the type.
func (*jobDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_job"
}

// Configure takes the provider's connection.
func (s *jobDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	s.connected.take(req.ProviderData, &resp.Diagnostics)
}

// Schema describes the data source: the outcome is that of the resource.
func (*jobDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	computed := func(description string) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: description, Computed: true}
	}
	attributes := map[string]schema.Attribute{}
	for name, attribute := range jobOutcomeAttributes() {
		attributes[name] = dataAttribute(attribute)
	}
	attributes["job_id"] = schema.StringAttribute{
		MarkdownDescription: "Id or ARN of the job: a single one, an array, or a point of an array (`<id>:<index>`).",
		Required:            true,
		Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
	}
	attributes["content_key"] = computed("Hash of what determines the results, as the resource has it; of a point, hash of what determined its result if it succeeded.")
	attributes["name"] = computed("Name.")
	attributes["job_queue"] = computed("ARN of the queue.")
	attributes["job_definition"] = computed("ARN of the revision of the definition.")
	attributes["tags"] = schema.MapAttribute{MarkdownDescription: "Tags.", Computed: true, ElementType: types.StringType}
	attributes["result_bytes_limit"] = schema.Int64Attribute{
		MarkdownDescription: "Bytes of `result_json` to read; what is over it is left out and marked `result_truncated`. Default 1048576 (1 MiB).",
		Optional:            true,
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "A job that was submitted somewhere else.\n\nIt is only read; `batch_job` as a resource submits.",
		Attributes:          attributes,
	}
}

// dataAttribute makes a computed attribute of a resource one of a data source.
func dataAttribute(attribute resourceschema.Attribute) schema.Attribute {
	description := attribute.GetMarkdownDescription()
	switch a := attribute.(type) {
	case resourceschema.Int64Attribute:
		return schema.Int64Attribute{MarkdownDescription: description, Computed: true}
	case resourceschema.BoolAttribute:
		return schema.BoolAttribute{MarkdownDescription: description, Computed: true}
	case resourceschema.ListAttribute:
		return schema.ListAttribute{MarkdownDescription: description, Computed: true, Sensitive: a.Sensitive, ElementType: a.ElementType}
	case resourceschema.ListNestedAttribute:
		nested := map[string]schema.Attribute{}
		for name, inner := range a.NestedObject.Attributes {
			nested[name] = dataAttribute(inner)
		}
		return schema.ListNestedAttribute{
			MarkdownDescription: description, Computed: true,
			NestedObject: schema.NestedAttributeObject{Attributes: nested},
		}
	default:
		return schema.StringAttribute{MarkdownDescription: description, Computed: true}
	}
}

// Read looks at the job, and at its results if it has ended.
func (s *jobDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m jobDataModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	c := s.client(ctx, &resp.Diagnostics)
	if c == nil || resp.Diagnostics.HasError() {
		return
	}
	given := m.JobID
	d, err := c.Job(ctx, jobIDOf(given.ValueString()))
	if err != nil {
		resp.Diagnostics.AddError("Cannot read job "+given.ValueString(), err.Error())
		return
	}
	m.Points, m.Results, m.ResultsTruncated = types.ListValueMust(pointType, nil), types.ListValueMust(resultType, nil), types.Int64Value(0)
	m.outcome.take(d)
	limit := int64(defaultResultBytes)
	if !m.ResultBytesLimit.IsNull() {
		limit = m.ResultBytesLimit.ValueInt64()
	}
	if m.ended() {
		if _, err := m.collect(ctx, c, limit); err != nil {
			resp.Diagnostics.AddError("Cannot read the results of job "+d.JobID, err.Error())
			return
		}
	}
	m.JobID = given
	m.ContentKey = types.StringNull()
	if d.Batchd != nil {
		m.ContentKey = orAbsent(d.Batchd.ContentKey)
	}
	m.Name, m.JobQueue, m.JobDefinition = types.StringValue(d.JobName), types.StringValue(d.JobQueue), types.StringValue(d.JobDefinition)
	r := read(d)
	m.Tags = take(ctx, r, "tags", m.Tags)
	if r.err != nil {
		resp.Diagnostics.AddError("Cannot read job "+d.JobID, r.err.Error())
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
}
