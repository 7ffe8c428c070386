package tasks

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// The tags of a task and, the first two, of a task definition.
const (
	tagInstallation = "batchd:installation"
	tagHash         = "batchd:hash"
	tagBaseKey      = "batchd:base-key"
	tagHost         = "batchd:host"
	tagLogGroup     = "batchd:log-group"
	tagLogPrefix    = "batchd:log-prefix"
	tagWrapped      = "batchd:wrapped"
)

// startedBy is the attempt as a task names it: ECS allows letters, digits, hyphens, underscores and slashes. For example, the attempt
// "8f14…:17/2" becomes "8f14…_17/2", and that of a node, "8f14…#3/1", becomes "8f14…__3/1".
func startedBy(id batch.AttemptID) string {
	return strings.NewReplacer(":", "_", "#", "__").Replace(id.String())
}

// attemptOf is the inverse of startedBy.
func attemptOf(text string) (batch.AttemptID, error) {
	text = strings.Replace(text, "__", "#", 1)
	return batch.ParseAttemptID(strings.Replace(text, "_", ":", 1))
}

// token is the client token of a RunTask call. An attempt that was refused keeps its number and gets another one, because a token stands for its
// first answer.
func token(installation string, id batch.AttemptID, host string, refusals int) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%s\n%s\n%d", installation, id, host, refusals))
	return hex.EncodeToString(sum[:16])
}

// tags are those of a task of a.
func (l *label) tags(installation string, more map[string]string) []types.Tag {
	all := []types.Tag{tag(tagInstallation, installation), tag(tagHost, l.host)}
	if l.baseKey != "" {
		all = append(all, tag(tagBaseKey, l.baseKey))
	}
	if l.logPrefix != "" && !strings.Contains(l.logGroup, "#") { // no tag may contain that
		all = append(all, tag(tagLogGroup, l.logGroup), tag(tagLogPrefix, l.logPrefix))
	}
	if l.wrapped {
		all = append(all, tag(tagWrapped, "true"))
	}
	return append(all, tagsOf(more, tagInstallation)...)
}

// tagsOf lists tags, but for some.
func tagsOf(tags map[string]string, but ...string) (all []types.Tag) {
	for _, name := range slices.Sorted(maps.Keys(tags)) {
		if !slices.Contains(but, name) {
			all = append(all, tag(name, tags[name]))
		}
	}
	return all
}

// textOf is the inverse of tagsOf.
func textOf(tags []types.Tag) map[string]string {
	all := make(map[string]string, len(tags))
	for _, t := range tags {
		all[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	return all
}

func tag(name, value string) types.Tag {
	return types.Tag{Key: aws.String(name), Value: aws.String(value)}
}

// labelOf reads the tags of a task. The second result is the installation that it belongs to.
func labelOf(tags []types.Tag) (l label, installation string) {
	text := textOf(tags)
	return label{
		host: text[tagHost], baseKey: text[tagBaseKey], logGroup: text[tagLogGroup], logPrefix: text[tagLogPrefix], wrapped: text[tagWrapped] == "true",
	}, text[tagInstallation]
}

// idOf is the last part of an ARN.
func idOf(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }
