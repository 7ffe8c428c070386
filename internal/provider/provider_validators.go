package provider

import (
	"context"
	"net/url"
	"path/filepath"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// textRule accepts the texts that it holds for.
type textRule struct {
	summary, rule string
	holds         func(text string) bool
}

// isEndpoint is the rule of URLs of a service.
func isEndpoint() textRule {
	return textRule{"Invalid endpoint", "give a URL with http or https, a host and no query, for example http://127.0.0.1:4567", func(text string) bool {
		u, err := url.Parse(text)
		return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" && u.RawQuery == "" && u.Fragment == "" && u.User == nil
	}}
}

// isAbsolute is the rule of directories: a relative one is another one in every working directory, and ~ is only a name.
func isAbsolute() textRule {
	return textRule{"Invalid path", `give an absolute path, for example abspath(".batchd") or pathexpand("~/batchd")`, filepath.IsAbs}
}

// Description says what is accepted.
func (r textRule) Description(context.Context) string { return r.rule }

// MarkdownDescription says what is accepted.
func (r textRule) MarkdownDescription(context.Context) string { return r.rule }

// ValidateString refuses what the rule does not hold for.
func (r textRule) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() || r.holds(req.ConfigValue.ValueString()) {
		return
	}
	resp.Diagnostics.AddAttributeError(req.Path, r.summary, "Given "+req.ConfigValue.String()+": "+r.rule+".")
}
