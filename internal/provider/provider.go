// Package provider is the Terraform surface: schemas, plans and the life cycle of what is
// declared. What the things mean is the runtime's to know; this package asks for them over
// its wire and keeps what came of it.
package provider

import (
	"context"
	"os"
	"runtime/debug"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/batchd/terraform-provider-batch/internal/bundled"
	"github.com/batchd/terraform-provider-batch/runtime/api/client"
)

var _ provider.Provider = (*batchProvider)(nil)

type batchProvider struct{ version string }

// New returns the constructor of the provider. version is its own, "dev" for a development build.
func New(version string) func() provider.Provider {
	prepareForLargeStates()
	return func() provider.Provider { return &batchProvider{version: version} }
}

// envFrameworkLog is the variable that sets the level of the framework's own log.
const envFrameworkLog = "TF_LOG_SDK_FRAMEWORK"

// envAWS is the variable that stands for runtime.aws if it is 1.
const envAWS = "BATCHD_AWS"

// collectAt is how far the heap grows, in percent, before garbage is collected: the framework makes much of it from
// a large state, and a provider lives for seconds.
const collectAt = 400

// prepareForLargeStates makes the results of a sweep of 10,000 points bearable. The framework's traces carry a context
// that grows with every value looked at, so that their cost is quadratic, whether or not anybody reads them: it logs
// errors only, unless somebody asks for more.
func prepareForLargeStates() {
	debug.SetGCPercent(collectAt)
	if os.Getenv(envFrameworkLog) == "" {
		// It fails for names and values that the system does not allow, and these are constants.
		_ = os.Setenv(envFrameworkLog, "ERROR")
	}
}

// providerModel is the provider block.
type providerModel struct {
	Endpoint  types.String `tfsdk:"endpoint"`
	Region    types.String `tfsdk:"region"`
	AccessKey types.String `tfsdk:"access_key"`
	SecretKey types.String `tfsdk:"secret_key"`
	Profile   types.String `tfsdk:"profile"`
	CAFile    types.String `tfsdk:"ca_file"`
	Runtime   types.Object `tfsdk:"runtime"`
}

// runtimeModel is the runtime block of the provider block.
type runtimeModel struct {
	StateDir    types.String `tfsdk:"state_dir"`
	IdleTimeout types.String `tfsdk:"idle_timeout"`
	AutoStart   types.Bool   `tfsdk:"auto_start"`
	AWS         types.Bool   `tfsdk:"aws"`
}

// Metadata names the provider.
func (p *batchProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName, resp.Version = "batch", p.version
}

const providerDescription = `Compute environments, job queues, job definitions and jobs of **batchd**, a batch computing service that speaks the AWS Batch API.

Without an ` + "`endpoint`" + ` the provider starts its bundled runtime on this machine when it is first needed, and ` + "`terraform apply`" + ` alone takes the machine from nothing to results. The runtime is shared by everything that names the same state directory, keeps jobs, results and logs there, and ends by itself when it has been idle for a while; what it runs and keeps is found again by the next one.`

// Schema describes the provider block.
func (p *batchProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	secret := text("Secret key that signs requests. With `access_key`.")
	secret.Sensitive = true
	resp.Schema = schema.Schema{
		MarkdownDescription: providerDescription,
		Attributes: map[string]schema.Attribute{
			"endpoint": ruled(isEndpoint(), "URL of a runtime, for example `http://127.0.0.1:4567`. Default: `runtime.state_dir` if it is given, else the environment variables "+
				"`BATCHD_ENDPOINT` and `AWS_ENDPOINT_URL_BATCH`, else the bundled runtime."),
			"region":     text("Region that requests are signed for. Default: that of the bundled runtime, else what AWS's configuration says, else `us-east-1`."),
			"access_key": text("Access key that signs requests. Default: `profile`, else that of the bundled runtime, else what AWS's configuration says."),
			"secret_key": secret,
			"profile":    text("Profile of AWS's shared configuration files whose keys sign requests."),
			"ca_file": text("File of certificate authorities in PEM to trust beside the system's, for an `endpoint` with a certificate of one's own. Default: the environment variable " +
				"`BATCHD_CA_FILE`."),
		},
		Blocks: map[string]schema.Block{"runtime": runtimeBlock()},
	}
}

// runtimeBlock describes the bundled runtime.
func runtimeBlock() schema.Block {
	idle := text("How long the bundled runtime stays up after its last client and its last job, for example `10m`. Matters when it is started. Default `10m`, or `30s` where the environment variable `CI` is set.")
	idle.Validators = []validator.String{durationValidator{}}
	return schema.SingleNestedBlock{
		MarkdownDescription: "The bundled runtime.",
		Attributes: map[string]schema.Attribute{
			"state_dir": ruled(isAbsolute(), "Directory in which the runtime keeps everything, an absolute path on a local disk and this user's own. Default: the environment variable "+
				"`BATCHD_STATE_DIR`, else `batchd` in the user's directory for state."),
			"idle_timeout": idle,
			"auto_start": schema.BoolAttribute{
				MarkdownDescription: "Whether the runtime is started where it does not run. Default `true`.",
				Optional:            true,
			},
			"aws": schema.BoolAttribute{
				MarkdownDescription: "Whether the jobs of `EC2`, `SPOT`, `FARGATE`, `FARGATE_SPOT` and `UNMANAGED` environments run in an AWS account. **What is launched there costs money** for as long as it is up. " +
					"The account is that of the credentials that AWS's configuration names where the runtime is started, in variables such as `AWS_PROFILE` and `AWS_REGION` or in its files, or that of `profile` in the environment's " +
					"`compute_resources`. Without it such environments are stored and their jobs wait. A runtime that was started without it is replaced if it has nothing to do. Default: whether the environment variable `BATCHD_AWS` is `1`, " +
					"else `false`.",
				Optional: true,
			},
		},
	}
}

// text is an optional attribute that is not empty.
func text(description string) schema.StringAttribute {
	return schema.StringAttribute{MarkdownDescription: description, Optional: true, Validators: []validator.String{stringvalidator.LengthAtLeast(1)}}
}

// ruled is an optional attribute that a rule holds for.
func ruled(rule textRule, description string) schema.StringAttribute {
	attribute := text(description)
	attribute.Validators = []validator.String{rule}
	return attribute
}

// Configure prepares the connection; it contacts and starts nothing.
func (p *batchProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var m providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	config, err := m.config(ctx, p.version, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	c := newConnection(func(ctx context.Context) (*bundled.Session, error) {
		if err != nil {
			return nil, err
		}
		return bundled.Open(ctx, config)
	})
	resp.ResourceData, resp.DataSourceData = c, c
}

// config says which runtime is meant. The error is [errEndpointUnknown] while that is not decided.
func (m *providerModel) config(ctx context.Context, version string, diags *diag.Diagnostics) (bundled.Config, error) {
	if m.AccessKey.IsNull() != m.SecretKey.IsNull() {
		diags.AddAttributeError(path.Root("access_key"), "Incomplete key", "Give both access_key and secret_key, or neither.")
	}
	if !known(ctx, m.Endpoint) || !known(ctx, m.AccessKey) || !known(ctx, m.SecretKey) || !known(ctx, m.Region) ||
		!known(ctx, m.Profile) || !known(ctx, m.CAFile) || !known(ctx, m.Runtime) {
		return bundled.Config{}, errEndpointUnknown
	}
	var r runtimeModel
	if !m.Runtime.IsNull() {
		diags.Append(m.Runtime.As(ctx, &r, basetypes.ObjectAsOptions{})...)
	}
	// The validator has read it; an empty one is the default, 0.
	idle, err := time.ParseDuration(r.IdleTimeout.ValueString())
	if err != nil {
		idle = 0
	}
	return bundled.Config{
		Endpoint: m.Endpoint.ValueString(), StateDir: r.StateDir.ValueString(), IdleTimeout: idle,
		AWS: r.AWS.ValueBool() || r.AWS.IsNull() && os.Getenv(envAWS) == "1", NoStart: !r.AutoStart.IsNull() && !r.AutoStart.ValueBool(), Version: version,
		Signing: client.Options{
			Region: m.Region.ValueString(), AccessKey: m.AccessKey.ValueString(), SecretKey: m.SecretKey.ValueString(), Profile: m.Profile.ValueString(),
			CAFile: m.CAFile.ValueString(),
		},
	}, nil
}

// Resources lists the resources.
func (p *batchProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{
		newComputeEnvironmentResource, newJobQueueResource, newJobDefinitionResource, newJobResource,
	}
}

// DataSources lists the data sources.
func (p *batchProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{newJobDataSource}
}

// durationValidator accepts durations of a second or more, and zero if it is told to.
type durationValidator struct{ orZero bool }

// Description says what is accepted.
func (v durationValidator) Description(context.Context) string {
	const accepted = "give a number and a unit, at least one second, for example 90s, 10m or 1h30m"
	if v.orZero {
		return accepted + ", or 0s"
	}
	return accepted
}

// MarkdownDescription says what is accepted.
func (v durationValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString refuses everything else.
func (v durationValidator) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	d, err := time.ParseDuration(req.ConfigValue.ValueString())
	if err != nil || d < time.Second && !(v.orZero && d == 0) {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid duration", "Given "+req.ConfigValue.String()+": "+v.Description(ctx)+".")
	}
}
