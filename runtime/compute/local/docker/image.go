package docker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/image"
	"github.com/docker/docker/pkg/jsonmessage"
)

// picture is what must be known of an image to make a container of it.
type picture struct {
	digest string
	user   string // whom its containers run as; empty is root
}

// ImageDigest returns the digest of image's manifest in its registry, or, for one that was never in
// a registry, its id. An image that is not on this machine gives "".
func (r *Runner) ImageDigest(ctx context.Context, image string) (string, error) {
	p, err := r.daemon.picture(ctx, image)
	if errdefs.IsNotFound(err) {
		return "", nil
	}
	if err != nil {
		return "", r.daemon.explain(ctx, err)
	}
	return p.digest, nil
}

// image returns the image of that name, pulled if it is not here. Those who want the same missing
// image wait for one pull.
func (r *Runner) image(ctx context.Context, name string, stopped <-chan struct{}) (picture, error) {
	p, err := r.daemon.picture(ctx, name)
	switch {
	case err == nil || unreachable(err):
		return p, err
	case !errdefs.IsNotFound(err):
		return p, &startError{cannotPull, err}
	}
	pulled := r.pulls.DoChan(name, func() (any, error) { return nil, r.pull(ctx, name) })
	select {
	case <-stopped:
		return picture{}, errRecalled
	case <-ctx.Done():
		return picture{}, ctx.Err()
	case result := <-pulled:
		if result.Err != nil {
			return picture{}, result.Err
		}
		return r.daemon.picture(ctx, name)
	}
}

func (d daemon) picture(ctx context.Context, name string) (picture, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	info, err := d.ImageInspect(ctx, name)
	if err != nil {
		return picture{}, err
	}
	p := picture{digest: digestOf(name, info.RepoDigests, info.ID)}
	if info.Config != nil {
		p.user = info.Config.User
	}
	return p, nil
}

// digestOf chooses among an image's digests that of the repository it was asked for by.
func digestOf(name string, repoDigests []string, id string) string {
	if len(repoDigests) == 0 {
		return id
	}
	digests := slices.Sorted(slices.Values(repoDigests))
	for _, d := range digests {
		if repository, digest, ok := strings.Cut(d, "@"); ok && sameRepository(name, repository) {
			return digest
		}
	}
	_, digest, _ := strings.Cut(digests[0], "@")
	return digest
}

func sameRepository(name, repository string) bool {
	rest, ok := strings.CutPrefix(name, repository)
	return ok && (rest == "" || rest[0] == ':' || rest[0] == '@')
}

// pull fetches an image and says in the log how it goes.
func (r *Runner) pull(ctx context.Context, name string) error {
	r.logger.Info("pulling image", "image", name)
	stream, err := r.daemon.ImagePull(ctx, name, image.PullOptions{})
	if err != nil {
		return &startError{cannotPull, err}
	}
	defer func() { _ = stream.Close() }()
	if err := drainPull(stream, r.logger.With("image", name)); err != nil {
		return &startError{cannotPull, err}
	}
	r.logger.Info("pulled image", "image", name)
	return nil
}

// drainPull reads a pull's messages to their end. The daemon tells failures in them.
func drainPull(stream io.Reader, logger *slog.Logger) error {
	said := time.Now()
	for decoder := json.NewDecoder(stream); ; {
		var message jsonmessage.JSONMessage
		switch err := decoder.Decode(&message); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("reading the daemon's progress: %w", err)
		case message.Error != nil:
			return message.Error
		}
		if message.Status != "" && time.Since(said) > pullProgressEvery {
			said = time.Now()
			logger.Info("pulling image", "layer", message.ID, "status", message.Status, "progress", progressOf(message))
		}
	}
}

func progressOf(m jsonmessage.JSONMessage) string {
	if m.Progress == nil || m.Progress.Total <= 0 {
		return ""
	}
	return fmt.Sprintf("%d of %d MiB", m.Progress.Current/mebibyte, m.Progress.Total/mebibyte)
}
